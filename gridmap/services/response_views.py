"""Responses as pages and programs read them: the list, one with all that belongs to it."""

from typing import Any

from gridmap.model.access import Permission, Scope
from gridmap.model.plan_template import TIERS, tier_of
from gridmap.model.problem import not_found
from gridmap.services import response_task_views, whistles
from gridmap.services.access import Viewer
from gridmap.store import plan_templates as template_rows
from gridmap.store import response_tasks as task_rows
from gridmap.store import responses, user_area
from gridmap.store.database import Database, Row, Transaction


def listing(database: Database, viewer: Viewer, state: str | None, english: bool) -> dict[str, Any]:
    """List responses, the running ones first, then the gravest."""
    with database.transaction(viewer.scope(Permission.MAP_VIEW)) as tx:
        found = responses.listing(tx, state)
        names = user_area.names(tx, {row["area_code"] for row in found}, english)
        now = task_rows.now(tx)
    return {
        "server_time": now.isoformat(),
        "items": [_head(row, names.get(row["area_code"]), english) for row in found],
    }


def one(database: Database, viewer: Viewer, response_id: int, english: bool) -> dict[str, Any]:
    """Give a response with its tasks, steps, whistles and what it is linked to.

    Raises
    ------
    Problem
        404 if there is none for this person.
    """
    with database.transaction(viewer.scope(Permission.MAP_VIEW)) as tx:
        row = responses.one(tx, response_id)
        if row is None:
            raise not_found(f"response {response_id}")
        names = user_area.names(tx, {row["area_code"]}, english)
        tasks = task_rows.of(tx, response_id)
        blown = whistles.of_response(tx, viewer, response_id, english)
        return {
            **_head(row, names.get(row["area_code"]), english),
            "server_time": task_rows.now(tx).isoformat(),
            "template": _template(tx, row, english),
            "tasks": [response_task_views.plain(viewer, task, english) for task in tasks],
            "log": [_step(step) for step in responses.steps(tx, response_id)],
            "whistles": blown,
            "steps": _steps(viewer, row),
            **_linked(tx, viewer, row),
        }


def choices(database: Database, viewer: Viewer, response_id: int, english: bool) -> dict[str, Any]:
    """Give people and teams a task, a whistle or the lead can be given to.

    Raises
    ------
    Problem
        404 if there is none for this person.
    """
    with database.transaction(viewer.scope(Permission.INCIDENT_DISPATCH)) as tx:
        row = responses.one(tx, response_id)
        if row is None or not viewer.may(Permission.INCIDENT_DISPATCH, row["area_code"]):
            raise not_found(f"response {response_id}")
        people = responses.people(tx, row["area_code"])
        teams = responses.teams(tx, row["area_code"])
    return {
        "people": [
            {"id": one["id"], "name": one["name"], "roles": list(one["roles"])} for one in people
        ],
        "leaders": [
            {"id": one["id"], "name": one["name"]}
            for one in people
            if {"duty_officer", "commander"} & set(one["roles"])
        ],
        "teams": [team(one, english) for one in teams],
    }


def team(row: Row, english: bool) -> dict[str, Any]:
    """Give a team as it is chosen."""
    name = (english and row["name_en"]) or row["name"]
    return {"id": row["id"], "kind": row["kind"], "name": name, "on_duty": row["on_duty"]}


def running(database: Database, scope: Scope, english: bool) -> list[dict[str, Any]]:
    """List the running responses in a few words each, for the strip of the duty map."""
    with database.transaction(scope) as tx:
        found = responses.listing(tx, "open", 20)
        names = user_area.names(tx, {row["area_code"] for row in found}, english)
    return [_head(row, names.get(row["area_code"]), english) for row in found]


def _head(row: Row, area_name: str | None, english: bool) -> dict[str, Any]:
    hazard = (english and row["hazard_name_en"]) or row["hazard_name"]
    return {
        "id": row["id"],
        "area": row["area_code"],
        "area_name": area_name,
        "kind": row["kind"],
        "matter": row["matter"],
        "level": row["level"],
        "expected_until": row["expected_until"].isoformat(),
        "measures": row["measures"],
        "exercise": row["exercise"],
        "tier": row["tier"],
        "state": row["state"],
        "revision": row["revision"],
        "leader": row["leader"],
        "started_by": row["started_by_name"],
        "started_at": row["started_at"].isoformat(),
        "ended_by": row["ended_by_name"],
        "ended_at": _iso(row["ended_at"]),
        "reviewed_at": _iso(row["reviewed_at"]),
        "hazard": None
        if row["hazard_id"] is None
        else {"id": row["hazard_id"], "name": hazard, "state": row["hazard_state"]},
        "tasks_all": row["tasks"],
        "tasks_done": row["tasks_done"],
        "tasks_late": row["tasks_late"] if row["state"] == "open" else 0,
    }


def _template(tx: Transaction, row: Row, english: bool) -> dict[str, Any] | None:
    if row["template_key"] is None:
        return None
    versions = template_rows.versions(tx, row["template_key"], row["template_area"])
    used = next((each for each in versions if each["version"] == row["template_version"]), None)
    return {
        "name": used and used["name_en" if english else "name_zh"],
        "area": row["template_area"],
        "key": row["template_key"],
        "version": row["template_version"],
    }


def _step(row: Row) -> dict[str, Any]:
    return {
        "verb": row["verb"],
        "level": row["level"],
        "tier": row["tier"],
        "expected_until": row["expected_until"].isoformat(),
        "measures": row["measures"],
        "reason": row["reason"],
        "by": row["by"],
        "to": row["to"],
        "at": row["at"].isoformat(),
    }


def _steps(viewer: Viewer, row: Row) -> list[str]:
    """Give what a person may do with a response now."""
    if row["state"] == "ended" or not viewer.may(Permission.HAZARD_DECLARE, row["area_code"]):
        return []
    place, lowest = TIERS.index(row["tier"]), TIERS.index(tier_of(row["area_code"]))
    found = ["adjust", "hand_over", "end"]
    found += ["escalate"] if place + 1 < len(TIERS) else []
    found += ["hand_down"] if place > lowest else []
    return found


def _linked(tx: Transaction, viewer: Viewer, row: Row) -> dict[str, Any]:
    hazard = row["hazard_id"]
    plans = []
    if hazard is not None and viewer.may(Permission.PLAN_VIEW, row["area_code"]):
        plans = [
            {"id": one["id"], "version": one["version"], "state": one["state"]}
            for one in responses.plans(tx, hazard)
        ]
    alerts = [
        {"id": one["id"], "headline": one["headline"], "severity": one["severity"],
         "sent": _iso(one["sent"]), "type": one["msg_type"]}
        for one in responses.alerts(tx, hazard, row["alert_id"])
    ]  # fmt: skip
    return {"plans": plans, "alerts": alerts}


def _iso(moment: Any) -> str | None:
    return None if moment is None else str(moment.isoformat())
