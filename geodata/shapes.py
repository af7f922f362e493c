"""The geometry gate: what a drawn or imported geometry must be, and how one is cleaned in the open.

`parse_geometry` takes GeoJSON, `check_geometry` shapely objects; both refuse and never repair.
`clean` repairs and says what it changed, for the caller to show before anything is stored.
"""

import math
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any, TypeAlias

import shapely
from shapely.geometry.base import BaseGeometry

from geodata.errors import Fault, GeodataError
from geodata.repair import clean, why_invalid

__all__ = ["KINDS", "WORLD", "Bounds", "check_geometry", "clean", "parse_geometry"]

Bounds: TypeAlias = tuple[float, float, float, float]

KINDS = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
WORLD: Bounds = (-180.0, -90.0, 180.0, 90.0)
MOST_VERTICES = 10_000

_SHOWN = 20  # faults named for one geometry; a track of 10,000 bad points needs no 10,000 sentences
# what one level of `coordinates` holds, from the outside in
_LEVELS = {
    "Point": (),
    "MultiPoint": ("point",),
    "LineString": ("point",),
    "MultiLineString": ("line", "point"),
    "Polygon": ("ring", "point"),
    "MultiPolygon": ("part", "ring", "point"),
}


def parse_geometry(
    data: object,
    *,
    kinds: Collection[str] = KINDS,
    bounds: Bounds = WORLD,
    max_vertices: int = MOST_VERTICES,
    max_depth: int = 10,
    valid: bool = True,
) -> BaseGeometry:
    """Make a geometry from GeoJSON that has been parsed already, refusing everything doubtful.

    Parameters
    ----------
    data
        A GeoJSON geometry object: ``type`` and ``coordinates`` (and ``bbox``, which is ignored).
    kinds
        The types taken, out of `KINDS`.
    bounds
        West, south, east, north in the unit of the coordinates; each point must lie inside or
        on them.
    max_vertices
        Most points taken, closing points counted.
    max_depth
        Deepest nesting of ``coordinates`` taken.
    valid
        False lets a border cross itself, for a caller who repairs it in the open.

    Returns
    -------
    BaseGeometry
        Not empty, and valid unless *valid* is False; exactly the points given.

    Raises
    ------
    GeodataError
        Every fault with its place in words, such as ``ring 1, point 3: longitude and latitude
        look swapped (30.5, 114.4)``: a number that is not finite or not a number, more or fewer
        than two numbers a point, outside the bounds, swapped axes, (0, 0), a ring that is not
        closed, a ``crs`` or other unknown member, a border that crosses itself.
    """
    kind, coordinates = _members(data, kinds)
    if _deeper(coordinates, max_depth):
        raise GeodataError(f"coordinates are nested deeper than {max_depth} levels")
    if _points(coordinates) > max_vertices:
        raise GeodataError(f"more than {max_vertices:,} points")
    _raise(_structure(coordinates, _LEVELS[kind], kind, bounds, ""))
    # types are now known to be right, so shapely cannot guess
    geometry = shapely.geometry.shape({"type": kind, "coordinates": coordinates})
    if valid:
        _raise(_validity(geometry))
    return geometry


def check_geometry(
    geometry: object,
    bounds: Bounds = WORLD,
    *,
    kinds: Collection[str] = KINDS,
    max_vertices: int = MOST_VERTICES,
) -> BaseGeometry:
    """Hold a geometry that came from a file to the rules of `parse_geometry`.

    Parameters
    ----------
    geometry
        A shapely geometry; anything else, None too, is a fault.
    bounds
        West, south, east, north in the unit of the coordinates.
    kinds
        The types taken, out of `KINDS`.
    max_vertices
        Most points taken.

    Returns
    -------
    BaseGeometry
        The geometry itself.

    Raises
    ------
    GeodataError
        Every fault with its place; heights are refused too (`clean` drops them and says so).
    """
    if not isinstance(geometry, BaseGeometry):
        raise GeodataError("no geometry")
    _check_kind(geometry.geom_type, kinds)
    if geometry.is_empty:
        raise GeodataError("the geometry is empty")
    if shapely.get_num_coordinates(geometry) > max_vertices:
        raise GeodataError(f"more than {max_vertices:,} points")
    if geometry.has_z or shapely.has_m(geometry):
        raise GeodataError("points have more than longitude and latitude (heights or measures)")
    coordinates = geometry.__geo_interface__["coordinates"]
    _raise(_structure(coordinates, _LEVELS[geometry.geom_type], geometry.geom_type, bounds, ""))
    _raise(_validity(geometry))
    return geometry


