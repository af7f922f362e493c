"""A job that is done within another one's run, kept from whoever looks for those left behind."""

import threading
from types import TracebackType

from gridmap.model.access import system_scope
from gridmap.store import job
from gridmap.store.database import OUTAGES, Database, Row

_BEATS = 3  # of a lease: two may fail before somebody else takes the job over


class Held:
    """Extends the lease of a claimed job from a thread, for as long as it is worked on.

    It ends nothing: whoever finishes a job that another has taken over is told so by its token.
    """

    def __init__(self, database: Database, row: Row) -> None:
        self._database = database
        self._id = int(row["id"])
        self._token = int(row["token"])
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="held", daemon=True)

    def __enter__(self) -> "Held":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(timeout=10)

    def _keep(self) -> None:
        while not self._ended.wait(job.LEASE_SECONDS / _BEATS):
            try:
                with self._database.transaction(system_scope()) as tx:
                    job.keep(tx, self._id, self._token)
            except job.LostLease:
                return
            except OUTAGES:
                continue  # the work goes on as long as the lease lasts
