"""Proposals for scenarios: asked for, made by a worker, taken step by step."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.store.database import Row, Transaction

_HEAD = (
    "p.id, p.scenario_id, p.area_code, p.kind, p.arguments, p.state, p.base, p.job_id, p.user_id,"
    " p.at, u.display_name, j.error"
)
_FROM = (
    " FROM scenario_proposal AS p LEFT JOIN app_user AS u ON u.id = p.user_id"
    " LEFT JOIN job AS j ON j.id = p.job_id"
)


def insert(
    tx: Transaction,
    scenario_id: int,
    area_code: str,
    kind: str,
    arguments: Mapping[str, Any],
    base: int,
) -> int:
    """Insert a proposal that waits for its worker, and give its id."""
    return int(
        tx.value(
            "INSERT INTO scenario_proposal (scenario_id, area_code, kind, arguments, base, user_id)"
            " VALUES (:id, :area_code, :kind, CAST(:arguments AS jsonb), :base, :user)"
            " RETURNING id",
            id=scenario_id,
            area_code=area_code,
            kind=kind,
            arguments=json.dumps(dict(arguments)),
            base=base,
            user=tx.scope.user_id,
        )
    )


def set_job(tx: Transaction, proposal_id: int, job_id: int) -> None:
    """Note which job makes it."""
    tx.execute(
        "UPDATE scenario_proposal SET job_id = :job WHERE id = :id", id=proposal_id, job=job_id
    )


def read(tx: Transaction, scenario_id: int, proposal_id: int) -> Row | None:
    """Give a proposal with its result, or None."""
    return tx.maybe(
        f"SELECT {_HEAD}, p.result{_FROM} WHERE p.scenario_id = :scenario AND p.id = :id",
        scenario=scenario_id,
        id=proposal_id,
    )


def lock(tx: Transaction, scenario_id: int, proposal_id: int) -> Row | None:
    """Give a proposal and keep others from changing it; None when there is none."""
    found = tx.value(
        "SELECT id FROM scenario_proposal WHERE scenario_id = :scenario AND id = :id FOR UPDATE",
        scenario=scenario_id,
        id=proposal_id,
    )
    return None if found is None else read(tx, scenario_id, proposal_id)


def listing(tx: Transaction, scenario_id: int) -> list[Row]:
    """Give the proposals of a scenario without their shapes, the newest first."""
    return tx.all(
        f"SELECT {_HEAD}, p.result->'figures' AS figures,"
        " coalesce(jsonb_array_length(p.result->'steps'), 0) AS steps"
        f"{_FROM} WHERE p.scenario_id = :id ORDER BY p.id DESC LIMIT 100",
        id=scenario_id,
    )


def waiting(tx: Transaction, scenario_id: int) -> int:
    """Count the proposals of a scenario that are still being made."""
    return int(
        tx.value(
            "SELECT count(*) FROM scenario_proposal WHERE scenario_id = :id AND state = 'waiting'",
            id=scenario_id,
        )
    )


def set_ready(tx: Transaction, proposal_id: int, base: int, result: Mapping[str, Any]) -> bool:
    """Store what was made; False when nobody waits for it any more."""
    return bool(
        tx.execute(
            "UPDATE scenario_proposal SET state = 'ready', base = :base,"
            " result = CAST(:result AS jsonb) WHERE id = :id AND state = 'waiting'",
            id=proposal_id,
            base=base,
            result=json.dumps(dict(result), allow_nan=False, ensure_ascii=False),
        )
    )


def set_state(tx: Transaction, proposal_id: int, state: str) -> None:
    """Note a state."""
    tx.execute(
        "UPDATE scenario_proposal SET state = :state WHERE id = :id", id=proposal_id, state=state
    )


def set_fresh(tx: Transaction, proposal_id: int, fresh: Mapping[str, str]) -> None:
    """Note what the new grids of a proposal are called now that they are there."""
    tx.execute(
        "UPDATE scenario_proposal SET result = jsonb_set(result, '{fresh}',"
        " CAST(:fresh AS jsonb)) WHERE id = :id",
        id=proposal_id,
        fresh=json.dumps(dict(fresh)),
    )


def taken(tx: Transaction, scenario_id: int, proposal_id: int) -> set[int]:
    """Tell which steps of a proposal are in force: taken, and not undone."""
    rows = tx.all(
        "SELECT DISTINCT (arguments->>'step')::int AS step FROM scenario_operation"
        " WHERE scenario_id = :scenario AND NOT undone"
        " AND (arguments->>'proposal')::bigint = :id",
        scenario=scenario_id,
        id=proposal_id,
    )
    return {row["step"] for row in rows}


def areas(tx: Transaction, parent: str) -> list[Row]:
    """Give code and name of the communities of a township."""
    return tx.all(
        "SELECT code, name_zh FROM area WHERE level = 'community' AND parent_code = :parent"
        " ORDER BY code",
        parent=parent,
    )


def grids_of_buildings(tx: Transaction, scenario_id: int, ids: Sequence[int]) -> list[str]:
    """Name the grids of a scenario in which buildings stand."""
    rows = tx.all(
        "SELECT DISTINCT g.key FROM scenario_grid AS g JOIN building AS b ON b.geom && g.geom"
        " AND ST_Intersects(g.geom, ST_PointOnSurface(b.geom))"
        " WHERE g.scenario_id = :id AND g.kind = 'comprehensive' AND b.id = ANY(:ids)"
        " ORDER BY g.key",
        id=scenario_id,
        ids=list(ids),
    )
    return [row["key"] for row in rows]
