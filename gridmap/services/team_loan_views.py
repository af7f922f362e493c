"""What each side of a loan is shown of it, and what it may do about it."""

from typing import Any
from uuid import UUID

from gridmap.model.access import Permission, system_scope
from gridmap.model.problem import not_found
from gridmap.services.access import Viewer
from gridmap.store import team_loan as rows
from gridmap.store.database import Database, Row

_MAY = Permission.INCIDENT_DISPATCH
_MOST = 300


def listing(database: Database, viewer: Viewer, incident_id: UUID | None) -> dict[str, Any]:
    """List what was asked of one's areas and for them, with what one may do about each."""
    with database.transaction(viewer.scope(_MAY)) as tx:
        found = [row for row in rows.listing(tx, incident_id, _MOST) if sides_of(viewer, row)]
        now = tx.value("SELECT now()")
    return {
        "items": _shown(database, viewer, found),
        "as_of": now.isoformat(),
    }


def one(database: Database, viewer: Viewer, loan_id: int) -> dict[str, Any]:
    """Give one loan.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(viewer.scope(_MAY)) as tx:
        row = rows.read(tx, loan_id)
    if row is None or not sides_of(viewer, row):
        raise not_found(f"team loan {loan_id}")
    return _shown(database, viewer, [row])[0]


def areas_of(row: Row) -> list[str]:
    """Give the areas of both sides: each keeps a trail of what is done."""
    return sorted({str(row["area_code"]), str(row["lender_code"])})


def payload(row: Row) -> dict[str, Any]:
    """Give what the trail of either side says of a loan."""
    return {
        "loan": row["id"],
        "number": row["incident_number"],
        "team": row["team_id"],
        "exercise": row["exercise"],
    }


def sides_of(viewer: Viewer, row: Row) -> list[str]:
    """Tell as what a person sees a loan: of whose team it is, of who asks, both, or none."""
    own = viewer.areas_for(_MAY)
    area = str(row["area_code"])
    sides = ["lender"] if viewer.may(_MAY, row["lender_code"]) else []
    # inside the area that asks the team may be sent, and nothing about the loan be decided
    if viewer.may(_MAY, area):
        sides.append("borrower")
    elif any(code.startswith(area) for code in own):
        sides.append("inside")
    return sides


def _shown(database: Database, viewer: Viewer, found: list[Row]) -> list[dict[str, Any]]:
    codes = sorted({code for row in found for code in areas_of(row)})
    # names of areas are no secret, though rows of another county are not to be seen
    with database.transaction(system_scope()) as tx:
        names = rows.places(tx, codes)
    return [_one(viewer, row, names) for row in found]


def _one(viewer: Viewer, row: Row, names: dict[str, tuple[str, str | None]]) -> dict[str, Any]:
    sides = sides_of(viewer, row)
    borrows = "borrower" in sides or "inside" in sides
    moments = ("asked_at", "asked_until", "answered_at", "lent_until", "ended_at")
    return {
        **{name: row[name] for name in ("id", "state", "exercise", "note", "reason", "revision")},
        **{name: row[name] and row[name].isoformat() for name in moments},
        "over": row["over"],
        "sides": sides,
        "borrower": _place(row["area_code"], names),
        "lender": _place(row["lender_code"], names),
        "team": {
            "id": row["team_id"],
            "kind": row["team_kind"],
            "name": row["team_name"],
            "name_en": row["team_name_en"],
            "people": row["team_people"],
        },
        "incident": {
            # the page of the incident is theirs who asked
            "id": str(row["incident_id"]) if borrows and row["incident_id"] else None,
            "number": row["incident_number"],
            "category": row["category"],
            "level": row["level"],
            "place": row["place_zh"],
            "place_en": row["place_en"],
            "lon": row["lon"],
            "lat": row["lat"],
        },
        # whom the lender leaves without cover is the lender's to know
        "uncovered": row["uncovered"] if "lender" in sides else None,
        "can": _can(row, sides),
    }


def _place(code: str, names: dict[str, tuple[str, str | None]]) -> dict[str, Any]:
    zh, en = names.get(code, (code, None))
    return {"area": code, "name": zh, "name_en": en}


def _can(row: Row, sides: list[str]) -> list[str]:
    lends, borrows = "lender" in sides, "borrower" in sides
    if row["state"] == "asked":
        return [
            *(["accept", "decline"] if lends and not row["over"] else []),
            *(["withdraw"] if borrows else []),
        ]
    if row["state"] == "accepted":
        return [*(["extend"] if lends else []), *(["return"] if lends or borrows else [])]
    return []
