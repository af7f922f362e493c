"""What lies under the maps of a booklet: hazard, streets, buildings, water, closures."""

import math
from collections.abc import Sequence
from typing import Any

from shapely import from_wkb, union_all
from shapely.geometry.base import BaseGeometry

from gridmap.model.sheet import Closure, Ground, Leaf, Street
from gridmap.store import sheet
from gridmap.store.database import Row, Transaction

_MARGIN = 0.004  # degrees of base map around everything that is drawn
_WIDEST, _HIGHEST = 1.9, 1.1  # width of maps in heights: the large one, those of the sheets


def shape_of(wkb: Any) -> BaseGeometry | None:
    """Read a geometry that may be absent."""
    return None if wkb is None else from_wkb(bytes(wkb))


def _around(bounds: tuple[float, float, float, float]) -> sheet.Box:
    """Give the box to read: what is drawn lies in the middle of papers wide and high.

    The large map is wider than most hazards: without this its sides stay white.
    """
    west, south, east, north = bounds
    metre = math.cos(math.radians((south + north) / 2))  # of a degree east, in degrees north
    wide, high = (east - west) * metre + 2 * _MARGIN, north - south + 2 * _MARGIN
    half_x = max(wide, high * _WIDEST) / 2 / metre
    half_y = max(high, wide / _HIGHEST) / 2
    lon, lat = (west + east) / 2, (south + north) / 2
    return lon - half_x, lat - half_y, lon + half_x, lat + half_y


def drawn_on(tx: Transaction, code: str, shape: Row, leaves: Sequence[Leaf]) -> Ground:
    """Read the base map around a hazard and its ways, with what is closed."""
    hazard = from_wkb(bytes(shape["wkb"]))
    outlines = [(leaf.label, leaf.outline) for leaf in leaves if leaf.outline is not None]
    drawn = [hazard, *(outline for _label, outline in outlines)]
    drawn += [leaf.way.line for leaf in leaves if leaf.way is not None]
    box = _around(union_all([each.envelope for each in drawn]).bounds)

    def shapes(table: str) -> list[tuple[Row, BaseGeometry]]:
        return [(row, from_wkb(bytes(row["wkb"]))) for row in sheet.ground(tx, table, box)]

    return Ground(
        hazard=hazard,
        blocked=shape_of(shape["blocked"]),
        streets=tuple(Street(row["highway"], row["name"], line) for row, line in shapes("road")),
        buildings=tuple(each for _row, each in shapes("building")),
        water=tuple((row["name"], each) for row, each in shapes("water")),
        green=tuple(each for _row, each in shapes("green")),
        grids=tuple(dict(outlines).items()),
        closures=tuple(
            Closure(row["reason"], from_wkb(bytes(row["wkb"]))) for row in sheet.closures(tx, code)
        ),
    )
