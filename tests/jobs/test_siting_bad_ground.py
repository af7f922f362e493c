"""Sites are asked for where there is nothing to find: an explicit state with its figures."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from desk import SCOPE, at, execute, sites
from lattice import COUNTY

from gridmap.model.problem import Problem
from gridmap.store.database import Database

pytestmark = pytest.mark.database


def lake(store: Database, shape: Any) -> None:
    execute(
        store,
        "INSERT INTO water (area_code, source_key, geom)"
        " VALUES (:area, 'lake', ST_GeomFromText(:wkt, 4326))",
        area=COUNTY,
        wkt=shape.wkt,
    )


@pytest.mark.parametrize("candidates", ["crossings", "parcels"])
def test_nothing_is_put_into_a_lake(store: Database, candidates: Any) -> None:
    free = sites(store, method="next", limit=150.0, candidates=candidates)
    first = free["sites"][0]["at"]
    shape = shapely.Point(first).buffer(0.003)
    lake(store, shape)
    found = sites(store, method="next", limit=150.0, candidates=candidates)
    assert 0 < found["candidates"]["found"] < free["candidates"]["found"]
    assert found["sites"]
    for site in found["sites"]:
        assert not shape.contains(shapely.Point(site["at"]))


def test_all_of_it_is_a_lake(store: Database) -> None:
    corner, other = at(-30, -30), at(40, 40)
    lake(store, shapely.box(*corner, *other))
    found = sites(store, method="next", limit=150.0)
    assert (found["state"], found["sites"]) == ("no_candidate", [])
    assert found["candidates"]["found"] == 0


@pytest.mark.parametrize("method", ["p_median", "cover_most"])
def test_shelters_without_room(store: Database, method: Any) -> None:
    execute(store, "UPDATE shelter SET capacity = 0")
    execute(store, "UPDATE facility SET capacity = 0 WHERE kind = 'shelter'")
    found = sites(store, "shelter", method=method, count=2, capacity=0)
    assert (found["state"], found["sites"]) == ("no_gain", [])
    assert found["before"]["covered"] == found["after"]["covered"] == 0
    assert found["before"]["by_reason"]["full"] > 0


def test_the_fewest_without_room_reach_nobody(store: Database) -> None:
    execute(store, "UPDATE shelter SET capacity = 0")
    execute(store, "UPDATE facility SET capacity = 0 WHERE kind = 'shelter'")
    found = sites(store, "shelter", method="cover_all", capacity=0)
    assert (found["state"], found["sites"]) == ("no_gain", [])


def test_no_household_has_a_place(store: Database) -> None:
    execute(store, "DELETE FROM household")
    with pytest.raises(Problem, match="no household of area"):
        sites(store, method="next")
    with store.transaction(SCOPE) as tx:
        assert tx.value("SELECT count(*) FROM job") == 0


def test_more_are_wanted_than_there_are_places(store: Database) -> None:
    corner, other = at(-30, -30), at(40, 40)
    hole = shapely.Point(at(6, 6)).buffer(0.0005)
    lake(store, shapely.box(*corner, *other).difference(hole))
    with pytest.raises(AssertionError, match="3 sites are wanted, there are 1 candidates"):
        sites(store, method="cover_most", count=3)
