"""Real workers, a real scheduler, a real Redis: killed, emptied, doubled; one result each."""

import os
import signal
from collections.abc import Callable
from typing import Any

import psutil
import pytest
import redis as redis_library
from lattice import until

from gridmap import queue
from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage, hazards, plans
from gridmap.store import job, job_sweeping
from gridmap.store.database import Database

pytestmark = pytest.mark.database
COUNTY = "990101"
SCOPE = Scope((COUNTY,))


def count(store: Database, sql: str) -> int:
    with store.transaction(system_scope()) as tx:
        return int(tx.value(sql))


def queued(redis_url: str, name: str = "default") -> list[str]:
    return list(queue.queue(name, queue.connect(redis_url)).job_ids)


def test_nothing_is_enqueued_before_commit(store: Database, redis_url: str) -> None:
    redis = queue.connect(redis_url)
    with store.transaction(SCOPE) as tx:
        job.request(tx, "coverage.run", queue="default", area_code=COUNTY, arguments={})
        queue.relay(store, redis)
        assert queued(redis_url) == []
    assert queue.relay(store, redis) == 1
    assert len(queued(redis_url)) == 1


def test_an_attempt_stands_once_in_its_queue(store: Database, redis_url: str) -> None:
    redis = queue.connect(redis_url)
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    queue.relay(store, redis)
    for _ in range(3):
        queue.sweep(store, redis, queued_seconds=0.0)
    assert queued(redis_url) == [f"{job_id}-1"]


def test_what_redis_lost_comes_back(store: Database, redis_url: str) -> None:
    redis = queue.connect(redis_url)
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    queue.relay(store, redis)
    with redis_library.Redis.from_url(redis_url) as raw:
        raw.flushall()
    assert queued(redis_url) == []
    queue.sweep(store, redis, queued_seconds=0.0)
    assert queued(redis_url) == [f"{job_id}-1"]


def test_redis_holds_ids_only(store: Database, redis_url: str) -> None:
    coverage.request(store, SCOPE, "fire", COUNTY)
    queue.relay(store, queue.connect(redis_url))
    with redis_library.Redis.from_url(redis_url) as raw:
        names = [name for name in raw.keys("rq:job:*") if raw.type(name) == b"hash"]
        held = b" ".join(b" ".join(raw.hgetall(name).values()) for name in names)
    assert names
    assert b"fire" not in held
    assert COUNTY.encode() not in held


def work_horses(worker: Any) -> list[psutil.Process]:
    return psutil.Process(worker.pid).children()


@pytest.mark.parametrize("victim", ["work-horse", "worker"])
def test_a_kill_in_the_middle_ends_in_one_correct_result(
    store: Database,
    processes: Any,
    wait_for: Callable[..., Any],
    victim: str,
) -> None:
    processes.start("jobs.scheduler")
    worker = processes.start("jobs.worker", "urgent")
    plan_id, job_id = plans.request(store, SCOPE, hazards.find(store, SCOPE, "flood"))
    wait_for(job_id, "running")
    for horse in work_horses(worker) if victim == "work-horse" else [psutil.Process(worker.pid)]:
        os.kill(horse.pid, signal.SIGKILL)
    if victim == "worker":
        # its work-horse must not go on beside the next attempt; a new worker takes its place
        worker.wait(10)
        with store.transaction(system_scope()) as tx:
            job_sweeping.expire(tx, job_id, 1)
        processes.start("jobs.worker", "urgent")
    ended = wait_for(job_id, "done", "failed", seconds=90)
    assert ended["state"] == "done", (ended["error"], processes.log)
    assert ended["attempt"] == 2
    assert count(store, "SELECT count(*) FROM plan WHERE state = 'drafted'") == 1
    rows = count(store, f"SELECT count(*) FROM assignment WHERE plan_id = {plan_id}")
    assert rows == plans.show(store, SCOPE, plan_id)["totals"]["households"]


def test_a_job_is_cancelled_in_its_worker(
    store: Database, processes: Any, wait_for: Callable[..., Any]
) -> None:
    processes.start("jobs.scheduler")
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    with store.transaction(SCOPE) as tx:
        job.ask_cancel(tx, job_id)
    processes.start("jobs.worker", "default")
    later = coverage.request(store, SCOPE, "medical", COUNTY)
    wait_for(later, "done", "failed")
    assert wait_for(job_id, "cancelled")["attempt"] == 0
    assert count(store, "SELECT count(*) FROM coverage_run WHERE standard_key = 'fire'") == 0


def test_workers_and_scheduler_are_heard_of(store: Database, processes: Any) -> None:
    processes.start("jobs.scheduler")
    processes.start("jobs.worker", "slow")

    def seen() -> bool:
        with store.transaction(system_scope()) as tx:
            return {row["queue"] for row in job.workers(tx)} == {"scheduler", "slow"}

    until(seen, 30)
