"""Accounts: made by one administrator, given roles by another, and kept by their person."""

import dataclasses
import secrets

import pytest
from webtown import (
    COUNTY,
    HILL,
    LAKE,
    MEMBER_GRID,
    OTHER,
    PASSWORD,
    post,
    sign_in,
    token_of,
    visitor,
)

from gridmap.app import create_app
from gridmap.model.access import Role, Scope, system_scope
from gridmap.services import accounts
from gridmap.web.sessions import COOKIE

PAGE = {"Accept": "text/html"}
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def fresh_name():
    return f"n{secrets.token_hex(5)}"


@pytest.fixture
def person(store, people):
    """Makes an account with the roles; gives name and id."""

    def make(*roles):
        name = fresh_name()
        with store.transaction(system_scope()) as tx:
            return name, accounts.create_user(tx, name, PASSWORD, "Person", roles)

    return make


@pytest.fixture
def township(store, person):
    """A system and a security administrator of the township by the lake."""
    return person((Role.SYSTEM_ADMIN, LAKE))[0], person((Role.SECURITY_ADMIN, LAKE))[0]


def events(store, kind, subject):
    with store.transaction(system_scope()) as tx:
        rows = tx.all(
            "SELECT area_code, payload, user_id FROM event"
            " WHERE kind = :kind AND subject_id = :subject ORDER BY seq",
            kind=kind,
            subject=str(subject),
        )
    return [dict(row) for row in rows]


def make_user(client, area=COUNTY, **more):
    body = {"name": fresh_name(), "display_name": "新人", "area": area, **more}
    return post(client, "/api/users", body)


def roles_of(store, user_id):
    with store.transaction(system_scope()) as tx:
        return {(row["role"], row["area_code"]) for row in accounts.user.roles(tx, user_id)}


def test_first_day_of_a_new_person(app, browser, store, people):
    made = make_user(browser("admin"))
    assert made.status_code == 201, made.data
    new = made.get_json()
    assert (new["roles"], new["active"], new["must_change_password"]) == ([], True, True)
    assert events(store, "user.created", new["id"])[0]["user_id"] == people["admin"]
    held = {"role": "duty_officer", "area": LAKE}
    assert post(browser("security"), f"/api/users/{new['id']}/roles", held).status_code == 201
    assert post(browser("security"), f"/api/users/{new['id']}/roles", held).status_code == 200
    granted = events(store, "role.granted", new["id"])
    assert [(each["area_code"], each["payload"]) for each in granted] == [
        (LAKE, {"role": "duty_officer"})
    ]
    client = visitor(app)
    once = new["one_time_password"]
    assert sign_in(client, new["name"], once).location == "/sign-in/code"
    released = post(browser("security"), f"/api/users/{new['id']}/release", {}).get_json()
    code = {"csrf_token": token_of(client), "code": released["release_code"]}
    assert client.post("/sign-in/code", data=code, headers=PAGE).location == "/"
    # it serves for one thing only
    assert client.get("/", headers=PAGE).location == "/account"
    assert client.get("/map", headers=PAGE).location == "/account"
    assert client.get("/api/areas").status_code == 403
    assert client.get("/api/account").get_json()["must"] == "password"
    words = {"current": once, "new": "lake-horse-battery"}
    assert post(client, "/api/account/password", words).status_code == 204
    assert client.get("/api/areas").status_code == 200
    assert events(store, "password.changed", new["id"])
    assert sign_in(visitor(app), new["name"], once).status_code == 401


def test_the_three_administrations_never_meet_in_one_hand(browser, store, person):
    _name, number = person((Role.AUDITOR, COUNTY))
    for role in ("system_admin", "security_admin"):
        held = {"role": role, "area": HILL}
        answer = post(browser("security"), f"/api/users/{number}/roles", held)
        assert answer.status_code == 409
    held = {"role": "auditor", "area": HILL}
    assert post(browser("security"), f"/api/users/{number}/roles", held).status_code == 201
    assert {role for role, _area in roles_of(store, number)} == {"auditor"}


