"""Personal data got for an emergency are destroyed afterwards (articles 84, 85 of the law).

So many days after all of an emergency has ended and everybody is home, unless a commander holds
them back with a reason and a day. Sums stay, without persons. The trail says how many rows went,
and nothing of them.
"""

from datetime import date, timedelta
from typing import Any

import structlog

from gridmap.model.access import Permission, system_scope
from gridmap.model.problem import conflict, not_found
from gridmap.problems import bad_value
from gridmap.services.access import Viewer
from gridmap.store import after_action, call_forgetting, event
from gridmap.store import destruction as rows
from gridmap.store import note_destruction as notes
from gridmap.store.database import Database, Transaction
from gridmap.store.versioned import today as day_now

KEEP_DAYS = 30
_RIGHT = Permission.PLAN_APPROVE
_LONGEST = timedelta(days=3660)
_ANSWER_MINUTES = 5

log = structlog.get_logger("destruction")


def destroy_due(database: Database, keep_days: int = KEEP_DAYS) -> int:
    """Destroy what is due; give how many rows went. Safe in several places at once.

    Each emergency is a transaction of its own: one that cannot be destroyed keeps no other.
    """
    with database.transaction(system_scope()) as tx:
        found = [int(row["id"]) for row in rows.due(tx, keep_days)]
    gone = 0
    for hazard_id in found:
        try:
            gone += _destroy(database, keep_days, hazard_id)
        except Exception:
            log.exception("personal_data.not_destroyed", hazard=hazard_id)
    return gone


def _destroy(database: Database, keep_days: int, hazard_id: int) -> int:
    gone = 0
    with database.transaction(system_scope()) as tx:
        # somebody may have held it back, or been at it, since it was found
        for row in rows.due(tx, keep_days, hazard_id):
            figures = _sums(tx, hazard_id)
            counts = rows.destroy(tx, hazard_id)
            rows.keep(tx, hazard_id, row["area_code"], counts, figures)
            gone = sum(counts.values())
            event.record(
                tx,
                "personal_data.destroyed",
                area_code=row["area_code"],
                subject_id=hazard_id,
                payload={
                    "hazard": hazard_id,
                    "rows": gone,
                    "tables": counts,
                    "exercise": bool(row["exercise"]),
                },
            )
    return gone


def forget_calls(database: Database, keep_days: int = KEEP_DAYS) -> int:
    """Destroy calls for volunteers with numbers and answers, and messages, days after their time.

    Those of an emergency go with it; give how many rows went.
    """
    gone = 0
    with database.transaction(system_scope()) as tx:
        done = [
            (row, call_forgetting.forget_call(tx, row["id"]))
            for row in call_forgetting.calls(tx, keep_days)
        ]
        messages = call_forgetting.forget_messages(tx, keep_days)
        for row, counts in done:
            gone += sum(counts.values())
            event.record(
                tx,
                "volunteer.destroyed",
                area_code=row["area_code"],
                subject_id=row["id"],
                payload={
                    "call": int(row["id"]),
                    "rows": sum(counts.values()),
                    "tables": counts,
                    "exercise": bool(row["exercise"]),
                },
            )
        for row in messages:
            gone += row["messages"]
            event.record(
                tx,
                "message.destroyed",
                area_code=row["county"],
                subject_id=row["county"],
                payload={"messages": row["messages"]},
            )
    return gone


def forget_notes(database: Database, keep_days: int = KEEP_DAYS) -> int:
    """Destroy notes of responses without a hazard, and of calls for departments, in their time.

    Those of a hazard go with it; give how many rows went.
    """
    with database.transaction(system_scope()) as tx:
        done = [(row, notes.forget(tx, [row["id"]])) for row in notes.due(tx, keep_days)]
        for row, counts in done:
            notes.keep(tx, row["id"], counts)
        loose = notes.forget_loose(tx, keep_days)
        told = [(f"response-{row['id']}", row, counts) for row, counts in done if counts]
        told += [(f"whistle-{row['id']}", row, {"whistle": 1}) for row in loose]
        for subject, row, counts in told:
            noun, _dash, number = subject.partition("-")
            event.record(
                tx,
                "personal_data.destroyed",
                area_code=row["area_code"],
                subject_id=subject,
                payload={
                    noun: int(number),
                    "rows": sum(counts.values()),
                    "tables": counts,
                    "exercise": bool(row["exercise"]),
                },
            )
    return sum(sum(counts.values()) for _subject, _row, counts in told)


