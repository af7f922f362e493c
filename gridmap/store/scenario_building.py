"""Buildings in the grids of a scenario, with the households in each."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd

from gridmap.store import frames
from gridmap.store.database import Transaction

Box = tuple[float, float, float, float]


def features_in(tx: Transaction, scenario_id: int, box: Box, limit: int) -> list[str]:
    """Give the buildings of a box that stand in a grid of the scenario, as features in text."""
    west, south, east, north = box
    rows = tx.all(
        "SELECT json_build_object('type', 'Feature', 'id', b.id,"
        " 'geometry', ST_AsGeoJSON(b.geom, 7)::json, 'properties', json_build_object("
        " 'grid', g.key, 'address', b.address, 'households', coalesce(h.households, 0),"
        " 'people', coalesce(h.people, 0)))::text AS feature FROM building AS b"
        " CROSS JOIN LATERAL (SELECT g.key FROM scenario_grid AS g WHERE g.scenario_id = :id"
        "  AND g.kind = 'comprehensive' AND g.geom && b.geom"
        "  AND ST_Intersects(g.geom, ST_PointOnSurface(b.geom))"
        '  ORDER BY g.key COLLATE "C" LIMIT 1) AS g'
        " LEFT JOIN LATERAL (SELECT count(*)::int AS households, sum(people)::int AS people"
        "  FROM household AS h WHERE h.building_id = b.id AND h.geom IS NOT NULL) AS h ON true"
        " WHERE b.geom && ST_MakeEnvelope(:w, :s, :e, :n, 4326) ORDER BY b.id LIMIT :limit",
        id=scenario_id,
        w=west,
        s=south,
        e=east,
        n=north,
        limit=limit,
    )
    return [row["feature"] for row in rows]


def shapes(tx: Transaction, ids: Sequence[int]) -> gpd.GeoDataFrame:
    """Give buildings by id."""
    return frames.read(
        tx,
        "SELECT id, ST_AsBinary(geom) AS geom FROM building WHERE id = ANY(:ids) ORDER BY id",
        ids=list(ids),
    )


def blocks_of(tx: Transaction, scenario_id: int, ids: Sequence[int]) -> gpd.GeoDataFrame:
    """Give the blocks of a scenario in which buildings stand: `community`."""
    return frames.read(
        tx,
        "SELECT k.id, scenario_community(k.scenario_id, k.area_code) AS community,"
        " ST_AsBinary(k.geom) AS geom"
        " FROM scenario_block AS k WHERE k.scenario_id = :scenario AND EXISTS (SELECT 1"
        "  FROM building AS b WHERE b.id = ANY(:ids) AND b.geom && k.geom"
        "  AND ST_Intersects(b.geom, k.geom)) ORDER BY k.id",
        scenario=scenario_id,
        ids=list(ids),
    )


def beside(tx: Transaction, box: Box, ids: Sequence[int]) -> Any:
    """Give the shapes of the other buildings in a box."""
    west, south, east, north = box
    found = frames.read(
        tx,
        "SELECT id, ST_AsBinary(geom) AS geom FROM building WHERE id <> ALL(:ids)"
        " AND geom && ST_MakeEnvelope(:w, :s, :e, :n, 4326) ORDER BY id",
        ids=list(ids),
        w=float(west),
        s=float(south),
        e=float(east),
        n=float(north),
    )
    return found.geometry.to_numpy()
