"""The second factor: needed in the office, proven once, never replayed, reset by another person."""

import dataclasses
import secrets
import time

import pyotp
import pytest
from webtown import COUNTY, HILL, PASSWORD, post, sign_in, token_of, visitor

from gridmap.app import create_app
from gridmap.model.access import Role, Scope, system_scope
from gridmap.services import accounts
from gridmap.web.sessions import COOKIE

PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def strict(settings, people):
    """The application where office roles need a second factor, as they do by default."""
    made = create_app(dataclasses.replace(settings, totp=None))
    yield made
    held = made.extensions["gridmap"]
    held.feed.stop()
    held.database.close()


@pytest.fixture
def worker(store, people):
    """A new officer of the county; gives name and id."""
    name = f"worker-{secrets.token_hex(4)}"
    with store.transaction(system_scope()) as tx:
        number = accounts.create_user(tx, name, PASSWORD, "Worker", [(Role.DUTY_OFFICER, COUNTY)])
    return name, number


def events(store, kind, subject):
    with store.transaction(system_scope()) as tx:
        return tx.value(
            "SELECT count(*) FROM event WHERE kind = :kind AND subject_id = :subject",
            kind=kind,
            subject=str(subject),
        )


def enrol(client):
    """Set up the factor of who is signed in; give its secret and the codes on paper."""
    made = post(client, "/api/account/second-factor", {"password": PASSWORD})
    assert made.status_code == 200, made.data
    secret = made.get_json()["secret"]
    answer = post(client, "/api/account/second-factor/confirm", {"code": pyotp.TOTP(secret).now()})
    assert answer.status_code == 200, answer.data
    return secret, answer.get_json()["codes"]


def give_code(client, code):
    return client.post(
        "/sign-in/code", data={"csrf_token": token_of(client), "code": code}, headers=PAGE
    )


def later(secret, steps=1):
    return pyotp.TOTP(secret).at(time.time() + 30 * steps)


def test_office_person_sees_nothing_but_the_setting_up(strict, worker):
    client = visitor(strict)
    assert sign_in(client, worker[0]).location == "/"
    assert client.get("/map", headers=PAGE).location == "/account"
    assert client.get("/api/areas").status_code == 403
    assert client.get("/api/live/stream").status_code == 403
    assert post(client, "/api/coverage/runs", {"standard": "fire"}).status_code == 403
    assert post(client, "/api/account/tokens", {"name": "x"}).status_code == 403
    assert client.get("/account", headers=PAGE).status_code == 200
    described = client.get("/api/account").get_json()
    assert described["must"] == "second_factor"
    secret, codes = enrol(client)
    assert (len(secret), len(set(codes))) == (32, 10)
    assert client.get("/api/areas").status_code == 200


@pytest.mark.parametrize("name", ["member", "unit"])
def test_field_staff_need_none(strict, name):
    client = visitor(strict)
    sign_in(client, name)
    assert client.get("/api/areas").status_code == 200


def test_sign_in_asks_for_the_code_and_takes_none_twice(strict, store, worker):
    name, number = worker
    first = visitor(strict)
    sign_in(first, name)
    secret, _codes = enrol(first)
    assert events(store, "second_factor.enrolled", number) == 1
    client = visitor(strict)
    assert sign_in(client, name).location == "/sign-in/code"
    # between password and code nobody is let in, and no copy of the cookie either
    assert client.get("/api/areas").status_code == 401
    assert client.get("/sign-in/code", headers=PAGE).status_code == 200
    half = client.get_cookie(COOKIE).value
    with store.transaction(Scope()) as tx:
        step = tx.value("SELECT totp_step FROM app_user WHERE id = :id", id=number)
    used = pyotp.TOTP(secret).at(step * 30)  # by the clock another half minute may have begun
    assert give_code(client, used).status_code == 401  # it proved the setting up
    assert give_code(client, "000000").status_code == 401
    code = later(secret)
    assert give_code(client, f" {code[:3]} {code[3:]}").location == "/"
    assert client.get("/api/areas").status_code == 200
    assert client.get_cookie(COOKIE).value != half
    thief = visitor(strict)
    thief.set_cookie(COOKIE, half)
    assert give_code(thief, later(secret)).location == "/"  # to the form: that session is over
    assert thief.get("/api/areas").status_code == 401
    other = visitor(strict)
    sign_in(other, name)
    assert give_code(other, code).status_code == 401
    assert events(store, "session.refused", number) >= 3


def test_paper_codes_count_once(strict, worker):
    first = visitor(strict)
    sign_in(first, worker[0])
    _secret, codes = enrol(first)
    for code, status in ((codes[0].lower(), 303), (codes[0], 401), (codes[1], 303)):
        client = visitor(strict)
        sign_in(client, worker[0])
        assert give_code(client, code).status_code == status
    assert first.get("/api/account").get_json()["second_factor"]["codes_left"] == 8


