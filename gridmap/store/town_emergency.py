"""What happens in a town that has just been loaded: hazards, incidents, members of its grids."""

import json
from typing import Any

import geopandas as gpd
import pandas as pd

from gridmap.store import frames
from gridmap.store.database import Transaction
from gridmap.store.town import multipolygons

# incidents in these states are with a team, those that are done as well
_WITH_A_TEAM = ("assigned", "handling", "resolved", "closed")
_SENT = {
    "waterlogging": ("fire",),
    "welfare_check": ("medical",),
    "gas_smell": ("fire",),
    "fallen_tree": ("fire",),
    "wall": ("fire",),
    "slope": ("fire",),
    "fire_lane": ("fire", "police"),
    "dispute": ("police",),
    "noise": ("police",),
}


def insert_hazards(tx: Transaction, hazards: gpd.GeoDataFrame, codes: list[str]) -> int:
    """Insert declared hazards with the households inside them; `codes` are their areas."""
    inserted = frames.insert(
        tx,
        "hazard",
        pd.DataFrame(
            {
                "area_code": codes,
                "source_key": hazards["id"].to_numpy(),
                "kind": hazards["kind"].to_numpy(),
                "name": hazards["name_zh"].to_numpy(),
                "name_en": hazards["name_en"].to_numpy(),
                "severity": hazards["severity"].to_numpy(),
                "starts_at": _hours_ago(hazards["starts_hours_ago"]),
                "declared_at": _hours_ago(hazards["starts_hours_ago"]),
                "geom": multipolygons(hazards.geometry),
                "blocked": multipolygons(hazards["blocked"]),
            }
        ),
        on_conflict="ON CONFLICT (area_code, source_key) DO NOTHING",
    )
    tx.execute(
        "UPDATE hazard AS z SET households = c.households, people = c.people FROM ("
        " SELECT z.id, count(*) AS households, sum(h.people) AS people FROM hazard AS z"
        " JOIN household AS h ON h.geom && z.geom AND ST_Intersects(h.geom, z.geom) GROUP BY z.id)"
        " AS c WHERE c.id = z.id"
    )
    return inserted


def insert_incidents(tx: Transaction, incidents: gpd.GeoDataFrame, county_code: str) -> int:
    """Insert incidents, oldest first, each tagged with its community and grid."""
    ordered = incidents.sort_values("minutes_ago", ascending=False, kind="stable")
    rows = [
        {
            "id": str(row.id),
            "county": county_code,
            "category": row.category,
            "title": row.title_zh,
            "title_en": row.title_en,
            "level": None if pd.isna(row.level) else int(row.level),
            "state": row.state,
            "minutes": int(row.minutes_ago),
            "accuracy": float(row.accuracy_m),
            "digest": json.dumps([str(row.id), row.title_zh]).encode(),
            "wkb": row.geometry.wkb,
            "kinds": _sent(row.category) if row.state in _WITH_A_TEAM else [],
        }
        for row in ordered.itertuples()
    ]
    tx.execute_many(
        "WITH here AS (SELECT ST_GeomFromWKB(:wkb, 4326) AS geom),"
        " around AS (SELECT g.id, g.code FROM here JOIN grid AS g ON g.geom && here.geom"
        "  AND ST_Intersects(g.geom, here.geom) WHERE g.valid_to IS NULL"
        "  AND g.kind = 'comprehensive' ORDER BY g.code LIMIT 1)"
        " INSERT INTO incident (id, area_code, grid_id, grid_code, category, title, title_en,"
        "  level, state, accuracy_m, content_hash, reported_at, state_changed_at, geom,"
        "  responder_id)"
        " SELECT CAST(:id AS uuid), coalesce(around.code, :county), around.id, around.code,"
        "  :category, :title, :title_en, :level, :state, :accuracy, sha256(:digest),"
        "  now() - make_interval(mins => :minutes), now() - make_interval(mins => :minutes / 2),"
        "  here.geom, (SELECT r.id FROM responder AS r WHERE r.kind = ANY(CAST(:kinds AS text[]))"
        "   AND starts_with(r.area_code, :county) AND r.on_duty"
        # a team has one thing in hand before any has two
        "   ORDER BY (SELECT count(*) FROM incident AS i WHERE i.responder_id = r.id"
        "    AND i.state IN ('assigned', 'handling')),"
        "    array_position(CAST(:kinds AS text[]), r.kind), ST_Distance(r.geom, here.geom), r.id"
        "   LIMIT 1)"
        " FROM here LEFT JOIN around ON true ON CONFLICT (id) DO NOTHING",
        rows,
    )
    return len(rows)


def _sent(category: str) -> list[str]:
    """Name the kinds of teams that are sent to a category, the fittest first."""
    return [*_SENT.get(category, ()), "grid", "volunteer"]


def team_in_need(tx: Transaction, county_code: str) -> int | None:
    """Give the team that has most to do; None where no team has anything."""
    found = tx.value(
        "SELECT i.responder_id FROM incident AS i WHERE starts_with(i.area_code, :county)"
        " AND i.state IN ('assigned', 'handling') AND i.responder_id IS NOT NULL"
        " GROUP BY i.responder_id ORDER BY min(i.level), count(*) DESC, i.responder_id LIMIT 1",
        county=county_code,
    )
    return None if found is None else int(found)


def appoint_members(tx: Transaction, members: pd.DataFrame) -> int:
    """Give each grid without a member the next name of its community's pool."""
    free = tx.all(
        "SELECT g.code, g.area_code FROM grid AS g WHERE g.valid_to IS NULL"
        " AND g.kind = 'comprehensive' AND g.area_code = ANY(:codes) AND NOT EXISTS"
        " (SELECT 1 FROM grid_member AS m WHERE m.area_code = g.code) ORDER BY g.code",
        codes=members["community"].unique().tolist(),
    )
    pools = {
        str(code): iter(names["name"].tolist()) for code, names in members.groupby("community")
    }
    rows = [
        {"code": row["code"], "name": name}
        for row in free
        if (name := next(pools.get(row["area_code"], iter(())), None)) is not None
    ]
    tx.execute_many(
        # where the grid's station is: the inner point of a grid may lie in a lake
        "INSERT INTO grid_member (area_code, name, geom) SELECT :code, :name, coalesce("
        "(SELECT geom FROM facility WHERE area_code = :code AND kind = 'grid_station' LIMIT 1),"
        " label_point) FROM grid WHERE code = :code AND valid_to IS NULL",
        rows,
    )
    return len(rows)


def _hours_ago(hours: "pd.Series[Any]") -> list[str]:
    now = pd.Timestamp.now(tz="UTC")
    return [(now - pd.Timedelta(hours=float(value))).isoformat() for value in hours]
