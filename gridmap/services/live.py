"""The live feed: one listener a process, any number of watchers, no gap and no repetition."""

import contextlib
import queue
import threading
import time
from collections.abc import Mapping
from typing import Any

from gridmap import logs
from gridmap.model.access import Permission, system_scope
from gridmap.services.access import Viewer
from gridmap.services.sessions import living
from gridmap.store import event
from gridmap.store import live as notices
from gridmap.store import session as sessions
from gridmap.store.database import Database

_log = logs.get("gridmap.live")
_PAGE = 500
_MOST_PAGES = 20  # of one poll; the next goes on from there
_QUEUE = 500  # events that may wait for one reader before it is dropped
_ROUND_SECONDS = 5.0  # between two looks at the database without a notification
_TOUCH_SECONDS = 60.0
_STALE_SECONDS = 15.0

# Who hears of a subject; what is not listed is for those who read the trail.
_HEARD_WITH: dict[str, Permission] = {
    "incident": Permission.MAP_VIEW,
    "hazard": Permission.MAP_VIEW,
    "alert": Permission.MAP_VIEW,
    "sensor": Permission.MAP_VIEW,
    "proposal": Permission.MAP_VIEW,
    "alarm": Permission.DUTY_LOG,
    "duty": Permission.DUTY_LOG,
    "facility": Permission.MAP_VIEW,
    "responder": Permission.MAP_VIEW,
    "road": Permission.MAP_VIEW,
    "town": Permission.MAP_VIEW,
    # a file has changed streets, buildings or areas: open maps draw them anew
    "data": Permission.MAP_VIEW,
    "area": Permission.MAP_VIEW,
    "grid": Permission.GRID_VIEW,
    "grids": Permission.GRID_VIEW,
    "scenario": Permission.GRID_DRAW,
    "household": Permission.HOUSEHOLD_VIEW,
    "households": Permission.HOUSEHOLD_VIEW,
    # who is visited has a need
    "visit": Permission.HOUSEHOLD_PERSONAL,
    "export": Permission.EXPORT_REQUEST,
    "coverage": Permission.COVERAGE_VIEW,
    "plan": Permission.PLAN_VIEW,
    "call_out": Permission.PLAN_VIEW,
    "shelter": Permission.PLAN_VIEW,
    "return": Permission.PLAN_VIEW,
    "message": Permission.MAP_VIEW,
    "response": Permission.MAP_VIEW,
    "task": Permission.MAP_VIEW,
    "whistle": Permission.MAP_VIEW,
    "plan_template": Permission.PLAN_VIEW,
    "drill": Permission.PLAN_VIEW,
    "job": Permission.JOB_VIEW,
    "volunteer": Permission.INCIDENT_DISPATCH,
    "team": Permission.INCIDENT_DISPATCH,
    "dispatch": Permission.INCIDENT_DISPATCH,
}
_TRAIL_ONLY = frozenset({"household.read", "household.listed", "job.requested"})

Change = Mapping[str, Any]


def hears(viewer: Viewer, row: Mapping[str, Any]) -> bool:
    """Tell whether a person may hear of an event: by permission, in or around their areas."""
    permission = Permission.TRAIL_READ
    if row["kind"] not in _TRAIL_ONLY:
        permission = _HEARD_WITH.get(row["subject"], Permission.TRAIL_READ)
    code = row["area_code"]
    return any(
        code.startswith(area) or area.startswith(code) for area in viewer.areas_for(permission)
    )


