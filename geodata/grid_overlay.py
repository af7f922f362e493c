"""Ground that two drawings give to different grids, and grids that only changed their label."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

_LEAST = 1.0  # square metres: less is the rounding of coordinates
_NARROW = 0.02  # metres of mean width: the same
_SAME = 0.995  # of the ground of both: the same grid under another label


def recoded(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> dict[Any, Any]:
    """Find grids that have kept their ground and not their label: new label to old one."""
    gone, new = before.index.difference(after.index), after.index.difference(before.index)
    if gone.empty or new.empty:
        return {}
    old_shapes = np.asarray(before.geometry.loc[gone].array, dtype=object)
    new_shapes = np.asarray(after.geometry.loc[new].array, dtype=object)
    left, right = shapely.STRtree(old_shapes).query(new_shapes, predicate="intersects")
    both = shapely.area(shapely.intersection(new_shapes[left], old_shapes[right]))
    most = np.maximum(shapely.area(new_shapes[left]), shapely.area(old_shapes[right]))
    kept = both >= _SAME * most
    return {new[one]: gone[other] for one, other in zip(left[kept], right[kept], strict=True)}


def exchanged(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, same: Mapping[Any, Any]
) -> gpd.GeoDataFrame:
    """Cut out what goes from one grid to another, and what only one of the drawings covers.

    Parameters
    ----------
    before, after
        Grids by label, in one metric CRS.
    same
        Labels of grids that are the same: new one to old one.

    Returns
    -------
    GeoDataFrame
        `source`, `target` (None: in no grid), `area_m2`, geometry.
    """
    rows = [
        *_crossed(before, after, same),
        *_left_over(before, after, source=True),
        *_left_over(after, before, source=False),
    ]
    # labels stay what they are: a column of text would turn a missing one into a number
    labels = {
        name: pd.Series([row[name] for row in rows], dtype=object) for name in ("source", "target")
    }
    areas = pd.Series([row["area_m2"] for row in rows], dtype=float)
    shapes = gpd.GeoSeries([row["geometry"] for row in rows], crs=before.crs)
    return gpd.GeoDataFrame({**labels, "area_m2": areas}, geometry=shapes, crs=before.crs)


def _crossed(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, same: Mapping[Any, Any]
) -> list[dict[str, Any]]:
    if before.empty or after.empty:
        return []
    old = np.asarray(before.geometry.array, dtype=object)
    new = np.asarray(after.geometry.array, dtype=object)
    left, right = shapely.STRtree(old).query(new, predicate="intersects")
    differ = [
        same.get(after.index[one], after.index[one]) != before.index[other]
        for one, other in zip(left, right, strict=True)
    ]
    left, right = left[differ], right[differ]
    shapes = shapely.intersection(new[left], old[right])
    return [
        {
            "source": before.index[other],
            "target": after.index[one],
            "area_m2": round(float(shapely.area(shape)), 1),
            "geometry": shape,
        }
        for one, other, raw in zip(left, right, shapes, strict=True)
        if (shape := _ground(raw)) is not None
    ]


def _left_over(
    here: gpd.GeoDataFrame, there: gpd.GeoDataFrame, *, source: bool
) -> list[dict[str, Any]]:
    """Give the ground of each grid that the other drawing does not cover at all."""
    if here.empty:
        return []
    cover = shapely.union_all(np.asarray(there.geometry.array, dtype=object))
    found = []
    for label, shape in zip(here.index, here.geometry, strict=True):
        rest = _ground(shapely.difference(shape, cover))
        if rest is not None:
            found.append(
                {
                    "source": label if source else None,
                    "target": None if source else label,
                    "area_m2": round(float(rest.area), 1),
                    "geometry": rest,
                }
            )
    return found


def _ground(shape: Any) -> Any:
    """Leave of an overlay what is ground: no lines, no rounding; None when nothing is left."""
    parts = shapely.get_parts(shape)
    parts = parts[shapely.get_dimensions(parts) == 2]
    if not len(parts):
        return None
    area, around = shapely.area(parts), shapely.length(parts)
    kept = parts[(area >= _LEAST) & (2 * area >= _NARROW * around)]
    return shapely.multipolygons(kept) if len(kept) else None
