"""What the scheduler keeps in order: what is old destroyed in time, visits planned when due."""

import time
from collections.abc import Callable

import structlog

from gridmap.model.access import system_scope
from gridmap.services import (
    coverage_history,
    destruction,
    export_requests,
    job_history,
    visits,
    volunteer_leaving,
)
from gridmap.store.database import Database
from jobs.calendar import coming_drills

PLAN_SECONDS = 3600.0

log = structlog.get_logger("housekeeping")


class Housekeeping:
    """Does each chore when its time has come; safe to run in several places at once."""

    def __init__(
        self,
        job_days: int = job_history.KEEP_DAYS,
        emergency_days: int = destruction.KEEP_DAYS,
    ) -> None:
        self._job_days = job_days
        self._emergency_days = emergency_days
        self._planned: float | None = None

    def tidy(self, database: Database) -> None:
        """Do what is to be done now."""
        gone = export_requests.expire(database, system_scope())
        if gone:
            log.info("exports.destroyed", count=gone)
        now = time.monotonic()
        if self._planned is None or now - self._planned >= PLAN_SECONDS:
            self._planned = now
            days = self._emergency_days
            # what the law sets a day for comes first
            _do("personal_data.destroyed", lambda: destruction.destroy_due(database, days))
            _do("notes.destroyed", lambda: destruction.forget_notes(database, days))
            _do("calls.destroyed", lambda: destruction.forget_calls(database, days))
            _do("drills.reminded", lambda: coming_drills(database))
            _do("volunteers.destroyed", lambda: volunteer_leaving.forget_left(database, days))
            _do("visits.planned", lambda: visits.plan_everywhere(database))
            _do("coverage.rows_forgotten", lambda: coverage_history.forget(database))
            _do("jobs.forgotten", lambda: job_history.forget(database, self._job_days))


def _do(told: str, chore: Callable[[], int | None]) -> None:
    """Do a chore; a fault in it, of the database as well, keeps no other from being done."""
    try:
        done = chore()
    except Exception:
        log.exception("chore_failed", chore=told)
        return
    if done:
        log.info(told, count=done)
