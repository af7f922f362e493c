"""What-if and sites: answered from a snapshot, equal to the real thing, and nothing is written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from lattice import COUNTY, SOUTH, STEP, WEST

from gridmap.model.access import Scope, system_scope
from gridmap.model.coverage_changes import Addition, Changes, Move
from gridmap.model.coverage_sites import Question
from gridmap.model.problem import Problem
from gridmap.services import coverage, coverage_ground, coverage_sites, coverage_what_if
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))


def at(column: float, row: float) -> tuple[float, float]:
    return WEST + STEP * column, SOUTH + STEP * row


def done(store: Database, number: int) -> dict[str, Any]:
    work(store, number)
    with store.transaction(system_scope()) as tx:
        row = tx.one("SELECT state, error, result FROM job WHERE id = :id", id=number)
    assert row["state"] == "done", row["error"]
    result: dict[str, Any] = row["result"]
    return result


def asked(store: Database, changes: Changes, standard: str = "fire", **more: Any) -> dict[str, Any]:
    return done(store, coverage_what_if.request(store, SCOPE, standard, COUNTY, changes, **more))


def sites(store: Database, standard: str = "fire", **question: Any) -> dict[str, Any]:
    number = coverage_sites.request(store, SCOPE, standard, COUNTY, Question(**question))
    return done(store, number)


def facility(store: Database, key: str) -> int:
    with store.transaction(SCOPE) as tx:
        return int(tx.value("SELECT id FROM facility WHERE source_key = :key", key=key))


def execute(store: Database, sql: str, **values: object) -> int:
    with store.transaction(SCOPE) as tx:
        return tx.execute(sql, **values)


def really(store: Database, standard: str = "fire") -> dict[str, Any]:
    """Run the real analysis and give its totals."""
    result = done(store, coverage.request(store, SCOPE, standard, COUNTY))
    with store.transaction(SCOPE) as tx:
        found: dict[str, Any] = tx.value(
            "SELECT totals FROM coverage_run WHERE id = :id", id=result["run"]
        )
    # a question is answered in the speed band that counts, a run in all of them
    found.pop("bands", None)
    return found


def state(store: Database) -> tuple[Any, ...]:
    """Give every version of a layer, and how many rows each table holds that is no trail."""
    with store.transaction(system_scope()) as tx:
        layers = [dict(row) for row in tx.all("SELECT * FROM layer_version ORDER BY layer")]
        tables = [
            row["relname"]
            for row in tx.all(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind = 'r' AND has_table_privilege(oid, 'SELECT')"
                " AND relname NOT IN ('job', 'event', 'worker_seen') ORDER BY relname"
            )
        ]
        counts = {name: tx.value(f"SELECT count(*) FROM {name}") for name in tables}
        digests = {
            name: tx.value(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} AS t")
            for name in ("facility", "shelter", "road_closure", "hazard", "coverage_standard")
        }
    assert counts["household"] > 0
    return layers, counts, digests


def test_what_if_says_what_the_real_thing_then_gives(store: Database) -> None:
    engine = facility(store, "f")
    line = shapely.LineString([at(2.5, -0.4), at(2.5, 11.4)])
    changes = Changes(closed=(shapely.geometry.mapping(line),), moved=(Move(engine, at(5, 5)),))
    before = really(store)
    held = state(store)
    found = asked(store, changes)
    assert state(store) == held
    assert found["before"] == before
    execute(
        store,
        "UPDATE facility SET geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) WHERE id = :id",
        id=engine,
        lon=at(5, 5)[0],
        lat=at(5, 5)[1],
    )
    execute(
        store,
        "INSERT INTO road_closure (area_code, reason, geom)"
        " VALUES (:area, 'x', ST_GeomFromText(:wkt, 4326))",
        area=COUNTY,
        wkt=line.wkt,
    )
    assert found["after"] == really(store)
    assert found["streets_closed"] > 0
    assert found["what_if"] is True
    assert found["standard"]["key"] == "fire"
    assert found["version"] == found["standard"]["version"]
    assert "facility." in found["input_version"]


def test_every_household_that_changes_is_counted_by_grid_and_named(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = facility(store, "f")
    found = asked(store, Changes(moved=(Move(engine, at(9, 9)),)), limit=120.0)
    rows, counts = found["households"], found["counts"]
    assert counts["lost"] > 0
    assert counts["gained"] > 0
    kinds = pd.Series([row[3] for row in rows]).value_counts().to_dict()
    assert kinds == {name: count for name, count in counts.items() if count}
    change = found["after"]["uncovered"] - found["before"]["uncovered"]
    assert change == counts["lost"] - counts["gained"]
    for name in ("lost", "gained"):
        assert sum(grid[name] for grid in found["grids"]) == counts[name]
    assert sum(grid["households"] for grid in found["grids"]) == found["before"]["households"]
    (mover,) = found["facilities"]
    assert (mover["id"], mover["change"]) == (engine, "moved")
    assert mover["households_after"] == found["after"]["covered"]
    monkeypatch.setattr(coverage_what_if, "MOST_LISTED", 7)
    fewer = asked(store, Changes(moved=(Move(engine, at(9, 9)),)), limit=120.0)
    assert fewer["households"] == rows[:7]
    assert fewer["counts"] == counts
    assert all(row[3] == "lost" for row in rows[:7])


def test_off_takes_all_and_a_new_one_gives_it_back(store: Database) -> None:
    engine = facility(store, "f")
    gone = asked(store, Changes(off=(engine,)))
    assert gone["after"]["covered"] == 0
    assert gone["counts"]["lost"] == gone["before"]["covered"] > 0
    with store.transaction(SCOPE) as tx:
        lon, lat = tx.one(
            "SELECT ST_X(geom) AS x, ST_Y(geom) AS y FROM facility WHERE id = :id", id=engine
        ).values()
    back = asked(store, Changes(off=(engine,), added=(Addition((lon, lat)),)))
    assert back["after"] == back["before"]
    assert back["counts"] == {"lost": 0, "gained": 0, "moved": back["before"]["covered"]}
    added = next(each for each in back["facilities"] if each["change"] == "added")
    assert (added["id"], added["number"]) == (None, 1)
    assert added["households_after"] == back["before"]["covered"]


def test_a_shelter_takes_as_many_as_it_has_room_for(store: Database) -> None:
    execute(store, "DELETE FROM shelter")
    execute(store, "DELETE FROM facility WHERE kind = 'shelter'")
    found = asked(store, Changes(added=(Addition(at(5, 5), 12),)), "shelter", limit=5000.0)
    assert found["before"]["covered"] == 0
    (new,) = found["facilities"]
    assert 0 < new["people_after"] <= 12
    assert found["after"]["by_reason"]["full"] > 0
    with pytest.raises(Problem, match=r"added\.0\.capacity"):
        asked(store, Changes(added=(Addition(at(5, 5)),)), "shelter")


def test_a_bridge_stays_open_unless_bridges_are_named(store: Database) -> None:
    execute(store, "UPDATE road SET bridge = true")
    line = shapely.geometry.mapping(shapely.LineString([at(0.5, 0.5), at(1.5, 0.5)]))
    stays = asked(store, Changes(closed=(line,)))
    assert stays["streets_closed"] == 0
    assert stays["after"] == stays["before"]
    assert stays["counts"] == {"lost": 0, "gained": 0, "moved": 0}
    assert asked(store, Changes(closed=(line,), bridges=True))["streets_closed"] > 0


REFUSED: list[tuple[str, Changes, str]] = [
    ("nothing", Changes(), "nothing would change"),
    ("stranger", Changes(off=(999_999,)), "there is no facility 999999"),
    ("outside", Changes(added=(Addition((WEST + 1.0, SOUTH)),)), "added.0.at: outside"),
    (
        "closed elsewhere",
        Changes(closed=({"type": "Point", "coordinates": [WEST + 1, SOUTH]},)),
        "closed.0: outside",
    ),
    ("lake", Changes(added=(Addition(at(8.5, 2.5)),)), "added.0.at: this is in water"),
]


@pytest.mark.parametrize(("name", "changes", "words"), REFUSED, ids=[one[0] for one in REFUSED])
def test_what_nobody_can_mean_is_refused(
    store: Database, name: str, changes: Changes, words: str
) -> None:
    execute(
        store,
        "INSERT INTO water (area_code, source_key, geom) VALUES (:area, 'w',"
        " ST_MakeEnvelope(:west, :south, :east, :north, 4326))",
        area=COUNTY,
        west=at(8.2, 2.2)[0],
        south=at(8.2, 2.2)[1],
        east=at(8.8, 2.8)[0],
        north=at(8.8, 2.8)[1],
    )
    with pytest.raises(Problem, match=words) as refused:
        asked(store, changes)
    assert refused.value.status == 400
    with store.transaction(SCOPE) as tx:
        assert tx.value("SELECT count(*) FROM job") == 0


def test_more_that_nobody_can_mean(store: Database) -> None:
    engine = facility(store, "f")
    here = Changes(off=(engine,))
    with pytest.raises(Problem, match="named twice"):
        asked(store, Changes(off=(engine, engine)))
    with pytest.raises(Problem, match=r"no facility .* of this standard"):
        asked(store, Changes(off=(facility(store, "s1"),)))
    with store.transaction(SCOPE) as tx:
        lon, lat = tx.one(
            "SELECT ST_X(geom) AS x, ST_Y(geom) AS y FROM facility WHERE id = :id", id=engine
        ).values()
    with pytest.raises(Problem, match="stands there already"):
        asked(store, Changes(moved=(Move(engine, (lon, lat)),)))
    for limit in (0.0, -1.0, 1e9, float("nan")):
        with pytest.raises(Problem, match="limit"):
            asked(store, here, limit=limit)
    with pytest.raises(Problem, match="coverage standard nothing"):
        asked(store, here, "nothing")
    with pytest.raises(Problem, match="area 990199"):
        coverage_what_if.request(store, SCOPE, "fire", "990199", here)
    with pytest.raises(Problem, match="grid 990101001001777"):
        coverage_what_if.request(store, SCOPE, "fire", "990101001001777", here)
    with pytest.raises(Problem, match="area 990101"):
        coverage_what_if.request(store, Scope(("990102",)), "fire", COUNTY, here)
    execute(store, "DELETE FROM household")
    with pytest.raises(Problem, match="no household"):
        asked(store, here)


# ---- sites


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
