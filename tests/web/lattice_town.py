"""A community of six grids on a lattice of streets, for the tests of planners at work."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.model.access import system_scope
from gridmap.store import frames

TOWNSHIP = "990101003"
CODE = TOWNSHIP + "001"
SIDE = 0.001  # degrees: a block
COLUMNS, ROWS = 9, 4  # blocks; a grid is 3 x 2 of them
WEST, SOUTH = 114.50, 30.50
PER_BLOCK = 3
MINIMUM, MAXIMUM = 15, 21


def key(number: int) -> str:
    return f"{CODE}{number:03d}"


def _place(column: float, row: float) -> tuple[float, float]:
    return round(WEST + column * SIDE, 9), round(SOUTH + row * SIDE, 9)


def noded(column: int, row: int, wide: int, high: int) -> Any:
    """A rectangle of blocks with a point at every corner of a block, as neighbours share them."""
    points = (
        [(column + x, row) for x in range(wide)]
        + [(column + wide, row + y) for y in range(high)]
        + [(column + wide - x, row + high) for x in range(wide)]
        + [(column, row + high - y) for y in range(high)]
    )
    return shapely.Polygon([_place(*point) for point in points])


def code_of(column: float, row: float) -> str:
    return key(int(row // 2) * (COLUMNS // 3) + int(column // 3) + 1)


def build(store: Any, extra: int = 0) -> None:
    """Put the town into a database; `extra` more households live in the first grid."""
    with store.transaction(system_scope()) as tx:
        whole = shapely.multipolygons([noded(0, 0, COLUMNS, ROWS)])
        for code, level, parent in (
            (TOWNSHIP, "township", "990101"),
            (CODE, "community", TOWNSHIP),
        ):
            tx.execute(
                "INSERT INTO area (code, level, parent_code, name_zh, geom) VALUES (:code, :level,"
                " :parent, :code, ST_GeomFromWKB(:wkb, 4326))",
                code=code,
                level=level,
                parent=parent,
                wkb=whole.wkb,
            )
        tx.execute(
            "INSERT INTO grid_rule (area_code, minimum, maximum, source)"
            " VALUES (:code, :low, :high, 'made up')",
            code=CODE,
            low=MINIMUM,
            high=MAXIMUM,
        )
        frames.insert(tx, "grid", _grids(extra))
        frames.insert(tx, "road", _roads())
        frames.insert(tx, "building", _buildings())
        frames.insert(tx, "household", _households(extra))
        tx.execute(
            "INSERT INTO grid_member (area_code, name, geom) SELECT code, 'M' || right(code, 3),"
            " label_point FROM grid WHERE area_code = :code",
            code=CODE,
        )


def _grids(extra: int) -> gpd.GeoDataFrame:
    places = [(column, row) for row in range(0, ROWS, 2) for column in range(0, COLUMNS, 3)]
    shapes = [shapely.multipolygons([noded(column, row, 3, 2)]) for column, row in places]
    count = [6 * PER_BLOCK + extra * (place == (0, 0)) for place in places]
    return gpd.GeoDataFrame(
        {
            "code": [code_of(*place) for place in places],
            "area_code": CODE,
            "households": count,
            "people": [2 * each for each in count],
            "measures": "{}",
            "geom": np.array(shapes, dtype=object),
            "label_point": shapely.centroid(shapes),
        }
    )


def _roads() -> gpd.GeoDataFrame:
    lines = [((x, y), (x, y + 1)) for x in range(COLUMNS + 1) for y in range(ROWS)]
    lines += [((x, y), (x + 1, y)) for y in range(ROWS + 1) for x in range(COLUMNS)]
    return gpd.GeoDataFrame(
        {
            "area_code": "990101",
            "source_key": [f"lattice-{number}" for number in range(len(lines))],
            "highway": "residential",
            "geom": shapely.linestrings([[_place(*end) for end in line] for line in lines]),
        }
    )


def _homes() -> list[tuple[float, float]]:
    return [
        (column + 0.25 * (number + 1), row + 0.5)
        for row in range(ROWS)
        for column in range(COLUMNS)
        for number in range(PER_BLOCK)
    ]


def _buildings() -> gpd.GeoDataFrame:
    shapes = []
    for column, row in _homes():
        x, y = _place(column, row)
        shapes.append(shapely.box(x - 4e-5, y - 2e-4, x + 4e-5, y + 2e-4))
    return gpd.GeoDataFrame(
        {
            "area_code": "990101",
            "source_key": [f"lattice-{number}" for number in range(len(shapes))],
            "geom": shapely.multipolygons(np.array(shapes, dtype=object)[:, None]),
        }
    )


def _households(extra: int) -> gpd.GeoDataFrame:
    # an estate: all that is more lives in the first block, in the middle of its buildings
    homes = _homes() + [(0.25 * (n % 3 + 1), 0.35 + 0.02 * (n // 3)) for n in range(extra)]
    return gpd.GeoDataFrame(
        {
            "area_code": [code_of(*home) for home in homes],
            "source_key": [f"lattice-{number}" for number in range(len(homes))],
            "address": "x",
            "people": 2,
            "placed_by": "hand",
            "geom": shapely.points([_place(*home) for home in homes]),
        }
    )
