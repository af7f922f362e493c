"""Who is to look after the grids of a scenario."""

from typing import Any

from gridmap.model.access import Scope
from gridmap.services.scenario_views import head
from gridmap.store import scenario_member
from gridmap.store.database import Database


def listing(database: Database, scope: Scope, scenario_id: int) -> list[dict[str, Any]]:
    """List the people who look after grids of a scenario's area, by name.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope, snapshot=True) as tx:
        head(tx, scenario_id)
        rows = scenario_member.listing(tx, scenario_id)
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "role": row["role"],
            "grids": list(row["grids"]),
            "point": None if row["lon"] is None else [row["lon"], row["lat"]],
        }
        for row in rows
    ]
