"""Households: listed for a grid, read in hand for a purpose, put right with a version."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.household import FACTS, Purpose
from gridmap.model.problem import Problem, forbidden, not_found
from gridmap.services import masking, reading
from gridmap.services.access import Viewer
from gridmap.services.masking import Place, Sight
from gridmap.store import household, visit
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.view import households as listing

# Reading for an emergency is what breaking the glass is for; a file has its own way.
READABLE = (Purpose.VIEW, Purpose.VISIT, Purpose.CORRECTION)


def find(  # noqa: PLR0913 - what is looked for
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    *,
    grid: str | None = None,
    words: str | None = None,
    need: str | None = None,
    unplaced: bool = False,
    day: date | None = None,
    after: int = 0,
    limit: int = 100,
) -> dict[str, Any]:
    """List households of a grid; names as surnames only, needs where they may be read.

    With a day, `grid` is one of the grids of that day, and each household tells which one was
    around it then.
    """
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_VIEW, request_id)) as tx:
        glass = reading.opened(tx, viewer)
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
            day=day,
            after=after,
            limit=limit + 1,
        )
        total = listing.count(
            tx,
            grid=grid,
            words=words,
            need=need,
            unplaced=unplaced,
            needs_in=list(needs_in),
            day=day,
        )
        items = [_listed(viewer, row, glass) for row in rows[:limit]]
        if day is not None:
            for item, row in zip(items, rows, strict=False):
                item["grid_then"] = row["grid_then"]
        now = tx.value("SELECT now()")
        if any(each["needs"] is not None for each in items):
            reading.note_listing(tx, needs_in, "list", len(items), glass)
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
        # who is visited has a need: the days are for those who may read needs
        "last_visit": _day(row["last_visit"]) if seen.needs else None,
        "due_on": _day(row["due_on"]) if seen.needs else None,
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
        glass = reading.opened(tx, viewer)
        if purpose is Purpose.EMERGENCY and not _under(row["area_code"], glass):
            raise Problem(403, "Not allowed", "No emergency has opened this area to you")
        seen = masking.sight(viewer, row["area_code"], Place.CARD, purpose, glass)
        found = describe(tx, viewer, row, seen)
        reading.note_reading(tx, row, purpose, seen)
    return found


def _under(code: str, areas: Iterable[str]) -> bool:
    return any(code.startswith(area) for area in areas)


def describe(tx: Transaction, viewer: Viewer, row: Row, seen: Sight) -> dict[str, Any]:
    """Give the card of a household as far as it may be seen."""
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
        "hidden": masking.hidden(seen),
        "needs": _needs(tx, row["id"]) if seen.needs else None,
        "facts": _facts(tx, row, seen),
        "masked": not seen.names,
        "by_glass": seen.by_glass,
        "placed_by": row["placed_by"],
        "unplaced_reason": row["unplaced_reason"],
        "updated_at": row["updated_at"].isoformat(),
        "point": None if row["lon"] is None else [round(row["lon"], 6), round(row["lat"], 6)],
        "visits": [_visit(each, personal) for each in visit.of_household(tx, row["id"])]
        if seen.needs
        else None,
        "changes": [_change(each, seen) for each in household.changes(tx, row["id"])],
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


def _day(moment: date | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _needs(tx: Transaction, household_id: int) -> list[dict[str, Any]]:
    return [
        {**row, "seen_at": row["seen_at"].isoformat()} for row in household.needs(tx, household_id)
    ]


def _facts(tx: Transaction, row: Row, sight: Sight) -> list[dict[str, Any]]:
    """Say of each fact when it was seen and by whom, never its value.

    Who is visited has a need: when, by whom and that it was on a visit is for those who may read
    needs.
    """
    known = household.facts(tx, row["id"]) if sight.needs else {}
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
                "stale": sight.needs
                and (seen is None or (datetime.now(UTC) - seen["seen_at"]).days >= days),
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


def _change(row: Row, seen: Sight) -> dict[str, Any]:
    names = [str(name) for name in row["payload"].get("fields", [])]
    if not seen.needs:
        names = [name for name in names if name in FACTS and not FACTS[name].personal]
    return {
        "at": row["at"].isoformat(),
        "kind": row["kind"],
        "by": row["by"],
        "fields": names,
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