def test_nobody_changes_their_own_account(browser, store, people):
    before = roles_of(store, people["security"])
    own = f"/api/users/{people['security']}"
    held = {"role": "planner", "area": COUNTY}
    assert post(browser("security"), f"{own}/roles", held).status_code == 403
    mine = {"role": "security_admin", "area": COUNTY}
    assert post(browser("security"), f"{own}/roles/withdraw", mine).status_code == 403
    assert post(browser("security"), f"{own}/second-factor/reset", {}).status_code == 403
    assert roles_of(store, people["security"]) == before
    own = f"/api/users/{people['admin']}"
    for action in ("disable", "enable", "password"):
        assert post(browser("admin"), f"{own}/{action}", {}).status_code == 403
    assert browser("admin").get(own).get_json()["can"] == []


def test_who_makes_gives_no_roles_and_who_gives_roles_makes_nobody(browser, store, person):
    _name, number = person((Role.UNIT, COUNTY))
    held = {"role": "planner", "area": COUNTY}
    assert post(browser("admin"), f"/api/users/{number}/roles", held).status_code == 403
    withdraw = f"/api/users/{number}/roles/withdraw"
    assert post(browser("admin"), withdraw, {"role": "unit", "area": COUNTY}).status_code == 403
    assert make_user(browser("security")).status_code == 403
    for action in ("disable", "enable", "password"):
        assert post(browser("security"), f"/api/users/{number}/{action}", {}).status_code == 403
    assert make_user(browser("admin"), roles=["planner"]).status_code == 400
    assert roles_of(store, number) == {("unit", COUNTY)}


def test_an_auditor_reads_the_trail_and_no_accounts(browser):
    assert browser("auditor").get("/api/users").status_code == 403
    assert browser("auditor").get("/users", headers=PAGE).status_code == 403


def test_administrators_reach_their_own_areas_only(app, browser, store, person, township):
    chief, guard = (visitor(app) for _each in range(2))
    sign_in(chief, township[0])
    sign_in(guard, township[1])
    _name, hill = person((Role.DUTY_OFFICER, HILL))
    _name, both = person((Role.DUTY_OFFICER, HILL), (Role.UNIT, LAKE))
    _name, other = person((Role.UNIT, OTHER))
    for client in (chief, guard):
        seen = {each["id"] for each in client.get("/api/users?limit=200").get_json()["items"]}
        assert hill not in seen
        assert other not in seen
        assert client.get(f"/api/users/{hill}").status_code == 404
    assert post(chief, f"/api/users/{hill}/disable", {}).status_code == 404
    # both sees the person of two townships, and what is theirs there
    assert chief.get(f"/api/users/{both}").get_json()["roles"] == [
        {"role": "unit", "area": LAKE, "area_name": "湖边"}
    ]
    # whoever resets a password could come in as the officer of the hill
    assert post(chief, f"/api/users/{both}/password", {}).status_code == 403
    assert post(chief, f"/api/users/{both}/disable", {}).status_code == 403
    for code, status in ((HILL, 403), (COUNTY, 403), (OTHER, 403), (LAKE, 201), (MEMBER_GRID, 201)):
        held = {"role": "planner", "area": code}
        assert post(guard, f"/api/users/{both}/roles", held).status_code == status, code
    gone = {"role": "duty_officer", "area": HILL}
    assert post(guard, f"/api/users/{both}/roles/withdraw", gone).status_code == 403
    assert ("duty_officer", HILL) in roles_of(store, both)
    assert make_user(chief, HILL).status_code == 403
    assert make_user(chief, "990101001999").status_code == 404
    assert make_user(chief, LAKE).status_code == 201


