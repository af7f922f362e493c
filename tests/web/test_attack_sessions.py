"""What a stolen, forged or outdated session can still do: nothing."""

import secrets
import threading

import pytest
from test_live import Reader
from webtown import COUNTY, LAKE, PASSWORD, sign_in, token_of

from gridmap.model.access import Role, system_scope
from gridmap.model.problem import Problem
from gridmap.services import accounts, live, passwords
from gridmap.services import sign_in as door
from gridmap.services.account_policy import policy_of
from gridmap.store import user
from gridmap.web.sessions import COOKIE


@pytest.fixture
def leaver(store, monkeypatch):
    """An officer of the county whose rights change while they watch."""
    monkeypatch.setattr(live, "_ROUND_SECONDS", 0.2)
    name = f"leaver-{secrets.token_hex(4)}"
    with store.transaction(system_scope()) as tx:
        held = [(Role.DUTY_OFFICER, COUNTY), (Role.UNIT, LAKE)]
        return name, accounts.create_user(tx, name, PASSWORD, "Leaver", held)


def test_cookie_of_a_library_neither_fails_nor_shuts_out(app, browser):
    for value in ("1|\xe9", "1|abc", "junk"):
        stranger = app.test_client()
        stranger.set_cookie("remember_token", value)
        assert stranger.get("/api/areas").status_code == 401
        known = app.test_client()
        known.set_cookie("remember_token", value)
        known.set_cookie(COOKIE, browser("officer").get_cookie(COOKIE).value)
        assert known.get("/api/areas").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM user_role WHERE user_id = :id AND role = 'duty_officer'",
        "UPDATE user_role SET area_code = '990101002' WHERE user_id = :id AND role = 'unit'",
        "DELETE FROM user_role WHERE user_id = :id",
        "UPDATE app_user SET active = false WHERE id = :id",
    ],
)
def test_open_stream_ends_when_rights_change(client, store, leaver, change):
    name, number = leaver
    assert sign_in(client, name).status_code == 303
    reader = Reader(client)
    try:
        with store.transaction(system_scope()) as tx:
            tx.execute(change, id=number)
        reader.join(timeout=8)
        assert not reader.is_alive()
    finally:
        reader.close()


def test_open_stream_ends_when_the_password_changes(client, store, leaver):
    name, number = leaver
    assert sign_in(client, name).status_code == 303
    reader = Reader(client)
    try:
        with store.transaction(system_scope()) as tx:
            user.set_password_hash(tx, number, accounts.hash_password("another-word-7"))
        reader.join(timeout=8)
        assert not reader.is_alive()
        assert client.get("/api/areas").status_code == 401
    finally:
        reader.close()


def test_guesses_sent_all_at_once_are_limited_as_well(store, settings, leaver):
    name, _number = leaver
    policy = policy_of(settings)
    start, answers = threading.Barrier(16), []

    def guess():
        start.wait()
        try:
            attempt = door.Attempt(name, "192.0.2.7")
            account = door.begin_sign_in(store, policy, attempt)
            answers.append(passwords.verify(account["password_hash"], "a guess"))
        except Problem as problem:
            answers.append(problem.status)

    guesses = [threading.Thread(target=guess) for _time in range(16)]
    for each in guesses:
        each.start()
    for each in guesses:
        each.join()
    assert sorted(answers) == [False] * 8 + [429] * 8


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("referer", ["http://[", "https://[::1", "\\", "//", "javascript:alert(1)"])
def test_referer_that_is_no_address_leads_home_or_nowhere(client, scheme, referer):
    answer = client.post(
        "/language",
        data={"csrf_token": token_of(client), "language": "en"},
        headers={"Referer": referer, "Accept": "text/html"},
        base_url=f"{scheme}://localhost",
    )
    assert answer.status_code == (303 if scheme == "http" else 400)
    assert answer.headers.get("Location") == ("/" if scheme == "http" else None)
