"""Borders as directed segments: what areas share is written once on each side, point for point.

Every change of a coverage is proven here before it counts: the outer border of what changes must
come out as it was, but for points that were set on it, and those are set into the neighbours too.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import shapely

from geodata.border_errors import BorderError

Point2: TypeAlias = tuple[float, float]
Segment: TypeAlias = tuple[float, float, float, float]

_ON = 1e-9  # share of a segment's length, and units: how far off it a point set on it may lie


def directed(shape: Any) -> Any:
    """Give the segments of an area's border, the area on their left.

    Parameters
    ----------
    shape
        Polygon or MultiPolygon.

    Returns
    -------
    array
        One row a segment: x and y of its start and of its end.
    """
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(shape)))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1]
    return np.hstack([points[:-1][joined], points[1:][joined]])


def outer(shapes: Iterable[Any]) -> set[Segment]:
    """Give the directed segments along the outside of areas taken together.

    Raises
    ------
    BorderError
        A segment with two of the areas on the same side: they overlap.
    """
    found: set[Segment] = set()
    for shape in shapes:
        for segment in map(tuple, directed(shape).tolist()):
            if segment in found:
                raise BorderError("overlap", "two grids lie on the same ground", segment)
            found.add(segment)
    return {(a, b, c, d) for a, b, c, d in found if (c, d, a, b) not in found}


def exchanged(grids: Mapping[Any, Any], old: Iterable[Any], new: Iterable[Any]) -> dict[Any, Any]:
    """Prove that areas may take the place of others, and mend the neighbours.

    Parameters
    ----------
    grids
        Areas by key, the neighbours of *old* among them.
    old
        Keys of the areas that go.
    new
        The areas that come in their place.

    Returns
    -------
    dict
        Neighbours into whose border points had to be set, with their new areas.

    Raises
    ------
    BorderError
        The new areas overlap or do not end where the old ones did; the place is named.
    """
    gone_keys = set(old)
    before = outer(grids[key] for key in gone_keys)
    after = outer(new)
    points = _set_points(before - after, after - before)
    if not points:
        return {}
    mended = {}
    for key, shape in grids.items():
        if key not in gone_keys:
            changed = with_points(shape, points)
            if changed is not None:
                mended[key] = changed
    return mended


def _set_points(gone: set[Segment], came: set[Segment]) -> dict[Segment, list[Point2]]:
    """Match each segment that went with the chain of points that runs along it now."""
    following: dict[Point2, list[Point2]] = {}
    for ax, ay, bx, by in came:
        following.setdefault((ax, ay), []).append((bx, by))
    found = {}
    for segment in sorted(gone):
        chain = _chain(segment, following)
        found[segment] = chain
    left = [start for start, ends in following.items() if ends]
    if left:
        raise BorderError("apart", "the grids would not meet", left[0])
    return found


def _chain(segment: Segment, following: dict[Point2, list[Point2]]) -> list[Point2]:
    here, end = segment[:2], segment[2:]
    chain: list[Point2] = []
    while True:
        ahead = [point for point in following.get(here, []) if _beyond(here, point, segment)]
        if not ahead:
            raise BorderError("outside_changes", "the outside border would change", segment)
        nearest = min(ahead, key=lambda point: _squared(here, point))
        following[here].remove(nearest)
        if nearest == end:
            return chain
        if min(_squared(here, nearest), _squared(nearest, end)) <= _ON**2:
            # set beside a vertex by rounding: the border of a neighbour would cross itself there
            raise BorderError("outside_changes", "the outside border would change", segment)
        chain.append(nearest)
        here = nearest


def _beyond(here: Point2, point: Point2, segment: Segment) -> bool:
    """Tell whether a point lies on a segment, farther along it than another one."""
    ax, ay, bx, by = segment
    dx, dy = bx - ax, by - ay
    long = dx * dx + dy * dy
    along = ((point[0] - ax) * dx + (point[1] - ay) * dy) / long
    so_far = ((here[0] - ax) * dx + (here[1] - ay) * dy) / long
    off = abs((point[0] - ax) * dy - (point[1] - ay) * dx) / long**0.5
    return so_far < along <= 1.0 + 1e-12 and off <= max(_ON, _ON * long**0.5)


def _squared(one: Point2, other: Point2) -> float:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2


def with_points(shape: Any, points: Mapping[Segment, list[Point2]]) -> Any | None:
    """Set points into the border of an area; None when it has none of the segments.

    Parameters
    ----------
    points
        By segment in the direction of the area beyond it, the points on it in that direction.
    """
    touched = False
    parts = []
    for part in shapely.get_parts(shape):
        rings = []
        for ring in (part.exterior, *part.interiors):
            coordinates, changed = _with_points(shapely.get_coordinates(ring).tolist(), points)
            touched |= changed
            rings.append(coordinates)
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    if not touched:
        return None
    return parts[0] if shape.geom_type == "Polygon" else shapely.multipolygons(parts)


def _with_points(
    ring: list[list[float]], points: Mapping[Segment, list[Point2]]
) -> tuple[list[Any], bool]:
    made: list[Any] = [ring[0]]
    for one, other in zip(ring[:-1], ring[1:], strict=True):
        along = points.get((one[0], one[1], other[0], other[1]), [])
        against = points.get((other[0], other[1], one[0], one[1]), [])
        made += [*along, *reversed(against), other]
    return made, len(made) > len(ring)
