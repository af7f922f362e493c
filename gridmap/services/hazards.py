"""Hazards: declare and lift."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from shapely.geometry.base import BaseGeometry

from gridmap.model.access import Scope
from gridmap.model.hazard import LEVELS, LONGEST_NOTE, WITHOUT_LEVEL
from gridmap.model.problem import bad_input, forbidden, not_found
from gridmap.services import coverage_refresh, hazard_messages
from gridmap.store import area, event, hazard
from gridmap.store.database import Database, Transaction


@dataclass(frozen=True)
class NewHazard:
    """A hazard as drawn by an officer or read from a file; shapes have passed the gate.

    Attributes
    ----------
    kind
        Such as `flood`, `landslide`, `fire`; lower-case letters and underscores.
    name
        What people call it.
    severity
        red, orange, yellow, blue; None for social-security events, which carry no level.
    shape
        Polygon or MultiPolygon in EPSG:4326: the area to be cleared.
    blocked
        Part that nobody can pass any more, or None.
    exercise
        True for a drill: never mixed up with the real thing.
    ends_at
        When it is expected to be over, or None.
    note
        What the officer wrote, or None.
    """

    kind: str
    name: str
    severity: str | None
    shape: BaseGeometry
    blocked: BaseGeometry | None = None
    exercise: bool = False
    ends_at: datetime | None = None
    note: str | None = None


def declare(database: Database, scope: Scope, new: NewHazard) -> int:
    """Declare a hazard and give its id.

    Raises
    ------
    Problem
        400 for words that are not, or a place outside every area; 403 outside one's own areas.
    """
    check(new)
    with database.transaction(scope) as tx:
        hazard_id, area_code = insert(tx, new)
        record(tx, hazard_id, area_code, new)
    return hazard_id


def insert(tx: Transaction, new: NewHazard) -> tuple[int, str]:
    """Insert a hazard that has been checked, and give its id and its area; `record` comes last.

    Raises
    ------
    Problem
        400 for a place outside every area; 403 outside one's own areas.
    """
    area_code = area.smallest_around(tx, new.shape.wkb)
    if area_code is None:
        raise bad_input("the hazard lies outside the county")
    # one that reaches beyond a person's township is the county's to declare
    if not any(area_code.startswith(own) for own in tx.scope.areas):
        raise forbidden(f"a hazard in {area_code} is beyond your areas")
    hazard_id = hazard.insert(
        tx,
        area_code=area_code,
        kind=new.kind,
        name=new.name.strip(),
        severity=new.severity,
        wkb=new.shape.wkb,
        blocked_wkb=None if new.blocked is None else new.blocked.wkb,
        exercise=new.exercise,
        ends_at=new.ends_at,
        note=(new.note or "").strip() or None,
    )
    return hazard_id, area_code


def record(
    tx: Transaction, hazard_id: int, area_code: str, new: NewHazard, because: int | None = None
) -> None:
    """Tell the area that a hazard was declared and record it, last in its transaction.

    Parameters
    ----------
    because
        Id of the warning it was declared from, if any.
    """
    closes = new.blocked is not None and not new.exercise
    if closes:
        coverage_refresh.hold(tx, area_code)
    hazard_messages.declared(tx, hazard_id)
    if closes:
        coverage_refresh.ask(tx, area_code)
    event.record(
        tx,
        "hazard.declared",
        area_code=area_code,
        subject_id=hazard_id,
        payload={
            "kind": new.kind,
            "severity": new.severity,
            "exercise": new.exercise,
            **({} if because is None else {"alert": because}),
        },
    )


def check(new: NewHazard) -> None:
    """Refuse words that are not.

    Raises
    ------
    Problem
        400 with every fault and its place.
    """
    faults = []
    if not re.fullmatch(r"[a-z_]{2,40}", new.kind):
        faults.append({"place": "kind", "message": "2-40 lower-case letters or underscores"})
    if not 1 <= len(new.name.strip()) <= 200:
        faults.append({"place": "name", "message": "1-200 characters"})
    if new.severity is not None and new.severity not in LEVELS:
        faults.append({"place": "severity", "message": f"one of {', '.join(LEVELS)}"})
    if new.shape.geom_type not in ("Polygon", "MultiPolygon"):
        faults.append({"place": "geometry", "message": "a polygon"})
    if new.kind in WITHOUT_LEVEL and new.severity is not None:
        faults.append({"place": "severity", "message": "events of this kind carry no level"})
    if new.ends_at is not None and new.ends_at <= datetime.now(UTC):
        faults.append({"place": "ends_at", "message": "a time to come"})
    if len(new.note or "") > LONGEST_NOTE:
        faults.append({"place": "note", "message": f"at most {LONGEST_NOTE} characters"})
    if faults:
        raise bad_input("the hazard cannot be declared", faults)


def lift(database: Database, scope: Scope, hazard_id: int) -> None:
    """Lift a hazard.

    Raises
    ------
    Problem
        404 if no declared hazard of this person's area has this id.
    """
    with database.transaction(scope) as tx:
        row = hazard.lift(tx, hazard_id)
        if row is None:
            raise not_found(f"declared hazard {hazard_id}")
        if row["closes"]:
            coverage_refresh.hold(tx, row["area_code"])
        hazard_messages.lifted(tx, hazard_id)
        if row["closes"]:
            coverage_refresh.ask(tx, row["area_code"])
        event.record(
            tx,
            "hazard.lifted",
            area_code=row["area_code"],
            subject_id=hazard_id,
            payload={"exercise": row["exercise"]},
        )


def find(database: Database, scope: Scope, text: str) -> int:
    """Give the id of the one declared hazard with this id, name or kind.

    Raises
    ------
    Problem
        404 if there is none, 400 if several answer to it.
    """
    with database.transaction(scope) as tx:
        rows = hazard.named(tx, text)
    if not rows:
        raise not_found(f"declared hazard {text!r}")
    if len(rows) > 1:
        known = ", ".join(f"{row['id']} {row['name']}" for row in rows)
        raise bad_input(f"{text!r} may be any of {known}; give the id")
    return int(rows[0]["id"])
