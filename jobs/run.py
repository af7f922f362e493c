"""One job from claim to end; what RQ calls with a job row's id."""

import os
import time
from collections.abc import Callable

import structlog

from geodata.errors import GeodataError
from gridmap.logs import configure
from gridmap.model.access import system_scope
from gridmap.model.problem import Problem
from gridmap.services import network_folder as networks
from gridmap.services.progress import Cancelled
from gridmap.settings import Settings
from gridmap.store import job
from gridmap.store.database import Database, Row
from gridmap.store.failures import problem_of
from jobs.kinds import handler
from jobs.lease import Lease

log = structlog.get_logger("job")
_MESSAGE_LENGTH = 1000


def run(job_id: int) -> None:
    """Do one job, unless another worker has it or it has ended.

    Parameters
    ----------
    job_id
        Row of the job table. What to do, for which area and with which input stands there.
    """
    settings = Settings.from_environment(os.environ)
    configure("job", settings.log_level)
    assert settings.database_url is not None
    networks.FOLDER.set(settings.state / "networks")
    database = Database(
        settings.database_url,
        size=2,
        zone=settings.time_zone,
        language=settings.language,
        address=settings.public_url,
    )
    try:
        work(database, job_id)
    finally:
        database.close()


def work(database: Database, job_id: int) -> None:
    """Claim a job, do it, and end it in exactly one way."""
    with database.transaction(system_scope()) as tx:
        row = job.claim(tx, job_id)
    if row is None:
        log.info("job.not_mine", job_id=job_id)
        return
    structlog.contextvars.bind_contextvars(
        job_id=job_id, attempt=row["attempt"], request_id=row["request_id"]
    )
    started, busy = time.monotonic(), time.process_time()
    log.info("job.started", kind=row["kind"])
    ending = _do(database, row)
    log.info(
        "job.ended",
        kind=row["kind"],
        ending=ending,
        seconds=time.monotonic() - started,
        processor_seconds=time.process_time() - busy,
    )
    structlog.contextvars.clear_contextvars()


def _do(database: Database, row: Row) -> str:
    try:
        with Lease(database, row) as lease:
            left = handler(row["kind"])(database, row, lease)
    except job.LostLease:
        # another run has the job now, or a person ended it: this one has written nothing
        return "lost"
    except Cancelled:
        return _end(database, row, "cancelled", None)
    except (GeodataError, Problem) as error:
        # the same input gives the same refusal: trying again would change nothing
        return _end(database, row, "failed", error)
    except Exception as error:
        log.exception("job.attempt_failed", transient=problem_of(error) is not None)
        return _end(database, row, "again", error)
    if left is not None:
        _afterwards(left)
    return "done"


def _afterwards(left: Callable[[], None]) -> None:
    """Do what is left once a job has ended; nothing can end it a second time."""
    try:
        left()
    except Exception:
        log.exception("job.afterwards_failed")


def _end(database: Database, row: Row, ending: str, error: Exception | None) -> str:
    token, job_id = int(row["token"]), int(row["id"])
    message = str(error or "")[:_MESSAGE_LENGTH]
    try:
        with database.transaction(system_scope()) as tx:
            if ending == "cancelled":
                job.give_up(tx, job_id, token)
            elif ending == "failed" or _last_attempt(tx_row=job.read(tx, job_id)):
                ending = "failed"
                job.fail(tx, job_id, token, _outward(error, message))
            else:
                job.release(tx, job_id, token, _outward(error, message))
    except job.LostLease:
        return "lost"
    return ending


def _last_attempt(tx_row: Row | None) -> bool:
    return tx_row is not None and tx_row["attempt"] >= tx_row["max_attempts"]


def _outward(error: Exception | None, message: str) -> str:
    """Give what a page may show: our own words, never a driver's sentence with rows in it."""
    if isinstance(error, GeodataError | Problem):
        return message
    return f"internal fault ({type(error).__name__}); the log has the details"
