"""How tasks of a response come about: out of the template, or by hand; and whose they are."""

from dataclasses import dataclass
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.plan_template import Content
from gridmap.model.problem import conflict, not_found
from gridmap.problems import bad_value
from gridmap.services.access import Viewer
from gridmap.store import event, responses
from gridmap.store import response_tasks as rows
from gridmap.store.database import Database, Row, Transaction


@dataclass(frozen=True)
class New:
    """A task that somebody adds to a response."""

    title: str
    tier: str
    minutes: int
    approval: bool = False
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
        owner, english, role = owner_of(tx, row["area_code"], new.owner_id, new.team_id)
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


def owner_of(
    tx: Transaction, area_code: str, owner_id: int | None, team_id: int | None
) -> tuple[str, str | None, str | None]:
    """Give how an owner is called, in English too, and their role; the duty desk for nobody.

    Raises
    ------
    Problem
        400 for a person and a team at once, or one that is not of the area.
    """
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
