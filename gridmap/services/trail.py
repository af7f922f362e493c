"""The trail: read it, prove that nobody touched it."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from gridmap.model.access import Scope, system_scope
from gridmap.model.problem import bad_input
from gridmap.services.progress import Progress
from gridmap.services.trail_heads import read_head, signed_head
from gridmap.store import event, job, trail
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.trail import Wanted

__all__ = [
    "Fault",
    "Verdict",
    "ask",
    "hash_of",
    "last_check",
    "page",
    "read_head",
    "run",
    "signed_head",
    "verify",
]

_MOST_ROWS = 200
_STEP = 5000


@dataclass(frozen=True)
class Fault:
    """The first place where the trail is not what it was.

    Attributes
    ----------
    kind
        `altered`, `missing`, `reordered` or `other_head`.
    position
        Place in the chain, from 1.
    seq
        Number of the event found there; None where there is none.
    detail
        One sentence.
    """

    kind: str
    position: int
    seq: int | None
    detail: str


@dataclass(frozen=True)
class Verdict:
    """What a walk along the whole chain has found.

    Attributes
    ----------
    events
        How many events are sound, up to the fault if there is one.
    fault
        None for a sound trail.
    """

    events: int
    fault: Fault | None


def hash_of(previous: bytes, row: Mapping[str, Any]) -> bytes:
    """Compute the hash of an event anew, apart from the database's own function.

    Parameters
    ----------
    previous
        Hash of the event before it; empty for the first.
    row
        A row of `store.trail.walk`.
    """
    fields = (
        previous.hex(),
        str(row["position"]),
        str(row["seq"]),
        row["kind"],
        row["area_code"],
        row["subject"],
        row["subject_id"],
        row["payload"],
        row["user_id"],
        row["request_id"],
        str(row["microseconds"]),
    )
    text = ",".join(f"{len(field.encode())}:{field}" for field in fields)
    return hashlib.sha256(text.encode()).digest()


def verify(
    database: Database, heads: tuple[Mapping[str, Any], ...] = (), progress: Progress | None = None
) -> Verdict:
    """Walk along the whole chain and compare it with heads kept elsewhere.

    Parameters
    ----------
    database
        Read in one snapshot, over all areas.
    heads
        Signed heads as `signed_head` gave them earlier; their signatures have been checked.
    progress
        Told how far the walk is.

    Returns
    -------
    Verdict
        With the first event that was altered, is missing or stands elsewhere than it did.
    """
    with database.transaction(system_scope(), snapshot=True) as tx:
        end = trail.head(tx)
        kept = {int(one["position"]): one for one in heads}
        beyond = [position for position in kept if position > end["position"]]
        walked = _walk(tx, kept, int(end["position"]), progress)
    if walked.fault is not None:
        return walked
    if walked.events != end["position"]:
        lost = walked.events + 1
        detail = f"the trail ended at {end['position']}, the last ones are gone"
        return Verdict(walked.events, Fault("missing", lost, None, detail))
    if beyond:
        detail = f"a head kept elsewhere ended at {max(beyond)}"
        return Verdict(walked.events, Fault("missing", walked.events + 1, None, detail))
    return walked


def _walk(
    tx: Transaction, kept: Mapping[int, Mapping[str, Any]], total: int, progress: Progress | None
) -> Verdict:
    previous, before, count = b"", 0, 0
    rows = trail.walk(tx)
    following = next(rows, None)
    while following is not None:
        row, following = following, next(rows, None)
        fault = _fault(row, count + 1, before, previous, kept.get(count + 1))
        if fault is not None and following is not None and following["seq"] < row["seq"]:
            fault = replace(fault, kind="reordered")
        if fault is not None:
            return Verdict(count, fault)
        previous, before, count = bytes(row["hash"]), row["seq"], count + 1
        if progress is not None and count % _STEP == 0:
            progress.step(count, max(total, count))
    return Verdict(count, None)


def _fault(
    row: Mapping[str, Any],
    position: int,
    before: int,
    previous: bytes,
    kept: Mapping[str, Any] | None,
) -> Fault | None:
    seq = int(row["seq"])
    if row["position"] > position:
        detail = f"nothing between events {before} and {seq}"
        return Fault("missing", position, None, detail)
    if row["position"] < position or seq <= before:
        detail = f"event {seq} stands after event {before}"
        return Fault("reordered", position, seq, detail)
    if hash_of(previous, row) != bytes(row["hash"]):
        detail = f"event {seq} ({row['kind']}) is not what was recorded"
        return Fault("altered", position, seq, detail)
    if kept is not None and bytes(row["hash"]).hex() != kept["hash"]:
        detail = "the chain was made anew: it differs from the head kept elsewhere"
        return Fault("other_head", position, seq, detail)
    return None


def page(
    database: Database, scope: Scope, wanted: Wanted, limit: int = _MOST_ROWS
) -> dict[str, Any]:
    """Read a page of the trail, the newest first.

    Raises
    ------
    Problem
        400 for a day that is none or a name that no event has.
    """
    _check(wanted)
    with database.transaction(scope) as tx:
        rows = trail.read(tx, wanted, min(limit, _MOST_ROWS) + 1)
    more = len(rows) > min(limit, _MOST_ROWS)
    rows = rows[: min(limit, _MOST_ROWS)]
    items = [dict(row) | {"at": row["at"].isoformat()} for row in rows]
    return {"items": items, "next": rows[-1]["seq"] if more else None}


def _check(wanted: Wanted) -> None:
    faults = []
    for name in ("since", "until"):
        given = getattr(wanted, name)
        try:
            if given is not None:
                date.fromisoformat(given)
        except ValueError:
            faults.append({"place": name, "message": "a day such as 2026-06-19"})
    if wanted.kind is not None and not re.fullmatch(r"[a-z_]{1,40}(\.[a-z_]{0,40})?", wanted.kind):
        faults.append({"place": "kind", "message": "the start of a name such as incident.merged"})
    if wanted.area is not None and not re.fullmatch(r"[0-9]{6,15}", wanted.area, re.ASCII):
        faults.append({"place": "area", "message": "an area code of 6 to 15 digits"})
    if faults:
        raise bad_input("the trail cannot be searched for this", faults)


def ask(database: Database, scope: Scope) -> int:
    """Ask for a walk along the whole chain in a worker and give the job's id."""
    with database.transaction(scope) as tx:
        return job.request(
            tx,
            kind="trail.verify",
            queue="slow",
            area_code=scope.areas[0],
            arguments={},
        )


def run(database: Database, row: Row, progress: Progress) -> None:
    """Walk along the chain as a job; the result says what was found."""
    verdict = verify(database, progress=progress)
    found = _told(verdict)
    with database.transaction(system_scope(row["request_id"])) as tx:
        job.finish(tx, int(row["id"]), int(row["token"]), found, None)
        event.record(
            tx,
            "trail.verified",
            area_code=row["area_code"],
            subject_id=row["id"],
            payload={"events": verdict.events, "sound": verdict.fault is None},
        )


def _told(verdict: Verdict) -> dict[str, Any]:
    fault = verdict.fault
    return {
        "events": verdict.events,
        "sound": fault is None,
        "fault": None if fault is None else vars(fault),
    }


def last_check(database: Database, scope: Scope) -> dict[str, Any] | None:
    """Give the newest walk along the chain: its job's state and what it found."""
    with database.transaction(scope) as tx:
        row = job.newest(tx, "trail.verify")
    if row is None:
        return None
    return {
        "job": row["id"],
        "state": row["state"],
        "done": row["done"],
        "total": row["total"],
        "ended_at": row["ended_at"].isoformat() if row["ended_at"] else None,
        "result": row["result"],
    }