def test_enrolment_ends_sessions_without_the_factor(strict, worker):
    first, other = visitor(strict), visitor(strict)
    sign_in(first, worker[0])
    sign_in(other, worker[0])
    enrol(first)
    assert other.get("/api/account").status_code == 401
    assert first.get("/api/account").status_code == 200


def test_switching_the_policy_on_ends_sessions_without_the_factor(app, strict, worker):
    loose = visitor(app)
    sign_in(loose, worker[0])
    enrol(loose)
    lax = visitor(app)
    assert sign_in(lax, worker[0]).location == "/"  # nobody is asked where the policy is off
    cookie = lax.get_cookie(COOKIE).value
    assert lax.get("/api/areas").status_code == 200
    copy = visitor(strict)
    copy.set_cookie(COOKIE, cookie)
    assert copy.get("/api/areas").status_code == 401


def test_too_many_codes_stop_the_person_wherever_they_come_from(strict, worker):
    first = visitor(strict)
    sign_in(first, worker[0])
    secret, _codes = enrol(first)
    statuses = []
    for turn in range(9):
        client = visitor(strict)
        sign_in(client, worker[0])
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{turn}"
        statuses.append(give_code(client, "000000").status_code)
    assert statuses == [401] * 8 + [429]
    assert give_code(client, later(secret)).status_code == 429


def test_secret_is_not_readable_in_the_database(strict, store, worker):
    client = visitor(strict)
    sign_in(client, worker[0])
    secret, codes = enrol(client)
    with store.transaction(Scope()) as tx:
        row = tx.one("SELECT * FROM app_user WHERE id = :id", id=worker[1])
        paper = tx.all("SELECT * FROM recovery_code WHERE user_id = :id", id=worker[1])
        assert secret not in str(row)
        assert not [code for code in codes if code in str(paper)]
        # bound to its account: copied to another row it opens nothing
        tx.execute(
            "UPDATE app_user SET totp_secret = :secret, totp_since = now() WHERE name = 'hill'",
            secret=row["totp_secret"],
        )
    hill = visitor(strict)
    sign_in(hill, "hill")
    assert give_code(hill, pyotp.TOTP(secret).now()).status_code == 409
    with store.transaction(Scope()) as tx:
        tx.execute("UPDATE app_user SET totp_secret = NULL, totp_since = NULL WHERE name = 'hill'")


def test_another_secret_key_gives_no_error_of_ours(settings, strict, worker):
    client = visitor(strict)
    sign_in(client, worker[0])
    enrol(client)
    moved = create_app(
        dataclasses.replace(settings, totp=None, secret_key=secrets.token_urlsafe(32))
    )
    try:
        there = visitor(moved)
        assert sign_in(there, worker[0]).location == "/sign-in/code"
        assert give_code(there, "123456").status_code == 409
    finally:
        moved.extensions["gridmap"].database.close()


def test_reset_takes_a_security_administrator_of_the_area(strict, store, worker):
    name, number = worker
    client = visitor(strict)
    sign_in(client, name)
    enrol(client)
    boss = visitor(strict)
    sign_in(boss, "security")
    secret, _codes = enrol(boss)
    address = f"/api/users/{number}/second-factor/reset"
    chief = visitor(strict)
    sign_in(chief, "admin")
    enrol(chief)
    assert post(chief, address, {}).status_code == 403
    assert post(boss, address, {}).status_code == 204
    assert post(boss, address, {}).status_code == 409
    assert client.get("/api/account").status_code == 401
    assert events(store, "second_factor.reset", number) == 1
    assert sign_in(client, name).location == "/sign-in/code"
    released = post(boss, f"/api/users/{number}/release", {}).get_json()
    assert give_code(client, released["release_code"]).location == "/"
    assert client.get("/api/account").get_json()["must"] == "second_factor"
    # nobody takes their own away where the role needs it
    refused = post(boss, "/api/account/second-factor/remove", {"code": later(secret)})
    assert refused.status_code == 409
    with store.transaction(Scope()) as tx:
        tx.execute("UPDATE app_user SET totp_secret = NULL, totp_since = NULL, totp_step = NULL")
    assert HILL.startswith(COUNTY)


def test_square_code_is_drawn_only_while_it_waits(strict, worker):
    client = visitor(strict)
    sign_in(client, worker[0])
    address = "/api/account/second-factor/qr.svg"
    assert client.get(address).status_code == 409
    post(client, "/api/account/second-factor", {})
    drawn = client.get(address)
    assert (drawn.status_code, drawn.mimetype) == (200, "image/svg+xml")
    assert drawn.headers["Cache-Control"] == "no-store"
    assert b"<svg" in drawn.data
    assert visitor(strict).get(address).status_code == 401


def test_wrong_code_sets_nothing_up(strict, worker):
    client = visitor(strict)
    sign_in(client, worker[0])
    post(client, "/api/account/second-factor", {})
    for code in ("000000", "abcdef", "12345６"):
        answer = post(client, "/api/account/second-factor/confirm", {"code": code})
        assert answer.status_code == 400, code
    assert client.get("/api/account").get_json()["must"] == "second_factor"
