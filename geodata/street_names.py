"""The street a place is at, by name."""

import geopandas as gpd
import numpy as np
import shapely

from geodata.network import Network
from geodata.points import Points


def nearest_names(network: Network, points: Points, max_metres: float = 500.0) -> list[str | None]:
    """Give the name of the nearest street that has one, for every point.

    Parameters
    ----------
    network
        Its streets are looked at, closed ones as well.
    points
        Points as for `Network.places`; missing ones have no name.
    max_metres
        Farther away no street gives its name.
    """
    places = network.places(points, max_metres)
    names = [network.street(piece)[0] for piece in range(len(network.pieces.road))]
    named = np.array([at for at, name in enumerate(names) if name is not None], dtype=np.intp)
    found: list[str | None] = [
        names[piece] if snapped else None
        for piece, snapped in zip(places.piece, places.snapped, strict=True)
    ]
    open_rows = [row for row, name in enumerate(found) if name is None]
    if not open_rows or not len(named):
        return found
    lines = shapely.STRtree(network.pieces.lines(metric=True)[named])
    spots = gpd.GeoSeries(shapely.points(places.xy[open_rows]), crs=network.crs)
    metric = np.asarray(spots.to_crs(network.metric).array, dtype=object)
    there = np.flatnonzero(np.isfinite(places.xy[open_rows]).all(axis=1))
    at, nearest = lines.query_nearest(metric[there], max_distance=max_metres, all_matches=False)
    for position, line in zip(there[at], nearest, strict=True):
        found[open_rows[position]] = names[named[line]]
    return found
