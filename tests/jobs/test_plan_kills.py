"""A real worker is killed in the middle of a draft and of a re-plan: it ends exactly once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from lattice import until
from test_plan_again import placed, tell
from test_plan_drafts import SCOPE, drafted, rows

from gridmap.model.access import system_scope
from gridmap.services import hazards, plan_again, plans
from gridmap.store import job, job_sweeping
from gridmap.store.database import Database

pytestmark = pytest.mark.database


def asked_draft(store: Database) -> tuple[int, int, int | None]:
    made, job_id = plans.request(store, SCOPE, hazards.find(store, SCOPE, "flood"))
    return made, job_id, None


def asked_again(store: Database) -> tuple[int, int, int | None]:
    before = drafted(store)
    was = placed(store, before)
    tell(store, before, [household for household, shelter in was.items() if shelter][:20])
    shut = max(filter(None, was.values()))
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE facility SET open = false WHERE id = :id", id=shut)
    made, job_id = plan_again.request(store, SCOPE, before)
    return made, job_id, before


def at_work(worker: Any) -> list[psutil.Process]:
    return psutil.Process(worker.pid).children()


def computing(store: Database, job_id: int, worker: Any) -> bool:
    """Tell whether a work-horse has claimed the job and got somewhere in it."""
    with store.transaction(system_scope()) as tx:
        row = job.read(tx, job_id)
    assert row is not None
    assert row["state"] in ("queued", "running"), (row["state"], row["error"])
    return row["state"] == "running" and row["done"] >= 1 and bool(at_work(worker))


@pytest.mark.parametrize("victim", ["work-horse", "worker"])
@pytest.mark.parametrize("ask", [asked_draft, asked_again], ids=["draft", "re-plan"])
def test_a_kill_in_the_middle_leaves_one_plan_and_one_set_of_rows(
    store: Database,
    processes: Any,
    wait_for: Callable[..., Any],
    ask: Callable[[Database], tuple[int, int, int | None]],
    victim: str,
) -> None:
    made, job_id, before = ask(store)
    processes.start("jobs.scheduler")
    worker = processes.start("jobs.worker", "urgent")
    with store.transaction(system_scope()) as tx:
        # nobody ends the plan before the kill, however fast it is computed
        tx.execute("SELECT 1 FROM plan WHERE id = :id FOR UPDATE", id=made)
        until(lambda: computing(store, job_id, worker), 90, "the worker is in the middle of it")
        struck = at_work(worker) if victim == "work-horse" else [psutil.Process(worker.pid)]
        for process in struck:
            os.kill(process.pid, signal.SIGKILL)
        assert nothing_saved(store, made)
    if victim == "worker":
        worker.wait(10)
        with store.transaction(system_scope()) as tx:
            job_sweeping.expire(tx, job_id, 1)
        processes.start("jobs.worker", "urgent")
    ended = wait_for(job_id, "done", "failed", seconds=120)
    assert ended["state"] == "done", (ended["error"], processes.log)
    assert ended["attempt"] == 2
    exactly_one(store, made, before)


def nothing_saved(store: Database, made: int) -> bool:
    (row,) = rows(
        store,
        "SELECT p.state, (SELECT count(*) FROM assignment WHERE plan_id = p.id) AS homes,"
        " (SELECT count(*) FROM plan_part WHERE plan_id = p.id) AS parts FROM plan AS p"
        " WHERE p.id = :id",
        id=made,
    )
    return (row["state"], row["homes"], row["parts"]) == ("drafting", 0, 0)


def exactly_one(store: Database, made: int, before: int | None) -> None:
    (plan,) = rows(store, "SELECT state, totals FROM plan WHERE id = :id", id=made)
    assert plan["state"] == "drafted"
    (sums,) = rows(
        store,
        "SELECT count(*) AS homes, count(DISTINCT household_id) AS each,"
        " count(shelter_id) AS served FROM assignment WHERE plan_id = :id",
        id=made,
    )
    totals = plan["totals"]
    assert sums["homes"] == sums["each"] == totals["households"] > 0
    assert sums["served"] == totals["served_households"]
    assert sums["homes"] - sums["served"] == totals["unserved_households"]
    (ways,) = rows(
        store,
        "SELECT count(*) AS n, count(DISTINCT (r.household_id, r.mode)) AS each,"
        " count(*) FILTER (WHERE a.shelter_id IS NULL) AS invented FROM route AS r"
        " JOIN assignment AS a USING (plan_id, household_id) WHERE r.plan_id = :id",
        id=made,
    )
    assert (ways["n"], ways["invented"]) == (ways["each"], 0)
    assert ways["n"] > 0
    parts = rows(
        store, "SELECT kind, count(*) AS n FROM plan_part WHERE plan_id = :id GROUP BY 1", id=made
    )
    assert parts
    assert {row["n"] for row in parts} == {1}
    kind = "plan.drafted" if before is None else "plan.replanned"
    told = rows(
        store,
        "SELECT 1 FROM event WHERE kind = :kind AND subject_id = :id",
        kind=kind,
        id=str(made),
    )
    assert len(told) == 1
    assert len(rows(store, "SELECT 1 FROM plan WHERE state = 'drafting'")) == 0
    if before is not None:
        moved = rows(store, "SELECT household_id FROM plan_change WHERE plan_id = :id", id=made)
        was, now = placed(store, before), placed(store, made)
        assert {row["household_id"] for row in moved} == {h for h in now if now[h] != was[h]}
        assert len(moved) == len({row["household_id"] for row in moved})
