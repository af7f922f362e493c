"""Grids, blocks and findings of a scenario as GeoJSON that the database writes."""

from collections.abc import Sequence
from typing import Any

from gridmap.store.database import Row, Transaction

_LABEL = (
    "substr({0}.area_code, 10, 3) || '-' || CASE WHEN {0}.code IS NULL THEN {0}.key"
    " ELSE right({0}.code, 3) END"
)
LABEL = _LABEL.format("g")


_PROPERTIES = (
    f"'key', g.key, 'label', {LABEL}, 'code', g.code, 'name', g.name,"
    " 'community', g.area_code, 'kind', g.kind, 'special_use', g.special_use,"
    " 'area_m2', g.measures->'area_m2', 'facilities', g.measures->'facilities',"
    " 'member', CASE WHEN m.id IS NULL THEN NULL"
    "  ELSE json_build_object('id', m.id, 'name', m.name) END,"
    " 'households', g.households, 'people', g.people,"
    " 'moved_households', g.moved_households, 'deviation', (g.measures->>'deviation')::float8,"
    " 'polsby_popper', (g.measures->>'polsby_popper')::float8,"
    " 'reock', (g.measures->>'reock')::float8,"
    " 'along_roads', (g.measures->>'along_roads')::float8,"
    " 'walkable', (g.measures->>'walkable')::boolean,"
    " 'contiguous', (g.measures->>'contiguous')::boolean,"
    " 'cuts_buildings', jsonb_array_length(g.notes),"
    " 'workload', json_build_object('visits_due', g.measures->'visits_due',"
    "  'incidents_year', g.measures->'incidents_year', 'hazards', g.measures->'hazards',"
    "  'doors', g.measures->'doors', 'round_metres', g.measures->'round_metres'),"
    " 'cut_by', coalesce(g.measures->'cut_by', '[]'),"
    " 'walk', CASE WHEN g.kind = 'special' THEN NULL"
    "  WHEN g.walk = '{}' THEN '{\"state\": \"pending\"}' ELSE g.walk END,"
    " 'changed', g.changed,"
    " 'label_point', json_build_array(round(ST_X(g.label_point)::numeric, 6),"
    "  round(ST_Y(g.label_point)::numeric, 6))"
)
_GRIDS = (
    " FROM scenario_grid AS g LEFT JOIN LATERAL (SELECT m.id, m.name FROM grid_member AS m"
    "  WHERE m.id = g.member_id OR (g.member_id IS NULL AND m.valid_to IS NULL"
    "   AND m.area_code = coalesce(g.code, g.parent))"
    "  ORDER BY m.role = 'member' DESC, m.id LIMIT 1) AS m ON true"
    " WHERE g.scenario_id = :id"
    " AND (CAST(:keys AS text[]) IS NULL OR g.key = ANY(CAST(:keys AS text[])))"
    ' ORDER BY g.key COLLATE "C"'
)


def grids(tx: Transaction, scenario_id: int, keys: Sequence[str] | None = None) -> list[str]:
    """Give the grids of a scenario, or some of them, as features in text."""
    rows = tx.all(
        "SELECT json_build_object('type', 'Feature', 'id', g.key, 'geometry',"
        f" ST_AsGeoJSON(g.geom, 7)::json, 'properties', json_build_object({_PROPERTIES}))::text"
        f" AS feature{_GRIDS}",
        id=scenario_id,
        keys=None if keys is None else list(keys),
    )
    return [row["feature"] for row in rows]


def measures(
    tx: Transaction, scenario_id: int, keys: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """Give what `grids` gives, without shapes."""
    rows = tx.all(
        f"SELECT json_build_object({_PROPERTIES}) AS measures{_GRIDS}",
        id=scenario_id,
        keys=None if keys is None else list(keys),
    )
    return [row["measures"] for row in rows]


def blocks(tx: Transaction, scenario_id: int) -> list[str]:
    """Give the blocks of a scenario as features in text, each with the grid it lies in now."""
    rows = tx.all(
        "SELECT json_build_object('type', 'Feature', 'id', b.id,"
        " 'geometry', ST_AsGeoJSON(b.geom, 7)::json, 'properties', json_build_object("
        " 'grid', g.key, 'community', coalesce(g.area_code, b.area_code),"
        " 'households', b.households,"
        " 'people', b.people))::text AS feature"
        " FROM scenario_block AS b LEFT JOIN LATERAL (SELECT g.key, g.area_code"
        "  FROM scenario_grid AS g WHERE g.scenario_id = b.scenario_id"
        "  AND (g.area_code = b.area_code OR EXISTS (SELECT 1 FROM merged_community AS m"
        "   WHERE m.code = g.area_code AND b.area_code = ANY(m.communities)))"
        "  AND g.kind = 'comprehensive'"
        "  AND g.geom && b.point AND ST_Intersects(g.geom, b.point)"
        '  ORDER BY g.key COLLATE "C" LIMIT 1) AS g ON true'
        " WHERE b.scenario_id = :id ORDER BY b.id",
        id=scenario_id,
    )
    return [row["feature"] for row in rows]


def findings(tx: Transaction, scenario_id: int) -> list[Row]:
    """Give what was found in a scenario, errors first."""
    return tx.all(
        "SELECT kind, severity, grids, area_m2, figures, validated,"
        " ST_AsGeoJSON(geom, 7)::json AS geometry,"
        " round(ST_X(ST_PointOnSurface(geom))::numeric, 6)::float8 AS lon,"
        " round(ST_Y(ST_PointOnSurface(geom))::numeric, 6)::float8 AS lat"
        " FROM finding WHERE scenario_id = :id ORDER BY severity, kind, id",
        id=scenario_id,
    )


def bounds(tx: Transaction, scenario_id: int) -> list[float] | None:
    """Give west, south, east and north of a scenario in degrees."""
    row: Any = tx.one(
        "SELECT ST_XMin(e) AS w, ST_YMin(e) AS s, ST_XMax(e) AS e, ST_YMax(e) AS n"
        " FROM (SELECT ST_Extent(geom)::geometry AS e FROM scenario_grid"
        "  WHERE scenario_id = :id) AS all_of_it",
        id=scenario_id,
    )
    return None if row["w"] is None else [row["w"], row["s"], row["e"], row["n"]]


def labels(tx: Transaction, scenario_id: int) -> dict[str, str]:
    """Give the label of each grid of a scenario by key."""
    rows = tx.all(
        f"SELECT g.key, {LABEL} AS label FROM scenario_grid AS g WHERE g.scenario_id = :id",
        id=scenario_id,
    )
    return {row["key"]: row["label"] for row in rows}
