"""Tokens of programs: within their scope, area and time, and never in place of a person."""

import pytest
from webtown import COUNTY, HILL, LAKE, PASSWORD, post, sign_in, visitor

from gridmap.model.access import BY_PERSON, LOOKING, Permission, Role, Scope, system_scope
from gridmap.services import accounts
from gridmap.web.sessions import COOKIE


@pytest.fixture
def program(app, store, people):
    """Makes a token of a person, and gives what calls with it."""

    def make(name="officer", **body):
        client = visitor(app)
        assert sign_in(client, name).status_code == 303
        made = post(client, "/api/account/tokens", {"name": "script", **body})
        assert made.status_code == 201, made.data
        return Program(app, made.get_json(), client)

    return make


class Program:
    """Calls with a token and no cookie."""

    def __init__(self, app, made, person):
        self.made, self.person = made, person
        self._client = visitor(app)

    def get(self, path, **more):
        return self._client.get(path, headers=self.headers, **more)

    def post(self, path, content=None):
        return self._client.post(path, json=content or {}, headers=self.headers)

    @property
    def headers(self):
        return {"Authorization": f"Bearer {self.made['token']}"}


def report():
    return {
        "id": "7b1b3c76-66a1-4c0e-9d3f-0d5f6f3c9a01",
        "category": "waterlogging",
        "title": "路口积水",
        "level": 3,
        "geometry": {"type": "Point", "coordinates": [114.405, 30.51]},
    }


def test_token_looks_without_cookie_or_form_token(program):
    script = program()
    assert script.made["token"].startswith("gm_")
    assert set(script.made["permissions"]) <= {each.value for each in LOOKING}
    assert script.get("/api/areas").status_code == 200
    assert script.get("/api/households").status_code == 200
    answer = script.get("/api/live")
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
    # a list with needs is not among what it was given
    needs = [
        each["properties"].get("needs")
        for each in script.get("/api/households").get_json()["features"]
    ]
    assert not any(needs)


def test_token_changes_nothing_unless_it_may(program, store):
    looks = program()
    assert looks.post("/api/incidents", report()).status_code == 403
    reports = program(permissions=["map.view", "incident.report"])
    assert reports.post("/api/incidents", report()).status_code == 201
    assert reports.post("/api/coverage/runs", {"standard": "fire"}).status_code == 403
    assert reports.get("/api/households").status_code == 403


def test_token_reaches_its_area_only(program):
    script = program(area=LAKE)
    grids = {
        each["properties"]["grid"] for each in script.get("/api/households").get_json()["features"]
    }
    assert grids
    assert all(code.startswith(LAKE) for code in grids)
    outside = program("hill", area=HILL)
    refused = post(outside.person, "/api/account/tokens", {"name": "x", "area": LAKE})
    assert refused.status_code == 403
    wider = post(outside.person, "/api/account/tokens", {"name": "x", "area": COUNTY})
    # the county holds the hill: what counts is the smaller of the two
    assert wider.status_code == 201
    wide = Program(outside.person.application, wider.get_json(), outside.person)
    seen = wide.get("/api/households").get_json()["features"]
    assert {each["properties"]["grid"][:9] for each in seen} == {HILL}


@pytest.mark.parametrize("permission", sorted(each.value for each in BY_PERSON))
def test_what_takes_a_person_is_given_to_no_program(browser, permission):
    for name in ("commander", "lead", "admin", "security"):
        answer = post(
            browser(name), "/api/account/tokens", {"name": "x", "permissions": [permission]}
        )
        assert answer.status_code == 400, name


def test_no_more_than_ones_own_is_given(browser):
    for permission in ("trail.read", "grid.draw", "no.such", "MAP_VIEW"):
        body = {"name": "x", "permissions": ["map.view", permission]}
        assert post(browser("officer"), "/api/account/tokens", body).status_code == 400
    for body in ({"days": 0}, {"days": 366}, {"name": ""}, {"permissions": []}, {"area": "1"}):
        content = {"name": "x"} | body
        assert post(browser("officer"), "/api/account/tokens", content).status_code == 400


