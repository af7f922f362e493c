"""A merged community drawn anew before it is published: by the streets of both it is made of."""

from __future__ import annotations

import pytest
import two_communities as town
from lattice_town import TOWNSHIP
from merger_steps import errors, features, proposed, take
from scenario_steps import opened
from webtown import post

from gridmap.model.access import system_scope
from gridmap.services.grid_rules import exceptions_of
from gridmap.store import grid, street
from jobs.run import work


@pytest.fixture(scope="module", autouse=True)
def built(store, people):
    town.build(store)


@pytest.fixture
def merged(browser, store):
    """A draft in which both are one."""
    planner = browser("planner")
    address = opened(planner, TOWNSHIP)
    assert take(planner, address, proposed(planner, store, address), 0).status_code == 200
    return address


def test_it_has_the_streets_water_and_buildings_of_both(merged, store):
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO water (area_code, source_key, kind, geom) VALUES ('990101', 'pond',"
            " 'lake', ST_Multi(ST_MakeEnvelope(114.5071, 30.5001, 114.5072, 30.5002, 4326)))"
        )
        tx.execute(
            "INSERT INTO grid_rule (area_code, kind, area_type, smallest, source)"
            " VALUES (:code, 'comprehensive', 'island', 77, '岛')",
            code=town.TWO,
        )
        for of in (street.roads_of, street.water_of, grid.buildings_of):
            both = {*of(tx, town.ONE).index, *of(tx, town.TWO).index}
            found = of(tx, town.MERGED).index.tolist()
            assert both, of
            assert found == sorted(both), of
        assert exceptions_of(tx, town.MERGED).island_source == "岛"


def test_its_borders_follow_the_streets(merged, browser, store):
    planner = browser("planner")
    # into more grids than there are, so that there is something to draw
    wanted = {"kind": "redraw", "community": town.MERGED, "seed": 1, "minimum": 9, "maximum": 14}
    answer = post(planner, f"{merged}/proposals", wanted)
    assert answer.status_code == 202, answer.get_json()
    work(store, answer.get_json()["job"])
    found = planner.get(f"{merged}/proposals/{answer.get_json()['id']}").get_json()
    assert found["state"] == "ready", found
    assert found["figures"]["grids"][1] > 6
    told = take(planner, merged, found, 1)
    assert told.status_code == 200, told.get_json()
    grids = [each["properties"] for each in features(planner, merged)]
    assert {each["community"] for each in grids} == {town.MERGED}
    assert sum(each["households"] for each in grids) == 108
    assert sum(each["along_roads"] for each in grids) / len(grids) > 0.9
    assert errors(planner, merged) == []
