"""The long form: workers killed every few seconds and Redis emptied, every job ends once."""

import random
import signal
import time
from typing import Any

import psutil
import pytest
import redis as redis_library

from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage, hazards, plans
from gridmap.store import job
from gridmap.store.database import Database

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.timeout(7200)]
COUNTY = "990101"
SCOPE = Scope((COUNTY,))
KILLS = 60
WAITING = 12  # jobs there are at least to be killed in
EVERY = 5.0  # seconds between kills, or more where a job that nobody kills takes longer
PATIENCE = 600.0  # seconds in which at least one more job has to end, whatever is killed
ATTEMPTS = 10
LEFT = "SELECT id FROM job WHERE state IN ('queued', 'running')"
STANDARDS = ("fire", "medical", "member", "shelter")


def rows(store: Database, sql: str) -> list[Any]:
    with store.transaction(system_scope()) as tx:
        return tx.all(sql)


def kill_one(workers: dict[str, Any], processes: Any, rng: random.Random) -> None:
    """Kill a worker or the work-horse under it; a killed worker gets a successor, as under `up`."""
    queue = rng.choice(sorted(workers))
    worker = psutil.Process(workers[queue].pid)
    horses = worker.children()
    if horses and rng.random() < 0.5:
        horses[0].send_signal(signal.SIGKILL)
        return
    worker.send_signal(signal.SIGKILL)
    workers[queue].wait(10)
    workers[queue] = processes.start("jobs.worker", queue)


class Asking:
    """Asks for work, two runs of coverage for each draft, and knows what has been asked for."""

    def __init__(self, store: Database) -> None:
        self.store = store
        self.flood = hazards.find(store, SCOPE, "flood")
        self.runs: list[int] = []
        self.drafts: list[int] = []

    def ask(self) -> int:
        number = len(self.runs) + len(self.drafts)
        if number % 3 < 2:
            self.runs.append(coverage.request(self.store, SCOPE, STANDARDS[number % 4], COUNTY))
            return self.runs[-1]
        # asked twice from the same data is one draft: each time a shelter is looked at anew
        with self.store.transaction(system_scope()) as tx:
            tx.execute("UPDATE shelter SET capacity = capacity")
        self.drafts.append(plans.request(self.store, SCOPE, self.flood)[1])
        return self.drafts[-1]


def test_every_job_ends_once_under_kills_and_a_lost_redis(
    store: Database, processes: Any, redis_url: str, wait_for: Any, monkeypatch: Any
) -> None:
    rng = random.Random(0)  # noqa: S311 - which process dies is no secret
    processes.start("jobs.scheduler")
    workers = {name: processes.start("jobs.worker", name) for name in ("urgent", "default")}
    # a job that is killed again and again must not run out of attempts: that is its own promise
    monkeypatch.setattr(job.request, "__kwdefaults__", {"max_attempts": ATTEMPTS})
    asking = Asking(store)
    wait_for(asking.ask(), "done", seconds=PATIENCE)
    began = time.monotonic()
    wait_for(asking.ask(), "done", seconds=PATIENCE)
    every = max(EVERY, 1.5 * (time.monotonic() - began))
    kills, left = 0, 0
    patience = time.monotonic() + PATIENCE
    while left or kills < KILLS:
        while left < WAITING and kills < KILLS:
            asking.ask()
            left += 1
        time.sleep(every)
        before, left = left, len(rows(store, LEFT))
        if left < before:
            patience = time.monotonic() + PATIENCE
        assert time.monotonic() < patience, (left, processes.log[-4000:])
        if rows(store, f"{LEFT} AND attempt > {ATTEMPTS - 2}"):
            continue  # let through what has been killed most often
        kill_one(workers, processes, rng)
        kills += 1
        if kills % 5 == 0:
            with redis_library.Redis.from_url(redis_url) as raw:
                raw.flushall()
    asked = sorted([*asking.runs, *asking.drafts])
    ended = rows(store, "SELECT id, state, attempt, error FROM job ORDER BY id")
    assert [row["id"] for row in ended] == asked
    assert all(row["state"] == "done" for row in ended), (ended, processes.log[-4000:])
    # once each: a result for every run, and one draft in force with all its households
    runs = rows(store, "SELECT job_id, count(*) AS n FROM coverage_run GROUP BY job_id")
    assert {row["job_id"]: row["n"] for row in runs} == dict.fromkeys(asking.runs, 1)
    drafted = rows(store, "SELECT id, totals FROM plan WHERE state = 'drafted'")
    superseded = rows(store, "SELECT id FROM plan WHERE state = 'superseded'")
    assert len(drafted) >= 1
    assert len(drafted) + len(superseded) == len(asking.drafts)
    for row in drafted:
        found = rows(store, f"SELECT count(*) AS n FROM assignment WHERE plan_id = {row['id']}")
        assert found[0]["n"] == row["totals"]["households"]
    runs = sum(row["attempt"] for row in ended)
    print(f"{len(asked)} jobs ended once each: {kills} kills {every:.0f} s apart, {runs} attempts")
