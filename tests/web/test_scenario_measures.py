"""What is measured of the grids of a scenario, live and by a worker; what is wrong with them."""

import pytest
from scenario_steps import COMMUNITY, EAST, WEST, done, line, opened, rows, value

from gridmap.model.access import system_scope
from jobs.run import work

BEND = line((114.41, 30.50), (114.412, 30.51), (114.41, 30.52))


@pytest.fixture
def address(browser):
    return opened(browser("planner"))


def measures(client, address):
    found = client.get(f"{address}/measures").get_json()
    return {each["key"]: each for each in found["items"]}, found


def walked(store, address):
    """Have the ways measured by the code a worker runs."""
    number = address.rsplit("/", 1)[1]
    waiting = rows(
        store,
        "SELECT id FROM job WHERE kind = 'scenarios.walks' AND state = 'queued'"
        f" AND arguments->>'scenario' = '{number}'",
    )
    assert len(waiting) == 1
    work(store, waiting[0]["id"])


def test_workload_follows_the_border(store, browser, address):
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO visit (area_code, household_id, due_on) SELECT area_code, id, current_date"
            " FROM household WHERE source_key IN ('h1', 'h3') AND NOT EXISTS"
            " (SELECT 1 FROM visit AS v WHERE v.household_id = household.id)"
        )
    address = opened(browser("planner"))
    before, _ = measures(browser("planner"), address)
    assert [before[key]["workload"]["visits_due"] for key in (WEST, EAST)] == [1, 1]
    assert before[WEST]["workload"]["incidents_year"] >= 1
    assert before[WEST]["workload"]["doors"] == 2
    arcs = browser("planner").get(f"{address}/arcs").get_json()["features"]
    (arc,) = [each["id"] for each in arcs if each["properties"]["movable"]]
    # nearly everything goes to the west
    over = line((114.41, 30.50), (114.419, 30.505), (114.419, 30.515), (114.41, 30.52))
    answer = done(browser("planner"), address, 0, "move_edge", arc=arc, line=over)
    after = {each["id"]: each["properties"] for each in answer["changed"]["features"]}
    assert after[WEST]["workload"]["visits_due"] == 2
    assert after[EAST]["workload"]["visits_due"] == 0
    assert after[WEST]["workload"]["round_metres"] > before[WEST]["workload"]["round_metres"]
    assert answer["summary"]["visits_due"] == 2
    assert measures(browser("planner"), address)[0][WEST]["workload"] == after[WEST]["workload"]


def test_ways_are_pending_until_a_worker_has_measured_them(store, browser):
    planner = browser("planner")
    address = opened(planner)
    before, found = measures(planner, address)
    assert before[WEST]["walk"] == {"state": "pending"}
    assert found["summary"]["walk_pending"] == 2
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE grid_member SET geom = ST_SetSRID(ST_MakePoint(114.401, 30.51), 4326)"
            f" WHERE area_code = '{WEST}'"
        )
    walked(store, address)
    after, found = measures(planner, address)
    assert found["version"] == 0
    walk = after[WEST]["walk"]
    # 300 m along the street and as far again by the footway, at 5 km/h
    assert walk["state"] == "current"
    assert 150 < walk["farthest_seconds"] < 400
    assert (walk["beyond"], walk["cut_off"]) == (0, 0)
    assert walk["as_of"]
    assert after[EAST]["walk"]["state"] == "none"  # nobody looks after it
    assert found["summary"]["walk_pending"] == 0
    told = value(store, "SELECT count(*) FROM event WHERE kind = 'scenario.measured'")
    assert told >= 1
    # what an operation changes has no old figure, and what it leaves alone keeps its own
    done(planner, address, 0, "rename", grid=EAST, name="东")
    arcs = planner.get(f"{address}/arcs").get_json()["features"]
    (arc,) = [each["id"] for each in arcs if each["properties"]["movable"]]
    answer = done(planner, address, 1, "move_edge", arc=arc, line=BEND)
    assert {each["properties"]["walk"]["state"] for each in answer["changed"]["features"]} == {
        "pending"
    }
    walked(store, address)
    assert measures(planner, address)[0][WEST]["walk"]["state"] == "current"


def test_a_main_road_between_households_is_said(store, browser):
    planner = browser("planner")
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO household (area_code, source_key, address, people, geom, placed_by)"
            f" SELECT '{WEST}', 'south-' || n, '湖边路南' || n || '号', 2,"
            "  ST_SetSRID(ST_MakePoint(114.405 + n * 0.0001, 30.505), 4326), 'building'"
            " FROM generate_series(1, 4) AS n ON CONFLICT DO NOTHING"
        )
    address = opened(planner)
    found, whole = measures(planner, address)
    (cut,) = found[WEST]["cut_by"]
    assert (cut["kind"], cut["name"], cut["households"]) == ("main_road", "湖边路", 2)
    assert cut["metres"] > 800
    assert found[EAST]["cut_by"] == []
    (fault,) = [each for each in whole["faults"] if each["kind"] == "severed"]
    assert fault["grids"] == [WEST]
    assert fault["figures"]["name"] == "湖边路"
    assert fault["point"] is not None


def test_faults_are_numbered_in_the_order_they_are_walked_through(browser, address):
    found = browser("planner").get(f"{address}/grids").get_json()["faults"]
    assert [each["number"] for each in found] == list(range(1, len(found) + 1))
    assert all(each["point"] for each in found)
    undersized = [each["grids"] for each in found if each["kind"] == "undersize"]
    assert undersized == [[WEST], [EAST]]


def test_measures_of_some_and_of_nobody(browser, address):
    planner = browser("planner")
    found = planner.get(f"{address}/measures?grids={EAST}").get_json()
    assert [each["key"] for each in found["items"]] == [EAST]
    assert planner.get(f"{address}/measures?grids=x").get_json()["items"] == []
    assert planner.get("/api/scenarios/999999/measures").status_code == 404
    assert browser("officer").get(f"{address}/measures").status_code == 403
    assert planner.get(address).get_json()["area"] == COMMUNITY
