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
        self._on.setdefault(int(np.argmin(off)), []).append(point)
        return point

    def pieces(self) -> set[tuple[Point2, Point2]]:
        """Give the segments, cut at the points that were set on them."""
        found = set()
        for number, (a, b, c, d) in enumerate(self._rows.tolist()):
            on = sorted(self._on.get(number, ()), key=lambda p: (p[0] - a) ** 2 + (p[1] - b) ** 2)
            chain = [(a, b), *on, (c, d)]
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
