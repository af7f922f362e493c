"""Ways on foot in the grids of a scenario: what a worker has still to measure, and what it has."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd

from gridmap.store import frames
from gridmap.store.database import Row, Transaction
from gridmap.store.scenario_building import Box

_ROADS = (
    "id, highway, name, oneway, maxspeed_kmh, bridge, tunnel, layer, maxheight_m, maxweight_t,"
    " maxwidth_m, ST_AsBinary(geom) AS geom"
)


def pending(tx: Transaction, scenario_id: int) -> list[Row]:
    """Give the grids whose ways have not been measured, the changed ones first.

    `key`, `version`, `geom` (WKB), and where their member's rounds begin: `member_id`, `lon`,
    `lat`; without a place of their own that of the grid's station.
    """
    return tx.all(
        "SELECT g.key, g.version, ST_AsBinary(g.geom) AS geom, m.id AS member_id,"
        " ST_X(coalesce(m.geom, f.geom)) AS lon, ST_Y(coalesce(m.geom, f.geom)) AS lat"
        " FROM scenario_grid AS g LEFT JOIN LATERAL (SELECT m.id, m.geom, m.area_code"
        "  FROM grid_member AS m WHERE m.id = g.member_id OR (g.member_id IS NULL"
        "   AND m.valid_to IS NULL AND m.area_code = coalesce(g.code, g.parent))"
        "  ORDER BY m.role = 'member' DESC, m.id LIMIT 1) AS m ON true"
        " LEFT JOIN LATERAL (SELECT f.geom FROM facility AS f WHERE f.kind = 'grid_station'"
        "  AND f.open AND f.area_code = coalesce(m.area_code, g.code, g.parent)"
        "  ORDER BY f.id LIMIT 1) AS f ON true"
        " WHERE g.scenario_id = :id AND g.kind = 'comprehensive' AND g.walk = '{}'"
        ' ORDER BY g.version DESC, g.key COLLATE "C"',
        id=scenario_id,
    )


def roads(tx: Transaction, box: Box) -> gpd.GeoDataFrame:
    """Give the streets of a box, as the network wants them."""
    west, south, east, north = map(float, box)
    return frames.read(
        tx,
        f"SELECT {_ROADS} FROM road WHERE geom && ST_MakeEnvelope(:w, :s, :e, :n, 4326)"
        " ORDER BY id",
        w=west,
        s=south,
        e=east,
        n=north,
    )


def save(tx: Transaction, scenario_id: int, walks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Store ways (`key`, `version`, `walk`) of grids that are still as they were; give which."""
    rows = tx.all(
        "UPDATE scenario_grid AS g SET walk = r.walk FROM jsonb_to_recordset(CAST(:rows AS jsonb))"
        " AS r(key text, version int, walk jsonb)"
        " WHERE g.scenario_id = :id AND g.key = r.key AND g.version = r.version RETURNING g.key",
        id=scenario_id,
        rows=json.dumps([dict(each) for each in walks], allow_nan=False),
    )
    return sorted(row["key"] for row in rows)


def queued(tx: Transaction, kind: str, scenario_id: int) -> bool:
    """Tell whether a job waits that has not begun: it will see what is there then."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM job WHERE kind = :kind AND state = 'queued'"
            " AND (arguments->>'scenario')::bigint = :id)",
            kind=kind,
            id=scenario_id,
        )
    )
