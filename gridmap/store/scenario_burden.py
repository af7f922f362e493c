"""What lies in a part of the map that a grid member has to do with."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.store import frames
from gridmap.store.database import Transaction
from gridmap.store.scenario_building import Box

_BOX = "ST_MakeEnvelope(:w, :s, :e, :n, 4326)"


def _points(tx: Transaction, box: Box, sql: str) -> Any:
    rows = tx.all(sql, **_sides(box))
    places = np.array([(row["x"], row["y"]) for row in rows], dtype=float).reshape(-1, 2)
    return shapely.points(places)


def _sides(box: Box) -> dict[str, Any]:
    return dict(zip(("w", "s", "e", "n"), map(float, box), strict=True))


def visits_due(tx: Transaction, box: Box) -> Any:
    """Give where visits are planned: points, one a visit."""
    return _points(
        tx,
        box,
        "SELECT ST_X(h.geom) AS x, ST_Y(h.geom) AS y FROM household AS h"
        f" JOIN visit AS v ON v.household_id = h.id WHERE h.geom && {_BOX}"
        " AND v.state = 'planned'",
    )


def incidents_of_the_year(tx: Transaction, box: Box) -> Any:
    """Give where incidents were reported in the last year, but those dismissed or merged."""
    return _points(
        tx,
        box,
        f"SELECT ST_X(geom) AS x, ST_Y(geom) AS y FROM incident WHERE geom && {_BOX}"
        " AND reported_at > now() - interval '1 year' AND state NOT IN ('dismissed', 'merged')",
    )


def hazards(tx: Transaction, box: Box) -> Any:
    """Give the shapes of hazards that are declared, exercises aside."""
    found = frames.read(
        tx,
        "SELECT id, ST_AsBinary(geom) AS geom FROM hazard WHERE state = 'declared'"
        f" AND NOT exercise AND geom && {_BOX} ORDER BY id",
        **_sides(box),
    )
    return np.asarray(found.geometry.array, dtype=object)


def water(tx: Transaction, box: Box) -> gpd.GeoDataFrame:
    """Give the water: `name`."""
    return frames.read(
        tx,
        f"SELECT id, name, ST_AsBinary(geom) AS geom FROM water WHERE geom && {_BOX} ORDER BY id",
        **_sides(box),
    )
