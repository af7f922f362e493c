"""Coverage standards, version by version: rows are written once and never changed."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from gridmap.model.coverage_seeds import SEEDS
from gridmap.model.coverage_standard import Definition
from gridmap.store.database import Row, Transaction
from gridmap.store.days import TODAY

_COLUMNS = (
    "key, area_code, version, name_zh, name_en, facility_kinds, profile, direction, measure,"
    " max_value, capacity, area_type, barriers, bands, area_rule, scores,"
    " coalesce(slider_min, max_value / 3) AS slider_min,"
    " coalesce(slider_max, max_value * 3) AS slider_max, source, valid_from, retired"
)
_DAY = f"coalesce(CAST(:day AS date), {TODAY})"
_SAID = tuple(SEEDS[0].said())
# of each area and key what holds on a day: the highest version that has begun
_BEGUN = (
    f"SELECT DISTINCT ON (area_code, key) {_COLUMNS} FROM coverage_standard"
    f" WHERE valid_from <= {_DAY}"
)


def in_force(tx: Transaction, key: str, area_code: str, day: date | None = None) -> Row | None:
    """Give the standard that holds in an area on a day: its own, else that of the nearest above.

    Parameters
    ----------
    day
        None for today.
    """
    return tx.maybe(
        f"SELECT * FROM ({_BEGUN} AND key = :key AND starts_with(:code, area_code)"
        "  ORDER BY area_code, key, version DESC) AS s"
        " WHERE NOT retired ORDER BY length(area_code) DESC LIMIT 1",
        key=key,
        code=area_code,
        day=day,
    )


def listing(tx: Transaction, day: date | None = None) -> list[Row]:
    """List the standards in scope that hold on a day, today unless named, by area and key."""
    return tx.all(
        f"SELECT * FROM ({_BEGUN} ORDER BY area_code, key, version DESC) AS s"
        " WHERE NOT retired ORDER BY area_code, key",
        day=day,
    )


def versions(tx: Transaction, key: str, area_code: str) -> list[Row]:
    """List every version of an area's own standard, the newest first, with who made it."""
    return tx.all(
        f"SELECT {_COLUMNS}, created_at, (SELECT u.display_name FROM app_user AS u"
        "  WHERE u.id = created_by) AS by FROM coverage_standard"
        " WHERE key = :key AND area_code = :code ORDER BY version DESC",
        key=key,
        code=area_code,
    )


def newest(tx: Transaction) -> list[Row]:
    """List the last version of every standard in scope, retired and waiting ones too."""
    return tx.all(
        f"SELECT DISTINCT ON (area_code, key) {_COLUMNS}, created_by FROM coverage_standard"
        " ORDER BY area_code, key, version DESC"
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


def today(tx: Transaction) -> date:
    """Give the day on the wall of the site."""
    found = tx.value(f"SELECT {TODAY}")
    assert isinstance(found, date)
    return found


def kinds(tx: Transaction) -> set[str]:
    """Give every kind of facility in scope."""
    return {row["kind"] for row in tx.all("SELECT DISTINCT kind FROM facility")}
