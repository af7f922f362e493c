"""Buildings handed over, vertices moved, members chosen: over HTTP, and back."""

import pytest
from scenario_steps import EAST, WEST, done, line, opened, operate, rows, shapes, value

BOX = "114.40,30.50,114.42,30.52"


@pytest.fixture
def address(browser):
    return opened(browser("planner"))


def refused(client, address, kind, **fields):
    answer = operate(client, address, 0, kind, **fields)
    assert answer.status_code == 400, answer.get_json()
    return answer.get_json()


def test_buildings_are_handed_over_with_their_ground(browser, address):
    planner = browser("planner")
    start = shapes(planner, address)
    found = planner.get(f"{address}/buildings?bbox={BOX}").get_json()["features"]
    (house,) = found
    assert house["properties"] == {
        "grid": WEST,
        "address": "湖边路1号",
        "households": 0,  # the households of this town name no building
        "people": 0,
    }
    answer = done(planner, address, 0, "hand_over", buildings=[house["id"]], to=EAST)
    figures = answer["operation"]["figures"]["households"]
    assert figures == {WEST: [3, 0], EAST: [2, 3]}
    again = planner.get(f"{address}/buildings?bbox={BOX}").get_json()["features"]
    assert again[0]["properties"]["grid"] == EAST
    done(planner, address, 1, "undo")
    assert shapes(planner, address) == start


def test_buildings_that_are_none(browser, store, address):
    planner = browser("planner")
    elsewhere = value(store, "SELECT id FROM building WHERE source_key = 'b2'")
    for fields in (
        {"buildings": [10**12], "to": EAST},
        {"buildings": [elsewhere], "to": EAST},
        {"buildings": [], "to": EAST},
    ):
        found = refused(planner, address, "hand_over", **fields)
        assert found["faults"][0]["place"] in ("buildings", "blocks"), found
    both = refused(planner, address, "hand_over", buildings=[1], blocks=[1], to=EAST)
    assert both["faults"][0]["place"] == "blocks"
    mine = value(store, "SELECT id FROM building WHERE source_key = 'b1'")
    own = refused(planner, address, "hand_over", buildings=[mine], to=WEST)
    assert own["kind"] == "nothing_to_do"
    assert planner.get(f"{address}/buildings").status_code == 400
    assert planner.get(f"/api/scenarios/999999/buildings?bbox={BOX}").status_code == 404


def test_a_vertex_moves_in_both_grids(browser, address):
    planner = browser("planner")
    start = shapes(planner, address)
    arcs = planner.get(f"{address}/arcs").get_json()["features"]
    (arc,) = [each["id"] for each in arcs if each["properties"]["movable"]]
    bend = line((114.41, 30.50), (114.412, 30.51), (114.41, 30.52))
    done(planner, address, 0, "move_edge", arc=arc, line=bend)
    answer = done(planner, address, 1, "move_vertex", at=[114.412, 30.51], place=[114.408, 30.511])
    assert {each["id"] for each in answer["changed"]["features"]} == {WEST, EAST}
    assert "114.408, 30.511" in shapes(planner, address)[WEST]
    assert "114.408, 30.511" in shapes(planner, address)[EAST]
    done(planner, address, 2, "undo")
    done(planner, address, 3, "undo")
    assert shapes(planner, address) == start


def test_vertices_that_stay_are_named_with_their_place(browser, address):
    planner = browser("planner")
    end = refused(planner, address, "move_vertex", at=[114.41, 30.50], place=[114.411, 30.505])
    assert (end["kind"], end["point"]) == ("not_movable", [114.41, 30.50])
    none = refused(planner, address, "move_vertex", at=[114.405, 30.51], place=[114.411, 30.505])
    assert none["kind"] == "no_such_vertex"
    far = refused(planner, address, "move_vertex", at=[114.41, 30.50], place=[14.4, 30.505])
    assert far["faults"][0]["place"] == "place"
    half = refused(planner, address, "move_vertex", at=[114.41, 30.50])
    assert half["faults"][0]["place"] == "place"


def test_a_member_is_chosen_for_a_grid_and_taken_back(browser, store, address):
    planner = browser("planner")
    (member,) = planner.get(f"{address}/members").get_json()["items"]
    assert (member["name"], member["grids"]) == ("周网格", [WEST])

    def of(key):
        found = planner.get(f"{address}/grids").get_json()["features"]
        (mine,) = [each["properties"]["member"] for each in found if each["id"] == key]
        return mine

    assert of(WEST) == {"id": member["id"], "name": "周网格"}
    assert of(EAST) is None
    done(planner, address, 0, "appoint", grid=EAST, member=member["id"])
    assert of(EAST)["name"] == "周网格"
    done(planner, address, 1, "appoint", grid=EAST, member=0)
    assert of(EAST) is None
    done(planner, address, 2, "undo")
    assert of(EAST)["name"] == "周网格"
    nobody = operate(planner, address, 3, "appoint", grid=EAST, member=10**9)
    assert nobody.get_json()["faults"][0]["place"] == "member"
    payload = rows(
        store,
        "SELECT payload::text FROM event WHERE kind = 'scenario.changed' ORDER BY seq DESC LIMIT 2",
    )
    assert "周" not in str(payload)
