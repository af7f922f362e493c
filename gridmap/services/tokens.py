"""Tokens of programs: bound to one person, to a few permissions, and to a time."""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from gridmap.model.access import BY_PERSON, LOOKING, Permission, Scope, system_scope
from gridmap.model.problem import Problem, bad_input, not_found
from gridmap.problems import bad_value
from gridmap.services.access import Viewer, confined, viewer_of
from gridmap.services.account_policy import Policy
from gridmap.services.sessions import at_home, recognised, token_hash
from gridmap.store import event, user
from gridmap.store import token as rows
from gridmap.store.database import Database

PREFIX = "gm_"
USUAL_DAYS = 90
MOST_DAYS = 365
_MOST_TOKENS = 20  # of one person
_TOKEN = re.compile(r"gm_[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True)
class NewToken:
    """A token to make.

    Attributes
    ----------
    name
        What the program is called, for the person's own list.
    permissions
        What it may do of what the person may; None to look, at nothing personal.
    within
        The area it is confined to; None for all of the person's.
    days
        Days until it ends.
    """

    name: str
    permissions: Collection[Permission] | None = None
    within: str | None = None
    days: int = USUAL_DAYS


def possible(viewer: Viewer) -> list[str]:
    """Name the permissions a person may give to a program."""
    return sorted(each.value for each in viewer.permissions - BY_PERSON)


def usual(viewer: Viewer) -> list[str]:
    """Name the permissions a token gets that asks for nothing."""
    return sorted(each.value for each in viewer.permissions & LOOKING)


def make(
    database: Database, viewer: Viewer, request_id: str | None, new: NewToken
) -> dict[str, Any]:
    """Make a token for a person; it is in the answer and nowhere else.

    Raises
    ------
    Problem
        400 naming what cannot be given; 409 with too many tokens.
    """
    allowed = _checked(viewer, new)
    text = PREFIX + secrets.token_urlsafe(32)
    with database.transaction(at_home(database, viewer.id, request_id)) as tx:
        if len(rows.of_user(tx, viewer.id)) >= _MOST_TOKENS:
            raise Problem(409, "Conflict", "Revoke one of your tokens first")
        made = rows.add(
            tx,
            viewer.id,
            name=new.name,
            token_hash=token_hash(text),
            permissions=sorted(each.value for each in allowed),
            within=new.within,
            days=new.days,
        )
        for place in tx.scope.areas:
            event.record(
                tx,
                "token.created",
                area_code=place,
                subject_id=made["id"],
                payload={"user": viewer.id, "permissions": sorted(p.value for p in allowed)},
            )
    return {
        "id": made["id"],
        "name": new.name,
        "token": text,
        "permissions": sorted(each.value for each in allowed),
        "area": new.within,
        "expires_at": made["expires_at"].isoformat(),
    }


def listed(database: Database, viewer: Viewer) -> list[dict[str, Any]]:
    """List a person's own tokens."""
    with database.transaction(Scope(user_id=viewer.id)) as tx:
        found = rows.of_user(tx, viewer.id)
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "permissions": row["permissions"],
            "area": row["within"],
            "created_at": row["created_at"].isoformat(),
            "expires_at": row["expires_at"].isoformat(),
            "used_at": None if row["used_at"] is None else row["used_at"].isoformat(),
            "expired": row["expired"],
        }
        for row in found
    ]


def everybodys(database: Database) -> list[dict[str, Any]]:
    """List all tokens, for the operator of the machine."""
    with database.transaction(system_scope()) as tx:
        return [dict(row) for row in rows.everybodys(tx)]


def revoke(database: Database, viewer: Viewer, request_id: str | None, token_id: int) -> None:
    """Revoke one of a person's own tokens.

    Raises
    ------
    Problem
        404 if they have none of that number.
    """
    revoke_for(database, viewer.id, token_id, request_id)


def revoke_for(
    database: Database, user_id: int, token_id: int, request_id: str | None = None
) -> None:
    """Revoke a token of a person, for them or by the operator of the machine.

    Raises
    ------
    Problem
        404 if they have none of that number.
    """
    with database.transaction(at_home(database, user_id, request_id)) as tx:
        if not rows.revoke(tx, user_id, token_id):
            raise not_found(f"token {token_id}")
        for place in tx.scope.areas:
            event.record(
                tx,
                "token.revoked",
                area_code=place,
                subject_id=token_id,
                payload={"user": user_id},
            )


def viewer_of_token(database: Database, policy: Policy, text: str) -> Viewer | None:
    """Give the person for whom a program asks, reduced to what its token allows; None if none."""
    if not _TOKEN.fullmatch(text):
        return None
    with database.transaction(Scope()) as tx:
        found = rows.find(tx, token_hash(text))
        if found is None or (found["demo"] and not policy.demo_allowed):
            return None
        viewer = recognised(tx, found)
    known = {each.value for each in Permission}
    return Viewer(
        id=viewer.id,
        name=viewer.name,
        display_name=viewer.display_name,
        language=viewer.language,
        demo=viewer.demo,
        roles=confined(viewer.roles, found["within"], found["heirs"]),
        token_id=found["token_id"],
        only=frozenset(Permission(each) for each in found["permissions"] if each in known)
        - BY_PERSON,
        team_id=viewer.team_id,
        sensor_id=found["sensor_id"],
    )


def person(database: Database, name: str) -> Viewer:
    """Give the person of a sign-in name, for the operator who makes a token for them.

    Raises
    ------
    Problem
        404 if there is no such active account.
    """
    with database.transaction(system_scope()) as tx:
        account = user.by_name(tx, name)
        if account is None or not account["active"]:
            raise not_found(f"account {name}")
        return viewer_of(account, user.roles(tx, account["id"]))


def owner(database: Database, token_id: int) -> int:
    """Give the person of a token.

    Raises
    ------
    Problem
        404 if there is no such token, or it is revoked.
    """
    with database.transaction(system_scope()) as tx:
        found = rows.owner(tx, token_id)
    if found is None:
        raise not_found(f"token {token_id}")
    return found


def permission_of(text: str) -> Permission:
    """Read the name of a permission.

    Raises
    ------
    Problem
        400.
    """
    try:
        return Permission(text)
    except ValueError:
        raise bad_input(f"permissions: there is no {text[:60]!r}") from None


def _checked(viewer: Viewer, new: NewToken) -> frozenset[Permission]:
    if not 1 <= len(new.name) <= 80 or not new.name.isprintable():
        raise bad_value("name", "1 to 80 printable characters are needed")
    if not 1 <= new.days <= MOST_DAYS:
        raise bad_value("days", f"1 to {MOST_DAYS} days are needed")
    wanted = viewer.permissions & LOOKING if new.permissions is None else new.permissions
    asked = frozenset(wanted)
    if not asked:
        raise bad_value("permissions", "none of yours can be given to a program")
    person_only = sorted(each.value for each in asked & BY_PERSON)
    if person_only:
        raise bad_value("permissions", f"{', '.join(person_only)} takes a person")
    beyond = sorted(each.value for each in asked - viewer.permissions)
    if beyond:
        raise bad_value("permissions", f"{', '.join(beyond)} is not yours to give")
    if new.within is not None and not confined(viewer.roles, new.within):
        raise Problem(403, "Not allowed", "This is outside your areas")
    return asked
