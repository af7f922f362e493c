"""Who is without cover at this hour only: doors are shut, and nothing has been lost."""

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.services.coverage_inputs import Inputs

Bools = NDArray[np.bool_]


def awake(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the facilities as open as they would be if nobody kept hours."""
    if "on_duty" not in facilities:
        return facilities
    return facilities.assign(open=facilities["on_duty"])


def shut(facilities: gpd.GeoDataFrame) -> int:
    """Count the facilities that are shut by the hour alone."""
    return int((awake(facilities)["open"] & ~facilities["open"].astype(bool)).sum())


def slept(
    inputs: Inputs, results: pd.DataFrame, covered: "Callable[[gpd.GeoDataFrame], Bools | Any]"
) -> pd.DataFrame:
    """Put `asleep` beside the answers where anybody is without cover at this hour only.

    Parameters
    ----------
    covered
        Tells whom facilities cover. Reasons do not: whoever nobody reaches at all has a shut
        door for a reason, however far away it is.
    """
    facilities = inputs.facilities
    shut = ~facilities["open"].to_numpy(dtype=bool)
    whole = awake(facilities)
    by_hours = shut & whole["open"].to_numpy(dtype=bool)
    if not by_hours.any():
        return results
    gap = ~results["covered"].to_numpy(dtype=bool)
    asleep = gap & np.asarray(covered(whole), dtype=bool)
    return results.assign(asleep=asleep) if asleep.any() else results
