"""Which team an account works for: what it may handle follows from it."""

from typing import Any

from gridmap.model.access import Permission
from gridmap.model.problem import Problem, not_found
from gridmap.problems import bad_value
from gridmap.services.access import Viewer
from gridmap.store import event, team, user, user_area
from gridmap.store.database import Database

_MANAGE = Permission.USER_MANAGE


def listing(database: Database, viewer: Viewer, english: bool) -> dict[str, Any]:
    """Give the teams a person may put accounts into, and who is in one: account to team."""
    with database.transaction(viewer.scope(_MANAGE)) as tx:
        rows = team.listing(tx, english)
        held = team.held(tx)
    return {
        "items": [
            {"id": row["id"], "kind": row["kind"], "name": row["name"], "area": row["area_code"]}
            for row in rows
        ],
        "of": {str(row["id"]): row["team_id"] for row in held},
    }


def put(
    database: Database, viewer: Viewer, request_id: str, user_id: int, team_id: int | None
) -> None:
    """Put somebody into a team, or out of every one.

    Raises
    ------
    Problem
        400 for a team that is not there or not of this person's areas; 403 for one's own account
        or one beyond one's areas; 404.
    """
    if user_id == viewer.id:
        raise Problem(403, "Not allowed", "Nobody changes their own account")
    with database.transaction(viewer.scope(_MANAGE, request_id)) as tx:
        row = user_area.one(tx, user_id)
        if row is None or not user.lock(tx, user_id):
            raise not_found(f"account {user_id}")
        reach = user_area.reach(tx, user_id)
        if not all(viewer.may(_MANAGE, code) for code in reach):
            raise Problem(403, "Not allowed", "This account is also of areas beyond yours")
        if team_id is not None and not team.is_own(tx, team_id):
            raise bad_value("team", "no such team")
        if not team.put(tx, user_id, team_id):
            return
        event.record(
            tx,
            "user.team_set",
            area_code=row["area_code"] or min(reach, key=lambda code: (len(code), code)),
            subject_id=user_id,
            payload={"team": team_id},
        )


def ours(team_area: str, incident_area: str, own: list[str] | tuple[str, ...]) -> bool:
    """Tell whether a team is sent without asking anybody: of one's areas, or of those above."""
    return incident_area.startswith(team_area) or any(team_area.startswith(one) for one in own)
