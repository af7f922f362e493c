"""Lessons of responses: acted on, proposed for a plan template, gone into a version of it."""

from typing import Any

from gridmap.model.access import Permission
from gridmap.model.plan_template import key_of
from gridmap.model.problem import conflict, not_found
from gridmap.problems import bad_value
from gridmap.services.access import Viewer
from gridmap.store import after_action as rows
from gridmap.store import event
from gridmap.store.database import Database, Row, Transaction

_WORK = Permission.INCIDENT_DISPATCH


def step(
    database: Database, viewer: Viewer, request_id: str | None, lesson_id: int, verb: str
) -> None:
    """Note that a lesson is done, propose it as a change of the template, or decide on that.

    Raises
    ------
    Problem
        400 for a decision of somebody who may not edit templates; 404; 409 where it does not fit.
    """
    with database.transaction(viewer.scope(_WORK, request_id)) as tx:
        row = rows.lock_lesson(tx, lesson_id)
        if row is None or not viewer.may(_WORK, row["area_code"]):
            raise not_found(f"lesson {lesson_id}")
        if verb == "done":
            if row["done_at"] is not None:
                raise conflict("the lesson has been acted on")
            rows.finish_lesson(tx, lesson_id)
            _tell(tx, row, "lesson.done", {})
        elif verb == "propose":
            if row["proposal"] is not None:
                raise conflict("the lesson is proposed already")
            area_code, key = _template_of(row)
            rows.propose(tx, lesson_id, area_code, key)
            _tell(tx, row, "lesson.proposed", {"template": key})
        else:
            if row["proposal"] != "proposed":
                raise conflict("nothing is proposed")
            if not viewer.may(Permission.PLAN_APPROVE, row["template_area"]):
                raise bad_value("verb", "who edits the template decides")
            rows.decide(tx, lesson_id, "declined")
            _tell(tx, row, "lesson.decided", {"template": row["template_key"], "answer": verb})


def _template_of(row: Row) -> tuple[str, str]:
    """Give the template a lesson is about: what its response went by, else the general one."""
    return row["used_area"] or row["area_code"][:6], row["used_key"] or key_of(
        "general", "township"
    )


def one(database: Database, viewer: Viewer, lesson_id: int) -> dict[str, Any]:
    """Give one lesson with its response and the template it is about, for that template's form.

    Raises
    ------
    Problem
        404 if there is none for this person's desk.
    """
    with database.transaction(viewer.scope(_WORK)) as tx:
        row = rows.lesson(tx, lesson_id)
    if row is None or not viewer.may(_WORK, row["area_code"]):
        raise not_found(f"lesson {lesson_id}")
    area_code, key = (row["template_area"], row["template_key"])
    if area_code is None:
        area_code, key = _template_of(row)
    return {
        **plain(row),
        "response": row["response_id"],
        "matter": row["matter"],
        "area": area_code,
        "template": key,
    }


def take(
    tx: Transaction, viewer: Viewer, lesson_id: int, area_code: str, key: str, version: int
) -> Row:
    """Note that a version of a template came of a lesson; the caller records it by `taken`.

    Raises
    ------
    Problem
        404 if there is none for this person; 409 if it went into a version already.
    """
    row = rows.lock_lesson(tx, lesson_id)
    if row is None or not viewer.may(_WORK, row["area_code"]):
        raise not_found(f"lesson {lesson_id}")
    if row["template_version"] is not None:
        raise conflict("the lesson is in a version of the template already")
    rows.become(tx, lesson_id, area_code, key, version)
    return row


def taken(tx: Transaction, row: Row, key: str, version: int) -> None:
    """Record that a version of a template came of a lesson."""
    _tell(tx, row, "lesson.decided", {"template": key, "answer": "take", "version": version})


def proposals(database: Database, viewer: Viewer) -> list[dict[str, Any]]:
    """List the changes of templates that lessons ask for."""
    with database.transaction(viewer.scope(Permission.PLAN_VIEW)) as tx:
        return [
            {**plain(row), "response": row["response_id"], "matter": row["matter"],
             "area": row["template_area"]}
            for row in rows.proposals(tx)
        ]  # fmt: skip


def plain(row: Row) -> dict[str, Any]:
    """Give a lesson as pages and programs read it."""
    return {
        "id": row["id"],
        "text": row["text"],
        "owner": row["owner"],
        "due_on": row["due_on"].isoformat(),
        "done_at": _iso(row["done_at"]),
        "done_by": row["done_by_name"],
        "proposal": row["proposal"],
        "template": row["template_key"],
        "template_area": row["template_area"],
        "template_version": row["template_version"],
    }


def _tell(tx: Transaction, row: Row, kind: str, payload: dict[str, Any]) -> None:
    event.record(
        tx,
        kind,
        area_code=row["area_code"],
        subject_id=row["id"],
        payload={
            "response": int(row["response_id"]),
            "exercise": bool(row["exercise"]),
            **payload,
        },
    )


def _iso(moment: Any) -> str | None:
    return None if moment is None else str(moment.isoformat())
