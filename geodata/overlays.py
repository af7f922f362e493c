"""Outlines laid over a coverage: inside one community, beside one another, of real ground."""

import re
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.arcs import scale
from geodata.border_errors import BorderError

MOST_POINTS = 10_000
_LEAST = 1.0  # square metres of ground
_NARROW = 1.0  # metres of mean width: what is narrower is a strip
_SLACK = 1.5  # metres: a line drawn this far over on either side was meant to run along
_BESIDE = 25.0  # metres: buildings nearer than twice this are one site
_MARGIN = 5.0  # metres of ground around the buildings of a site
_RING_FAULT = re.compile(r"\[(-?[\d.]+) (-?[\d.]+)\]")


@dataclass(frozen=True)
class Laid:
    """An outline that may be laid over the coverage.

    Attributes
    ----------
    community
        Index of the community that it lies in.
    shape
        The outline, without what ran over an edge by the width of a pen.
    trimmed_m2
        How much that was.
    """

    community: str
    shape: BaseGeometry
    trimmed_m2: float


def laid_over(
    outline: BaseGeometry, communities: gpd.GeoDataFrame, others: gpd.GeoDataFrame
) -> Laid:
    """Lay an outline over the community that holds most of it.

    Parameters
    ----------
    outline
        Polygon or MultiPolygon in the CRS of the communities; it need not be valid.
    communities
        Those it may lie in, by code.
    others
        Outlines laid there already, by key.

    Raises
    ------
    BorderError
        ``too_many_points``, ``crosses_itself``, ``empty``, ``sliver``, ``outside``, ``overlap``:
        each with its place.
    """
    _check(outline, communities.crs)
    x, y = _metres(outline, communities.crs)
    codes = [str(code) for code in communities.index]
    shapes = np.asarray(communities.geometry.array, dtype=object)
    shares = shapely.area(shapely.intersection(shapes, outline)) if len(shapes) else np.zeros(0)
    if not len(shares) or shares.max() <= 0:
        raise BorderError("outside", "the outline lies outside of the area", _inner(outline))
    number = int(np.argmax(shares))
    kept = _within(outline, shapes[number], (x, y))
    for key, other in zip(others.index, np.asarray(others.geometry.array), strict=True):
        kept = _beside(kept, str(key), other, (x, y))
    kept = _ground(kept, (x, y), outline)
    trimmed = (outline.area - kept.area) * x * y
    return Laid(codes[number], kept, round(max(0.0, trimmed), 1))


def site_of(buildings: Any, crs: object) -> BaseGeometry:
    """Give an outline around buildings: their ground together with what lies between them."""
    whole: Any = shapely.union_all(shapely.make_valid(buildings))
    x, y = _metres(whole, crs)
    flat: Any = shapely.transform(whole, lambda points: points * (x, y))
    joined: Any = shapely.buffer(
        shapely.buffer(flat, _BESIDE, join_style="mitre"), _MARGIN - _BESIDE, join_style="mitre"
    )
    if shapely.get_num_geometries(joined) != 1:
        joined = shapely.buffer(shapely.convex_hull(flat), _MARGIN, join_style="mitre")
    filled = shapely.Polygon(shapely.get_geometry(joined, 0).exterior)
    made: BaseGeometry = shapely.transform(filled, lambda points: points / (x, y))
    return made


def site_over(site: BaseGeometry, communities: gpd.GeoDataFrame, others: gpd.GeoDataFrame) -> Laid:
    """Lay a computed outline as `laid_over` does; what lies beyond an edge is cut off.

    Raises
    ------
    BorderError
        As of `laid_over`, where nothing is left.
    """
    shapes = np.asarray(communities.geometry.array, dtype=object)
    cut: Any = shapely.intersection(shapes, site)
    if not len(cut) or shapely.area(cut).max() <= 0:
        raise BorderError("outside", "the outline lies outside of the area", _inner(site))
    rest = cut[int(np.argmax(shapely.area(cut)))]
    for other in np.asarray(others.geometry.array, dtype=object):
        rest = shapely.difference(rest, other)
    parts = shapely.get_parts(rest)
    ground = parts[shapely.area(parts) > 0]
    if not len(ground):
        raise BorderError("overlap", "a special grid covers the ground already", _inner(site))
    whole: Any = shapely.multipolygons(ground)
    return laid_over(whole, communities, others)


