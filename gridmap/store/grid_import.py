"""Grids from files: as they are in the file, what repairing them changes, and what comes out."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from gridmap.store import frames
from gridmap.store.database import Row, Transaction

_KEPT_DAYS = 7


def add(  # noqa: PLR0913 - the parts of an import
    tx: Transaction,
    upload_id: int,
    *,
    area_code: str,
    name: str,
    mapping: Mapping[str, str],
    features: gpd.GeoDataFrame,
) -> None:
    """Keep the grids of a file: column `properties` (documents), `repaired`, shapes by number."""
    tx.execute(
        "INSERT INTO grid_import (upload_id, area_code, name, mapping)"
        " VALUES (:id, :area_code, :name, CAST(:mapping AS jsonb))",
        id=upload_id,
        area_code=area_code,
        name=name,
        mapping=_json(mapping),
    )
    frames.insert(
        tx,
        "grid_import_feature",
        pd.DataFrame(
            {
                "upload_id": upload_id,
                "area_code": area_code,
                "number": features.index.to_numpy(),
                "properties": [_json(each) for each in features["properties"]],
                "repaired": features["repaired"].to_numpy(),
                "geom": features.geometry.to_numpy(),
            }
        ),
    )


def read(tx: Transaction, upload_id: int, *, hold: bool = False) -> Row | None:
    """Give an import with everything but its shapes, or None; held until the transaction ends."""
    return tx.maybe(
        "SELECT upload_id, area_code, version, name, metres, mapping, decisions, summary, changes,"
        " undecided, input_version, repaired_at, scenario_id FROM grid_import"
        f" WHERE upload_id = :id{' FOR UPDATE' if hold else ''}",
        id=upload_id,
    )


def features(tx: Transaction, upload_id: int) -> gpd.GeoDataFrame:
    """Give the grids of a file by number: `properties`, `repaired`."""
    return frames.read(
        tx,
        "SELECT number, properties, coalesce(repaired, '') AS repaired, ST_AsBinary(geom) AS geom"
        " FROM grid_import_feature WHERE upload_id = :id ORDER BY number",
        index="number",
        id=upload_id,
    )


def grids(tx: Transaction, upload_id: int) -> list[dict[str, Any]]:
    """Give the grids that came out, as shown."""
    found = tx.value("SELECT grids FROM grid_import WHERE upload_id = :id", id=upload_id)
    return list(found or [])


def save(tx: Transaction, upload_id: int, worked_out: Mapping[str, Any]) -> None:
    """Store what was told and what came out as the next version."""
    tx.execute(
        "UPDATE grid_import SET version = version + 1, name = :name, metres = :metres,"
        " mapping = CAST(:mapping AS jsonb), decisions = CAST(:decisions AS jsonb),"
        " summary = CAST(:summary AS jsonb), changes = CAST(:changes AS jsonb),"
        " grids = CAST(:grids AS jsonb), undecided = :undecided, input_version = :input_version,"
        " repaired_at = clock_timestamp() WHERE upload_id = :id",
        id=upload_id,
        name=worked_out["name"],
        metres=worked_out["metres"],
        mapping=_json(worked_out["mapping"]),
        decisions=_json(worked_out["decisions"]),
        summary=_json(worked_out["summary"]),
        changes=json.dumps(worked_out["changes"], ensure_ascii=False, allow_nan=False),
        grids=json.dumps(worked_out["grids"], ensure_ascii=False, allow_nan=False),
        undecided=worked_out["undecided"],
        input_version=worked_out["input_version"],
    )


def taken(tx: Transaction, upload_id: int, scenario_id: int) -> None:
    """Note the scenario that was made of an import; what was in the file goes."""
    tx.execute(
        "UPDATE grid_import SET scenario_id = :scenario WHERE upload_id = :id",
        id=upload_id,
        scenario=scenario_id,
    )
    tx.execute("DELETE FROM grid_import_feature WHERE upload_id = :id", id=upload_id)


def forget_old(tx: Transaction) -> int:
    """Remove what was in files that nobody has taken for a week."""
    return tx.execute(
        "DELETE FROM grid_import_feature AS f USING upload AS u WHERE u.id = f.upload_id"
        " AND u.created_at < now() - make_interval(days => :days)",
        days=_KEPT_DAYS,
    )


def in_force(tx: Transaction, area_code: str, kind: str = "comprehensive") -> gpd.GeoDataFrame:
    """Give the grids of a kind in force of an area by code: `id`, `community`, `name`, `use`."""
    return frames.read(
        tx,
        "SELECT code, id, area_code AS community, name, special_use AS use,"
        " ST_AsBinary(geom) AS geom FROM grid"
        " WHERE valid_to IS NULL AND kind = :kind AND starts_with(code, :code) ORDER BY code",
        index="code",
        code=area_code,
        kind=kind,
    )


def homes(tx: Transaction, area_code: str) -> Any:
    """Give the points of the placed households of an area, as an array."""
    with tx.cursor_connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(geom), ST_Y(geom) FROM household WHERE geom IS NOT NULL"
            " AND starts_with(area_code, %s) ORDER BY id",
            (area_code,),
        )
        rows = cursor.fetchall()
    return shapely.points(rows) if rows else shapely.points([], [])


def replace_in_scenario(tx: Transaction, scenario_id: int, communities: Sequence[str]) -> int:
    """Take the copied comprehensive grids of communities out of a scenario; their base stays."""
    return tx.execute(
        "DELETE FROM scenario_grid WHERE scenario_id = :id AND kind = 'comprehensive'"
        " AND area_code = ANY(:communities)",
        id=scenario_id,
        communities=list(communities),
    )


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, allow_nan=False)
