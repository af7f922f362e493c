"""Operations of a scenario with their inverses, and the steps that made each version."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.store.database import Row, Transaction


def changed_since(tx: Transaction, scenario_id: int, base: int) -> list[str]:
    """Name the grids that have changed since a version."""
    rows = tx.all(
        "SELECT DISTINCT unnest(keys) AS key FROM scenario_step"
        " WHERE scenario_id = :id AND version > :base ORDER BY 1",
        id=scenario_id,
        base=base,
    )
    return [row["key"] for row in rows]


def who_since(tx: Transaction, scenario_id: int, base: int, keys: Sequence[str]) -> list[Row]:
    """Tell of grids who has changed them last after a version: `grid`, `id`, `name`, `at`."""
    return tx.all(
        "SELECT DISTINCT ON (k.key) k.key AS grid, s.user_id AS id, u.display_name AS name, s.at"
        " FROM scenario_step AS s CROSS JOIN unnest(s.keys) AS k(key)"
        " LEFT JOIN app_user AS u ON u.id = s.user_id"
        " WHERE s.scenario_id = :id AND s.version > :base AND k.key = ANY(:keys)"
        " ORDER BY k.key, s.version DESC",
        id=scenario_id,
        base=base,
        keys=list(keys),
    )


def steps_since(tx: Transaction, scenario_id: int, base: int, limit: int = 200) -> list[Row]:
    """Give what made the versions after one, the newest last; only the newest so many."""
    rows = tx.all(
        "SELECT s.version, s.verb, o.kind, s.seq, s.keys, s.user_id, u.display_name, s.at"
        " FROM scenario_step AS s LEFT JOIN app_user AS u ON u.id = s.user_id"
        " LEFT JOIN scenario_operation AS o ON o.scenario_id = s.scenario_id AND o.seq = s.seq"
        " WHERE s.scenario_id = :id AND s.version > :base ORDER BY s.version DESC LIMIT :limit",
        id=scenario_id,
        base=base,
        limit=limit,
    )
    return rows[::-1]


def record(  # noqa: PLR0913 - the parts of a step
    tx: Transaction,
    scenario_id: int,
    version: int,
    *,
    area_code: str,
    verb: str,
    seq: int | None,
    keys: Sequence[str],
) -> None:
    """Note what made a version."""
    tx.execute(
        "INSERT INTO scenario_step (scenario_id, version, area_code, verb, seq, keys, user_id)"
        " VALUES (:id, :version, :area_code, :verb, :seq, :keys, :user_id)",
        id=scenario_id,
        version=version,
        area_code=area_code,
        verb=verb,
        seq=seq,
        keys=list(keys),
        user_id=tx.scope.user_id,
    )


def insert(  # noqa: PLR0913 - the parts of an operation
    tx: Transaction,
    scenario_id: int,
    *,
    area_code: str,
    base: int,
    kind: str,
    arguments: Mapping[str, Any],
    keys: Sequence[str],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    figures: Mapping[str, Any],
) -> int:
    """Store an operation with its inverse and give its number; what was undone stays undone."""
    tx.execute(
        "UPDATE scenario_operation SET cut = true WHERE scenario_id = :id AND undone AND NOT cut",
        id=scenario_id,
    )
    return int(
        tx.value(
            "INSERT INTO scenario_operation (scenario_id, seq, area_code, base, kind, arguments,"
            "  keys, before, after, figures, user_id)"
            " SELECT :id, coalesce(max(seq), 0) + 1, :area_code, :base, :kind,"
            "  CAST(:arguments AS jsonb), :keys, CAST(:before AS jsonb), CAST(:after AS jsonb),"
            "  CAST(:figures AS jsonb), :user_id"
            " FROM scenario_operation WHERE scenario_id = :id RETURNING seq",
            id=scenario_id,
            area_code=area_code,
            base=base,
            kind=kind,
            arguments=_json(arguments),
            keys=list(keys),
            before=_json(before),
            after=_json(after),
            figures=_json(figures),
            user_id=tx.scope.user_id,
        )
    )


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), allow_nan=False, ensure_ascii=False)


def to_undo(tx: Transaction, scenario_id: int) -> Row | None:
    """Give the last operation in force, or None."""
    return tx.maybe(
        "SELECT seq, kind, keys, before, after FROM scenario_operation"
        " WHERE scenario_id = :id AND NOT undone ORDER BY seq DESC LIMIT 1",
        id=scenario_id,
    )


def to_redo(tx: Transaction, scenario_id: int) -> Row | None:
    """Give the operation that was undone last and can be done again, or None."""
    return tx.maybe(
        "SELECT seq, kind, keys, before, after FROM scenario_operation"
        " WHERE scenario_id = :id AND undone AND NOT cut ORDER BY seq LIMIT 1",
        id=scenario_id,
    )


def set_undone(tx: Transaction, scenario_id: int, seq: int, undone: bool) -> None:
    """Note that an operation is undone, or done again."""
    tx.execute(
        "UPDATE scenario_operation SET undone = :undone WHERE scenario_id = :id AND seq = :seq",
        id=scenario_id,
        seq=seq,
        undone=undone,
    )


def counts(tx: Transaction, scenario_id: int) -> Row:
    """Count what can be undone and what can be redone."""
    return tx.one(
        "SELECT count(*) FILTER (WHERE NOT undone)::int AS undo,"
        " count(*) FILTER (WHERE undone AND NOT cut)::int AS redo"
        " FROM scenario_operation WHERE scenario_id = :id",
        id=scenario_id,
    )


def listing(tx: Transaction, scenario_id: int, limit: int = 500) -> list[Row]:
    """Give the newest operations that are in force or can be done again, in order."""
    rows = tx.all(
        "SELECT o.seq, o.kind, o.keys, o.at, o.undone, o.figures, o.user_id, u.display_name"
        " FROM scenario_operation AS o LEFT JOIN app_user AS u ON u.id = o.user_id"
        " WHERE o.scenario_id = :id AND NOT o.cut ORDER BY o.seq DESC LIMIT :limit",
        id=scenario_id,
        limit=limit,
    )
    return rows[::-1]


def cut_all(tx: Transaction, scenario_id: int, keys: Sequence[str]) -> None:
    """Let nothing that touches some grids be done again: they are others now.

    Nor what touches none, such as the name of a community that the scenario makes.
    """
    tx.execute(
        "UPDATE scenario_operation SET cut = true WHERE scenario_id = :id AND undone"
        " AND (keys && CAST(:keys AS text[]) OR keys = '{}')",
        id=scenario_id,
        keys=list(keys),
    )
