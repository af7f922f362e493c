"""Households: listed for a grid, read in hand for a purpose, put right with a version."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.household import FACTS, MOST_PEOPLE, Purpose, fact_value, need_kind
from gridmap.model.problem import Problem, bad_input, forbidden, not_found
from gridmap.problems import fault
from gridmap.services import masking
from gridmap.services.access import Viewer
from gridmap.services.masking import Place, Sight
from gridmap.store import break_glass, event, household, visit
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.view import households as listing

# Reading for an emergency is what breaking the glass is for; a file has its own way.
READABLE = (Purpose.VIEW, Purpose.VISIT, Purpose.CORRECTION)
NEEDS = "needs"


def opened(tx: Transaction, viewer: Viewer) -> list[str]:
    """Give the areas an emergency has opened to a person now."""
    if not viewer.may(Permission.HOUSEHOLD_BREAK_GLASS):
        return []
    return break_glass.open_areas(tx, viewer.id)


def readable_needs(database: Database, viewer: Viewer) -> tuple[str, ...]:
    """Give the areas in which a person may read needs now."""
    if not viewer.may(Permission.HOUSEHOLD_BREAK_GLASS):
        return masking.needs_in(viewer)
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_BREAK_GLASS)) as tx:
        return masking.needs_in(viewer, opened(tx, viewer))


def find(  # noqa: PLR0913 - what is looked for
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    *,
    grid: str | None = None,
    words: str | None = None,
    need: str | None = None,
    unplaced: bool = False,
    after: int = 0,
    limit: int = 100,
) -> dict[str, Any]:
    """List households of a grid; names as surnames only, needs where they may be read."""
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_VIEW, request_id)) as tx:
        glass = opened(tx, viewer)
        needs_in = masking.needs_in(viewer, glass)
        if need is not None and not needs_in:
            raise forbidden(Permission.HOUSEHOLD_PERSONAL.value)
        rows = listing.find(
            tx,
            grid=grid,
            words=words,
            need=need,
            unplaced=unplaced,
            needs_in=list(needs_in),
            after=after,
            limit=limit + 1,
        )
        total = listing.count(
            tx, grid=grid, words=words, need=need, unplaced=unplaced, needs_in=list(needs_in)
        )
        items = [_listed(viewer, row, glass) for row in rows[:limit]]
        now = tx.value("SELECT now()")
        if any(each["needs"] is not None for each in items):
            note_listing(tx, needs_in, "list", len(items), glass)
    last = rows[limit - 1]["id"] if len(rows) > limit else None
    return {"items": items, "total": total, "next": last, "as_of": now.isoformat()}


def _listed(viewer: Viewer, row: Row, glass: Sequence[str]) -> dict[str, Any]:
    code = row["area_code"]
    seen = masking.sight(viewer, code, Place.LIST, Purpose.VIEW, glass)
    return {
        "id": row["id"],
        "grid": code if len(code) == 15 else None,
        "area": code,
        "address": row["address"],
        "people": row["people"],
        "householder": masking.mask_name(row["householder"]),
        # a list has telephone numbers only while an emergency needs people called one by one
        "phone": row["phone"] if seen.phones else None,
        "needs": list(row["needs"]) if seen.needs else None,
        "placed": row["placed"],
        "unplaced_reason": row["unplaced_reason"],
        "last_visit": row["last_visit"].isoformat() if row["last_visit"] else None,
        "due_on": row["due_on"].isoformat() if row["due_on"] else None,
    }


def card(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    household_id: int,
    purpose: Purpose = Purpose.VIEW,
) -> dict[str, Any]:
    """Give one household, masked as role, area and purpose demand; leaves a trace.

    Raises
    ------
    Problem
        404 if there is none in this person's areas; 403 for a purpose that is not theirs.
    """
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_VIEW, request_id)) as tx:
        row = household.read(tx, household_id)
        if row is None:
            raise not_found(f"household {household_id}")
        glass = opened(tx, viewer)
        if purpose is Purpose.EMERGENCY and not _under(row["area_code"], glass):
            raise forbidden("no emergency has opened this area to you")
        seen = masking.sight(viewer, row["area_code"], Place.CARD, purpose, glass)
        found = _card(tx, viewer, row, seen)
        note_reading(tx, row, purpose, seen)
    return found


def _under(code: str, areas: Iterable[str]) -> bool:
    return any(code.startswith(area) for area in areas)


def _card(tx: Transaction, viewer: Viewer, row: Row, seen: Sight) -> dict[str, Any]:
    code = row["area_code"]
    personal = viewer.may(Permission.HOUSEHOLD_PERSONAL, code)
    return {
        "id": row["id"],
        "version": row["version"],
        "grid": code if len(code) == 15 else None,
        "area": code,
        "address": row["address"],
        "unit": row["unit"],
        "room": row["room"],
        **masking.shown(row, seen),
        "needs": _needs(tx, row["id"]) if seen.needs else None,
        "facts": _facts(tx, row),
        "masked": not seen.names,
        "by_glass": seen.by_glass,
        "placed_by": row["placed_by"],
        "unplaced_reason": row["unplaced_reason"],
        "updated_at": row["updated_at"].isoformat(),
        "point": None if row["lon"] is None else [round(row["lon"], 6), round(row["lat"], 6)],
        "visits": [_visit(each, personal) for each in visit.of_household(tx, row["id"])],
        "changes": [_change(each) for each in household.changes(tx, row["id"])],
        "conflicts": [_conflict(each) for each in visit.conflicts(tx, row["id"])]
        if personal
        else [],
        "can": [*(["edit"] if may_edit(viewer, code) else []), *(["number"] if personal else [])],
    }


def may_edit(viewer: Viewer, area_code: str) -> bool:
    """Tell whether a person may put a household right: who looks after it, or data as such.

    An officer reads for an emergency; what is written comes from those who visit.
    """
    return viewer.may(Permission.HOUSEHOLD_VISIT, area_code)


def _needs(tx: Transaction, household_id: int) -> list[dict[str, Any]]:
    return [
        {**row, "seen_at": row["seen_at"].isoformat()} for row in household.needs(tx, household_id)
    ]


def _facts(tx: Transaction, row: Row) -> list[dict[str, Any]]:
    """Say of each fact when it was seen and by whom, never its value."""
    known = household.facts(tx, row["id"])
    found = []
    for name, days in household.fields(tx, row["area_code"]).items():
        seen = known.get(name)
        found.append(
            {
                "name": name,
                "kind": FACTS[name].kind,
                "choices": list(FACTS[name].choices),
                "seen_at": seen["seen_at"].isoformat() if seen else None,
                "seen_by": seen["seen_by"] if seen else None,
                "source": seen["source"] if seen else None,
                "stale": seen is None or (datetime.now(UTC) - seen["seen_at"]).days >= days,
            }
        )
    return found


def _visit(row: Row, personal: bool) -> dict[str, Any]:
    return {
        "id": row["id"],
        "state": row["state"],
        "due_on": row["due_on"].isoformat() if row["due_on"] else None,
        "at": row["ended_at"].isoformat() if row["ended_at"] else None,
        "by": row["by"],
        "needs": list(row["kinds"]) if personal else None,
        "note": row["note"] if personal else None,
    }


def _change(row: Row) -> dict[str, Any]:
    return {
        "at": row["at"].isoformat(),
        "kind": row["kind"],
        "by": row["by"],
        "fields": list(row["payload"].get("fields", [])),
        "version": row["payload"].get("version"),
    }


def _conflict(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "visit": row["visit_id"],
        "at": row["received_at"].isoformat(),
        "by": row["by"],
        "content": row["content"],
    }


def edit(  # noqa: PLR0913 - whose what, to what
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    household_id: int,
    *,
    version: int,
    facts: Mapping[str, object],
    needs: Sequence[tuple[str, int]] = (),
) -> tuple[dict[str, Any], list[str]]:
    """Put facts and needs of a household right; give its card and the names of what changed.

    Raises
    ------
    Problem
        400 with the field that is wrong; 404 for no such household in the grids one looks after;
        409 when somebody has changed it since `version`, naming what.
    """
    values = checked(facts, needs)
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_VISIT, request_id)) as tx:
        row = household.read(tx, household_id, lock=True)
        if row is None:
            raise not_found(f"household {household_id}")
        if row["version"] != version:
            raise stale(tx, row, version)
        now = tx.value("SELECT now()")
        changed, _newer = apply(tx, row, values, needs, seen_at=now, source="edit", force=True)
        fresh = household.read(tx, household_id)
        assert fresh is not None
        seen = masking.sight(viewer, row["area_code"], Place.CARD)
        found = _card(tx, viewer, fresh, seen)
        if changed:
            note_change(tx, row, changed)
    return found, changed


def checked(facts: Mapping[str, object], needs: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """Check facts and needs from outside; every fault with its place.

    Raises
    ------
    Problem
        400.
    """
    faults, values = [], {}
    for name, value in facts.items():
        try:
            values[name] = fact_value(name, value)
        except ValueError as error:
            faults.append(fault(f"fields.{name[:60]}", str(error)))
    for position, (kind, people) in enumerate(needs):
        try:
            need_kind(kind)
        except ValueError as error:
            faults.append(fault(f"needs.{position}.kind", str(error)))
        if not 0 <= people <= MOST_PEOPLE:
            faults.append(fault(f"needs.{position}.people", f"0 to {MOST_PEOPLE} are taken"))
    kinds = [kind for kind, _people in needs]
    if len(set(kinds)) != len(kinds):
        faults.append(fault("needs", "a kind is given more than once"))
    if faults:
        raise bad_input("This cannot be taken", faults)
    return values


def stale(tx: Transaction, row: Row, version: int) -> Problem:
    """Say what has changed since the version an edit is based on."""
    names = household.changed_since(tx, row["id"], version)
    return Problem(
        409,
        "Changed meanwhile",
        "Somebody has changed this household; look at it again, then repeat your change",
        [fault(name, "changed meanwhile") for name in names],
        {"version": row["version"], "changed": names},
    )


def apply(  # noqa: PLR0913 - what to store, and how it was seen
    tx: Transaction,
    row: Row,
    facts: Mapping[str, Any],
    needs: Sequence[tuple[str, int]],
    *,
    seen_at: datetime,
    source: str,
    force: bool = False,
) -> tuple[list[str], list[str]]:
    """Store facts and needs of a locked household.

    Parameters
    ----------
    force
        True for an edit of what is on the screen: what stands there was looked at.

    Returns
    -------
    changed, newer
        Names of what differs now; names of facts left alone because somebody saw them later.
    """
    known = {} if force else household.facts(tx, row["id"])
    newer = [name for name in facts if name in known and known[name]["seen_at"] > seen_at]
    taken = {name: value for name, value in facts.items() if name not in newer}
    changed = sorted(name for name, value in taken.items() if row[name] != value)
    household.set_facts(tx, row["id"], {name: taken[name] for name in changed})
    household.note_seen(tx, row["id"], row["area_code"], taken, seen_at=seen_at, source=source)
    put = [
        household.put_need(
            tx, row["id"], row["area_code"], kind, people, seen_at=seen_at, source=source
        )
        for kind, people in needs
    ]
    if any(put):
        if not changed:
            household.next_version(tx, row["id"])
        changed.append(NEEDS)
    return changed, newer


def settle(
    database: Database, viewer: Viewer, request_id: str | None, household_id: int, conflict_id: int
) -> None:
    """Put away a visit's result that was kept but not taken.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_VISIT, request_id)) as tx:
        row = household.read(tx, household_id)
        if row is None or not visit.settle(tx, conflict_id, household_id):
            raise not_found(f"conflict {conflict_id}")
        event.record(
            tx,
            "visit.settled",
            area_code=row["area_code"],
            subject_id=household_id,
            payload={"conflict": conflict_id},
        )


