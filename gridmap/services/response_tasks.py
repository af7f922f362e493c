"""Tasks of a response: out of the template, taken, done, agreed to, climbing when they run out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from gridmap.model.access import Permission, system_scope
from gridmap.model.plan_template import TIERS, Content, tier_of
from gridmap.model.problem import conflict, forbidden, not_found
from gridmap.problems import bad_value
from gridmap.services.access import Viewer
from gridmap.store import event, responses
from gridmap.store import response_tasks as rows
from gridmap.store.database import Database, Row, Transaction

VERBS = ("take", "done", "approve", "return", "assign", "escalate", "hand_down")


@dataclass(frozen=True)
class New:
    """A task that somebody adds to a response."""

    title: str
    tier: str
    minutes: int
    approval: bool = False
    owner_id: int | None = None
    team_id: int | None = None


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


def tasks_of(
    template: Row | None, level: int | None, *, from_now: bool = False
) -> list[dict[str, Any]]:
    """Turn the actions of a template for a level into tasks; none without a template."""
    if template is None:
        return []
    content = Content.model_validate(template["content"])
    roles = {one.key: one for one in content.organisation}
    return [
        {
            "key": action.key,
            "title": action.zh,
            "title_en": action.en or None,
            "owner": roles[action.role].zh[:80],
            "owner_en": roles[action.role].en[:80] or None,
            "owner_role": roles[action.role].held_by,
            "team_kind": roles[action.role].team,
            "owner_id": None,
            "team_id": None,
            "tier": action.tier,
            "minutes": action.minutes,
            "approval": action.approval,
            "from_now": from_now,
        }
        for action in content.actions
        if not action.levels or level is None or level in action.levels
    ]


def add(
    database: Database, viewer: Viewer, request_id: str | None, response_id: int, new: New
) -> int:
    """Add a task to a running response; give its id.

    Raises
    ------
    Problem
        400; 404; 409 if the response has ended.
    """
    with database.transaction(viewer.scope(Permission.INCIDENT_DISPATCH, request_id)) as tx:
        row = responses.one(tx, response_id)
        if row is None or not viewer.may(Permission.INCIDENT_DISPATCH, row["area_code"]):
            raise not_found(f"response {response_id}")
        if row["state"] == "ended":
            raise conflict("the response has ended")
        owner, english, role = _owner(tx, row["area_code"], new.owner_id, new.team_id)
        made = rows.insert(
            tx,
            row,
            [
                {
                    "key": None, "title": new.title.strip(), "title_en": None, "owner": owner,
                    "owner_en": english, "owner_role": role, "team_kind": None,
                    "owner_id": new.owner_id, "team_id": new.team_id, "tier": new.tier,
                    "minutes": new.minutes, "approval": new.approval, "from_now": True,
                }
            ],
        )  # fmt: skip
        event.record(
            tx,
            "task.created",
            area_code=row["area_code"],
            subject_id=made[0],
            payload={"response": response_id, "exercise": bool(row["exercise"])},
        )
    return made[0]


def _owner(
    tx: Transaction, area_code: str, owner_id: int | None, team_id: int | None
) -> tuple[str, str | None, str | None]:
    """Give how an owner is called; the duty desk where nobody is named."""
    if owner_id is not None and team_id is not None:
        raise bad_value("owner", "a person or a team, not both")
    if owner_id is not None:
        person = next((p for p in responses.people(tx, area_code) if p["id"] == owner_id), None)
        if person is None:
            raise bad_value("owner", "nobody of this area")
        return person["name"], None, None
    if team_id is not None:
        team = next((t for t in responses.teams(tx, area_code) if t["id"] == team_id), None)
        if team is None:
            raise bad_value("team", "no such team")
        return team["name"], team["name_en"], None
    return "值班室", "Duty desk", "duty_officer"


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
    _owner(tx, row["area_code"], taken.owner_id, taken.team_id)
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
