"""Checks that the operations on borders share."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import shapely

from geodata.border_errors import BorderError


def check_keys(grids: gpd.GeoDataFrame, keys: Sequence[Any]) -> None:
    """Raise BorderError for keys of which there is no grid."""
    missing = [str(key) for key in keys if key not in grids.index]
    if missing:
        raise BorderError("no_such_grid", f"there is no grid {', '.join(missing)}")


def check_community(
    grids: gpd.GeoDataFrame, keys: Sequence[Any], place: Sequence[float] | None = None
) -> None:
    """Raise BorderError when grids belong to different communities.

    Parameters
    ----------
    place
        Where it matters; else a place in a grid of the second community.
    """
    if "community" not in grids.columns:
        return
    found = sorted({str(code) for code in grids.loc[list(keys), "community"]})
    if len(found) > 1:
        other = next(key for key in keys if str(grids.at[key, "community"]) == found[1])
        if place is None:
            place = grids.geometry[other].representative_point().coords[0]
        raise BorderError(
            "other_community",
            f"the grids belong to different communities: {', '.join(found)};",
            place,
        )


def check_parts(key: Any, before: Any, after: Any) -> None:
    """Raise BorderError when an area falls into more pieces than it had."""
    if after is None or after.is_empty:
        raise BorderError("empty", f"grid {key} would be empty")
    pieces = shapely.get_parts(after)
    if len(pieces) > shapely.get_num_geometries(before):
        smallest = min(pieces, key=lambda piece: piece.area)
        place = smallest.representative_point()
        raise BorderError("pieces", f"grid {key} would fall into pieces", place.coords[0])
