"""Who borders whom: the metres of border that polygons of one frame share."""

from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata.crs import metric_crs

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

NEIGHBOUR_METRES = 1.0  # neighbours share more than this
_SNAP_METRES = 0.02  # between lines that are one; more, and sharp corners become neighbours
_METRES_PER_DEGREE = 111_320.0


def shared_borders(polygons: gpd.GeoDataFrame) -> pd.DataFrame:
    """Measure the border that polygons share with each other.

    Parameters
    ----------
    polygons
        Polygons or MultiPolygons in any declared CRS, valid, overlapping nowhere by more than
        rounding.

    Returns
    -------
    DataFrame
        One row a pair that shares more than 1 m: ``first`` < ``second`` (positions in
        *polygons*) and ``metres``; sorted by first, then second. Touching in a point is no border.
    """
    first, second, metres = border_lengths(polygons.geometry.array, metric_crs(polygons))
    return pd.DataFrame({"first": first, "second": second, "metres": metres})


def border_lengths(polygons: Any, metric: Any) -> tuple[Ints, Ints, Floats]:
    """Give the pairs and metres of `shared_borders` as arrays.

    Parameters
    ----------
    polygons
        Geopandas geometry array with a CRS.
    metric
        The CRS in which lengths are taken.

    Returns
    -------
    tuple
        Positions ``first`` < ``second``, sorted, and metres above `NEIGHBOUR_METRES`.
    """
    shapes = np.asarray(polygons, dtype=object)
    snap = _SNAP_METRES / (_METRES_PER_DEGREE if polygons.crs.is_geographic else 1.0)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=snap)
    first, second = first[first < second], second[first < second]
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    rings = shapely.boundary(shapes)
    metres = _metres(shapely.intersection(rings[first], rings[second]), polygons.crs, metric)
    # Where a corner of one meets the middle of another's side, the corner is rarely exactly on
    # it and the exact lines meet in points only: ask which border runs along the other.
    doubtful = np.flatnonzero(metres <= NEIGHBOUR_METRES)
    one, other = first[doubtful], second[doubtful]
    reached, place = np.unique(other, return_inverse=True)
    around = shapely.buffer(rings[reached], snap, quad_segs=2)[place]
    metres[doubtful] = _metres(shapely.intersection(rings[one], around), polygons.crs, metric)
    kept = metres > NEIGHBOUR_METRES
    return first[kept], second[kept], metres[kept]


def _metres(lines: Any, crs: Any, metric: Any) -> Floats:
    placed = gpd.GeoSeries(lines, crs=crs)
    return np.array((placed if crs == metric else placed.to_crs(metric)).length, dtype=np.float64)
