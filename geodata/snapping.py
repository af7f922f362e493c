"""Places on streets: the nearest point of the nearest street, and the ways from there.

Snapping knows no closures: a place whose nearest street is closed is cut off, it is never
moved to another street.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from geodata.errors import Fault, GeodataError
from geodata.nearby import Lines, feet
from geodata.street_graph import Bools, Floats, Ints, Pieces, quantised
from geodata.street_profiles import WALK_KMH

Points: TypeAlias = (
    gpd.GeoDataFrame | gpd.GeoSeries | NDArray[np.object_] | list[BaseGeometry] | BaseGeometry
)

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
    def _lines(self) -> NDArray[np.object_]:
        """The pieces in metres, each in the direction of its lower edge."""
        lines = self.pieces.lines(metric=True)
        against = self.pieces.forward < 0
        lines[against] = shapely.reverse(lines[against])
        return lines

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
        series = _series(points, self.crs)
        _check(series)
        shapes = series.to_numpy()
        present = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        # some builds of GEOS refuse to be asked for the coordinates of an empty point
        present[present] = ~np.isnan(shapely.get_x(shapes[present]))
        coordinates = shapely.get_coordinates(shapes[present])
        xy = np.full((len(series), 2), np.nan)
        at = np.full((len(series), 2), np.nan)
        xy[present] = _moved(coordinates, series.crs, self.crs)
        at[present] = _moved(coordinates, series.crs, self.metric)
        # what lies off the map of the metric system is near no street either
        rows = np.flatnonzero(np.isfinite(at).all(axis=1))
        piece = np.full(len(series), -1, dtype=np.intp)
        piece[rows] = self.nearest(at[rows], max_metres)[0]
        return self._placed(series.index, xy, at, piece)

    def nearest(self, at: Floats, max_metres: float) -> tuple[Ints, Floats]:
        """Find the piece nearest to each point, and how far it is; see `nearby.Lines.nearest`."""
        return self._near.nearest(at, max_metres)

    def like(self, other: "Snapper") -> bool:
        """Tell whether every place meets the streets of both at the same point."""
        one, two = self.pieces, other.pieces
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


def _moved(xy: Floats, from_crs: CRS, to_crs: CRS) -> Floats:
    """Return coordinates in another CRS; not finite where it has none for them."""
    if not len(xy) or from_crs == to_crs:
        return xy
    moved = _transformer(from_crs, to_crs).transform(*xy.T)
    return np.column_stack(moved)


@lru_cache(maxsize=32)
def _transformer(from_crs: CRS, to_crs: CRS) -> Transformer:
    """Return what moves coordinates: making one takes longer than moving 100,000 places."""
    return Transformer.from_crs(from_crs, to_crs, always_xy=True)


def _series(points: Points, crs: CRS) -> gpd.GeoSeries:
    if isinstance(points, gpd.GeoDataFrame):
        points = points.geometry
    if isinstance(points, gpd.GeoSeries):
        if points.crs is None:
            raise GeodataError("points declare no coordinate system")
        return points
    if isinstance(points, BaseGeometry):
        points = [points]
    return gpd.GeoSeries(list(points), crs=crs)


def _check(points: gpd.GeoSeries) -> None:
    shapes = points.to_numpy()
    kinds = shapely.get_type_id(shapes)
    faults = [
        Fault(f"not a Point but {shapes[at].geom_type}", points.index[at], "geometry")
        for at in np.flatnonzero((kinds != shapely.GeometryType.POINT) & (kinds >= 0))
    ]
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    faults += [
        Fault("coordinates are not finite", points.index[at], "geometry")
        for at in np.unique(owner[~np.isfinite(xy).all(axis=1) & ~np.isnan(xy).all(axis=1)])
    ]
    if faults:
        raise GeodataError(faults)
