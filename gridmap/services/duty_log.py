"""The duty log: what was done, in the order in which it was, and free entries between."""

from typing import Any

from gridmap.model.access import Scope
from gridmap.store import duty, event
from gridmap.store.database import Database, Row

PAGE = 60
# figures of an event that the words of the log use; nothing else of it leaves the trail
_FIGURES = ("level", "severity", "state", "number", "version", "into", "households", "people")


def read(
    database: Database, scope: Scope, before: int | None, *, english: bool, limit: int = PAGE
) -> dict[str, Any]:
    """Give a page of the log, the newest first, and the number to go on from."""
    with database.transaction(scope) as tx:
        rows = duty.log(tx, before, limit + 1, english)
    shown = rows[:limit]
    return {
        "items": [_line(row) for row in shown],
        "next": shown[-1]["seq"] if len(rows) > limit else None,
    }


def _line(row: Row) -> dict[str, Any]:
    payload = row["payload"] or {}
    return {
        "seq": row["seq"],
        "at": row["at"].isoformat(),
        "kind": row["kind"],
        "by": row["by"],
        "incident": None if row["incident_id"] is None else str(row["incident_id"]),
        "number": row["number"],
        "title": row["title"],
        "hazard": row["hazard_id"],
        "hazard_name": row["hazard"],
        "exercise": bool(row["exercise"]),
        "plan": row["plan_id"],
        "assignee": row["assignee"],
        "text": row["text"],
        "figures": {name: payload[name] for name in _FIGURES if name in payload},
    }


def write(database: Database, scope: Scope, text: str) -> int:
    """Write a free entry into the log of the person's desk; give its id."""
    area_code = scope.areas[0]
    with database.transaction(scope) as tx:
        entry = duty.write(tx, area_code, text)
        event.record(tx, "duty.logged", area_code=area_code, subject_id=entry)
    return entry
