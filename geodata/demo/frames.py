"""The shape of a demo town: what the generators give and the database loader takes."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

GEOGRAPHIC = "EPSG:4326"

AREA_COLUMNS = ("code", "level", "name_zh", "name_en", "parent", "geometry")
ROAD_COLUMNS = (
    "highway",
    "name",
    "oneway",
    "maxspeed_kmh",
    "bridge",
    "tunnel",
    "layer",
    "maxheight_m",
    "maxweight_t",
    "maxwidth_m",
    "geometry",
)
BUILDING_COLUMNS = (
    "id",
    "community",
    "estate",
    "building",
    "address",
    "levels",
    "units",
    "use",
    "geometry",
)
HOUSEHOLD_COLUMNS = (
    "id",
    "building",
    "unit",
    "room",
    "address",
    "householder",
    "people",
    "residence",
    "registered_at",
    "phone",
    "geometry",
)
NEED_COLUMNS = ("household", "kind", "people", "note")
FACILITY_COLUMNS = (
    "id",
    "kind",
    "name_zh",
    "name_en",
    "capacity",
    "accessible",
    "area_m2",
    "address",
    "crew",
    "level",
    "hours",
    "geometry",
)
PLACE_COLUMNS = ("kind", "name_zh", "name_en", "geometry")
RESPONDER_COLUMNS = (
    "id",
    "kind",
    "name",
    "name_en",
    "people",
    "skills",
    "facility",
    "on_duty",
    "geometry",
)
MEMBER_COLUMNS = ("id", "name", "community")
HAZARD_COLUMNS = (
    "id",
    "kind",
    "name_zh",
    "name_en",
    "severity",
    "starts_hours_ago",
    "blocked",
    "geometry",
)
INCIDENT_COLUMNS = (
    "id",
    "category",
    "title_zh",
    "title_en",
    "level",
    "state",
    "minutes_ago",
    "accuracy_m",
    "geometry",
)


@dataclass(frozen=True)
class Town:
    """One demo town, complete.

    All geometries are EPSG:4326; every frame has a plain 0..n-1 index and the columns of the
    constant of its name in this module. Ids are texts made from the town and a number (incidents:
    UUIDs), the same for the same seed.

    Attributes
    ----------
    name
        Key of the town.
    title_zh, title_en
        What pages call it.
    notice_zh, notice_en
        What every screen must say about the data: which part is real, whose it is.
    center
        (lon, lat) where the map opens.
    bounds
        (west, south, east, north) of the county.
    county_code
        Six digits, not assigned to any real county.
    attribution
        The line owed to the source of the streets.
    areas
        County, townships and communities; communities of one township cover it exactly.
    roads
        As `geodata.readers.osm.read` gives them; they reach beyond the county.
    water, green
        Columns name_zh, name_en, simulated, geometry.
    places
        Points that carry a name on the map; `kind` is suburb, neighbourhood, ...
    buildings
        Column `community` is the area code; `estate`, `building` and `address` are the parts of
        the standard address; `use` is residential, school, market, hospital, office, industry,
        campus, service or other.
    households
        Column `building` is a building id; points lie inside that building.
    needs
        One row per household and kind of need; `people` is how many of the household have it.
    facilities
        `capacity` is in people, `<NA>` where it does not apply.
    responders
        `skills` is a tuple of words, `facility` a facility id or None.
    members
        Names from which grid members are appointed, by community.
    hazards
        `blocked` is the part nobody can pass, or None.
    incidents
        `level` is 1 (gravest) to 4, `<NA>` for social-security events.
    """

    name: str
    title_zh: str
    title_en: str
    notice_zh: str
    notice_en: str
    center: tuple[float, float]
    bounds: tuple[float, float, float, float]
    county_code: str
    attribution: str
    areas: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    green: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    households: gpd.GeoDataFrame
    needs: pd.DataFrame
    facilities: gpd.GeoDataFrame
    responders: gpd.GeoDataFrame
    members: pd.DataFrame
    hazards: gpd.GeoDataFrame
    incidents: gpd.GeoDataFrame
