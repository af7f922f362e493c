"""After a response: its course out of the trail, measures against deadlines, lessons.

Nothing here compares people: counts are of tasks and households, evaluations are words.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.problem import conflict, not_found
from gridmap.services import destruction, lessons
from gridmap.services.access import Viewer
from gridmap.store import after_action as rows
from gridmap.store import drills, event, responses, user_area
from gridmap.store.database import Database, Row, Transaction

MARKS = ("met", "partly", "not_met", "not_seen")
_MOST = 2000  # events of one course
_ANSWER_MINUTES = 5  # of a call-out, until the next level hears of it
_WORK = Permission.INCIDENT_DISPATCH


@dataclass(frozen=True)
class Objective:
    """What an exercise was to show, what was seen, and how far it was met, in a word."""

    objective: str
    observed: str
    mark: str


def review(
    database: Database, viewer: Viewer, response_id: int, keep_days: int, english: bool
) -> dict[str, Any]:
    """Give the course of a response with its figures, evaluation, lessons and what is destroyed.

    Raises
    ------
    Problem
        404 if there is none for this person's desk.
    """
    with database.transaction(viewer.scope(_WORK), snapshot=True) as tx:
        row = responses.one(tx, response_id)
        if row is None or not viewer.may(_WORK, row["area_code"]):
            raise not_found(f"response {response_id}")
        hazard = row["hazard_id"]
        plans = [] if hazard is None else [one["id"] for one in responses.plans(tx, hazard)]
        alerts = [one["id"] for one in responses.alerts(tx, hazard, row["alert_id"])]
        since = rows.begun(tx, response_id)
        events = rows.timeline(tx, {**row, "since": since}, plans, alerts, None, _MOST)
        written = rows.evaluation(tx, response_id)
        names = user_area.names(tx, {row["area_code"]}, english)
        return {
            "id": row["id"],
            "matter": row["matter"],
            "kind": row["kind"],
            "level": row["level"],
            "area": row["area_code"],
            "area_name": names.get(row["area_code"]),
            "exercise": row["exercise"],
            "state": row["state"],
            "measures": row["measures"],
            "hazard": hazard,
            "started_at": _iso(row["started_at"]),
            "ended_at": _iso(row["ended_at"]),
            "began_at": _iso(since),
            "reviewed_at": _iso(row["reviewed_at"]),
            "timeline": [_event(one) for one in events],
            "complete": len(events) < _MOST,
            "figures": _figures(tx, row, plans),
            "evaluation": written
            and {
                "objectives": list(written["objectives"]),
                "summary": written["summary"],
                "by": written["by"],
                "at": _iso(written["at"]),
            },
            "lessons": [lessons.plain(one) for one in rows.lessons(tx, response_id)],
            "destruction": destruction.outlook_of_response(tx, response_id, keep_days)
            if hazard is None
            else destruction.outlook(tx, viewer, hazard, keep_days),
        }


def _event(row: Row) -> dict[str, Any]:
    return {
        "seq": row["seq"],
        "at": row["at"].isoformat(),
        "kind": row["kind"],
        "subject": row["subject"],
        "subject_id": row["subject_id"],
        "by": row["by"],
        "figures": {
            name: value
            for name, value in row["payload"].items()
            if isinstance(value, int | float | str | bool)
        },
    }


def _figures(tx: Transaction, row: Row, plans: Sequence[int]) -> dict[str, Any]:
    tasks = dict(rows.task_figures(tx, row["id"]))
    kept = destruction.figures_of(tx, row["hazard_id"])
    calls = kept or {
        name: value if not hasattr(value, "isoformat") else value.isoformat()
        for name, value in rows.call_figures(tx, plans, _ANSWER_MINUTES).items()
    }
    limit = rows.clear_by(tx, plans)
    return {
        "tasks": tasks,
        "calls": calls,
        "answer_minutes": _ANSWER_MINUTES,
        "clear_by": _iso(limit),
        "last_arrival": calls.get("last_arrival"),
    }


@contextmanager
def _held(
    database: Database, viewer: Viewer, request_id: str | None, response_id: int
) -> Iterator[tuple[Transaction, Row]]:
    with database.transaction(viewer.scope(_WORK, request_id)) as tx:
        row = responses.lock(tx, response_id)
        if row is None or not viewer.may(_WORK, row["area_code"]):
            raise not_found(f"response {response_id}")
        yield tx, row


def evaluate(  # noqa: PLR0913, PLR0917 - who, which, and what was seen
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    response_id: int,
    objectives: Sequence[Objective],
    summary: str,
) -> None:
    """Write the evaluation of an exercise.

    Raises
    ------
    Problem
        404; 409 for what is no exercise, or once the review is closed.
    """
    with _held(database, viewer, request_id, response_id) as (tx, row):
        if not row["exercise"]:
            raise conflict("only an exercise is evaluated like that")
        _open(row)
        said = [
            {"objective": one.objective, "observed": one.observed, "mark": one.mark}
            for one in objectives
        ]
        rows.evaluate(tx, row, said, summary)
        _record(tx, row, "drill.evaluated", {"objectives": len(said)})


def add_lesson(  # noqa: PLR0913, PLR0917 - who, which, and the parts of a lesson
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    response_id: int,
    text: str,
    owner: str,
    due_on: date,
) -> int:
    """Write a lesson with its owner and day; give its id (Problems 404, 409 as `evaluate`)."""
    with _held(database, viewer, request_id, response_id) as (tx, row):
        _open(row)
        made = rows.add_lesson(tx, row, text.strip(), owner.strip(), due_on)
        _record(tx, row, "lesson.added", {"lesson": made})
    return made


def close(database: Database, viewer: Viewer, request_id: str | None, response_id: int) -> None:
    """Close the review of a response that has ended.

    Raises
    ------
    Problem
        404; 409 while it runs, if it is closed already, or an exercise without its evaluation.
    """
    with _held(database, viewer, request_id, response_id) as (tx, row):
        if row["state"] != "ended":
            raise conflict("the response is still running")
        if row["exercise"] and rows.evaluation(tx, response_id) is None:
            raise conflict("an exercise is evaluated first")
        if not rows.close(tx, response_id):
            raise conflict("the review is closed")
        if row["drill_id"] is not None:
            drills.done(tx, row["drill_id"])
        _record(tx, row, "after_action.closed", {})


def _open(row: Row) -> None:
    if row["reviewed_at"] is not None:
        raise conflict("the review is closed")


def _record(tx: Transaction, row: Row, kind: str, payload: dict[str, Any]) -> None:
    event.record(
        tx,
        kind,
        area_code=row["area_code"],
        subject_id=row["id"],
        payload={"response": int(row["id"]), "exercise": bool(row["exercise"]), **payload},
    )


def _iso(moment: Any) -> str | None:
    return None if moment is None else str(moment.isoformat())
