"""Vertices of imported grids put onto borders they nearly meet: the outline's, then each other's.

What moves, moves less than a tolerance; borders written twice become one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from scipy.spatial import KDTree

from geodata.grid_changes import polygons

_SAME = 1e-9  # metres: nothing moved
_OUTLINE = -1  # owner of vertices that never move


@dataclass
class Snapped:
    """Shapes with their vertices on common places.

    Attributes
    ----------
    shapes
        One for each given, None where nothing is left.
    moved
        By position: metres that each vertex moved, or that a border was bent to meet one.
    places
        By position: where that was.
    """

    shapes: list[Any]
    moved: dict[int, list[float]] = field(default_factory=dict)
    places: dict[int, list[tuple[float, float]]] = field(default_factory=dict)

    def note(self, position: int, metres: float, place: Any) -> None:
        """Note that a border was moved somewhere."""
        self.moved.setdefault(position, []).append(float(metres))
        self.places.setdefault(position, []).append((float(place[0]), float(place[1])))


def scales(shapes: Any) -> Any:
    """Give the metres of a degree of longitude and of latitude around some shapes."""
    bounds = shapely.total_bounds(np.asarray(shapes, dtype=object))
    middle = np.radians((bounds[1] + bounds[3]) / 2)
    # the usual series for the ellipsoid
    east = 111_412.84 * np.cos(middle) - 93.5 * np.cos(3 * middle) + 0.118 * np.cos(5 * middle)
    north = 111_132.954 - 559.822 * np.cos(2 * middle) + 1.175 * np.cos(4 * middle)
    return np.array([east, north])


def snap(
    shapes: Sequence[Any], outlines: Sequence[Any], metres: float, left: Collection[int] = ()
) -> Snapped:
    """Put vertices onto what they nearly meet.

    Parameters
    ----------
    shapes
        Valid polygons in EPSG:4326.
    outlines
        Areas whose borders stay as they are.
    metres
        How far a vertex may move; 0 moves none.
    left
        Positions of shapes that are left as they are.

    Returns
    -------
    Snapped
        The outline wins over the shapes, an earlier shape over a later one.
    """
    done = Snapped(list(shapes))
    if metres <= 0 or not len(shapes):
        return done
    scale = scales(outlines)
    rings = _Rings(shapes)
    target = _targets(rings, outlines, metres, scale, left)
    away = np.hypot(*((target - rings.points) * scale).T)
    for row in np.flatnonzero(away > _SAME).tolist():
        done.note(int(rings.owner[row]), away[row], rings.points[row])
    extra = _bends(rings, target, outlines, metres, scale, left, done)
    for position in sorted({*rings.owner[away > _SAME].tolist(), *(key[0] for key in extra)}):
        done.shapes[position] = _rebuilt(rings, position, target, extra)
    return done


class _Rings:
    """All vertices of some shapes in one array, without the closing ones."""

    def __init__(self, shapes: Sequence[Any]) -> None:
        parts, owner = shapely.get_parts(np.asarray(shapes, dtype=object), return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        points, ring = shapely.get_coordinates(rings, return_index=True)
        closing = np.append(ring[1:] != ring[:-1], True)
        self.points = points[~closing]
        self.ring = ring[~closing]
        self.part = part
        self.owner = owner[part][self.ring]
        self.owner_of_part = owner
        first = np.append(True, self.ring[1:] != self.ring[:-1])
        start = np.flatnonzero(first)
        following = np.arange(1, len(self.points) + 1)
        following[np.append(start[1:], len(self.points)) - 1] = start
        self.following = following  # the next vertex around the ring


def _targets(
    rings: _Rings, outlines: Sequence[Any], metres: float, scale: Any, left: Collection[int]
) -> Any:
    """Find the place of every vertex: on the outline, or on a vertex of an earlier shape."""
    target = rings.points.copy()
    free = ~np.isin(rings.owner, list(left))
    corners = np.unique(shapely.get_coordinates(np.asarray(outlines, dtype=object)), axis=0)
    tree = KDTree(corners * scale)
    away, nearest = map(np.asarray, tree.query(target * scale, distance_upper_bound=metres))
    held = np.isfinite(away)
    target[held & free] = corners[nearest[held & free]]
    loose = np.flatnonzero(~held & free)
    on_border = _onto_borders(target[loose], outlines, metres, scale)
    bound = np.isfinite(on_border[:, 0])
    target[loose[bound]] = on_border[bound]
    held[loose[bound]] = True
    return _gathered(target, rings.owner, held, free, metres, scale)


def _onto_borders(points: Any, outlines: Sequence[Any], metres: float, scale: Any) -> Any:
    """Give the nearest place on a border for each point, not a number where it is too far."""
    found = np.full(points.shape, np.nan)
    ends = _segments(outlines)
    lines = shapely.linestrings(ends * scale)
    places = shapely.points(points * scale)
    row, line = shapely.STRtree(lines).query_nearest(places, max_distance=metres, all_matches=False)
    if not len(row):
        return found
    share = shapely.line_locate_point(lines[line], places[row], normalized=True)[:, None]
    found[row] = ends[line, 0] + share * (ends[line, 1] - ends[line, 0])
    return found


def _segments(shapes: Sequence[Any]) -> Any:
    parts = shapely.get_parts(np.asarray(shapes, dtype=object))
    points, ring = shapely.get_coordinates(shapely.get_rings(parts), return_index=True)
    joined = ring[1:] == ring[:-1]
    return np.unique(np.stack([points[:-1][joined], points[1:][joined]], axis=1), axis=0)


def _gathered(target: Any, owner: Any, held: Any, free: Any, metres: float, scale: Any) -> Any:
    """Bring vertices of different shapes together: the outline's first, then in order."""
    places, inverse = np.unique(target, axis=0, return_inverse=True)
    inverse = inverse.ravel()
    owners: list[set[int]] = [set() for _ in places]
    for place, who in zip(inverse.tolist(), owner.tolist(), strict=True):
        owners[place].add(who)
    stays = np.zeros(len(places), dtype=bool)
    np.logical_or.at(stays, inverse, held | ~free)
    first = np.full(len(places), len(target))
    np.minimum.at(first, inverse, np.arange(len(target)))
    rank = np.lexsort((first, ~stays))
    order = np.empty(len(places), dtype=np.int64)
    order[rank] = np.arange(len(places))
    beside: dict[int, list[int]] = {}
    for one, other in KDTree(places * scale).query_pairs(metres, output_type="ndarray").tolist():
        early, late = (one, other) if order[one] < order[other] else (other, one)
        beside.setdefault(late, []).append(early)
    goes = np.arange(len(places))
    for late in sorted(beside, key=lambda place: order[place]):
        if stays[late]:
            continue
        near = [
            early
            for early in beside[late]
            if goes[early] == early and not owners[early] & owners[late]
        ]
        if near:
            here = places[late] * scale
            best = min(near, key=lambda e: (np.hypot(*(places[e] * scale - here)), order[e]))
            goes[late] = best
            owners[best] |= owners[late]
    return places[goes[inverse]]


