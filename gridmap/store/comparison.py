"""Two drawings of grids to lay side by side, and who lives on their ground."""

from datetime import date

import geopandas as gpd

from gridmap.store import frames
from gridmap.store.database import Row, Transaction

_MEASURES = (
    "(measures->>'deviation')::float8 AS deviation,"
    " (measures->>'polsby_popper')::float8 AS polsby_popper,"
    " (measures->>'along_roads')::float8 AS along_roads"
)
_PLACE = "ST_X(label_point) AS lon, ST_Y(label_point) AS lat, ST_AsBinary(geom) AS geom"


def on_day(tx: Transaction, area: str, day: date) -> gpd.GeoDataFrame:
    """Give the comprehensive grids of an area on a day, by code."""
    return frames.read(
        tx,
        f"SELECT code AS key, code, area_code, name, code AS heir, NULL::bigint AS member_id,"
        f" {_MEASURES}, {_PLACE} FROM grid WHERE kind = 'comprehensive'"
        " AND starts_with(code, :area) AND valid_from <= :day"
        " AND (valid_to IS NULL OR valid_to > :day) ORDER BY code",
        index="key",
        area=area,
        day=day,
    )


def of_scenario(tx: Transaction, scenario_id: int, area: str) -> gpd.GeoDataFrame:
    """Give the grids of a scenario in an area, by code.

    One without a code is known by its key and the scenario: those of others go by the same keys.
    """
    return frames.read(
        tx,
        "SELECT coalesce(code, key || '@' || scenario_id) AS key, code, area_code, name,"
        f" coalesce(code, parent) AS heir, member_id, {_MEASURES}, {_PLACE} FROM scenario_grid"
        " WHERE scenario_id = :id AND kind = 'comprehensive' AND starts_with(area_code, :area)"
        ' ORDER BY key COLLATE "C"',
        index="key",
        id=scenario_id,
        area=area,
    )


_SPECIAL = (
    "SELECT coalesce(code, key) AS key, area_code, name, special_use, households,"
    " round(ST_Area(geom::geography)::numeric)::int AS area_m2, md5(ST_AsBinary(geom)) AS ground,"
    " ST_X(label_point) AS lon, ST_Y(label_point) AS lat, ST_AsGeoJSON(geom, 7) AS geojson FROM"
)


def special(tx: Transaction, area: str, day: date, scenario_id: int | None) -> list[Row]:
    """Give the special grids of a scenario in an area, or of a day: `ground` tells outlines apart.

    One without a code is known by its key and the scenario.
    """
    if scenario_id is not None:
        return tx.all(
            f"{_SPECIAL} (SELECT key || '@' || scenario_id AS key, code, area_code, name,"
            "  special_use, households, geom, label_point FROM scenario_grid"
            "  WHERE scenario_id = :id AND kind = 'special' AND starts_with(area_code, :area)) AS g"
            ' ORDER BY key COLLATE "C"',
            id=scenario_id,
            area=area,
        )
    return tx.all(
        f"{_SPECIAL} (SELECT code AS key, code, area_code, name, special_use, households, geom,"
        "  label_point FROM grid WHERE kind = 'special' AND starts_with(code, :area)"
        "  AND valid_from <= :day AND (valid_to IS NULL OR valid_to > :day)) AS g ORDER BY code",
        area=area,
        day=day,
    )


def households(tx: Transaction, area: str) -> gpd.GeoDataFrame:
    """Give the placed households of an area by id: `people`."""
    return frames.read(
        tx,
        "SELECT id, people, ST_AsBinary(geom) AS geom FROM household"
        " WHERE geom IS NOT NULL AND starts_with(area_code, :area) ORDER BY id",
        area=area,
    )


def needy(tx: Transaction, ids: list[int]) -> int:
    """Count the households among some that have needs."""
    return int(
        tx.value(
            "SELECT count(DISTINCT household_id) FROM household_need"
            " WHERE household_id = ANY(:ids)",
            ids=ids,
        )
    )


def people_of(tx: Transaction, ids: list[int]) -> list[Row]:
    """Read some households as lists show them, unmasked, by address."""
    return tx.all(
        "SELECT h.id, h.area_code, h.address, h.householder, h.phone, h.people,"
        " (SELECT string_agg(n.kind, ' ' ORDER BY n.kind) FROM household_need AS n"
        "  WHERE n.household_id = h.id) AS needs"
        " FROM household AS h WHERE h.id = ANY(:ids) ORDER BY h.area_code, h.address, h.id",
        ids=ids,
    )
