"""First incidents of a demo town, in both languages.

Categories: waterlogging (低洼积水), power (用电), fallen_tree (倒树), manhole (井盖), welfare_check
(独居老人), wall (围墙倾斜), slope (边坡), fire_lane (消防通道堵塞), gas_smell (燃气异味),
road_damage (路面塌陷), rubbish (垃圾清运), street_light (路灯), noise (噪声) and dispute (纠纷), a
social-security event, which has no level.
"""

from importlib.resources import files
from uuid import NAMESPACE_URL, uuid5

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.demo.chance import stream
from geodata.demo.frames import GEOGRAPHIC, INCIDENT_COLUMNS


def reports() -> pd.DataFrame:
    """Read what is reported first.

    Returns
    -------
    frame
        Columns category, title_zh and title_en ({} is the place), level (`<NA>` for disputes),
        state, minutes_ago, where (flood, slope or any: which buildings it can concern).
    """
    with files("geodata.demo").joinpath("first_incidents.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype={"level": "Int64"})


def first_incidents(
    town: str, buildings: gpd.GeoDataFrame, hazards: gpd.GeoDataFrame, metric: str, seed: int
) -> gpd.GeoDataFrame:
    """Report the first incidents at buildings where people live.

    Parameters
    ----------
    town
        Key of the town: part of every id.
    buildings
        EPSG:4326; columns use, address, address_en.
    hazards
        Columns kind, geometry.
    metric
        Projected system for distances.
    seed
        Seed of the town.

    Returns
    -------
    frame
        Columns of `INCIDENT_COLUMNS`; every place is a point on a building, as a person at its
        door reports it. No building twice while there are others.
    """
    rng = stream(seed, "incidents")
    lived_in = buildings[buildings["use"] == "residential"].reset_index(drop=True)
    pools = _pools(lived_in, hazards, metric)
    frame = reports()
    chosen: list[int] = []
    for where in frame["where"]:
        fresh = np.setdiff1d(pools[where], chosen)
        pool = fresh if len(fresh) else pools[where]
        chosen.append(int(pool[rng.integers(len(pool))]))
    places = lived_in.iloc[chosen].reset_index(drop=True)
    for column, address in (("title_zh", "address"), ("title_en", "address_en")):
        frame[column] = [
            title.format(place) for title, place in zip(frame[column], places[address], strict=True)
        ]
    frame["id"] = [
        str(uuid5(NAMESPACE_URL, f"urn:gridmap:demo:{town}:{seed}:{n}")) for n in range(len(frame))
    ]
    frame["accuracy_m"] = rng.uniform(4, 25, len(frame)).round(1)
    frame["geometry"] = shapely.point_on_surface(np.asarray(places.geometry.values))
    return gpd.GeoDataFrame(frame[list(INCIDENT_COLUMNS)], crs=GEOGRAPHIC)


def _pools(
    buildings: gpd.GeoDataFrame, hazards: gpd.GeoDataFrame, metric: str
) -> dict[str, NDArray[np.int64]]:
    """Give the positions of the buildings that each kind of report can concern."""
    flat = buildings.to_crs(metric)
    pools = {"any": np.arange(len(buildings))}
    for key, kind in (("flood", "flood"), ("slope", "landslide")):
        area = hazards.loc[hazards["kind"] == kind].to_crs(metric).union_all()
        near = np.flatnonzero(flat.intersects(shapely.buffer(area, 15)).to_numpy())
        pools[key] = near if len(near) else pools["any"]
    return pools
