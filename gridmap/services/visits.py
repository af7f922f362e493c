"""Visits: which are due, what their form asks, and what came of them; taken once, as reports are.

Nothing here counts what a member does: no quota, no check-in, no photo, no position.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from gridmap.model.access import Permission
from gridmap.model.household import FACTS, MOST_PEOPLE, Purpose, fact_value, need_kind
from gridmap.model.problem import bad_input, conflict, not_found
from gridmap.problems import fault
from gridmap.services import households, masking
from gridmap.services.access import Viewer
from gridmap.services.masking import Place
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


def due(  # noqa: PLR0913 - what part of the list
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    *,
    state: str = "planned",
    grid: str | None = None,
    after: tuple[int, str, int] | None = None,
    limit: int = 500,
) -> dict[str, Any]:
    """List visits; those that have become due are planned by this reading."""
    scope = viewer.scope(Permission.HOUSEHOLD_VIEW, request_id)
    if state == "planned" and after is None:
        with database.transaction(scope) as tx:
            plan(tx, scope.areas, grid)
    with database.transaction(scope) as tx:
        opened = households.opened(tx, viewer)
        rows = visit.due(tx, state=state, grid=grid, after=after, limit=limit + 1)
        listed = [_listed(viewer, row, opened) for row in rows[:limit]]
        readable = masking.needs_in(viewer, opened)
        if listed and any(each["needs"] for each in listed):
            households.note_listing(tx, readable, "visits", len(listed), opened)
        now = tx.value("SELECT now()")
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "items": listed,
        "as_of": now.isoformat(),
        "next": None
        if last is None
        else f"{last['priority']}.{last['due_on'] or 'infinity'}.{last['id']}",
    }


def plan(tx: Transaction, areas: tuple[str, ...], grid: str | None = None) -> int:
    """Plan what has become due; leaves an event when there was anything."""
    count = visit.plan(tx, grid)
    if count:
        where = grid if grid is not None else (areas[0] if len(areas[0]) >= 6 else None)
        if where is not None:
            event.record(
                tx,
                "visit.planned",
                area_code=where,
                subject_id="due",
                payload={"visits": count},
            )
    return count


def _listed(viewer: Viewer, row: Row, opened: list[str]) -> dict[str, Any]:
    seen = masking.sight(viewer, row["area_code"], Place.LIST, Purpose.VISIT, opened)
    code = row["area_code"]
    return {
        "id": row["id"],
        "household": row["household_id"],
        "address": row["address"],
        "grid": code if len(code) == 15 else None,
        "state": row["state"],
        "due_on": row["due_on"].isoformat() if row["due_on"] else None,
        "priority": row["priority"],
        "needs": list(row["kinds"]) if seen.needs else None,
        "householder": masking.mask_name(row["householder"]),
        "people": row["people"],
        "lon": None if row["lon"] is None else round(row["lon"], 6),
        "lat": None if row["lat"] is None else round(row["lat"], 6),
        "last_done": row["last_done"].isoformat() if row["last_done"] else None,
        "ended_at": row["ended_at"].isoformat() if row["ended_at"] else None,
    }


def form(
    database: Database, viewer: Viewer, request_id: str | None, visit_id: int
) -> dict[str, Any]:
    """Give the form of a visit, filled in; only what is stale or not known is to be asked.

    Raises
    ------
    Problem
        404 if there is no such visit in this person's grids.
    """
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_VISIT, request_id)) as tx:
        row = _visit(tx, visit_id)
        home = household.read(tx, row["household_id"])
        if home is None:
            raise not_found(f"visit {visit_id}")
        code = home["area_code"]
        known = household.facts(tx, home["id"])
        fresh = household.fields(tx, code)
        stale = {each["need"]: int(each["stale_days"]) for each in visit.rules(tx, code)}
        needs = household.needs(tx, home["id"])
        now = tx.value("SELECT now()")
        households.note_reading(tx, home, Purpose.VISIT, masking.Sight(names=True, needs=True))
    return {
        "visit": visit_id,
        "state": row["state"],
        "due_on": row["due_on"].isoformat() if row["due_on"] else None,
        "household": home["id"],
        "version": home["version"],
        "address": home["address"],
        "fields": [_field(name, home, known.get(name), days, now) for name, days in fresh.items()],
        "needs": [_need(each, stale, now) for each in needs],
        "need_kinds": sorted(set(stale) | {each["kind"] for each in needs}),
    }


def _field(name: str, home: Row, known: Row | None, days: int, now: datetime) -> dict[str, Any]:
    fact = FACTS[name]
    value, seen_at = home[name], known["seen_at"] if known else None
    found: dict[str, Any] = {
        "name": name,
        "kind": fact.kind,
        "value": value,
        "seen_at": seen_at.isoformat() if seen_at else None,
        "ask": seen_at is None or seen_at < now - timedelta(days=days),
        "needed": fact.needed,
    }
    if fact.choices:
        found["choices"] = list(fact.choices)
    return found


def _need(row: Row, stale: dict[str, int], now: datetime) -> dict[str, Any]:
    days = stale.get(row["kind"])
    return {
        "kind": row["kind"],
        "people": row["people"],
        "seen_at": row["seen_at"].isoformat(),
        "ask": days is not None and row["seen_at"] < now - timedelta(days=days),
    }


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
        row = _visit(tx, visit_id, lock=True)
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
        raise conflict(
            "another result has this id; both are kept, this one on the card of the household"
            if known is not None or row["state"] == "planned"
            else "this visit has ended already; what you wrote is kept on the card of the household"
        )
    assert stored is not None
    return _receipt(stored), True


def _visit(tx: Transaction, visit_id: int, *, lock: bool = False) -> Row:
    row = visit.read(tx, visit_id, lock=lock)
    if row is None:
        raise not_found(f"visit {visit_id}")
    return row


def _checked(given: Outcome) -> Outcome:
    faults, facts = [], {}
    for name, value in given.fields.items():
        try:
            facts[name] = fact_value(name, value)
        except ValueError as error:
            faults.append(fault(f"fields.{name[:60]}", str(error)))
    kinds = [kind for kind, _people in given.needs or ()]
    for position, (kind, people) in enumerate(given.needs or ()):
        try:
            need_kind(kind)
        except ValueError as error:
            faults.append(fault(f"needs.{position}.kind", str(error)))
        if not 0 <= people <= MOST_PEOPLE:
            faults.append(fault(f"needs.{position}.people", f"0 to {MOST_PEOPLE}"))
    if len(set(kinds)) != len(kinds):
        faults.append(fault("needs", "a kind is given more than once"))
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
        changed, newer = households.apply(
            tx, home, outcome.fields, outcome.needs or (), seen_at=at, source="visit"
        )
        visit.keep_newer(tx, outcome.id, newer)
        stored = {**stored, "kept_newer": newer}
        if changed:
            households.note_change(tx, home, changed)
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
