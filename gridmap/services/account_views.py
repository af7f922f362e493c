"""Accounts as their administrators see them: who there is, and what may be done to each."""

from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.model.access import ADMINISTRATIONS, Permission, Role
from gridmap.model.problem import not_found
from gridmap.services.access import Viewer
from gridmap.store import user_area
from gridmap.store.database import Database, Row, Transaction

MANAGE = Permission.USER_MANAGE
GIVE = Permission.ROLE_MANAGE
_WATCHING = ADMINISTRATIONS - {Role.SYSTEM_ADMIN}


def listing(
    database: Database,
    viewer: Viewer,
    words: str = "",
    after: str = "",
    limit: int = 100,
    *,
    english: bool = False,
) -> tuple[list[dict[str, Any]], str | None]:
    """List the accounts a person administers, by name; give the name to go on after, or None."""
    scope = viewer.scope(_own_permission(viewer))
    with database.transaction(scope) as tx:
        rows = user_area.listing(tx, words.strip(), after, limit + 1)
        shown = _described(tx, viewer, rows[:limit], english)
    return shown, (rows[limit - 1]["name"] if len(rows) > limit else None)


def one(
    database: Database, viewer: Viewer, user_id: int, *, english: bool = False
) -> dict[str, Any]:
    """Give one account as its administrator sees it.

    Raises
    ------
    Problem
        404 if it is none of this person's areas.
    """
    with database.transaction(viewer.scope(_own_permission(viewer))) as tx:
        row = user_area.one(tx, user_id)
        if row is None:
            raise not_found(f"account {user_id}")
        return _described(tx, viewer, [row], english)[0]


def places(database: Database, viewer: Viewer, within: str | None, english: bool) -> list[Any]:
    """List places in which the person may put an account or give a role."""
    with database.transaction(viewer.scope(_own_permission(viewer))) as tx:
        rows = user_area.places(tx, within)
    return [
        {
            "code": row["code"],
            "level": row["level"],
            "name": (english and row["name_en"]) or row["name_zh"] or row["code"],
        }
        for row in rows
    ]


def _described(
    tx: Transaction, viewer: Viewer, rows: Sequence[Row], english: bool
) -> list[dict[str, Any]]:
    codes = {each["area"] for row in rows for each in row["roles"]}
    names = user_area.names(tx, codes | {row["area_code"] for row in rows} - {None}, english)
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "display_name": row["display_name"],
            "area": row["area_code"],
            "area_name": names.get(row["area_code"]),
            "active": row["active"],
            "created_at": row["created_at"].isoformat(),
            "seen_at": None if row["seen_at"] is None else row["seen_at"].isoformat(),
            "must_change_password": row["must_change_password"],
            "second_factor": row["second_factor"],
            "release": _release_state(row),
            "roles": [{**each, "area_name": names.get(each["area"])} for each in row["roles"]],
            "can": _possible(viewer, row, user_area.reach(tx, row["id"])),
        }
        for row in rows
    ]


def _possible(viewer: Viewer, row: Row, reach: Sequence[str]) -> list[str]:
    """Name what this person may do to an account now, for the buttons."""
    if row["id"] == viewer.id:
        return []
    found = []
    if all(viewer.may(MANAGE, code) for code in reach):
        found += ["disable", "password"] if row["active"] else ["enable"]
        if watches(row) and not row["second_factor"]:
            found = [each for each in found if each != "password"]
    if viewer.may(GIVE):
        found += ["grant", "withdraw"]
        whole = all(viewer.may(GIVE, code) for code in reach)
        found += ["second_factor"] if row["second_factor"] and whole else []
        found += ["release"] if row["release_needed"] and whole else []
    return found


def _release_state(row: Mapping[str, Any]) -> str | None:
    if not row["release_needed"]:
        return None
    return "needed" if row["released_at"] is None else "given"


def watches(row: Mapping[str, Any]) -> bool:
    """Tell whether somebody watches over those who make accounts."""
    return any(role in _WATCHING for role, _code in roles_of(row))


def roles_of(row: Mapping[str, Any]) -> list[tuple[Role, str]]:
    """List the roles of an account with their areas."""
    return [(Role(each["role"]), each["area"]) for each in row["roles"]]


def _own_permission(viewer: Viewer) -> Permission:
    return MANAGE if viewer.may(MANAGE) else GIVE
