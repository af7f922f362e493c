"""What-if answers kept under a name."""

import json
from collections.abc import Mapping
from typing import Any

from gridmap.store.database import Row, Transaction

_COLUMNS = (
    "o.id, o.area_code, o.name, o.standard_key, o.standard_version, o.standard, o.changes,"
    " o.totals_before, o.totals_after, o.input_version, o.job_id, o.created_at,"
    " (SELECT u.display_name FROM app_user AS u WHERE u.id = o.created_by) AS by"
)


def insert(  # noqa: PLR0913 - the parts of an option
    tx: Transaction,
    *,
    area_code: str,
    name: str,
    standard: Mapping[str, Any],
    changes: Mapping[str, Any],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    input_version: str,
    job_id: int,
) -> int | None:
    """Insert an option and give its id; None if the area has one of this name."""
    found = tx.value(
        "INSERT INTO coverage_option (area_code, name, standard_key, standard_version, standard,"
        " changes, totals_before, totals_after, input_version, job_id, created_by)"
        " VALUES (:area, :name, :key, :version, CAST(:standard AS jsonb), CAST(:changes AS jsonb),"
        " CAST(:before AS jsonb), CAST(:after AS jsonb), :input_version, :job_id, :user_id)"
        " ON CONFLICT (area_code, name) DO NOTHING RETURNING id",
        area=area_code,
        name=name,
        key=standard["key"],
        version=standard["version"],
        standard=_text(standard),
        changes=_text(changes),
        before=_text(before),
        after=_text(after),
        input_version=input_version,
        job_id=job_id,
        user_id=tx.scope.user_id,
    )
    return None if found is None else int(found)


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, allow_nan=False)


def count(tx: Transaction, area_code: str) -> int:
    """Count the options of exactly this area."""
    return int(
        tx.value("SELECT count(*) FROM coverage_option WHERE area_code = :code", code=area_code)
    )


def listing(tx: Transaction, standard_key: str | None, area_code: str | None) -> list[Row]:
    """List the options in scope, the newest first, of one standard or area if named."""
    return tx.all(
        f"SELECT {_COLUMNS} FROM coverage_option AS o"
        " WHERE (CAST(:key AS text) IS NULL OR o.standard_key = :key)"
        " AND (CAST(:area AS text) IS NULL OR o.area_code = :area)"
        " ORDER BY o.id DESC LIMIT 500",
        key=standard_key,
        area=area_code,
    )


def read(tx: Transaction, option_id: int) -> Row | None:
    """Give one option, or None."""
    return tx.maybe(f"SELECT {_COLUMNS} FROM coverage_option AS o WHERE o.id = :id", id=option_id)


def delete(tx: Transaction, option_id: int) -> Row | None:
    """Remove an option; give its area and standard, or None if there is none in scope."""
    return tx.maybe(
        "DELETE FROM coverage_option WHERE id = :id RETURNING area_code, standard_key",
        id=option_id,
    )
