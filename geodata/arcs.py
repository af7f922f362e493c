"""Shared borders of a coverage as arcs: each stretch between two grids once, with its two sides."""

import hashlib
from collections.abc import Collection
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.adjacency import Ints

_METRES_PER_DEGREE = 111_320.0
_NONE = -1


def arcs(grids: gpd.GeoDataFrame, only: Collection[Any] | None = None) -> gpd.GeoDataFrame:
    """Give the borders of grids as arcs, each once.

    An arc runs from one point where three areas meet to the next; a border all around has no
    such point and is closed.

    Parameters
    ----------
    grids
        Polygons or MultiPolygons of a coverage that share their vertices, in a declared CRS;
        the index holds their keys.
    only
        Keys of the grids whose arcs are wanted, all of whose neighbours are in *grids*; None for
        all.

    Returns
    -------
    GeoDataFrame
        Index: an id that stays while the arc, its sides and its points stay. ``left``, ``right``
        (keys; None for the outside), ``movable`` (both sides are grids), ``metres``,
        ``geometry`` LineString, the left grid on its left.
    """
    points, ring, owner = _rings(grids)
    joined = np.flatnonzero(ring[1:] == ring[:-1])
    if not len(joined):
        return _table(grids, [], [], [], points)
    node = np.unique(points[:, 0] + 1j * points[:, 1], return_inverse=True)[1].reshape(-1)
    start, end, of = node[joined], node[joined + 1], owner[joined]
    beyond = _opposite(start, end, of, int(node.max()) + 1)
    fixed = _junctions(start, end, int(node.max()) + 1)
    starts = np.flatnonzero(np.diff(ring[joined], prepend=-1))
    ends = np.append(starts[1:], len(joined))
    wanted = None if only is None else np.isin(np.asarray(grids.index, dtype=object), list(only))
    left, right, places = [], [], []
    for first, last in zip(starts, ends, strict=True):
        mine = int(of[first])
        for run in _runs(start[first:last], beyond[first:last], fixed):
            other = int(beyond[first + run[0]])
            if other != _NONE and other < mine:
                continue  # written from the other side
            if wanted is not None and not (wanted[mine] or (other != _NONE and wanted[other])):
                continue
            left.append(mine)
            right.append(other)
            places.append(joined[first + np.append(run, run[-1])] + _last(len(run)))
    return _table(grids, left, right, places, points)


def _last(count: int) -> Ints:
    """Offsets that turn the segments of a run into its points: the last one's end as well."""
    return np.append(np.zeros(count, dtype=np.int64), 1)


def _rings(grids: gpd.GeoDataFrame) -> tuple[Any, Ints, Ints]:
    """Give the points of all rings, areas on their left: the ring and the grid of each."""
    shapes = shapely.orient_polygons(np.asarray(grids.geometry.array, dtype=object))
    parts, of_grid = shapely.get_parts(shapes, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    return points, ring, of_grid[of_part[ring]]


def _opposite(start: Ints, end: Ints, owner: Ints, nodes: int) -> Ints:
    """Find for each directed segment the grid on its other side."""
    forward = start * nodes + end
    order = np.argsort(forward, kind="stable")
    backward = end * nodes + start
    place = np.minimum(np.searchsorted(forward[order], backward), len(order) - 1)
    found = order[place]
    return np.where(forward[found] == backward, owner[found], _NONE)


def _junctions(start: Ints, end: Ints, nodes: int) -> Any:
    """Tell at which points other than two borders end."""
    both = np.unique(np.minimum(start, end) * nodes + np.maximum(start, end))
    ends = np.concatenate([both // nodes, both % nodes])
    return np.bincount(ends, minlength=nodes) != 2


def _runs(start: Ints, beyond: Ints, fixed: Any) -> list[Ints]:
    """Cut a ring where the grid beyond changes and at junctions; positions of its segments."""
    breaks = np.flatnonzero(fixed[start] | (beyond != np.roll(beyond, 1)))
    count = len(start)
    if not len(breaks):
        return [np.arange(count)]
    turned = np.roll(np.arange(count), -int(breaks[0]))
    return [np.array(run) for run in np.split(turned, breaks[1:] - breaks[0])]


def _table(
    grids: gpd.GeoDataFrame, left: list[int], right: list[int], places: list[Ints], points: Any
) -> gpd.GeoDataFrame:
    keys = [*grids.index, None]
    lines = [shapely.linestrings(points[place]) for place in places]
    sides = [(keys[a], keys[b]) for a, b in zip(left, right, strict=True)]
    frame = gpd.GeoDataFrame(
        {
            # object, or None would become NaN
            "left": pd.Series([one for one, _ in sides], dtype=object),
            "right": pd.Series([other for _, other in sides], dtype=object),
            "movable": [other is not None for _, other in sides],
            "metres": [metres(points[place], grids.crs) for place in places],
        },
        geometry=np.array(lines, dtype=object),
        crs=grids.crs,
    )
    frame.index = [
        _identity(one, other, points[place])
        for (one, other), place in zip(sides, places, strict=True)
    ]
    return frame


def _identity(left: Any, right: Any, points: Any) -> str:
    print_ = hashlib.blake2b(np.ascontiguousarray(points).tobytes(), digest_size=6).hexdigest()
    return f"{left}~{'' if right is None else right}~{print_}"


def sides(arc_id: str) -> tuple[str, str | None]:
    """Read the two grids out of the id of an arc; the second is None for the outside."""
    left, _, rest = arc_id.partition("~")
    right = rest.partition("~")[0]
    return left, right or None


def scale(points: Any, crs: Any) -> Any:
    """Give the metres in one unit of x and y near some points."""
    if crs is None or not crs.is_geographic:
        return np.array([1.0, 1.0])
    latitude = float(np.mean(np.asarray(points)[:, 1]))
    return np.array([_METRES_PER_DEGREE * np.cos(np.radians(latitude)), _METRES_PER_DEGREE])


def metres(points: Any, crs: Any) -> float:
    """Measure a line of points in metres, to a few parts in a thousand."""
    steps = np.diff(np.asarray(points), axis=0) * scale(points, crs)
    return float(np.hypot(*steps.T).sum())
