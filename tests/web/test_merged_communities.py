"""Two communities made one in a draft: taken, edited like any ground, taken back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import shapely
import two_communities as town
from lattice_town import TOWNSHIP
from merger_steps import communities, errors, everything, features, proposed, take
from scenario_replay import Replay
from scenario_steps import done, opened, operate, rows, shapes, validated
from webtown import post

from gridmap.model.access import Scope
from gridmap.services import papers
from gridmap.services.papers import Wanted

TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module", autouse=True)
def built(store, people):
    town.build(store)


@pytest.fixture
def address(browser):
    return opened(browser("planner"), TOWNSHIP)


def test_a_merger_is_taken_and_taken_back_byte_for_byte(browser, store, address):
    planner = browser("planner")
    start = everything(planner, address)
    found = proposed(planner, store, address)
    assert found["figures"]["code"] == town.MERGED
    assert found["figures"]["name"] == "西东社区"
    assert [(step["kind"], step["state"]) for step in found["steps"]] == [
        ("merge_communities", "open")
    ]
    answer = take(planner, address, found, 0)
    assert answer.status_code == 200, answer.get_json()
    told = answer.get_json()
    assert told["taken"] == [1]
    assert sorted(told["removed"]) == sorted([*town.WEST, *town.EAST])
    assert communities(planner, address) == [town.MERGED]
    grids = features(planner, address)
    assert {each["properties"]["code"] for each in grids} == {None}
    assert {each["properties"]["label"][:4] for each in grids} == {"601-"}
    # ground, households and members are those of before
    ground = sorted(str(each["geometry"]) for each in grids)
    assert ground == sorted(str(each["geometry"]) for each in start[0])
    assert {each["properties"]["member"]["name"] for each in grids} == {
        each["properties"]["member"]["name"] for each in start[0]
    }
    # every block is in a grid, and of the new community
    blocks = [each["properties"] for each in features(planner, address, "blocks")]
    assert {each["community"] for each in blocks} == {town.MERGED}
    assert {each["grid"] for each in blocks} == {each["id"] for each in grids}
    assert errors(planner, address) == []
    done(planner, address, 1, "undo")
    assert everything(planner, address) == start
    assert (
        planner.get(f"{address}/proposals/{found['id']}").get_json()["steps"][0]["state"] == "open"
    )
    done(planner, address, 2, "redo")
    assert communities(planner, address) == [town.MERGED]


def test_what_was_a_border_of_communities_is_moved_like_any_other(browser, store, address):
    planner = browser("planner")

    def between(found):
        return [
            each
            for each in found
            if each["properties"]["right"]
            and each["geometry"]["coordinates"][0][0] > 114.5055
            and each["geometry"]["coordinates"][0][0] < 114.5065
            and each["geometry"]["coordinates"][-1][0] == each["geometry"]["coordinates"][0][0]
        ]

    held = between(features(planner, address, "arcs"))
    assert held
    assert not any(each["properties"]["movable"] for each in held)
    done_ = take(planner, address, proposed(planner, store, address), 0)
    assert done_.status_code == 200
    (arc, *_) = between(features(planner, address, "arcs"))
    assert arc["properties"]["movable"]
    points = arc["geometry"]["coordinates"]
    middle = [points[0][0] + 3e-4, (points[0][1] + points[-1][1]) / 2]
    answer = done(
        planner,
        address,
        1,
        "move_edge",
        arc=arc["id"],
        line={"type": "LineString", "coordinates": [points[0], middle, points[-1]]},
    )
    assert len(answer["changed"]["features"]) == 2
    assert errors(planner, address) == []
    # blocks are handed over across it too
    west, east = arc["properties"]["left"], arc["properties"]["right"]
    blocks = [
        each["id"]
        for each in features(planner, address, "blocks")
        if each["properties"]["grid"] == west
    ]
    handed = operate(planner, address, 2, "hand_over", blocks=blocks[:1], to=east)
    assert handed.status_code in (200, 400), handed.get_json()
    assert "community" not in str(handed.get_json().get("detail", ""))


def test_a_special_grid_lies_across_what_was_a_border(browser, store, address):
    planner = browser("planner")
    across = shapely.geometry.mapping(shapely.box(114.5055, 30.5005, 114.5065, 30.5015))
    wanted = {"name": "跨界园区", "special_use": "park", "outline": across}
    refused = operate(planner, address, 0, "draw_special", **wanted)
    assert refused.status_code == 400
    assert take(planner, address, proposed(planner, store, address), 0).status_code == 200
    drawn = done(planner, address, 1, "draw_special", **wanted)
    (grid,) = drawn["changed"]["features"]
    assert grid["properties"]["community"] == town.MERGED
    assert grid["properties"]["households"] == 8


def test_the_same_communities_get_the_same_code_and_others_another(browser, store, address):
    planner = browser("planner")
    assert take(planner, address, proposed(planner, store, address), 0).status_code == 200
    other = opened(planner, TOWNSHIP, "另一个")
    again = proposed(planner, store, other)
    assert again["figures"]["code"] == town.MERGED
    assert take(planner, other, again, 0).status_code == 200
    kept = rows(store, "SELECT code, communities FROM merged_community ORDER BY code")
    assert [(row["code"], row["communities"]) for row in kept] == [
        (town.MERGED, [town.ONE, town.TWO])
    ]


def test_a_merged_draft_validates(browser, store, address):
    planner = browser("planner")
    assert take(planner, address, proposed(planner, store, address), 0).status_code == 200
    found = validated(planner, store, address)
    assert found["state"] == "valid", found["findings"]
    assert [each for each in found["findings"] if each["severity"] == "error"] == []
    assert shapes(planner, address)


def test_only_what_is_redrawn_changes_its_grid(browser, store, address):
    planner = browser("planner")
    assert take(planner, address, proposed(planner, store, address), 0).status_code == 200
    found = planner.get(f"{address}/compare?with=in-force").get_json()
    # a household in the same ground under another code has not moved
    assert {row["status"] for row in found["grids"]} == {"recoded"}
    assert found["moves"] == []
    assert {row["label_before"][:3] for row in found["grids"]} == {"001", "002"}
    head = planner.get(address).get_json()
    assert head["summary"]["households_moved"] == 0
    (merged,) = head["merged"]
    outline = shapely.geometry.shape(merged.pop("outline"))
    assert merged == {"code": town.MERGED, "name": "西东社区", "communities": [town.ONE, town.TWO]}
    # it is drawn as one: nothing is left of the border that was between them
    assert outline.equals(shapely.box(114.5, 30.5, 114.509, 30.504))
    one = features(planner, address)[0]
    done(planner, address, 1, "split", grid=one["id"], parts=2)
    moved = planner.get(address).get_json()["summary"]["households_moved"]
    assert 0 < moved < one["properties"]["households"]


def test_a_page_that_applies_the_answers_holds_what_is_stored(browser, store, address):
    planner = browser("planner")
    assert take(planner, address, proposed(planner, store, address), 0).status_code == 200
    page = Replay(planner, address)
    # the tenth new grid comes before the second where they are in order
    for key in ("n1", "n2", "n3", "n4", "n5"):
        page.take(done(planner, address, page.version, "split", grid=key, parts=2))
    assert "n11" in page.grids
    assert page.held() == Replay(planner, address).held()


def test_papers_of_the_draft_name_the_pair(browser, store, address):
    planner = browser("planner")
    assert take(planner, address, proposed(planner, store, address), 0).status_code == 200
    scenario = int(address.rpartition("/")[2])
    asked = Wanted(TOWNSHIP, TODAY, datetime.now(UTC), "zh_CN", scenario)
    (community,) = papers.folder(store, Scope((TOWNSHIP,)), asked).communities
    assert (community.code, community.merged_from) == (town.MERGED, ("西社区", "东社区"))


def test_who_has_a_grid_in_hand_keeps_it(browser, store, address):
    planner, lead = browser("planner"), browser("lead")
    found = proposed(planner, store, address)
    post(lead, f"{address}/locks", {"grids": [town.EAST[0]]})
    held = take(planner, address, found, 0)
    assert held.status_code == 409
    assert held.get_json()["locked"][0]["grid"] == town.EAST[0]
    post(lead, f"{address}/locks", {"grids": []})
    done(lead, address, 0, "rename", grid=town.EAST[0], name="别的")
    late = take(planner, address, found, 0)
    assert late.status_code == 409
    assert late.get_json()["changed"] == [town.EAST[0]]
    assert take(planner, address, found, 1).status_code == 200


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"communities": [town.ONE, town.ONE]}, "communities"),
        ({"communities": [town.ONE]}, "communities"),
        ({"communities": [town.ONE, TOWNSHIP + "777"]}, "communities"),
        ({"communities": [town.ONE, town.TWO], "name": "  "}, "name"),
        ({"communities": [town.ONE, town.TWO], "seed": 1}, "seed"),
    ],
)
def test_mergers_that_are_none(browser, address, fields, place):
    wanted = {"kind": "merge_communities", **fields}
    answer = post(browser("planner"), f"{address}/proposals", wanted)
    assert answer.status_code == 400, answer.get_json()
    assert answer.get_json()["faults"][0]["place"] == place
