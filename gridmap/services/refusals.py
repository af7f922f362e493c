"""What was refused to whom: a trace for the auditor, bounded so that nobody can flood it."""

import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from gridmap import logs
from gridmap.model.access import system_scope
from gridmap.services.access import Viewer
from gridmap.services.sessions import at_home
from gridmap.store import event, refusal
from gridmap.store.database import Database
from gridmap.store.live import LOST

MOST_IN_AN_HOUR = 30
_HOUR = 3600
_log = logs.get("gridmap.refusals")


class Refusals:
    """Records refusals of one process, at most so many of each person in an hour.

    The database counts for all processes together; what this one has recorded lately is counted
    here first, so that whoever is refused all the time costs no query.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lately: dict[int, deque[float]] = {}

    def note(self, viewer: Viewer, status: int, asked: Mapping[str, Any]) -> None:
        """Record that something was refused; the answer goes out whether or not this works.

        Parameters
        ----------
        status
            403, or 404 for a thing that is there but elsewhere: all other 404 are no refusals.
        asked
            `method`, `route` and `parts`, the variable parts of the address.
        """
        if self._is_full(viewer.id):
            return
        try:
            thing = self._thing(asked["parts"])
            if status == 404 and thing is None:
                return
            self._record(viewer, status, asked, thing)
        except LOST:
            _log.warning("refusal.not_recorded", user=viewer.id, status=status)

    def _record(
        self,
        viewer: Viewer,
        status: int,
        asked: Mapping[str, Any],
        thing: Mapping[str, Any] | None,
    ) -> None:
        scope = at_home(self._database, viewer.id, asked.get("request_id"))
        with self._database.transaction(scope) as tx:
            for place in scope.areas:
                counted = refusal.recent(tx, "access.refused", str(viewer.id), _HOUR)
                self._lately.setdefault(viewer.id, deque()).append(time.monotonic())
                if counted >= MOST_IN_AN_HOUR:
                    continue
                event.record(
                    tx,
                    "access.refused",
                    area_code=place,
                    subject_id=viewer.id,
                    payload={
                        "status": status,
                        "method": asked["method"],
                        "route": asked["route"],
                        "token": viewer.token_id,
                        **(thing or {}),
                    },
                )

    def _thing(self, parts: Mapping[str, str]) -> dict[str, Any] | None:
        """Give noun, area and id of the thing that was asked for, if there is such a one at all."""
        for part, value in parts.items():
            if part not in refusal.THINGS:
                continue
            with self._database.transaction(system_scope()) as tx:
                found = refusal.whereabouts(tx, part, str(value))
            if found is not None:
                return {**found, "id": str(value)}
        return None

    def _is_full(self, user_id: int) -> bool:
        lately = self._lately.get(user_id)
        if lately is None:
            return False
        before = time.monotonic() - _HOUR
        while lately and lately[0] < before:
            lately.popleft()
        if not lately:
            del self._lately[user_id]
            return False
        return len(lately) >= MOST_IN_AN_HOUR
