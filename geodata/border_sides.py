"""What a grid borders on: the streets, waters and neighbours on each of its four sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.crs import metric_crs

SIDES = ("north", "east", "south", "west")
_PIECE = 12.0  # metres: a border is looked at in pieces of this length
_BESIDE = 26.0  # metres: half of a wide street; a border beside it runs along it
_TOUCH = 2.0  # metres: what is this near is a neighbour
_SHARE = 0.16  # of a side: what accompanies less of it is not named
_MOST = 3  # names on one side

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Side:
    """One side of a grid.

    Attributes
    ----------
    ways
        Names of streets and waters along it: from west to east, on the eastern and western sides
        from north to south.
    neighbours
        Labels of the grids beyond it, in the same order.
    edge
        Whether nothing lies beyond most of it: the border is that of the whole area.
    metres
        Its length.
    """

    ways: tuple[str, ...]
    neighbours: tuple[str, ...]
    edge: bool
    metres: float


def sides(
    shape: BaseGeometry,
    ways: gpd.GeoDataFrame,
    neighbours: gpd.GeoDataFrame,
    crs: Any = "EPSG:4326",
) -> dict[str, Side]:
    """Say what lies along each side of a shape.

    Parameters
    ----------
    shape
        Polygon or MultiPolygon in `crs`; of several parts every outer ring counts.
    ways
        Lines and polygons with `name`; rows without one are left out.
    neighbours
        Other grids, with `label`.
    crs
        CRS of the shape; frames may come in any declared one.

    Returns
    -------
    dict
        By `north`, `east`, `south`, `west`. A piece of the border belongs to the side on which it
        lies, as seen from the middle of the bounds; a side may have no length.
    """
    metric = metric_crs(shape, crs)
    flat = gpd.GeoSeries([shape], crs=crs).to_crs(metric).iloc[0]
    starts, ends = _pieces(flat)
    middles = (starts + ends) / 2
    lengths = np.hypot(*(ends - starts).T)
    side = _side_of(middles, flat.bounds)
    named = ways[ways["name"].notna() & (ways["name"] != "")]
    along = _along(starts, ends, named.to_crs(metric))
    beyond = _beyond(middles, neighbours.to_crs(metric))
    return {
        name: _one(number, side == number, middles, lengths, along, beyond)
        for number, name in enumerate(SIDES)
    }


def _pieces(shape: BaseGeometry) -> tuple[Floats, Floats]:
    """Cut the outer rings into short pieces."""
    starts, ends = [], []
    for part in shapely.get_parts(shape):
        points = shapely.get_coordinates(shapely.segmentize(part.exterior, _PIECE))
        starts.append(points[:-1])
        ends.append(points[1:])
    return np.concatenate(starts), np.concatenate(ends)


def _side_of(points: Floats, bounds: tuple[float, float, float, float]) -> Whole:
    """Tell the side of each point: the diagonals of the bounds part them."""
    west, south, east, north = bounds
    x = (points[:, 0] - (west + east) / 2) / max((east - west) / 2, 1e-9)
    y = (points[:, 1] - (south + north) / 2) / max((north - south) / 2, 1e-9)
    upright = np.where(y > 0, 0, 2)
    lying = np.where(x > 0, 1, 3)
    return np.where(np.abs(y) >= np.abs(x), upright, lying)


def _along(starts: Floats, ends: Floats, ways: gpd.GeoDataFrame) -> Any:
    """Give the name of the way that accompanies each piece, None where none does."""
    found = np.full(len(starts), None, dtype=object)
    if ways.empty:
        return found
    shapes = np.asarray(ways.geometry.array, dtype=object)
    names = ways["name"].to_numpy(dtype=object)
    middle: Any = shapely.points((starts + ends) / 2)
    piece, way = shapely.STRtree(shapes).query(middle, predicate="dwithin", distance=_BESIDE)
    # both ends near it as well: a street that the border merely crosses is no border
    near = (shapely.distance(shapely.points(starts[piece]), shapes[way]) <= _BESIDE) & (
        shapely.distance(shapely.points(ends[piece]), shapes[way]) <= _BESIDE
    )
    away = shapely.distance(middle[piece], shapes[way]) + ~near * 1e9
    # the nearest; of equally near ones the name that sorts first, whatever the order of the rows
    order = np.lexsort((names[way].astype(str), away.round(3), piece))
    piece, way, away = piece[order], way[order], away[order]
    first = np.r_[True, piece[1:] != piece[:-1]] if len(piece) else np.zeros(0, dtype=bool)
    kept = first & (away < 1e9)
    found[piece[kept]] = names[way[kept]]
    return found


def _beyond(middles: Floats, neighbours: gpd.GeoDataFrame) -> Any:
    """Give the label of the grid beyond each piece, None at the edge of everything."""
    found = np.full(len(middles), None, dtype=object)
    if neighbours.empty:
        return found
    shapes = np.asarray(neighbours.geometry.array, dtype=object)
    labels = neighbours["label"].to_numpy(dtype=object)
    piece, grid = shapely.STRtree(shapes).query(
        shapely.points(middles), predicate="dwithin", distance=_TOUCH
    )
    order = np.lexsort((labels[grid].astype(str), piece))[::-1]
    found[piece[order]] = labels[grid[order]]  # written last: the label that sorts first
    return found


def _one(  # noqa: PLR0913, PLR0917 - what is known of the pieces
    number: int, here: Any, middles: Floats, lengths: Floats, along: Any, beyond: Any
) -> Side:
    total = float(lengths[here].sum())
    if total == 0:
        return Side((), (), False, 0.0)
    # west to east; north to south
    order = middles[:, 0] if number in (0, 2) else -middles[:, 1]
    nothing = np.array([label is None for label in beyond], dtype=bool)
    edge = float(lengths[here & nothing].sum()) > total / 2
    return Side(
        tuple(_names(along[here], lengths[here], order[here], total)),
        tuple(_names(beyond[here], lengths[here], order[here], total)),
        edge,
        round(total, 1),
    )


def _names(labels: Any, lengths: Floats, order: Floats, total: float) -> Sequence[str]:
    """Name what accompanies enough of a side, the longest few, in the order of the side."""
    found: list[tuple[float, float, str]] = []
    for label in sorted({each for each in labels if each is not None}):
        mine = labels == label
        metres = float(lengths[mine].sum())
        if metres >= _SHARE * total:
            found.append((-metres, float(np.average(order[mine], weights=lengths[mine])), label))
    kept = sorted(found)[:_MOST]
    return [label for _metres, _order, label in sorted(kept, key=lambda one: (one[1], one[2]))]
