"""Faults of a set of grids against the area they divide: gaps, overlaps, slivers and the like."""

from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from geodata.crs import metric_crs
from geodata.errors import GeodataError
from geodata.repair import why_invalid

# kind, positions of the grids, ground
Found: TypeAlias = tuple[str, tuple[int, ...], Any]

KINDS = ("invalid", "gap", "overlap", "outside", "sliver", "hole", "multipart")

_NARROW = 1.0  # metres: mean width of a sliver
_ROUNDING = 1e-2  # metres: mean width below which two borders are one, written twice
_SMALLEST = 1e-2  # square metres: nor is anything smaller worth a line


def find_faults(grids: gpd.GeoDataFrame, outline: Polygon | MultiPolygon) -> gpd.GeoDataFrame:
    """Find where grids do not divide an area cleanly.

    Every fault has one row and one kind; what is narrower than a centimetre on average is
    rounding and none.

    Parameters
    ----------
    grids
        Polygons or MultiPolygons in a declared CRS, one kind of grid.
    outline
        The area in the same CRS.

    Returns
    -------
    GeoDataFrame
        Sorted by kind as in `KINDS`, then by area, the largest first; index 0..n-1; no rows
        for a clean set. In the CRS of *grids*:

        - ``kind``: ``invalid``, a geometry that is missing, empty, no area or crosses itself,
          left out of the other checks; ``gap``, ground of the outline in no grid; ``overlap``,
          ground in two grids; ``outside``, ground of a grid outside the outline; ``sliver``, a
          gap, an overlap or a piece of a grid narrower than 1 m on average; ``hole``, ground in
          no grid with one grid all around it; ``multipart``, a grid in pieces that the outline
          does not part.
        - ``grids``: tuple of the index labels of the grids it lies in or touches.
        - ``area_m2``: of the fault; of the smaller pieces for ``multipart``.
        - ``geometry``: the fault's ground.

    Raises
    ------
    GeodataError
        Grids without a CRS, an outline that is no valid area.
    """
    if grids.crs is None:
        raise GeodataError("the grids declare no coordinate system")
    if not isinstance(outline, Polygon | MultiPolygon) or not outline.is_valid or outline.is_empty:
        raise GeodataError("the outline must be a valid area and not empty")
    shapes = np.asarray(grids.geometry.array, dtype=object)
    usable = (shapely.get_dimensions(shapes) == 2) & shapely.is_valid(shapes)
    usable &= ~shapely.is_empty(shapes)
    found: list[Found] = [
        ("invalid", (int(position),), shapes[position]) for position in np.flatnonzero(~usable)
    ]
    positions = np.flatnonzero(usable)
    ground = _of_area(shapes, positions, outline) + _overlaps(shapes, positions)
    found += _classified(ground, grids.crs)
    found += _thin_pieces(shapes, positions, grids.crs)
    found += _multiparts(shapes, positions, outline)
    return _table(found, grids)


def describe_invalid(geometry: Any) -> str:
    """Say why a geometry found ``invalid`` is so.

    Parameters
    ----------
    geometry
        A geometry or None.

    Returns
    -------
    str
        A sentence without a full stop.
    """
    if geometry is None or geometry.is_empty:
        return "the geometry is missing or empty"
    if geometry.is_valid:
        return "the geometry is no area"
    return why_invalid(geometry)


def _of_area(shapes: Any, positions: Any, outline: Any) -> list[Found]:
    """Gaps, holes and ground outside: the union of the grids against the outline."""
    union = shapely.unary_union(shapes[positions])
    tree = shapely.STRtree(shapes[positions])
    found: list[Found] = []
    for piece in _pieces(shapely.difference(outline, union)):
        beside = positions[np.sort(tree.query(piece, predicate="intersects"))]
        along = _touch_along(shapes[beside], piece)
        beside = beside[along] if along.any() else beside
        around = len(beside) == 1 and _surrounds(shapes[beside[0]], piece)
        found.append(("hole" if around else "gap", tuple(beside), piece))
    shapely.prepare(outline)
    astray = positions[~shapely.covers(outline, shapes[positions])]
    for position in astray:
        for piece in _pieces(shapely.difference(shapes[position], outline)):
            found.append(("outside", (position,), piece))
    return found


