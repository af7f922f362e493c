"""How much of the borders between pieces runs along what people do not simply cross."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.adjacency import Floats, Ints
from geodata.blocks import street_lines
from geodata.errors import Fault, GeodataError
from geodata.grid_burdens import MAIN_ROADS

# Metres: carriageways of one road lie so far apart, and a border keeps to one of them.
_ALONG = 3.0


def barrier_lines(roads: gpd.GeoDataFrame, water: gpd.GeoDataFrame | None, crs: Any) -> Any:
    """Collect the main roads on the ground, shores and rivers.

    Parameters
    ----------
    roads, water
        As for `blocks.street_blocks`, in any declared CRS.
    crs
        CRS of the lines returned.

    Returns
    -------
    array
        Lines.

    Raises
    ------
    GeodataError
        No CRS or no column ``highway``.
    """
    if "highway" not in roads.columns:
        raise GeodataError([Fault("the column is missing", column="highway")])
    main = roads[roads["highway"].isin(MAIN_ROADS)]
    return street_lines(main, water, crs)


def metres_along(shapes: Any, first: Ints, second: Ints, lines: Any) -> Floats:
    """Measure what pairs of neighbours share along barriers.

    Parameters
    ----------
    shapes
        Polygons in metres.
    first, second
        Positions of the neighbours.
    lines
        Barriers, in the same CRS.

    Returns
    -------
    array
        Metres for each pair, those along two barriers counted once.
    """
    found = np.zeros(len(first))
    if not len(lines) or not len(first):
        return found
    around = shapely.buffer(lines, _ALONG, cap_style="flat", quad_segs=2)
    rings = shapely.boundary(shapes)
    reached = np.unique(shapely.STRtree(rings).query(around, predicate="intersects")[1])
    near = np.isin(first, reached) & np.isin(second, reached)
    shared = shapely.intersection(rings[first[near]], rings[second[near]])
    pair, barrier = shapely.STRtree(around).query(shared, predicate="intersects")
    order = np.argsort(pair, kind="stable")
    ends = np.flatnonzero(np.diff(pair[order])) + 1
    places = np.flatnonzero(near)
    for group in np.split(order, ends):
        if len(group):
            zone = shapely.union_all(around[barrier[group]])
            line = shared[pair[group[0]]]
            found[places[pair[group[0]]]] = shapely.length(shapely.intersection(line, zone))
    return found
