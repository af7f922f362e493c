"""The live feed as a poll and as a stream of server-sent events."""

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request, session
from gevent import monkey, spawn
from gevent.socket import wait_read

from gridmap.problems import TryLater, bad_value
from gridmap.services import live
from gridmap.services.access import Viewer
from gridmap.services.live import Feed, Watcher
from gridmap.services.sessions import token_hash
from gridmap.store.database import Database
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.permissions import signed_in
from gridmap.web.seats import Seats

blueprint = Blueprint("live", __name__)

SEEN_SECONDS = 10.0
_SEND_SECONDS = 20  # a reader that takes nothing for so long is cut off


class Poll(inputs.Query):
    """Parameters of the poll."""

    after: inputs.Sequence64 | None = None
    limit: inputs.Limit = 500


class Follow(inputs.Query):
    """Parameters of the stream."""

    after: inputs.Sequence64 | None = None


@blueprint.get("/api/live")
@signed_in
def poll() -> Response:
    """Give the changes after a sequence number; without one, the number to begin with."""
    asked = inputs.query(Poll)
    database = parts().database
    if asked.after is None:
        changes: list[dict[str, Any]] = []
        last = live.head(database)
    else:
        changes, last, _complete = live.changes_after(database, viewer(), asked.after, asked.limit)
    return jsonify(events=changes, last=last, server_time=_now())


@blueprint.get("/api/live/stream")
@signed_in
def stream() -> Response:
    """Stream the changes after `Last-Event-ID` or `after`, or from now on."""
    asked = inputs.query(Follow)
    after = _resume_from(asked.after)
    held = parts()
    person = viewer()
    seat = held.seats.take(person.id)
    if seat is None:
        raise TryLater.after(30, 503, "Too many open streams", "Poll /api/live instead")
    try:
        credential = getattr(session, "bearer", None) or getattr(session, "token", None)
        watcher = held.feed.watch(person, token_hash(credential or ""))
    except BaseException:
        held.seats.give_back(seat)
        raise
    source = _Source(held.database, held.feed, held.seats, seat, watcher, person, after)
    source.at_close(_guard_connection(watcher))
    answer = Response(source, mimetype="text/event-stream", direct_passthrough=True)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


class _Source:
    """The text of one stream; gives everything back when it is closed."""

    def __init__(  # noqa: PLR0913, PLR0917  a stream holds these until it ends
        self,
        database: Database,
        feed: Feed,
        seats: Seats,
        seat: int,
        watcher: Watcher,
        person: Viewer,
        after: int | None,
    ) -> None:
        self._database = database
        self._feed = feed
        self._seats = seats
        self._seat: int | None = seat
        self._watcher = watcher
        self._person = person
        self._after = after
        self._at_close: Callable[[], object] = bool
        self._lines = self._text()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._lines).encode()

    def at_close(self, action: Callable[[], object]) -> None:
        """Have something done when the stream is closed."""
        self._at_close = action

    def close(self) -> None:
        """Leave the feed and free the seat; safe to repeat."""
        self._at_close()
        self._feed.leave(self._watcher)
        if self._seat is not None:
            self._seats.give_back(self._seat)
            self._seat = None

    def _text(self) -> Iterator[str]:
        last = self._feed.last if self._after is None else self._after
        yield "retry: 3000\n\n"
        complete = self._after is None
        while not complete:
            changes, last, complete = live.changes_after(self._database, self._person, last, 500)
            for each in changes:
                yield _change(each)
        yield _seen(last)
        while not self._watcher.ended:
            heard = self._watcher.next(SEEN_SECONDS)
            reached = self._feed.last
            if heard is None:
                heard = self._watcher.next(0)  # queued before `last` moved, if at all
            if heard is not None:
                if heard["seq"] > last:
                    last = heard["seq"]
                    yield _change(heard)
            elif not self._watcher.ended:
                last = max(last, reached)
                # silence on both counts would let a dead reader keep its seat
                yield _seen(last) if self._feed.fresh else ": waiting for the database\n\n"


def _resume_from(after: int | None) -> int | None:
    header = request.headers.get("Last-Event-ID")
    if header is None or header == "":
        return after
    if not (header.isascii() and header.isdigit() and len(header) <= 18):
        raise bad_value("Last-Event-ID", "a sequence number is needed")
    return int(header)


def _guard_connection(watcher: Watcher) -> Callable[[], object]:
    """Notice a reader that takes nothing, or has gone, so that it does not hold its seat.

    Returns
    -------
    callable
        Ends the guard.
    """
    connection = request.environ.get("gunicorn.socket")
    if connection is None or not monkey.is_module_patched("socket"):
        return bool
    connection.settimeout(_SEND_SECONDS)

    def wait() -> None:
        # a stream's reader says nothing more: what can be read is the end
        with contextlib.suppress(OSError):
            wait_read(connection.fileno())
        watcher.end()

    guard = spawn(wait)
    return lambda: guard.kill(block=False)


def _change(each: Any) -> str:
    return f"id: {each['seq']}\nevent: change\ndata: {_compact(each)}\n\n"


def _seen(seq: int) -> str:
    # the id moves on with it: a reader that comes back need not wade through what is not for it
    return f"id: {seq}\nevent: seen\ndata: {_compact({'seq': seq, 'server_time': _now()})}\n\n"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _now() -> str:
    return datetime.now(UTC).isoformat()
