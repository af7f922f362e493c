"""Jobs done in this process: results, refusals, retries, cancel."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from gridmap.model.access import Scope, system_scope
from gridmap.model.problem import Problem
from gridmap.services import coverage, grid_checks, grids, hazards, plans
from gridmap.services import jobs as service
from gridmap.store import job
from gridmap.store.database import Database, Row
from gridmap.store.plan import read as read_plan
from jobs import kinds
from jobs.run import work

pytestmark = pytest.mark.database
COUNTY = "990101"
SCOPE = Scope((COUNTY,))


def count(store: Database, sql: str) -> int:
    with store.transaction(system_scope()) as tx:
        return int(tx.value(sql))


def test_every_kind_has_a_queue_and_a_handler() -> None:
    assert set(kinds.kinds()) == set(service.QUEUE_OF)
    assert all(callable(kinds.handler(kind)) for kind in kinds.kinds())


def test_coverage_is_stored_per_household_and_adds_up(store: Database) -> None:
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, job_id)
    done = service.show(store, SCOPE, job_id)
    assert done["state"] == "done", done["error"]
    run = coverage.show(store, SCOPE, done["result"]["run"])
    totals = run["totals"]
    assert totals["households"] == count(store, "SELECT count(*) FROM coverage_result") == 400
    assert totals["covered"] + totals["uncovered"] == totals["households"]
    assert totals["uncovered"] == sum(totals["by_reason"].values())
    assert totals["uncovered"] == count(store, "SELECT count(*) FROM coverage_gap")
    assert not run["stale"]
    assert count(store, "SELECT count(*) FROM event WHERE kind = 'coverage.computed'") == 1


def test_a_result_says_when_its_input_has_changed(store: Database) -> None:
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, job_id)
    run_id = service.show(store, SCOPE, job_id)["result"]["run"]
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE facility SET open = false WHERE kind = 'fire_station'")
    assert coverage.show(store, SCOPE, run_id)["stale"]


def test_an_evacuation_is_drafted_whole(store: Database) -> None:
    hazard_id = hazards.find(store, SCOPE, "flood")
    plan_id, job_id = plans.request(store, SCOPE, hazard_id)
    work(store, job_id)
    plan = plans.show(store, SCOPE, plan_id)
    assert plan["state"] == "drafted"
    assert plan["bound"] <= plan["person_seconds"] * (1 + 1e-9)
    affected = count(store, "SELECT count(*) FROM assignment")
    served = count(store, "SELECT count(*) FROM route WHERE mode = 'walk'")
    driven = count(store, "SELECT count(*) FROM route WHERE mode = 'drive'")
    assert affected == plan["totals"]["households"] > 0
    assert served == plan["totals"]["served_households"]
    # every street of this town can be driven: whoever walks out may be driven out
    assert driven == served
    assert all(load["people"] <= load["capacity"] for load in plan["shelters"])


def test_grids_are_drawn_and_households_tagged(store: Database) -> None:
    day = date(2026, 1, 2)  # that of the deployment, whatever the database's is
    job_id = grids.request(store, SCOPE, COUNTY, minimum=50, maximum=110, day=day)
    assert grids.request(store, SCOPE, COUNTY, minimum=50, maximum=110) == job_id
    work(store, job_id)
    done = service.show(store, SCOPE, job_id)
    assert done["state"] == "done", done["error"]
    assert count(store, "SELECT count(*) FROM household WHERE length(area_code) = 15") == 400
    assert count(store, "SELECT sum(households) FROM grid") == 400
    assert count(store, "SELECT count(*) FROM grid WHERE valid_from <> '2026-01-02'") == 0
    found = grid_checks.check(store, SCOPE, COUNTY, minimum=50, maximum=110)
    assert found["faults"] == []
    assert found["contiguous"] == found["grids"] == done["result"]["grids"]
    with pytest.raises(Problem, match="scenario"):
        grids.request(store, SCOPE, COUNTY)


def test_work_done_twice_is_done_once(store: Database) -> None:
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, job_id)
    work(store, job_id)
    assert count(store, "SELECT count(*) FROM coverage_run") == 1


def test_a_job_that_cannot_succeed_is_not_tried_again(store: Database) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM road")
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, job_id)
    ended = service.show(store, SCOPE, job_id)
    assert (ended["state"], ended["attempt"]) == ("failed", 1)
    assert "gridmap import roads" in ended["error"]


def breaking(times: int, error: Exception, real: Callable[..., None]) -> Callable[..., None]:
    left = [times]

    def handler(database: Database, row: Row, progress: Any) -> None:
        if left[0]:
            left[0] -= 1
            raise error
        real(database, row, progress)

    return handler


def test_a_fault_is_tried_again_and_its_words_stay_inside(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    flaky = breaking(1, ZeroDivisionError("row of 张三"), coverage.run)
    monkeypatch.setattr(coverage, "run", flaky)
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, job_id)
    between = service.show(store, SCOPE, job_id)
    assert between["state"] == "queued"
    assert "张三" not in between["error"]
    work(store, job_id)
    assert service.show(store, SCOPE, job_id)["state"] == "done"


def test_a_fault_that_stays_fails_after_three_attempts(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage, "run", breaking(99, ZeroDivisionError("x"), coverage.run))
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    for _ in range(5):
        work(store, job_id)
    ended = service.show(store, SCOPE, job_id)
    assert (ended["state"], ended["attempt"]) == ("failed", 3)


def test_a_failed_draft_leaves_no_plan_under_way(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "draft", breaking(99, ZeroDivisionError("x"), plans.draft))
    plan_id, job_id = plans.request(store, SCOPE, hazards.find(store, SCOPE, "flood"))
    for _ in range(3):
        work(store, job_id)
    with store.transaction(SCOPE) as tx:
        assert read_plan(tx, plan_id)["state"] == "failed"


def test_a_run_that_lost_its_lease_saves_nothing(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = coverage.run

    def overtaken(database: Database, row: Row, progress: Any) -> None:
        # another worker takes the job over while this one computes
        with database.transaction(system_scope()) as tx:
            tx.execute("UPDATE job SET token = token + 1 WHERE id = :id", id=row["id"])
        real(database, row, progress)

    monkeypatch.setattr(coverage, "run", overtaken)
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, job_id)
    assert count(store, "SELECT count(*) FROM coverage_run") == 0
    assert service.show(store, SCOPE, job_id)["state"] == "running"


def test_a_running_job_is_cancelled_where_it_stands(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(database: Database, row: Row, progress: Any) -> None:  # noqa: ARG001
        service.cancel(database, SCOPE, row["id"])
        while True:
            sum(range(1000))

    monkeypatch.setattr(coverage, "run", endless)
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, job_id)
    assert service.show(store, SCOPE, job_id)["state"] == "cancelled"


def test_another_area_has_no_such_job(store: Database) -> None:
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    with pytest.raises(Problem) as caught:
        service.show(store, Scope(("990102",)), job_id)
    assert caught.value.status == 404
    with pytest.raises(Problem):
        service.cancel(store, Scope(("990102",)), job_id)


def test_nothing_is_asked_for_what_is_not_there(store: Database) -> None:
    for standard, area in (("absent", COUNTY), ("fire", "990199")):
        with pytest.raises(Problem) as caught:
            coverage.request(store, SCOPE, standard, area)
        assert caught.value.status == 404
    with store.transaction(SCOPE) as tx:
        assert job.counts(tx) == []
