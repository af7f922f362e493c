"""What lies in and around the grids of a scenario: households, streets, buildings."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.store import frames
from gridmap.store.database import Transaction

_REACH = 0.0005  # degrees: streets and buildings this far beyond a grid count for it


def households_near(tx: Transaction, box: tuple[float, float, float, float]) -> pd.DataFrame:
    """Give the placed households in a box: `people`, `area_code`, `x`, `y`."""
    with tx.cursor_connection.cursor() as cursor:
        cursor.execute(
            "SELECT people, area_code, ST_X(geom), ST_Y(geom) FROM household"
            " WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326)",
            box,
        )
        rows = cursor.fetchall()
    return pd.DataFrame.from_records(rows, columns=["people", "area_code", "x", "y"])


def roads_near(tx: Transaction, box: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """Give the streets in and around a box: `highway`, `name`, `tunnel`."""
    return frames.read(
        tx,
        "SELECT id, highway, name, tunnel, ST_AsBinary(geom) AS geom FROM road WHERE geom &&"
        " ST_Expand(ST_MakeEnvelope(:w, :s, :e, :n, 4326), :reach)",
        **_box(box),
        reach=_REACH,
    )


def buildings_near(tx: Transaction, box: tuple[float, float, float, float]) -> Any:
    """Give the buildings in a box as an array of shapes."""
    # one value for all of them: a row for each of a county's hundred thousand takes twice as long
    found = tx.value(
        "SELECT ST_AsBinary(ST_Collect(geom)) FROM (SELECT geom FROM building WHERE geom &&"
        " ST_MakeEnvelope(:w, :s, :e, :n, 4326) ORDER BY id) AS near",
        **_box(box),
    )
    if found is None:
        return np.empty(0, dtype=object)
    return shapely.get_parts(shapely.from_wkb(bytes(found)))


def _box(box: tuple[float, float, float, float]) -> dict[str, Any]:
    return dict(zip(("w", "s", "e", "n"), map(float, box), strict=True))
