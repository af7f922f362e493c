"""The newest runs are found by the index, and are the newest."""

import json
from typing import Any

import pytest
from townships import COUNTY

from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage_standards
from gridmap.store import coverage, coverage_followed, coverage_newest
from gridmap.store.database import Database

pytestmark = pytest.mark.database
TOWNSHIP = f"{COUNTY}001"
BY_SORTING = (
    "SELECT DISTINCT ON (area_code, standard_key) id FROM coverage_run"
    " ORDER BY area_code, standard_key, id DESC"
)


@pytest.fixture
def many(store: Database) -> Database:
    """Give a county of many runs, written in no order."""
    with store.transaction(system_scope()) as tx:
        coverage_standards.seed(tx, COUNTY)
        assert coverage.counties(tx) == []
        tx.execute(
            "INSERT INTO coverage_run (area_code, standard_key, standard, input_version)"
            " SELECT area, key, '{}', 'road.1' FROM generate_series(1, 900) AS n,"
            " unnest(ARRAY[:township, :county]) AS area,"
            " unnest(ARRAY['shelter', 'fire', 'medical']) AS key"
            " WHERE key <> 'medical' OR area = :county ORDER BY (n * 7919) % 901, key",
            county=COUNTY,
            township=TOWNSHIP,
        )
    return store


def ids(rows: list[Any]) -> list[int]:
    return sorted(row["id"] for row in rows)


def test_it_gives_what_sorting_all_of_them_gives(many: Database) -> None:
    with many.transaction(system_scope()) as tx:
        assert ids(tx.all(f"{coverage_newest.NEWEST} SELECT id FROM newest")) == ids(
            tx.all(BY_SORTING)
        )
        assert len(tx.all(BY_SORTING)) == 5
        assert coverage.counties(tx) == [COUNTY]
        followed = coverage_followed.newest(tx, COUNTY, "coverage.refresh", 30)
    assert [(row["area_code"], row["standard_key"]) for row in followed] == [
        *((COUNTY, key) for key in ("fire", "medical", "shelter")),
        *((TOWNSHIP, key) for key in ("fire", "shelter")),
    ]


def test_a_township_is_given_its_own(many: Database) -> None:
    with many.transaction(Scope((TOWNSHIP,))) as tx:
        found = tx.all(f"{coverage_newest.NEWEST} SELECT area_code FROM newest")
    assert {row["area_code"] for row in found} == {TOWNSHIP}


def test_rows_that_are_not_the_newest_are_not_looked_at(many: Database) -> None:
    with many.transaction(system_scope()) as tx:
        tx.execute("SET LOCAL enable_seqscan = off")  # so few rows would be read faster as a whole
        told = tx.value(
            f"EXPLAIN (ANALYZE, FORMAT json) {coverage_newest.NEWEST} SELECT id FROM newest"
        )
    plan = json.loads(told)[0] if isinstance(told, str) else told[0]
    looked = [
        node["Actual Rows"] * node["Actual Loops"]
        for node in nodes(plan["Plan"])
        if node.get("Relation Name") == "coverage_run"
    ]
    assert looked
    assert sum(looked) < 50


def nodes(plan: Any) -> list[Any]:
    return [plan, *(each for inner in plan.get("Plans", []) for each in nodes(inner))]
