"""The sea of an extract, closed from its coastlines and its edge."""

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

Box = tuple[float, float, float, float]
Geometries = npt.NDArray[np.object_]

_STEP = 1e-6  # degrees to either side of a coastline, about 0.1 m: less than any real strip of land


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
        that ends inside the extent separates nothing, so it cannot flood the land.

    Notes
    -----
    Box edge and coastlines are cut into faces; every stretch of coastline votes, by its length,
    for the face on its right and against the one on its left. Own method.
    """
    box = shapely.box(*extent)
    coast = shapely.intersection(shapely.multilinestrings(list(coastlines)), box)
    if shapely.is_empty(coast):
        return None
    edges = shapely.union_all([coast, shapely.boundary(box)])
    faces = shapely.get_parts(shapely.polygonize([edges]))
    votes = _votes(coastlines, faces)
    wet = faces[votes > 0]
    return None if len(wet) == 0 else shapely.union_all(wet)


def _votes(coastlines: Geometries, faces: Geometries) -> npt.NDArray[np.float64]:
    """Sum, per face, the coastline it lies right of minus the one it lies left of (degrees)."""
    points, line = shapely.get_coordinates(coastlines, return_index=True)
    same = line[1:] == line[:-1]
    start, step = points[:-1][same], np.diff(points, axis=0)[same]
    length = np.hypot(step[:, 0], step[:, 1])
    start, step, length = start[length > 0], step[length > 0], length[length > 0]
    right = np.column_stack([step[:, 1], -step[:, 0]]) / length[:, None] * _STEP
    middle = start + step / 2
    tree = shapely.STRtree(faces)
    votes = np.zeros(len(faces))
    for side, sign in ((middle + right, 1.0), (middle - right, -1.0)):
        segment, face = tree.query(shapely.points(side), predicate="within")
        np.add.at(votes, face, sign * length[segment])
    return votes
