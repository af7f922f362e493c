"""Breaking the glass: needs and phone numbers of an area, for a declared hazard, not for long."""

from datetime import timedelta
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.problem import Problem, bad_input, not_found
from gridmap.problems import fault
from gridmap.services.access import Viewer
from gridmap.store import break_glass, event
from gridmap.store.database import Database, Row, Transaction

LASTS = timedelta(hours=2)
SHORTEST_REASON = 10
LONGEST_REASON = 500
_SMALLEST_AREA = 9  # digits; a whole county is not one place in need


def open_area(  # noqa: PLR0913 - who opens what, why
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    *,
    hazard_id: int,
    area_code: str,
    reason: str,
) -> dict[str, Any]:
    """Open the needs and telephone numbers of an area to the person who asks.

    Raises
    ------
    Problem
        400 for a reason too short or an area too wide; 404 for an area or hazard that is not
        there or not theirs; 409 without a hazard in force that touches the area.
    """
    _check(area_code, reason)
    if not viewer.may(Permission.HOUSEHOLD_BREAK_GLASS, area_code):
        raise not_found(f"area {area_code}")
    scope = viewer.scope(Permission.HOUSEHOLD_BREAK_GLASS, request_id)
    with database.transaction(scope) as tx:
        found = break_glass.hazard(tx, hazard_id, area_code)
        if found is None:
            raise not_found(f"hazard {hazard_id}")
        _in_force(found)
        row = break_glass.add(
            tx, area_code=area_code, hazard_id=hazard_id, reason=reason.strip(), lasts=LASTS
        )
        event.record(
            tx,
            "break_glass.opened",
            area_code=area_code,
            subject_id=row["id"],
            payload={"hazard": hazard_id, "until": row["until"].isoformat()},
        )
    return {
        "id": row["id"],
        "area": area_code,
        "hazard": hazard_id,
        "until": row["until"].isoformat(),
    }


def _check(area_code: str, reason: str) -> None:
    faults = []
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        faults.append(fault("reason", f"{SHORTEST_REASON} to {LONGEST_REASON} characters"))
    if len(area_code) < _SMALLEST_AREA:
        faults.append(fault("area", "a township, community or grid is needed: 9, 12 or 15 digits"))
    if faults:
        raise bad_input("This cannot be opened", faults)


def _in_force(hazard: Row) -> None:
    if hazard["state"] != "declared" or hazard["over"]:
        raise Problem(
            409, "Conflict", "This hazard has been lifted: needs and phone numbers stay closed"
        )
    if hazard["exercise"]:
        raise Problem(409, "Conflict", "This hazard is an exercise: it opens nobody's data")
    if not hazard["touches"]:
        raise Problem(
            409,
            "Conflict",
            "This hazard does not touch the area: needs and phone numbers stay closed",
        )


def close_area(database: Database, viewer: Viewer, request_id: str | None, glass_id: int) -> None:
    """End an opening of one's own before its time.

    Raises
    ------
    Problem
        404.
    """
    scope = viewer.scope(Permission.HOUSEHOLD_BREAK_GLASS, request_id)
    with database.transaction(scope) as tx:
        row = break_glass.close(tx, glass_id, viewer.id)
        if row is None:
            raise not_found(f"opening {glass_id}")
        event.record(tx, "break_glass.closed", area_code=row["area_code"], subject_id=glass_id)


def listing(database: Database, viewer: Viewer) -> list[dict[str, Any]]:
    """List openings: everybody's for auditor and security administrator, else one's own."""
    watched = (Permission.TRAIL_READ, Permission.ROLE_MANAGE)
    watches = next((each for each in watched if viewer.may(each)), None)
    with database.transaction(viewer.scope(watches)) as tx:
        rows = break_glass.listing(tx, user_id=None if watches else viewer.id)
    return [_row(row) for row in rows]


def own(tx: Transaction, viewer: Viewer | None) -> list[dict[str, Any]]:
    """List what is open to a person now, for the banner on every page."""
    if viewer is None or not viewer.may(Permission.HOUSEHOLD_BREAK_GLASS):
        return []
    rows = break_glass.listing(tx, user_id=viewer.id, in_force=True)
    return [
        {
            "id": row["id"],
            "area": row["area"],
            "area_name": row["area_name"],
            "area_name_en": row["area_name_en"],
            "hazard": row["hazard"],
            "until": row["until"].isoformat(),
        }
        for row in rows
    ]


def _row(row: Row) -> dict[str, Any]:
    moments = ("opened_at", "until", "closed_at")
    return {
        **row,
        **{name: row[name].isoformat() if row[name] else None for name in moments},
    }