def change(row: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an event for a watcher: what changed, never how or by whom."""
    return {
        "seq": row["seq"],
        "kind": row["kind"],
        "at": row["at"].isoformat(),
        "subject": row["subject"],
        "id": row["subject_id"],
        "area_code": row["area_code"],
    }


def head(database: Database) -> int:
    """Give the newest sequence number of all."""
    with database.transaction(system_scope()) as tx:
        row = event.newest(tx)
    return 0 if row is None else int(row["seq"])


def changes_after(
    database: Database, viewer: Viewer, after: int, limit: int
) -> tuple[list[dict[str, Any]], int, bool]:
    """Give what a person may hear of after a sequence number.

    Returns
    -------
    changes, last, complete
        At most `limit` changes in order, the number from which to ask on (everything up to it
        has been given or is not for this person), and whether that is all there was.
    """
    newest = head(database)
    found: list[dict[str, Any]] = []
    last = after
    for _page in range(_MOST_PAGES):
        with database.transaction(viewer.scope(None)) as tx:
            rows = event.after(tx, last, _PAGE)
        for row in rows:
            if len(found) == limit:
                return found, last, False
            last = int(row["seq"])
            if hears(viewer, row):
                found.append(change(row))
        if len(rows) < _PAGE:
            return found, max(last, newest), True
    return found, last, False


class Watcher:
    """One open stream."""

    def __init__(self, viewer: Viewer, token_hash: bytes) -> None:
        self.viewer = viewer
        self.token_hash = token_hash
        self.ended = False
        self._waiting: queue.Queue[Change | None] = queue.Queue(_QUEUE)

    def offer(self, row: Mapping[str, Any]) -> None:
        """Queue an event if the person may hear of it; a reader that is too slow is dropped."""
        if self.ended or not hears(self.viewer, row):
            return
        try:
            self._waiting.put_nowait(change(row))
        except queue.Full:
            self.end()

    def end(self) -> None:
        """End the stream once what waits has been left behind."""
        self.ended = True
        with contextlib.suppress(queue.Full):  # the reader sees `ended` when it comes back
            self._waiting.put_nowait(None)

    def next(self, seconds: float) -> Change | None:
        """Wait for a change; None when none came in time or the stream has ended."""
        if self.ended:
            return None
        try:
            return self._waiting.get(timeout=seconds) if seconds else self._waiting.get_nowait()
        except queue.Empty:
            return None


class Feed:
    """Reads the event table once for all watchers of this process.

    The listening thread starts with the first watcher. After any loss of the database it reads on
    from the last number it has given out, so nothing is skipped.
    """

    def __init__(self, database: Database, idle_seconds: int = 7200) -> None:
        self._database = database
        self._idle_seconds = idle_seconds
        self._watchers: set[Watcher] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._heard_at = 0.0
        self._touched_at = 0.0
        self.last = 0

    def watch(self, viewer: Viewer, token_hash: bytes) -> Watcher:
        """Begin to watch; everything committed from now on reaches the watcher."""
        watcher = Watcher(viewer, token_hash)
        with self._lock:
            if self._thread is None:
                self.last = head(self._database)
                self._heard_at = time.monotonic()
                self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
                self._thread.start()
            self._watchers.add(watcher)
        return watcher

    def leave(self, watcher: Watcher) -> None:
        """Stop watching."""
        with self._lock:
            self._watchers.discard(watcher)

    def watching(self) -> int:
        """Count the watchers of this process."""
        return len(self._watchers)

    @property
    def fresh(self) -> bool:
        """Tell whether the database has answered a moment ago."""
        return time.monotonic() - self._heard_at < _STALE_SECONDS

    def stop(self) -> None:
        """End every stream and the listening thread."""
        self._stopped.set()
        for watcher in self._now():
            watcher.end()
        if self._thread is not None:
            self._thread.join(timeout=3)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with notices.listening(self._database) as listener:
                    self._listen(listener)
            except notices.LOST:
                _log.warning("live.lost", exc_info=True)
                self._stopped.wait(1.0)

    def _listen(self, listener: notices.Listener) -> None:
        while not self._stopped.is_set():
            self._catch_up()
            self._look_at_sessions()
            until = time.monotonic() + _ROUND_SECONDS
            while not self._stopped.is_set() and time.monotonic() < until:
                heard = listener.wait(0.5)
                for notice in heard:
                    if notice.channel == notices.SESSIONS:
                        self._end_session(bytes.fromhex(notice.payload))
                if heard:
                    self._catch_up()

    def _catch_up(self) -> None:
        while True:
            with self._database.transaction(system_scope()) as tx:
                rows = event.after(tx, self.last, _PAGE)
            self._heard_at = time.monotonic()
            for row in rows:
                for watcher in self._now():
                    watcher.offer(row)
                # only now: whoever reads `last` finds everything up to it in its queue
                self.last = int(row["seq"])
            if len(rows) < _PAGE:
                return

    def _look_at_sessions(self) -> None:
        """End the streams of sessions that ran out, or of people who hold other roles by now.

        An open stream keeps its session in use. Whoever holds other roles comes back at once,
        and hears what the new ones allow.
        """
        watching = self._now()
        held = {watcher.token_hash for watcher in watching}
        if not held:
            return
        with self._database.transaction(system_scope()) as tx:
            if time.monotonic() - self._touched_at > _TOUCH_SECONDS:
                sessions.touch(tx, held)
                self._touched_at = time.monotonic()
            held_now = living(tx, held, self._idle_seconds)
        for watcher in watching:
            if held_now.get(watcher.token_hash) != frozenset(watcher.viewer.roles):
                watcher.end()

    def _end_session(self, token_hash: bytes) -> None:
        for watcher in self._now():
            if watcher.token_hash == token_hash:
                watcher.end()

    def _now(self) -> list[Watcher]:
        with self._lock:
            return list(self._watchers)
