"""The lines of routes: vertices of streets, whole and in part, joined for many routes at once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.ragged import ranges
from geodata.snapping import Places
from geodata.street_graph import Bools, Floats, Ints, Pieces

if TYPE_CHECKING:
    from geodata.network import Network
    from geodata.routes import Trips

_DIRECT = 2


@dataclass(frozen=True)
class Feet:
    """Where places meet their streets.

    Attributes
    ----------
    before
        Position in `Pieces.xy` of the vertex before the foot, never the last one of a piece.
    xy, metric
        Float arrays (places, 2): the foot in the CRS of the roads and in metres.
    """

    before: Ints
    xy: Floats
    metric: Floats


@dataclass(frozen=True)
class _Runs:
    """Runs of vertices: which route, where in it, and from which vertex on, up or down."""

    route: Ints
    rank: Ints
    start: Ints
    count: Ints
    down: Bools


def feet(pieces: Pieces, places: Places) -> Feet:
    """Return where places meet their streets; for a place without one the numbers mean nothing."""
    if not len(pieces.road):
        nothing = np.full((len(places), 2), np.nan)
        return Feet(np.zeros(len(places), dtype=np.intp), nothing, nothing)
    piece = np.maximum(places.piece, 0)
    first, last = pieces.offsets[piece], pieces.offsets[piece + 1] - 1
    run = pieces.running
    target = run[first] + np.nan_to_num(places.fraction) * (run[last] - run[first])
    before = np.clip(np.searchsorted(run, target, side="right") - 1, first, last - 1)
    step = run[before + 1] - run[before]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.clip(np.where(step > 0, (target - run[before]) / step, 0.0), 0.0, 1.0)
    return Feet(before, _between(pieces.xy, before, share), _between(pieces.metric, before, share))


def wholly(pieces: Pieces, piece: int, backward: bool) -> Floats:
    """Return the vertices of a piece in metres, in the direction of travel."""
    vertices = pieces.metric[pieces.offsets[piece] : pieces.offsets[piece + 1]]
    return vertices[::-1] if backward else vertices


def partly(pieces: Pieces, piece: int, before: int, slot: int) -> Floats:
    """Return the vertices in metres from a foot, itself left out, to an end of its piece."""
    if slot:
        return pieces.metric[before + 1 : pieces.offsets[piece + 1]]
    return pieces.metric[pieces.offsets[piece] : before + 1][::-1]


def lines(
    network: "Network", origins: Places, destinations: Places, trips: "Trips"
) -> NDArray[np.object_]:
    """Draw routes from place to place, in the CRS of the roads.

    Returns
    -------
    lines
        A LineString per pair; an empty one without a way. No vertex stands twice in a row,
        unless the whole route is one point.
    """
    pieces = network.pieces
    start, end = feet(pieces, origins), feet(pieces, destinations)
    pool = np.vstack([pieces.xy, origins.xy, start.xy, end.xy, destinations.xy])
    size = len(trips.leave)
    found = np.flatnonzero(trips.leave >= 0)
    base = len(pieces.xy)
    runs = [
        _single(found, rank, base + block * size + found) for block, rank in enumerate((0, 1, 5, 6))
    ]
    runs.append(_ends(pieces, origins, start, trips.leave, 2))
    runs.append(_edges(network, trips))
    runs.append(_ends(pieces, destinations, end, trips.arrive, 4))
    runs.append(_directs(start, end, origins, destinations, trips))
    route, vertex = _joined(runs)
    xy = pool[vertex]
    kept = _without_repeats(route, xy)
    drawn = np.full(size, shapely.LineString(), dtype=object)
    if len(found):
        owner = np.searchsorted(found, route[kept])
        drawn[found] = shapely.linestrings(xy[kept], indices=owner)
    return drawn


def _between(vertices: Floats, before: Ints, share: Floats) -> Floats:
    start, end = vertices[before], vertices[before + 1]
    between = start + share[:, None] * (end - start)
    # exactly the vertex, so that it is not drawn twice
    foot: Floats = np.where(share[:, None] == 1.0, end, between)
    return foot


def _single(route: Ints, rank: int, vertex: Ints) -> _Runs:
    one = np.ones(len(route), dtype=np.intp)
    return _Runs(route, np.full(len(route), rank), vertex, one, one.astype(bool))


def _ends(pieces: Pieces, places: Places, foot: Feet, slot: Ints, rank: int) -> _Runs:
    """Run from the foot to the end of the street, or from there to the foot if rank is late."""
    route = np.flatnonzero((slot == 0) | (slot == 1))
    piece, before, late = places.piece[route], foot.before[route], slot[route] == 1
    first, last = pieces.offsets[piece], pieces.offsets[piece + 1] - 1
    low, high = np.where(late, before + 1, first), np.where(late, last, before)
    outward = rank == 2
    down = ~late if outward else late
    start = np.where(down, high, low)
    return _Runs(route, np.full(len(route), rank), start, high - low + 1, down)


def _edges(network: "Network", trips: "Trips") -> _Runs:
    counts = np.diff(trips.offsets)
    route = np.repeat(np.arange(len(counts)), counts)
    piece, backward = network.pieces.of_edges
    piece, backward = piece[trips.edges], backward[trips.edges]
    offsets = network.pieces.offsets
    first, last = offsets[piece], offsets[piece + 1] - 1
    rank = np.full(len(route), 3)
    return _Runs(route, rank, np.where(backward, last, first), last - first + 1, backward)


def _directs(
    start: Feet, end: Feet, origins: Places, destinations: Places, trips: "Trips"
) -> _Runs:
    route = np.flatnonzero(trips.leave == _DIRECT)
    down = destinations.fraction[route] < origins.fraction[route]
    low = np.where(down, end.before[route], start.before[route]) + 1
    high = np.where(down, start.before[route], end.before[route])
    return _Runs(
        route,
        np.full(len(route), 3),
        np.where(down, high, low),
        np.maximum(high - low + 1, 0),
        down,
    )


def _joined(runs: list[_Runs]) -> tuple[Ints, Ints]:
    route = np.concatenate([run.route for run in runs])
    rank = np.concatenate([run.rank for run in runs])
    start = np.concatenate([run.start for run in runs])
    count = np.concatenate([run.count for run in runs])
    down = np.concatenate([run.down for run in runs])
    order = np.lexsort((rank, route))  # stable, so that edges stay in order of travel
    start, count, down = start[order], count[order], down[order]
    along = ranges(np.zeros(len(count), dtype=np.intp), count)
    vertex = np.repeat(start, count) + np.where(np.repeat(down, count), -along, along)
    return np.repeat(route[order], count), vertex


def _without_repeats(route: Ints, xy: Floats) -> Bools:
    kept = np.ones(len(route), dtype=bool)
    same_route = route[1:] == route[:-1]
    kept[1:] = ~(same_route & (xy[1:] == xy[:-1]).all(axis=1))
    if not len(route):
        return kept
    first = np.flatnonzero(np.diff(route, prepend=-1))
    last = np.append(first[1:], len(route)) - 1
    point = np.add.reduceat(kept, first) == 1
    kept[last[point]] = True
    return kept
