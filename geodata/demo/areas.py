"""County, townships and communities made of blocks, with their codes."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.demo.blocks import dissolve
from geodata.demo.frames import AREA_COLUMNS, GEOGRAPHIC


def number_parts(
    blocks: gpd.GeoSeries, label: NDArray[np.int64], by: str = "x"
) -> NDArray[np.int64]:
    """Renumber parts 0..k-1 from west to east (`by` "x") or north to south ("y")."""
    center = gpd.GeoSeries(dissolve(blocks, label)).representative_point()
    value = center.x if by == "x" else -center.y
    rank = value.rank(method="first").astype(int) - 1
    return np.asarray(rank.reindex(label), np.int64)


def area_frame(
    blocks: gpd.GeoSeries,
    community: NDArray[np.object_],
    county: tuple[str, str, str],
    names: dict[str, tuple[str, str]],
) -> gpd.GeoDataFrame:
    """Build the areas of all levels from blocks.

    Parameters
    ----------
    blocks
        A coverage, EPSG:4326.
    community
        12-digit code of each block.
    county
        Code, Chinese and English name.
    names
        Chinese and English name by code of township (9 digits) and community (12).

    Returns
    -------
    areas
        Columns of `AREA_COLUMNS`: county, townships, communities, each by code. Higher levels
        are exact unions of the lower.
    """
    rows: list[tuple[str, str, str, str, str | None, shapely.Geometry]] = []
    levels: Sequence[tuple[str, int]] = (("county", 6), ("township", 9), ("community", 12))
    for level, digits in levels:
        codes = np.array([code[:digits] for code in community])
        united = dissolve(blocks, codes)
        for code, shape in united.items():
            name = county[1:] if level == "county" else names[code]
            parent = {9: code[:6], 12: code[:9]}.get(digits)
            rows.append((code, level, *name, parent, shape))
    frame = pd.DataFrame(rows, columns=list(AREA_COLUMNS))
    frame["parent"] = pd.Series([row[4] for row in rows], dtype=object)
    return gpd.GeoDataFrame(frame, crs=GEOGRAPHIC)


def empty_homes(
    community: NDArray[np.object_], lived_in: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Choose the homes that nobody has, so that every community can be cut into whole grids.

    Parameters
    ----------
    community
        Code for each home.
    lived_in
        Share of homes usually lived in.
    rng
        Source of chance.

    Returns
    -------
    empty
        True for a home without a household.
    """
    empty = np.ones(len(community), bool)
    for code in np.unique(community.astype(str)):
        here = np.flatnonzero(community == code)
        chosen = rng.permutation(len(here))[: comfortable(len(here), lived_in)]
        empty[here[chosen]] = False
    return empty


def comfortable(homes: int, lived_in: float) -> int:
    """Choose how many homes of a community are lived in.

    Grids of 300-500 households do not fit every total (550 households are too many for one grid
    and too few for two); real communities were drawn so that they fit, so the simulated ones are.

    Parameters
    ----------
    homes
        Homes built.
    lived_in
        Share usually lived in.

    Returns
    -------
    households
        At most `homes`.
    """
    usual = int(homes * lived_in)
    if 480 < usual < 640:
        return 640 if homes >= 640 else 475
    return usual
