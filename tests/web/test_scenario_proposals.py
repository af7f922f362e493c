"""Proposals of a worker, taken in part or whole, and undone like anything else."""

import lattice_town as town
import pytest
import shapely
from scenario_steps import done, opened, operate, shapes
from webtown import post

from jobs.run import work

ONE, TWO, THREE, FOUR = (town.key(number) for number in range(1, 5))


@pytest.fixture(scope="module", autouse=True)
def built(store, people):
    town.build(store, extra=9)


@pytest.fixture
def address(browser):
    return opened(browser("planner"), town.CODE)


def proposed(client, store, address, kind, **fields):
    """Ask for a proposal, have it made by the code a worker runs, and give it."""
    answer = post(client, f"{address}/proposals", {"kind": kind, **fields})
    assert answer.status_code == 202, answer.get_json()
    work(store, answer.get_json()["job"])
    found = client.get(f"{address}/proposals/{answer.get_json()['id']}").get_json()
    assert found["state"] == "ready", found
    return found


def take(client, address, proposal, base, steps=None):
    wanted = {"base": base} | ({} if steps is None else {"steps": steps})
    return post(client, f"{address}/proposals/{proposal['id']}/take", wanted)


def households(client, address):
    found = client.get(f"{address}/grids").get_json()["features"]
    return {each["id"]: each["properties"]["households"] for each in found}


def test_rebalancing_moves_as_few_households_as_can_be(browser, store, address):
    planner = browser("planner")
    start = shapes(planner, address)
    assert households(planner, address)[ONE] == 27
    found = proposed(planner, store, address, "rebalance")
    # the estate's block is one of its buildings' blocks: 6 more than fit have to go
    figures = found["figures"]
    assert figures["proven"]
    assert figures["households_moved"] == figures["bound"] >= 6
    assert figures["outside"] == 0
    after = {each["key"]: each["after"]["households"] for each in found["grids"]}
    assert all(town.MINIMUM <= count <= town.MAXIMUM for count in after.values())
    answer = take(planner, address, found, 0)
    assert answer.status_code == 200, answer.get_json()
    told = answer.get_json()
    assert told["refused"] == []
    assert told["taken"] == [step["n"] for step in found["steps"]]
    counted = households(planner, address)
    assert {key: counted[key] for key in after} == after
    assert sum(counted.values()) == 36 * town.PER_BLOCK + 9
    again = planner.get(f"{address}/proposals/{found['id']}").get_json()
    assert {step["state"] for step in again["steps"]} == {"taken"}
    for version in range(told["version"], told["version"] + len(found["steps"])):
        done(planner, address, version, "undo")
    assert shapes(planner, address) == start
    back = planner.get(f"{address}/proposals/{found['id']}").get_json()
    assert "taken" not in {step["state"] for step in back["steps"]}


def test_a_member_resigns_and_the_neighbours_share_the_grid(browser, store, address):
    planner = browser("planner")
    found = proposed(planner, store, address, "resign", grid=TWO)
    assert {step["from"] for step in found["steps"]} >= {TWO}
    last = [step for step in found["steps"] if step["kind"] == "merge"]
    assert [step["from"] for step in last] == [TWO]
    # five grids cannot hold 117 households in 21 each: it says so
    assert found["figures"]["outside"] == 117 - 5 * town.MAXIMUM
    assert found["figures"]["reason"] == "rules_cannot_be_kept"
    told = take(planner, address, found, 0).get_json()
    assert told["refused"] == []
    counted = households(planner, address)
    assert TWO not in counted
    assert sum(counted.values()) == 117
    faults = planner.get(f"{address}/grids").get_json()["faults"]
    assert not [each for each in faults if each["severity"] == "error"]


def test_a_grid_goes_to_whom_is_named(browser, store, address):
    planner = browser("planner")
    found = proposed(planner, store, address, "resign", grid=TWO, to=THREE)
    assert [(step["kind"], step["from"], step["to"]) for step in found["steps"]] == [
        ("merge", TWO, THREE)
    ]
    take(planner, address, found, 0)
    assert households(planner, address)[THREE] == 36


def test_an_estate_gets_room_in_a_grid_of_its_own_if_it_must(browser, store, address):
    planner = browser("planner")
    # with five grids there is no room for 117 households; with a sixth there is
    done(planner, address, 0, "merge", grids=[ONE, TWO])
    found = proposed(planner, store, address, "absorb", grids=[ONE])
    assert found["figures"]["outside"] == 0, found["figures"]
    assert "split" in {step["kind"] for step in found["steps"]}
    told = take(planner, address, found, 1).get_json()
    assert told["refused"] == [], told["refused"]
    counted = households(planner, address)
    assert any(key.startswith("n") for key in counted)
    assert all(town.MINIMUM <= count <= town.MAXIMUM for count in counted.values()), counted


