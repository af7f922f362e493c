"""The nearest of many lines to many points, exactly, without asking line by line.

A raster of cells holds the segments that pass through each; round a point it is searched ring by
ring until no segment outside can be as near as the nearest one found.
"""

import math
from typing import NamedTuple

import numpy as np

from geodata.compiled import compiled
from geodata.ragged import offsets as starts_of
from geodata.street_graph import Bools, Floats, Ints

_CELL = 60.0  # metres; where streets are few the cells are larger, four to a part of a segment
_SAME = 1e-6  # metres; nearer than this two lines are at one distance


class Raster(NamedTuple):
    """Segments by the cells they pass through.

    Attributes
    ----------
    west, south, size
        Where the first cell starts, and how wide all are.
    wide, high
        How many cells there are in a row, and how many rows.
    first, at
        Where the segments of each cell start in `at`, row after row of cells.
    start, step
        Float arrays (segments, 2): where a segment starts and where it leads.
    per_square
        One over its squared length, 0 without a length.
    line
        The line of each segment.
    """

    west: float
    south: float
    size: float
    wide: int
    high: int
    first: Ints
    at: Ints
    start: Floats
    step: Floats
    per_square: Floats
    line: Ints


class Lines:
    """Lines made ready to be asked for the nearest.

    Parameters
    ----------
    xy
        Float array (vertices, 2) in metres, line after line.
    offsets
        Where each line starts, and the total at the end.
    """

    def __init__(self, xy: Floats, offsets: Ints) -> None:
        within = np.ones(len(xy), dtype=bool)
        within[offsets[1:] - 1] = False
        begin = np.flatnonzero(within)
        line = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets) - 1).astype(np.int64)
        self._raster = _laid(np.ascontiguousarray(xy, dtype=float), begin, line)

    def nearest(self, points: Floats, max_metres: float) -> tuple[Ints, Floats]:
        """Return the nearest line of each point and how far it is.

        Parameters
        ----------
        points
            Float array (points, 2), finite, in metres.
        max_metres
            Lines farther away than this are not found.

        Returns
        -------
        line, metres
            Arrays over the points; -1 and infinite where no line is near enough. Of several
            lines at one distance the first.
        """
        line = np.full(len(points), -1, dtype=np.intp)
        metres = np.full(len(points), np.inf)
        if self._raster is not None:
            asked = np.ascontiguousarray(points, dtype=float)
            _find(self._raster, asked, float(max_metres), line, metres)
        return line, metres


