"""What came of visits: taken once, as reports are; facts, needs and event in one transaction."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from gridmap.model.access import Permission
from gridmap.model.problem import Problem, bad_input
from gridmap.problems import fault
from gridmap.services import household_edits, visits
from gridmap.services.access import Viewer
from gridmap.store import event, household, visit
from gridmap.store.database import Database, Row, Transaction

_LONGEST_NOTE = 1000
_OLDEST = timedelta(days=90)  # a tablet that was off for longer has a wrong clock


@dataclass(frozen=True)
class Outcome:
    """What came of a visit, as written on the tablet.

    Attributes
    ----------
    id
        UUID made on the tablet.
    state
        ``done`` or ``missed``.
    at
        When it was, by the tablet's clock; the time of arrival when None.
    fields
        Facts that were asked and answered; what is absent stays as it is.
    needs
        Kind and number of people who have it; 0 removes it. None leaves all as they are.
    note
        Words of the member; for a missed visit why.
    """

    id: UUID
    state: str
    at: datetime | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    needs: tuple[tuple[str, int], ...] | None = None
    note: str | None = None
    device_time: datetime | None = None

    def content(self) -> dict[str, Any]:
        """Give what it says, as plain values."""
        return {
            "state": self.state,
            "at": self.at.isoformat() if self.at else None,
            "fields": self.fields,
            "needs": None if self.needs is None else [list(each) for each in self.needs],
            "note": self.note,
            "device_time": self.device_time.isoformat() if self.device_time else None,
        }

    def content_hash(self, visit_id: int) -> bytes:
        """Hash what it says of which visit, so that other content under this id is noticed."""
        text = json.dumps(
            {"visit": visit_id, **self.content()},
            ensure_ascii=False,
            sort_keys=True,
            allow_nan=False,
        )
        return hashlib.sha256(text.encode()).digest()


def finish(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    visit_id: int,
    given: Outcome,
) -> tuple[dict[str, Any], bool]:
    """Take what came of a visit: visit, facts, needs and event in one transaction.

    Returns
    -------
    dict, bool
        The receipt, and True if it was new.

    Raises
    ------
    Problem
        400 with the field that is wrong; 404 for no such visit; 409 for other content under the
        same id, or when the visit has ended already. What is refused with 409 is kept.
    """
    outcome = _checked(given)
    digest = outcome.content_hash(visit_id)
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_VISIT, request_id)) as tx:
        row = visits.read(tx, visit_id, lock=True)
        known = visit.result(tx, outcome.id)
        if known is not None and bytes(known["content_hash"]) == digest:
            return _receipt(known), False
        clash = known is not None or row["state"] != "planned"
        if not clash:
            stored = _store(tx, row, outcome, digest)
            clash = stored is None  # the id belongs to a visit that is not in these grids
        if clash:
            _keep(tx, row, outcome, digest)
    if clash:
        raise _refused(ended=known is None and row["state"] != "planned")
    assert stored is not None
    return _receipt(stored), True


def _refused(*, ended: bool) -> Problem:
    if ended:
        return Problem(
            409,
            "Conflict",
            "This visit has ended already; what you wrote is kept on the card of the household",
        )
    return Problem(
        409,
        "Conflict",
        "Another result has this id; both are kept, this one on the card of the household",
    )


def _checked(given: Outcome) -> Outcome:
    facts, faults = household_edits.examine(given.fields, given.needs or ())
    note = (given.note or "").strip() or None
    if note is not None and len(note) > _LONGEST_NOTE:
        faults.append(fault("note", f"at most {_LONGEST_NOTE} characters are taken"))
    if given.state == "missed" and note is None:
        faults.append(fault("reason", "say why, in a few words"))
    if faults:
        raise bad_input("the visit cannot be taken", faults)
    return Outcome(given.id, given.state, given.at, facts, given.needs, note, given.device_time)


def _store(tx: Transaction, row: Row, outcome: Outcome, digest: bytes) -> Row | None:
    now = datetime.now(UTC)
    at = outcome.at or now
    at = now if at > now or at < now - _OLDEST else at
    stored = visit.insert_result(
        tx,
        result_id=outcome.id,
        visit=row,
        outcome=outcome.state,
        content_hash=digest,
        at=at,
        device_time=outcome.device_time,
        note=outcome.note,
    )
    if stored is None:
        return None
    visit.end(tx, row["id"], outcome.state, at)
    if outcome.state == "done":
        home = household.read(tx, row["household_id"], lock=True)
        assert home is not None
        changed, newer = household_edits.apply(
            tx, home, outcome.fields, outcome.needs or (), seen_at=at, source="visit"
        )
        visit.keep_newer(tx, outcome.id, newer)
        stored = {**stored, "kept_newer": newer}
        if changed:
            household_edits.note_change(tx, home, changed)
    event.record(
        tx,
        f"visit.{outcome.state}",
        area_code=row["area_code"],
        subject_id=row["id"],
        payload={"visit": row["id"], "household": row["household_id"]},
    )
    return stored


def _keep(tx: Transaction, row: Row, outcome: Outcome, digest: bytes) -> None:
    kept = visit.keep_conflict(tx, row, outcome.id, digest, outcome.content())
    if kept is not None:
        event.record(
            tx,
            "visit.conflict",
            area_code=row["area_code"],
            subject_id=row["id"],
            payload={"visit": row["id"], "household": row["household_id"], "conflict": kept},
        )


def _receipt(row: Row) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "visit": row["visit_id"],
        "state": row["outcome"],
        f"{row['outcome']}_at": row["at"].isoformat(),
        "kept_newer": list(row["kept_newer"]),
    }
