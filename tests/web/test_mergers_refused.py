"""Mergers of communities that cannot be: apart from each other, or without a number left."""

from __future__ import annotations

import pytest
import two_communities as town
from lattice_town import TOWNSHIP
from merger_steps import communities, proposed, take
from scenario_steps import opened

from gridmap.model.access import system_scope

FAR, CORNER, BENT = (TOWNSHIP + number for number in ("003", "004", "005"))


@pytest.fixture(scope="module", autouse=True)
def built(store, people):
    """Two that touch, one far south, one that meets the first in a corner, one bent around it."""
    town.build(store)
    with store.transaction(system_scope()) as tx:
        for code, name, (west, south, east, north) in (
            (FAR, "远社区", (114.5, 30.49, 114.503, 30.491)),
            (CORNER, "角社区", (114.497, 30.498, 114.5, 30.5)),
        ):
            tx.execute(
                "INSERT INTO area (code, level, parent_code, name_zh, geom) VALUES (:code,"
                " 'community', :town, :name,"
                " ST_Multi(ST_MakeEnvelope(:west, :south, :east, :north, 4326)))",
                code=code,
                town=TOWNSHIP,
                name=name,
                west=west,
                south=south,
                east=east,
                north=north,
            )
        tx.execute(
            "INSERT INTO area (code, level, parent_code, name_zh, geom) VALUES (:code, 'community',"
            " :town, '弯社区', ST_Multi(ST_GeomFromText('POLYGON((114.498 30.497, 114.512 30.497,"
            " 114.512 30.506, 114.511 30.506, 114.511 30.498, 114.498 30.498, 114.498 30.497))',"
            " 4326)))",
            code=BENT,
            town=TOWNSHIP,
        )


@pytest.fixture
def address(browser):
    return opened(browser("planner"), TOWNSHIP)


@pytest.mark.parametrize(
    ("asked", "ends", "metres", "point"),
    [
        ([town.ONE, FAR], ["西社区", "远社区"], 998, [114.5015, 30.4955]),
        ([town.ONE, town.TWO, FAR], ["西社区", "远社区"], 998, [114.5015, 30.4955]),
        # a corner is no border
        ([town.ONE, CORNER], ["西社区", "角社区"], 0, [114.5, 30.5]),
        # its box lies over the first, its ground two hundred metres away
        ([town.ONE, BENT], ["西社区", "弯社区"], 222, [114.503, 30.499]),
    ],
)
def test_communities_apart_are_refused_by_name_with_the_place(  # noqa: PLR0913, PLR0917
    browser, store, address, asked, ends, metres, point
):
    planner = browser("planner")
    before = communities(planner, address)
    found = proposed(planner, store, address, asked)
    figures = found["figures"]
    assert (figures["reason"], found["steps"]) == ("not_neighbours", [])
    gap = figures["gap"]
    assert [each["name"] for each in gap["communities"]] == ends
    assert gap["metres"] == pytest.approx(metres, abs=5)
    assert gap["point"][1] == pytest.approx(point[1], abs=1e-4)
    assert 114.4999 < gap["point"][0] < 114.504
    refused = take(planner, address, found, 0)
    assert refused.status_code == 409
    assert communities(planner, address) == before


def test_neighbours_have_no_gap(browser, store, address):
    found = proposed(browser("planner"), store, address)
    assert (found["figures"]["reason"], found["figures"]["gap"]) == (None, None)


def test_a_township_without_a_number_left_says_so(browser, store, address):
    """The last: it uses them up."""
    planner = browser("planner")
    before = proposed(planner, store, address)
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO merged_community (code, name_zh, communities)"
            " VALUES (:code, '末', ARRAY['x', 'y'])",
            code=TOWNSHIP + "999",
        )
    found = proposed(planner, store, address)
    assert (found["figures"]["reason"], found["steps"]) == ("numbers_used", [])
    # one that was proposed while there was a number
    late = take(planner, address, before, 0)
    assert late.status_code == 409
    assert TOWNSHIP in late.get_json()["detail"]
    assert "编号" in late.get_json()["detail"]
    assert communities(planner, address) == sorted([town.ONE, town.TWO, FAR, CORNER, BENT])
