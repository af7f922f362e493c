"""Grids in force: what is drawn is stored with its households in one transaction."""

from datetime import date

import geopandas as gpd

from gridmap.store import frames
from gridmap.store.database import Row, Transaction
from gridmap.store.merged_community import GROUND, flattened


def in_force(tx: Transaction, area_code: str, kind: str = "comprehensive") -> gpd.GeoDataFrame:
    """Give the grids in force of an area, by code: `area_code`, `households`, `people`."""
    return frames.read(
        tx,
        "SELECT code, area_code, households, people, ST_AsBinary(geom) AS geom FROM grid"
        " WHERE valid_to IS NULL AND kind = :kind AND starts_with(code, :code) ORDER BY code",
        index="code",
        code=area_code,
        kind=kind,
    )


def communities_with_grids(tx: Transaction, area_code: str) -> set[str]:
    """Give the codes of communities that have comprehensive grids, now or once."""
    found = tx.all(
        "SELECT DISTINCT area_code FROM grid WHERE kind = 'comprehensive'"
        " AND starts_with(area_code, :code)",
        code=area_code,
    )
    return {row["area_code"] for row in found}


def households_of(tx: Transaction, community_code: str) -> gpd.GeoDataFrame:
    """Give the placed households of a community, by id, with `people`."""
    codes = {f"code{i}": code for i, code in enumerate(flattened(tx, [community_code]))}
    # a prefix each, said apart: only so is the index on codes used
    within = " OR ".join(f"starts_with(area_code, :{name})" for name in codes)
    return frames.read(
        tx,
        "SELECT id, people, ST_AsBinary(geom) AS geom FROM household"
        f" WHERE geom IS NOT NULL AND ({within}) ORDER BY id",
        **codes,
    )


def buildings_of(tx: Transaction, community_code: str) -> gpd.GeoDataFrame:
    """Give the buildings that meet a community; one of a draft has those of its old ones."""
    return frames.read(
        tx,
        f"SELECT b.id, ST_AsBinary(b.geom) AS geom FROM {GROUND} AS a"
        " JOIN building AS b ON b.geom && a.geom AND ST_Intersects(b.geom, a.geom) ORDER BY b.id",
        codes=flattened(tx, [community_code]),
    )


def insert(tx: Transaction, grids: gpd.GeoDataFrame, day: date | None = None) -> int:
    """Insert grids: columns `code, area_code, households, people, measures, geom, label_point`.

    They begin on `day`, or on the database's own day: in the evening the two may differ.
    """
    return frames.insert(tx, "grid", grids if day is None else grids.assign(valid_from=day))


def tag_households(tx: Transaction, area_code: str) -> int:
    """Give every placed household of an area the code of its grid; ties go to the lower code."""
    tagged = tx.execute(
        "UPDATE household AS h SET area_code = g.code FROM ("
        " SELECT DISTINCT ON (h.id) h.id, g.code FROM household AS h"
        "  JOIN grid AS g ON g.geom && h.geom AND ST_Intersects(g.geom, h.geom)"
        "  WHERE g.valid_to IS NULL AND g.kind = 'comprehensive' AND starts_with(g.code, :code)"
        "  AND starts_with(h.area_code, :code) AND starts_with(g.code, left(h.area_code, 12))"
        "  ORDER BY h.id, g.code) AS g"
        " WHERE h.id = g.id AND h.area_code <> g.code",
        code=area_code,
    )
    tx.execute(
        "UPDATE household_need AS n SET area_code = h.area_code FROM household AS h"
        " WHERE h.id = n.household_id AND n.area_code <> h.area_code"
        " AND starts_with(h.area_code, :code)",
        code=area_code,
    )
    tx.execute(
        "UPDATE grid AS g SET households = c.households, people = c.people FROM ("
        " SELECT area_code, count(*) AS households, sum(people) AS people FROM household"
        " WHERE geom IS NOT NULL AND starts_with(area_code, :code) GROUP BY area_code) AS c"
        " WHERE g.code = c.area_code AND g.valid_to IS NULL AND g.kind = 'comprehensive'"
        " AND (g.households, g.people) IS DISTINCT FROM (c.households, c.people)",
        code=area_code,
    )
    return tagged


def at(tx: Transaction, lon: float, lat: float) -> Row | None:
    """Give the comprehensive grid in force around a point; ties go to the lower code."""
    return tx.maybe(
        "SELECT id, code FROM grid WHERE valid_to IS NULL AND kind = 'comprehensive'"
        " AND geom && ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)"
        " AND ST_Intersects(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))"
        " ORDER BY code LIMIT 1",
        lon=lon,
        lat=lat,
    )


def appoint(tx: Transaction, area_code: str) -> int:
    """Make a station for the member's rounds in every grid that has none.

    At the household nearest to the inner point: the point itself may lie in a lake.
    """
    return tx.execute(
        "INSERT INTO facility (area_code, source_key, kind, name, name_en, geom)"
        " SELECT g.code, 'station-' || g.code, 'grid_station',"
        " '网格 ' || substr(g.code, 10, 3) || '-' || right(g.code, 3),"
        " 'Grid ' || substr(g.code, 10, 3) || '-' || right(g.code, 3),"
        " coalesce((SELECT h.geom FROM household AS h WHERE h.area_code = g.code"
        "  AND h.geom IS NOT NULL ORDER BY h.geom <-> g.label_point, h.id LIMIT 1), g.label_point)"
        " FROM grid AS g WHERE g.valid_to IS NULL AND g.kind = 'comprehensive'"
        " AND starts_with(g.code, :code) ON CONFLICT (area_code, source_key) DO NOTHING",
        code=area_code,
    )


def at_day(tx: Transaction, lon: float, lat: float, day: date) -> Row | None:
    """Give the comprehensive grid that was around a point on a day; ties go to the lower code."""
    return tx.maybe(
        "SELECT code, substr(code, 10, 3) || '-' || right(code, 3) AS label, name, version,"
        " valid_from, valid_to FROM grid WHERE kind = 'comprehensive'"
        " AND valid_from <= :day AND (valid_to IS NULL OR valid_to > :day)"
        " AND geom && ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)"
        " AND ST_Intersects(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))"
        " ORDER BY code LIMIT 1",
        lon=lon,
        lat=lat,
        day=day,
    )


def begin_with_the_year(tx: Transaction, area_code: str) -> int:
    """Have the grids of an area been in force since New Year's Day of last year."""
    return tx.execute(
        "UPDATE grid SET valid_from = (date_trunc('year', now()) - interval '1 year')::date"
        " WHERE valid_to IS NULL AND starts_with(code, :code)",
        code=area_code,
    )


def days(tx: Transaction) -> list[Row]:
    """Give the days on which grids changed, newest first: how many began, changed, ended."""
    return tx.all(
        "SELECT day AS date, count(*) FILTER (WHERE began AND NOT ended)::int AS new,"
        " count(*) FILTER (WHERE began AND ended)::int AS changed,"
        " count(*) FILTER (WHERE ended AND NOT began)::int AS ended"
        " FROM (SELECT day, code, bool_or(began) AS began, bool_or(NOT began) AS ended"
        "  FROM (SELECT valid_from AS day, code, true AS began FROM grid"
        "   UNION ALL SELECT valid_to, code, false FROM grid WHERE valid_to IS NOT NULL) AS each_"
        "  GROUP BY day, code) AS by_code GROUP BY day ORDER BY day DESC LIMIT 1000"
    )
