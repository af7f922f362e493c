"""A whole town at once: what a demo or a first import brings in, in one transaction."""

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.store import frames
from gridmap.store.database import Row, Transaction


def loaded(tx: Transaction, key: str) -> Row | None:
    """Give the row of a town that has been loaded, or None."""
    return tx.maybe("SELECT area_code, key, loaded_at FROM town WHERE key = :key", key=key)


def insert_town(  # noqa: PLR0913 - the parts of a title page
    tx: Transaction,
    *,
    area_code: str,
    key: str,
    titles: tuple[str, str],
    notices: tuple[str, str],
    attribution: str,
    bounds: tuple[float, float, float, float],
    center: tuple[float, float],
    demo: bool,
) -> None:
    """Insert what every page says about the data."""
    west, south, east, north = bounds
    tx.execute(
        "INSERT INTO town (area_code, key, title_zh, title_en, notice_zh, notice_en, attribution,"
        " demo, bounds, center) VALUES (:area_code, :key, :title_zh, :title_en, :notice_zh,"
        " :notice_en, :attribution, :demo, ST_MakeEnvelope(:west, :south, :east, :north, 4326),"
        " ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))",
        area_code=area_code,
        key=key,
        title_zh=titles[0],
        title_en=titles[1],
        notice_zh=notices[0],
        notice_en=notices[1],
        attribution=attribution,
        demo=demo,
        west=west,
        south=south,
        east=east,
        north=north,
        lon=center[0],
        lat=center[1],
    )


def insert_areas(tx: Transaction, areas: gpd.GeoDataFrame) -> None:
    """Insert areas, parents first: columns `code, level, parent, name_zh, name_en`."""
    ordered = areas.sort_values("code", key=lambda codes: codes.str.len(), kind="stable")
    frames.insert(
        tx,
        "area",
        pd.DataFrame(
            {
                "code": ordered["code"],
                "level": ordered["level"],
                "parent_code": ordered["parent"],
                "name_zh": ordered["name_zh"],
                "name_en": ordered["name_en"],
                "geom": multipolygons(ordered.geometry),
            }
        ),
    )


def insert_roads(tx: Transaction, roads: gpd.GeoDataFrame, area_code: str) -> int:
    """Insert streets with the columns of the OSM reader; the row's label is its key."""
    columns = [name for name in roads.columns if name != roads.geometry.name]
    table = pd.DataFrame(roads[columns])
    table.insert(0, "area_code", area_code)
    table.insert(1, "source_key", [str(label) for label in roads.index])
    table["geom"] = _objects(roads.geometry)
    return frames.insert(tx, "road", table)


def insert_ground(
    tx: Transaction, table: str, ground: gpd.GeoDataFrame, area_code: str, kind: str
) -> int:
    """Insert water or green: columns `name_zh`, `simulated`."""
    return frames.insert(
        tx,
        table,
        pd.DataFrame(
            {
                "area_code": area_code,
                "source_key": [str(label) for label in ground.index],
                "kind": ground.get("kind", kind),
                "name": ground["name_zh"],
                "name_en": ground["name_en"],
                "simulated": ground["simulated"].astype(bool),
                "geom": _objects(ground.geometry),
            }
        ),
    )


def insert_buildings(
    tx: Transaction, buildings: gpd.GeoDataFrame, keys: "pd.Series[Any]"
) -> "pd.Series[Any]":
    """Insert buildings and give their ids by source id.

    Parameters
    ----------
    buildings
        Columns `id, community, estate, building, address, levels, units, use`.
    keys
        Standard address of each, on the same index.
    """
    frames.insert(
        tx,
        "building",
        pd.DataFrame(
            {
                "area_code": buildings["community"],
                "source_key": buildings["id"],
                "estate": buildings["estate"],
                "building": buildings["building"],
                "address": buildings["address"],
                "address_key": keys,
                "levels": buildings["levels"],
                "units": buildings["units"],
                "use": buildings["use"],
                "geom": multipolygons(buildings.geometry),
            }
        ),
    )
    return _ids(tx, "building", buildings["community"].unique().tolist())


