"""Reports of incidents: accepted once, however often they are sent."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import shapely

from gridmap.model.access import Scope
from gridmap.model.problem import Problem, bad_input, forbidden
from gridmap.store import area, event, incident
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.view import incidents as view

MOST_PHOTOS = 6
PLACED_BY = ("gps", "finger", "address")
_LONGEST_NOTE = 2000
_MINE_AT_MOST = 500


@dataclass(frozen=True)
class Report:
    """One report as made on a tablet.

    Attributes
    ----------
    id
        UUID made on the tablet.
    category
        Short key such as `waterlogging`.
    title
        What was seen, in the reporter's words.
    level
        1 (gravest) to 4; None for social-security events.
    lon, lat
        EPSG:4326; has passed the geometry gate.
    accuracy_m
        What the device said of its position, or None when placed by finger.
    placed_by
        How the place was found: `gps`, `finger` or `address`.
    note
        More words.
    device_time
        The tablet's clock when the report was made, or None.
    device_sequence
        Number of the report on its tablet.
    photos
        SHA-256 in hexadecimal of each photo that follows.
    """

    id: UUID
    category: str
    title: str
    level: int | None
    lon: float
    lat: float
    accuracy_m: float | None = None
    placed_by: str | None = None
    note: str | None = None
    device_time: datetime | None = None
    device_sequence: int | None = None
    photos: tuple[str, ...] = ()

    def content(self) -> dict[str, Any]:
        """Give what the report says, as plain values."""
        fields = asdict(self)
        fields["id"] = str(self.id)
        fields["device_time"] = self.device_time.isoformat() if self.device_time else None
        fields["photos"] = sorted(self.photos)
        return fields

    def content_hash(self) -> bytes:
        """Hash what the report says, so that other content under the same id is noticed."""
        text = json.dumps(self.content(), ensure_ascii=False, sort_keys=True, allow_nan=False)
        return hashlib.sha256(text.encode()).digest()


def intake_scope(scope: Scope) -> Scope:
    """Widen a member's scope from their grid to its community.

    A member who sees something across the street, in the neighbour's grid, reports it too.
    """
    return replace(scope, areas=tuple(sorted({own[:12] for own in scope.areas})))


def report(
    database: Database, scope: Scope, new: Report, sent_at: datetime | None = None
) -> tuple[dict[str, Any], bool]:
    """Store a report with its grid, its list of photos and its event in one transaction.

    Parameters
    ----------
    sent_at
        The clock of the device as it sent; None takes the time of the report for it.

    Returns
    -------
    dict, bool
        The receipt of what is stored, and True if it was new.

    Raises
    ------
    Problem
        400 for a place outside the county or a malformed field; 403 outside one's areas;
        409 for other content under the same id: what came is kept beside the report.
    """
    _check(new)
    digest = new.content_hash()
    intake = intake_scope(scope)
    with database.transaction(intake) as tx:
        area_code = _area_of(tx, intake, new)
        row = incident.insert(
            tx,
            id=new.id,
            area_code=area_code,
            category=new.category,
            title=new.title.strip(),
            level=new.level,
            lon=new.lon,
            lat=new.lat,
            accuracy_m=new.accuracy_m,
            placed_by=new.placed_by,
            note=new.note,
            device_time=new.device_time,
            device_sequence=new.device_sequence,
            sent_at=sent_at or new.device_time,
            photos=[bytes.fromhex(each) for each in new.photos],
            content_hash=digest,
        )
        if row is not None:
            receipt = _receipt(tx, row)
            event.record(
                tx,
                "incident.reported",
                area_code=row["area_code"],
                subject_id=row["id"],
                payload={"number": row["number"], "level": new.level, "photos": len(new.photos)},
            )
            return receipt, True
        known = incident.stored(tx, new.id)
        if known is not None and bytes(known["content_hash"]) == digest:
            return _receipt(tx, known), False
        _keep_both(tx, new, area_code, digest)
    raise Problem(
        409,
        "Conflict",
        "Another report has this id. Both are kept; the duty officer sees this one as well",
        more={"number": None if known is None else known["number"]},
    )


def mine(database: Database, scope: Scope, since: datetime | None, english: bool) -> dict[str, Any]:
    """Give a person's own reports and what has become of them, the newest change first."""
    with database.transaction(intake_scope(scope)) as tx:
        rows = view.mine(tx, since, _MINE_AT_MOST, english)
        as_of = tx.value("SELECT now()")
    return {"items": [_own(row) for row in rows], "as_of": as_of.isoformat()}


