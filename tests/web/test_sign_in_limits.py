"""Limits at the door: guesses stop, strangers shut nobody out, and both leave a trace."""

import dataclasses
import json
import secrets

import pytest
from webtown import COUNTY, PASSWORD, sign_in, token_of, visitor

from gridmap.app import create_app
from gridmap.model.access import Role, Scope, system_scope
from gridmap.services import accounts
from gridmap.services import sign_in as door
from gridmap.services.account_policy import Policy, policy_of
from gridmap.services.devices import Device, words
from gridmap.web.session import DEVICE_COOKIE


@pytest.fixture
def name(store, people):
    """A new person of the county."""
    made = f"guest-{secrets.token_hex(4)}"
    with store.transaction(system_scope()) as tx:
        accounts.create_user(tx, made, PASSWORD, "Guest", [(Role.UNIT, COUNTY)])
    return made


def guess(app, name, times, address=None):
    """Guess so many times, from one address or from a new one each time."""
    statuses = []
    for _turn in range(times):
        client = visitor(app)
        if address is not None:
            client.environ_base["REMOTE_ADDR"] = address
        statuses.append(sign_in(client, name, "a wrong guess").status_code)
    return statuses


def test_one_address_has_eight_guesses_and_others_are_not_touched(app, name):
    assert guess(app, name, 9, "192.0.2.50") == [401] * 8 + [429]
    stranger = visitor(app)
    stranger.environ_base["REMOTE_ADDR"] = "192.0.2.50"
    assert sign_in(stranger, name).status_code == 429  # the right password as well
    assert sign_in(visitor(app), name).status_code == 303


def test_many_addresses_together_do_not_get_far(app, name, monkeypatch):
    monkeypatch.setattr(door, "MOST_EVERYWHERE", 12)
    assert guess(app, name, 13) == [401] * 12 + [429]
    assert sign_in(visitor(app), name).status_code == 429


def test_stranger_never_shuts_a_person_out_of_their_own_device(app, name, monkeypatch):
    monkeypatch.setattr(door, "MOST_EVERYWHERE", 12)
    mine = visitor(app)
    assert sign_in(mine, name).status_code == 303
    here = mine.environ_base["REMOTE_ADDR"]
    guess(app, name, 9, here)  # from the same office
    guess(app, name, 13)  # and from everywhere
    assert sign_in(visitor(app), name).status_code == 429
    assert sign_in(mine, name).status_code == 303
    # the limit of the address, used up by a stranger with many names, does not hold there either
    for turn in range(32):
        other = visitor(app)
        other.environ_base["REMOTE_ADDR"] = here
        last = sign_in(other, f"nobody{turn}", "a wrong guess").status_code
    assert last == 429
    assert sign_in(mine, name).status_code == 303


def test_a_stolen_device_has_eight_guesses_too(app, name):
    mine = visitor(app)
    sign_in(mine, name)
    statuses = [sign_in(mine, name, "a wrong guess").status_code for _turn in range(9)]
    assert statuses == [401] * 8 + [429]
    assert sign_in(mine, name).status_code == 429
    assert sign_in(visitor(app), name).status_code == 303


def test_device_is_known_to_those_who_signed_in_on_it(app, name, settings):
    client = visitor(app)
    sign_in(client, name)
    cookie = client.get_cookie(DEVICE_COOKIE)
    assert cookie.http_only
    policy = policy_of(settings)
    device = Device.read(cookie.value)
    assert device.knows(policy, name)
    assert not device.knows(policy, "officer")
    assert name not in cookie.value
    # the cookie of another deployment, or one made up, proves nothing
    assert not device.knows(Policy(secret=b"another"), name)
    made_up = Device(device.number, ("0" * 40,))
    assert not made_up.knows(policy, name)
    for text in ("", "x", "a" * 22 + ".zz", "a" * 22 + ".0" * 40, "\x00"):
        assert Device.read(text) is None


def test_device_forgets_the_oldest_of_many_people():
    policy = Policy(secret=b"s" * 32)
    device = Device.new()
    for turn in range(12):
        device = device.knowing(policy, f"person{turn}")
    device = Device.read(device.cookie())
    assert [device.knows(policy, f"person{turn}") for turn in (3, 4, 11)] == [False, True, True]
    assert len(device.knowing(policy, "person11").proofs) == 8


@pytest.mark.parametrize(
    ("agent", "called"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14; Pad) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1 Safari/604.1",
            "Safari, iPad",
        ),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_browsers_are_named_by_our_own_words(agent, called):
    assert words(agent) == called


def test_limits_hold_with_redis_down(settings, people, name):
    made = create_app(dataclasses.replace(settings, redis_url="redis://127.0.0.1:1/0"))
    try:
        assert guess(made, name, 9, "192.0.2.60") == [401] * 8 + [429]
        other = visitor(made)
        statuses = [sign_in(other, f"none{turn}", "x").status_code for turn in range(32)]
        assert statuses[-1] == 429
    finally:
        made.extensions["gridmap"].database.close()


def test_neither_names_nor_addresses_are_kept(app, store, name):
    guess(app, "mistyped-password9", 1, "192.0.2.77")
    guess(app, name, 1, "192.0.2.77")
    with store.transaction(Scope()) as tx:
        kept = str(tx.all("SELECT * FROM sign_in_failure"))
    assert "192.0.2.77" not in kept
    assert name not in kept
    assert "mistyped" not in kept


def refused(store):
    with store.transaction(system_scope()) as tx:
        return tx.all(
            "SELECT subject_id, area_code, payload, user_id FROM event"
            " WHERE kind = 'session.refused' ORDER BY seq"
        )


def test_refusals_are_in_the_trail_without_typed_names(app, store, name):
    with store.transaction(Scope()) as tx:
        number = tx.value("SELECT id FROM app_user WHERE name = :name", name=name)
    before = len(refused(store))
    guess(app, name, 9, "192.0.2.80")
    guess(app, "secret-word-in-the-wrong-field", 1)
    guess(app, "Mein Passwort!", 1)
    new = refused(store)[before:]
    assert {row["area_code"] for row in new} == {COUNTY}
    assert {row["user_id"] for row in new} == {None}  # who knocked is not known
    reasons = [row["payload"]["reason"] for row in new if row["subject_id"] == str(number)]
    assert reasons == ["password"] * 8 + ["limit"]
    assert {row["subject_id"] for row in new} <= {str(number), "unknown"}
    assert "secret-word" not in json.dumps([dict(row) for row in new])


def test_trail_is_not_flooded_by_knocking(app, store, name, monkeypatch):
    monkeypatch.setattr(door, "MOST_HERE", 100)
    monkeypatch.setattr(door, "MOST_EVERYWHERE", 100)
    guess(app, name, 33)
    with store.transaction(Scope()) as tx:
        number = tx.value("SELECT id FROM app_user WHERE name = :name", name=name)
    assert len([row for row in refused(store) if row["subject_id"] == str(number)]) == 30


def test_form_without_token_counts_nothing(app, store, name):
    client = visitor(app)
    for _turn in range(10):
        answer = client.post("/sign-in", data={"name": name, "password": "x"})
        assert answer.status_code == 400
    assert token_of(client)
    assert sign_in(client, name).status_code == 303
