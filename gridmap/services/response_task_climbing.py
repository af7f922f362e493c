"""Tasks of responses that have run out of time climb to the next level by themselves."""

from typing import Any

from gridmap.model.access import system_scope
from gridmap.store import event
from gridmap.store import response_tasks as rows
from gridmap.store.database import Database, Row, Transaction


def climb_due(database: Database) -> int:
    """Let tasks that have run out climb; give how many. Safe in several places."""
    with database.transaction(system_scope()) as tx:
        found = rows.overdue(tx)
        for row in found:
            payload = {
                "response": int(row["response_id"]),
                "tier": row["tier"],
                "exercise": bool(row["exercise"]),
            }
            if row["overdue_told"]:
                _tell(tx, row, "task.overdue", payload)
            else:
                _tell(tx, row, "task.escalated", {**payload, "by_hand": False})
    return len(found)


def _tell(tx: Transaction, row: Row, kind: str, payload: dict[str, Any]) -> None:
    event.record(tx, kind, area_code=row["area_code"], subject_id=row["id"], payload=payload)
