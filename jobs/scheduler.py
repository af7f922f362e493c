"""The relay and the sweeper as one process: `python -m jobs.scheduler`.

Woken by PostgreSQL when an event is committed, and by the clock when it is not. Any number may
run at once: the outbox rows are locked while they are relayed.
"""

import os
import select
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

import structlog
from redis.exceptions import RedisError

from gridmap import queue
from gridmap.logs import configure
from gridmap.model.access import system_scope
from gridmap.services import coverage_standards, plan_templates
from gridmap.settings import Settings
from gridmap.store import database as store
from gridmap.store import job
from gridmap.store.database import Database
from jobs.calendar import (
    everybody_home,
    facilities_on_duty,
    messages_due,
    new_grids,
    opened_streets,
    proven_runs,
    run_out,
    turned_hours,
    unanswered_calls,
)
from jobs.housekeeping import Housekeeping

SWEEP_SECONDS = 15.0
_IDLE_SECONDS = 1.0
_RETRY_SECONDS = 1.0
# Servers that are away or restarting: wait and begin again.
OUTAGES: tuple[type[Exception], ...] = (RedisError, OSError, *store.OUTAGES)

log = structlog.get_logger("scheduler")


def main() -> None:
    """Relay and sweep until told to stop."""
    settings = Settings.from_environment(os.environ)
    configure("scheduler", settings.log_level)
    assert settings.database_url is not None
    assert settings.redis_url is not None
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    database = Database(
        settings.database_url,
        size=2,
        zone=settings.time_zone,
        language=settings.language,
        address=settings.public_url,
    )
    log.info("scheduler.started")
    while not stop.is_set():
        try:
            chores = Housekeeping(settings.job_days, settings.emergency_days)
            serve(database, settings.redis_url, stop, settings.time_zone, chores)
        except OUTAGES as error:
            log.warning("scheduler.waits", error=type(error).__name__)
            stop.wait(_RETRY_SECONDS)
    log.info("scheduler.stopped")


def serve(
    database: Database,
    redis_url: str,
    stop: threading.Event,
    time_zone: str,
    chores: Housekeeping,
) -> None:
    """Relay at once what is committed, sweep every 15 seconds; return when asked to stop."""
    redis = queue.connect(redis_url)
    name = f"{os.uname().nodename}-{os.getpid()}"
    swept = 0.0
    # a release may bring standards that older counties lack
    coverage_standards.start_all(database, system_scope())
    plan_templates.start_all(database, system_scope())
    with database.listen("gridmap_event") as connection:
        while not stop.is_set():
            while queue.relay(database, redis):
                pass
            if time.monotonic() - swept >= SWEEP_SECONDS:
                swept = time.monotonic()
                with database.transaction(system_scope()) as tx:
                    job.beat(tx, name, "scheduler")
                queue.sweep(database, redis)
                _do(chores.tidy, database)
                _do(new_grids, database, time_zone)
                _do(opened_streets, database)
                _do(facilities_on_duty, database)
                _do(turned_hours, database)
                _do(unanswered_calls, database)
                _do(everybody_home, database)
                _do(messages_due, database)
                _do(run_out, database)
                _do(proven_runs, database)
            # a job ended early by its worker is not left until the next round
            select.select([connection], [], [], _IDLE_SECONDS)
            connection.poll()
            connection.notifies.clear()


def _do(chore: Callable[..., object], *given: object) -> None:
    """Do a chore; a fault in one keeps neither the others nor anybody's work waiting."""
    try:
        chore(*given)
    except OUTAGES:
        raise
    except Exception:
        log.exception("scheduler.chore_failed", chore=chore.__name__)


if __name__ == "__main__":
    main()
