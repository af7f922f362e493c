"""Tasks of responses as pages and programs read them: one's own, and one with what may be done."""

from collections.abc import Sequence
from typing import Any

from gridmap.model.access import Permission
from gridmap.services.access import Viewer
from gridmap.services.response_tasks import is_mine, verbs_for
from gridmap.store import response_tasks as rows
from gridmap.store.database import Database, Row


def mine(database: Database, viewer: Viewer, english: bool) -> list[dict[str, Any]]:
    """List the open tasks of a person, the first due first."""
    held: Sequence[tuple[Any, str]] = viewer.roles
    with database.transaction(viewer.scope(Permission.MAP_VIEW)) as tx:
        found = rows.of_person(
            tx,
            viewer.id,
            viewer.team_id,
            [role.value for role, _code in held],
            [code for _role, code in held],
        )
    return [plain(viewer, row, english) for row in found]


def plain(viewer: Viewer, row: Row, english: bool) -> dict[str, Any]:
    """Give a task as pages and programs read it."""
    team = (english and row["team_name_en"]) or row["team_name"]
    role = (english and row["owner_en"]) or row["owner"]
    return {
        "id": row["id"],
        "response": row["response_id"],
        "matter": row["matter"],
        "level": row["level"],
        "exercise": row["exercise"],
        "key": row["key"],
        "title": (english and row["title_en"]) or row["title"],
        "owner": role,
        "owner_name": row["owner_name"] or team,
        "tier": row["tier"],
        "first_tier": row["first_tier"],
        "due_at": row["due_at"].isoformat(),
        "first_due_at": row["first_due_at"].isoformat(),
        "approval": row["approval"],
        "state": row["state"],
        "taken_by": row["taken_by_name"],
        "taken_at": _iso(row["taken_at"]),
        "done_by": row["done_by_name"],
        "done_at": _iso(row["done_at"]),
        "approved_by": row["approved_by_name"],
        "note": row["note"],
        "escalations": row["escalations"],
        "mine": is_mine(viewer, row),
        "steps": verbs_for(viewer, row),
    }


def _iso(moment: Any) -> str | None:
    return None if moment is None else str(moment.isoformat())
