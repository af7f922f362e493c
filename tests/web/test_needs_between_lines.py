"""Needs are not read off what stands beside them: waves, reasons, visits, old printed sheets."""

import json

import pytest
from webtown import COUNTY, LAKE, bearer, post

from gridmap.model.access import Scope, system_scope
from gridmap.services import break_glass
from gridmap.services.access import viewer_of
from gridmap.store import plan_order
from jobs.run import work

TOTALS = {
    "households": 3,
    "people": 12,
    "served_households": 2,
    "served_people": 7,
    "unserved_households": 1,
    "unserved_people": 5,
    "waves": {"1": {"households": 1, "people": 4}, "2": {"households": 1, "people": 3}},
    "needs": {"cannot_walk": {"affected": 2, "served": 1, "unserved": 1}},
    "reasons": {
        "no_accessible_shelter": {"households": 1, "people": 5},
        "no_shelter": {"households": 1, "people": 2},
    },
    "longest_metres": 140.0,
    "longest_seconds": 100.0,
}
MAY_NOT = ("commander", "planner", "lead")


@pytest.fixture(scope="module")
def plan_id(store, people):
    """Give the town's plan: one household with needs in the first wave, one stays for its needs."""
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE assignment SET wave = 2 WHERE household_id IN"
            " (SELECT id FROM household WHERE source_key = 'h2')"
        )
        tx.execute(
            "UPDATE assignment SET reason = 'no_accessible_shelter', detail = NULL"
            " WHERE shelter_id IS NULL"
        )
        tx.execute("UPDATE plan SET totals = CAST(:totals AS jsonb)", totals=json.dumps(TOTALS))
        tx.execute(
            "INSERT INTO plan_way (plan_id, area_code, shelter_id, household_id, seconds, metres,"
            " steps, geom) SELECT DISTINCT ON (a.area_code) a.plan_id, a.area_code, a.shelter_id,"
            " a.household_id, a.seconds, a.metres, '[]', r.geom FROM assignment a JOIN route r"
            " USING (plan_id, household_id) ORDER BY a.area_code, a.household_id"
        )
        found = tx.value("SELECT id FROM plan")
        plan_order.seal(tx, found)
        return found


def rows_of(client, plan_id):
    answer = client.get(f"/api/plans/{plan_id}/assignments")
    assert answer.status_code == 200
    return answer.get_json()["rows"]


@pytest.mark.parametrize("name", MAY_NOT)
def test_neither_wave_nor_reason_tells_who_has_needs(browser, plan_id, name):
    rows = rows_of(browser(name), plan_id)
    assert len(rows) == 3
    assert {row["wave"] for row in rows} == {None}
    assert {row["reason"] for row in rows} == {None, "no_shelter"}
    ways = browser(name).get(f"/api/plans/{plan_id}/routes").get_json()["features"]
    assert ways
    assert {way["properties"]["wave"] for way in ways} == {None}


def test_who_may_read_needs_reads_waves(browser, plan_id):
    rows = rows_of(browser("officer"), plan_id)
    assert {row["wave"] for row in rows} == {1, 2, None}
    assert "no_accessible_shelter" in {row["reason"] for row in rows}
    ways = browser("officer").get(f"/api/plans/{plan_id}/routes").get_json()["features"]
    assert 1 in {way["properties"]["wave"] for way in ways}


