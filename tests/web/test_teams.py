"""Whose account is of which team, and that nobody handles what is with another team."""

import uuid

import pytest
from webtown import COUNTY, HILL, post, token_of

from gridmap.model.access import system_scope

PLACE = {"type": "Point", "coordinates": [114.405, 30.51]}


@pytest.fixture(scope="module")
def other_team(store):
    with store.transaction(system_scope()) as tx:
        return tx.value(
            "INSERT INTO responder (area_code, source_key, kind, name, name_en, people)"
            " VALUES (:county, 'r2', 'medical', '急救二组', 'Ambulance 2', 3) RETURNING id",
            county=COUNTY,
        )


@pytest.fixture
def team(store):
    with store.transaction(system_scope()) as tx:
        return tx.value("SELECT id FROM responder WHERE source_key = 'r1'")


def step(client, key, verb, version, **content):
    headers = {"X-CSRFToken": token_of(client), "If-Match": f'"{version}"'}
    return client.post(f"/api/incidents/{key}/{verb}", json=content, headers=headers)


def sent(browser, team):
    """Report an incident and send a team; give its id, now of version 3."""
    key = str(uuid.uuid4())
    new = {"id": key, "category": "power", "title": "停电", "level": 3, "geometry": PLACE}
    assert post(browser("officer"), "/api/incidents", new).status_code == 201
    assert step(browser("officer"), key, "verify", 1).status_code == 200
    assert step(browser("officer"), key, "assign", 2, assignee=team).status_code == 200
    return key


def actions(client, key):
    listed = client.get("/api/incidents?state=open").get_json()["features"]
    one = client.get(f"/api/incidents/{key}").get_json()
    inside = next(each["properties"] for each in listed if each["id"] == key)["actions"]
    assert inside == one["properties"]["actions"]  # the list and the card agree
    return inside


def test_a_unit_handles_what_is_with_its_own_team_and_nothing_else(browser, team, other_team):
    unit = browser("unit")
    assert unit.get("/api/me").get_json()["team"] == {"id": team, "name": "消防一队"}
    own, others = sent(browser, team), sent(browser, other_team)
    assert actions(unit, own) == ["start", "object"]
    assert actions(unit, others) == []
    assert step(unit, others, "start", 3).status_code == 403
    assert step(unit, others, "object", 3, reason="不归我们管").status_code == 403
    assert step(unit, own, "start", 3).status_code == 200


def test_an_administrator_puts_an_account_into_a_team_and_the_map_follows(
    browser, store, people, team, other_team
):
    admin, unit = browser("admin"), browser("unit")
    found = admin.get("/api/users/teams").get_json()
    assert {each["id"] for each in found["items"]} == {team, other_team}
    assert found["of"][str(people["unit"])] == team
    key = sent(browser, other_team)
    tag = unit.get("/api/incidents?state=open").headers["ETag"]
    try:
        answer = post(admin, f"/api/users/{people['unit']}/team", {"team": other_team})
        assert (answer.status_code, answer.get_json()["team"]) == (200, other_team)
        # an answer of before is not taken for the present one
        again = unit.get("/api/incidents?state=open", headers={"If-None-Match": tag})
        assert again.status_code == 200
        assert actions(unit, key) == ["start", "object"]
        post(admin, f"/api/users/{people['unit']}/team", {"team": None})
        assert actions(unit, key) == []
        assert unit.get("/api/me").get_json()["team"] is None
    finally:
        post(admin, f"/api/users/{people['unit']}/team", {"team": team})
    with store.transaction(system_scope()) as tx:
        trace = tx.all(
            "SELECT payload, user_id FROM event WHERE kind = 'user.team_set' ORDER BY seq"
        )
    assert [row["payload"]["team"] for row in trace[-3:]] == [other_team, None, team]
    assert {row["user_id"] for row in trace} == {people["admin"]}


def test_who_may_not_set_a_team_does_not(browser, store, people, team):
    for name in ("officer", "security", "unit"):
        answer = post(browser(name), f"/api/users/{people['unit']}/team", {"team": team})
        assert answer.status_code == 403, name
        assert browser(name).get("/api/users/teams").status_code == 403
    admin = browser("admin")
    own = post(admin, f"/api/users/{people['admin']}/team", {"team": team})
    assert own.status_code == 403
    assert post(admin, f"/api/users/{people['stranger']}/team", {"team": team}).status_code == 404
    assert post(admin, "/api/users/999999/team", {"team": team}).status_code == 404
    for bad in (999_999, "x", 0, -1, True, 1.5):
        answer = post(admin, f"/api/users/{people['unit']}/team", {"team": bad})
        assert answer.status_code == 400, bad
    assert post(admin, f"/api/users/{people['unit']}/team", {}).status_code == 400


def test_a_team_that_is_gone_leaves_its_people_without_one(browser, store, people):
    with store.transaction(system_scope()) as tx:
        gone = tx.value(
            "INSERT INTO responder (area_code, source_key, kind, name) VALUES"
            " (:area, 'r3', 'grid', '散了的队') RETURNING id",
            area=HILL,
        )
    assert (
        post(browser("admin"), f"/api/users/{people['hill']}/team", {"team": gone}).status_code
        == 200
    )
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM responder WHERE id = :id", id=gone)
    assert browser("hill").get("/api/me").get_json()["team"] is None
