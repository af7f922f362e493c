"""Road closures: close a street, say why, open it again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.model.access import Scope
from gridmap.model.problem import bad_input, forbidden, not_found
from gridmap.services import county_turns, coverage_refresh
from gridmap.store import area, closure, event
from gridmap.store.database import Database, Row, Transaction

_LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class NewClosure:
    """A closure as an officer gives it; the shape has passed the gate.

    Attributes
    ----------
    shape
        In EPSG:4326: a point on or near the street, a line along it, or an area.
    reason
        Why nobody can pass, as people are to read it.
    closes
        `ground`, `bridges` (and tunnels, alone) or `all`; None: what the street at a point is,
        else `ground`.
    ends_at
        When it ends by itself; None: when it is opened again.
    """

    shape: BaseGeometry
    reason: str
    closes: str | None = None
    ends_at: datetime | None = None


def close(database: Database, scope: Scope, new: NewClosure) -> dict[str, Any]:
    """Close a street from now on.

    Returns
    -------
    dict
        id, name of the street (None without one), closes.

    Raises
    ------
    Problem
        400 for a reason or time that is none, or where no street is; 403 outside one's own areas.
    """
    reason = _checked(new.reason, new.ends_at)
    with database.transaction(scope) as tx:
        shape, street = _street(tx, new.shape)
        area_code = area.smallest_around(tx, shape.wkb)
        if area_code is None:
            raise bad_input("the closure lies outside the county")
        if not any(area_code.startswith(own) for own in scope.areas):
            raise forbidden(f"a closure in {area_code} is beyond your areas")
        on_bridge = bool(street["bridge"]) and new.shape.geom_type == "Point"
        closes = new.closes or ("bridges" if on_bridge else "ground")
        closure_id = closure.insert(
            tx,
            area_code=area_code,
            wkb=shape.wkb,
            reason=reason,
            name=street["name"],
            closes=closes,
            ends_at=new.ends_at,
        )
        coverage_refresh.ask(tx, area_code)
        event.record(
            tx,
            "road.closed",
            area_code=area_code,
            subject_id=closure_id,
            payload={"closure": closure_id},
        )
    return {"id": closure_id, "name": street["name"], "closes": closes}


def _street(tx: Transaction, shape: BaseGeometry) -> tuple[BaseGeometry, dict[str, Any]]:
    """Find the street that is meant: a point moves onto it, anything else has to meet one."""
    if shape.geom_type == "Point":
        found = closure.street_at(tx, shape.wkb)
        if found is None:
            raise bad_input(
                "no street is within 40 m of this point",
                [{"place": "geometry", "message": "no street is within 40 m of this point"}],
            )
        return shapely.from_wkb(bytes(found["wkb"])), dict(found)
    found = closure.street_under(tx, shape.wkb)
    if found is None:
        raise bad_input(
            "no street lies in this area",
            [{"place": "geometry", "message": "no street lies in this area"}],
        )
    return shape, dict(found)


def change(
    database: Database, scope: Scope, closure_id: int, reason: str, ends_at: datetime | None
) -> None:
    """Change why and how long a closure holds.

    Raises
    ------
    Problem
        400 for a reason or time that is none; 404 if none of this person's area is in force.
    """
    reason = _checked(reason, ends_at)
    with database.transaction(scope) as tx:
        row = closure.change(tx, closure_id, reason, ends_at)
        if row is None:
            raise not_found(f"closure {closure_id}")
        coverage_refresh.ask(tx, row["area_code"])  # whatever rests on closures is stale now
        event.record(
            tx,
            "road.closure_changed",
            area_code=row["area_code"],
            subject_id=closure_id,
            payload={"closure": closure_id},
        )


def reopen(database: Database, scope: Scope, closure_id: int) -> None:
    """Open a street again.

    Raises
    ------
    Problem
        404 if no closure of this person's area with this id is in force.
    """
    with database.transaction(scope) as tx:
        row = closure.reopen(tx, closure_id)
        if row is None:
            raise not_found(f"closure {closure_id}")
        coverage_refresh.ask(tx, row["area_code"])
        _tell_reopened(tx, row["area_code"], closure_id)


def end_due(database: Database) -> int:
    """Note the closures whose end has come, so that whatever rests on them is computed anew.

    Safe to run in several places at once.
    """

    def tell(tx: Transaction, row: Row) -> None:
        _tell_reopened(tx, row["area_code"], row["id"])

    return county_turns.turned(database, closure.counties_due, closure.note_ended, tell)


def _tell_reopened(tx: Transaction, area_code: str, closure_id: int) -> None:
    event.record(
        tx,
        "road.reopened",
        area_code=area_code,
        subject_id=closure_id,
        payload={"closure": closure_id},
    )


def _checked(reason: str, ends_at: datetime | None) -> str:
    faults = []
    words = reason.strip()
    if not 1 <= len(words) <= 200:
        faults.append({"place": "reason", "message": "1-200 characters"})
    now = datetime.now(UTC)
    if ends_at is not None and ends_at <= now:
        faults.append({"place": "ends_at", "message": "a time to come"})
    elif ends_at is not None and ends_at > now + _LONGEST:
        faults.append({"place": "ends_at", "message": "within a year"})
    if faults:
        raise bad_input("the street cannot be closed", faults)
    return words