@pytest.mark.parametrize("name", MAY_NOT)
def test_sums_of_a_plan_tell_no_needs(browser, plan_id, name):
    """A grid may have one affected door, and a plan one reason."""
    client = browser(name)
    plan = client.get(f"/api/plans/{plan_id}").get_json()
    assert {zone["with_needs"] for zone in plan["zones"]} == {None}
    assert {zone["wave"] for zone in plan["zones"]} == {None}
    assert {each["reason"] for each in plan["unserved"]} == {"no_shelter"}
    listed = client.get("/api/plans").get_json()
    for totals in (plan["totals"], *(each["totals"] for each in listed)):
        assert not {"needs", "waves"} & set(totals)
        assert totals["reasons"] == {"no_shelter": {"households": 2, "people": 7}}
    page = client.get("/plans", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "cannot_walk" not in page


def test_who_may_read_needs_reads_their_sums(browser, plan_id):
    plan = browser("officer").get(f"/api/plans/{plan_id}").get_json()
    assert sum(zone["with_needs"] for zone in plan["zones"]) > 0
    assert {zone["wave"] for zone in plan["zones"]} & {1, 2}
    assert {each["reason"] for each in plan["unserved"]} == {"no_accessible_shelter"}
    assert {"needs", "waves"} <= set(plan["totals"])


def test_a_shape_drawn_around_one_door_tells_no_needs(browser, store, plan_id):
    with store.transaction(system_scope()) as tx:
        lon, lat = tx.one(
            "SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat FROM household"
            " WHERE id IN (SELECT household_id FROM household_need) AND geom IS NOT NULL LIMIT 1"
        ).values()
    edge = 0.0001
    ring = [
        [lon - edge, lat - edge],
        [lon + edge, lat - edge],
        [lon + edge, lat + edge],
        [lon - edge, lat + edge],
        [lon - edge, lat - edge],
    ]
    shape = {"geometry": {"type": "Polygon", "coordinates": [ring]}}
    seen = post(browser("officer"), "/api/hazards/preview", shape).get_json()
    assert seen["with_needs"] > 0
    masked = post(browser("commander"), "/api/hazards/preview", shape).get_json()
    assert masked["with_needs"] is None
    assert masked["households"] == seen["households"]


def test_a_tag_of_who_may_read_needs_is_not_that_of_who_may_not(browser, plan_id):
    """The two answers differ, and so must their tags."""
    address = f"/api/plans/{plan_id}/routes"
    whole = browser("officer").get(address).headers["ETag"]
    answer = browser("planner").get(address, headers={"If-None-Match": whole})
    assert answer.status_code == 200


def test_printed_sheets_hide_them_too(browser, plan_id):
    whole = browser("officer").get(f"/plans/{plan_id}/print").get_data(as_text=True)
    masked = browser("commander").get(f"/plans/{plan_id}/print").get_data(as_text=True)
    assert "没有无障碍的安置点" in whole
    assert "没有无障碍的安置点" not in masked
    assert '<td class="n">2</td><td class="c">' in whole  # the wave, before the first box to tick
    assert '<td class="n">2</td><td class="c">' not in masked


def test_a_program_fetches_no_sheets_beyond_its_token(store, browser, plan_id):
    officer = browser("officer")
    asked = post(officer, f"/api/plans/{plan_id}/sheets", {}).get_json()
    work(store, asked["job"])
    looks = bearer(officer, ["plan.view"])
    reads = bearer(officer, ["plan.view", "household.personal"])
    program = officer.application.test_client()
    assert program.get(asked["file"], headers=looks).status_code == 404
    assert program.get(asked["file"], headers=reads).status_code == 200
    assert officer.get(asked["file"]).status_code == 200


def test_sheets_of_an_emergency_are_gone_with_it(store, people, browser, plan_id):
    with store.transaction(system_scope()) as tx:
        hazard = tx.value("SELECT id FROM hazard WHERE area_code = :area", area=COUNTY)
        account = dict(tx.one("SELECT * FROM app_user WHERE id = :id", id=people["commander"]))
    person = viewer_of(account, [{"role": "commander", "area_code": COUNTY}])
    opened = break_glass.open_area(
        store,
        person,
        None,
        hazard_id=hazard,
        area_code=LAKE,
        reason="water rises in the whole township",
    )
    commander = browser("commander")
    asked = post(commander, f"/api/plans/{plan_id}/sheets", {}).get_json()
    work(store, asked["job"])
    assert commander.get(asked["file"]).status_code == 200
    break_glass.close_area(store, person, None, opened["id"])
    assert commander.get(asked["file"]).status_code == 404


@pytest.mark.parametrize("name", ["member", *MAY_NOT])
def test_that_somebody_was_visited_is_for_those_who_read_needs(store, people, browser, name):
    with store.transaction(Scope((COUNTY,), people["member"])) as tx:
        household = tx.value("SELECT id FROM household WHERE source_key = 'h1'")
        tx.execute(
            "INSERT INTO household_fact (household_id, area_code, field, seen_at, user_id, source)"
            " SELECT id, area_code, 'people', now(), :member, 'visit' FROM household"
            " WHERE id = :id ON CONFLICT DO NOTHING",
            id=household,
            member=people["member"],
        )
    facts = browser(name).get(f"/api/households/{household}").get_json()["facts"]
    told = {fact["source"] for fact in facts} | {fact["seen_by"] for fact in facts}
    assert (told != {None}) == (name == "member")
    assert any(fact["seen_at"] for fact in facts) == (name == "member")
