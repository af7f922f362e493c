"""Lines that are crossed only over bridges and through tunnels: motorways, railways, rivers.

Closures come and go; a barrier belongs to the network, so what lies beyond one is not cut off
but has no road. One may travel along a barrier that is itself a street, and turn onto it and off
it; nothing crosses it between junctions, and no straight leg does.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.errors import Fault, GeodataError
from geodata.nearby import Lines
from geodata.ragged import offsets
from geodata.snapping import Snapper
from geodata.street_graph import Bools, Floats, Ints, Pieces

Shapes = NDArray[np.object_]

_FOOT = 1e-3  # metres: a leg to a street that is the barrier ends there and crosses nothing
_SAME = 1e-6  # metres; nearer than this two streets are at one distance
_REACHES = (25.0, 100.0, np.inf)  # metres: most legs are short, and few barriers are near them
_FIRST, _MORE = 30.0, 2.0  # metres asked for at first beyond a leg, and how many times as many
_CHUNK = 4_096  # places at once: what is compared stays small


@dataclass(frozen=True)
class Laid:
    """Barriers laid over streets.

    Attributes
    ----------
    closed
        Whether each piece crosses a barrier on the ground.
    along
        Whether each piece runs along a barrier.
    dead
        Whether no way leads over each node: streets meet there on a barrier that is none of them.
    """

    closed: Bools
    along: Bools
    dead: Bools


def laid(pieces: Pieces, ground: shapely.STRtree, lines: Shapes) -> Laid:
    """Tell which streets end at barriers.

    Parameters
    ----------
    pieces
        The streets.
    ground
        Index of their lines.
    lines
        LineStrings in the CRS of the roads, without the bridges and tunnels of the barriers.
    """
    closed, along = np.zeros((2, len(pieces.road)), dtype=bool)
    met = np.zeros(len(pieces.nodes), dtype=bool)
    if len(lines) and len(closed):
        shapely.prepare(lines)
        line, piece = ground.query(lines, predicate="intersects")
        street, barrier = ground.geometries[piece], lines[line]
        beside = shapely.relate_pattern(street, barrier, "1********")
        within = shapely.relate_pattern(street, barrier, "T********")
        within |= shapely.relate_pattern(street, barrier, "*T*******")
        # a street of no length has no inside that could cross
        closed[piece[within & ~beside & (shapely.length(street) > 0)]] = True
        along[piece[beside]] = True
        for ends in (pieces.start, pieces.end):
            on = shapely.intersects(shapely.points(pieces.nodes[ends[piece]]), barrier)
            met[ends[piece[on]]] = True
        for ends in (pieces.start, pieces.end):
            met[ends[along]] = False
    return Laid(closed & ~pieces.open_always, along, met)


def parted(pieces: Pieces, dead: Bools) -> Pieces:
    """Give every street on the ground that ends at a dead node an end of its own.

    All nodes and labels stay; the new nodes come behind the others.
    """
    start, end = pieces.start.copy(), pieces.end.copy()
    nodes = [pieces.nodes]
    size = len(pieces.nodes)
    for ends in (start, end):
        own = np.flatnonzero(dead[ends] & ~pieces.open_always)
        nodes.append(pieces.nodes[ends[own]])
        ends[own] = size + np.arange(len(own))
        size += len(own)
    return replace(pieces, start=start, end=end, nodes=np.concatenate(nodes))


def checked(shapes: Shapes) -> Shapes:
    """Return the LineStrings of barriers.

    Raises
    ------
    GeodataError
        If one is no line; names every row.
    """
    lines = np.isin(shapely.get_type_id(shapes), (1, 2, 5))
    if not lines.all():
        wrong = np.flatnonzero(~lines)
        raise GeodataError(Fault("the barrier is no line", int(row), "geometry") for row in wrong)
    return np.asarray(shapely.get_parts(shapes))


class Avoiding(Snapper):
    """Finds the nearest street to which no straight leg crosses a barrier.

    Parameters
    ----------
    plain
        Of the streets before the barriers.
    closed, along
        As in `Laid`.
    lines
        The barriers as `checked` LineStrings in metres.
    """

    def __init__(self, plain: Snapper, closed: Bools, along: Bools, lines: Shapes) -> None:
        super().__init__(plain.pieces, plain.crs, plain.metric)
        self.plain: Snapper = plain
        self.barriers: Shapes = lines
        self.closed: Bools = closed
        self.along: Bools = along

    @classmethod
    def over(cls, snapper: Snapper, found: Laid, lines: Shapes) -> Self:
        """Lay barriers over the streets of a snapper, beside those that it avoids already."""
        closed, along = found.closed, found.along
        if isinstance(snapper, Avoiding):
            lines = np.concatenate([snapper.barriers, lines])
            closed, along = closed | snapper.closed, along | snapper.along
            snapper = snapper.plain
        return cls(snapper, closed, along, lines)

    @property
    def ground(self) -> shapely.STRtree:
        """Index of the pieces: the streets are the same."""
        return self.plain.ground

    @cached_property
    def digest(self) -> str:
        """What two share if every place meets the streets of both at the same point."""
        said = blake2b(self.plain.digest.encode(), digest_size=16)
        said.update(np.ascontiguousarray(self.closed).data)
        for line in shapely.to_wkb(self.barriers):
            said.update(line)
        return said.hexdigest()

    def lines_of(self, piece: Ints) -> Shapes:
        """Return the lines of some pieces: the streets are the same."""
        return self.plain.lines_of(piece)

    @cached_property
    def _ground(self) -> shapely.STRtree:
        shapely.prepare(self.barriers)
        return shapely.STRtree(self.barriers)

    @cached_property
    def _around(self) -> Lines:
        xy, owner = shapely.get_coordinates(self.barriers, return_index=True)
        return Lines(xy, offsets(np.bincount(owner, minlength=len(self.barriers))))

    @cached_property
    def _usable(self) -> Ints:
        return np.flatnonzero(~self.closed)

    @cached_property
    def _streets(self) -> shapely.STRtree:
        return shapely.STRtree(self.lines_of(self._usable))

    def nearest(self, at: Floats, max_metres: float) -> tuple[Ints, Floats]:
        """Find the nearest street; of several at one distance the first."""
        piece, metres = self.plain.nearest(at, max_metres)
        found = np.flatnonzero(piece >= 0)
        again = np.zeros(len(at), dtype=bool)
        again[found] = self.closed[piece[found]]
        found = found[~again[found] & self._close_by(at[found], metres[found])]
        again[found] = self._crossing(at[found], piece[found])
        left = np.flatnonzero(again)
        for first in range(0, len(left), _CHUNK):
            rows = left[first : first + _CHUNK]
            piece[rows], metres[rows] = self._next(at[rows], metres[rows], max_metres)
        return piece, metres

    def like(self, other: Snapper) -> bool:
        """Tell whether every place meets the streets of both at the same point."""
        return self is other or (
            isinstance(other, Avoiding)
            and super().like(other)
            and np.array_equal(self.closed, other.closed)
            and np.array_equal(shapely.to_wkb(self.barriers), shapely.to_wkb(other.barriers))
        )

    def _close_by(self, at: Floats, metres: Floats) -> Bools:
        """Tell from which places a barrier is no farther than the street."""
        close = np.zeros(len(at), dtype=bool)
        low = -np.inf
        for high in _REACHES:
            rows = np.flatnonzero((metres > low) & (metres <= high))
            most = float(metres[rows].max(initial=0.0)) + _SAME
            close[rows] = self._around.nearest(at[rows], most)[1] <= metres[rows] + _SAME
            low = high
        return close

    def _crossing(self, at: Floats, piece: Ints) -> Bools:
        """Tell which straight legs meet a barrier before the street that is the barrier."""
        legs = shapely.shortest_line(shapely.points(at), self.lines_of(piece))
        ends = shapely.get_coordinates(legs).reshape(-1, 2, 2)
        back = ends[:, 0] - ends[:, 1]
        length = np.hypot(*back.T)
        along = self.along[piece]
        share = np.where(along, _FOOT / np.maximum(length, _FOOT), 0.0)
        ends[:, 1] += share[:, None] * back
        met, _ = self._ground.query(shapely.linestrings(ends), predicate="intersects")
        crosses = np.zeros(len(at), dtype=bool)
        crosses[met] = True
        crosses[along & (length <= _FOOT)] = False
        return crosses

    def _next(self, at: Floats, metres: Floats, max_metres: float) -> tuple[Ints, Floats]:
        """Find the nearest of the other streets, looking farther and farther away."""
        max_metres = min(max_metres, self._farthest(at))
        piece, best = np.full(len(at), -1, dtype=np.intp), np.full(len(at), np.inf)
        rows, more = np.arange(len(at)), _FIRST
        while len(rows):
            reach = np.minimum(metres[rows] + more, max_metres)
            points: Shapes = np.asarray(shapely.points(at[rows]))
            row, usable = self._streets.query(points, predicate="dwithin", distance=reach)
            street = self._usable[usable]
            away: Floats = np.asarray(shapely.distance(points[row], self.lines_of(street)))
            kept = (away <= reach[row]) & ~self._crossing(at[rows[row]], street)
            row, street, away = rows[row[kept]], street[kept], away[kept]
            np.minimum.at(best, row, away)
            tied = away <= best[row] + _SAME
            first = np.full(len(at), len(self.closed), dtype=np.intp)
            np.minimum.at(first, row[tied], street[tied])
            done = first < len(self.closed)
            piece[done] = first[done]
            rows = rows[~done[rows] & (reach < max_metres)]
            more *= _MORE
        return piece, best

    def _farthest(self, at: Floats) -> float:
        """Return metres beyond which there is no street of any of these places."""
        every = np.concatenate([at, self.pieces.metric])
        return float(np.hypot(*np.ptp(every, axis=0))) + 1.0
