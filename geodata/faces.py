"""Faces between lines: cut an area exactly, merge faces, give small ones to a neighbour.

Everything is done in the coordinate system of the area, in which its straight borders are
straight; only lengths and areas that are compared with metres are taken in a metric system.
"""

import heapq
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.adjacency import Ints, border_lengths
from geodata.crs import metric_crs

_ROUNDING = 1e-9  # units


def cut(area: Any, lines: Any) -> Any:
    """Cut an area along lines.

    Parameters
    ----------
    area
        Polygon or MultiPolygon.
    lines
        Array of lines in the same CRS; what lies outside the area or ends in the middle of a
        face cuts nothing.

    Returns
    -------
    array
        Polygons that together are the area and share all their vertices along shared borders.
    """
    noded = shapely.unary_union([shapely.boundary(area), *_near(area, lines)])
    found = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    shapely.prepare(area)
    middle = shapely.point_on_surface(found)
    inside = shapely.intersects(area, middle)
    # the middle of a strip may lie on the border by rounding: there its ground tells
    border = shapely.boundary(area)
    doubtful = np.flatnonzero(shapely.dwithin(border, middle, _ROUNDING))
    common = shapely.area(shapely.intersection(found[doubtful], area))
    inside[doubtful] = common > 0.5 * shapely.area(found[doubtful])
    return found[inside]


def merged(faces: Any, owner: Ints) -> Any:
    """Unite the faces of each owner.

    Parameters
    ----------
    faces
        As `cut` gives them.
    owner
        Number of the owner of each face, 0..n-1, each used.

    Returns
    -------
    array
        One Polygon or MultiPolygon an owner.
    """
    order = np.argsort(owner, kind="stable")
    ends = np.cumsum(np.bincount(owner))[:-1]
    groups = np.split(faces[order], ends)
    united = np.empty(len(groups), dtype=object)
    for number, group in enumerate(groups):
        whole = group[0] if len(group) == 1 else shapely.coverage_union_all(group)
        parts = shapely.get_parts(whole)
        united[number] = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return united


def absorbed(faces: Any, crs: Any, small: Callable[[float, float, int], bool]) -> Ints:
    """Give each small face to the neighbour with which it shares the longest border.

    Parameters
    ----------
    faces
        As `cut` gives them.
    crs
        Their CRS.
    small
        Tells from area (square metres), perimeter (metres) and position of a face whether it is
        too small; asked again when a face has grown.

    Returns
    -------
    array
        Owner of each face, numbered 0..n-1 in the order of the faces.
    """
    placed = gpd.GeoSeries(faces, crs=crs)
    metric = metric_crs(placed)
    measured = placed if placed.crs == metric else placed.to_crs(metric)
    area, perimeter = measured.area.tolist(), measured.length.tolist()
    beside: list[dict[int, float]] = [{} for _ in faces]
    for one, other, metres in zip(*border_lengths(placed.array, metric), strict=True):
        beside[one][int(other)] = beside[other][int(one)] = float(metres)
    owner = list(range(len(faces)))
    queue = [(area[face], face) for face in owner if small(area[face], perimeter[face], face)]
    heapq.heapify(queue)
    while queue:
        size, face = heapq.heappop(queue)
        if owner[face] != face or size != area[face] or not beside[face]:
            continue  # gone, grown since (and queued again if still small), or alone
        into = max(beside[face], key=lambda other: (beside[face][other], -other))
        _absorb(face, into, owner, area, perimeter, beside)
        if small(area[into], perimeter[into], into):
            heapq.heappush(queue, (area[into], into))
    return _numbered(owner)


def _absorb(
    face: int,
    into: int,
    owner: list[int],
    area: list[float],
    perimeter: list[float],
    beside: list[dict[int, float]],
) -> None:
    owner[face] = into
    area[into] += area[face]
    perimeter[into] += perimeter[face] - 2 * beside[face][into]
    for other, metres in beside[face].items():
        del beside[other][face]
        if other != into:
            total = beside[into].get(other, 0.0) + metres
            beside[into][other] = beside[other][into] = total
    beside[face] = {}


def _numbered(owner: list[int]) -> Ints:
    for face in range(len(owner)):
        root = face
        while owner[root] != root:
            root = owner[root]
        owner[face] = root
    return np.unique(owner, return_inverse=True)[1].astype(np.int64)


def _near(area: Any, lines: Any) -> Any:
    """Keep the lines that come near the area; whole ones, a clipped end might fall short of it."""
    lines = np.asarray(lines, dtype=object)
    if not len(lines):
        return lines
    return lines[shapely.STRtree(lines).query(area, predicate="intersects")]