def _members(data: object, kinds: Collection[str]) -> tuple[str, object]:
    if not isinstance(data, dict):
        raise GeodataError(f"expected a GeoJSON geometry, got {_name(data)}")
    kind = data.get("type")
    if kind in ("Feature", "FeatureCollection"):
        raise GeodataError(f"expected a GeoJSON geometry, got a {kind}")
    if not isinstance(kind, str):
        raise GeodataError("the geometry has no type")
    _check_kind(kind, kinds)
    unknown = [str(member) for member in data if member not in ("type", "coordinates", "bbox")]
    if "crs" in unknown:
        raise GeodataError("a crs member is not taken: coordinates are longitude and latitude")
    if unknown:
        raise GeodataError(f"unknown member {', '.join(sorted(unknown)[:3])}")
    if "coordinates" not in data:
        raise GeodataError("the geometry has no coordinates")
    return kind, data["coordinates"]


def _check_kind(kind: str, kinds: Collection[str]) -> None:
    if kind not in kinds or kind not in _LEVELS:
        raise GeodataError(f"expected {' or '.join(kinds)}, got {kind[:40]}")


def _name(value: object) -> str:
    names = {type(None): "null", bool: "true or false", str: "text", list: "a list"}
    return names.get(type(value), "an object" if isinstance(value, dict) else "a number")


def _deeper(coordinates: object, most: int) -> bool:
    level = [coordinates]
    for _ in range(most + 1):
        level = [one for many in level if isinstance(many, list | tuple) for one in many]
        if not level:
            return False
    return True


def _points(coordinates: object) -> int:
    level = [coordinates]
    points = 0
    while level:
        nested = [many for many in level if isinstance(many, list | tuple)]
        points += sum(not any(isinstance(one, list | tuple) for one in many) for many in nested)
        level = [one for many in nested for one in many]
    return points


def _structure(
    value: Any, levels: tuple[str, ...], kind: str, bounds: Bounds, place: str
) -> Iterator[Fault]:
    """Yield the faults of one level of coordinates; `place` says in words where it is."""
    if not levels:
        message = _point_fault(value, bounds)
        if message:
            yield Fault(f"{place or 'point'}: {message}")
        return
    if not isinstance(value, list | tuple):
        yield Fault(f"{place or 'coordinates'}: expected a list, got {_name(value)}")
        return
    if not value:
        yield Fault(f"{place or 'coordinates'}: the list is empty")
    before = f"{place}, " if place else ""
    for number, one in enumerate(value, 1):
        yield from _structure(one, levels[1:], kind, bounds, f"{before}{levels[0]} {number}")
    if levels == ("point",):
        message = _line_fault(value, kind)
        if message:
            yield Fault(f"{place or 'line'}: {message}")


def _point_fault(point: Any, bounds: Bounds) -> str | None:
    if not isinstance(point, list | tuple):
        return f"expected longitude and latitude, got {_name(point)}"
    if len(point) != 2:
        return f"expected two numbers, got {len(point)}"
    for value in point:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"expected two numbers, got {_name(value)}"
        if isinstance(value, float) and not math.isfinite(value):
            return "a coordinate is not a finite number"
    return _place_fault(point[0], point[1], bounds)


def _place_fault(x: float, y: float, bounds: Bounds) -> str | None:
    west, south, east, north = bounds
    if x == 0 and y == 0:
        return "(0, 0) is no place: the coordinates are missing"
    if west <= x <= east and south <= y <= north:
        return None
    if abs(x) > 1e15 or abs(y) > 1e15:  # also keeps integers of a thousand digits off the page
        return "a coordinate is too large"
    shown = f"({x:.10g}, {y:.10g})"
    if west <= y <= east and south <= x <= north:
        return f"longitude and latitude look swapped {shown}"
    return f"{shown} lies outside {west:.10g} to {east:.10g} and {south:.10g} to {north:.10g}"


def _line_fault(points: Any, kind: str) -> str | None:
    if kind == "MultiPoint":
        return None
    if kind in ("LineString", "MultiLineString"):
        return "a line needs two points" if len(points) < 2 else None
    if len(points) < 4:
        return f"a ring needs four points, the last being the first, got {len(points)}"
    if tuple(_as_tuple(points[0])) != tuple(_as_tuple(points[-1])):
        return "the ring is not closed: its last point is not its first"
    return None


def _as_tuple(point: Any) -> tuple[Any, ...]:
    return tuple(point) if isinstance(point, list | tuple) else (point,)


def _validity(geometry: BaseGeometry) -> Iterator[Fault]:
    if geometry.is_valid:
        return
    yield Fault(why_invalid(geometry))


def _raise(faults: Iterator[Fault]) -> None:
    found = list(islice(faults, _SHOWN))
    if found:
        raise GeodataError(found)
