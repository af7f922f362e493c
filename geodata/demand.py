"""Households as demand: those at one spot are one, and beyond a number those of one square."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geodata.crs import metric_crs
from geodata.errors import GeodataError
from geodata.street_graph import Floats, Ints

_FINEST, _COARSER = 10.0, 1.25  # metres: side of the first squares; how much larger the next are


@dataclass(frozen=True)
class Demand:
    """Where people ask for something.

    Attributes
    ----------
    points
        The spots.
    households, people, needs
        How many households and people are at each, and how many of the households have needs.
    side
        Side in metres of the squares whose households count as one, at one of their spots;
        0 if only those at one and the same spot do.
    """

    points: gpd.GeoSeries
    households: Floats
    people: Floats
    needs: Floats
    side: float

    def __len__(self) -> int:
        """Return the number of spots."""
        return len(self.points)

    def weight(self, kind: str) -> Floats:
        """Return what counts: `households`, `people` or `needs`."""
        found: Floats = getattr(self, kind)
        return found


def demand(households: gpd.GeoDataFrame, most: int) -> Demand:
    """Sum households up by where they are.

    Parameters
    ----------
    households
        Points in a declared CRS, with `people` and `with_needs`; missing points are left out.
    most
        No more spots than so many, at least one: if there are more, households of one square of
        the smallest lattice that makes few enough count at the spot of most people among them.
    """
    if most < 1:
        raise GeodataError(f"at most {most} spots are wanted: give one or more")
    there = ~(households.geometry.isna() | households.geometry.is_empty)
    placed = households[there]
    xy, spot = np.unique(
        shapely.get_coordinates(placed.geometry.array), axis=0, return_inverse=True
    )
    spot = spot.reshape(-1)
    ones = np.ones(len(placed))
    people = placed["people"].to_numpy(dtype=np.float64)
    needs = placed["with_needs"].to_numpy(dtype=np.float64)
    counts = _sums(spot, (ones, people, needs), len(xy))
    points = gpd.GeoSeries(shapely.points(xy), crs=households.crs)
    if len(xy) <= most:
        return Demand(points, *counts, 0.0)
    at = shapely.get_coordinates(points.to_crs(metric_crs(households)).array)
    at = at - at.min(axis=0)
    side = _FINEST
    owner, chosen = _squares(at, counts[1], side)
    while len(chosen) > most:
        side *= _COARSER
        owner, chosen = _squares(at, counts[1], side)
    kept = points.iloc[chosen].reset_index(drop=True)
    return Demand(kept, *_sums(owner, counts, len(chosen)), side)


def _sums(
    owner: Ints, values: tuple[Floats, Floats, Floats], size: int
) -> tuple[Floats, Floats, Floats]:
    first, second, third = (np.bincount(owner, each, size).astype(np.float64) for each in values)
    return first, second, third


def _squares(at: Floats, people: Floats, side: float) -> tuple[Ints, Ints]:
    """Return the square of each spot, and of each square the spot of most people."""
    cell = np.floor(at / side).astype(np.int64)
    _, square = np.unique(cell, axis=0, return_inverse=True)
    square = square.reshape(-1)
    order = np.lexsort((np.arange(len(at)), -people, square))
    first = np.diff(square[order], prepend=-1) != 0
    return square, order[first]
