"""Coordinate systems of China and elsewhere: metric systems of a place, GCJ-02 and BD-09."""

from functools import lru_cache
from typing import Protocol

import numpy as np
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from geodata.errors import GeodataError
from geodata.offsets import in_china

WGS84 = CRS.from_epsg(4326)
CGCS2000 = CRS.from_epsg(4490)

_FIRST_ZONE = 4534  # EPSG of the 3-degree Gauss-Kruger zone around 75 E; one code every 3 degrees


class Located(Protocol):
    """Anything with bounds and a coordinate system: GeoDataFrame, GeoSeries, GeometryArray."""

    @property
    def crs(self) -> object: ...  # noqa: D102  the protocol's one line says it

    @property
    def total_bounds(self) -> object: ...  # noqa: D102


def metric_crs(place: Located | BaseGeometry, crs: object | None = None) -> CRS:
    """Choose the coordinate system in which lengths and areas of a place are measured.

    Parameters
    ----------
    place
        GeoDataFrame, GeoSeries or geometry array with a CRS; or a bare shapely geometry, whose
        CRS is then given by *crs*.
    crs
        CRS of a bare geometry: anything pyproj understands. Ignored for frames with a CRS.

    Returns
    -------
    pyproj.CRS
        Inside China the 3-degree CGCS2000 Gauss-Kruger zone (EPSG:4534 to 4554) whose central
        meridian is nearest to the centre of the bounds; elsewhere the UTM zone of the centre
        (WGS 84). Metres, and (east, north) order in every geopandas and shapely operation.

    Raises
    ------
    GeodataError
        If the place has no CRS, is empty, or its bounds are not finite or not on the globe.
    """
    bounds = place.bounds if isinstance(place, BaseGeometry) else place.total_bounds
    own = None if isinstance(place, BaseGeometry) else place.crs
    declared = own if own is not None else crs
    if declared is None:
        raise GeodataError("the coordinate system is not declared: a frame needs a CRS")
    west, south, east, north = np.asarray(bounds, dtype=float) if len(bounds) else [np.nan] * 4  # type: ignore[arg-type]
    x, y = (west + east) / 2, (south + north) / 2
    if not (np.isfinite(x) and np.isfinite(y)):
        raise GeodataError("no place to measure: the geometries are empty or not finite")
    lon, lat = _transformer(CRS.from_user_input(declared), WGS84).transform(x, y)
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise GeodataError(f"centre ({x:g}, {y:g}) is not on the globe in the declared CRS")
    return _zone(float(lon), float(lat))


def _zone(lon: float, lat: float) -> CRS:
    if bool(in_china(lon, lat)):
        meridian = min(max(3 * round(lon / 3), 75), 135)
        return _epsg(_FIRST_ZONE + (meridian - 75) // 3)
    if lat >= 84 or lat < -80:  # UTM ends here; universal polar stereographic takes over
        return _epsg(32661 if lat > 0 else 32761)
    number = min(int((lon + 180) // 6) + 1, 60)
    return _epsg((32600 if lat >= 0 else 32700) + number)


@lru_cache(maxsize=64)
def _epsg(code: int) -> CRS:
    return CRS.from_epsg(code)


@lru_cache(maxsize=64)
def _transformer(source: CRS, target: CRS) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)
