"""Shifts: who is on duty, and what one tells the next."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from gridmap.model.access import Scope
from gridmap.model.problem import Problem, bad_input
from gridmap.store import duty, event
from gridmap.store.database import Database, Row

_LONGEST = timedelta(hours=36)


def current(database: Database, scope: Scope) -> dict[str, Any]:
    """Give the shift on duty, None without one, and what the last one handed over."""
    with database.transaction(scope) as tx:
        on_duty = duty.shift(tx, scope.areas)
        last = duty.last_handover(tx, scope.areas)
    return {
        "shift": None if on_duty is None else _shift(on_duty),
        "last": None if last is None else _shift(last),
    }


def _shift(row: Row) -> dict[str, Any]:
    ended = row["handed_over_at"]
    return {
        "id": row["id"],
        "leader": row["leader"],
        "officers": list(row["officers"]),
        "starts_at": row["starts_at"].isoformat(),
        "ends_at": row["ends_at"].isoformat(),
        "handed_over_at": None if ended is None else ended.isoformat(),
        "handover": row["handover"],
    }


def begin(
    database: Database, scope: Scope, leader: str, officers: Sequence[str], ends_at: datetime
) -> dict[str, Any]:
    """Begin a shift.

    Raises
    ------
    Problem
        400 for an end that has passed or is too far, 409 while another shift is on duty.
    """
    now = datetime.now(UTC)
    if not now < ends_at <= now + _LONGEST:
        hours = int(_LONGEST.total_seconds() // 3600)
        raise bad_input(
            "the shift cannot begin",
            [{"place": "ends_at", "message": f"a time within the next {hours} hours is needed"}],
        )
    area_code = scope.areas[0]
    with database.transaction(scope) as tx:
        made = duty.begin(tx, area_code, leader, officers, ends_at)
        if made is None:
            raise Problem(
                409, "Another shift is on duty", "Hand it over first, then begin the next"
            )
        event.record(tx, "duty.started", area_code=area_code, subject_id=made)
    return current(database, scope)


def hand_over(database: Database, scope: Scope, text: str) -> dict[str, Any]:
    """End the shift on duty with what it tells the next.

    Raises
    ------
    Problem
        409 when nobody is on duty.
    """
    area_code = scope.areas[0]
    with database.transaction(scope) as tx:
        ended = duty.hand_over(tx, area_code, text)
        if ended is None:
            raise Problem(409, "Nobody is on duty", "Begin a shift first")
        event.record(tx, "duty.handed_over", area_code=area_code, subject_id=ended["id"])
    return current(database, scope)
