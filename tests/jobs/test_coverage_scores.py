"""Catchment scores beside coverage: computed with a run, summed by area, kept current."""

import math
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from lattice import COUNTY, SIZE, SOUTH, STEP, WEST

from gridmap.model.access import Scope, system_scope
from gridmap.model.coverage_seeds import SEEDS
from gridmap.services import coverage, coverage_readings, coverage_refresh, network_folder
from gridmap.services import jobs as service
from gridmap.store import coverage_standards, tile
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))
COMMUNITY = f"{COUNTY}001001"
GRID = f"{COMMUNITY}001"
SCORES = (
    "SELECT r.household_id AS id, r.area_code AS code, r.score, h.people, r.covered"
    " FROM coverage_result AS r JOIN household AS h ON h.id = r.household_id"
    " WHERE run_id = :run ORDER BY 1"
)


def change(store: Database, sql: str) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute(sql)


def rows(store: Database, run: int) -> list[Any]:
    with store.transaction(system_scope()) as tx:
        return tx.all(SCORES, run=run)


def done(store: Database, key: str = "shelter", area: str = COUNTY) -> tuple[int, dict[str, Any]]:
    job_id = coverage.request(store, SCOPE, key, area)
    work(store, job_id)
    found = service.show(store, SCOPE, job_id)
    assert found["state"] == "done", found["error"]
    run = int(found["result"]["run"])
    return run, dict(coverage.show(store, SCOPE, run)["totals"])


def mean_of(members: list[Any]) -> float:
    return math.fsum(row["score"] * row["people"] for row in members) / people_of(members)


def people_of(members: list[Any]) -> int:
    return sum(row["people"] for row in members)


@pytest.fixture
def grids(store: Database) -> Database:
    """Every third household is in a grid, the others in none."""
    change(store, f"UPDATE household SET area_code = '{GRID}' WHERE id % 3 = 0")
    return store


def test_the_people_get_what_there_is_and_the_sums_are_theirs(grids: Database) -> None:
    change(
        grids,
        "UPDATE shelter SET capacity = CASE WHEN facility_id = (SELECT min(facility_id)"
        " FROM shelter) THEN 850 ELSE 50 END",
    )
    run, totals = done(grids)
    found = rows(grids, run)
    assert all(row["score"] is not None for row in found)
    assert any(row["score"] == 0 for row in found)  # too far from both
    # both shelters have somebody in reach: all of their room is shared out
    assert mean_of(found) * people_of(found) == pytest.approx(900, rel=1e-5)
    said = totals["scores"]
    assert said["mean"] == pytest.approx(mean_of(found), rel=1e-5)
    low = [row for row in found if row["score"] < said["mean"] / 2]
    assert 0 < len(low) < len(found)
    assert any(row["score"] > said["mean"] / 4 for row in low)
    assert (said["people"], said["low_people"]) == (people_of(found), people_of(low))
    assert (said["supply"], said["unknown"], said["weights"]) == ("capacity", 0, [1, 0.68, 0.22])
    by_code = defaultdict(list)
    for row in found:
        by_code[row["code"]].append(row)
    shown = {row["code"]: row for row in coverage_readings.by_grid(grids, SCOPE, run, None)}
    assert set(shown) == {GRID, COMMUNITY}
    for code, row in shown.items():
        members = by_code[code]
        assert row["score"] == pytest.approx(mean_of(members), rel=1e-5)
        assert row["score_people"] == people_of(members)
        assert row["score_low"] == people_of([row for row in members if row in low])
    (area,) = coverage_readings.by_area(grids, SCOPE, run, "community", "zh", [])
    assert area["score"] == pytest.approx(said["mean"])
    assert (area["score_people"], area["score_low"]) == (said["people"], said["low_people"])


def test_where_no_facility_says_what_it_takes_each_counts_as_one(store: Database) -> None:
    change(store, "UPDATE facility SET kind = 'clinic' WHERE kind = 'fire_station'")
    run, totals = done(store, "clinic")
    found = rows(store, run)
    assert (totals["scores"]["supply"], totals["scores"]["unknown"]) == ("facilities", 0)
    assert mean_of(found) * people_of(found) == pytest.approx(1, rel=1e-5)
    assert {row["covered"] for row in found} == {True, False}
    # a score is more than nothing exactly where one is within the limit
    assert all((row["score"] > 0) == row["covered"] for row in found)
    change(
        store,
        "INSERT INTO facility (area_code, source_key, kind, geom, capacity) SELECT area_code, 'c2',"
        " 'clinic', geom, 30 FROM facility WHERE source_key = 's1'",
    )
    run, totals = done(store, "clinic")
    assert (totals["scores"]["supply"], totals["scores"]["unknown"]) == ("capacity", 1)
    found = rows(store, run)
    assert mean_of(found) * people_of(found) == pytest.approx(30, rel=1e-5)