def test_a_community_is_drawn_anew_as_one_operation(browser, store, address):
    planner = browser("planner")
    start = shapes(planner, address)
    found = proposed(planner, store, address, "redraw", community=town.CODE, seed=1)
    assert [step["kind"] for step in found["steps"]] == ["redraw"]
    (step,) = found["steps"]
    drawn = {each["key"]: shapely.geometry.shape(each["geometry"]) for each in step["shapes"]}
    assert drawn.keys() == {each["key"] for each in found["grids"] if each["after"]}
    # what moves is shown apart from what stays
    moves = shapely.geometry.shape(step["geometry"]).area
    assert 0 < moves < sum(shape.area for shape in drawn.values())
    told = take(planner, address, found, 0).get_json()
    assert told["refused"] == [], told["refused"]
    assert told["version"] == 1
    assert shapes(planner, address) != start
    assert sum(households(planner, address).values()) == 117
    faults = planner.get(f"{address}/grids").get_json()["faults"]
    assert not [each for each in faults if each["severity"] == "error"]
    done(planner, address, 1, "undo")
    assert shapes(planner, address) == start


def test_part_of_a_proposal_and_what_others_change_meanwhile(browser, store, address):
    planner, lead = browser("planner"), browser("lead")
    found = proposed(planner, store, address, "rebalance")
    first = found["steps"][0]
    told = take(planner, address, found, 0, [first["n"]]).get_json()
    assert told["taken"] == [first["n"]]
    twice = take(planner, address, found, 1, [first["n"]])
    assert twice.status_code == 400
    assert take(planner, address, found, 1, [999]).status_code == 400
    done(planner, address, 1, "undo")
    # the other renames the grid that would give: the planner has not seen that
    done(lead, address, 2, "rename", grid=first["from"], name="别的")
    late = take(planner, address, found, 2, [first["n"]])
    assert late.status_code == 409
    assert late.get_json()["by"][0]["by"]["name"] == "Lead"
    post(lead, f"{address}/locks", {"grids": [first["to"]]})
    held = take(planner, address, found, 3, [first["n"]])
    assert held.status_code == 409
    assert held.get_json()["locked"][0]["grid"] == first["to"]
    post(lead, f"{address}/locks", {"grids": []})
    assert take(planner, address, found, 3, [first["n"]]).status_code == 200


def test_a_merger_of_communities_is_numbered_from_601(browser, store):
    planner = browser("planner")
    address = opened(planner, "990101")
    answer = post(
        planner,
        f"{address}/proposals",
        {"kind": "merge_communities", "communities": ["990101001001", "990101002001"]},
    )
    assert answer.status_code == 400  # of two townships
    assert answer.get_json()["faults"][0]["place"] == "communities"


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"kind": "resign"}, "grid"),
        ({"kind": "resign", "grid": "n99"}, "grid"),
        ({"kind": "resign", "grid": ONE, "to": ONE}, "to"),
        ({"kind": "resign", "grid": ONE, "seed": 1}, "seed"),
        ({"kind": "absorb"}, "grids"),
        ({"kind": "absorb", "grids": [ONE], "buildings": [1]}, "grids"),
        ({"kind": "absorb", "buildings": [10**12]}, "buildings"),
        ({"kind": "redraw", "community": "990101001001"}, "community"),
        ({"kind": "redraw", "community": "990101"}, "community"),
        ({"kind": "redraw", "community": town.CODE, "minimum": 9, "maximum": 3}, "minimum"),
        ({"kind": "rebalance", "grids": ["n5"]}, "grids"),
        ({"kind": "wish"}, "kind"),
    ],
)
def test_proposals_that_are_none(browser, address, fields, place):
    answer = post(browser("planner"), f"{address}/proposals", fields)
    assert answer.status_code == 400, answer.get_json()
    assert answer.get_json()["faults"][0]["place"] == place


def test_a_proposal_is_put_aside_and_is_nobody_elses(browser, store, address):
    planner = browser("planner")
    found = proposed(planner, store, address, "resign", grid=TWO, to=THREE)
    other = opened(planner, town.CODE, "另一个")
    assert planner.get(f"{other}/proposals/{found['id']}").status_code == 404
    assert planner.get(f"{address}/proposals/x").status_code == 400
    aside = post(planner, f"{address}/proposals/{found['id']}/dismiss", {})
    assert aside.get_json()["state"] == "dismissed"
    assert take(planner, address, found, 0).status_code == 409
    listed = planner.get(f"{address}/proposals").get_json()["items"]
    assert [(each["id"], each["state"]) for each in listed] == [(found["id"], "dismissed")]
    assert operate(planner, address, 0, "undo").status_code == 409
    assert browser("officer").get(f"{address}/proposals").status_code == 403
