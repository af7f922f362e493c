"""Alarms of the duty desk: seen by all of its maps, taken by the first who does."""

from typing import Any

from gridmap.model.access import Scope
from gridmap.model.problem import Problem, forbidden, not_found
from gridmap.store import duty_alarm, event
from gridmap.store.database import Database, Row


def listing(database: Database, scope: Scope, since: int, *, english: bool) -> dict[str, Any]:
    """List the alarms after an event's number, each with who took it."""
    with database.transaction(scope) as tx:
        rows = duty_alarm.alarms(tx, since, english)
        as_of = tx.value("SELECT now()")
    return {"items": [_alarm(row, scope) for row in rows], "as_of": as_of.isoformat()}


def _alarm(row: Row, scope: Scope) -> dict[str, Any]:
    taken = None
    if row["taken_at"] is not None:
        taken = {"by": row["taken_by"], "at": row["taken_at"].isoformat()}
    return {
        "seq": row["seq"],
        "at": row["at"].isoformat(),
        "subject": row["subject"],
        "id": row["id"],
        "level": row["level"],
        "number": row["number"],
        "title": row["title"],
        "exercise": row["exercise"],
        "mine": row["by_id"] == scope.user_id,
        "taken": taken,
        "active": bool(row["waiting"]) and taken is None,
        "can_take": _within(row["area_code"], scope),
    }


def take(database: Database, scope: Scope, seq: int) -> dict[str, Any]:
    """Take an alarm for this person; the same person may do so twice.

    Raises
    ------
    Problem
        404 for no such alarm, 403 for one of a wider area, 409 naming who was first.
    """
    with database.transaction(scope) as tx:
        found = duty_alarm.event_of(tx, seq)
        if found is None:
            raise not_found(f"alarm {seq}")
        if not _within(found["area_code"], scope):
            raise forbidden("an alarm of a wider area is taken there")
        first = duty_alarm.take(tx, seq, found["area_code"])
        by = duty_alarm.taken(tx, seq, found["area_code"])
        if first:
            event.record(
                tx,
                "alarm.taken",
                area_code=found["area_code"],
                subject_id=seq,
                payload={
                    found["subject"]: found["subject_id"],
                    "exercise": bool(found["exercise"]),
                },
            )
    who = {"seq": seq, "by": by["by"], "at": by["at"].isoformat()}
    if not first and by["user_id"] != scope.user_id:
        problem = Problem(409, "Taken already", f"{by['by']} was first")
        problem.more = {"taken": who}
        raise problem
    return who


def _within(area_code: str, scope: Scope) -> bool:
    return any(area_code.startswith(own) for own in scope.areas)
