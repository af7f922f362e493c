"""The households of a coverage run, a million of them in a second."""

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.store import copying
from gridmap.store.database import Transaction

CRS = "EPSG:4326"
_FIELDS = {
    "id": "int8",
    "area": "int8",
    "people": "int4",
    "with_needs": "bool",
    "x": "float8",
    "y": "float8",
}
# codes of villages are numbered from 200 on within their township
_VILLAGE = "substr(h.area_code, 10, 1) = '2'"
_OF = {"any": "true", "village": _VILLAGE, "urban": f"NOT {_VILLAGE}"}


def placed(tx: Transaction, area_code: str, area_type: str = "any") -> gpd.GeoDataFrame:
    """Give the placed households of an area, by id in order.

    Parameters
    ----------
    area_type
        `urban` or `village` for those of such communities only.

    Returns
    -------
    GeoDataFrame
        Points in EPSG:4326; `area_code` (categories), `people`, `with_needs`.
    """
    found = copying.out(
        tx,
        # the digit before the code keeps zeros that it may begin with
        "SELECT h.id, ('1' || h.area_code)::int8, h.people::int4, n.household_id IS NOT NULL,"
        " ST_X(h.geom), ST_Y(h.geom) FROM household AS h"
        " LEFT JOIN (SELECT DISTINCT household_id FROM household_need) AS n"
        "  ON n.household_id = h.id"
        f" WHERE h.geom IS NOT NULL AND starts_with(h.area_code, %(code)s) AND {_OF[area_type]}",
        _FIELDS,
        code=area_code,
    )
    order = np.argsort(found["id"], kind="stable")
    codes, numbers = pd.factorize(found["area"][order], sort=True)
    names = [str(number)[1:] for number in numbers]
    return gpd.GeoDataFrame(
        {
            "area_code": pd.Categorical.from_codes(codes, categories=pd.Index(names)),
            "people": found["people"][order],
            "with_needs": found["with_needs"][order],
        },
        index=pd.Index(found["id"][order], name="id"),
        geometry=gpd.points_from_xy(found["x"][order], found["y"][order]),
        crs=CRS,
    )


def unplaced(tx: Transaction, area_code: str, area_type: str = "any") -> int:
    """Count the households of an area that have no place yet, so that no figure hides them."""
    return int(
        tx.value(
            "SELECT count(*) FROM household AS h WHERE h.geom IS NULL"
            f" AND starts_with(h.area_code, :code) AND {_OF[area_type]}",
            code=area_code,
        )
    )


def placed_count(tx: Transaction, area_code: str) -> int:
    """Count the placed households of an area."""
    return int(
        tx.value(
            "SELECT count(*) FROM household WHERE geom IS NOT NULL"
            " AND starts_with(area_code, :code)",
            code=area_code,
        )
    )


def townships(tx: Transaction, area_code: str) -> list[str]:
    """Give the codes of the townships that have households, or shorter ones where that is known."""
    rows = tx.all(
        "SELECT DISTINCT left(area_code, 9) AS code FROM household"
        " WHERE starts_with(area_code, :code) ORDER BY 1",
        code=area_code,
    )
    return [str(row["code"]) for row in rows]
