"""What counts when teams are ranked: data of an area, in versions; the nearest area's holds."""

from collections.abc import Mapping
from typing import Any

from geodata.dispatching import Weights
from gridmap.model.access import Permission
from gridmap.model.problem import Problem, conflict
from gridmap.services.access import Viewer
from gridmap.store import dispatch_weight as rows
from gridmap.store import event
from gridmap.store.database import Database, Row, Transaction

_SEE, _SET = Permission.INCIDENT_DISPATCH, Permission.PLAN_APPROVE
# Name of the part of the cost, and the column that says what it is worth in seconds of travel.
PARTS = {
    "skill": "skill_seconds",
    "kind": "kind_seconds",
    "load": "load_seconds",
    "person": "person_seconds",
    "most_cover": "most_cover_seconds",
}


def in_force(tx: Transaction, area: str) -> tuple[Weights, dict[str, Any]]:
    """Give the weights that hold in an area, and the same as data with area and version.

    Time is the measure: a second on the way counts one. Where no area has set anything, the
    defaults of `geodata.dispatching.Weights` hold, as version 0 of no area.
    """
    row = rows.in_force(tx, area)
    if row is None:
        weights = Weights()
        return weights, {**vars(weights), "area": None, "version": 0}
    weights = Weights(**{name: float(row[column]) for name, column in PARTS.items()})
    return weights, {**vars(weights), "area": row["area_code"], "version": row["version"]}


def listing(database: Database, viewer: Viewer) -> dict[str, Any]:
    """List all versions, what each area has in force, and the defaults."""
    with database.transaction(viewer.scope(_SEE)) as tx:
        found = rows.listing(tx)
    newest: dict[str, int] = {}
    for row in found:
        newest.setdefault(row["area_code"], row["version"])
    return {
        "items": [_shown(row, newest[row["area_code"]]) for row in found],
        "default": {column: vars(Weights())[name] for name, column in PARTS.items()},
        "areas": list(viewer.areas_for(_SET)),
    }


def put(  # noqa: PLR0913, PLR0917 - where, what, why and upon which version
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    area: str,
    seen: int,
    values: Mapping[str, float],
    note: str,
    *,
    retired: bool = False,
) -> dict[str, Any]:
    """Set the weights of an area, or take them back so that those above it hold again.

    Parameters
    ----------
    seen
        The newest version the person has read; 0 for an area without one.
    values
        By the names of `PARTS`' columns, in seconds of travel.

    Raises
    ------
    Problem
        403 beyond one's areas; 409 where somebody was faster, or nothing is there to take back.
    """
    viewer.require(_SET, area)
    with database.transaction(viewer.scope(_SET, request_id)) as tx:
        if rows.newest(tx, area) != seen:
            raise Problem(409, "Conflict", "Somebody was faster. Look at it again, then decide")
        if retired:
            held = rows.in_force(tx, area)
            if held is None or held["area_code"] != area:
                raise conflict("this area has no weights of its own")
            values = {name: held[name] for name in rows.NAMES}
        if not rows.add(tx, area, seen + 1, values, note, retired=retired):
            raise Problem(409, "Conflict", "Somebody was faster. Look at it again, then decide")
        event.record(
            tx,
            "dispatch.weights_set",
            area_code=area,
            subject_id=area,
            payload={"version": seen + 1, "retired": retired},
        )
    return {"area": area, "version": seen + 1, **values, "retired": retired, "note": note}


def _shown(row: Row, newest: int) -> dict[str, Any]:
    return {
        "area": row["area_code"],
        "version": row["version"],
        **{name: float(row[name]) for name in rows.NAMES},
        "retired": row["retired"],
        "newest": row["version"] == newest,
        "note": row["note"],
        "by": row["by"],
        "at": row["set_at"].isoformat(),
    }
