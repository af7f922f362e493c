"""Points as they come: geometries with a CRS, bare ones, or arrays of coordinates."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from geodata.errors import Fault, GeodataError
from geodata.street_graph import Bools, Floats, Ints


@dataclass(frozen=True)
class Spots:
    """Points without an object for each: a million of them in 16 MB.

    Attributes
    ----------
    index
        Labels of the points.
    xy
        Float array (points, 2); NaN where there is no point.
    crs
        What the coordinates are in.
    """

    index: pd.Index
    xy: Floats
    crs: CRS

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.xy)


Geometries: TypeAlias = (
    gpd.GeoDataFrame | gpd.GeoSeries | NDArray[np.object_] | list[BaseGeometry] | BaseGeometry
)
Points: TypeAlias = Geometries | Spots


def spots(points: Points, crs: CRS) -> Spots:
    """Read points; bare ones are in this CRS.

    Raises
    ------
    GeodataError
        If a geometry is not a point, a coordinate is not finite or the CRS is missing.
    """
    if isinstance(points, Spots):
        _finite(points.index, np.arange(len(points)), points.xy)
        return points
    series = _series(points, crs)
    _check(series)
    shapes = series.to_numpy()
    present = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    # some builds of GEOS refuse to be asked for the coordinates of an empty point
    present[present] = ~np.isnan(shapely.get_x(shapes[present]))
    xy = np.full((len(series), 2), np.nan)
    xy[present] = shapely.get_coordinates(shapes[present])
    return Spots(series.index, xy, series.crs)


def moved(xy: Floats, from_crs: CRS, to_crs: CRS) -> Floats:
    """Return coordinates in another CRS; infinite where it has none for them, NaN stays NaN."""
    if not len(xy) or from_crs == to_crs:
        return xy
    found = np.column_stack(_transformer(from_crs, to_crs).transform(*xy.T))
    found[np.isnan(xy[:, 0])] = np.nan
    return found


@lru_cache(maxsize=32)
def _transformer(from_crs: CRS, to_crs: CRS) -> Transformer:
    """Return what moves coordinates: making one takes longer than moving 100,000 places."""
    return Transformer.from_crs(from_crs, to_crs, always_xy=True)


def _series(points: Geometries, crs: CRS) -> gpd.GeoSeries:
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
    if faults:
        raise GeodataError(faults)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    _finite(points.index, owner, xy)


def _finite(index: pd.Index, owner: Ints, xy: Floats) -> None:
    """Refuse infinite coordinates, and points with one coordinate only."""
    wrong: Bools = np.asarray(~np.isfinite(xy).all(axis=1))
    wrong[wrong] = ~np.isnan(xy[wrong]).all(axis=1)
    if wrong.any():
        raise GeodataError(
            Fault("coordinates are not finite", index[at], "geometry")
            for at in np.unique(owner[wrong])
        )
