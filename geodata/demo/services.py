"""Facilities, responders and grid members of a demo town."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.demo.chance import stream
from geodata.demo.frames import (
    FACILITY_COLUMNS,
    GEOGRAPHIC,
    MEMBER_COLUMNS,
    RESPONDER_COLUMNS,
)
from geodata.demo.people import Customs

# Kind of responder, name ({} is the number) in Chinese and English, least and most people, skills.
TEAMS = {
    "fire": ("消防救援{}班", "Fire crew {}", (6, 8), ("fire", "rescue", "water_rescue")),
    "medical": ("急救{}组", "Ambulance crew {}", (3, 4), ("first_aid", "transport")),
    "police": ("警务{}组", "Police patrol {}", (2, 4), ("traffic", "crowd")),
    "grid": ("网格应急{}队", "Grid team {}", (4, 6), ("door_to_door", "first_aid")),
    "volunteer": ("志愿者{}队", "Volunteers {}", (8, 15), ("carry", "door_to_door")),
}
HOME_OF_TEAM = {
    "fire": ("fire_station", "micro_fire_station"),
    "medical": ("hospital", "clinic"),
    "police": ("police",),
    "grid": ("supply_point", "police"),
    "volunteer": ("school", "supply_point"),
}


def facility_frame(rows: Iterable[tuple[object, ...]]) -> gpd.GeoDataFrame:
    """Make the facility frame.

    Parameters
    ----------
    rows
        id, kind, name_zh, name_en, capacity, accessible, area_m2, address, geometry; capacity
        None where it does not apply.

    Returns
    -------
    frame
        Capacity as nullable integer, EPSG:4326.
    """
    known = [name for name in FACILITY_COLUMNS if name not in {"crew", "level", "hours"}]
    frame = pd.DataFrame(rows, columns=known)
    frame["capacity"] = frame["capacity"].astype("Int64")
    frame["accessible"] = frame["accessible"].astype(bool)
    frame["area_m2"] = frame["area_m2"].astype("Int64")
    return gpd.GeoDataFrame(frame, crs=GEOGRAPHIC)


def responders(
    facilities: gpd.GeoDataFrame, teams: dict[str, int], prefix: str, seed: int
) -> gpd.GeoDataFrame:
    """Station teams at facilities.

    Parameters
    ----------
    facilities
        Columns id, kind, geometry.
    teams
        How many teams of each kind.
    prefix
        Begins every id.
    seed
        Seed of the town.

    Returns
    -------
    frame
        Columns of `RESPONDER_COLUMNS`; a team stands at a facility of its kind, the main kind
        first; about one team in six is off duty.
    """
    rng = stream(seed, "responders")
    rows: list[tuple[object, ...]] = []
    for kind, count in teams.items():
        zh, en, (least, most), skills = TEAMS[kind]
        homes = pd.concat([facilities[facilities["kind"] == home] for home in HOME_OF_TEAM[kind]])
        for number in range(1, count + 1):
            home = homes.iloc[(number - 1) % len(homes)] if len(homes) else facilities.iloc[0]
            size = int(rng.integers(least, most + 1))
            rows.append(
                (
                    f"{prefix}{len(rows) + 1:03d}",
                    kind,
                    zh.format(number),
                    en.format(number),
                    size,
                    skills,
                    home["id"],
                    bool(rng.random() < 0.84 or number == 1),
                    home.geometry,
                )
            )
    return gpd.GeoDataFrame(rows, columns=list(RESPONDER_COLUMNS), crs=GEOGRAPHIC)


def members(
    communities: Iterable[str], each: int, prefix: str, customs: Customs, seed: int
) -> pd.DataFrame:
    """Name people from whom grid members are appointed.

    Parameters
    ----------
    communities
        Codes.
    each
        Names per community, at least as many as it will have grids.
    prefix
        Begins every id.
    customs
        How names are made.
    seed
        Seed of the town.

    Returns
    -------
    frame
        Columns of `MEMBER_COLUMNS`, no name twice.
    """
    codes = np.repeat(np.array(list(communities), dtype=object), each)
    rng = stream(seed, "members")
    names: list[str] = []
    while len(names) < len(codes):
        names = list(dict.fromkeys([*names, *customs.householder(rng, len(codes))]))
    rows = {
        "id": [f"{prefix}{n:03d}" for n in range(1, len(codes) + 1)],
        "name": names[: len(codes)],
        "community": codes,
    }
    return pd.DataFrame(rows, columns=list(MEMBER_COLUMNS))
