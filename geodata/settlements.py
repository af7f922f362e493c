"""Small settlements, as in mountains: each stays whole, with the ground around it."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from geodata.adjacency import Ints, border_lengths
from geodata.crs import metric_crs
from geodata.faces import merged
from geodata.units import Units

_NEAR = 150.0  # metres between the homes of one settlement


def whole_settlements(
    units: Units, places: Any, unit: Ints, smallest: int
) -> tuple[Units, list[tuple[Any, int]]]:
    """Unite the pieces over which a small settlement spreads, and the empty ground beside it.

    Parameters
    ----------
    units
        Pieces of the area.
    places, unit
        Points of the households, and the piece that each is in.
    smallest
        A settlement with fewer households is small.

    Returns
    -------
    tuple
        The pieces, and of each small settlement one of its places and its households. Pieces in
        which others live too stay as they are: ground is parted there anyway.
    """
    groups = _groups(gpd.GeoSeries(places, crs=units.crs))
    count = np.bincount(groups) if len(groups) else np.empty(0, np.int64)
    small = count < smallest
    mixed = np.zeros(len(units.shapes), dtype=bool)
    mixed[unit[~small[groups]]] = True
    lived = np.bincount(unit, minlength=len(units.shapes)) > 0
    placed = gpd.GeoSeries(units.shapes, crs=units.crs)
    first, second, metres = border_lengths(placed.array, metric_crs(placed))
    links: list[tuple[int, int]] = []
    found: list[tuple[Any, int]] = []
    taken = lived.copy()
    for number in np.flatnonzero(small).tolist():
        homes = np.flatnonzero(groups == number)
        own = np.unique(unit[homes])
        own = own[~mixed[own]]
        if not len(own):
            continue
        found.append((places[homes[0]], len(homes)))
        links += [(int(own[0]), int(one)) for one in own[1:]]
        ground = _around(own, first, second, metres, taken)
        if ground is not None:
            taken[ground] = True
            links.append((int(own[0]), ground))
    return (_united(units, links) if links else units), found


def _groups(places: gpd.GeoSeries) -> Ints:
    """Give each home the number of its settlement: one is nearer than `_NEAR` to the next."""
    if not len(places):
        return np.empty(0, dtype=np.int64)
    xy = shapely.get_coordinates(places.to_crs(metric_crs(places)).array)
    pairs = KDTree(xy).query_pairs(_NEAR, output_type="ndarray")
    joined = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(xy),) * 2)
    return connected_components(joined, directed=False)[1].astype(np.int64)


def _around(own: Ints, first: Ints, second: Ints, metres: Any, taken: Any) -> int | None:
    """Find the piece where nobody lives that shares most border with some."""
    inside, beyond = np.isin(first, own), np.isin(second, own)
    other = np.where(inside, second, first)
    free = (inside ^ beyond) & ~taken[other]
    if not free.any():
        return None
    return int(np.argmax(np.bincount(other[free], metres[free])))


def _united(units: Units, links: list[tuple[int, int]]) -> Units:
    one, other = np.array(links).T
    size = len(units.shapes)
    joined = coo_array((np.ones(len(one)), (one, other)), shape=(size, size))
    owner = connected_components(joined, directed=False)[1].astype(np.int64)
    lead = np.unique(owner, return_index=True)[1]
    return Units(merged(units.shapes, owner), units.block[lead], units.plot[lead], units.crs)