def _bends(  # noqa: PLR0913 - one step of one algorithm
    rings: _Rings,
    target: Any,
    outlines: Sequence[Any],
    metres: float,
    scale: Any,
    left: Collection[int],
    done: Snapped,
) -> dict[tuple[int, int], list[tuple[float, float, float]]]:
    """Find the vertices of others that a border nearly passes: it is bent to meet them.

    Gives by position and vertex what comes after that vertex: share of the way, and place.
    """
    ends = np.stack([target, target[rings.following]], axis=1)
    lines = shapely.linestrings(ends * scale)
    corners = np.unique(shapely.get_coordinates(np.asarray(outlines, dtype=object)), axis=0)
    places = np.vstack([corners, target])
    owner = np.concatenate([np.full(len(corners), _OUTLINE), rings.owner])
    points = shapely.points(places * scale)
    point, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=metres)
    other = (owner[point] != rings.owner[line]) & ~np.isin(rings.owner[line], list(left))
    point, line = point[other], line[other]
    share = shapely.line_locate_point(lines[line], points[point], normalized=True)
    away = shapely.distance(lines[line], points[point])
    near = np.minimum(share, 1 - share) * shapely.length(lines[line])
    inside = near > np.maximum(away, _SAME)
    # its own vertex there already: the ring meets that place anyhow
    own = {(who, *place) for who, place in zip(rings.owner.tolist(), target.tolist(), strict=True)}
    found: dict[tuple[int, int], dict[tuple[float, float], float]] = {}
    for at in np.flatnonzero(inside).tolist():
        who, vertex = int(rings.owner[line[at]]), int(line[at])
        place = tuple(places[point[at]].tolist())
        if (who, *place) in own or place in found.get((who, vertex), {}):
            continue
        found.setdefault((who, vertex), {})[place] = float(share[at])
        done.note(who, away[at], place)
    return {
        key: sorted((way, *place) for place, way in passed.items()) for key, passed in found.items()
    }


def _rebuilt(
    rings: _Rings,
    position: int,
    target: Any,
    extra: Mapping[tuple[int, int], Sequence[tuple[float, float, float]]],
) -> Any:
    parts = []
    for part in _stretch(rings.owner_of_part, position):
        made = []
        for ring in _stretch(rings.part, part):
            course: list[Any] = []
            stretch = _stretch(rings.ring, ring)
            places = target[stretch.start : stretch.stop].tolist()
            for vertex, place in zip(stretch, places, strict=True):
                course.append(tuple(place))
                course += [place[1:] for place in extra.get((position, vertex), ())]
            course = [
                place
                for place, before in zip(course, [course[-1], *course[:-1]], strict=True)
                if place != before
            ]
            if len(course) >= 3:
                made.append(course)
            elif not made:
                break
        if made:
            parts.append(shapely.Polygon(made[0], made[1:]))
    return sound(parts)


def _stretch(ordered: Any, value: int) -> range:
    """Give the places of a value in an array that is in order."""
    return range(
        int(np.searchsorted(ordered, value)), int(np.searchsorted(ordered, value, side="right"))
    )


def sound(parts: Sequence[Any]) -> Any | None:
    """Make one valid area of several, None when nothing is left of them."""
    whole = [shapely.make_valid(part, method="structure", keep_collapsed=False) for part in parts]
    pieces = polygons(np.array(whole, dtype=object)) if whole else []
    if not len(pieces):
        return None
    union = shapely.union_all(pieces)
    return union if not union.is_empty else None
