"""The area of a warning: every ring and circle that came, what was put right told one by one.

Rings that are open, cross themselves or have thousands of corners really are published. What can
be put right without guessing is, and is said; what cannot is refused by its place.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.channels.cap import Area, Info, Point
from gridmap.channels.cap_tree import CapError

Bounds = tuple[float, float, float, float]
MOST_VERTICES = 5_000
_CORNERS = 48  # of the polygon that stands for a circle
_DEGREE = 111_195.0  # metres of one degree of latitude
_FIRST_TOLERANCE = 1.0  # metres
_TOO_MANY = f"at most {MOST_VERTICES // 4:,} separate parts and holes in one message"
_TURNS = 30  # by then the tolerance is wider than the earth


@dataclass
class Made:
    """The area of a warning.

    Attributes
    ----------
    shape
        All of it as one MultiPolygon; None where there are words alone.
    notes
        What was put right: `kind` closed, repaired or simplified, `place`, and figures.
    """

    shape: BaseGeometry | None = None
    notes: list[dict[str, Any]] = field(default_factory=list)


def make(infos: Iterable[Info], bounds: Bounds | None) -> Made:
    """Make one area of all rings and circles of a message.

    Parameters
    ----------
    bounds
        West, south, east, north of the deployment: the area has to meet them.

    Raises
    ------
    CapError
        For a ring of fewer than three corners, degrees that are none, too many separate parts, an
        area that lies elsewhere - and says so when it lies here with latitude and longitude
        exchanged.
    """
    made, faults = Made(), []
    parts: list[BaseGeometry] = []
    for place, area in _areas(infos):
        for number, ring in enumerate(area.polygons, 1):
            at = f"{place}, polygon {number}"
            fault = _degrees(ring) or _few(ring)
            if fault:
                faults.append((at, fault))
            else:
                parts.append(_polygon(ring, at, made.notes))
        for number, (point, kilometres) in enumerate(area.circles, 1):
            fault = _degrees([point])
            if fault:
                faults.append((f"{place}, circle {number}", fault))
            else:
                parts.append(_circle(point, kilometres))
    if faults:
        raise CapError(faults)
    if parts:
        made.shape = _whole(parts, bounds, made.notes)
    return made


def _areas(infos: Iterable[Info]) -> list[tuple[str, Area]]:
    """Give areas with their places; the same area told again in another language comes once."""
    found: list[tuple[str, Area]] = []
    seen = set()
    for number, info in enumerate(infos, 1):
        for index, area in enumerate(info.areas, 1):
            key = (area.polygons, area.circles)
            if key not in seen:
                seen.add(key)
                found.append((f"info {number}, area {index}", area))
    return found


def _degrees(points: Sequence[Point]) -> str:
    """Say what is wrong with coordinates: CAP has latitude first."""
    if all(-90 <= lat <= 90 and -180 <= lon <= 180 for lon, lat in points):
        return ""
    if all(-90 <= lon <= 90 and -180 <= lat <= 180 for lon, lat in points):
        return "latitude and longitude look swapped: latitude comes first"
    return "latitude -90 to 90 and longitude -180 to 180 are needed"


def _few(ring: Sequence[Point]) -> str:
    return "" if len(set(ring)) >= 3 else "a ring has at least three corners"


def _polygon(ring: Sequence[Point], at: str, notes: list[dict[str, Any]]) -> BaseGeometry:
    if ring[0] != ring[-1]:
        notes.append({"kind": "closed", "place": at})
    polygon = shapely.Polygon(ring)
    if shapely.is_valid(polygon):
        return polygon
    mended = _areal(shapely.make_valid(polygon))
    notes.append({"kind": "repaired", "place": at, "parts": len(shapely.get_parts(mended))})
    return mended


def _circle(point: Point, kilometres: float) -> BaseGeometry:
    lon, lat = point
    metres = max(kilometres * 1000, 10.0)  # a radius of 0 is how a point is told
    wide = _DEGREE * max(math.cos(math.radians(lat)), 0.01)
    turns = [2 * math.pi * i / _CORNERS for i in range(_CORNERS)]
    return shapely.Polygon(
        [
            (lon + metres * math.cos(turn) / wide, lat + metres * math.sin(turn) / _DEGREE)
            for turn in turns
        ]
    )


def _whole(
    parts: Sequence[BaseGeometry], bounds: Bounds | None, notes: list[dict[str, Any]]
) -> BaseGeometry:
    whole = _areal(shapely.union_all(list(parts)))
    if shapely.is_empty(whole):
        raise CapError([("area", "the rings enclose nothing")])
    _here(whole, bounds)
    return _simple(whole, notes)


def _here(shape: BaseGeometry, bounds: Bounds | None) -> None:
    if bounds is None or shape.intersects(shapely.box(*bounds)):
        return
    turned = shapely.transform(shape, lambda xy: xy[:, ::-1])
    if turned.intersects(shapely.box(*bounds)):
        raise CapError([("area", "latitude and longitude look swapped: latitude comes first")])
    raise CapError([("area", "the area lies elsewhere: nothing of it is in this county")])


def _simple(shape: BaseGeometry, notes: list[dict[str, Any]]) -> BaseGeometry:
    """Leave out corners until few enough are left; how far the border moved at most is said."""
    before = int(shapely.get_num_coordinates(shape))
    if before <= MOST_VERTICES:
        return shape
    _few_enough(shape)
    tolerance, found = _FIRST_TOLERANCE, shape
    for _turn in range(_TURNS):
        found = _areal(shapely.simplify(shape, tolerance / _DEGREE, preserve_topology=True))
        tolerance *= 2
        if int(shapely.get_num_coordinates(found)) <= MOST_VERTICES:
            break
    else:
        raise CapError([("area", _TOO_MANY)])
    notes.append(
        {
            "kind": "simplified",
            "place": "area",
            "before": before,
            "after": int(shapely.get_num_coordinates(found)),
            "metres": round(tolerance / 2, 1),
        }
    )
    return found


def _few_enough(shape: BaseGeometry) -> None:
    """Refuse what no thinning makes small enough: every ring keeps four points."""
    rings = int(shapely.get_num_interior_rings(shapely.get_parts(shape)).sum())
    rings += len(shapely.get_parts(shape))
    if rings * 4 > MOST_VERTICES:
        raise CapError([("area", _TOO_MANY)])


def _areal(shape: BaseGeometry) -> BaseGeometry:
    """Keep polygons alone, as one MultiPolygon."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    nested = [
        inner
        for part in shapely.get_parts(shape)
        if part.geom_type == "MultiPolygon"
        for inner in shapely.get_parts(part)
    ]
    whole = shapely.union_all([*parts, *nested])
    return shapely.MultiPolygon(
        [part for part in shapely.get_parts(whole) if part.geom_type == "Polygon"]
    )
