"""Every operation on a scenario with every bad input: refused with its field, kind and place."""

import json
from threading import Barrier, Thread

import pytest
from scenario_bad_cases import CASES, NORTH_END, SOUTH_END
from scenario_steps import EAST, WEST, done, line, opened, operate, shapes
from webtown import COUNTY, post, sign_in, token_of


@pytest.fixture
def desk(browser):
    """A scenario of the county: its address, its blocks by grid, the border in the middle."""
    planner = browser("planner")
    address = opened(planner, COUNTY, "全县")
    blocks = {}
    for each in planner.get(f"{address}/blocks").get_json()["features"]:
        blocks.setdefault(each["properties"]["grid"], []).append(each["id"])
    arcs = planner.get(f"{address}/arcs").get_json()["features"]
    between = {
        frozenset((each["properties"]["left"], each["properties"]["right"])): each["id"]
        for each in arcs
    }
    yield address, blocks, between
    post(planner, f"{address}/discard", {})  # an area has room for fifty open ones


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_done_is_refused_with_its_place(browser, desk, name):
    kind, given, (field, why, where) = CASES[name]
    planner, address = browser("planner"), desk[0]
    start = shapes(planner, address)
    answer = operate(planner, address, 0, kind, **given(desk))
    found = answer.get_json()
    assert answer.status_code == 400, found
    assert found["faults"][0]["place"].split(".")[0] == field, found
    assert found["faults"][0]["message"]
    assert found.get("kind") == why, found
    point = found.get("point")
    assert (point is None) == (where is None), found
    if where:
        assert point == pytest.approx(where, abs=0.006)
        assert found["geometry"] == {"type": "Point", "coordinates": point}
    # and nothing has happened
    after = planner.get(address).get_json()
    assert (after["version"], after["undo"]) == (0, 0)
    assert shapes(planner, address) == start


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1e308", "-1e308"])
@pytest.mark.parametrize("kind", ["move_edge", "split", "move_vertex", "draw_special"])
def test_numbers_that_are_none_are_no_places(browser, desk, kind, number):
    planner, (address, _blocks, between) = browser("planner"), desk
    fields = {
        "move_edge": f'"arc": "{between[frozenset((WEST, EAST))]}", "line": {{"type": "LineString",'
        f' "coordinates": [[114.41, 30.50], [{number}, 30.51], [114.41, 30.52]]}}',
        "split": f'"grid": "{WEST}", "line": {{"type": "LineString",'
        f' "coordinates": [[114.399, 30.51], [{number}, 30.51]]}}',
        "move_vertex": f'"at": [114.41, 30.50], "place": [114.41, {number}]',
        "draw_special": '"name": "x", "special_use": "park", "outline": {"type": "Polygon",'
        f' "coordinates": [[[114.402, 30.502], [{number}, 30.502], [114.404, 30.504],'
        " [114.402, 30.502]]]}",
    }[kind]
    answer = planner.post(
        f"{address}/operations",
        data=f'{{"base": 0, "kind": "{kind}", {fields}}}',
        content_type="application/json",
        headers={"X-CSRFToken": token_of(planner)},
    )
    assert answer.status_code == 400, answer.get_data(as_text=True)
    assert answer.get_json()["faults"]
    assert planner.get(address).get_json()["version"] == 0


def test_a_line_through_a_building_is_told_with_its_place(browser, desk):
    planner, address = browser("planner"), desk[0]
    through = line((114.399, 30.51015), (114.411, 30.51015))
    answer = done(planner, address, 0, "split", grid=WEST, line=through)
    cut = [each for each in answer["faults"] if each["kind"] == "building"]
    assert cut
    assert all(each["point"] == pytest.approx([114.4042, 30.51015], abs=1e-3) for each in cut)
    assert {key for each in cut for key in each["grids"]} == {
        each["id"] for each in answer["changed"]["features"]
    }


def test_a_grid_that_is_not_beside_is_not_joined(browser, desk):
    planner, address = browser("planner"), desk[0]

    def strips():
        """The western grid in its parts, the northernmost last."""
        found = shapes(planner, address)
        mine = [key for key in found if key == WEST or key.startswith("n")]
        return sorted(mine, key=lambda key: _north(found[key]))

    for version, north in enumerate((30.506, 30.513)):
        across = line((114.399, north), (114.411, north))
        done(planner, address, version, "split", grid=strips()[-1], line=across)
    first, _between, last = strips()
    answer = operate(planner, address, 2, "merge", grids=[first, last])
    assert (answer.status_code, answer.get_json()["kind"]) == (400, "apart")
    assert answer.get_json()["point"] == pytest.approx([114.405, 30.51], abs=0.01)


def _north(text):
    return max(lat for _lon, lat in json.loads(text)["coordinates"][0][0])


def test_of_two_at_the_same_border_one_moves_it_and_the_other_is_told_who(app, browser, desk):
    address, _blocks, between = desk
    barrier, answers = Barrier(2), {}
    clients = {}
    for name in ("planner", "lead"):
        clients[name] = app.test_client()
        assert sign_in(clients[name], name).status_code == 303

    def planner(name, bend):
        barrier.wait()
        answers[name] = operate(
            clients[name],
            address,
            0,
            "move_edge",
            arc=between[frozenset((WEST, EAST))],
            line=line(SOUTH_END, (bend, 30.51), NORTH_END),
        )

    threads = [
        Thread(target=planner, args=each) for each in (("planner", 114.412), ("lead", 114.408))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.status_code for each in answers.values()) == [200, 409]
    (winner,) = [name for name, each in answers.items() if each.status_code == 200]
    (late,) = [each.get_json() for each in answers.values() if each.status_code == 409]
    assert late["changed"] == [WEST, EAST]
    users = {each["by"]["id"] for each in late["by"]}
    mine = browser(winner).get(address).get_json()["operations"][0]["by"]["id"]
    assert users == {mine}
    bent = str(114.412 if winner == "planner" else 114.408)
    assert all(
        bent in shape
        for key, shape in shapes(browser("lead"), address).items()
        if key in (WEST, EAST)
    )
