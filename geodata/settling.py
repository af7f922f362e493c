"""Borders that rounding has moved, taken back to where they were.

What cuts areas along other lines computes every crossing anew, and a vertex of a border may come
out of it a millionth of a millimetre aside, or be taken for the one next to it. Neighbours keep
their vertices, so the areas would no longer meet them: they are rebuilt from the border that was
there and the new lines inside it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely

from geodata.coverage_parts import united
from geodata.segments import Point2, Segment, directed, outer

_ROUNDING = 1e-9  # units: a border that lies nearer than this to another is meant as that one
_WIDTH = 3e-9  # units: between walls that share a line, borders keep off both by a third of it


def settled(old: Iterable[Any], new: Mapping[Any, Any]) -> dict[Any, Any] | None:
    """Rebuild areas from the outer border of those in whose place they come.

    Parameters
    ----------
    old
        The areas that go.
    new
        The areas that come, by key; together the same ground but for rounding.

    Returns
    -------
    dict
        The new areas, their outer border point for point the old one, but for points set on it
        where borders between them end. None where that is not what they are.

    Raises
    ------
    BorderError
        Areas that overlap.
    """
    old = list(old)
    before, after = outer(old), outer(new.values())
    if _apart(before, after):
        return None
    inner = _inner(new.values())
    fixed = _Border(before)
    ends = {point for segment in after for point in (segment[:2], segment[2:])}
    place: dict[Point2, Point2] = {}
    for point in sorted({one for pair in inner for one in pair} & ends):
        place[point] = fixed.set_on(point)
    border = fixed.pieces()
    lines = {
        (min(pair), max(pair))
        for pair in ((place.get(one, one), place.get(other, other)) for one, other in inner)
        if pair[0] != pair[1]
    }
    lines -= border
    return _built([*border, *lines], old, new)


def straightened(old: Iterable[Any], new: Mapping[Any, Any]) -> dict[Any, Any] | None:
    """Rebuild areas whose borders run beside each other without any ground between them.

    Lines that are meant as one come out of a cut a millionth of a millimetre apart: one area gets
    a spike without width, the other a slit, and what later cuts either takes them for one line.

    Parameters
    ----------
    old
        The areas that go.
    new
        The areas that come, by key.

    Returns
    -------
    dict
        The new areas without spikes and slits; None where there are none.
    """
    shapes = list(new.values())
    rows = np.unique(np.vstack([_undirected(shape) for shape in shapes]), axis=0)
    places = np.unique(rows.reshape(-1, 2), axis=0)
    points: Any = shapely.points(places)
    lines: Any = shapely.linestrings(rows.reshape(-1, 2, 2))
    line, point = shapely.STRtree(points).query(lines, predicate="dwithin", distance=_WIDTH)
    ends = [np.hypot(*(places[point] - rows[line, side : side + 2]).T) for side in (0, 2)]
    beside = np.minimum(*ends) > _WIDTH
    line, point = line[beside], point[beside]
    if not len(line):
        return None
    on: dict[int, list[Point2]] = {}
    for number, place in zip(line.tolist(), places[point].tolist(), strict=True):
        on.setdefault(number, []).append((place[0], place[1]))
    found = set()
    for number, (a, b, c, d) in enumerate(rows.tolist()):
        chain = [(a, b), *_along((a, b), on.get(number, [])), (c, d)]
        found |= {(min(pair), max(pair)) for pair in zip(chain[:-1], chain[1:], strict=True)}
    return _built(sorted(found), list(old), new)


def _undirected(shape: Any) -> Any:
    """Give the segments of an area's border, each with its lesser end first."""
    rows = directed(shape)
    turned = (rows[:, 0] > rows[:, 2]) | ((rows[:, 0] == rows[:, 2]) & (rows[:, 1] > rows[:, 3]))
    rows[turned] = rows[turned][:, [2, 3, 0, 1]]
    return rows


def _along(start: Point2, points: Iterable[Point2]) -> list[Point2]:
    return sorted(points, key=lambda p: (p[0] - start[0]) ** 2 + (p[1] - start[1]) ** 2)


def _apart(before: set[Segment], after: set[Segment]) -> bool:
    """Tell whether two borders differ by more than rounding."""
    one, other = (
        shapely.multilinestrings(np.array(sorted(segments)).reshape(-1, 2, 2))
        for segments in (before, after)
    )
    return bool(shapely.hausdorff_distance(one, other) > _ROUNDING)


def _inner(shapes: Iterable[Any]) -> list[tuple[Point2, Point2]]:
    """Give the segments that have one of the areas on either side, each once."""
    found = {tuple(row) for shape in shapes for row in directed(shape).tolist()}
    return sorted(((a, b), (c, d)) for a, b, c, d in found if (c, d, a, b) in found and a <= c)


class _Border:
    """The segments of a border, and the points that are set on them."""

    def __init__(self, segments: set[Segment]) -> None:
        self._rows = np.array(sorted(segments))
        self._on: dict[int, list[Point2]] = {}

    def set_on(self, point: Point2) -> Point2:
        """Give the vertex at a point, or set the point on the nearest segment."""
        start, step = self._rows[:, :2], self._rows[:, 2:] - self._rows[:, :2]
        aside = np.asarray(point) - start
        away = np.hypot(*aside.T)
        nearest = int(np.argmin(away))
        if away[nearest] <= _ROUNDING:
            x, y = start[nearest].tolist()
            return x, y
        share = np.clip((aside * step).sum(axis=1) / (step**2).sum(axis=1), 0, 1)
        off = np.hypot(*(aside - share[:, None] * step).T)
        on = self._on.setdefault(int(np.argmin(off)), [])
        for other in on:
            if np.hypot(other[0] - point[0], other[1] - point[1]) <= _ROUNDING:
                return other
        on.append(point)
        return point

    def pieces(self) -> set[tuple[Point2, Point2]]:
        """Give the segments, cut at the points that were set on them."""
        found = set()
        for number, (a, b, c, d) in enumerate(self._rows.tolist()):
            chain = [(a, b), *_along((a, b), self._on.get(number, ())), (c, d)]
            found |= {(min(pair), max(pair)) for pair in zip(chain[:-1], chain[1:], strict=True)}
        return found


def _built(
    lines: list[tuple[Point2, Point2]], old: list[Any], new: Mapping[Any, Any]
) -> dict[Any, Any] | None:
    """Make areas of segments, and give each to the new area in whose place it lies."""
    drawn: Any = shapely.linestrings(np.array(sorted(lines)))
    faces = shapely.get_parts(shapely.polygonize(drawn))
    middle = shapely.point_on_surface(faces)
    ground = np.unique(shapely.STRtree(np.array(old, dtype=object)).query(middle, "intersects")[0])
    keys, shapes = list(new), np.array(list(new.values()), dtype=object)
    owner = shapely.STRtree(shapes).nearest(middle[ground])
    found = {}
    for number, key in enumerate(keys):
        mine = faces[ground[owner == number]]
        if not len(mine):
            return None
        found[key] = united(mine)
    return found
