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
from gridmap.model.problem import bad_input, conflict, forbidden
from gridmap.store import area, event, incident
from gridmap.store.database import Database, Row


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
    device_time
        The tablet's clock, or None.
    """

    id: UUID
    category: str
    title: str
    level: int | None
    lon: float
    lat: float
    accuracy_m: float | None = None
    device_time: datetime | None = None

    def content_hash(self) -> bytes:
        """Hash what the report says, so that other content under the same id is noticed."""
        fields = asdict(self)
        fields["id"] = str(self.id)
        fields["device_time"] = self.device_time.isoformat() if self.device_time else None
        text = json.dumps(fields, ensure_ascii=False, sort_keys=True, allow_nan=False)
        return hashlib.sha256(text.encode()).digest()


def report(database: Database, scope: Scope, new: Report) -> tuple[dict[str, Any], bool]:
    """Store a report with its grid and event in one transaction.

    Returns
    -------
    dict, bool
        What is stored, and True if it was new.

    Raises
    ------
    Problem
        400 for a place outside the county or a malformed field; 403 outside one's areas;
        409 for other content under the same id.
    """
    _check(new)
    digest = new.content_hash()
    # a member who sees something across the street, in the neighbour's grid, reports it too
    intake = replace(scope, areas=tuple(sorted({own[:12] for own in scope.areas})))
    with database.transaction(intake) as tx:
        area_code = area.smallest_around(tx, shapely.Point(new.lon, new.lat).wkb)
        if area_code is None:
            raise bad_input(
                "Outside this county. Tap the map to move the pin, then send again",
                [{"place": "geometry", "message": "outside the county"}],
            )
        if not any(area_code.startswith(own) for own in intake.areas):
            raise forbidden(f"{area_code} is beyond your areas")
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
            device_time=new.device_time,
            content_hash=digest,
        )
        if row is not None:
            event.record(
                tx,
                "incident.reported",
                area_code=row["area_code"],
                subject_id=row["id"],
                payload={"number": row["number"], "level": new.level},
            )
            return _receipt(row), True
        known = incident.stored(tx, new.id)
    if known is None or bytes(known["content_hash"]) != digest:
        raise conflict("another report has this id; both are kept, this one under a new id")
    return _receipt(known), False


def _check(new: Report) -> None:
    faults = []
    if not re.fullmatch(r"[a-z_]{2,40}", new.category):
        faults.append({"place": "category", "message": "2-40 lower-case letters or underscores"})
    if not 1 <= len(new.title.strip()) <= 200:
        faults.append({"place": "title", "message": "1-200 characters"})
    if new.level is not None and new.level not in (1, 2, 3, 4):
        faults.append({"place": "level", "message": "1 to 4, or none"})
    if new.accuracy_m is not None and not 0 <= new.accuracy_m <= 100_000:
        faults.append({"place": "accuracy_m", "message": "0 to 100000 metres"})
    if faults:
        raise bad_input("the report cannot be taken", faults)


def _receipt(row: Row) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "number": row["number"],
        "grid": row["grid_code"],
        "state": row["state"],
        "reported_at": row["reported_at"].isoformat(),
    }
