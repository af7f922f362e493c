"""The sea of an extract, closed from its coastlines and its edge."""

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

Box = tuple[float, float, float, float]
Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]

_STEP = 1e-6  # degrees to either side of a coastline, about 0.1 m: less than any real strip of land
_REACH = 0.02  # of the longer side of the extent: how short of its edge a coastline may stop
_DOUBT = 0.01  # share of votes against, above which a face stays dry


def sea(coastlines: Geometries, extent: Box) -> BaseGeometry | None:
    """Close coastlines with the edge of their extract into the surface of the sea.

    Parameters
    ----------
    coastlines
        LineStrings in EPSG:4326 with land on their left and water on their right, in any order.
    extent
        West, south, east, north in degrees: the edge to close them with.

    Returns
    -------
    shapely geometry or None
        Polygon or MultiPolygon within the extent; None where no face is clearly sea. A coastline
        that ends well inside the extent separates nothing: the face on both its sides stays dry,
        so that a torn extract cannot flood the land.

    Notes
    -----
    Box edge and coastlines are cut into faces; every stretch of coastline votes, by its length,
    for the face on its right and against the one on its left. Coastlines that stop within 2 % of
    the extent's size of its edge (extracts are cut at whole ways) are joined to it. Own method.
    """
    box = shapely.box(*extent)
    reach = _REACH * max(extent[2] - extent[0], extent[3] - extent[1])
    near = shapely.intersection(coastlines, shapely.buffer(box, reach, join_style="mitre"))
    lines = shapely.get_parts(shapely.line_merge(shapely.union_all(near)))
    lines = lines[shapely.get_dimensions(lines) == 1]
    if len(lines) == 0:
        return None
    joins = _to_the_edge(lines, shapely.boundary(box), reach)
    edges = shapely.union_all([*lines, *joins, shapely.boundary(box)])
    faces = shapely.get_parts(shapely.polygonize([edges]))
    faces = faces[shapely.contains(box, shapely.point_on_surface(faces))]
    right, left = _votes(coastlines, faces, extent)
    wet = faces[(right > 0) & (left < _DOUBT * right)]
    return None if len(wet) == 0 else shapely.union_all(wet)


def _to_the_edge(lines: Geometries, edge: BaseGeometry, reach: float) -> list[BaseGeometry]:
    """Join coastline ends that stop just short of the edge to its nearest point."""
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    ends = ends[np.tile(~shapely.is_ring(lines), 2)]
    gaps = shapely.distance(ends, edge)
    return [shapely.shortest_line(end, edge) for end in ends[(gaps > 0) & (gaps <= reach)]]


def _votes(coastlines: Geometries, faces: Geometries, extent: Box) -> tuple[Floats, Floats]:
    """Sum, per face, the coastline it lies right of and the one it lies left of (degrees)."""
    start, step = _clipped(*_segments(coastlines), extent)
    length = np.hypot(step[:, 0], step[:, 1])
    aside = np.column_stack([step[:, 1], -step[:, 0]]) / length[:, None] * _STEP
    tree = shapely.STRtree(faces)
    right, left = np.zeros(len(faces)), np.zeros(len(faces))
    for votes, side in ((right, aside), (left, -aside)):
        segment, face = tree.query(shapely.points(start + step / 2 + side), predicate="within")
        np.add.at(votes, face, length[segment])
    return right, left


def _segments(lines: Geometries) -> tuple[Floats, Floats]:
    """Give start and step of every segment."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    return points[:-1][same], np.diff(points, axis=0)[same]


def _clipped(start: Floats, step: Floats, extent: Box) -> tuple[Floats, Floats]:
    """Keep of every segment the part inside the extent, in its direction (Liang and Barsky)."""
    low, high = np.array(extent[:2]), np.array(extent[2:])
    moving = np.where(step == 0, 1.0, step)
    ends = np.sort([(low - start) / moving, (high - start) / moving], axis=0)
    level = (step == 0) & (start > low) & (start < high)  # runs along an axis, within the extent
    enter = np.where(step == 0, np.where(level, 0.0, 2.0), ends[0]).max(axis=1).clip(0)
    leave = np.where(step == 0, 1.0, ends[1]).min(axis=1).clip(max=1)
    inside = leave > enter
    first = start + step * enter[:, None]
    return first[inside], (step * (leave - enter)[:, None])[inside]
