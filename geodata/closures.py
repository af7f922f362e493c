"""Areas nobody can pass: read, checked, and laid over the streets."""

from collections.abc import Iterable
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geodata.errors import Fault, GeodataError
from geodata.street_graph import Bools, Pieces

Areas: TypeAlias = BaseGeometry | gpd.GeoDataFrame | gpd.GeoSeries | Iterable[BaseGeometry]


def shut(pieces: Pieces, ground: shapely.STRtree, areas: Areas | None, crs: CRS) -> Bools:
    """Tell which pieces lie inside an area or cross it; bridges and tunnels never do.

    Parameters
    ----------
    pieces
        The streets.
    ground
        Index of their lines.
    areas
        A geometry or several in the CRS of the roads, or a frame in any declared CRS.
    crs
        CRS of the roads.

    Raises
    ------
    GeodataError
        If an area is missing, empty or invalid, or a frame declares no CRS.
    """
    closed = np.zeros(len(pieces.road), dtype=bool)
    shapes = _shapes(areas, crs)
    if len(shapes) and len(closed):
        shapely.prepare(shapes)
        _, hit = ground.query(shapes, predicate="intersects")
        closed[hit] = True
    return closed & ~pieces.open_always


def _shapes(areas: Areas | None, crs: CRS) -> NDArray[np.object_]:
    if areas is None:
        return np.array([], dtype=object)
    series = _series(areas, crs)
    if not len(series):
        return np.array([], dtype=object)
    if series.crs is None:
        raise GeodataError("areas declare no coordinate system")
    faults = []
    for label, shape in series.items():
        if shape is None or shape.is_empty:
            faults.append(Fault("the area is missing or empty", label, "geometry"))
        elif not shape.is_valid:
            reason = shapely.is_valid_reason(shape)
            faults.append(Fault(f"the area is not valid: {reason}", label, "geometry"))
    if faults:
        raise GeodataError(faults)
    return np.asarray(series.to_crs(crs))


def _series(areas: Areas, crs: CRS) -> gpd.GeoSeries:
    if isinstance(areas, gpd.GeoDataFrame):
        return areas.geometry
    if isinstance(areas, gpd.GeoSeries):
        return areas
    if isinstance(areas, BaseGeometry):
        return gpd.GeoSeries([areas], crs=crs)
    return gpd.GeoSeries(list(areas), crs=crs)
