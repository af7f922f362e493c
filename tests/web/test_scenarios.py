"""Scenarios over HTTP: opened, edited, undone, refused; other areas are not there."""

import json

from webtown import post

COMMUNITY = "990101001001"
WEST, EAST = COMMUNITY + "001", COMMUNITY + "002"


def opened(client, area=COMMUNITY, name="方案"):
    answer = post(client, "/api/scenarios", {"area": area, "name": name})
    assert answer.status_code == 201, answer.get_json()
    return f"/api/scenarios/{answer.get_json()['id']}"


def operate(client, address, base, kind, **fields):
    return post(client, f"{address}/operations", {"base": base, "kind": kind, **fields})


def shapes(client, address):
    found = client.get(f"{address}/grids").get_json()["features"]
    return {each["id"]: json.dumps(each["geometry"]) for each in found}


def test_scenario_copies_the_grids_in_force(browser):
    planner = browser("planner")
    address = opened(planner)
    found = planner.get(address)
    assert found.headers["ETag"] == '"0"'
    scenario = found.get_json()
    assert (scenario["state"], scenario["version"], scenario["area_name"]) == ("open", 0, "湖一")
    assert (scenario["minimum"], scenario["maximum"]) == (300, 500)
    assert scenario["can"] == ["edit", "validate", "discard"]
    assert scenario["summary"]["grids"] == 2
    assert scenario["bounds"] == [114.40, 30.50, 114.42, 30.52]
    grids = planner.get(f"{address}/grids").get_json()
    assert [each["id"] for each in grids["features"]] == [WEST, EAST]
    assert grids["features"][0]["properties"]["label"] == "001-001"
    assert grids["version"] == 0
    arcs = planner.get(f"{address}/arcs").get_json()["features"]
    sides = {(a["properties"]["left"], a["properties"]["right"]) for a in arcs}
    assert sides == {(WEST, EAST), (WEST, None), (EAST, None)}
    blocks = planner.get(f"{address}/blocks").get_json()["features"]
    assert {block["properties"]["grid"] for block in blocks} == {WEST, EAST}
    assert sum(block["properties"]["households"] for block in blocks) == 3


def test_every_operation_and_back(browser):
    planner = browser("planner")
    address = opened(planner)
    start = shapes(planner, address)
    arcs = planner.get(f"{address}/arcs").get_json()["features"]
    (arc,) = [each for each in arcs if each["properties"]["movable"]]
    line = {
        "type": "LineString",
        "coordinates": [[114.41, 30.50], [114.412, 30.51], [114.41, 30.52]],
    }
    moved = operate(planner, address, 0, "move_edge", arc=arc["id"], line=line)
    assert moved.status_code == 200, moved.get_json()
    found = moved.get_json()
    assert found["version"] == 1
    assert {each["id"] for each in found["changed"]["features"]} == {WEST, EAST}
    assert found["removed_arcs"] == sorted(
        each["id"] for each in arcs if each["id"] in found["removed_arcs"]
    )
    assert arc["id"] in found["removed_arcs"]
    cut = {"type": "LineString", "coordinates": [[114.40, 30.512], [114.42, 30.512]]}
    split = operate(planner, address, 1, "split", grid=WEST, line=cut).get_json()
    assert {each["id"] for each in split["changed"]["features"]} == {WEST, "n1"}
    assert split["summary"]["grids"] == 3
    merged = operate(planner, address, 2, "merge", grids=[EAST, "n1"]).get_json()
    assert merged["removed"] == ["n1"]
    blocks = planner.get(f"{address}/blocks").get_json()["features"]
    mine = [block["id"] for block in blocks if block["properties"]["grid"] == WEST]
    assert mine
    renamed = operate(planner, address, 3, "rename", grid=WEST, name="湖西").get_json()
    assert renamed["undo"] == 4
    for version in range(4, 8):
        back = operate(planner, address, version, "undo").get_json()
    assert (back["undo"], back["redo"]) == (0, 4)
    assert shapes(planner, address) == start
    assert operate(planner, address, 8, "undo").status_code == 409
    forth = operate(planner, address, 8, "redo").get_json()
    assert forth["version"] == 9
    assert shapes(planner, address) != start
    # something new cuts off what was undone
    operate(planner, address, 9, "rename", grid=WEST, name="西")
    assert operate(planner, address, 10, "redo").status_code == 409
