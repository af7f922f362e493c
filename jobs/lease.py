"""Keeping a job while it is worked on, and learning that it is lost or no longer wanted."""

import os
import signal
import threading
import time
from types import FrameType, TracebackType

import structlog

from gridmap.model.access import system_scope
from gridmap.services.progress import Cancelled
from gridmap.store import job
from gridmap.store.database import Database, Row
from gridmap.store.failures import problem_of

# A third of the lease: two beats may fail before another worker takes over.
BEAT_SECONDS = job.LEASE_SECONDS / 3
# How often a running job looks whether a person has cancelled it.
_LOOK_SECONDS = 1.0

log = structlog.get_logger("job")


class Lease:
    """Extends a job's lease from a thread of its own and interrupts the work when it is lost.

    The work itself may sit in one long call of a solver; the thread goes on, and a signal to
    the main thread raises `Cancelled` or `LostLease` there as soon as that call returns.

    Parameters
    ----------
    database
        A pool of the worker's own.
    row
        The claimed job: id, token.
    """

    def __init__(self, database: Database, row: Row) -> None:
        self._database = database
        self._id = int(row["id"])
        self._token = int(row["token"])
        self._ended = threading.Event()
        self._why: Exception | None = None
        self._latest: tuple[int, int, str] | None = None
        self._thread = threading.Thread(target=self._watch, name="lease", daemon=True)

    def __enter__(self) -> "Lease":
        self._before = signal.signal(signal.SIGUSR1, self._interrupt)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        self._thread.join(timeout=10)
        signal.signal(signal.SIGUSR1, self._before)

    def step(self, done: int, total: int, message: str = "") -> None:
        """Note progress; the thread writes the latest with its next look."""
        if self._why is not None:
            raise self._why
        self._latest = (done, total, message)

    def _watch(self) -> None:
        beat = 0.0
        while not self._ended.wait(_LOOK_SECONDS):
            latest, self._latest = self._latest, None
            now = time.monotonic()
            # a lease is extended with every note of progress, else only now and then
            if latest is None and now - beat < BEAT_SECONDS and not self._asked_to_stop():
                continue
            beat = now
            if self._keep(latest):
                return

    def _asked_to_stop(self) -> bool:
        try:
            with self._database.transaction(system_scope()) as tx:
                row = job.read(tx, self._id)
        except Exception as error:
            self._note(error)
            return False
        return row is None or bool(row["cancel_requested"]) or row["token"] != self._token

    def _keep(self, latest: tuple[int, int, str] | None) -> bool:
        done, total, message = latest if latest is not None else (None, None, None)
        try:
            with self._database.transaction(system_scope()) as tx:
                cancel = job.keep(tx, self._id, self._token, done, total, message)
        except job.LostLease as error:
            self._stop_work(error)
            return True
        except Exception as error:
            self._note(error)
            return False
        if cancel:
            self._stop_work(Cancelled(f"job {self._id}"))
        return cancel

    def _note(self, error: Exception) -> None:
        # the database may be restarting: the work goes on as long as the lease lasts
        if problem_of(error) is None:
            raise error
        log.warning("job.lease_not_extended", job_id=self._id)

    def _stop_work(self, why: Exception) -> None:
        self._why = why
        if not self._ended.is_set():
            os.kill(os.getpid(), signal.SIGUSR1)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._why is not None and not self._ended.is_set():
            raise self._why
