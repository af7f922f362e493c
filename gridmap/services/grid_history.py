"""The grids a place has been in: what an incident or a household there belonged to on any day."""

from typing import Any

from gridmap.model.access import Scope
from gridmap.store import grid_history
from gridmap.store.database import Database, Row


def of_point(database: Database, scope: Scope, lon: float, lat: float) -> list[dict[str, Any]]:
    """List the grids that have been around a point, the newest first; none where there were none.

    Days are the first in force and the first no longer.
    """
    with database.transaction(scope) as tx:
        rows = grid_history.of_point(tx, lon, lat)
    return [told(row) for row in rows]


def told(row: Row) -> dict[str, Any]:
    """Say which version of a grid it is, and from when to when it was in force."""
    return {
        "grid": row["code"],
        "label": row["label"],
        "name": row["name"],
        "version": row["version"],
        "valid_from": row["valid_from"].isoformat(),
        "valid_to": row["valid_to"] and row["valid_to"].isoformat(),
    }
