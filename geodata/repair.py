"""Repair one geometry in the open: everything that is changed is said."""

import re

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geodata.errors import Fault, GeodataError

_REASONS = {
    "Self-intersection": "the border crosses itself",
    "Ring Self-intersection": "the border touches itself",
    "Hole lies outside shell": "a hole lies outside the border",
    "Holes are nested": "one hole lies inside another",
    "Interior is disconnected": "holes cut the area into pieces",
    "Nested shells": "one part lies inside another",
    "Duplicate Rings": "two rings are the same",
    "Too few points in geometry component": "too few different points",
}


def clean(geometry: BaseGeometry, *, smallest: float = 0.0) -> tuple[BaseGeometry, list[str]]:
    """Repair what can be repaired without guessing, and say what was changed.

    Parameters
    ----------
    geometry
        Any shapely geometry (points, lines or areas) with finite coordinates.
    smallest
        Parts and holes of an area with less than this are dropped, in square units of the
        geometry's CRS; 0 keeps all.

    Returns
    -------
    tuple
        The valid geometry (points, lines or areas as before) and one sentence a change; no
        sentence means that the geometry is the one given.

    Raises
    ------
    GeodataError
        Nothing is left to keep: no geometry, empty, not finite, or an area without any extent.
    """
    if not isinstance(geometry, BaseGeometry) or geometry.is_empty:
        raise GeodataError(
            "the geometry is empty" if isinstance(geometry, BaseGeometry) else "no geometry"
        )
    changes: list[str] = []
    kept = _flat(geometry, changes)
    if not np.isfinite(shapely.get_coordinates(kept)).all():
        raise GeodataError("a coordinate is not a finite number")
    kept = _without_repeats(kept, changes)
    kept = _made_valid(kept, changes)
    if smallest > 0 and shapely.get_dimensions(kept) == 2:
        kept = _without_small(kept, smallest, changes)
    return (kept, changes) if changes else (geometry, changes)


def why_invalid(geometry: BaseGeometry) -> str:
    """Say in words why a geometry is not valid, and near which point.

    Parameters
    ----------
    geometry
        A geometry that is not valid.

    Returns
    -------
    str
        A sentence without a full stop.
    """
    text = str(shapely.is_valid_reason(geometry))
    found = re.match(r"([^\[]+)\[([^ ]+) ([^\]]+)\]", text)
    if not found:
        return text[:1].lower() + text[1:]
    reason = _REASONS.get(found[1], found[1].lower())
    return f"{reason} near ({float(found[2]):.10g}, {float(found[3]):.10g})"


def _flat(geometry: BaseGeometry, changes: list[str]) -> BaseGeometry:
    if not (geometry.has_z or shapely.has_m(geometry)):
        return geometry
    changes.append("heights or measures were dropped")
    return shapely.force_2d(geometry)


def _without_repeats(geometry: BaseGeometry, changes: list[str]) -> BaseGeometry:
    if shapely.get_dimensions(geometry) == 0:
        return geometry
    kept = shapely.remove_repeated_points(geometry, 0.0)
    dropped = shapely.get_num_coordinates(geometry) - shapely.get_num_coordinates(kept)
    if dropped <= 0 or kept.is_empty:
        return geometry
    changes.append(f"{dropped} repeated points were dropped")
    return kept


def _made_valid(geometry: BaseGeometry, changes: list[str]) -> BaseGeometry:
    if geometry.is_valid:
        return geometry
    reason = why_invalid(geometry)
    dimension = shapely.get_dimensions(geometry)
    made = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    pieces = shapely.get_parts(made)
    kept = pieces[(shapely.get_dimensions(pieces) == dimension) & ~shapely.is_empty(pieces)]
    if not len(kept):
        raise GeodataError([Fault(f"nothing is left after repair: {reason}")])
    after = kept[0] if len(kept) == 1 else shapely.union_all(kept)
    before, now = shapely.get_num_geometries(geometry), shapely.get_num_geometries(after)
    parts = f", {before} part(s) became {now}" if before != now else ""
    changes.append(f"{reason}: repaired{parts}")
    return after


def _without_small(geometry: BaseGeometry, smallest: float, changes: list[str]) -> BaseGeometry:
    parts = shapely.get_parts(geometry)
    large = parts[shapely.area(parts) >= smallest]
    if not len(large):
        raise GeodataError(f"the area is smaller than {smallest:g}")
    if len(large) < len(parts):
        changes.append(f"{len(parts) - len(large)} parts smaller than {smallest:g} were dropped")
    filled = [_filled(part, smallest) for part in large]
    holes = sum(count for _, count in filled)
    if holes:
        changes.append(f"{holes} holes smaller than {smallest:g} were filled")
    kept = [part for part, _ in filled]
    return kept[0] if len(kept) == 1 else MultiPolygon(kept)


def _filled(part: Polygon, smallest: float) -> tuple[Polygon, int]:
    rings = [ring for ring in part.interiors if Polygon(ring).area >= smallest]
    return Polygon(part.exterior, rings), len(part.interiors) - len(rings)
