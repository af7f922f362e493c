"""Who has just lost cover: told while it lasts, gone when the street is open again."""

from typing import Any

import pytest
import shapely
from lattice import COUNTY, SOUTH, STEP, WEST

from gridmap.model.access import Role, Scope, system_scope
from gridmap.model.problem import Problem
from gridmap.services import closures, coverage, coverage_changes
from gridmap.services import jobs as service
from gridmap.services.access import Viewer
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))


def person(role: Role, area: str = COUNTY) -> Viewer:
    return Viewer(1, "someone", "某", "zh_CN", demo=False, roles=((role, area),))


OFFICER = person(Role.DUTY_OFFICER)
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


def told(store: Database, since: int = 0, who: Viewer = OFFICER) -> dict[str, Any]:
    return coverage_changes.listing(store, who, since, "zh")


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
    assert (item["before"], item["worse"]) == (computed, True)
    assert standing["lost"] == len(gone)
    assert standing["people_lost"] > 0
    assert standing["with_needs_lost"] == 0
    assert standing["name"] == item["name"]
    assert told(store, item["seq"])["items"] == []
    closures.reopen(store, SCOPE, made["id"])
    refresh(store)
    after = told(store)
    assert [one["worse"] for one in after["items"]] == [False, True]
    assert after["standing"] == []


def test_a_later_small_change_hides_no_earlier_large_one(store: Database, computed: int) -> None:
    closures.close(store, SCOPE, closures.NewClosure(RING, "积水", "all"))
    refresh(store)
    (first,) = told(store)["standing"]
    run(store, "fire")  # nothing has changed since
    (standing,) = told(store)["standing"]
    assert (standing["before"], standing["lost"]) == (computed, first["lost"])


def test_the_lost_ones_are_listed_by_household(store: Database, computed: int) -> None:
    closures.close(store, SCOPE, closures.NewClosure(RING, "积水", "all"))
    refresh(store)
    (standing,) = told(store)["standing"]
    found = coverage_changes.lost(store, OFFICER, standing["run"], computed)
    gone = uncovered(store, standing["run"]) - uncovered(store, computed)
    assert {one["id"] for one in found["features"]} == gone
    assert found["lost"] == len(gone)
    assert {one["properties"]["reason"] for one in found["features"]} == {"cut_off"}
    assert coverage_changes.lost(store, OFFICER, computed, standing["run"])["features"] == []


def test_runs_of_other_questions_and_of_nobody_are_refused(store: Database, computed: int) -> None:
    other = run(store, "shelter")
    with pytest.raises(Problem) as refused:
        coverage_changes.lost(store, OFFICER, other, computed)
    assert refused.value.status == 400
    with pytest.raises(Problem) as absent:
        coverage_changes.lost(store, OFFICER, computed, 999999)
    assert absent.value.status == 404
    with pytest.raises(Problem):
        coverage_changes.lost(store, person(Role.DUTY_OFFICER, "990102"), computed, computed)


def test_a_street_that_reaches_nobody_is_told_to_nobody(store: Database, computed: int) -> None:
    closures.close(store, SCOPE, closures.NewClosure(RING, "积水", "ground"))
    refresh(store)
    before = told(store)["items"]
    closures.close(store, SCOPE, closures.NewClosure(RING, "又积水", "ground"))
    refresh(store)
    assert told(store)["items"] == before


def test_a_township_hears_of_its_countys_run_with_its_own_households(
    store: Database, computed: int
) -> None:
    closures.close(store, SCOPE, closures.NewClosure(RING, "积水", "all"))
    refresh(store)
    (whole,) = told(store)["standing"]
    with store.transaction(system_scope()) as tx:
        township = tx.value("SELECT left(min(area_code), 9) FROM coverage_part")
    officer = person(Role.DUTY_OFFICER, township)
    (own,) = told(store, who=officer)["standing"]
    assert 0 < own["lost"] <= whole["lost"]
    found = coverage_changes.lost(store, officer, own["run"], own["before"])
    assert len(found["features"]) == own["lost"]
    nobody = person(Role.DUTY_OFFICER, COUNTY + "999")
    assert told(store, who=nobody)["standing"] == []


def test_what_a_townships_run_says_as_well_is_said_once(store: Database, computed: int) -> None:
    township = f"{COUNTY}001"
    work(store, coverage.request(store, SCOPE, "fire", township))
    closures.close(store, SCOPE, closures.NewClosure(RING, "积水", "all"))
    refresh(store)
    answer = told(store)
    assert {one["area"] for one in answer["items"]} == {COUNTY, township}
    (standing,) = answer["standing"]
    assert standing["area"] == COUNTY
    with store.transaction(system_scope()) as tx:
        # by words of its own it is another question
        tx.execute(
            "UPDATE coverage_run SET standard = standard || jsonb_build_object('area_code',"
            " CAST(:code AS text)) WHERE area_code = :code",
            code=township,
        )
    assert {one["area"] for one in told(store)["standing"]} == {COUNTY, township}


def test_who_may_not_read_needs_is_not_told_how_many_need_help(
    store: Database, computed: int
) -> None:
    closures.close(store, SCOPE, closures.NewClosure(RING, "积水", "all"))
    refresh(store)
    planner = person(Role.PLANNER)
    (standing,) = told(store, who=planner)["standing"]
    assert standing["lost"] > 0
    assert standing["with_needs_lost"] is None
    found = coverage_changes.lost(store, planner, standing["run"], standing["before"])
    assert found["with_needs_lost"] is None


def test_another_definition_takes_cover_from_nobody(store: Database, computed: int) -> None:
    closures.close(store, SCOPE, closures.NewClosure(RING, "积水", "all"))
    refresh(store)
    assert told(store)["standing"]
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE coverage_run SET standard = standard || '{\"version\": 9}' WHERE id > :id",
            id=computed,
        )
    assert told(store)["standing"] == []
