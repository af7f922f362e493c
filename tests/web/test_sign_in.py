"""Signing in and out: one answer to every refusal, and no life after sign-out."""

import time

import pytest
from webtown import COUNTY, PASSWORD, sign_in, token_of, visitor

from gridmap.model.access import Role, Scope, system_scope
from gridmap.model.problem import Problem
from gridmap.services import accounts, passwords
from gridmap.services.account_policy import policy_of
from gridmap.services.sessions import token_hash
from gridmap.store import sign_in as attempts
from gridmap.web.sessions import COOKIE

PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module", autouse=True)
def quick_hashes():
    """Here a hash costs what it costs."""


@pytest.fixture
def failures(store, settings):
    """Counts the wrong passwords of a name, from wherever."""

    def of(name):
        with store.transaction(Scope()) as tx:
            key = policy_of(settings).keyed("name", name)
            return attempts.failures(tx, key, "", 900)["everywhere"]

    return of


def test_right_password_opens_the_page_of_the_role(client):
    answer = sign_in(client, "officer")
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/", headers=PAGE).location == "/map"
    me = client.get("/api/me").get_json()
    assert (me["name"], me["roles"], me["areas"]) == ("officer", ["duty_officer"], [COUNTY])
    assert me["town"] == "试验镇"
    assert me["notice"] == "数据是模拟的"


@pytest.mark.parametrize(
    ("name", "path"), [("auditor", "/trail"), ("admin", "/users"), ("security", "/users")]
)
def test_people_without_a_map_are_sent_to_the_page_of_their_office(client, name, path):
    sign_in(client, name)
    assert client.get("/", headers=PAGE).location == path


def test_reloading_a_refusal_leads_to_the_form_and_on_to_the_page_asked_for(app):
    client = visitor(app)  # of an address of its own: the limit of one is not shared
    assert client.get("/sign-in", headers=PAGE).location == "/"
    answer = client.get("/sign-in?next=/plans/3", headers=PAGE)
    assert (answer.status_code, answer.location) == (303, "/?next=/plans/3")
    form = client.get(answer.location, headers=PAGE).get_data(as_text=True)
    assert '<input type="hidden" name="next" value="/plans/3">' in form
    data = {"csrf_token": token_of(client), "name": "officer", "next": "/plans/3"}
    wrong = client.post("/sign-in", data=data | {"password": "wrong"}, headers=PAGE)
    assert '<input type="hidden" name="next" value="/plans/3">' in wrong.get_data(as_text=True)
    right = client.post("/sign-in", data=data | {"password": PASSWORD}, headers=PAGE)
    assert right.location == "/plans/3"
    assert client.get("/?next=/plans/3", headers=PAGE).location == "/plans/3"


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil", "x"])
def test_nobody_is_led_to_another_site_by_signing_in(app, elsewhere):
    client = visitor(app)
    query = {"next": elsewhere}
    assert client.get("/sign-in", query_string=query, headers=PAGE).location == "/"
    page = client.get("/", query_string=query, headers=PAGE).get_data(as_text=True)
    assert 'name="next" value' not in page.split('id="sign-in"')[1].split("</form>")[0]
    data = {"csrf_token": token_of(client), "name": "officer", "password": PASSWORD}
    assert client.post("/sign-in", data=data | query, headers=PAGE).location == "/"
    assert client.get("/", query_string=query, headers=PAGE).location == "/map"


