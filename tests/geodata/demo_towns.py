"""The demo towns, each built once for all tests, and what tests ask of them."""

import hashlib
from functools import cache

import geopandas as gpd
import shapely

from geodata import demo
from geodata.demo import frames

METRIC = {"guanggu": "EPSG:4547", "monaco": "EPSG:32632"}
FRAMES = {
    "areas": frames.AREA_COLUMNS,
    "roads": frames.ROAD_COLUMNS,
    "places": frames.PLACE_COLUMNS,
    "buildings": frames.BUILDING_COLUMNS,
    "households": frames.HOUSEHOLD_COLUMNS,
    "needs": frames.NEED_COLUMNS,
    "facilities": frames.FACILITY_COLUMNS,
    "responders": frames.RESPONDER_COLUMNS,
    "members": frames.MEMBER_COLUMNS,
    "hazards": frames.HAZARD_COLUMNS,
    "incidents": frames.INCIDENT_COLUMNS,
}

build = cache(demo.town)


def digest(town):
    """Hash every value of a town, geometries as WKB."""
    total = hashlib.sha256()
    for name in (*FRAMES, "water", "green"):
        frame = getattr(town, name)
        for column in frame.columns:
            values = frame[column]
            if isinstance(values, gpd.GeoSeries) or column == "blocked":
                text = [None if one is None else shapely.to_wkb(one).hex() for one in values]
            else:
                text = [repr(one) for one in values.tolist()]
            total.update(f"{name}.{column}:{text}".encode())
    total.update(repr((town.center, town.bounds, town.title_zh, town.notice_en)).encode())
    return total.hexdigest()


def of_level(town, level):
    return town.areas[town.areas["level"] == level].reset_index(drop=True)


def community_of(town):
    return town.households["building"].map(town.buildings.set_index("id")["community"])
