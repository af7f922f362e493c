"""Special grids of a scenario: outlines that lie over the comprehensive ones."""

from collections.abc import Sequence

import geopandas as gpd

from gridmap.store import frames
from gridmap.store.database import Row, Transaction

_SPECIAL = "kind = 'special' AND scenario_id = :id"


def shapes(
    tx: Transaction, scenario_id: int, wkb: bytes | None = None, but: str | None = None
) -> gpd.GeoDataFrame:
    """Give the special grids of a scenario by key: `community`.

    Parameters
    ----------
    wkb
        Only those near this shape.
    but
        Key of one that is left out.
    """
    return frames.read(
        tx,
        "SELECT key, area_code AS community, ST_AsBinary(geom) AS geom FROM scenario_grid"
        f" WHERE {_SPECIAL} AND key IS DISTINCT FROM CAST(:but AS text)"
        " AND (CAST(:wkb AS bytea) IS NULL OR geom && ST_GeomFromWKB(:wkb, 4326))"
        ' ORDER BY key COLLATE "C"',
        index="key",
        id=scenario_id,
        wkb=wkb,
        but=but,
    )


def known(tx: Transaction, scenario_id: int, keys: Sequence[str]) -> list[str]:
    """Name those among some grids that are special."""
    rows = tx.all(
        f"SELECT key FROM scenario_grid WHERE {_SPECIAL} AND key = ANY(:keys)"
        ' ORDER BY key COLLATE "C"',
        id=scenario_id,
        keys=list(keys),
    )
    return [row["key"] for row in rows]


def communities_near(
    tx: Transaction, scenario_id: int, area_code: str, wkb: bytes
) -> gpd.GeoDataFrame:
    """Give the communities of an area that a shape may meet, merged as in a scenario, by code."""
    return frames.read(
        tx,
        "SELECT code, ST_AsBinary(ST_Union(geom)) AS geom FROM ("
        " SELECT scenario_community(:id, code) AS code, geom FROM area WHERE level = 'community'"
        "  AND starts_with(code, :area) AND valid_to IS NULL) AS c"
        " GROUP BY code HAVING ST_Extent(geom)::geometry && ST_GeomFromWKB(:wkb, 4326)"
        " ORDER BY code",
        index="code",
        id=scenario_id,
        area=area_code,
        wkb=wkb,
    )


def inside(tx: Transaction, community: str, wkb: bytes) -> Row:
    """Count what lies on some ground of a community: households, people, places; square metres.

    Stations of members belong to the grid they serve and are no place of their own.
    """
    return tx.one(
        "WITH g AS (SELECT ST_GeomFromWKB(:wkb, 4326) AS geom)"
        " SELECT h.households, h.people, f.facilities,"
        "  round(ST_Area(g.geom::geography)::numeric)::int AS area_m2 FROM g"
        " CROSS JOIN LATERAL (SELECT count(*)::int AS households,"
        "  coalesce(sum(people), 0)::int AS people FROM household AS h"
        "  WHERE (starts_with(h.area_code, :code) OR left(h.area_code, 12) = ANY(ARRAY(SELECT"
        "   unnest(communities) FROM merged_community WHERE code = :code))) AND h.geom && g.geom"
        "  AND ST_Intersects(h.geom, g.geom)) AS h"
        " CROSS JOIN LATERAL (SELECT count(*)::int AS facilities FROM facility AS f"
        "  WHERE f.open AND f.kind <> 'grid_station' AND f.geom && g.geom"
        "  AND ST_Intersects(f.geom, g.geom)) AS f",
        code=community,
        wkb=wkb,
    )


def recount(tx: Transaction, community: str) -> int:
    """Count anew who lives on the ground of the special grids in force of a community."""
    return tx.execute(
        "UPDATE grid AS g SET households = c.households, people = c.people FROM ("
        " SELECT s.id, count(h.id) AS households, coalesce(sum(h.people), 0) AS people"
        "  FROM grid AS s LEFT JOIN household AS h ON h.geom && s.geom"
        "   AND ST_Intersects(h.geom, s.geom) AND starts_with(h.area_code, s.area_code)"
        "  WHERE s.kind = 'special' AND s.valid_to IS NULL AND s.area_code = :code"
        "  GROUP BY s.id) AS c"
        " WHERE g.id = c.id AND (g.households, g.people) IS DISTINCT FROM (c.households, c.people)",
        code=community,
    )
