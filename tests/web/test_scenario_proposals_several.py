"""Proposals about several communities at once, and why one moves nobody: in figures."""

from __future__ import annotations

import lattice_town
import pytest
import two_communities as town
from lattice_town import TOWNSHIP
from merger_steps import errors, features, take
from scenario_steps import done, opened, shapes, validated
from webtown import post

from gridmap.model.access import system_scope
from jobs.run import work


@pytest.fixture(scope="module", autouse=True)
def built(store, people):
    # nine more households than fit live in the first grid of the first community
    town.build(store, extra=9)


@pytest.fixture
def address(browser):
    return opened(browser("planner"), TOWNSHIP)


@pytest.fixture
def rule(store):
    """Give the second community other limits for a test."""

    def put(minimum, maximum):
        with store.transaction(system_scope()) as tx:
            tx.execute(
                "UPDATE grid_rule SET minimum = :low, maximum = :high WHERE area_code = :code",
                low=minimum,
                high=maximum,
                code=town.TWO,
            )

    yield put
    put(lattice_town.MINIMUM, lattice_town.MAXIMUM)


def proposed(client, store, address, **wanted):
    answer = post(client, f"{address}/proposals", wanted)
    assert answer.status_code == 202, answer.get_json()
    work(store, answer.get_json()["job"])
    found = client.get(f"{address}/proposals/{answer.get_json()['id']}").get_json()
    assert found["state"] == "ready", found
    return found


def by_community(found):
    return {each["community"]: each for each in found["figures"]["asked"]}


def test_each_community_is_helped_within_itself(browser, store, address, rule):
    # the second has to move some as well: 18 and 18 into 15 to 20 is kept, after one has given
    planner = browser("planner")
    start = shapes(planner, address)
    grids = {each["id"]: each["properties"] for each in features(planner, address)}
    blocks = [
        each["id"]
        for each in features(planner, address, "blocks")
        if each["properties"]["grid"] == town.EAST[0]
    ]
    done(planner, address, 0, "hand_over", blocks=blocks[:2], to=town.EAST[1])
    found = proposed(planner, store, address, kind="rebalance")
    figures = found["figures"]
    assert figures["proven"]
    assert figures["reason"] is None
    assert figures["households_moved"] == figures["bound"]
    assert {code: each["reason"] for code, each in by_community(found).items()} == {
        town.ONE: None,
        town.TWO: None,
    }
    communities = {key: each["community"] for key, each in grids.items()}
    ends = [(communities[step["from"]], communities[step["to"]]) for step in found["steps"]]
    assert {one for one, _other in ends} == {town.ONE, town.TWO}
    assert all(one == other for one, other in ends)
    # numbered on, and those that a step needs are of its own community
    assert [step["n"] for step in found["steps"]] == list(range(1, len(found["steps"]) + 1))
    side = {step["n"]: ends[step["n"] - 1][0] for step in found["steps"]}
    assert all(side[need] == side[step["n"]] for step in found["steps"] for need in step["needs"])
    # the steps of one community alone are taken without the others
    mine = [step["n"] for step in found["steps"] if side[step["n"]] == town.TWO]
    told = post(
        planner, f"{address}/proposals/{found['id']}/take", {"base": 1, "steps": mine}
    ).get_json()
    assert (told["taken"], told["refused"]) == (mine, [])
    rest = take(planner, address, found, told["version"]).get_json()
    assert rest["refused"] == []
    counted = {each["id"]: each["properties"]["households"] for each in features(planner, address)}
    assert all(lattice_town.MINIMUM <= n <= lattice_town.MAXIMUM for n in counted.values())
    assert sum(counted.values()) == 117
    assert errors(planner, address) == []
    assert validated(planner, store, address)["state"] == "valid"
    for version in range(rest["version"], rest["version"] + 1 + len(found["steps"])):
        done(planner, address, version, "undo")
    assert shapes(planner, address) == start


@pytest.mark.parametrize(
    ("limits", "reason", "outside"), [((19, 21), "too_few", 2), ((10, 17), "too_many", 2)]
)
def test_one_that_cannot_keep_its_rule_says_why(
    browser, store, address, rule, limits, reason, outside
):
    rule(*limits)
    found = proposed(browser("planner"), store, address, kind="rebalance")
    assert found["figures"]["reason"] == "rules_cannot_be_kept"
    assert found["steps"]  # the other one is helped all the same
    asked = by_community(found)
    assert asked[town.ONE]["reason"] is None
    two = asked[town.TWO]
    assert (two["reason"], two["grids"], two["households"]) == (reason, 2, 36)
    assert (two["minimum"], two["maximum"], two["outside"]) == (*limits, outside)
    listed = browser("planner").get(f"{address}/proposals").get_json()["items"]
    assert listed[0]["reason"] == "rules_cannot_be_kept"


def test_nothing_to_do_says_so_with_the_rule(browser, store, address):
    found = proposed(browser("planner"), store, address, kind="rebalance", community=town.TWO)
    assert (found["figures"]["reason"], found["steps"]) == ("nothing_to_do", [])
    assert found["figures"]["households_moved"] == 0
    (asked,) = found["figures"]["asked"]
    assert (asked["grids"], asked["households"], asked["outside"]) == (2, 36, 0)
    assert (asked["minimum"], asked["maximum"]) == (15, 21)


def test_a_redraw_that_changes_nothing_says_so(browser, store, address):
    planner = browser("planner")
    wanted = {"kind": "redraw", "community": town.TWO, "seed": 1}
    found = proposed(planner, store, address, **wanted)
    if found["steps"]:  # the first may move borders, then the second has nothing to do
        assert take(planner, address, found, 0).status_code == 200
        found = proposed(planner, store, address, **wanted)
    assert (found["figures"]["reason"], found["steps"]) == ("nothing_to_do", [])
    assert found["figures"]["asked"][0]["reason"] is None


def test_a_redraw_that_cannot_keep_the_rule_says_why(browser, store, address):
    wanted = {"kind": "redraw", "community": town.TWO, "seed": 1, "minimum": 25, "maximum": 30}
    found = proposed(browser("planner"), store, address, **wanted)
    assert found["figures"]["reason"] == "rules_cannot_be_kept"
    (asked,) = found["figures"]["asked"]
    assert asked["reason"] == "no_count_fits"
    # one grid would have more than 30, two have less than 25
    assert (asked["whole"], asked["fewest"], asked["most"]) == (36, 2, 1)
    assert asked["outside"] > 0


def test_a_border_is_measured_alike_whatever_looks_at_it(browser, store, address):
    """By an operation, whose place has grids of the neighbour, and by a validation."""
    planner = browser("planner")
    (arc,) = [
        each
        for each in features(planner, address, "arcs")
        if {each["properties"]["left"], each["properties"]["right"]} == set(town.EAST)
    ]
    # off the street that it lay on; the border of the community goes on lying on one
    points = arc["geometry"]["coordinates"]
    bent = [points[0], [114.5075, 30.5025], points[-1]]
    done(
        planner,
        address,
        0,
        "move_edge",
        arc=arc["id"],
        line={"type": "LineString", "coordinates": bent},
    )
    names = ("along_roads", "polsby_popper", "reock", "deviation", "walkable")

    def measured():
        grids = [each["properties"] for each in features(planner, address)]
        return {each["key"]: [each[name] for name in names] for each in grids}

    live = measured()
    validated(planner, store, address)
    now = measured()
    assert max(now[key][0] for key in town.EAST) < 0.5
    assert {key: now[key] for key in town.EAST} == {key: live[key] for key in town.EAST}