def test_disabled_is_out_at_once_and_back_when_enabled(app, browser, store, person):
    name, number = person((Role.DUTY_OFFICER, COUNTY))
    client = visitor(app)
    sign_in(client, name)
    token = post(client, "/api/account/tokens", {"name": "script"}).get_json()["token"]
    answer = post(browser("admin"), f"/api/users/{number}/disable", {})
    assert answer.get_json()["active"] is False
    assert post(browser("admin"), f"/api/users/{number}/disable", {}).status_code == 409
    assert client.get("/api/areas").status_code == 401
    bearer = {"Authorization": f"Bearer {token}"}
    assert visitor(app).get("/api/areas", headers=bearer).status_code == 401
    assert sign_in(visitor(app), name).status_code == 401
    assert post(browser("admin"), f"/api/users/{number}/enable", {}).status_code == 200
    assert sign_in(visitor(app), name).status_code == 303
    # what was ended stays ended
    assert client.get("/api/areas").status_code == 401
    assert visitor(app).get("/api/areas", headers=bearer).status_code == 401
    assert len(events(store, "user.disabled", number)) == 1
    assert len(events(store, "user.enabled", number)) == 1


def test_reset_password_ends_everything_and_serves_once(app, browser, store, person):
    name, number = person((Role.UNIT, COUNTY))
    client = visitor(app)
    sign_in(client, name)
    for _time in range(8):  # a stranger's guesses
        sign_in(visitor(app), name, "wrong password")
    once = post(browser("admin"), f"/api/users/{number}/password", {}).get_json()
    assert client.get("/api/areas").status_code == 401
    assert sign_in(client, name).status_code == 401
    assert sign_in(client, name, once["one_time_password"]).status_code == 303
    assert client.get("/api/account").get_json()["must"] == "password"
    assert len(events(store, "password.reset", number)) == 1


@pytest.mark.parametrize("role", [Role.SECURITY_ADMIN, Role.AUDITOR])
def test_nobody_becomes_a_second_administrator_by_a_reset(app, browser, store, person, role):
    """Whoever makes accounts would sign in with the password and give roles, or read the trail."""
    name, number = person((role, COUNTY))
    assert "password" not in browser("admin").get(f"/api/users/{number}").get_json()["can"]
    refused = post(browser("admin"), f"/api/users/{number}/password", {})
    assert refused.status_code == 403
    assert "one_time_password" not in refused.get_json()
    assert not events(store, "password.reset", number)
    assert sign_in(visitor(app), name).status_code == 303  # what they had still serves
    # without the role it is an account like any other
    held = {"role": role.value, "area": COUNTY}
    gone = post(browser("security"), f"/api/users/{number}/roles/withdraw", held)
    assert gone.status_code == 204
    assert post(browser("admin"), f"/api/users/{number}/password", {}).status_code == 200


def test_withdrawn_role_ends_the_sessions_and_copied_cookies(app, browser, store, person):
    name, number = person((Role.DUTY_OFFICER, COUNTY), (Role.UNIT, COUNTY))
    client, thief = visitor(app), visitor(app)
    sign_in(client, name)
    thief.set_cookie(COOKIE, client.get_cookie(COOKIE).value)
    held = {"role": "duty_officer", "area": COUNTY}
    gone = post(browser("security"), f"/api/users/{number}/roles/withdraw", held)
    assert gone.status_code == 204
    again = post(browser("security"), f"/api/users/{number}/roles/withdraw", held)
    assert again.status_code == 404
    assert (client.get("/api/areas").status_code, thief.get("/api/areas").status_code) == (401, 401)
    sign_in(client, name)
    assert client.get("/api/households").status_code == 403
    assert len(events(store, "role.withdrawn", number)) == 1


