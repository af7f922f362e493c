"""What an import says its coordinates are, and the checks that find a wrong declaration."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.errors import Fault, GeodataError
from geodata.offsets import in_china

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Family = Literal["wgs84", "cgcs2000", "gcj02", "bd09", "gauss_kruger", "other"]

_NAMES: dict[str, Family] = {
    "wgs84": "wgs84",
    "4326": "wgs84",
    "cgcs2000": "cgcs2000",
    "4490": "cgcs2000",
    "gcj02": "gcj02",
    "bd09": "bd09",
    "bd09ll": "bd09",
}
_PREFIXED, _PLAIN, _LAST = 4513, 4534, 4555  # Gauss-Kruger 3-degree zones, with and without prefix
_MARGIN = 2.0  # degrees from the central meridian: half a zone and the usual overlap
_NORTH = (300_000.0, 6_100_000.0)  # northings between the South China Sea and the Amur


@dataclass(frozen=True)
class Declared:
    """A declared coordinate system.

    Attributes
    ----------
    family
        How the coordinates are read.
    crs
        The system in which the numbers can be transformed; GCJ-02 and BD-09 have none of their
        own and are put down as WGS84 once their offset is undone.
    """

    family: Family
    crs: CRS

    @property
    def zone(self) -> int:
        """EPSG code of a Gauss-Kruger zone."""
        return int(self.crs.to_epsg() or 0)

    @property
    def meridian(self) -> int:
        """Central meridian of a Gauss-Kruger zone in degrees."""
        first = _PREFIXED if self.zone < _PLAIN else _PLAIN
        return 75 + 3 * (self.zone - first)

    @property
    def false_easting(self) -> float:
        """Easting of the central meridian in metres: 500 km, with the zone's number if prefixed."""
        return 500_000.0 + (1e6 * (self.meridian // 3) if self.zone < _PLAIN else 0.0)


def parse(declared: object) -> Declared:
    """Read a declaration.

    Parameters
    ----------
    declared
        "wgs84", "cgcs2000", "gcj02", "bd09" (any case, with or without hyphens), an EPSG code as
        a number or text, or a pyproj CRS.

    Raises
    ------
    GeodataError
        If it is none of these.
    """
    key = re.sub(r"[\s_-]", "", str(declared)).lower().removeprefix("epsg:")
    if not isinstance(declared, CRS) and key in _NAMES:
        family = _NAMES[key]
        return Declared(family, CRS.from_epsg(4490 if family == "cgcs2000" else 4326))
    try:
        crs = declared if isinstance(declared, CRS) else CRS.from_epsg(int(key))
    except (CRSError, ValueError) as error:
        raise GeodataError(
            f"coordinate system {str(declared)[:60]!r} is not known: give wgs84, cgcs2000, gcj02, "
            "bd09 or an EPSG code such as 4547"
        ) from error
    code = crs.to_epsg() or 0
    if str(code) in _NAMES:
        return Declared(_NAMES[str(code)], crs)
    return Declared("gauss_kruger" if _PREFIXED <= code < _LAST else "other", crs)


def check(frame: gpd.GeoDataFrame, declared: Declared) -> None:
    """Make sure coordinates can be what they are declared to be.

    Parameters
    ----------
    frame
        Geometries as read: x is longitude or easting, y latitude or northing. Missing and empty
        geometries are let through.
    declared
        What the import says they are.

    Raises
    ------
    GeodataError
        One fault per row (index label) whose coordinates are not finite, are swapped, lie outside
        the declared zone or are of another kind than declared.
    """
    shapes = frame.geometry.to_numpy()
    rows = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    bounds = shapely.bounds(shapes[rows])
    faults: list[Fault] = []
    wrong = np.zeros(len(rows), dtype=bool)
    for mask, message in _suspicions(bounds, declared):
        faults += [Fault(message, row=frame.index[row]) for row in rows[mask & ~wrong]]
        wrong |= mask
    if faults:
        raise GeodataError(faults)


def _suspicions(bounds: Floats, declared: Declared) -> Iterator[tuple[Mask, str]]:
    """Give, in order of preference, which rows look wrong and how."""
    yield ~np.all(np.isfinite(bounds), axis=1), "a coordinate is not a finite number"
    west, south, east, north = bounds.T
    yield np.all(bounds == 0, axis=1), "(0, 0) is no place"
    if declared.crs.is_geographic:
        yield from _in_degrees(west, south, east, north)
        return
    yield (
        np.all(np.abs(bounds) <= 180, axis=1),
        "these look like degrees, but a projected system in metres is declared",
    )
    if declared.family == "gauss_kruger":
        yield from _in_zone(west, south, east, north, declared)


def _in_degrees(
    west: Floats, south: Floats, east: Floats, north: Floats
) -> Iterator[tuple[Mask, str]]:
    off = (west < -180) | (east > 180) | (south < -90) | (north > 90)
    fits_swapped = (south >= -180) & (north <= 180) & (west >= -90) & (east <= 90)
    yield off & fits_swapped, "longitude and latitude are swapped"
    metres = (np.abs(west) > 1000) | (np.abs(north) > 1000)
    yield off & metres, "these look like metres, but a system in degrees is declared"
    yield off, "longitude or latitude is out of range"
    # western China lies where both orders are in range: only one of them is land of ours
    x, y = west / 2 + east / 2, south / 2 + north / 2
    yield ~in_china(x, y) & in_china(y, x), "longitude and latitude are swapped"


def _in_zone(
    west: Floats, south: Floats, east: Floats, north: Floats, zone: Declared
) -> Iterator[tuple[Mask, str]]:
    x, y = west / 2 + east / 2, south / 2 + north / 2
    yield (
        ~_northing(y) & _northing(x) & (_easting(y) | (y > 1e7)),
        "northing and easting are swapped: x must hold the easting",
    )
    plain = zone.false_easting == 500_000.0
    for prefix in np.unique(x[(x > 1e7) & (x < 1e8)] // 1e6).astype(int):
        at_home = not plain and prefix == zone.meridian // 3
        if not at_home and 25 <= prefix <= 45:
            yield (
                x // 1e6 == prefix,
                f"the easting carries zone number {prefix}: that is EPSG:{_PREFIXED + prefix - 25},"
                f" declared is EPSG:{zone.zone}",
            )
    if not plain:
        hint = f"EPSG:{_PLAIN + (zone.meridian - 75) // 3}"
        yield _easting(x), f"the easting carries no zone number: is it {hint}?"
    width = _MARGIN * 111_320.0 * np.cos(np.radians(np.clip(y / 111_000.0, 0, 60)))
    outside = (west < zone.false_easting - width) | (east > zone.false_easting + width)
    yield (
        outside,
        f"outside zone EPSG:{zone.zone} (central meridian {zone.meridian} E)",
    )
    yield (south < _NORTH[0]) | (north > _NORTH[1]), "the northing is not one of China"


def _northing(values: Floats) -> Mask:
    return (values >= 1_500_000.0) & (values <= _NORTH[1])


def _easting(values: Floats) -> Mask:
    return (values >= 100_000.0) & (values <= 900_000.0)
