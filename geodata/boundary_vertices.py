"""Move one vertex of shared borders: of an arc, or where three grids meet, in all that have it."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.arcs import scale
from geodata.border_errors import BorderError
from geodata.boundary_checks import check_community, check_parts
from geodata.coverage_change import Change, change, check_necks
from geodata.drawn_lines import PLACES
from geodata.segments import directed

REACH = 1.0  # metres from which a place means the vertex there
_SAME = 0.001  # metres: a vertex that moves by less stays
_METRE_PLACES = 4


def move_vertex(grids: gpd.GeoDataFrame, at: Sequence[float], to: Sequence[float]) -> Change:
    """Put a vertex of the borders between grids elsewhere.

    Parameters
    ----------
    grids
        Polygons by key, those that have the vertex and all their neighbours, in a declared CRS.
    at
        Where the vertex is, to a metre.
    to
        Where it shall be.

    Returns
    -------
    Change
        All grids that have the vertex; what they lose the others of them get.

    Raises
    ------
    BorderError
        No vertex there; one on the border of the community; a place that makes a border cross
        itself, or a grid a sliver; the place is named.
    """
    keys, vertex = _having(grids, np.asarray(at, dtype=float))
    places = PLACES if grids.crs is None or grids.crs.is_geographic else _METRE_PLACES
    new = np.round(np.asarray(to, dtype=float), places)
    if not np.isfinite(new).all():
        raise BorderError("not_a_line", "the place has a number that is not finite")
    if np.hypot(*((new - vertex) * scale(np.array([vertex]), grids.crs))) < _SAME:
        raise BorderError("nothing_to_do", "the vertex is there already;", vertex)
    check_community(grids, keys, vertex)
    _check_inner(grids, keys, vertex)
    made = {
        key: shapely.transform(grids.geometry[key], lambda points: _moved(points, vertex, new))
        for key in keys
    }
    for key, shape in made.items():
        if shape.is_valid:
            check_parts(key, grids.geometry[key], shape)
    found = change(grids, made, (), keys[0])
    for key, shape in made.items():
        check_necks(key, grids.geometry[key], shape, grids.crs)
    return found


def _moved(points: Any, vertex: Any, new: Any) -> Any:
    moved = points.copy()
    moved[(points == vertex).all(axis=1)] = new
    return moved


def _having(grids: gpd.GeoDataFrame, at: Any) -> tuple[list[Any], Any]:
    """Find the vertex nearest to a place, and the grids that have it."""
    shapes = np.asarray(grids.geometry.array, dtype=object)
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    if not len(points) or not np.isfinite(at).all():
        raise BorderError("no_such_vertex", "there is no vertex of a border there")
    away = np.hypot(*((points - at) * scale(points, grids.crs)).T)
    nearest = int(np.argmin(away))
    if away[nearest] > REACH:
        raise BorderError(
            "no_such_vertex",
            f"the nearest vertex of a border is {away[nearest]:.1f} m away,",
            points[nearest],
        )
    vertex = points[nearest]
    having = np.unique(owner[(points == vertex).all(axis=1)])
    return [grids.index[number] for number in having], vertex


def _check_inner(grids: gpd.GeoDataFrame, keys: Sequence[Any], vertex: Any) -> None:
    """Refuse a vertex at which a segment has a grid on one side only."""
    segments = np.vstack([directed(grids.geometry[key]) for key in keys])
    here = (segments[:, :2] == vertex).all(axis=1) | (segments[:, 2:] == vertex).all(axis=1)
    met = set(map(tuple, segments[here].tolist()))
    if any((c, d, a, b) not in met for a, b, c, d in met):
        raise BorderError(
            "not_movable", "this vertex is on the border of the community; it stays", vertex
        )
