"""Move an edge, split, merge, hand over: one operation on shared borders, and its inverse.

Grids are a coverage whose neighbours share their vertices. Each operation takes the grids it
touches with all their neighbours, leaves no gap and no overlap, and refuses what it cannot do with
the place named; what it gives back can be taken back byte for byte.
"""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.arcs import arcs, sides
from geodata.border_errors import BorderError
from geodata.boundary_blocks import carve, hand_over
from geodata.boundary_checks import check_community, check_keys, check_parts
from geodata.boundary_cuts import divide, split
from geodata.boundary_vertices import move_vertex
from geodata.coverage_change import Change, Inverse, change, check_necks
from geodata.coverage_parts import united
from geodata.drawn_lines import drawn, tied
from geodata.segments import directed

__all__ = [
    "Change",
    "Inverse",
    "arcs",
    "carve",
    "divide",
    "hand_over",
    "merge",
    "move_edge",
    "move_vertex",
    "sides",
    "split",
]

_OUTSIDE = 1e-9  # units: a line nearer than this to a border lies on it


def move_edge(grids: gpd.GeoDataFrame, arc: Any, line: Any) -> Change:
    """Put a new line in the place of the border between two grids.

    Parameters
    ----------
    grids
        Polygons by key, the two and all their neighbours, in a declared CRS.
    arc
        Row of `arcs`: ``left``, ``right``, ``geometry``.
    line
        LineString; its ends are those of the arc, or within 1 m of them; for an arc all around
        it is closed.

    Returns
    -------
    Change
        Both grids changed; what one gives the other gets.

    Raises
    ------
    BorderError
        An arc that does not part two grids of one community; a line that crosses itself, ends
        elsewhere, leaves or touches the outside of the two grids, or makes one of them empty, a
        sliver or several pieces.
    """
    middle = arc.geometry.interpolate(0.5, normalized=True).coords[0]
    if arc.right is None:
        raise BorderError(
            "not_movable", "this border is that of the community; it cannot be moved", middle
        )
    left, right = arc.left, arc.right
    check_keys(grids, (left, right))
    check_community(grids, (left, right), middle)
    old = shapely.get_coordinates(arc.geometry)
    new = _new_course(old, line, grids.crs)
    both = united([grids.geometry[left], grids.geometry[right]])
    _check_within(new, both, closed=bool((old[0] == old[-1]).all()))
    made = {
        left: _rebuilt(grids.geometry[left], old, new),
        right: _rebuilt(grids.geometry[right], old[::-1], new[::-1]),
    }
    for key, shape in made.items():
        check_parts(key, grids.geometry[key], shape)
    found = change(grids, made, (), left)
    for key, shape in made.items():
        check_necks(key, grids.geometry[key], shape, grids.crs)
    return found


def _new_course(old: Any, line: Any, crs: Any) -> Any:
    points = drawn(line, crs)
    if (old[0] == old[-1]).all():
        if (points[0] != points[-1]).any():
            raise BorderError(
                "ends_elsewhere", "the line around a grid must be closed; it ends", points[-1]
            )
        turned = shapely.is_ccw(shapely.linestrings(points)) != shapely.is_ccw(
            shapely.linestrings(old)
        )
        return points[::-1] if turned else points
    return tied(points, (old[0], old[-1]), crs)


def _check_within(points: Any, both: Any, closed: bool) -> None:
    """Refuse a line that leaves two grids or touches their outside between its ends."""
    line = shapely.linestrings(points)
    outside = shapely.difference(line, shapely.buffer(both, _OUTSIDE, join_style="mitre"))
    if not outside.is_empty and outside.length > 0:
        place = shapely.line_interpolate_point(shapely.get_parts(outside)[0], 0.5, normalized=True)
        raise BorderError("leaves", "the line leaves the two grids", place.coords[0])
    ends = [] if closed else [tuple(points[0]), tuple(points[-1])]
    touched = shapely.intersection(line, shapely.boundary(both))
    for place in shapely.get_coordinates(touched).tolist():
        if not any(np.hypot(place[0] - x, place[1] - y) <= _OUTSIDE for x, y in ends):
            raise BorderError(
                "touches_outside", "the line touches the outside of the two grids", place
            )


def _rebuilt(shape: Any, old: Any, new: Any) -> Any:
    """Replace the stretch *old* of an area's border, area on its left, by *new*."""
    gone = set(map(tuple, np.hstack([old[:-1], old[1:]]).tolist()))
    kept = [row for row in map(tuple, directed(shape).tolist()) if row not in gone]
    course = [tuple(row) for row in np.hstack([new[:-1], new[1:]]).tolist()]
    pairs = np.array(kept + course).reshape(-1, 2, 2)
    lines: Any = shapely.linestrings(pairs)
    built = shapely.build_area(shapely.multilinestrings(lines))
    parts = shapely.get_parts(built)
    return parts[0] if len(parts) == 1 else built


def merge(grids: gpd.GeoDataFrame, keys: Sequence[Any], into: Any) -> Change:
    """Make one grid of several.

    Parameters
    ----------
    grids
        Polygons by key, in a declared CRS; where there is a column ``community``, all must be of
        one.
    keys
        The grids, two or more.
    into
        The one of them whose key stays.

    Returns
    -------
    Change
        *into* with the ground of all, the others removed.

    Raises
    ------
    BorderError
        Fewer than two grids, one that is not there, grids of two communities, grids that do not
        hang together along a border.
    """
    keys = list(dict.fromkeys(keys))
    if len(keys) < 2 or into not in keys:
        raise BorderError("wrong_number", "two or more different grids are needed")
    check_keys(grids, keys)
    check_community(grids, keys)
    before = sum(shapely.get_num_geometries(grids.geometry[key]) for key in keys)
    whole = united([grids.geometry[key] for key in keys])
    spare = before - len(keys)  # islands of their own that the grids had already
    if shapely.get_num_geometries(whole) > 1 + spare:
        apart = min(shapely.get_parts(whole), key=lambda part: part.area)
        place = apart.representative_point()
        raise BorderError("apart", "the grids do not share a border", place.coords[0])
    return change(grids, {into: whole}, [key for key in keys if key != into], into)
