"""Facilities of the town monaco: the real ones and simulated shelters."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.demo import services
from geodata.demo.chance import stream
from geodata.demo.frames import GEOGRAPHIC

# Kind in the source and here.
KINDS = {
    "fire_station": "fire_station",
    "hospital": "hospital",
    "clinic": "clinic",
    "police": "police",
    "school": "school",
    "college": "school",
    "university": "school",
    "stadium": "stadium",
    "marketplace": "supply_point",
}
_UNNAMED = {
    "hospital": ("医院（未命名）", "Hospital (unnamed)"),
    "police": ("警务站（未命名）", "Police post (unnamed)"),
    "clinic": ("诊所（未命名）", "Clinic (unnamed)"),
    "school": ("学校（未命名）", "School (unnamed)"),
    "fire_station": ("消防站（未命名）", "Fire station (unnamed)"),
}
_APART = 120.0
_SAME = 60.0
_OUT_OF_DANGER = 25.0


def facilities(
    real: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    hazards: gpd.GeoDataFrame,
    metric: str,
    seed: int,
) -> gpd.GeoDataFrame:
    """List real facilities and simulated shelters.

    Parameters
    ----------
    real
        Facilities of the extract inside the county: kind, name, osm_id, Points.
    buildings
        Columns address, geometry: the nearest gives the address.
    hazards
        No shelter stands in or within 25 m of one.
    metric
        Projected system for distances.
    seed
        Seed of the town.

    Returns
    -------
    frame
        Columns of `services.facility_frame`; the area of real facilities is not known.
    """
    rng = stream(seed, "facilities")
    frame = real.assign(kind=real["kind"].map(KINDS)).dropna(subset=["kind"])
    frame = frame.sort_values(["kind", "osm_id"], ignore_index=True)
    frame = _once(frame, metric)
    flat = frame.to_crs(metric).geometry
    nearest = shapely.STRtree(buildings.to_crs(metric).geometry.values)
    house = nearest.query_nearest(flat.values, all_matches=False)[1]
    address = buildings["address"].to_numpy()[house]
    danger = shapely.buffer(hazards.to_crs(metric).union_all(), _OUT_OF_DANGER)
    rows: list[tuple[object, ...]] = []
    open_at: list[shapely.Point] = []
    for n, (kind, name, place) in enumerate(
        zip(frame["kind"], frame["name"], frame.geometry, strict=True)
    ):
        zh, en = (name, name) if isinstance(name, str) else _UNNAMED[kind]
        if kind != "stadium":
            rows.append((kind, zh, en, None, True, pd.NA, address[n], place))
        far = all(flat[n].distance(other) > _APART for other in open_at)
        if kind in {"school", "stadium"} and far and not danger.intersects(flat[n]):
            open_at.append(flat[n])
            capacity = int(rng.integers(45, 60) if kind == "stadium" else rng.integers(16, 34)) * 20
            title = (f"{zh}避难场所（模拟）", f"{en} shelter (simulated)")
            floor = int(np.ceil(capacity * 2.0))
            open_to_all = bool(kind == "stadium" or rng.random() < 0.6)
            rows.append(("shelter", *title, capacity, open_to_all, floor, address[n], place))
    return services.facility_frame(
        [(f"MC-F-{n:03d}", *row) for n, row in enumerate(rows, start=1)]
    ).set_crs(GEOGRAPHIC)


def _once(frame: gpd.GeoDataFrame, metric: str) -> gpd.GeoDataFrame:
    """Keep one of those that the source has twice, as an area and as a point: the named one."""
    flat = frame.to_crs(metric).geometry
    kept: list[int] = []
    for n in np.argsort(frame["name"].isna().to_numpy(), kind="stable"):
        near = [k for k in kept if frame["kind"][k] == frame["kind"][n]]
        if all(flat[n].distance(flat[k]) > _SAME for k in near):
            kept.append(int(n))
    return frame.loc[sorted(kept)].reset_index(drop=True)
