"""Lines of the ways that an escape found: from door to door, in the CRS of the households."""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geodata.compiled import compiled
from geodata.escape import STEP_IN, Escape, Ways
from geodata.hazard_streets import vertex_before
from geodata.street_graph import Floats, Ints


class _Ground(NamedTuple):
    """Where ways run: arrays (.., 2) of points, and the steps they take.

    Stretch s passes the vertices after `low[s]` up to `high[s]`; `node` is by node of the
    stretches, `foot` (where it meets its street) and `shelter` by shelter.
    """

    vertex: Floats
    low: Ints
    high: Ints
    start: Floats
    end: Floats
    node: Floats
    foot: Floats
    shelter: Floats
    onward: NDArray[np.int32]
    via: NDArray[np.int32]


class _Doors(NamedTuple):
    """What each way begins with: its household, the point of its street, the vertex before it.

    `leave` is the end of the stretch `along` by which it goes, `node` that end; `step` the first
    of its steps from there to `shelter`.
    """

    home: Floats
    entered: Floats
    before: Ints
    along: Ints
    leave: Ints
    node: Ints
    step: NDArray[np.int32]
    shelter: Ints


class Drawer:
    """Draws routes from door to door."""

    def __init__(self, escape: Escape, ways: Ways, crs: CRS) -> None:
        self._escape = escape
        self._ways = ways
        self._crs = crs
        pieces, part = escape.network.pieces, escape.stretches
        vertices = _moved(pieces.xy, escape.network.crs, crs)
        low, low_share = vertex_before(pieces, part.piece, part.low)
        high, high_share = vertex_before(pieces, part.piece, part.high)
        start = _between(vertices, low, low_share)
        end = _between(vertices, high, high_share)
        nodes = np.empty((part.nodes, 2))
        nodes[part.start], nodes[part.end] = start, end
        self._ground = _Ground(
            np.ascontiguousarray(vertices),
            low,
            high,
            start,
            end,
            nodes,
            self._feet(vertices),
            _moved(escape.shelters.xy, escape.network.crs, crs),
            ways.onward,
            ways.via,
        )

    def lines(self, households: Ints, shelters: Ints) -> NDArray[np.object_]:
        """Return the LineString of each pair (position of household, position of shelter)."""
        if not len(households):
            return np.array([], dtype=object)
        homes, part = self._escape.households, self._escape.stretches
        stretch = self._escape.home_stretch[households]
        leave = self._ways.leave[households, shelters].astype(np.intp)
        before, share = vertex_before(
            self._escape.network.pieces, homes.piece[households], homes.fraction[households]
        )
        doors = _Doors(
            _moved(homes.xy[households], self._escape.network.crs, self._crs),
            _between(self._ground.vertex, before, share),
            before,
            stretch,
            leave,
            np.where(leave == 0, part.start[stretch], part.end[stretch]),
            self._ways.step[households, shelters],
            np.asarray(shelters, dtype=np.intp),
        )
        size = np.zeros(len(households), dtype=np.intp)
        _draw(self._ground, doors, size, np.empty((0, 2)))
        drawn = np.empty((int(size.sum()), 2))
        _draw(self._ground, doors, size, drawn)
        owner = np.repeat(np.arange(len(size)), size)
        lines: NDArray[np.object_] = np.asarray(shapely.linestrings(drawn, indices=owner))
        return lines

    def _feet(self, vertices: Floats) -> Floats:
        """Where the shelters meet their streets."""
        places = self._escape.shelters
        feet = np.full((len(places), 2), np.nan)
        here = np.flatnonzero(places.snapped)
        pieces = self._escape.network.pieces
        before, share = vertex_before(pieces, places.piece[here], places.fraction[here])
        feet[here] = _between(vertices, before, share)
        return feet


@compiled
def _draw(ground: _Ground, doors: _Doors, size: Ints, drawn: Floats) -> None:
    """Write the points of all ways one after the other; without room, only count them.

    No point is repeated, but a way has two at least.
    """
    at, last = 0, np.empty(2)
    for row in range(len(size)):
        begun, shelter = at, doors.shelter[row]
        last[:] = np.nan
        at = _put(drawn, at, last, doors.home[row])
        at = _put(drawn, at, last, doors.entered[row])
        along, before = doors.along[row], doors.before[row]
        if doors.leave[row] == 0:
            at = _back(drawn, at, last, ground.vertex, ground.low[along], before)
        else:
            at = _ahead(drawn, at, last, ground.vertex, before, ground.high[along])
        at = _put(drawn, at, last, ground.node[doors.node[row]])
        at = _steps(ground, doors.step[row], shelter, drawn, at, last)
        at = _put(drawn, at, last, ground.shelter[shelter])
        if at == begun + 1:
            last[:] = np.nan
            at = _put(drawn, at, last, ground.shelter[shelter])
        size[row] = at - begun


@compiled
def _steps(ground: _Ground, step: int, shelter: int, drawn: Floats, at: int, last: Floats) -> int:
    """Write the points of the steps of a way."""
    while ground.onward[step] >= 0:
        along = ground.via[step]
        if along >= 0:
            at = _stretch(ground, along // 2, along % 2 == 1, drawn, at, last)
        elif along == STEP_IN:
            at = _put(drawn, at, last, ground.foot[shelter])
        step = ground.onward[step]
    return at


@compiled
def _stretch(
    ground: _Ground, stretch: int, against: bool, drawn: Floats, at: int, last: Floats
) -> int:
    """Write the points of a stretch after its first one, in the direction travelled."""
    low, high = ground.low[stretch], ground.high[stretch]
    if against:
        at = _back(drawn, at, last, ground.vertex, low, high)
        return _put(drawn, at, last, ground.start[stretch])
    at = _ahead(drawn, at, last, ground.vertex, low, high)
    return _put(drawn, at, last, ground.end[stretch])


@compiled
def _ahead(drawn: Floats, at: int, last: Floats, vertex: Floats, after: int, to: int) -> int:
    for number in range(after + 1, to + 1):
        at = _put(drawn, at, last, vertex[number])
    return at


@compiled
def _back(drawn: Floats, at: int, last: Floats, vertex: Floats, after: int, start: int) -> int:
    for number in range(start, after, -1):
        at = _put(drawn, at, last, vertex[number])
    return at


@compiled
def _put(drawn: Floats, at: int, last: Floats, point: Floats) -> int:
    """Write a point down unless it is the last one again."""
    if point[0] == last[0] and point[1] == last[1]:
        return at
    if at < len(drawn):
        drawn[at, 0], drawn[at, 1] = point[0], point[1]
    last[0], last[1] = point[0], point[1]
    return at + 1


def _between(vertices: Floats, before: Ints, share: Floats) -> Floats:
    here, there = vertices[before], vertices[before + 1]
    points: Floats = here + share[:, None] * (there - here)
    return points


def _moved(xy: Floats, source: CRS, target: CRS) -> Floats:
    if source == target or not len(xy):
        return xy
    moved = np.full_like(xy, np.nan)
    there = np.isfinite(xy).all(axis=1)
    points = gpd.GeoSeries(shapely.points(xy[there]), crs=source).to_crs(target)
    moved[there] = shapely.get_coordinates(points)
    return moved
