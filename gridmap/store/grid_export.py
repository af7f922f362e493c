"""Grids for files that leave the program: of a day, or of a scenario."""

from datetime import date

import geopandas as gpd

from gridmap.store import frames
from gridmap.store.database import Transaction
from gridmap.store.view.micro_grids import CODE

_AREAS = (
    " LEFT JOIN area AS c ON c.code = g.area_code LEFT JOIN area AS t ON t.code = left(g.area_code,"
    " 9)"
)


def of_day(tx: Transaction, area_code: str, day: date | None) -> gpd.GeoDataFrame:
    """Give the grids of an area that were in force on a day, or are now; all kinds, by code."""
    when = (
        "g.valid_to IS NULL"
        if day is None
        else "g.valid_from <= :day AND (g.valid_to IS NULL OR g.valid_to > :day)"
    )
    return frames.read(
        tx,
        "SELECT g.code, g.name, g.kind, g.special_use, g.area_code AS community_code,"
        " c.name_zh AS community, t.name_zh AS township, g.households, g.people, g.version,"
        f" g.valid_from, g.valid_to, ST_AsBinary(g.geom) AS geom FROM grid AS g{_AREAS}"
        f" WHERE {when} AND starts_with(g.code, :code) ORDER BY g.code",
        index="code",
        code=area_code,
        **({} if day is None else {"day": day}),
    )


def micro_of_day(tx: Transaction, area_code: str, day: date | None) -> gpd.GeoDataFrame:
    """Give the micro-grids of an area that were in force on a day, or are now, by code."""
    when = (
        "m.valid_to IS NULL"
        if day is None
        else "m.valid_from <= :day AND (m.valid_to IS NULL OR m.valid_to > :day)"
    )
    return frames.read(
        tx,
        f"SELECT {CODE} AS code, 'micro' AS kind, m.area_code AS grid,"
        " g.area_code AS community_code, c.name_zh AS community, t.name_zh AS township,"
        " m.households, m.people, (m.measures->>'minimum')::int AS minimum,"
        " (m.measures->>'maximum')::int AS maximum,"
        " m.valid_from, m.valid_to, ST_AsBinary(m.geom) AS geom"
        f" FROM micro_grid AS m JOIN grid AS g ON g.id = m.grid_id{_AREAS}"
        f" WHERE {when} AND starts_with(m.area_code, :code) ORDER BY m.area_code, m.number",
        index="code",
        code=area_code,
        **({} if day is None else {"day": day}),
    )


def of_scenario(tx: Transaction, scenario_id: int) -> gpd.GeoDataFrame:
    """Give the grids of a scenario by key; one that is new has no code and no days yet."""
    return frames.read(
        tx,
        "SELECT g.key, g.code, g.name, g.kind, g.special_use, g.area_code AS community_code,"
        " c.name_zh AS community, t.name_zh AS township, g.households, g.people,"
        " b.version, CASE WHEN g.changed THEN NULL ELSE b.valid_from END AS valid_from,"
        " CAST(NULL AS date) AS valid_to, ST_AsBinary(g.geom) AS geom FROM scenario_grid AS g"
        f"{_AREAS} LEFT JOIN grid AS b ON b.id = g.base_id AND NOT g.changed"
        ' WHERE g.scenario_id = :id ORDER BY g.key COLLATE "C"',
        index="key",
        id=scenario_id,
    )
