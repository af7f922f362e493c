"""Heads of scenarios: state, version, people; and the rule for the size of grids."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from gridmap.store.database import Row, Transaction

_HEAD = (
    "s.id, s.name, s.area_code, s.state, s.version, s.base_version, s.base_summary, s.job_id,"
    " s.validated_version, s.created_by, s.created_at, s.approved_by, s.approved_at,"
    " s.published_by, s.published_at, s.effective_from, s.applied_at,"
    " coalesce(a.name_zh, s.area_code) AS area_name_zh, coalesce(a.name_en, a.name_zh,"
    " s.area_code) AS area_name_en, c.display_name AS created_name,"
    " p.display_name AS approved_name, q.display_name AS published_name"
)
_FROM = (
    " FROM scenario AS s LEFT JOIN area AS a ON a.code = s.area_code"
    " LEFT JOIN app_user AS c ON c.id = s.created_by"
    " LEFT JOIN app_user AS p ON p.id = s.approved_by"
    " LEFT JOIN app_user AS q ON q.id = s.published_by"
)


def insert(tx: Transaction, area_code: str, name: str) -> int:
    """Insert an open scenario and give its id."""
    return int(
        tx.value(
            "INSERT INTO scenario (area_code, name, base_version, created_by)"
            " VALUES (:area_code, :name, coalesce((SELECT version FROM layer_version"
            " WHERE layer = 'grid'), 0), :user_id) RETURNING id",
            area_code=area_code,
            name=name,
            user_id=tx.scope.user_id,
        )
    )


def read(tx: Transaction, scenario_id: int) -> Row | None:
    """Give the head of a scenario, or None."""
    return tx.maybe(f"SELECT {_HEAD}{_FROM} WHERE s.id = :id", id=scenario_id)


def lock(tx: Transaction, scenario_id: int) -> Row | None:
    """Give the head of a scenario and keep others from changing it; None when there is none."""
    # its key stays: who only refers to the scenario, as a soft lock does, need not wait
    found = tx.value("SELECT id FROM scenario WHERE id = :id FOR NO KEY UPDATE", id=scenario_id)
    return None if found is None else read(tx, scenario_id)


def listing(tx: Transaction) -> list[Row]:
    """Give the scenarios in scope, the newest first, with counts of grids and operations."""
    return tx.all(
        f"SELECT {_HEAD}, (SELECT count(*) FROM scenario_grid AS g WHERE g.scenario_id = s.id"
        " AND g.kind = 'comprehensive')::int AS grids,"
        " (SELECT count(*) FROM scenario_operation AS o WHERE o.scenario_id = s.id"
        " AND NOT o.undone)::int AS operations"
        f"{_FROM} ORDER BY s.id DESC LIMIT 500"
    )


def editors(tx: Transaction, scenario_id: int) -> set[int]:
    """Give the ids of everybody who made or changed a scenario."""
    rows = tx.all(
        "SELECT created_by AS id FROM scenario WHERE id = :id AND created_by IS NOT NULL"
        " UNION SELECT user_id FROM scenario_step WHERE scenario_id = :id AND user_id IS NOT NULL"
        " UNION SELECT user_id FROM scenario_operation WHERE scenario_id = :id"
        " AND user_id IS NOT NULL",
        id=scenario_id,
    )
    return {int(row["id"]) for row in rows}


def set_version(tx: Transaction, scenario_id: int, version: int) -> None:
    """Note the version that an edit made; what was validated before is no longer what is there."""
    tx.execute(
        "UPDATE scenario SET version = :version,"
        " state = CASE WHEN state IN ('valid', 'invalid') THEN 'open' ELSE state END"
        " WHERE id = :id",
        id=scenario_id,
        version=version,
    )


def set_state(tx: Transaction, scenario_id: int, state: str) -> None:
    """Note a state that needs nothing else."""
    tx.execute(
        "UPDATE scenario SET state = :state, approved_by = NULL, approved_at = NULL,"
        " published_by = NULL, published_at = NULL, effective_from = NULL WHERE id = :id",
        id=scenario_id,
        state=state,
    )


def set_validating(tx: Transaction, scenario_id: int, job_id: int) -> None:
    """Note that a job is looking at everything."""
    tx.execute(
        "UPDATE scenario SET state = 'validating', job_id = :job WHERE id = :id",
        id=scenario_id,
        job=job_id,
    )


def set_validated(tx: Transaction, scenario_id: int, version: int, valid: bool) -> bool:
    """Note what the job found; False when the scenario is not the one it looked at."""
    touched = tx.execute(
        "UPDATE scenario SET state = CASE WHEN :valid THEN 'valid' ELSE 'invalid' END,"
        " validated_version = :version"
        " WHERE id = :id AND state = 'validating' AND version = :version",
        id=scenario_id,
        version=version,
        valid=valid,
    )
    return touched == 1


def set_approved(tx: Transaction, scenario_id: int) -> None:
    """Note who approved."""
    tx.execute(
        "UPDATE scenario SET state = 'approved', approved_by = :user, approved_at = now()"
        " WHERE id = :id",
        id=scenario_id,
        user=tx.scope.user_id,
    )


def set_published(tx: Transaction, scenario_id: int, effective_from: date) -> None:
    """Note who published, and from which day on."""
    tx.execute(
        "UPDATE scenario SET state = 'published', published_by = :user, published_at = now(),"
        " effective_from = :day WHERE id = :id",
        id=scenario_id,
        user=tx.scope.user_id,
        day=effective_from,
    )


def set_withdrawn(tx: Transaction, scenario_id: int) -> None:
    """Take a publication back to approved."""
    tx.execute(
        "UPDATE scenario SET state = 'approved', published_by = NULL, published_at = NULL,"
        " effective_from = NULL WHERE id = :id",
        id=scenario_id,
    )


def set_base_summary(tx: Transaction, scenario_id: int, summary: Mapping[str, Any]) -> None:
    """Keep the figures of the grids in force, beside which those of the scenario stand."""
    tx.execute(
        "UPDATE scenario SET base_summary = CAST(:summary AS jsonb) WHERE id = :id",
        id=scenario_id,
        summary=json.dumps(dict(summary), allow_nan=False),
    )


def take_numbers(tx: Transaction, scenario_id: int, count: int) -> list[str]:
    """Give keys for new grids of a scenario."""
    first = int(
        tx.value(
            "UPDATE scenario SET next_number = next_number + :count WHERE id = :id"
            " RETURNING next_number - :count",
            id=scenario_id,
            count=count,
        )
    )
    return [f"n{number}" for number in range(first, first + count)]


def unfinished(tx: Transaction, area_code: str) -> int:
    """Count the scenarios of an area that are neither published nor discarded."""
    return int(
        tx.value(
            "SELECT count(*) FROM scenario WHERE area_code = :code"
            " AND state NOT IN ('published', 'discarded')",
            code=area_code,
        )
    )
