"""Who goes out from the facilities of a demo town, when they are open, and what stands beside.

Grid stations, defibrillators, more clinics and micro fire stations are simulated in every town.
"""

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.demo.frames import FACILITY_COLUMNS, GEOGRAPHIC

_WEEK = [1, 2, 3, 4, 5, 6, 7]
_SURGERY = [
    {"days": [1, 2, 3, 4, 5], "from": "08:00", "to": "17:30"},
    {"days": [6], "from": "08:00", "to": "12:00"},
]
_SHOP = [{"days": _WEEK, "from": "07:00", "to": "21:00"}]
_OFFICE = [{"days": _WEEK, "from": "08:00", "to": "20:00"}]
_LESSONS = [{"days": [1, 2, 3, 4, 5], "from": "07:30", "to": "18:00"}]
# When each kind is open; the others always are.
_HOURS: dict[str, list[dict[str, Any]]] = {
    "clinic": _SURGERY,
    "supply_point": _SHOP,
    "grid_station": _OFFICE,
}
# What stands at the grid station of every so many communities, and how it is called there.
_BESIDE = (
    (2, "micro_fire_station", "微型消防站", "Micro Fire Station"),
    (4, "clinic", "社区卫生服务站", "Community Clinic"),
)
# Where a defibrillator hangs: at every so many of a kind; in a school while there are lessons.
_HANGS = {"hospital": 1, "police": 1, "school": 2, "grid_station": 3}
Row = tuple[Any, ...]


def staffed(
    facilities: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    homes: gpd.GeoDataFrame,
    prefix: str,
    mark: tuple[str, str] = ("", ""),
) -> gpd.GeoDataFrame:
    """Add what is simulated of every town, and crews, levels and hours.

    Parameters
    ----------
    facilities
        As `services.facility_frame` gives them.
    areas
        Areas of the town.
    homes
        Buildings people live in: `community`, polygons.
    prefix
        Begins every id.
    mark
        Chinese and English words after the names of what is added.

    Returns
    -------
    frame
        Columns of `frames.FACILITY_COLUMNS`: those given first, then what is added.
    """
    rows = list(_stations(areas, homes))
    rows += list(_defibrillators(facilities, rows))
    added = pd.DataFrame(
        [
            (f"{prefix}{n:03d}", kind, zh + mark[0], en + mark[1], hours, address, at)
            for n, (kind, zh, en, hours, address, at) in enumerate(rows, start=len(facilities) + 1)
        ],
        columns=["id", "kind", "name_zh", "name_en", "hours", "address", "geometry"],
    )
    given = facilities.assign(hours=_per_row(facilities["kind"].map(_HOURS.get)))
    plain = pd.DataFrame(given.assign(geometry=given.geometry.to_numpy()))
    frame = pd.concat([plain, added.assign(accessible=True)], ignore_index=True)
    frame["accessible"] = frame["accessible"].astype(bool)
    frame["level"] = frame["kind"].map({"fire_station": "1"}.get).astype(object)
    frame["crew"] = _crews(frame, areas)
    frame["hours"] = _per_row(frame["hours"])
    frame["geometry"] = gpd.GeoSeries(list(frame["geometry"]), crs=GEOGRAPHIC)
    return gpd.GeoDataFrame(frame[list(FACILITY_COLUMNS)], crs=GEOGRAPHIC)


def _per_row(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Keep lists, and None where there is none: a list is no missing value."""
    kept = np.empty(len(values), dtype=object)
    for n, value in enumerate(values):
        kept[n] = value if isinstance(value, list) else None
    return pd.Series(kept, index=values.index, dtype=object)


def _stations(areas: gpd.GeoDataFrame, homes: gpd.GeoDataFrame) -> Iterator[Row]:
    """Give each community the station of its grid members, in the house most in the middle."""
    communities = areas[areas["level"] == "community"].sort_values("code")
    townships = areas.set_index("code")
    spots = homes.geometry.representative_point().to_crs(GEOGRAPHIC)
    beside: list[Row] = []
    for n, place in enumerate(communities.itertuples()):
        mine = spots[homes["community"] == place.code]
        if mine.empty:
            continue
        middle = shapely.Point(mine.x.mean(), mine.y.mean())
        at = mine.iloc[int(np.argmin(shapely.distance(mine.to_numpy(), middle)))]
        zh, en = place.name_zh.removesuffix("社区"), place.name_en.removesuffix(" Community")
        address = f"{townships['name_zh'][place.parent]}{place.name_zh}"
        yield "grid_station", f"{zh}网格站", f"{en} Grid Station", _OFFICE, address, at
        for every, kind, words, english in _BESIDE:
            if n % every == 0:
                hours = _HOURS.get(kind)
                beside.append((kind, f"{zh}{words}", f"{en} {english}", hours, address, at))
    yield from beside


def _defibrillators(facilities: gpd.GeoDataFrame, rows: list[Row]) -> Iterator[Row]:
    seen = dict.fromkeys(_HANGS, 0)
    given = facilities[["kind", "name_zh", "name_en", "address", "geometry"]]
    stations = [(row[0], row[1], row[2], row[4], row[5]) for row in rows]
    for kind, zh, en, address, at in [*given.itertuples(index=False, name=None), *stations]:
        if kind not in _HANGS:
            continue
        if seen[kind] % _HANGS[kind] == 0:
            hours = _LESSONS if kind == "school" else _HOURS.get(kind)
            yield "aed", f"{zh} AED", f"{en} AED", hours, address, at
        seen[kind] += 1


def _crews(frame: pd.DataFrame, areas: gpd.GeoDataFrame) -> list[str | None]:
    """Name who goes out: micro fire stations and police posts of a township have one crew."""
    townships = areas[areas["level"] == "township"]
    words = {"micro_fire_station": "微型消防队", "police": "派出所"}
    crews: list[str | None] = []
    for kind, name, at in zip(frame["kind"], frame["name_zh"], frame["geometry"], strict=True):
        if kind in words:
            nearest = int(np.argmin(shapely.distance(townships.geometry.to_numpy(), at)))
            crews.append(f"{townships['name_zh'].iloc[nearest]}{words[kind]}")
        else:
            crews.append(f"{name}值班班组" if kind in {"fire_station", "hospital"} else None)
    return crews
