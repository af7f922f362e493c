"""Of many ways to one place, the one that most people meet."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

_DIGITS = 7  # of a degree: one centimetre


def main_ways(ways: gpd.GeoDataFrame, group: pd.Series) -> pd.Series:
    """Choose one way of each group: the one with the most people-metres along its streets.

    The ways of a group run together the nearer they come to their end. The chosen one thus begins
    far out on the trunk, and the others join it on the way.

    Parameters
    ----------
    ways
        LineStrings with `people`; ways that share a street share its vertices.
    group
        Label of the group of each way, on the index of `ways`.

    Returns
    -------
    Series
        Label of the chosen way on the labels of the groups, sorted; of equal ones the lower.
        Empty for no ways.
    """
    if not len(ways):
        return pd.Series(dtype="int64", name="main_ways")
    xy, owner = shapely.get_coordinates(ways.geometry.to_numpy(), return_index=True)
    same = owner[1:] == owner[:-1]
    ends = np.round(np.hstack([xy[:-1], xy[1:]])[same], _DIGITS)
    row = owner[:-1][same]
    metres = np.hypot(
        (ends[:, 2] - ends[:, 0]) * np.cos(np.radians(ends[:, 1])), ends[:, 3] - ends[:, 1]
    )
    stretches = pd.DataFrame(ends, columns=["x0", "y0", "x1", "y1"]).assign(
        row=row,
        group=group.reindex(ways.index).to_numpy()[row],
        people=ways["people"].to_numpy()[row],
        metres=metres,
    )
    met = stretches.groupby(["group", "x0", "y0", "x1", "y1"])["people"].transform("sum")
    worth = (met * stretches["metres"]).groupby(stretches["row"]).sum()
    table = pd.DataFrame(
        {
            "group": group.reindex(ways.index).to_numpy(),
            "label": ways.index.to_numpy(),
            "worth": worth.reindex(range(len(ways))).fillna(0.0).round(9).to_numpy(),
        }
    ).sort_values(["group", "worth", "label"], ascending=[True, False, True])
    chosen = table.drop_duplicates("group").set_index("group")["label"]
    return chosen.rename("main_ways")
