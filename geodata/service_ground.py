"""How much ground each facility serves: the ground from which it is the nearest on the network."""

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.closest import closest
from geodata.closures import Areas, shapes_in
from geodata.coverage import Standard
from geodata.coverage_reading import check_labels, label_order, opened
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.street_graph import Bools, Floats, Ints

SPACING = 100.0
"""Metres from one point of the lattice to the next."""

MAX_METRES = 1000.0
"""Ground farther than this from every street is nobody's: a lake, a mountain."""

_MOST = 4_000_000  # cells: a county of 40,000 km2
_CHUNK = 50_000  # squares made at once
_OUT, _NOBODY = -2, -1


@dataclass(frozen=True)
class Grounds:
    """Ground by who serves it.

    Attributes
    ----------
    facilities
        On their index: `km2` and `margin_km2`, the part of it in cells beside another's; 0
        where one is not open, has no street or is nowhere the nearest.
    unserved_km2
        Ground without a street near it, or from which no facility is reached.
    total_km2
        All of it; the others add up to it.
    """

    facilities: pd.DataFrame
    unserved_km2: float
    total_km2: float


def grounds(
    network: Network,
    outline: Areas,
    facilities: gpd.GeoDataFrame,
    standard: Standard,
    spacing: float = SPACING,
    max_metres: float = MAX_METRES,
) -> Grounds:
    """Measure the ground of every facility.

    A lattice of squares is laid over the outline and each square, cut at the outline, goes to
    the nearest open facility of its middle. So the outline is met exactly and only the borders
    between two grounds are uncertain: where these are farther apart than the spacing, the true
    ground of a facility lies within its `km2` less its margin and plus the margins of the
    others. That is at most 4 x spacing x (length of the border + spacing): along a border of 5
    km at 100 m 2 km2; errors to both sides mostly cancel out, see the test for what remains.

    Parameters
    ----------
    network, facilities, standard
        As in `coverage.cover`; the limit, capacity and crews of the standard play no part.
    outline
        The area, in the CRS of the roads or a frame in any declared one.
    spacing
        Side of the squares in metres.
    max_metres
        Farther from a street than this ground is unserved.

    Raises
    ------
    GeodataError
        If the outline is no area or too large for the spacing, the spacing no length, or labels
        of facilities repeat.
    """
    if standard.profile != network.profile.key:
        raise GeodataError(
            f"standard {standard.key!r} is for {standard.profile!r}, "
            f"the network for {network.profile.key!r}"
        )
    check_labels(facilities)
    cells = _cells(_area(network, outline), spacing)
    spots = gpd.GeoSeries(shapely.points(cells.middle), crs=network.metric)
    order = label_order(facilities.index)
    order = order[opened(facilities)[order]]
    sites = network.places(facilities.iloc[order], standard.max_metres)
    towards = standard.direction == "to_facility"
    places = network.places(spots, max_metres)
    found = closest(network, places, sites, towards, standard.by).site[:, 0]
    owner = np.where(found >= 0, np.append(order, _NOBODY)[found], _NOBODY)
    edge = cells.beside_another(owner)
    served = owner >= 0
    size = len(facilities)
    km2 = np.bincount(owner[served], cells.area[served], size) / 1e6
    margin = np.bincount(owner[served & edge], cells.area[served & edge], size) / 1e6
    total = float(cells.area.sum()) / 1e6
    frame = pd.DataFrame({"km2": km2, "margin_km2": margin}, index=facilities.index)
    return Grounds(frame, float(cells.area[~served].sum()) / 1e6, total)


@dataclass(frozen=True)
class _Cells:
    """Squares of a lattice cut at an outline: column, row, square metres and a point of each."""

    column: Ints
    row: Ints
    area: Floats
    middle: Floats

    def beside_another(self, owner: Ints) -> Bools:
        """Tell which cells have a neighbour, north, south, west or east, of another owner."""
        columns, rows = int(self.column.max(initial=0)) + 3, int(self.row.max(initial=0)) + 3
        table = np.full((columns, rows), _OUT, dtype=np.intp)
        column, row = self.column + 1, self.row + 1
        table[column, row] = owner
        edge = np.zeros(len(owner), dtype=bool)
        for east, north in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            other = table[column + east, row + north]
            edge |= (other != _OUT) & (other != owner)
        return edge


def _area(network: Network, outline: Areas) -> BaseGeometry:
    shapes = shapes_in(outline, network.crs)
    metric = gpd.GeoSeries(shapes, crs=network.crs).to_crs(network.metric)
    whole = shapely.union_all(metric.to_numpy())
    if not whole.area > 0:
        raise GeodataError("the outline is no area")
    return whole


def _cells(area: BaseGeometry, spacing: float) -> _Cells:
    if not (np.isfinite(spacing) and spacing > 0):
        raise GeodataError(f"spacing {spacing!r} is not a length")
    west, south, east, north = area.bounds
    columns, rows = np.ceil([(east - west) / spacing, (north - south) / spacing])
    if not columns * rows <= _MOST:
        raise GeodataError(f"the outline has more than {_MOST} squares of {spacing:g} m")
    shapely.prepare(area)
    found = [
        _cut(area, np.array([west, south]), spacing, int(rows), first, last)
        for first, last in pairwise([*range(0, int(columns * rows), _CHUNK), int(columns * rows)])
    ]
    return _Cells(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _cut(
    area: BaseGeometry, corner: Floats, spacing: float, rows: int, first: int, last: int
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return the columns, rows, square metres and points of squares that the area meets."""
    column, row = np.divmod(np.arange(first, last), rows)
    low = corner + np.column_stack([column, row]) * spacing
    squares = np.asarray(shapely.box(*low.T, *(low + spacing).T))
    met = np.flatnonzero(shapely.intersects(area, squares))
    cut = np.flatnonzero(~shapely.contains(area, squares[met]))
    size = np.full(len(met), spacing * spacing)
    middle = low[met] + spacing / 2
    parts = np.asarray(shapely.intersection(squares[met[cut]], area))
    size[cut] = shapely.area(parts)
    outside = np.flatnonzero(~shapely.intersects_xy(area, *middle[cut].T) & (size[cut] > 0))
    middle[cut[outside]] = shapely.get_coordinates(shapely.point_on_surface(parts[outside]))
    kept = size > 0
    met = met[kept]
    return column[met], row[met], size[kept], middle[kept]
