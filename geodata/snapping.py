"""Places on streets: the nearest point of the nearest street, and the ways from there.

Snapping knows no closures: a place whose nearest street is closed is cut off, it is never
moved to another street.
"""

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TypeVar

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geodata.nearby import Lines, feet
from geodata.points import Points, moved, spots
from geodata.street_graph import Bools, Floats, Ints, Pieces, quantised
from geodata.street_profiles import WALK_KMH

JUNCTION_METRES = 1.0
"""A place this near to a junction stands on it: all its open streets serve the place."""

_TOUCH = 1e-6  # metres along a street that are no distance but the rounding of a projection
Value = TypeVar("Value", np.float64, np.bool_)


@dataclass(frozen=True)
class Places:
    """Places and where they meet the streets; arrays in the order of the points given.

    Attributes
    ----------
    index
        Labels of the places.
    xy
        Float array (places, 2) in the CRS of the roads; NaN where there is no point.
    piece
        Nearest piece of street, -1 where none is near enough.
    fraction
        Where on the piece, 0 at its start to 1 at its end; NaN where not snapped.
    metres
        Straight leg from the place to its street; NaN where not snapped.
    at_start, at_end
        Whether the place stands on the junction at the start or the end of the piece.
    leg_kmh
        How fast the straight legs are walked.
    """

    index: pd.Index
    xy: Floats
    piece: Ints
    fraction: Floats
    metres: Floats
    at_start: Bools
    at_end: Bools
    leg_kmh: float = WALK_KMH

    @property
    def snapped(self) -> Bools:
        """Whether each place has a street."""
        return self.piece >= 0

    @property
    def leg_seconds(self) -> Floats:
        """Time of the straight legs."""
        return quantised(self.metres / (self.leg_kmh / 3.6))

    def __len__(self) -> int:
        """Return the number of places."""
        return len(self.piece)

    def digest(self) -> bytes:
        """Return what other places do not have, but for their labels."""
        said = blake2b(repr(self.leg_kmh).encode(), digest_size=16)
        for held in (self.piece, self.fraction, self.metres, self.at_start, self.at_end):
            said.update(np.ascontiguousarray(held).data)
        return said.digest()

    def taken(self, rows: Ints) -> "Places":
        """Return the places at these positions."""
        return Places(
            self.index[rows],
            self.xy[rows],
            self.piece[rows],
            self.fraction[rows],
            self.metres[rows],
            self.at_start[rows],
            self.at_end[rows],
            self.leg_kmh,
        )


@dataclass(frozen=True)
class Ways:
    """How places reach the ends of their streets, or are reached from them.

    Attributes
    ----------
    ends
        Int array (places, 2): nodes at the start and at the end of the street.
    seconds, metres
        Float arrays (places, 2): the straight leg and the way along the street; infinite
        where it may not be travelled.
    """

    ends: Ints
    seconds: Floats
    metres: Floats