def outlook_of_response(tx: Transaction, response_id: int, keep_days: int) -> dict[str, Any]:
    """Say when the notes of a response without a hazard are destroyed, and what has gone."""
    state = notes.day_of(tx, response_id, keep_days)
    return {
        "keep_days": keep_days,
        "due_on": state["due_on"] and state["due_on"].isoformat(),
        "destroyed_at": state["destroyed_at"] and state["destroyed_at"].isoformat(),
        "gone": state["gone"],
        "rows": notes.counts(tx, [response_id]),
        "holds": [],
        "may_hold": False,
    }


def _sums(tx: Transaction, hazard_id: int) -> dict[str, Any]:
    found = after_action.call_figures(tx, rows.plans(tx, hazard_id), _ANSWER_MINUTES)
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else int(value or 0)
        for name, value in found.items()
    }


def figures_of(tx: Transaction, hazard_id: int | None) -> dict[str, Any] | None:
    """Give the sums that were kept of a hazard; None where nothing was destroyed."""
    if hazard_id is None:
        return None
    found: dict[str, Any] | None = rows.day_of(tx, hazard_id, KEEP_DAYS)["figures"]
    return found


def outlook(tx: Transaction, viewer: Viewer, hazard_id: int, keep_days: int) -> dict[str, Any]:
    """Say what will be destroyed when, who holds it back, and what has gone."""
    state = rows.day_of(tx, hazard_id, keep_days)
    kept = rows.holds(tx, hazard_id)
    holding = [one for one in kept if one["holds"]]
    due = state["due_on"]
    if due is not None and holding:
        due = max(due, max(one["until"] for one in holding) + timedelta(days=1))
    return {
        "keep_days": keep_days,
        "due_on": due and due.isoformat(),
        "destroyed_at": state["destroyed_at"] and state["destroyed_at"].isoformat(),
        "gone": state["counts"] or {},
        "rows": rows.counts(tx, hazard_id),
        "holds": [
            {
                "until": one["until"].isoformat(),
                "reason": one["reason"],
                "by": one["by"],
                "at": one["held_at"].isoformat(),
                "holds": one["holds"],
            }
            for one in kept
        ],
        "may_hold": viewer.may(_RIGHT) and state["destroyed_at"] is None,
    }


def hold(  # noqa: PLR0913, PLR0917 - who, which, until when and why
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    hazard_id: int,
    until: date,
    reason: str,
) -> None:
    """Keep the personal data of an emergency until a day, with a reason.

    Raises
    ------
    Problem
        400; 404; 409 once they have been destroyed.
    """
    with database.transaction(viewer.scope(_RIGHT, request_id)) as tx:
        row = rows.hazard(tx, hazard_id)
        if row is None:
            raise not_found(f"hazard {hazard_id}")
        if rows.day_of(tx, hazard_id, KEEP_DAYS)["destroyed_at"] is not None:
            raise conflict("the personal data have been destroyed")
        today = day_now(tx)
        if not today <= until <= today + _LONGEST:
            low, high = today.isoformat(), (today + _LONGEST).isoformat()
            raise bad_value("until", f"a day from {low} to {high} is needed")
        rows.hold(tx, hazard_id, row["area_code"], until, reason.strip())
        event.record(
            tx,
            "personal_data.held",
            area_code=row["area_code"],
            subject_id=hazard_id,
            payload={
                "hazard": hazard_id,
                "until": until.isoformat(),
                "exercise": bool(row["exercise"]),
            },
        )


def release(database: Database, viewer: Viewer, request_id: str | None, hazard_id: int) -> None:
    """Let the personal data of an emergency go at their time again (Problems 404, 409)."""
    with database.transaction(viewer.scope(_RIGHT, request_id)) as tx:
        row = rows.hazard(tx, hazard_id)
        if row is None:
            raise not_found(f"hazard {hazard_id}")
        if not rows.release(tx, hazard_id):
            raise conflict("nothing is held back")
        event.record(
            tx,
            "personal_data.released",
            area_code=row["area_code"],
            subject_id=hazard_id,
            payload={"hazard": hazard_id, "exercise": bool(row["exercise"])},
        )