def _area_of(tx: Transaction, intake: Scope, new: Report) -> str:
    found = area.smallest_around(tx, shapely.Point(new.lon, new.lat).wkb)
    if found is None:
        raise bad_input(
            "Outside this county. Tap the map to move the pin, then send again",
            [{"place": "geometry", "message": "outside the county"}],
        )
    if not any(found.startswith(own) for own in intake.areas):
        raise forbidden(f"{found} is beyond your areas")
    return found


def _keep_both(tx: Transaction, new: Report, area_code: str, digest: bytes) -> None:
    kept = incident.keep_conflict(tx, new.id, area_code, new.content(), digest)
    if kept is not None:
        event.record(
            tx,
            "incident.conflicted",
            area_code=area_code,
            subject_id=new.id,
            payload={"conflict": kept},
        )


def _check(new: Report) -> None:
    faults = []
    if not re.fullmatch(r"[a-z_]{2,40}", new.category):
        faults.append({"place": "category", "message": "2-40 lower-case letters or underscores"})
    if not 1 <= len(new.title.strip()) <= 200:
        faults.append({"place": "title", "message": "1-200 characters"})
    if new.note is not None and not 1 <= len(new.note) <= _LONGEST_NOTE:
        faults.append({"place": "note", "message": f"1-{_LONGEST_NOTE} characters"})
    if new.level is not None and new.level not in (1, 2, 3, 4):
        faults.append({"place": "level", "message": "1 to 4, or none"})
    if new.accuracy_m is not None and not 0 <= new.accuracy_m <= 100_000:
        faults.append({"place": "accuracy_m", "message": "0 to 100000 metres"})
    if new.placed_by is not None and new.placed_by not in PLACED_BY:
        faults.append({"place": "placed_by", "message": f"one of {', '.join(PLACED_BY)}"})
    if len(new.photos) > MOST_PHOTOS or len(set(new.photos)) < len(new.photos):
        faults.append({"place": "photos", "message": f"at most {MOST_PHOTOS}, each once"})
    if faults:
        raise bad_input("the report cannot be taken", faults)


def _receipt(tx: Transaction, row: Row) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "number": row["number"],
        "grid": row["grid_code"],
        "grid_label": row["grid_label"],
        "state": row["state"],
        "reported_at": row["reported_at"].isoformat(),
        "skew_seconds": row["skew_seconds"],
        "photos": [dict(each) for each in incident.manifest(tx, row["id"])],
    }


def _own(row: Row) -> dict[str, Any]:
    grid = row["grid"]
    team = {"id": row["team_id"], "name": row["team"], "kind": row["team_kind"]}
    into = {"id": str(row["merged_into"]), "number": row["merged_into_number"]}
    return {
        "id": str(row["id"]),
        "number": row["number"],
        "category": row["category"],
        "title": row["title"],
        "level": row["level"],
        "state": row["state"],
        "version": row["version"],
        "grid": grid,
        "grid_label": None if grid is None else f"{grid[9:12]}-{grid[12:15]}",
        "reported_at": row["reported_at"].isoformat(),
        "state_changed_at": row["state_changed_at"].isoformat(),
        "due_at": None if row["due_at"] is None else row["due_at"].isoformat(),
        "skew_seconds": row["skew_seconds"],
        "assignee": None if row["team_id"] is None else team,
        "merged_into": None if row["merged_into"] is None else into,
        "reason": row["reason"],
        "photos": row["photos"],
        "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
    }