def test_unknown_name_and_wrong_password_get_the_same_answer(client, failures):
    wrong = sign_in(client, "officer", "not the password")
    unknown = sign_in(client, "nobody", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert client.get_cookie(COOKIE).value.count(".") == 2  # a signed visit: still nobody
    assert failures("officer") == failures("nobody") == 1


def test_unknown_names_are_hashed_as_well(monkeypatch):
    """Both refusals cost one hash: timing them would be a test of the machine's load."""
    hashed = []
    real = passwords._HASHER

    class Counting:
        def verify(self, stored, password):
            hashed.append(stored)
            return real.verify(stored, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    assert passwords.verify(None, "x" * 12) is False
    assert passwords.verify(real.hash("y" * 12), "x" * 12) is False
    assert len(hashed) == 2


def test_pages_opened_at_once_share_the_token_of_their_forms(client):
    """As the page and the worker of a tablet do; each is read before the other's answer is out."""
    sign_in(client, "officer")
    copy = client.application.test_client()
    copy.set_cookie(COOKIE, client.get_cookie(COOKIE).value)
    with client.session_transaction() as held:
        first = held.get("csrf_token")
    assert first
    tokens = [token_of(client), token_of(copy)]
    for token in tokens:
        answer = client.post(
            "/language", data={"csrf_token": token, "language": "zh_CN"}, headers=PAGE
        )
        assert answer.status_code == 303


def test_copied_cookie_dies_at_sign_out(app, client):
    sign_in(client, "planner")
    cookie = client.get_cookie(COOKIE)
    thief = app.test_client()
    thief.set_cookie(COOKIE, cookie.value)
    assert thief.get("/api/areas").status_code == 200
    client.post("/sign-out", data={"csrf_token": token_of(client)}, headers=PAGE)
    assert client.get("/api/areas").status_code == 401
    assert thief.get("/api/areas").status_code == 401


def test_token_is_renewed_at_sign_in(client):
    client.get("/", headers=PAGE)
    before = client.get_cookie(COOKIE).value
    sign_in(client, "lead")
    first = client.get_cookie(COOKIE).value
    sign_in(client, "lead")
    assert len({before, first, client.get_cookie(COOKIE).value}) == 3
    copy = client.application.test_client()
    copy.set_cookie(COOKIE, first)
    assert copy.get("/api/areas").status_code == 401


def test_token_is_not_in_the_database(client, store):
    sign_in(client, "officer")
    token = client.get_cookie(COOKIE).value
    with store.transaction(Scope()) as tx:
        kept = tx.all("SELECT * FROM session")
    assert kept
    assert all(token not in str(row) for row in kept)


def test_cookie_is_kept_from_scripts_and_other_sites(client):
    header = sign_in(client, "officer").headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Secure" not in header  # this deployment has no HTTPS


@pytest.mark.parametrize("column", ["expires_at", "seen_at"])
def test_sessions_end_by_themselves(client, store, column):
    sign_in(client, "officer")
    token = client.get_cookie(COOKIE).value
    with store.transaction(Scope()) as tx:
        tx.execute(
            f"UPDATE session SET {column} = now() - interval '3 hours' WHERE token_hash = :hash",
            hash=token_hash(token),
        )
    assert client.get("/api/areas").status_code == 401


def test_switched_off_account_is_out_at_once(client, store):
    with store.transaction(system_scope()) as tx:
        accounts.create_user(tx, "leaver", PASSWORD, "Leaver", [(Role.DUTY_OFFICER, COUNTY)])
    sign_in(client, "leaver")
    assert client.get("/api/areas").status_code == 200
    with store.transaction(Scope()) as tx:
        tx.execute("UPDATE app_user SET active = false WHERE name = 'leaver'")
    assert client.get("/api/areas").status_code == 401
    assert sign_in(client, "leaver").status_code == 401


def test_role_taken_away_counts_from_the_next_request(client, store):
    with store.transaction(system_scope()) as tx:
        mover = accounts.create_user(
            tx, "mover", PASSWORD, "Mover", [(Role.DUTY_OFFICER, COUNTY), (Role.UNIT, COUNTY)]
        )
    sign_in(client, "mover")
    assert client.get("/api/households").status_code == 200
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM user_role WHERE user_id = :id AND role = 'duty_officer'", id=mover)
    assert client.get("/api/households").status_code == 403


def test_sign_in_needs_the_token_of_the_form(client):
    answer = client.post("/sign-in", data={"name": "officer", "password": PASSWORD})
    assert answer.status_code == 400


def test_writes_need_the_token_also_as_json(browser):
    answer = browser("officer").post("/api/coverage/runs", json={"standard": "fire"})
    assert answer.status_code == 400
    assert answer.get_json()["type"] == "urn:gridmap:problem:page-too-old"


def test_too_many_wrong_passwords_stop_the_name(client, store, failures):
    for _attempt in range(8):
        assert sign_in(client, "security", "wrong password").status_code == 401
    refused = sign_in(client, "security")  # even the right one
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    with store.transaction(Scope()) as tx:
        tx.execute("UPDATE sign_in_failure SET at = at - interval '1 hour'")
    assert sign_in(client, "security").status_code == 303
    assert failures("security") == 0


def test_signing_in_leaves_a_trace(client, store, people):
    sign_in(client, "commander")
    with store.transaction(system_scope()) as tx:
        last = tx.all("SELECT kind, subject_id, user_id FROM event ORDER BY seq DESC LIMIT 1")[0]
    assert last == {
        "kind": "session.opened",
        "subject_id": str(people["commander"]),
        "user_id": people["commander"],
    }


def test_language_is_kept(client):
    sign_in(client, "officer")
    token = token_of(client)
    answer = client.post(
        "/language",
        data={"csrf_token": token, "language": "en", "next": "/coverage"},
        headers=PAGE,
    )
    assert (answer.status_code, answer.location) == (303, "/coverage")
    assert client.get("/api/me").get_json()["town"] == "Test town"
    assert client.get("/map?lang=zh", headers=PAGE).status_code == 200
    elsewhere = client.post(
        "/language",
        data={"csrf_token": token, "language": "zh_CN", "next": "//evil.example"},
        headers=PAGE,
    )
    assert elsewhere.location == "/"


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"name": "Big"}, "name"),
        ({"name": "a"}, "name"),
        ({"password": "short"}, "password"),
        ({"password": accounts.DEMO_PASSWORD}, "password"),
        ({"password": "newcomer-1234"}, "password"),
        ({"display_name": ""}, "display_name"),
        ({"display_name": "a\nb"}, "display_name"),
    ],
)
def test_bad_accounts_are_refused(store, changed, place):
    account = {"name": "newcomer", "password": PASSWORD, "display_name": "New"} | changed
    with store.transaction(system_scope()) as tx, pytest.raises(Problem) as refused:
        accounts.create_user(tx, **account, roles=[(Role.UNIT, COUNTY)])
    assert [fault["place"] for fault in refused.value.faults] == [place]


def test_check_password(store, people):
    with store.transaction(Scope()) as tx:
        assert accounts.check_password(tx, "officer", PASSWORD) == people["officer"]
        assert accounts.check_password(tx, "officer", PASSWORD + "x") is None
        assert accounts.check_password(tx, "No One", PASSWORD) is None


def test_hashing_takes_long_enough_to_matter():
    started = time.perf_counter()
    stored = accounts.hash_password(PASSWORD)
    assert time.perf_counter() - started > 0.005
    assert stored.startswith("$argon2id$v=19$m=32768,t=2,p=1$")