def insert_households(
    tx: Transaction, households: gpd.GeoDataFrame, buildings: "pd.Series[Any]"
) -> "pd.Series[Any]":
    """Insert placed households and give their ids by source id.

    Parameters
    ----------
    households
        Columns `id, community, building, unit, room, address, householder, people, residence,
        registered_at, phone`.
    buildings
        Building id by source id.
    """
    frames.insert(
        tx,
        "household",
        pd.DataFrame(
            {
                "area_code": households["community"],
                "source_key": households["id"],
                "building_id": households["building"].map(buildings).astype("Int64"),
                "unit": households["unit"],
                "room": households["room"],
                "address": households["address"],
                "householder": households["householder"],
                "phone": households["phone"],
                "people": households["people"],
                "residence": households["residence"],
                "registered_at": households["registered_at"],
                "placed_by": "building",
                "geom": _objects(households.geometry),
            }
        ),
    )
    return _ids(tx, "household", households["community"].unique().tolist())


def insert_needs(
    tx: Transaction, needs: pd.DataFrame, households: "pd.Series[Any]", areas: "pd.Series[Any]"
) -> int:
    """Insert needs: columns `household, kind, people, note`; ids and area codes by source id."""
    return frames.insert(
        tx,
        "household_need",
        pd.DataFrame(
            {
                "household_id": needs["household"].map(households),
                "area_code": needs["household"].map(areas),
                "kind": needs["kind"],
                "people": needs["people"],
                "note": needs["note"],
            }
        ),
    )


def insert_facilities(
    tx: Transaction, facilities: gpd.GeoDataFrame, area_code: str
) -> "pd.Series[Any]":
    """Insert facilities, and shelters with their capacity; give their ids by source id."""
    frames.insert(
        tx,
        "facility",
        pd.DataFrame(
            {
                "area_code": area_code,
                "source_key": facilities["id"],
                "kind": facilities["kind"],
                "name": facilities["name_zh"],
                "name_en": facilities["name_en"],
                "address": facilities["address"],
                "crew": facilities["crew"],
                "level": facilities["level"],
                "hours": [
                    None if each is None else json.dumps(each) for each in facilities["hours"]
                ],
                "geom": _objects(facilities.geometry),
            }
        ),
    )
    ids = _ids(tx, "facility", [area_code])
    shelters = facilities[facilities["kind"] == "shelter"]
    frames.insert(
        tx,
        "shelter",
        pd.DataFrame(
            {
                "facility_id": shelters["id"].map(ids),
                "area_code": area_code,
                "capacity": shelters["capacity"],
                "accessible": shelters["accessible"].astype(bool),
                "area_m2": shelters["area_m2"],
            }
        ),
    )
    return ids


def insert_responders(
    tx: Transaction, responders: gpd.GeoDataFrame, facilities: "pd.Series[Any]", area_code: str
) -> int:
    """Insert teams: columns `id, kind, name, people, skills, facility, on_duty`."""
    return frames.insert(
        tx,
        "responder",
        pd.DataFrame(
            {
                "area_code": area_code,
                "source_key": responders["id"],
                "kind": responders["kind"],
                "name": responders["name"],
                "name_en": responders.get("name_en", None),
                "people": responders["people"],
                "skills": ["{" + ",".join(skills) + "}" for skills in responders["skills"]],
                "facility_id": responders["facility"].map(facilities).astype("Int64"),
                "on_duty": responders["on_duty"].astype(bool),
                "geom": _objects(responders.geometry),
            }
        ),
    )


def insert_places(tx: Transaction, places: gpd.GeoDataFrame, area_code: str) -> int:
    """Insert named places: columns `kind, name_zh, name_en`."""
    return frames.insert(
        tx,
        "place",
        pd.DataFrame(
            {
                "area_code": area_code,
                "source_key": [str(label) for label in places.index],
                "kind": places["kind"],
                "name": places["name_zh"],
                "name_en": places["name_en"],
                "geom": _objects(places.geometry),
            }
        ),
    )


def multipolygons(shapes: gpd.GeoSeries) -> Any:
    """Give polygons as multipolygons, missing ones as None."""
    made = np.empty(len(shapes), dtype=object)
    for position, shape in enumerate(shapes):
        missing = shape is None or (isinstance(shape, float) and np.isnan(shape))
        made[position] = None if missing else shapely.multipolygons(shapely.get_parts(shape))
    return made


def _objects(shapes: gpd.GeoSeries) -> Any:
    return np.asarray(shapes, dtype=object)


def _ids(tx: Transaction, table: str, codes: list[str]) -> "pd.Series[Any]":
    found = frames.read_table(
        tx,
        f"SELECT source_key, id FROM {table} WHERE area_code = ANY(:codes)",
        codes=codes,
    )
    return found.set_index("source_key")["id"]
