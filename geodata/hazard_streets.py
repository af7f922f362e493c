"""Streets cut where a hazard begins and where places are entered: stretches inside and outside."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.ragged import offsets, ranges
from geodata.street_graph import Bools, Floats, Ints, Pieces, quantised

ON_BORDER = 1e-4  # metres from the hazard that still count as in it: ten times any rounding
_SAME = 1e-4  # metres: two cuts this near are one, a cut this near to a junction is the junction


@dataclass(frozen=True)
class Stretches:
    """Parts of pieces of street, each wholly inside or wholly outside the hazard.

    Attributes
    ----------
    piece
        The piece each belongs to; they are in the order of the pieces and along each.
    low, high
        Where on its piece it begins and ends, 0 to 1.
    inside
        Whether it lies in the hazard; on its border counts as in.
    start, end
        Nodes: those of the network, then one for every cut.
    nodes
        How many nodes there are.
    first
        Where the stretches of each piece start, and the total at the end.
    cut_node
        Node of each point at which a cut was asked for.
    """

    piece: Ints
    low: Floats
    high: Floats
    inside: Bools
    start: Ints
    end: Ints
    nodes: int
    first: Ints
    cut_node: Ints

    def at(self, piece: Ints, fraction: Floats) -> Ints:
        """Find the stretch that holds a point of a piece; at a cut the one inside, if any."""
        # stretches of piece p are the numbers p + low: one sorted list for all
        key = self.piece + self.low
        found = np.searchsorted(key, piece + fraction, side="right") - 1
        found = np.clip(found, self.first[piece], self.first[piece + 1] - 1)
        before = np.maximum(found - 1, self.first[piece])
        at_cut = fraction == self.low[found]
        return np.where(at_cut & self.inside[before], before, found)


def cut_streets(
    pieces: Pieces,
    hazard: BaseGeometry,
    piece: Ints,
    fraction: Floats,
    over: Bools,
) -> Stretches:
    """Cut streets at the border of a hazard and at given points.

    Parameters
    ----------
    pieces
        The streets.
    hazard
        Area in the metric CRS of the pieces.
    piece, fraction
        Points at which to cut as well (fraction 0 at the start of the piece).
    over
        Pieces that pass over or under the hazard and count as outside from end to end.
    """
    border_piece, border_at, within = _border(pieces, hazard, over)
    of, at = np.concatenate([border_piece, piece]), np.concatenate([border_at, fraction])
    of, at, number = _merged(pieces, of, at)
    count = np.bincount(of, minlength=len(pieces.road))
    first = offsets(count + 1)
    size = int(first[-1])
    owner = np.repeat(np.arange(len(pieces.road)), count + 1)
    low, start = np.zeros(size), pieces.start[owner]
    high, end = np.ones(size), pieces.end[owner]
    fresh = len(pieces.nodes) + np.arange(len(of))
    # the cut numbered c of its piece ends the piece's stretch c and begins the next
    ends = ranges(first[:-1], count)
    low[ends + 1], high[ends] = at, at
    start[ends + 1], end[ends] = fresh, fresh
    inside = within[owner]
    mixed = np.flatnonzero(np.isin(owner, border_piece))
    if len(mixed):
        middle = points_at(pieces, owner[mixed], (low[mixed] + high[mixed]) / 2, metric=True)
        shapely.prepare(hazard)
        inside[mixed] = shapely.dwithin(shapely.points(middle), hazard, ON_BORDER)
    asked = number[len(border_piece) :]
    node = _node(pieces, piece, fraction, asked, fresh)
    return Stretches(owner, low, high, inside, start, end, len(pieces.nodes) + len(of), first, node)


def _node(pieces: Pieces, piece: Ints, fraction: Floats, asked: Ints, fresh: Ints) -> Ints:
    ends = np.where(fraction < 0.5, pieces.start[piece], pieces.end[piece])
    if not len(fresh):
        return ends
    return np.where(asked >= 0, fresh[asked], ends)


def _border(pieces: Pieces, hazard: BaseGeometry, over: Bools) -> tuple[Ints, Floats, Bools]:
    """Find where pieces meet the border of the hazard, and which lie in it throughout."""
    within = np.zeros(len(pieces.road), dtype=bool)
    nothing = np.array([], dtype=np.intp), np.array([])
    if not len(within) or hazard.is_empty:
        return *nothing, within
    shapely.prepare(hazard)
    near = np.flatnonzero(_beside(pieces, hazard) & ~over)
    lines = pieces.lines(metric=True, of=near)
    touched = np.asarray(shapely.intersects(hazard, lines))
    inner = touched & shapely.contains_properly(hazard, lines)
    within[near[inner]] = True
    crossing = near[touched & ~inner]
    if not len(crossing):
        return *nothing, within
    steps = np.diff(pieces.offsets)[crossing] - 1
    before = ranges(pieces.offsets[crossing], steps)
    of = np.repeat(crossing, steps)
    ends = np.stack([pieces.metric[before], pieces.metric[before + 1]], axis=1)
    segments = straight(ends)
    edge = hazard.boundary
    shapely.prepare(edge)
    hit = np.flatnonzero(shapely.dwithin(segments, edge, ON_BORDER))
    met = shapely.intersection(segments[hit], edge)
    xy, owner = shapely.get_coordinates(met, return_index=True)
    at = hit[owner]
    along = _along(ends[at], xy)
    total = pieces.along
    metres = total[before[at]] + along
    length = total[pieces.offsets[of[at] + 1] - 1]
    fraction = np.divide(metres, length, out=np.zeros(len(metres)), where=length > 0)
    piece = np.concatenate([of[at], crossing])
    # every crossing piece is listed, cut or not, so that its stretches are looked at one by one
    return piece, np.concatenate([fraction, np.zeros(len(crossing))]), within


def _beside(pieces: Pieces, area: BaseGeometry) -> Bools:
    """Tell which pieces have a vertex or more within the bounds of an area, or pass around them."""
    starts = pieces.offsets[:-1]
    low = np.minimum.reduceat(pieces.metric, starts, axis=0)
    high = np.maximum.reduceat(pieces.metric, starts, axis=0)
    west, south, east, north = area.bounds
    return np.asarray(((high >= [west, south]) & (low <= [east, north])).all(axis=1))


def _along(ends: Floats, xy: Floats) -> Floats:
    direction = ends[:, 1] - ends[:, 0]
    length = np.hypot(*direction.T)
    dot = ((xy - ends[:, 0]) * direction).sum(axis=1)
    along = np.divide(dot, length, out=np.zeros(len(dot)), where=length > 0)
    clipped: Floats = np.clip(along, 0.0, length)
    return clipped


def _merged(pieces: Pieces, of: Ints, at: Floats) -> tuple[Ints, Floats, Ints]:
    """Sort cuts along the streets, merge equal ones, drop those at junctions.

    Returns
    -------
    of, at
        Piece and fraction of each cut that is left.
    number
        For every cut that came in, which one it has become; -1 where it is the junction.
    """
    length = pieces.along[pieces.offsets[of + 1] - 1] if len(of) else np.array([])
    inner = (at * length > _SAME) & ((1.0 - at) * length > _SAME)
    rows = np.flatnonzero(inner)
    rows = rows[np.lexsort((at[rows], of[rows]))]
    new = np.ones(len(rows), dtype=bool)
    new[1:] = (of[rows][1:] != of[rows][:-1]) | (np.diff(at[rows]) * length[rows][1:] > _SAME)
    number = np.full(len(of), -1, dtype=np.intp)
    number[rows] = np.cumsum(new) - 1
    return of[rows[new]], at[rows[new]], number


def straight(ends: Floats) -> NDArray[np.object_]:
    """Return the straight lines between pairs of points: array (lines, 2, 2)."""
    lines = shapely.linestrings(ends.reshape(-1, 2), indices=np.repeat(np.arange(len(ends)), 2))
    found: NDArray[np.object_] = np.asarray(lines, dtype=object)
    return found


def points_at(pieces: Pieces, piece: Ints, fraction: Floats, metric: bool = False) -> Floats:
    """Return the coordinates of points of pieces, in metres or in the CRS of the roads."""
    before, share = vertex_before(pieces, piece, fraction)
    xy = pieces.metric if metric else pieces.xy
    points: Floats = xy[before] + share[:, None] * (xy[before + 1] - xy[before])
    return points


def vertex_before(pieces: Pieces, piece: Ints, fraction: Floats) -> tuple[Ints, Floats]:
    """Return the vertex at or before points of pieces, and how far on to the next each lies."""
    run = pieces.along
    rising, longest = pieces.rising
    first, last = pieces.offsets[piece], pieces.offsets[piece + 1] - 1
    metres = fraction * run[last]
    before = np.searchsorted(rising, piece * longest + metres, side="right") - 1
    before = np.clip(before, first, last - 1)
    step = run[before + 1] - run[before]
    share = np.divide(metres - run[before], step, out=np.zeros(len(step)), where=step > 0)
    return before, np.clip(share, 0.0, 1.0)


def along_streets(pieces: Pieces, stretches: Stretches) -> tuple[Floats, Floats]:
    """Return the seconds and the metres of each stretch, never nothing."""
    share = stretches.high - stretches.low
    least = 2.0**-30
    seconds = np.maximum(quantised(share * pieces.seconds[stretches.piece]), least)
    metres = np.maximum(quantised(share * pieces.metres[stretches.piece]), least)
    return seconds, metres