class Snapper:
    """Finds the nearest street of points."""

    def __init__(self, pieces: Pieces, crs: CRS, metric: CRS) -> None:
        self.pieces = pieces
        self.crs = crs
        self.metric = metric

    @cached_property
    def digest(self) -> str:
        """What two snappers share if every place meets the streets of both at the same point."""
        said = blake2b(f"{self.crs.to_wkt()} {self.metric.to_wkt()}".encode(), digest_size=16)
        for held in (self.pieces.offsets, self.pieces.metric, self.pieces.forward < 0):
            said.update(np.ascontiguousarray(held).data)
        return said.hexdigest()

    def lines_of(self, piece: Ints) -> NDArray[np.object_]:
        """Return pieces in metres, each in the direction of its lower edge; each is made once."""
        asked = np.zeros(len(self._made), dtype=bool)
        asked[piece] = True
        fresh = np.flatnonzero(asked)
        fresh = fresh[shapely.is_missing(self._made[fresh])]
        if len(fresh):
            lines = self.pieces.lines(metric=True, of=fresh)
            against = self.pieces.forward[fresh] < 0
            lines[against] = shapely.reverse(lines[against])
            self._made[fresh] = lines
        return np.asarray(self._made[piece])

    @cached_property
    def _made(self) -> NDArray[np.object_]:
        return np.full(len(self.pieces.road), None, dtype=object)

    @cached_property
    def ground(self) -> shapely.STRtree:
        """Index of the pieces, in the CRS of the roads."""
        return shapely.STRtree(self.pieces.lines())

    @cached_property
    def _near(self) -> Lines:
        return Lines(self.pieces.metric, self.pieces.offsets)

    def places(self, points: Points, max_metres: float = 200.0) -> Places:
        """Snap points.

        Parameters
        ----------
        points
            Points in any declared CRS; bare points are in the CRS of the roads. A missing or
            empty point, or one of NaN, is a place that does not snap.
        max_metres
            Farther from a street than this a place is not snapped.

        Raises
        ------
        GeodataError
            If a geometry is not a point, a coordinate is not finite or the CRS is missing.
        """
        given = spots(points, self.crs)
        xy = moved(given.xy, given.crs, self.crs)
        at = moved(given.xy, given.crs, self.metric)
        # what lies off the map of the metric system is near no street either
        rows = np.flatnonzero(np.isfinite(at).all(axis=1))
        piece = np.full(len(given), -1, dtype=np.intp)
        piece[rows] = self.nearest(at[rows], max_metres)[0]
        return self._placed(given.index, xy, at, piece)

    def nearest(self, at: Floats, max_metres: float) -> tuple[Ints, Floats]:
        """Find the piece nearest to each point, and how far it is; see `nearby.Lines.nearest`."""
        return self._near.nearest(at, max_metres)

    def like(self, other: "Snapper") -> bool:
        """Tell whether every place meets the streets of both at the same point."""
        one, two = self.pieces, other.pieces
        if self is other:
            return True
        return type(self) is type(other) and all(
            np.array_equal(mine, theirs)
            for mine, theirs in (
                (one.offsets, two.offsets),
                (one.metric, two.metric),
                (one.forward < 0, two.forward < 0),
            )
        )

    def _placed(self, index: pd.Index, xy: Floats, at: Floats, piece: Ints) -> Places:
        snapped = np.flatnonzero(piece >= 0)
        of = piece[snapped]
        # the foot is looked for in the direction of the piece's lower edge
        against = self.pieces.forward[of] < 0
        foot = feet(self.pieces.metric, self.pieces.offsets, at[snapped], of, against)
        along, length = foot.along, foot.length
        along = np.where(along < _TOUCH, 0.0, np.where(length - along < _TOUCH, length, along))
        with np.errstate(invalid="ignore"):
            fraction = np.where(length > 0, along / length, 0.0)
        first, last = self.pieces.offsets[of], self.pieces.offsets[of + 1] - 1
        to_start = np.hypot(*(at[snapped] - self.pieces.metric[first]).T)
        to_end = np.hypot(*(at[snapped] - self.pieces.metric[last]).T)
        metres = quantised(foot.metres)
        return Places(
            index,
            xy,
            piece,
            _spread(fraction, snapped, len(xy)),
            _spread(metres, snapped, len(xy)),
            _spread(np.minimum(along, to_start) <= JUNCTION_METRES, snapped, len(xy)),
            _spread(np.minimum(length - along, to_end) <= JUNCTION_METRES, snapped, len(xy)),
        )


def leaving(pieces: Pieces, opened: Bools, places: Places) -> Ways:
    """Return the ways from places to the ends of their streets.

    Parameters
    ----------
    pieces
        The streets.
    opened
        Bool array over edges: not closed.
    places
        The places.
    """
    return _ways(pieces, places, _usable(pieces.backward, opened), _usable(pieces.forward, opened))


def arriving(pieces: Pieces, opened: Bools, places: Places) -> Ways:
    """Return the ways from the ends of their streets to places."""
    return _ways(pieces, places, _usable(pieces.forward, opened), _usable(pieces.backward, opened))


def _usable(label: Ints, opened: Bools) -> Bools:
    if not len(opened):
        return np.zeros(len(label), dtype=bool)
    return (label >= 0) & opened[label]


def _ways(pieces: Pieces, places: Places, by_start: Bools, by_end: Bools) -> Ways:
    """Price both ends; on a junction even a street that is closed or one-way is no hindrance."""
    if not len(pieces.road):
        nothing = np.full((len(places), 2), np.inf)
        return Ways(np.zeros((len(places), 2), dtype=np.intp), nothing, nothing)
    snapped, piece = places.snapped, places.piece
    usable = np.column_stack([by_start[piece] | places.at_start, by_end[piece] | places.at_end])
    usable &= snapped[:, None]
    share = np.column_stack([places.fraction, 1.0 - places.fraction])
    measured = []
    for along, leg in (
        (pieces.seconds, places.leg_seconds),
        (pieces.metres, places.metres),
    ):
        cost = leg[:, None] + quantised(share * along[piece][:, None])
        measured.append(np.where(usable, cost, np.inf))
    ends = np.column_stack([pieces.start[piece], pieces.end[piece]])
    return Ways(np.where(snapped[:, None], ends, 0), *measured)


def _spread(values: NDArray[Value], rows: Ints, size: int) -> NDArray[Value]:
    filler = False if values.dtype == bool else np.nan
    spread = np.full(size, filler, dtype=values.dtype)
    spread[rows] = values
    return spread
