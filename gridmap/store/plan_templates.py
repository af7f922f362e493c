"""Plan templates, version by version: rows are written once and never changed."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from gridmap.store.database import Transaction
from gridmap.store.days import TODAY
from gridmap.store.versioned import Table

_COLUMNS = (
    "key, area_code, version, hazard_kind, area_type, name_zh, name_en, content, source,"
    " valid_from, retired"
)
_TABLE = Table("plan_template", _COLUMNS)
in_force, listing, versions, newest = (
    _TABLE.in_force,
    _TABLE.listing,
    _TABLE.versions,
    _TABLE.newest,
)


def insert(  # noqa: PLR0913 - the parts of a version
    tx: Transaction,
    *,
    area_code: str,
    key: str,
    version: int,
    said: Mapping[str, Any],
    valid_from: date | None = None,
    retired: bool = False,
) -> bool:
    """Insert a version; False if somebody else has just taken its number.

    Parameters
    ----------
    said
        hazard_kind, area_type, name_zh, name_en, content, source.
    valid_from
        None for today.
    """
    found = tx.maybe(
        "INSERT INTO plan_template (area_code, key, version, hazard_kind, area_type, name_zh,"
        " name_en, content, source, valid_from, retired, created_by) VALUES (:area_code, :key,"
        " :version, :hazard_kind, :area_type, :name_zh, :name_en, CAST(:content AS jsonb),"
        f" :source, coalesce(CAST(:valid_from AS date), {TODAY}), :retired, :user_id)"
        " ON CONFLICT (area_code, key, version) DO NOTHING RETURNING version",
        area_code=area_code,
        key=key,
        version=version,
        hazard_kind=said["hazard_kind"],
        area_type=said["area_type"],
        name_zh=said["name_zh"],
        name_en=said["name_en"],
        content=json.dumps(said["content"], ensure_ascii=False, allow_nan=False),
        source=said["source"],
        valid_from=valid_from,
        retired=retired,
        user_id=tx.scope.user_id,
    )
    return found is not None