def test_only_standards_that_ask_for_it_and_only_whole_counties(store: Database) -> None:
    for key, area in (("fire", COUNTY), ("shelter", f"{COUNTY}001")):
        run, totals = done(store, key, area)
        assert "scores" not in totals
        assert {row["score"] for row in rows(store, run)} == {None}
        (shown,) = coverage_readings.by_grid(store, SCOPE, run, None)
        assert (shown["score"], shown["score_people"], shown["score_low"]) == (None, None, None)


def test_nobody_and_nothing(store: Database) -> None:
    change(store, "UPDATE shelter SET capacity = 0")
    _, totals = done(store)
    assert (totals["scores"]["mean"], totals["scores"]["low_people"]) == (0, 0)
    change(store, "DELETE FROM facility WHERE kind = 'shelter'")
    _, totals = done(store)
    assert (totals["scores"]["mean"], totals["no_facility"]) == (0, True)
    change(store, "DELETE FROM household")
    _, totals = done(store)
    assert (totals["scores"]["mean"], totals["scores"]["people"]) == (None, 0)


def test_one_who_has_it_all_to_himself_breaks_nothing(store: Database) -> None:
    (shelter,) = (one for one in SEEDS if one.key == "shelter")
    with store.transaction(system_scope()) as tx:
        assert coverage_standards.insert(tx, COUNTY, 2, replace(shelter, scores="sharp"))
    done(store)
    change(store, "UPDATE household SET people = 0")
    change(
        store,
        "UPDATE household SET people = 1 WHERE id = (SELECT min(household_id) FROM coverage_result"
        " WHERE metres BETWEEN 340 AND 490)",
    )
    change(store, "UPDATE shelter SET capacity = 1000000")
    run, totals = done(store)
    assert (totals["scores"]["people"], totals["scores"]["weights"]) == (1, [1, 0.42, 0.09])
    assert max(row["score"] for row in rows(store, run)) == 1e6


def test_a_refresh_gives_the_scores_of_a_run_from_scratch(store: Database, tmp_path: Path) -> None:
    token = network_folder.FOLDER.set(tmp_path)
    try:
        first, _ = done(store)
        change(store, "UPDATE facility SET open = false WHERE source_key = 's1'")
        with store.transaction(system_scope()) as tx:
            job_id = coverage_refresh.ask(tx, COUNTY)
        work(store, job_id)
        (mended,) = service.show(store, SCOPE, job_id)["result"]["runs"]
        totals = coverage.show(store, SCOPE, mended)["totals"]
        scratch, again = done(store)
    finally:
        network_folder.FOLDER.reset(token)
    assert [dict(row) for row in rows(store, mended)] == [dict(r) for r in rows(store, scratch)]
    assert totals == again
    assert rows(store, mended) != rows(store, first)
    assert again["scores"]["mean"] == pytest.approx(200 / again["people"], rel=1e-5)


def homes_on(store: Database, run: int, zoom: int) -> list[dict[str, Any]]:
    """Give the households of every tile of the town at a zoom."""
    side, edge = 2**zoom, STEP * SIZE

    def down(lat: float) -> int:
        return int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side)

    def across(lon: float) -> int:
        return int((lon + 180) / 360 * side)

    found = []
    for x in range(across(WEST - 0.001), across(WEST + edge) + 1):
        for y in range(down(SOUTH + edge), down(SOUTH - 0.001) + 1):
            with store.transaction(SCOPE) as tx:
                drawn = tile.coverage(tx, tile.Tile(zoom, x, y), run, "metres", 500)
            layers = mapbox_vector_tile.decode(drawn)
            found += [
                one["properties"] for one in layers.get("households", {"features": []})["features"]
            ]
    return found


def test_they_are_on_the_map(store: Database) -> None:
    run, _ = done(store)
    near = {home["id"]: home["score"] for home in homes_on(store, run, 16)}
    assert near == pytest.approx({row["id"]: row["score"] for row in rows(store, run)})
    far = homes_on(store, run, 12)
    assert sum(one["count"] for one in far) == 400
    assert sum(one["people"] * one["score"] for one in far) == pytest.approx(400, rel=1e-5)
    fire, _ = done(store, "fire")
    assert not any("score" in home for home in homes_on(store, fire, 16))
