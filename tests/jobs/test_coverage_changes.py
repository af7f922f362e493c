"""Who has just lost cover: told while it lasts, gone when the street is open again."""

from typing import Any

import pytest
import shapely
from lattice import COUNTY, SOUTH, STEP, WEST

from gridmap.model.access import Scope, system_scope
from gridmap.model.problem import Problem
from gridmap.services import closures, coverage, coverage_changes
from gridmap.services import jobs as service
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))
# around the fire station: nobody gets out
RING = shapely.box(
    WEST + 0.5 * STEP, SOUTH + 0.5 * STEP, WEST + 1.5 * STEP, SOUTH + 1.5 * STEP
)  # fmt: skip


def run(store: Database, standard: str) -> int:
    job_id = coverage.request(store, SCOPE, standard, COUNTY)
    work(store, job_id)
    return int(service.show(store, SCOPE, job_id)["result"]["run"])


def refresh(store: Database) -> None:
    with store.transaction(system_scope()) as tx:
        waiting = tx.all(
            "SELECT id FROM job WHERE kind = 'coverage.refresh' AND state = 'queued' ORDER BY id"
        )
    for row in waiting:
        work(store, row["id"])


def uncovered(store: Database, number: int) -> set[int]:
    with store.transaction(system_scope()) as tx:
        found = tx.all("SELECT household_id FROM coverage_gap WHERE run_id = :run", run=number)
    return {row["household_id"] for row in found}


def told(store: Database, since: int = 0) -> dict[str, Any]:
    return coverage_changes.listing(store, SCOPE, since, "zh")


@pytest.fixture
def computed(store: Database) -> int:
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE facility SET open = true")
    return run(store, "fire")


def test_a_closed_street_tells_who_lost_cover_until_it_is_open(
    store: Database, computed: int
) -> None:
    assert told(store) == {"items": [], "standing": []}
    made = closures.close(store, SCOPE, closures.NewClosure(RING, "积水", "all"))
    refresh(store)
    (item,) = told(store)["items"]
    (standing,) = told(store)["standing"]
    gone = uncovered(store, item["run"]) - uncovered(store, computed)
    assert gone
    assert (item["before"], item["lost"], item["gained"]) == (computed, len(gone), 0)
    assert standing["lost"] == len(gone)
    assert standing["people_lost"] == item["people_lost"] > 0
    assert standing["name"] == item["name"]
    assert told(store, item["seq"])["items"] == []
    closures.reopen(store, SCOPE, made["id"])
    refresh(store)
    after = told(store)
    assert [one["lost"] for one in after["items"]] == [0, len(gone)]
    assert after["standing"] == []


def test_a_later_small_change_hides_no_earlier_large_one(store: Database, computed: int) -> None:
    closures.close(store, SCOPE, closures.NewClosure(RING, "积水", "all"))
    refresh(store)
    (first,) = told(store)["items"]
    run(store, "fire")  # nothing has changed since
    (standing,) = told(store)["standing"]
    assert (standing["before"], standing["lost"]) == (computed, first["lost"])


def test_the_lost_ones_are_listed_by_household(store: Database, computed: int) -> None:
    closures.close(store, SCOPE, closures.NewClosure(RING, "积水", "all"))
    refresh(store)
    (standing,) = told(store)["standing"]
    found = coverage_changes.lost(store, SCOPE, standing["run"], computed)
    gone = uncovered(store, standing["run"]) - uncovered(store, computed)
    assert {one["id"] for one in found["features"]} == gone
    assert found["lost"] == len(gone)
    assert {one["properties"]["reason"] for one in found["features"]} == {"cut_off"}
    assert coverage_changes.lost(store, SCOPE, computed, standing["run"])["features"] == []


def test_runs_of_other_questions_and_of_nobody_are_refused(store: Database, computed: int) -> None:
    other = run(store, "shelter")
    with pytest.raises(Problem) as refused:
        coverage_changes.lost(store, SCOPE, other, computed)
    assert refused.value.status == 400
    with pytest.raises(Problem) as absent:
        coverage_changes.lost(store, SCOPE, computed, 999999)
    assert absent.value.status == 404
    with pytest.raises(Problem):
        coverage_changes.lost(store, Scope(("990102",)), computed, computed)


def test_a_street_that_reaches_nobody_is_told_to_nobody(store: Database, computed: int) -> None:
    closures.close(store, SCOPE, closures.NewClosure(RING, "积水", "ground"))
    refresh(store)
    before = told(store)["items"]
    closures.close(store, SCOPE, closures.NewClosure(RING, "又积水", "ground"))
    refresh(store)
    assert told(store)["items"] == before