def _laid(xy: Floats, begin: Ints, line: Ints) -> Raster | None:
    """Lay segments over a raster; None without any."""
    if not len(begin):
        return None
    start, step = xy[begin], xy[begin + 1] - xy[begin]
    low, high = xy.min(axis=0), xy.max(axis=0)
    spread = high - low
    size = max(_CELL, math.sqrt(float(spread[0] * spread[1]) / (4.0 * len(begin))))
    size = max(size, float(spread.max()) / 1e6)  # all in a row: as many cells as can be counted
    wide, tall = (int(extent // size) + 1 for extent in spread)
    squared = (step**2).sum(axis=1)
    with np.errstate(divide="ignore"):
        per_square = np.where(squared > 0, 1.0 / squared, 0.0)
    counts = np.zeros(wide * tall, dtype=np.int64)
    place = (float(low[0]), float(low[1]), size, wide, tall)
    _passed(*place, start, step, counts, np.zeros(0, dtype=np.int64))
    first = starts_of(counts)
    at = np.empty(int(first[-1]), dtype=np.int64)
    _passed(*place, start, step, first[:-1].copy(), at)
    return Raster(*place, first.astype(np.int64), at, start, step, per_square, line)


@compiled
def _passed(
    west: float,
    south: float,
    size: float,
    wide: int,
    high: int,
    start: Floats,
    step: Floats,
    cursor: Ints,
    at: Ints,
) -> None:
    """Go through the cells each segment may touch; count them, or note it there if `at` is."""
    for segment in range(len(start)):
        dx, dy = step[segment, 0], step[segment, 1]
        x, y = start[segment, 0] - west, start[segment, 1] - south
        parts = max(1, int(math.ceil(math.sqrt(dx * dx + dy * dy) / size)))
        for part in range(parts):
            one, other = part / parts, (part + 1) / parts
            # a hair more on each side: what lies on a border is in both cells
            left = _cell(x + min(one * dx, other * dx) - _SAME, size, wide)
            right = _cell(x + max(one * dx, other * dx) + _SAME, size, wide)
            low = _cell(y + min(one * dy, other * dy) - _SAME, size, high)
            top = _cell(y + max(one * dy, other * dy) + _SAME, size, high)
            for cell in _block(left, right, low, top, wide):
                if len(at):
                    at[cursor[cell]] = segment
                cursor[cell] += 1


@compiled
def _cell(away: float, size: float, count: int) -> int:
    return min(max(int(math.floor(away / size)), 0), count - 1)


@compiled
def _block(left: int, right: int, low: int, top: int, wide: int) -> Ints:
    """Return the cells of a rectangle."""
    cells = np.empty((right - left + 1) * (top - low + 1), dtype=np.int64)
    count = 0
    for row in range(low, top + 1):
        for column in range(left, right + 1):
            cells[count] = row * wide + column
            count += 1
    return cells


@compiled
def _find(raster: Raster, points: Floats, most: float, line: Ints, metres: Floats) -> None:
    """Find the nearest line of every point, in place."""
    for point in range(len(points)):
        x, y = points[point, 0] - raster.west, points[point, 1] - raster.south
        column = int(math.floor(x / raster.size))
        row = int(math.floor(y / raster.size))
        # the first ring that meets the raster, and the last
        nearest = max(-column, column - raster.wide + 1, -row, row - raster.high + 1, 0)
        farthest = max(column, raster.wide - 1 - column, row, raster.high - 1 - row)
        best, ring = np.inf, nearest
        while ring <= farthest:
            best = _best(raster, points, point, column, row, ring, best)
            if _seen(raster.size, x, y, column, row, ring) > min(best + 2 * _SAME, most):
                break
            ring += 1
        if best <= most:
            metres[point] = best
            line[point] = _first(raster, points, point, column, row, nearest, ring, best + _SAME)


@compiled
def _seen(size: float, x: float, y: float, column: int, row: int, ring: int) -> float:
    """Return the distance up to which everything lies in the rings searched."""
    west, east = x - (column - ring) * size, (column + ring + 1) * size - x
    south, north = y - (row - ring) * size, (row + ring + 1) * size - y
    return min(west, east, south, north)


@compiled
def _best(
    raster: Raster, points: Floats, point: int, column: int, row: int, ring: int, best: float
) -> float:
    """Return the least distance to a segment in the cells of a ring, or the one known."""
    x, y = points[point, 0], points[point, 1]
    for r in range(max(row - ring, 0), min(row + ring, raster.high - 1) + 1):
        # whole rows at the top and the bottom, else the two ends
        stride = 1 if abs(r - row) == ring else max(2 * ring, 1)
        for c in range(column - ring, column + ring + 1, stride):
            if c < 0 or c >= raster.wide:
                continue
            cell = r * raster.wide + c
            for at in range(raster.first[cell], raster.first[cell + 1]):
                best = min(best, _distance(raster, raster.at[at], x, y))
    return best


@compiled
def _first(
    raster: Raster,
    points: Floats,
    point: int,
    column: int,
    row: int,
    low: int,
    high: int,
    reach: float,
) -> int:
    """Return the first line that is within reach in these rings."""
    x, y = points[point, 0], points[point, 1]
    line = raster.line[-1] + 1
    for ring in range(low, high + 1):
        for r in range(max(row - ring, 0), min(row + ring, raster.high - 1) + 1):
            stride = 1 if abs(r - row) == ring else max(2 * ring, 1)
            for c in range(column - ring, column + ring + 1, stride):
                if c < 0 or c >= raster.wide:
                    continue
                cell = r * raster.wide + c
                for at in range(raster.first[cell], raster.first[cell + 1]):
                    segment = raster.at[at]
                    earlier = raster.line[segment] < line
                    if earlier and _distance(raster, segment, x, y) <= reach:
                        line = raster.line[segment]
    return int(line)


@compiled
def _distance(raster: Raster, segment: int, x: float, y: float) -> float:
    east, north = x - raster.start[segment, 0], y - raster.start[segment, 1]
    along = raster.step[segment, 0] * east + raster.step[segment, 1] * north
    share = min(max(along * raster.per_square[segment], 0.0), 1.0)
    east -= share * raster.step[segment, 0]
    north -= share * raster.step[segment, 1]
    return math.sqrt(east * east + north * north)


class Feet(NamedTuple):
    """Where points meet their lines: metres along it, its length, and metres from the point."""

    along: Floats
    length: Floats
    metres: Floats


def feet(xy: Floats, offsets: Ints, points: Floats, line: Ints, against: Bools) -> Feet:
    """Find the nearest point of a given line.

    Parameters
    ----------
    xy, offsets
        As in `Lines`.
    points
        Float array (points, 2) in metres.
    line
        The line of each point.
    against
        Of each point, whether the last of equally near feet counts, not the first.
    """
    found = Feet(np.empty(len(points)), np.empty(len(points)), np.empty(len(points)))
    _feet(xy, offsets, np.ascontiguousarray(points), line, against, found)
    return found


@compiled
def _feet(
    xy: Floats, offsets: Ints, points: Floats, line: Ints, against: Bools, found: Feet
) -> None:
    for point in range(len(points)):
        run, foot, best = 0.0, 0.0, np.inf
        for vertex in range(offsets[line[point]], offsets[line[point] + 1] - 1):
            dx, dy = xy[vertex + 1, 0] - xy[vertex, 0], xy[vertex + 1, 1] - xy[vertex, 1]
            east, north = points[point, 0] - xy[vertex, 0], points[point, 1] - xy[vertex, 1]
            length, share = math.sqrt(dx * dx + dy * dy), 0.0
            if length > 0:
                share = min(max((east * dx + north * dy) / (length * length), 0.0), 1.0)
            east -= share * dx
            north -= share * dy
            away = math.sqrt(east * east + north * north)
            if away < best or (away == best and against[point]):
                best, foot = away, run + share * length
            run += length
        found.along[point], found.length[point], found.metres[point] = foot, run, best
