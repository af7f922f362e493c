"""What the scheduler keeps in order: files destroyed after their time, visits planned when due."""

import time

import structlog

from gridmap.model.access import system_scope
from gridmap.services import coverage_history, export_requests, visits
from gridmap.store.database import Database

PLAN_SECONDS = 3600.0

log = structlog.get_logger("housekeeping")


class Housekeeping:
    """Does each chore when its time has come; safe to run in several places at once."""

    def __init__(self) -> None:
        self._planned: float | None = None

    def tidy(self, database: Database) -> None:
        """Do what is to be done now."""
        gone = export_requests.expire(database, system_scope())
        if gone:
            log.info("exports.destroyed", count=gone)
        now = time.monotonic()
        if self._planned is None or now - self._planned >= PLAN_SECONDS:
            self._planned = now
            visits.plan_everywhere(database)
            forgotten = coverage_history.forget(database)
            if forgotten:
                log.info("coverage.rows_forgotten", parts=forgotten)