def note_change(tx: Transaction, row: Row, names: Sequence[str]) -> None:
    """Leave a trace of a change: which facts, never what they say."""
    version = tx.value("SELECT version FROM household WHERE id = :id", id=row["id"])
    event.record(
        tx,
        "household.changed",
        area_code=row["area_code"],
        subject_id=row["id"],
        payload={"fields": list(names), "version": version},
    )


def note_reading(tx: Transaction, row: Row, purpose: Purpose, seen: Sight) -> None:
    """Leave a trace of a household that was opened."""
    payload: dict[str, Any] = {"personal": seen.names or seen.needs, "purpose": purpose.value}
    if seen.number and row["id_number"]:
        payload["id_number"] = True
    if seen.by_glass:
        payload["break_glass"] = True
    event.record(
        tx, "household.read", area_code=row["area_code"], subject_id=row["id"], payload=payload
    )


def note_listing(
    tx: Transaction,
    needs_in: Sequence[str],
    subject_id: object,
    rows: int,
    glass: Sequence[str] = (),
) -> None:
    """Leave a trace of a list that showed needs of households."""
    payload: dict[str, Any] = {"rows": rows, "areas": list(needs_in)}
    if glass:
        payload["break_glass"] = list(glass)
    event.record(
        tx,
        "household.listed",
        area_code=needs_in[0],
        subject_id=subject_id,
        payload=payload,
    )