def test_changed_password_ends_all_other_sessions(app, store, person):
    name, number = person((Role.UNIT, COUNTY))
    here, there, thief = (visitor(app) for _each in range(3))
    sign_in(here, name)
    sign_in(there, name)
    thief.set_cookie(COOKIE, here.get_cookie(COOKIE).value)
    wrong = {"current": "not the password", "new": "another-long-word"}
    refused = post(here, "/api/account/password", wrong)
    assert (refused.status_code, refused.get_json()["faults"][0]["place"]) == (400, "current")
    for new in ("short", PASSWORD, f"xx{name}xx", "aaaaaaaaaaaa", accounts.DEMO_PASSWORD):
        weak = post(here, "/api/account/password", {"current": PASSWORD, "new": new})
        assert (weak.status_code, weak.get_json()["faults"][0]["place"]) == (400, "new"), new
    good = {"current": PASSWORD, "new": "another-long-word"}
    assert post(here, "/api/account/password", good).status_code == 204
    assert here.get("/api/areas").status_code == 200
    assert there.get("/api/areas").status_code == 401
    assert thief.get("/api/areas").status_code == 401
    assert events(store, "password.changed", number)
    assert events(store, "session.refused", number)[0]["payload"] == {"reason": "password"}


def test_passwords_are_changed_after_a_time_only_where_that_is_asked_for(settings, store, person):
    name, number = person((Role.UNIT, COUNTY))
    with store.transaction(Scope()) as tx:
        tx.execute(
            "UPDATE app_user SET password_changed_at = now() - interval '91 days' WHERE id = :id",
            id=number,
        )
    for days, must in ((0, None), (90, "password"), (92, None)):
        app = create_app(dataclasses.replace(settings, password_days=days))
        client = visitor(app)
        sign_in(client, name)
        described = client.get("/api/account").get_json()
        assert described["must"] == must
        assert (described["password"]["ends_at"] is None) == (days == 0)
        app.extensions["gridmap"].database.close()


def test_sessions_are_listed_and_ended(app, store, person):
    name, number = person((Role.UNIT, COUNTY))
    here, there = visitor(app), visitor(app)
    there.environ_base["HTTP_USER_AGENT"] = FIREFOX
    sign_in(here, name)
    sign_in(there, name)
    items = here.get("/api/account/sessions").get_json()["items"]
    assert [each["here"] for each in items].count(True) == 1
    other = next(each for each in items if not each["here"])
    assert other["device"] == "Firefox, Windows"
    assert post(here, f"/api/account/sessions/{other['id']}/end", {}).status_code == 204
    assert there.get("/api/areas").status_code == 401
    assert here.get("/api/areas").status_code == 200
    sign_in(there, name)
    assert post(here, "/api/account/sessions/end", {}).status_code == 204
    assert (here.get("/api/areas").status_code, there.get("/api/areas").status_code) == (401, 401)
    assert events(store, "session.closed", number)[-1]["payload"] == {"sessions": 2}


def test_nobody_ends_the_sessions_of_others(app, browser, person):
    name, _number = person((Role.UNIT, COUNTY))
    client = visitor(app)
    sign_in(client, name)
    mine = client.get("/api/account/sessions").get_json()["items"][0]["id"]
    assert post(browser("admin"), f"/api/account/sessions/{mine}/end", {}).status_code == 404
    assert client.get("/api/areas").status_code == 200


@pytest.mark.parametrize(
    ("role", "idle_hours", "lives"),
    [
        (Role.GRID_MEMBER, 71, True),
        (Role.GRID_MEMBER, 169, False),
        (Role.DUTY_OFFICER, 1, True),
        (Role.DUTY_OFFICER, 3, False),
    ],
)
def test_tablets_may_lie_without_a_network_for_days(app, store, person, role, idle_hours, lives):
    name, number = person((role, LAKE))
    client = visitor(app)
    sign_in(client, name)
    with store.transaction(Scope()) as tx:
        tx.execute(
            "UPDATE session SET seen_at = now() - make_interval(hours => :hours)"
            " WHERE user_id = :id",
            hours=idle_hours,
            id=number,
        )
    assert (client.get("/api/areas").status_code == 200) is lives