def test_token_makes_no_tokens_and_touches_no_account(program, people):
    script = program("admin", permissions=["job.view"])
    for path in (
        "/api/account",
        "/api/account/tokens",
        "/api/account/sessions",
        "/account",
        "/api/users",
        "/users",
        f"/api/users/{people['officer']}",
    ):
        assert script.get(path).status_code == 403, path
    for path in (
        "/api/account/tokens",
        "/api/account/password",
        "/api/account/sessions/end",
        "/api/account/second-factor",
        "/api/users",
        "/sign-in",
        "/sign-out",
        "/language",
        f"/api/users/{people['officer']}/disable",
    ):
        assert script.post(path, {"name": "x"}).status_code == 403, path


def test_role_taken_away_counts_for_the_token_at_once(program, store, people):
    with store.transaction(system_scope()) as tx:
        mover = accounts.create_user(
            tx, "tokenmover", PASSWORD, "Mover", [(Role.DUTY_OFFICER, COUNTY), (Role.UNIT, COUNTY)]
        )
    script = program("tokenmover")
    assert script.get("/api/households").status_code == 200
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM user_role WHERE user_id = :id AND role = 'duty_officer'", id=mover)
    assert script.get("/api/households").status_code == 403
    assert script.get("/api/areas").status_code == 200


def test_session_cookie_beside_a_token_is_not_heard(app, program, browser):
    script = program("member")
    mixed = visitor(app)
    mixed.set_cookie(COOKIE, browser("officer").get_cookie(COOKIE).value)
    answer = mixed.get("/api/me", headers=script.headers)
    assert answer.get_json()["name"] == "member"
    wrong = mixed.get("/api/areas", headers={"Authorization": "Bearer gm_wrong"})
    assert wrong.status_code == 401
    assert wrong.headers["WWW-Authenticate"].startswith("Bearer")
    # and a token that does not count opens no way around the form token
    body = {"standard": "fire"}
    sent = mixed.post("/api/coverage/runs", json=body, headers={"Authorization": "Bearer gm_wrong"})
    assert sent.status_code == 401


@pytest.mark.parametrize("value", ["", "gm_", "gm_" + "x" * 43, "g" * 4000, "gm_é", "Bearer"])
def test_wrong_tokens_get_one_answer(client, value):
    answer = client.get("/api/areas", headers={"Authorization": f"Bearer {value}"})
    assert answer.status_code == 401


def test_revoked_and_ended_tokens_are_over(program, store):
    script = program()
    number = script.made["id"]
    listed = script.person.get("/api/account/tokens").get_json()["items"]
    assert number in {each["id"] for each in listed}
    assert script.made["token"] not in str(listed)
    assert script.get("/api/areas").status_code == 200
    with store.transaction(Scope()) as tx:
        assert tx.value("SELECT used_at IS NOT NULL FROM api_token WHERE id = :id", id=number)
        assert script.made["token"] not in str(tx.all("SELECT * FROM api_token"))
    stranger = program("planner").person
    assert post(stranger, f"/api/account/tokens/{number}/revoke", {}).status_code == 404
    assert script.get("/api/areas").status_code == 200
    assert post(script.person, f"/api/account/tokens/{number}/revoke", {}).status_code == 204
    assert post(script.person, f"/api/account/tokens/{number}/revoke", {}).status_code == 404
    assert script.get("/api/areas").status_code == 401
    late = program()
    with store.transaction(Scope()) as tx:
        tx.execute(
            "UPDATE api_token SET created_at = now() - interval '91 days',"
            " expires_at = now() - interval '1 second' WHERE id = :id",
            id=late.made["id"],
        )
    assert late.get("/api/areas").status_code == 401


def test_making_and_revoking_leave_a_trace(program, store, people):
    script = program("planner")
    number = script.made["id"]
    post(script.person, f"/api/account/tokens/{number}/revoke", {})
    with store.transaction(system_scope()) as tx:
        rows = tx.all(
            "SELECT kind, user_id, payload FROM event WHERE subject = 'token'"
            " AND subject_id = :id ORDER BY seq",
            id=str(number),
        )
    assert [row["kind"] for row in rows] == ["token.created", "token.revoked"]
    assert {row["user_id"] for row in rows} == {people["planner"]}
    assert script.made["token"] not in str(rows)


def test_every_permission_is_either_a_persons_or_may_be_given():
    assert BY_PERSON | (frozenset(Permission) - BY_PERSON) == frozenset(Permission)
    assert not LOOKING & BY_PERSON
