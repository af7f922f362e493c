"""The households of a coverage run, a million of them in a second."""

import numpy as np
import pandas as pd
from pyproj import CRS

from geodata.homes import Homes
from geodata.points import Spots
from gridmap.store import copying
from gridmap.store.database import Transaction

_CRS = CRS.from_epsg(4326)
_FIELDS = {
    "id": "int8",
    "area": "int8",
    "people": "int4",
    "x": "float8",
    "y": "float8",
}
# codes of villages are numbered from 200 on within their township
_VILLAGE = "substr(h.area_code, 10, 1) = '2'"
_OF = {"any": "true", "village": _VILLAGE, "urban": f"NOT {_VILLAGE}"}


def read(tx: Transaction, area_code: str, area_type: str = "any") -> Homes:
    """Give the placed households of an area, by id in order.

    Parameters
    ----------
    area_type
        `urban` or `village` for those of such communities only.

    Returns
    -------
    Homes
        Places in EPSG:4326; `area_code` (categories), `people`, `with_needs`.
    """
    found = copying.out(
        tx,
        # the digit before the code keeps zeros that it may begin with
        "SELECT h.id, ('1' || h.area_code)::int8, h.people::int4, ST_X(h.geom), ST_Y(h.geom)"
        " FROM household AS h"
        f" WHERE h.geom IS NOT NULL AND starts_with(h.area_code, %(code)s) AND {_OF[area_type]}",
        _FIELDS,
        code=area_code,
    )
    needy = copying.out(tx, "SELECT household_id FROM household_need", {"id": "int8"})["id"]
    xy = np.column_stack([found.pop("x"), found.pop("y")])
    if (np.diff(found["id"]) <= 0).any():  # as a rule they lie in their order
        order = np.argsort(found["id"], kind="stable")
        found, xy = {name: held[order] for name, held in found.items()}, xy[order]
    codes, numbers = pd.factorize(found["area"], sort=True)
    names = [str(number)[1:] for number in numbers]
    index = pd.Index(found["id"], name="id")
    with_needs = np.zeros(len(index), dtype=bool)
    place = index.get_indexer(pd.Index(needy))
    with_needs[place[place >= 0]] = True
    table = pd.DataFrame(
        {
            "area_code": pd.Categorical.from_codes(codes, categories=pd.Index(names)),
            "people": found["people"],
            "with_needs": with_needs,
        },
        index=index,
    )
    return Homes(table, Spots(index, xy, _CRS))


def of_type(homes: Homes, area_type: str) -> Homes:
    """Give what `read` gives for a kind of community, of households of every kind."""
    if area_type == "any":
        return homes
    return homes.chosen(lambda code: (code[9:10] == "2") == (area_type == "village"))


def unplaced(tx: Transaction, area_code: str, area_type: str = "any") -> int:
    """Count the households of an area that have no place yet, so that no figure hides them."""
    return int(
        tx.value(
            "SELECT count(*) FROM household AS h WHERE h.geom IS NULL"
            f" AND starts_with(h.area_code, :code) AND {_OF[area_type]}",
            code=area_code,
        )
    )


def townships(tx: Transaction, area_code: str) -> dict[str, int]:
    """Count the placed households of each township, or of less where no township is known."""
    rows = tx.all(
        "SELECT left(area_code, 9) AS code, count(geom)::int AS placed FROM household"
        " WHERE starts_with(area_code, :code) GROUP BY 1 ORDER BY 1",
        code=area_code,
    )
    return {str(row["code"]): row["placed"] for row in rows}
