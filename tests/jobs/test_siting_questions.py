"""Where to add and which one is least missed: equal to brute force, proven, said in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from desk import SCOPE, asked, at, execute, facility, sites, state
from lattice import COUNTY

from gridmap.model.coverage_changes import Addition, Changes
from gridmap.model.coverage_sites import Question
from gridmap.model.problem import Problem
from gridmap.services import coverage_ground, coverage_sites
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database


def brute(store: Database, limit: float) -> tuple[Any, Any, Any]:
    """Give reach of every crossing and of the open station, and people, household by household."""
    with store.transaction(SCOPE, snapshot=True) as tx:
        inputs = coverage_ground.read(tx, "fire", COUNTY, limit)
    streets = coverage_ground.network(inputs)
    nodes = np.flatnonzero(streets.pieces.degree >= 3)
    points = streets.nodes.geometry.iloc[nodes]
    seconds, _ = streets.matrix(points, inputs.households)
    held, _ = streets.matrix(inputs.facilities, inputs.households)
    people = inputs.households["people"].to_numpy()
    return seconds <= limit, (held <= limit).any(axis=0), people


def test_the_next_site_is_the_best_of_all_and_adds_what_it_says(store: Database) -> None:
    limit = 100.0
    held = state(store)
    found = sites(store, method="next", limit=limit)
    assert state(store) == held
    reach, covered, people = brute(store, limit)
    best = (reach & ~covered) @ people
    first, second = found["sites"]
    assert first["people"] == best.max() == found["objective"] == found["bound"]
    assert found["proven"] is True
    assert second["metres_apart"] >= 200
    assert second["people"] <= first["people"]
    assert found["candidates"]["found"] == found["candidates"]["kept"] == len(reach)
    total = found["before"]["households"]
    for site in (first, second):
        assert site["share_before"] == pytest.approx(found["before"]["covered"] / total, abs=1e-6)
        real = asked(store, Changes(added=(Addition(tuple(site["at"])),)), limit=limit)
        assert real["after"] == site["after"]
        assert real["counts"]["gained"] == site["households"]
        # the line around whom it reaches is drawn around just those
        gained = {(x, y) for _, x, y, kind in real["households"] if kind == "gained"}
        assert {tuple(spot) for spot in site["spots"]} == gained
        assert real["after"]["covered"] / total == pytest.approx(site["share_after"], abs=1e-6)


@pytest.mark.parametrize("candidates", ["buildings", "parcels"])
def test_candidates_are_what_is_asked_for(store: Database, candidates: Any) -> None:
    for n, (x, y) in enumerate([(4.4, 4.4), (9.4, 9.4), (2.4, 7.4)]):
        execute(
            store,
            "INSERT INTO building (area_code, source_key, geom) VALUES (:area, :key,"
            " ST_Multi(ST_MakeEnvelope(:west, :south, :east, :north, 4326)))",
            area=COUNTY,
            key=f"b{n}",
            west=at(x, y)[0],
            south=at(x, y)[1],
            east=at(x + 0.2, y)[0],
            north=at(x, y + 0.2)[1],
        )
    found = sites(store, method="next", limit=180.0, candidates=candidates)
    assert found["candidates"]["kind"] == candidates
    # 11 x 11 blocks and the ground around them
    assert found["candidates"]["found"] == {"buildings": 3, "parcels": 122}[candidates]
    assert found["sites"][0]["households"] > 0


def test_so_many_sites_with_their_bound(store: Database) -> None:
    execute(
        store,
        "INSERT INTO household_need (household_id, area_code, kind)"
        " SELECT id, area_code, 'bedridden' FROM household WHERE id % 3 = 0",
    )
    for method in ("p_median", "p_center", "cover_most"):
        for weight in ("people", "households", "needs"):
            found = sites(store, method=method, count=3, weight=weight, limit=100.0)
            assert 1 <= len(found["sites"]) <= 3
            assert found["proven"] is True
            assert found["objective"] == pytest.approx(found["bound"])
            assert [site["number"] for site in found["sites"]] == [1, 2, 3][: len(found["sites"])]
            shares = [site["share_after"] for site in found["sites"]]
            assert shares == sorted(shares)
            assert sum(site["households"] for site in found["sites"]) == (
                found["after"]["covered"] - found["before"]["covered"]
            )
            if (method, weight) == ("cover_most", "people"):
                after = found["after"]
                assert found["objective"] == after["people"] - after["people_uncovered"]


def test_the_fewest_that_reach_everybody(store: Database) -> None:
    found = sites(store, method="cover_all", limit=150.0)
    assert found["after"]["uncovered"] == found["unreached"]["households"] == 0
    assert found["objective"] == len(found["sites"]) + 1  # the station there is
    assert found["proven"] is True


def test_shelters_have_room_and_the_rest_of_the_methods_say_so(store: Database) -> None:
    found = sites(store, "shelter", method="cover_most", count=2, capacity=150, limit=600.0)
    assert 1 <= len(found["sites"]) <= 2
    assert found["after"]["covered"] >= found["before"]["covered"]
    assert found["bound"] >= found["objective"] > 0
    for method in ("next", "least_missed"):
        with pytest.raises(Problem, match="knows no capacities"):
            sites(store, "shelter", method=method)
    with pytest.raises(Problem, match="capacity: a number"):
        sites(store, "shelter", method="cover_most", count=2)


def test_the_least_missed_comes_first_and_loses_what_it_says(store: Database) -> None:
    for key, column, row in (("f2", 1, 2), ("f3", 10, 10)):
        execute(
            store,
            "INSERT INTO facility (area_code, source_key, kind, geom) VALUES (:area, :key,"
            " 'fire_station', ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))",
            area=COUNTY,
            key=key,
            lon=at(column, row)[0],
            lat=at(column, row)[1],
        )
    found = sites(store, method="least_missed", limit=150.0)
    ranked = found["facilities"]
    assert len(ranked) == 3
    assert [each["people"] for each in ranked] == sorted(each["people"] for each in ranked)
    assert ranked[-1]["people"] > 0
    for each in ranked:
        lost = asked(store, Changes(off=(each["id"],)), limit=150.0)
        assert lost["counts"]["lost"] == each["households"]


def test_questions_that_do_not_fit(store: Database) -> None:
    for question, words in (
        ({"method": "cover_all", "count": 3}, "count"),
        ({"method": "next", "count": 1}, "count"),
        ({"method": "p_median"}, "count: must be 1 to 50"),
        ({"method": "p_median", "count": 51}, "count: must be 1 to 50"),
        ({"method": "cover_most", "count": 1, "capacity": 5}, "capacity"),
        ({"method": "next", "limit": -3.0}, "limit"),
    ):
        with pytest.raises(Problem, match=words):
            sites(store, **question)
    with store.transaction(SCOPE) as tx:
        assert tx.value("SELECT count(*) FROM job") == 0


def failed(store: Database, **question: Any) -> str:
    number = coverage_sites.request(store, SCOPE, "fire", COUNTY, Question(**question))
    work(store, number)
    with store.transaction(SCOPE) as tx:
        row = tx.one("SELECT state, error FROM job WHERE id = :id", id=number)
    assert row["state"] == "failed"
    return str(row["error"])


def test_nothing_to_choose_from_is_said_in_words(store: Database) -> None:
    none = sites(store, method="next", candidates="buildings")
    assert (none["state"], none["sites"]) == ("no_candidate", [])
    assert none["candidates"] == {"kind": "buildings", "found": 0, "kept": 0, "spacing": 0}
    assert sites(store, method="next", weight="needs")["state"] == "no_weight"
    assert "there are 0 candidates" in failed(
        store, method="cover_most", count=2, candidates="buildings"
    )
    enough = sites(store, method="next", limit=80_000.0)
    assert (enough["state"], enough["sites"], enough["proven"]) == ("no_gain", [], True)
    execute(store, "DELETE FROM facility WHERE kind = 'fire_station'")
    bare = sites(store, method="least_missed")
    assert (bare["state"], bare["facilities"]) == ("no_facility", [])
    first = sites(store, method="next", limit=100.0)
    assert first["before"]["covered"] == 0
    assert first["sites"][0]["share_before"] == 0
    assert first["sites"][0]["people"] > 0


def test_everything_at_one_point(store: Database) -> None:
    lon, lat = at(6.3, 6.0)
    execute(
        store,
        "UPDATE household SET geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)",
        lon=lon,
        lat=lat,
    )
    execute(
        store,
        "UPDATE facility SET geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)",
        lon=lon,
        lat=lat,
    )
    found = sites(store, method="p_median", count=2)
    assert found["after"]["uncovered"] == 0
    assert asked(store, Changes(off=(facility(store, "f"),)))["after"]["covered"] == 0
