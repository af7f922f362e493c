"""Tasks of a response: taken, done, agreed to, given to others, moved between levels."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.plan_template import TIERS, tier_of
from gridmap.model.problem import conflict, forbidden, not_found
from gridmap.problems import bad_value
from gridmap.services.access import Viewer
from gridmap.services.response_task_making import owner_of
from gridmap.store import event
from gridmap.store import response_tasks as rows
from gridmap.store.database import Database, Row, Transaction

VERBS = ("take", "done", "approve", "return", "assign", "escalate", "hand_down")


@dataclass(frozen=True)
class Step:
    """What somebody does with a task.

    Attributes
    ----------
    verb
        One of `VERBS`.
    note
        What was done, or why; needed to send back, to escalate and to hand down.
    """

    verb: str
    note: str = ""
    owner_id: int | None = None
    team_id: int | None = None


def step(
    database: Database, viewer: Viewer, request_id: str | None, task_id: int, taken: Step
) -> str:
    """Take a step with a task; give its state afterwards.

    Raises
    ------
    Problem
        400; 403 for who may not take it; 404; 409 where the state does not allow it.
    """
    with _held(database, viewer, request_id, task_id) as (tx, row):
        if taken.verb == "take":
            _take(tx, viewer, row)
        elif taken.verb == "done":
            _finish(tx, viewer, row, taken.note)
        elif taken.verb in ("approve", "return"):
            _judge(tx, viewer, row, taken)
        elif taken.verb == "assign":
            _assign(tx, viewer, row, taken)
        elif taken.verb in ("escalate", "hand_down"):
            _move(tx, viewer, row, taken)
        else:
            raise bad_value("verb", f"this is one of {', '.join(VERBS)}")
        found = rows.lock(tx, task_id)
        assert found is not None
        return str(found["state"])


@contextmanager
def _held(
    database: Database, viewer: Viewer, request_id: str | None, task_id: int
) -> Iterator[tuple[Transaction, Row]]:
    with database.transaction(viewer.scope(Permission.INCIDENT_REPORT, request_id)) as tx:
        row = rows.lock(tx, task_id)
        if row is None:
            raise not_found(f"task {task_id}")
        if row["response_state"] == "ended":
            raise conflict("the response has ended")
        yield tx, row


def is_mine(viewer: Viewer, row: Row) -> bool:
    """Tell whether a task is a person's, their team's or their role's."""
    if row["owner_id"] is not None:
        return bool(row["owner_id"] == viewer.id)
    if row["taken_by"] == viewer.id:
        return True
    if row["team_id"] is not None:
        return bool(row["team_id"] == viewer.team_id)
    return any(
        role.value == row["owner_role"]
        and (code.startswith(row["area_code"]) or row["area_code"].startswith(code))
        for role, code in viewer.roles
    )


def directs(viewer: Viewer, row: Row) -> bool:
    """Tell whether somebody at the desk of the area may act for others."""
    return viewer.may(Permission.INCIDENT_DISPATCH, row["area_code"])


def verbs_for(viewer: Viewer, row: Row) -> list[str]:
    """Give what a person may do with a task now."""
    if row["response_state"] == "ended":
        return []
    mine, desk, state = is_mine(viewer, row), directs(viewer, row), row["state"]
    going = state in ("open", "taken")
    found = {
        "take": state == "open" and (mine or desk),
        "done": going and (mine or desk),
        "approve": state == "waiting" and desk and row["done_by"] != viewer.id,
        "return": state == "waiting" and desk and row["done_by"] != viewer.id,
        "assign": going and desk,
        "escalate": going and (mine or desk) and row["tier"] != TIERS[-1],
        "hand_down": going and desk and TIERS.index(row["tier"]) > _lowest(row),
    }
    return [verb for verb in VERBS if found[verb]]


def _lowest(row: Row) -> int:
    return min(TIERS.index(row["first_tier"]), TIERS.index(tier_of(row["area_code"])))


def _ask(viewer: Viewer, row: Row, *, desk_only: bool = False) -> None:
    if not (directs(viewer, row) or (is_mine(viewer, row) and not desk_only)):
        raise forbidden("the task is somebody else's")


def _going(row: Row, *states: str) -> None:
    if row["state"] not in states:
        raise conflict(f"the task is {row['state']}", state=row["state"])


def _take(tx: Transaction, viewer: Viewer, row: Row) -> None:
    _ask(viewer, row)
    if row["state"] == "taken":
        raise conflict("somebody has taken the task already", by=row["taken_by_name"])
    _going(row, "open")
    rows.take(tx, row["id"])
    _record(tx, row, "task.taken", {})


def _finish(tx: Transaction, viewer: Viewer, row: Row, note: str) -> None:
    _ask(viewer, row)
    _going(row, "open", "taken")
    rows.finish(tx, row["id"], "waiting" if row["approval"] else "done", note.strip())
    _record(tx, row, "task.done", {"waits": bool(row["approval"])})


def _judge(tx: Transaction, viewer: Viewer, row: Row, taken: Step) -> None:
    _ask(viewer, row, desk_only=True)
    _going(row, "waiting")
    if row["done_by"] == viewer.id:
        raise forbidden("another person has to agree that it is done")
    if taken.verb == "approve":
        rows.approve(tx, row["id"])
        _record(tx, row, "task.approved", {})
    else:
        _reason(taken.note)
        rows.give_back(tx, row["id"], taken.note.strip())
        _record(tx, row, "task.returned", {})


def _assign(tx: Transaction, viewer: Viewer, row: Row, taken: Step) -> None:
    _ask(viewer, row, desk_only=True)
    _going(row, "open", "taken")
    if taken.owner_id is None and taken.team_id is None:
        raise bad_value("owner", "a person or a team is needed")
    owner_of(tx, row["area_code"], taken.owner_id, taken.team_id)
    rows.assign(tx, row["id"], taken.owner_id, taken.team_id)
    _record(tx, row, "task.assigned", {"user": taken.owner_id, "team": taken.team_id})


def _move(tx: Transaction, viewer: Viewer, row: Row, taken: Step) -> None:
    up = taken.verb == "escalate"
    _ask(viewer, row, desk_only=not up)
    _going(row, "open", "taken")
    _reason(taken.note)
    if row["tier"] == TIERS[-1] if up else TIERS.index(row["tier"]) <= _lowest(row):
        raise conflict("there is no further level")
    tier = rows.move(tx, row["id"], up=up)
    if up:
        _record(tx, row, "task.escalated", {"tier": tier, "before": row["tier"], "by_hand": True})
    else:
        _record(tx, row, "task.handed_down", {"tier": tier, "before": row["tier"]})


def _reason(note: str) -> None:
    if len(note.strip()) < 2:
        raise bad_value("note", "say why")


def _record(tx: Transaction, row: Row, kind: str, payload: dict[str, Any]) -> None:
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
