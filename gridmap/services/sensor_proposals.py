"""What a sensor proposes: a person declares a hazard, or says why there is none."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shapely.geometry.base import BaseGeometry

from gridmap.model.access import Scope
from gridmap.model.problem import Problem, conflict, forbidden, not_found
from gridmap.model.sensor import HAZARD_OF
from gridmap.services import hazards
from gridmap.store import event
from gridmap.store import sensor as rows
from gridmap.store.database import Database, Row, Transaction

_LISTED = 200
_CORNERS = 48
_DEGREE = 111_195.0  # metres of one degree of latitude


@dataclass(frozen=True)
class Decided:
    """The hazard as the officer fills it in; whether it is an exercise is the sensor's."""

    kind: str
    name: str
    severity: str | None
    shape: BaseGeometry
    blocked: BaseGeometry | None = None
    ends_at: datetime | None = None
    note: str | None = None


def listing(database: Database, scope: Scope, *, only_open: bool) -> list[dict[str, Any]]:
    """Give proposals, each with the form of a hazard filled in."""
    with database.transaction(scope, snapshot=True) as tx:
        return [_shown(row, scope) for row in rows.proposals(tx, _LISTED, only_open=only_open)]


def declare(database: Database, scope: Scope, proposal_id: int, decided: Decided) -> int:
    """Declare the hazard a sensor proposes, and give its id.

    Raises
    ------
    Problem
        400 as `hazards.declare`, 403 beyond one's areas, 404, 409 if somebody has decided.
    """
    with database.transaction(scope) as tx:
        row = _open(tx, proposal_id)
        new = hazards.NewHazard(
            kind=decided.kind,
            name=decided.name,
            severity=decided.severity,
            shape=decided.shape,
            blocked=decided.blocked,
            exercise=bool(row["exercise"]),
            ends_at=decided.ends_at,
            note=decided.note,
        )
        hazards.check(new)
        hazard_id, area_code = hazards.insert(tx, new)
        rows.decide(tx, proposal_id, hazard_id=hazard_id)
        hazards.record(tx, hazard_id, area_code, new)
        event.record(
            tx,
            "proposal.accepted",
            area_code=row["area_code"],
            subject_id=proposal_id,
            payload={
                "sensor": row["sensor_id"],
                "hazard": hazard_id,
                "exercise": bool(row["exercise"]),
            },
        )
    return hazard_id


def decline(database: Database, scope: Scope, proposal_id: int, reason: str) -> None:
    """Say why a proposal becomes no hazard.

    Raises
    ------
    Problem
        403, 404, 409 as `declare`.
    """
    with database.transaction(scope) as tx:
        row = _open(tx, proposal_id)
        rows.decide(tx, proposal_id, reason=reason)
        event.record(
            tx,
            "proposal.declined",
            area_code=row["area_code"],
            subject_id=proposal_id,
            payload={"sensor": row["sensor_id"], "exercise": bool(row["exercise"])},
        )


def _open(tx: Transaction, proposal_id: int) -> Row:
    row = rows.hold_proposal(tx, proposal_id)
    if row is None:
        raise _not_ones_own(tx, proposal_id)
    if row["state"] != "open":
        raise conflict("somebody has decided this already", by=row["by"], state=row["state"])
    return row


def _not_ones_own(tx: Transaction, proposal_id: int) -> Problem:
    if rows.proposal_there(tx, proposal_id):
        return forbidden(f"proposal {proposal_id} is beyond your areas")
    return not_found(f"proposal {proposal_id}")


def _shown(row: Row, scope: Scope) -> dict[str, Any]:
    own = any(row["area_code"].startswith(area_code) for area_code in scope.areas)
    return {
        **{
            name: row[name]
            for name in ("id", "level", "value", "threshold", "state", "reason", "by", "unit")
        },
        "sensor": row["sensor_id"],
        "code": row["code"],
        "name": row["name"],
        "name_en": row["name_en"],
        "sensor_kind": row["kind"],
        "exercise": row["exercise"],
        "hazard": row["hazard_id"],
        "kind": HAZARD_OF[row["kind"]],
        "geometry": _around(row["lon"], row["lat"], row["radius_m"]),
        "reading_at": row["reading_at"].isoformat(),
        "raised_at": row["raised_at"].isoformat(),
        "decided_at": None if row["decided_at"] is None else row["decided_at"].isoformat(),
        "can_decide": own and row["state"] == "open",
    }


def _around(lon: float, lat: float, metres: float) -> dict[str, Any]:
    """Give the area that is filled in: a circle around the sensor."""
    wide = _DEGREE * math.cos(math.radians(lat))
    turns = [2 * math.pi * i / _CORNERS for i in range(_CORNERS)]
    ring = [
        [
            round(lon + metres * math.cos(turn) / wide, 6),
            round(lat + metres * math.sin(turn) / _DEGREE, 6),
        ]
        for turn in turns
    ]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
