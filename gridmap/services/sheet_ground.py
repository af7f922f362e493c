"""What lies under the maps of a booklet: hazard, streets, buildings, water, closures."""

from collections.abc import Sequence
from typing import Any

from shapely import from_wkb, union_all
from shapely.geometry.base import BaseGeometry

from gridmap.model.sheet import Closure, Ground, Leaf, Street
from gridmap.store import sheet
from gridmap.store.database import Row, Transaction

_MARGIN = 0.004  # degrees of base map around everything that is drawn


def shape_of(wkb: Any) -> BaseGeometry | None:
    """Read a geometry that may be absent."""
    return None if wkb is None else from_wkb(bytes(wkb))


def drawn_on(tx: Transaction, code: str, shape: Row, leaves: Sequence[Leaf]) -> Ground:
    """Read the base map around a hazard and its ways, with what is closed."""
    hazard = from_wkb(bytes(shape["wkb"]))
    outlines = [(leaf.label, leaf.outline) for leaf in leaves if leaf.outline is not None]
    drawn = [hazard, *(outline for _label, outline in outlines)]
    drawn += [leaf.way.line for leaf in leaves if leaf.way is not None]
    west, south, east, north = union_all([each.envelope for each in drawn]).bounds
    box = (west - _MARGIN, south - _MARGIN, east + _MARGIN, north + _MARGIN)

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