def _touch_along(shapes: Any, piece: Any) -> Any:
    """Tell which shapes share more than a point with the border of a piece."""
    shared = shapely.intersection(shapely.boundary(shapes), shapely.boundary(piece))
    return shapely.get_dimensions(shared) >= 1


def _surrounds(shape: Any, piece: Any) -> bool:
    """Tell whether the piece lies in a ring of the shape."""
    middle = shapely.point_on_surface(piece)
    return any(
        shapely.Polygon(ring).contains(middle)
        for part in shapely.get_parts(shape)
        for ring in part.interiors
    )


def _overlaps(shapes: Any, positions: Any) -> list[Found]:
    usable = shapes[positions]
    one, other = shapely.STRtree(usable).query(usable, predicate="intersects")
    one, other = one[one < other], other[one < other]
    # neighbours only touch; the exact test is cheap beside the intersection itself
    touching = shapely.touches(usable[one], usable[other])
    one, other = one[~touching], other[~touching]
    common = shapely.intersection(usable[one], usable[other])
    return [
        ("overlap", (positions[a], positions[b]), piece)
        for a, b, whole in zip(one, other, common, strict=True)
        for piece in _pieces(whole)
    ]


def _multiparts(shapes: Any, positions: Any, outline: Any) -> list[Found]:
    """Grids in several pieces, but for pieces that are whole parts of the outline."""
    found: list[Found] = []
    tree = shapely.STRtree(shapely.get_parts(outline))
    for position in positions[shapely.get_num_geometries(shapes[positions]) > 1]:
        pieces = shapely.get_parts(shapes[position])
        part = tree.nearest(shapely.point_on_surface(pieces))
        for number in np.unique(part):
            inside = pieces[part == number]
            smaller = np.argsort(-shapely.area(inside), kind="stable")[1:]
            if len(smaller):
                found.append(("multipart", (position,), shapely.multipolygons(inside[smaller])))
    return found


def _thin_pieces(shapes: Any, positions: Any, crs: Any) -> list[Found]:
    """Pieces of grids that are too narrow to be ground that anyone meant."""
    pieces, owner = shapely.get_parts(shapes[positions], return_index=True)
    if not len(pieces):
        return []
    thin = np.flatnonzero(_sizes(pieces, crs)[1] < _NARROW)
    return [("sliver", (positions[owner[number]],), pieces[number]) for number in thin]


def _sizes(shapes: Any, crs: Any) -> tuple[Any, Any]:
    """Measure areas (square metres) and mean widths (metres)."""
    placed = gpd.GeoSeries(shapes, crs=crs)
    metric = metric_crs(placed)
    if placed.crs != metric:
        placed = placed.to_crs(metric)
    area = placed.area.to_numpy(dtype=float)
    return area, 2 * area / np.maximum(placed.length.to_numpy(dtype=float), 1e-9)


def _pieces(geometry: Any) -> Any:
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return parts[(shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)]


def _classified(found: list[Found], crs: Any) -> list[Found]:
    """Drop what is rounding; what is narrow is a sliver."""
    if not found:
        return []
    area, width = _sizes(np.array([ground for _, _, ground in found], dtype=object), crs)
    kept: list[Found] = []
    for number, (kind, places, ground) in enumerate(found):
        if area[number] < _SMALLEST or width[number] < _ROUNDING:
            continue
        thin = width[number] < _NARROW and kind in ("gap", "hole", "overlap")
        kept.append(("sliver" if thin else kind, places, ground))
    return kept


def _table(found: list[Found], grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    ground = np.array([geometry for _, _, geometry in found], dtype=object)
    area = np.zeros(len(found))
    real = np.array([kind != "invalid" for kind, _, _ in found], dtype=bool)
    if real.any():
        area[real] = _sizes(ground[real], grids.crs)[0]
    rank = np.array([KINDS.index(kind) for kind, _, _ in found], dtype=np.int64)
    order = np.lexsort((np.arange(len(found)), -area, rank))
    return gpd.GeoDataFrame(
        {
            "kind": [found[number][0] for number in order],
            "grids": [tuple(grids.index[list(found[number][1])]) for number in order],
            "area_m2": area[order],
        },
        geometry=gpd.GeoSeries(ground[order], crs=grids.crs),
    )
