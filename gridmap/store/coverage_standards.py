"""Coverage standards, version by version: rows are written once and never changed."""

import json
from collections.abc import Mapping
from typing import Any

from gridmap.model.coverage_seeds import SEEDS
from gridmap.model.coverage_standard import Definition
from gridmap.store.database import Row, Transaction
from gridmap.store.days import TODAY
from gridmap.store.versioned import Table

_COLUMNS = (
    "key, area_code, version, name_zh, name_en, facility_kinds, profile, direction, measure,"
    " max_value, capacity, area_type, barriers, bands, area_rule, scores,"
    " coalesce(slider_min, max_value / 3) AS slider_min,"
    " coalesce(slider_max, max_value * 3) AS slider_max, source, valid_from, retired"
)
_SAID = tuple(SEEDS[0].said())
_TABLE = Table("coverage_standard", _COLUMNS)
in_force, listing, versions, newest = (
    _TABLE.in_force,
    _TABLE.listing,
    _TABLE.versions,
    _TABLE.newest,
)


def insert(
    tx: Transaction, area_code: str, version: int, definition: Definition, *, retired: bool = False
) -> bool:
    """Insert a version; False if somebody else has just taken its number."""
    said = definition.said()
    found = tx.maybe(
        "INSERT INTO coverage_standard (key, area_code, version, name_zh, name_en, facility_kinds,"
        " profile, direction, measure, max_value, capacity, area_type, barriers, bands, area_rule,"
        " scores, slider_min, slider_max, source, valid_from, retired, created_by) VALUES (:key,"
        " :area_code, :version, :name_zh, :name_en, :facility_kinds, :profile, :direction,"
        " :measure, :max_value, :capacity, :area_type, :barriers, CAST(:bands AS jsonb),"
        " CAST(:area_rule AS jsonb), :scores, :slider_min, :slider_max, :source,"
        f" coalesce(CAST(:valid_from AS date), {TODAY}), :retired, :user_id)"
        " ON CONFLICT (area_code, key, version) DO NOTHING RETURNING version",
        **{
            **said,
            "bands": json.dumps(said["bands"], ensure_ascii=False, allow_nan=False),
            "area_rule": json.dumps(said["area_rule"], allow_nan=False),
        },
        key=definition.key,
        area_code=area_code,
        version=version,
        valid_from=definition.valid_from,
        retired=retired,
        user_id=tx.scope.user_id,
    )
    return found is not None


def said(row: Row) -> Mapping[str, Any]:
    """Give what a version says, without its number and day, as `Definition.said` does."""
    return {name: row[name] for name in _SAID}


def kinds(tx: Transaction) -> set[str]:
    """Give every kind of facility in scope."""
    return {row["kind"] for row in tx.all("SELECT DISTINCT kind FROM facility")}
