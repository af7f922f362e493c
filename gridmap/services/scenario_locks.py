"""Soft locks: a planner sees who has a grid in hand, and nobody is blocked for longer than that.

A lock is courtesy: it runs out a minute after the last move of the person who has it, and what
protects the grids themselves is the version that every operation names.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gridmap.model.access import Scope
from gridmap.model.problem import Problem
from gridmap.model.states import EDITABLE_SCENARIOS, ScenarioState
from gridmap.problems import bad_value
from gridmap.services.scenario_views import head
from gridmap.store import event, scenario_grid, scenario_lock
from gridmap.store.database import Database, Row, Transaction

SECONDS = 60  # a lock lasts so long after the last move
MOST = 50  # grids one person has in hand


def listing(database: Database, scope: Scope, scenario_id: int) -> dict[str, Any]:
    """List who has which grids in hand.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope) as tx:
        head(tx, scenario_id)
        return _shown(tx, scenario_id)


def hold(database: Database, scope: Scope, scenario_id: int, keys: Sequence[str]) -> dict[str, Any]:
    """Have these grids in hand for a minute and no others; give all locks and who has what else.

    Raises
    ------
    Problem
        404; 400 for more than 50 grids.
    """
    wanted = list(dict.fromkeys(keys))
    if len(wanted) > MOST:
        raise bad_value("grids", f"at most {MOST} grids are held at once")
    with database.transaction(scope) as tx:
        row = head(tx, scenario_id)
        there = scenario_grid.existing(tx, scenario_id, wanted)
        editable = ScenarioState(row["state"]) in EDITABLE_SCENARIOS
        mine = sorted(there) if editable else []
        scenario_lock.in_turn(tx, scenario_id)
        gone = scenario_lock.sweep(tx, scenario_id) | scenario_lock.release(tx, scenario_id, mine)
        taken = scenario_lock.take(tx, scenario_id, row["area_code"], mine, SECONDS)
        shown = _shown(tx, scenario_id)
        held = {each["grid"]: each for each in shown["locks"]}
        shown["refused"] = [
            _refusal(key, there, held) for key in wanted if not held.get(key, {}).get("mine")
        ]
        if taken ^ gone:
            _tell(tx, row, sorted(taken), sorted(gone - taken))
    return shown


def _tell(tx: Transaction, row: Row, taken: Sequence[str], released: Sequence[str]) -> None:
    event.record(
        tx,
        "scenario.locked",
        area_code=row["area_code"],
        subject_id=row["id"],
        payload={"scenario": row["id"], "taken": list(taken), "released": list(released)},
    )


def _refusal(key: str, there: dict[str, Row], held: dict[str, dict[str, Any]]) -> dict[str, Any]:
    lock = held.get(key)
    return {
        "grid": key,
        "label": there[key]["label"] if key in there else key,
        "by": lock and lock["by"],
        "until": lock and lock["until"],
    }


def _shown(tx: Transaction, scenario_id: int) -> dict[str, Any]:
    now: datetime = scenario_lock.now(tx)["now"]
    rows = scenario_lock.listing(tx, scenario_id)
    return {
        "seconds": SECONDS,
        "now": now.isoformat(),
        "locks": [_lock(row, tx.scope.user_id) for row in rows],
    }


def _lock(row: Row, user_id: int | None) -> dict[str, Any]:
    return {
        "grid": row["grid"],
        "label": row["label"],
        "by": {"id": row["user_id"], "name": row["name"]},
        "mine": row["user_id"] == user_id,
        "until": row["until"].isoformat(),
    }


def check_free(tx: Transaction, row: Row, keys: Sequence[str]) -> None:
    """Stop an operation on what somebody else has in hand; keep one's own in hand for longer.

    Raises
    ------
    Problem
        409 naming who has it until when.
    """
    held = scenario_lock.listing(tx, row["id"], keys)
    others = [_lock(each, tx.scope.user_id) for each in held]
    others = [each for each in others if not each["mine"]]
    if others:
        names = ", ".join(f"{each['label']} ({each['by']['name']})" for each in others[:5])
        raise Problem(
            409,
            "In another's hand",
            f"somebody else is at work on {names}; what you did is kept on your screen",
            more={"version": row["version"], "locked": others, "changed": []},
        )
    if held:
        scenario_lock.in_turn(tx, row["id"])
        scenario_lock.extend(tx, row["id"], [each["grid"] for each in held], SECONDS)
