"""Plan templates, version by version: rows are written once and never changed."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from gridmap.store.database import Row, Transaction
from gridmap.store.days import TODAY

_COLUMNS = (
    "key, area_code, version, hazard_kind, area_type, name_zh, name_en, content, source,"
    " valid_from, retired, created_by, created_at"
)
# of each area and key what holds today: the highest version that has begun
_BEGUN = (
    f"SELECT DISTINCT ON (area_code, key) {_COLUMNS} FROM plan_template WHERE valid_from <= {TODAY}"
)


def in_force(tx: Transaction, key: str, area_code: str) -> Row | None:
    """Give the template that holds in an area today: its own, else that of the nearest above."""
    return tx.maybe(
        f"SELECT * FROM ({_BEGUN} AND key = :key AND starts_with(:code, area_code)"
        "  ORDER BY area_code, key, version DESC) AS t"
        " WHERE NOT retired ORDER BY length(area_code) DESC LIMIT 1",
        key=key,
        code=area_code,
    )


def listing(tx: Transaction) -> list[Row]:
    """List the templates in scope that hold today, by area and key."""
    return tx.all(
        f"SELECT * FROM ({_BEGUN} ORDER BY area_code, key, version DESC) AS t"
        " WHERE NOT retired ORDER BY area_code, key"
    )


def versions(tx: Transaction, key: str, area_code: str) -> list[Row]:
    """List every version of an area's own template, the newest first, with who made it."""
    return tx.all(
        f"SELECT {_COLUMNS}, (SELECT u.display_name FROM app_user AS u WHERE u.id = created_by)"
        " AS by FROM plan_template WHERE key = :key AND area_code = :code ORDER BY version DESC",
        key=key,
        code=area_code,
    )


def newest(tx: Transaction) -> list[Row]:
    """List the last version of every template in scope, retired and waiting ones too."""
    return tx.all(
        f"SELECT DISTINCT ON (area_code, key) {_COLUMNS} FROM plan_template"
        " ORDER BY area_code, key, version DESC"
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


def today(tx: Transaction) -> date:
    """Give the day on the wall of the site."""
    found = tx.value(f"SELECT {TODAY}")
    assert isinstance(found, date)
    return found
