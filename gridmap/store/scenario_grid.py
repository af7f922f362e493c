"""Grids and blocks of a scenario."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.store import frames
from gridmap.store.database import Row, Transaction

_COLUMNS = (
    "area_code, code, parent, base_id, name, kind, special_use, member_id, households, people,"
    " moved_households, moved_people, measures, notes, changed"
)
# the version of a row is no part of it: what is undone is as it was, in a version of its own
_IMAGE = f"key, {_COLUMNS}, encode(ST_AsBinary(geom), 'hex') AS geom," + (
    " encode(ST_AsBinary(label_point), 'hex') AS label_point"
)


def copy_in_force(tx: Transaction, scenario_id: int, communities: Sequence[str]) -> int:
    """Copy the grids in force of some communities into a scenario, the special ones over them.

    Returns
    -------
    int
        Number of comprehensive grids.
    """
    tx.execute(
        "INSERT INTO scenario_base (scenario_id, grid_id, area_code, code)"
        " SELECT :id, id, area_code, code FROM grid WHERE valid_to IS NULL"
        " AND kind IN ('comprehensive', 'special') AND area_code = ANY(:communities)",
        id=scenario_id,
        communities=list(communities),
    )
    tx.execute(
        "INSERT INTO scenario_grid (scenario_id, key, area_code, code, base_id, name, kind,"
        "  special_use, households, people, measures, geom, label_point)"
        " SELECT :id, g.code, g.area_code, g.code, g.id, g.name, g.kind, g.special_use,"
        "  g.households, g.people, g.measures, g.geom, g.label_point FROM grid AS g"
        " JOIN scenario_base AS b ON b.grid_id = g.id"
        " WHERE b.scenario_id = :id AND g.area_code = ANY(:communities)",
        id=scenario_id,
        communities=list(communities),
    )
    return int(
        tx.value(
            "SELECT count(*) FROM scenario_grid WHERE scenario_id = :id"
            " AND kind = 'comprehensive' AND area_code = ANY(:communities)",
            id=scenario_id,
            communities=list(communities),
        )
    )


def forget(tx: Transaction, scenario_id: int, communities: Sequence[str]) -> None:
    """Take the grids and blocks of communities out of a scenario, to copy them anew."""
    for table in ("scenario_base", "scenario_grid", "scenario_block"):
        tx.execute(
            f"DELETE FROM {table} WHERE scenario_id = :id AND area_code = ANY(:communities)",
            id=scenario_id,
            communities=list(communities),
        )


def all_of(tx: Transaction, scenario_id: int) -> gpd.GeoDataFrame:
    """Give the comprehensive grids of a scenario by key, with `community` and the columns."""
    return _frame(tx, "scenario_id = :id", id=scenario_id)


def without_code(tx: Transaction, scenario_id: int) -> gpd.GeoDataFrame:
    """Give the grids of all kinds that are to get a code, as `all_of` does."""
    return _shapes(tx, "scenario_id = :id AND code IS NULL AND changed", id=scenario_id)


def around(tx: Transaction, scenario_id: int, keys: Sequence[str]) -> gpd.GeoDataFrame:
    """Give some grids of a scenario with all their neighbours."""
    return _frame(
        tx,
        "scenario_id = :id AND geom && (SELECT ST_Expand(ST_Extent(geom)::geometry, 1e-7)"
        " FROM scenario_grid WHERE scenario_id = :id AND key = ANY(:keys))",
        id=scenario_id,
        keys=list(keys),
    )


def near(tx: Transaction, scenario_id: int, keys: Sequence[str], wkb: bytes) -> gpd.GeoDataFrame:
    """Give the grids of a scenario that a shape meets, some others, and their neighbours."""
    return _frame(
        tx,
        "scenario_id = :id AND geom && (SELECT ST_Expand(ST_Extent(geom)::geometry, 1e-7)"
        " FROM scenario_grid WHERE scenario_id = :id AND (key = ANY(:keys)"
        " OR geom && ST_GeomFromWKB(:wkb, 4326)))",
        id=scenario_id,
        keys=list(keys),
        wkb=wkb,
    )


def _frame(tx: Transaction, where: str, **values: object) -> gpd.GeoDataFrame:
    # special grids lie over the coverage and are no part of it
    return _shapes(tx, f"kind = 'comprehensive' AND {where}", **values)


def _shapes(tx: Transaction, where: str, **values: object) -> gpd.GeoDataFrame:
    found = frames.read(
        tx,
        f"SELECT key, {_COLUMNS}, ST_AsBinary(geom) AS geom FROM scenario_grid WHERE {where}"
        ' ORDER BY key COLLATE "C"',
        index="key",
        **values,
    ).rename(columns={"area_code": "community"})
    shapes = np.asarray(found.geometry.array, dtype=object)
    single = shapely.get_num_geometries(shapes) == 1
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    return found.set_geometry(gpd.GeoSeries(shapes, index=found.index, crs=frames.CRS))


def light(tx: Transaction, scenario_id: int) -> list[Row]:
    """Give what figures and faults are made of, without shapes."""
    return tx.all(
        "SELECT key, area_code, kind, households, people, moved_households, moved_people, changed,"
        " measures, walk, notes,"
        " round(ST_X(label_point)::numeric, 6)::float8 AS lon,"
        " round(ST_Y(label_point)::numeric, 6)::float8 AS lat"
        ' FROM scenario_grid WHERE scenario_id = :id ORDER BY key COLLATE "C"',
        id=scenario_id,
    )


def images(tx: Transaction, scenario_id: int, keys: Iterable[str]) -> dict[str, Any]:
    """Give rows as documents, every byte of their shapes in them, by key."""
    rows = tx.all(
        f"SELECT {_IMAGE} FROM scenario_grid WHERE scenario_id = :id AND key = ANY(:keys)",
        id=scenario_id,
        keys=list(keys),
    )
    return {row["key"]: dict(row) for row in rows}


def put(
    tx: Transaction,
    scenario_id: int,
    rows: Mapping[str, Any],
    removed: Iterable[str],
    version: int = 0,
) -> None:
    """Store rows given as documents in the place of those with the same keys; remove others.

    Parameters
    ----------
    version
        Version of the scenario that this makes.
    """
    tx.execute(
        "DELETE FROM scenario_grid WHERE scenario_id = :id AND key = ANY(:keys)",
        id=scenario_id,
        keys=[*rows, *removed],
    )
    if not rows:
        return
    tx.execute(
        "INSERT INTO scenario_grid (scenario_id, key, area_code, code, parent, base_id, name, kind,"
        "  special_use, member_id, households, people, moved_households, moved_people, measures,"
        "  notes, changed, version, geom, label_point)"
        # operations of an older release know neither kinds nor members
        " SELECT :id, r.key, r.area_code, r.code, r.parent, r.base_id, r.name,"
        "  coalesce(r.kind, 'comprehensive'), r.special_use, r.member_id, r.households, r.people,"
        "  r.moved_households, r.moved_people, r.measures, r.notes, r.changed, :version,"
        "  ST_GeomFromWKB(decode(r.geom, 'hex'), 4326),"
        "  ST_GeomFromWKB(decode(r.label_point, 'hex'), 4326)"
        " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(key text, area_code text, code text,"
        "  parent text, base_id bigint, name text, kind text, special_use text,"
        "  member_id bigint, households int,"
        "  people int, moved_households int, moved_people int, measures jsonb, notes jsonb,"
        "  changed boolean, geom text, label_point text)",
        id=scenario_id,
        rows=json.dumps(list(rows.values()), allow_nan=False),
        version=version,
    )


def touch(tx: Transaction, scenario_id: int, communities: Sequence[str], version: int) -> None:
    """Let all grids of communities be of a version: they have been copied anew."""
    tx.execute(
        "UPDATE scenario_grid SET version = :version WHERE scenario_id = :id"
        " AND area_code = ANY(:communities)",
        id=scenario_id,
        communities=list(communities),
        version=version,
    )


def changed_after(tx: Transaction, scenario_id: int, version: int) -> list[str]:
    """Name the grids whose row is of a later version, a mere point on their border included."""
    rows = tx.all(
        "SELECT key FROM scenario_grid WHERE scenario_id = :id AND version > :version"
        ' ORDER BY key COLLATE "C"',
        id=scenario_id,
        version=version,
    )
    return [row["key"] for row in rows]


def existing(tx: Transaction, scenario_id: int, keys: Sequence[str]) -> dict[str, Row]:
    """Give key, area and label of those grids that are there."""
    rows = tx.all(
        "SELECT g.key, g.area_code, substr(g.area_code, 10, 3) || '-' || CASE WHEN g.code IS NULL"
        " THEN g.key ELSE right(g.code, 3) END AS label FROM scenario_grid AS g"
        " WHERE g.scenario_id = :id AND g.key = ANY(:keys)",
        id=scenario_id,
        keys=list(keys),
    )
    return {row["key"]: row for row in rows}


def cut_in_turn(tx: Transaction, scenario_id: int) -> None:
    """Let one transaction at a time cut the blocks of a scenario; operations go on meanwhile."""
    tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))",
        name=f"scenario blocks {scenario_id}",
    )


def insert_blocks(tx: Transaction, blocks: gpd.GeoDataFrame) -> int:
    """Insert blocks: columns `scenario_id, id, area_code, households, people, geom, point`."""
    return frames.insert(tx, "scenario_block", blocks)


def most_block(tx: Transaction, scenario_id: int) -> int:
    """Give the highest number of a block."""
    return int(
        tx.value(
            "SELECT coalesce(max(id), 0) FROM scenario_block WHERE scenario_id = :id",
            id=scenario_id,
        )
    )


def blocks(tx: Transaction, scenario_id: int, ids: Sequence[int]) -> gpd.GeoDataFrame:
    """Give some blocks by id: `community`."""
    return frames.read(
        tx,
        "SELECT id, scenario_community(scenario_id, area_code) AS community,"
        " ST_AsBinary(geom) AS geom FROM scenario_block"
        " WHERE scenario_id = :scenario AND id = ANY(:ids) ORDER BY id",
        scenario=scenario_id,
        ids=list(ids),
    )


def blocks_in(tx: Transaction, scenario_id: int, keys: Sequence[str]) -> list[Row]:
    """Tell in which of some grids the blocks lie whose points are in them."""
    return tx.all(
        "SELECT DISTINCT ON (b.id) b.id, g.key AS grid FROM scenario_grid AS g"
        " JOIN scenario_block AS b ON b.scenario_id = g.scenario_id AND b.point && g.geom"
        "  AND g.kind = 'comprehensive' AND ST_Intersects(g.geom, b.point)"
        ' WHERE g.scenario_id = :id AND g.key = ANY(:keys) ORDER BY b.id, g.key COLLATE "C"',
        id=scenario_id,
        keys=list(keys),
    )


def set_measures(tx: Transaction, scenario_id: int, figures: Mapping[str, Any]) -> None:
    """Store figures measured anew; shapes and versions stay."""
    names = ("households", "people", "moved_households", "moved_people", "measures", "notes")
    rows = [{"key": key, **{name: row[name] for name in names}} for key, row in figures.items()]
    tx.execute(
        "UPDATE scenario_grid AS g SET households = r.households, people = r.people,"
        " moved_households = r.moved_households, moved_people = r.moved_people,"
        " measures = r.measures, notes = r.notes"
        " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(key text, households int, people int,"
        "  moved_households int, moved_people int, measures jsonb, notes jsonb)"
        " WHERE g.scenario_id = :id AND g.key = r.key",
        id=scenario_id,
        rows=json.dumps(rows, allow_nan=False),
    )


def add_measures(tx: Transaction, scenario_id: int, measures: Mapping[str, Any]) -> None:
    """Store more measures of grids beside those they have; shapes and versions stay."""
    tx.execute(
        "UPDATE scenario_grid AS g SET measures = g.measures || r.measures"
        " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(key text, measures jsonb)"
        " WHERE g.scenario_id = :id AND g.key = r.key",
        id=scenario_id,
        rows=json.dumps(
            [{"key": key, "measures": each} for key, each in measures.items()], allow_nan=False
        ),
    )