def test_a_member_who_joins_the_office_keeps_the_limits_of_the_office(app, store, person):
    name, number = person((Role.GRID_MEMBER, MEMBER_GRID))
    client = visitor(app)
    sign_in(client, name)
    with store.transaction(Scope()) as tx:
        tx.execute(
            "UPDATE session SET created_at = now() - interval '30 hours' WHERE user_id = :id",
            id=number,
        )
        tx.execute(
            "UPDATE app_user SET password_changed_at = now() - interval '90 hours' WHERE id = :id",
            id=number,
        )
    assert client.get("/api/areas").status_code == 200
    with store.transaction(system_scope()) as tx:
        accounts.user.add_roles(tx, number, [("duty_officer", LAKE)])
    assert client.get("/api/areas").status_code == 401


def test_lists_are_paged_and_searched(browser, store, person):
    names = sorted(person((Role.UNIT, HILL))[0] for _each in range(3))
    first = browser("admin").get("/api/users?limit=2").get_json()
    assert len(first["items"]) == 2
    rest = browser("admin").get(f"/api/users?limit=200&cursor={first['next']}").get_json()
    assert not {each["name"] for each in first["items"]} & {each["name"] for each in rest["items"]}
    found = browser("security").get(f"/api/users?q={names[0]}").get_json()["items"]
    assert [each["name"] for each in found] == [names[0]]
    places = browser("security").get("/api/users/places").get_json()["items"]
    assert {each["code"] for each in places} >= {COUNTY, LAKE, HILL}
    grids = browser("security").get("/api/users/places?within=990101001001").get_json()["items"]
    assert MEMBER_GRID in {each["code"] for each in grids}


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"name": "Großes"}, "name"),
        ({"name": "<script>"}, "name"),
        ({"display_name": "a\u0007b"}, "display_name"),
        ({"display_name": ""}, "display_name"),
        ({"area": "99"}, "area"),
        ({"language": "fr"}, "language"),
    ],
)
def test_bad_new_accounts_name_the_field(browser, changed, place):
    answer = post(
        browser("admin"),
        "/api/users",
        {"name": fresh_name(), "display_name": "新人", "area": COUNTY} | changed,
    )
    assert answer.status_code == 400
    assert answer.get_json()["faults"][0]["place"] == place


BAD_BODIES = [
    b"",
    b"null",
    b"[]",
    b"{",
    b'{"a": 1}',
    b'{"name": "x", "name": "y"}',
    b'{"name": "\\ud800", "display_name": "x", "area": "990101"}',
    b'{"name": "x\\u0000", "display_name": "x", "area": "990101"}',
    b'{"current": 1, "new": []}',
    b'{"current": "\\ud800", "new": "\\ud800 and so much more"}',
    b'{"current": "x", "new": "' + b"y" * 5000 + b'"}',
    b'{"password": {"$ne": 1}}',
    b'{"password": "\\ud800"}',
    b'{"code": 123456}',
    b'{"code": "\\ud800\\ud800\\ud800"}',
    b'{"code": "\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000"}',
    b'{"role": "king", "area": "990101"}',
    b'{"role": "planner", "area": "9901019999999999"}',
    b'{"role": ["planner"], "area": 990101}',
    b'{"name": "x", "days": 1e400}',
    b'{"name": "x", "days": -1, "permissions": [null]}',
    b'{"name": "x", "permissions": ["' + b"z" * 500 + b'"]}',
    b"[" * 5000,
    b"\xff\xfe",
]


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN])
def test_no_bad_body_is_an_error_of_ours(app, store, people, person, role):
    name, _number = person((role, COUNTY))
    client = visitor(app)
    sign_in(client, name)
    token = token_of(client)
    rules = [
        rule.rule.replace("<user_id>", str(people["officer"])).replace("<", "").replace(">", "")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/api/account", "/api/users")) and "POST" in rule.methods
    ]
    before = roles_of(store, people["officer"])
    for path in rules:
        if path.endswith(
            ("/end", "/disable", "/enable", f"{people['officer']}/password", "/reset")
        ):
            continue  # take no body
        for body in BAD_BODIES:
            answer = client.post(
                path, data=body, content_type="application/json", headers={"X-CSRFToken": token}
            )
            assert 400 <= answer.status_code < 500, (path, body[:60], answer.status_code)
    assert roles_of(store, people["officer"]) == before
