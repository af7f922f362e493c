"""Placing by hand: what no address could place gets a point or a building from a person."""

from typing import Any

import shapely

from gridmap.model.access import Scope
from gridmap.model.problem import forbidden, not_found
from gridmap.problems import bad_value
from gridmap.store import area, event, grid, placing
from gridmap.store.database import Database, Transaction


def place(
    database: Database,
    scope: Scope,
    household_id: int,
    *,
    point: tuple[float, float] | None = None,
    building: int | None = None,
) -> dict[str, Any]:
    """Place a household and count it into its grid.

    Parameters
    ----------
    point
        Longitude and latitude; has passed the geometry gate.
    building
        Id of a building, when there is no point.

    Raises
    ------
    Problem
        404 for a household or building that is not here, 400 for a place outside every area,
        403 for one outside the person's areas.
    """
    with database.transaction(scope) as tx:
        row = placing.household(tx, household_id)
        if row is None:
            raise not_found(f"household {household_id}")
        lon, lat = point or _point(tx, building)
        code = _code(tx, scope, lon, lat)
        placing.put(tx, household_id, lon=lon, lat=lat, area_code=code, building_id=building)
        for community in sorted({row["area_code"][:12], code[:12]}):
            if len(community) == 12:
                grid.tag_households(tx, community)
        event.record(tx, "household.placed", area_code=code, subject_id=household_id)
    return {"id": household_id, "grid": code if len(code) == 15 else None, "point": [lon, lat]}


def _point(tx: Transaction, building: int | None) -> tuple[float, float]:
    found = None if building is None else placing.inside_building(tx, building)
    if found is None:
        raise not_found(f"building {building}")
    return found


def _code(tx: Transaction, scope: Scope, lon: float, lat: float) -> str:
    inside = grid.at(tx, lon, lat)
    code = inside["code"] if inside else area.smallest_around(tx, shapely.Point(lon, lat).wkb)
    if code is None:
        raise bad_value("geometry", "outside the county")
    if not any(code.startswith(own) for own in scope.areas):
        raise forbidden("this place is outside your areas")
    return str(code)
