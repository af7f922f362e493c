"""Number grids from west to east and north to south, and make their codes."""

import re

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.adjacency import Ints
from geodata.crs import metric_crs
from geodata.errors import Fault, GeodataError

MOST_GRIDS = 999  # of one community: three digits


def numbers(grids: gpd.GeoDataFrame) -> pd.Series:
    """Give grids their numbers: west to east in a row, the rows north to south.

    The rows are as high as the average grid is wide: the square root of the mean area. They are
    counted down from the northernmost edge of all grids; a grid is in the row in which its
    centroid lies, and in a row the order is that of the centroids from west to east. Distances
    are taken in the metric CRS of the place.

    Parameters
    ----------
    grids
        Polygons or MultiPolygons in a declared CRS.

    Returns
    -------
    Series
        Named ``grid``, on the index of *grids*: 1..k. Centroids that are equal to the
        millimetre keep the order of the frame.
    """
    if grids.empty:
        return pd.Series([], index=grids.index, dtype=np.int64, name="grid")
    placed = grids.geometry.to_crs(metric_crs(grids))
    east, north = placed.centroid.x.round(3).to_numpy(), placed.centroid.y.round(3).to_numpy()
    height = float(np.sqrt(placed.area.mean()))
    row = np.floor((placed.total_bounds[3] - north) / height)
    order = np.lexsort((np.arange(len(grids)), -north, east, row))
    number: Ints = np.empty(len(grids), dtype=np.int64)
    number[order] = np.arange(1, len(grids) + 1)
    return pd.Series(number, index=grids.index, name="grid")


def grid_codes(community_code: str, grids: gpd.GeoDataFrame) -> pd.Series:
    """Make the 15-digit codes of a community's grids.

    Parameters
    ----------
    community_code
        12 digits: county, township and community.
    grids
        Frame with the column ``grid``: whole numbers from 1 to 999, none twice.

    Returns
    -------
    Series
        Named ``code``, text, on the index of *grids*: the community's code and three digits.

    Raises
    ------
    GeodataError
        A community code that is not 12 digits; a number that is missing, out of range or there
        twice; more than 999 grids.
    """
    if not isinstance(community_code, str) or not re.fullmatch(r"[0-9]{12}", community_code):
        raise GeodataError(f"a community code has 12 digits, got {community_code!r}")
    if "grid" not in grids.columns:
        raise GeodataError([Fault("the column is missing", column="grid")])
    if len(grids) > MOST_GRIDS:
        raise GeodataError(f"a community can have {MOST_GRIDS} grids, got {len(grids)}")
    number = pd.to_numeric(grids["grid"], errors="coerce").astype(float)
    good = number.between(1, MOST_GRIDS) & (number % 1 == 0)
    faults = [
        Fault(f"expected a whole number from 1 to {MOST_GRIDS}", label, "grid")
        for label in grids.index[~good]
    ]
    twice = good & number.duplicated()
    faults += [
        Fault(f"the number {number[label]:.0f} appears twice", label, "grid")
        for label in grids.index[twice]
    ]
    if faults:
        raise GeodataError(faults)
    codes = [f"{community_code}{int(value):03d}" for value in number]
    return pd.Series(codes, index=grids.index, name="code", dtype="string")
