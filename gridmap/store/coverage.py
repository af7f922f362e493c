"""Coverage: standards, the inputs of a run, and its results."""

import json
from collections.abc import Mapping
from typing import Any

import geopandas as gpd

from gridmap.store import frames
from gridmap.store.coverage_newest import COUNTIES
from gridmap.store.database import Row, Transaction

INPUT_LAYERS = (
    "road",
    "railway",
    "water",
    "road_closure",
    "hazard",
    "household",
    "household_need",
    "facility",
    "shelter",
    "coverage_standard",
)


def facilities(tx: Transaction, area_code: str, kinds: list[str]) -> gpd.GeoDataFrame:
    """Give the facilities of some kinds in the whole county, by id: `open`, `capacity`."""
    return frames.read(
        tx,
        "SELECT f.id, f.kind, f.name, f.open, coalesce(s.capacity, f.capacity) AS capacity,"
        " f.crew, f.level, f.hours, ST_AsBinary(f.geom) AS geom"
        " FROM facility AS f LEFT JOIN shelter AS s ON s.facility_id = f.id"
        " WHERE f.kind = ANY(:kinds) AND starts_with(f.area_code, left(:code, 6))"
        " AND f.retired_at IS NULL ORDER BY f.id",
        kinds=kinds,
        code=area_code,
    )


def save_run(  # noqa: PLR0913 - the parts of a run
    tx: Transaction,
    *,
    area_code: str,
    standard: Mapping[str, Any],
    job_id: int,
    input_version: str,
    totals: Mapping[str, Any],
) -> int:
    """Insert a finished run; its rows are parts that are linked to it."""
    return int(
        tx.value(
            "INSERT INTO coverage_run (area_code, standard_key, standard, job_id, input_version,"
            " totals, created_by) VALUES (:area_code, :key, CAST(:standard AS jsonb), :job_id,"
            " :input_version, CAST(:totals AS jsonb), :user_id) RETURNING id",
            area_code=area_code,
            key=standard["key"],
            standard=json.dumps(dict(standard), allow_nan=False),
            job_id=job_id,
            input_version=input_version,
            totals=json.dumps(dict(totals), allow_nan=False),
            user_id=tx.scope.user_id,
        )
    )


def latest(tx: Transaction, standard_key: str, area_code: str) -> Row | None:
    """Give the newest run of a standard that covers exactly this area."""
    return tx.maybe(
        "SELECT id, area_code, standard, input_version, totals, created_at FROM coverage_run"
        " WHERE standard_key = :key AND area_code = :code ORDER BY id DESC LIMIT 1",
        key=standard_key,
        code=area_code,
    )


def counties(tx: Transaction) -> list[str]:
    """Give the counties of which there are runs."""
    return [row["code"] for row in tx.all(COUNTIES)]


def read_run(tx: Transaction, run_id: int) -> Row | None:
    """Give one run, or None."""
    return tx.maybe(
        "SELECT id, area_code, standard_key, standard, input_version, totals, created_at"
        " FROM coverage_run WHERE id = :id",
        id=run_id,
    )
