"""A chore that fails keeps nobody's work waiting."""

from __future__ import annotations

import threading
from typing import NoReturn

import pytest
from lattice import COUNTY, until

from gridmap import queue
from gridmap.model.access import Scope
from gridmap.store import job
from gridmap.store.database import Database
from jobs.housekeeping import Housekeeping
from jobs.scheduler import serve

pytestmark = pytest.mark.database


class Broken(Housekeeping):
    def __init__(self) -> None:
        super().__init__()
        self.tried = threading.Event()

    def tidy(self, database: Database) -> NoReturn:  # noqa: ARG002 - what every chore is given
        self.tried.set()
        raise ZeroDivisionError


def test_jobs_go_on_to_the_workers_past_a_broken_chore(store: Database, redis_url: str) -> None:
    stop, chores = threading.Event(), Broken()
    scheduler = threading.Thread(
        target=serve, args=(store, redis_url, stop, "Asia/Shanghai", chores), daemon=True
    )
    scheduler.start()
    try:
        assert chores.tried.wait(60)
        with store.transaction(Scope((COUNTY,))) as tx:
            job.request(tx, "coverage.run", queue="default", area_code=COUNTY, arguments={})
        waiting = queue.queue("default", queue.connect(redis_url))
        assert until(lambda: list(waiting.job_ids), 60, "the job in its queue")
        assert scheduler.is_alive()
    finally:
        stop.set()
        scheduler.join(60)
    assert not scheduler.is_alive()