def _check(outline: BaseGeometry, crs: object) -> None:
    if shapely.get_num_coordinates(outline) > MOST_POINTS:
        raise BorderError("too_many_points", f"more than {MOST_POINTS:,} points", _first(outline))
    x, y = _metres(outline, crs)
    hull_area = shapely.area(shapely.convex_hull(outline)) * x * y
    if hull_area < _LEAST:
        raise BorderError("empty", "the outline has no ground", _first(outline))
    if not shapely.is_valid(outline):
        found = _RING_FAULT.search(shapely.is_valid_reason(outline))
        place = [float(found[1]), float(found[2])] if found else _first(outline)
        raise BorderError("crosses_itself", "the outline crosses itself", place)
    if _thin(outline, (x, y)):
        raise BorderError("sliver", "the outline is a strip only", _first(outline))


def _thin(shape: BaseGeometry, metres: tuple[float, float]) -> bool:
    x, y = metres
    flat = shapely.transform(shape, lambda points: points * (x, y))
    return bool(2 * shapely.area(flat) < _NARROW * shapely.length(flat))


def _within(shape: BaseGeometry, community: BaseGeometry, metres: tuple[float, float]) -> Any:
    beyond = shapely.difference(shape, community)
    place = _wide(beyond, metres)
    if place is not None:
        raise BorderError("outside", "the outline leaves its community", place)
    return shape if shapely.is_empty(beyond) else shapely.intersection(shape, community)


def _beside(shape: BaseGeometry, key: str, other: BaseGeometry, metres: tuple[float, float]) -> Any:
    common = shapely.intersection(shape, other)
    place = _wide(common, metres)
    if place is not None:
        raise BorderError("overlap", f"the outline overlaps special grid {key}", place)
    return shape if not shapely.area(common) else shapely.difference(shape, other)


def _wide(shape: Any, metres: tuple[float, float]) -> list[float] | None:
    """Give a place where a shape is wider than the slack; None where it is a pen's width."""
    x, y = metres
    flat = shapely.transform(shape, lambda points: points * (x, y))
    core: Any = shapely.buffer(flat, -_SLACK)
    if shapely.is_empty(core):
        return None
    parts = shapely.get_parts(core)
    inner = shapely.point_on_surface(parts[int(np.argmax(shapely.area(parts)))])
    return [inner.x / x, inner.y / y]


def _ground(shape: Any, metres: tuple[float, float], outline: BaseGeometry) -> BaseGeometry:
    """Keep the parts that are ground; trimming may leave crumbs."""
    x, y = metres
    parts = shapely.get_parts(shape)
    real = [
        part
        for part in parts
        if shapely.get_dimensions(part) == 2
        and shapely.area(part) * x * y >= _LEAST
        and not _thin(part, metres)
    ]
    if not real:
        raise BorderError("empty", "the outline has no ground of its own", _first(outline))
    made: BaseGeometry = real[0] if len(real) == 1 else shapely.multipolygons(real)
    return made


def _metres(shape: BaseGeometry, crs: object) -> tuple[float, float]:
    west, south, east, north = shapely.bounds(shape)
    x, y = scale([[(west + east) / 2, (south + north) / 2]], crs)
    return float(x), float(y)


def _first(shape: BaseGeometry) -> list[float]:
    return [float(value) for value in shapely.get_coordinates(shape)[0]]


def _inner(shape: BaseGeometry) -> list[float]:
    point = shapely.point_on_surface(shape)
    return [point.x, point.y]
