"""Coordinate systems of China and elsewhere: metric systems of a place, GCJ-02 and BD-09."""

from functools import lru_cache
from typing import Protocol

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from geodata.declared import Declared, check, parse
from geodata.errors import GeodataError
from geodata.offsets import (
    Floats,
    Shift,
    bd09_to_wgs84,
    gcj02_to_wgs84,
    in_china,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

__all__ = [
    "CGCS2000",
    "WGS84",
    "bd09_to_wgs84",
    "gcj02_to_wgs84",
    "in_china",
    "metric_crs",
    "to_wgs84",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]

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


def to_wgs84(frame: gpd.GeoDataFrame, declared: object | None = None) -> gpd.GeoDataFrame:
    """Convert an import to EPSG:4326, once, at the door.

    Parameters
    ----------
    frame
        Geometries as read; x is longitude or easting, y latitude or northing, whatever order the
        system's own definition gives. A third dimension is dropped.
    declared
        "wgs84", "cgcs2000" (taken as equal to WGS84 within its accuracy), "gcj02", "bd09", an
        EPSG code; EPSG:4513 to 4533 are Gauss-Kruger zones with their number before the easting,
        4534 to 4554 the same without. None takes the CRS of the frame.

    Returns
    -------
    GeoDataFrame
        Copy in EPSG:4326 with the index and columns of the input; missing geometries stay missing.

    Raises
    ------
    GeodataError
        If nothing is declared, the declaration contradicts the CRS the frame carries, or
        coordinates cannot be what is declared (rows named): swapped axes, another zone, degrees
        for metres, not finite.
    """
    system = parse(declared if declared is not None else _own_crs(frame))
    _agree(frame, system)
    check(frame, system)
    shapes = gpd.GeoSeries(shapely.force_2d(frame.geometry.to_numpy()), index=frame.index)
    placed = _placed(shapes, system)
    if system.family == "other":
        check(placed.to_frame("geometry"), parse("wgs84"))
    return frame.set_geometry(placed)


def _placed(shapes: gpd.GeoSeries, system: Declared) -> gpd.GeoSeries:
    """Give the shapes in EPSG:4326."""
    if system.family in {"wgs84", "cgcs2000"}:
        return shapes.set_crs(WGS84)
    if system.family in {"gcj02", "bd09"}:
        return _moved(shapes, gcj02_to_wgs84 if system.family == "gcj02" else bd09_to_wgs84)
    if system.family == "gauss_kruger":  # same datum: only the projection is undone
        return shapes.set_crs(system.crs).to_crs(CGCS2000).set_crs(WGS84, allow_override=True)
    return shapes.set_crs(system.crs).to_crs(WGS84)


def _own_crs(frame: gpd.GeoDataFrame) -> CRS:
    if frame.crs is None:
        raise GeodataError("the coordinate system is not declared: say what the coordinates are")
    return CRS(frame.crs)


def _agree(frame: gpd.GeoDataFrame, system: Declared) -> None:
    """Let GCJ-02 and BD-09 pass for any system in degrees: files cannot label them."""
    own = frame.crs
    same_kind = own is None or (own.is_geographic and system.crs.is_geographic)
    if not same_kind and not CRS(own).equals(system.crs, ignore_axis_order=True):
        raise GeodataError(
            f"the file says its coordinates are {own.name}, declared is {system.crs.name}"
        )


def _moved(shapes: gpd.GeoSeries, undo: Shift) -> gpd.GeoSeries:
    def move(points: Floats) -> Floats:
        return np.column_stack(undo(points[:, 0], points[:, 1]))

    moved = shapely.transform(shapes.to_numpy(), move)
    return gpd.GeoSeries(moved, index=shapes.index, crs=WGS84)
