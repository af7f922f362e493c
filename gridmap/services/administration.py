"""What administrators do with the accounts of others, kept apart: one makes, another gives roles.

Nobody changes their own account here, and nobody reaches an account that is also of areas beyond
their own: whoever could reset such a password would rise by it.
"""

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from gridmap.model.access import ADMINISTRATIONS, Permission, Role
from gridmap.model.problem import Problem, bad_input, not_found
from gridmap.services import accounts, passwords, release
from gridmap.services.access import Viewer
from gridmap.services.account_policy import Policy
from gridmap.store import area, event, second_factor, token, user, user_area
from gridmap.store import session as sessions
from gridmap.store import sign_in as attempts
from gridmap.store.database import Database, Row, Transaction

MANAGE = Permission.USER_MANAGE
GIVE = Permission.ROLE_MANAGE
_WATCHING = ADMINISTRATIONS - {Role.SYSTEM_ADMIN}


@dataclass(frozen=True)
class NewUser:
    """An account to make."""

    name: str
    display_name: str
    area: str
    language: str = "zh_CN"


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


def make(database: Database, viewer: Viewer, request_id: str, new: NewUser) -> tuple[int, str]:
    """Make an account without any role; give its id and the password that serves once.

    Raises
    ------
    Problem
        400; 403 outside the person's areas; 404 for an area that is not there; 409 for a name
        that is taken.
    """
    password = passwords.one_time()
    hashed = passwords.hash_password(password)
    viewer.require(MANAGE, new.area)
    with database.transaction(viewer.scope(MANAGE, request_id)) as tx:
        if not area.is_place(tx, new.area):
            raise not_found(f"area {new.area}")
        user_id = accounts.insert(
            tx,
            new.name,
            new.display_name,
            hashed,
            new.area,
            language=new.language,
            must_change=True,
        )
        event.record(tx, "user.created", area_code=new.area, subject_id=user_id)
    return user_id, password


def set_active(
    database: Database, viewer: Viewer, request_id: str, user_id: int, active: bool
) -> None:
    """Let somebody in again, or keep them out: their sessions, streams and tokens end at once.

    Raises
    ------
    Problem
        403 for one's own account or one beyond one's areas; 404; 409 if it is so already.
    """
    with _account(database, viewer, MANAGE, request_id, user_id) as (tx, row):
        if not user.set_active(tx, user_id, active):
            raise Problem(409, "Conflict", "The account is so already")
        if active:
            event.record(tx, "user.enabled", area_code=row["area_code"], subject_id=user_id)
            return
        ended = sessions.remove_of(tx, user_id)
        token.revoke(tx, user_id)
        event.record(
            tx,
            "user.disabled",
            area_code=row["area_code"],
            subject_id=user_id,
            payload={"sessions": ended},
        )


def reset_password(
    database: Database, policy: Policy, viewer: Viewer, request_id: str, user_id: int
) -> tuple[str, bool]:
    """Give somebody a password that serves once; their sessions and tokens end.

    Returns
    -------
    tuple of str and bool
        The password, and whether a security administrator has to release the account before
        it opens anything: so it is with office roles that no second factor guards.

    Raises
    ------
    Problem
        403 for one's own account, one beyond one's areas, or another administration that no
        second factor guards: whoever has its password would be both; 404.
    """
    password = passwords.one_time()
    hashed = passwords.hash_password(password)
    with _account(database, viewer, MANAGE, request_id, user_id) as (tx, row):
        guarded = policy.second_factor and row["second_factor"]
        if _watches(row) and not guarded:
            raise Problem(
                403, "Not allowed", "A security administrator takes the administration away first"
            )
        shut = release.before_reset(tx, user_id, guarded=guarded)
        user.set_password_hash(tx, user_id, hashed, must_change=True)
        sessions.remove_of(tx, user_id)
        revoked = token.revoke(tx, user_id)
        # whoever was shut out by a stranger's guesses is let in again
        attempts.forget(tx, policy.keyed("name", row["name"]))
        event.record(
            tx,
            "password.reset",
            area_code=row["area_code"],
            subject_id=user_id,
            payload={"tokens": revoked},
        )
    return password, shut


def release_account(
    database: Database, policy: Policy, viewer: Viewer, request_id: str, user_id: int
) -> str:
    """Give the code with which a person signs in to an account that is shut until then.

    Raises
    ------
    Problem
        403 for oneself or somebody beyond one's areas; 404; 409 if it is not shut.
    """
    code, hashed = release.draw(policy, user_id)
    with _account(database, viewer, GIVE, request_id, user_id) as (tx, row):
        if not user.release(tx, user_id, hashed, viewer.id):
            raise Problem(409, "Conflict", "This account needs no release")
        event.record(tx, "user.released", area_code=row["area_code"], subject_id=user_id)
    return code


def grant(
    database: Database, viewer: Viewer, request_id: str, user_id: int, role: Role, code: str
) -> bool:
    """Give somebody a role in an area; False if they hold it already.

    Raises
    ------
    Problem
        403 for oneself or an area beyond one's own; 404; 409 for a second administration.
    """
    viewer.require(GIVE, code)
    with _account(database, viewer, GIVE, request_id, user_id, whole=False) as (tx, row):
        if not area.is_place(tx, code):
            raise not_found(f"area or grid {code}")
        held = _all_roles(row)
        if (role, code) in held:
            return False
        if role in ADMINISTRATIONS:
            accounts.check_apart([role, *(each for each, _code in held)])
        release.before_first_office(tx, user_id, role)
        user.add_roles(tx, user_id, [(role.value, code)])
        event.record(
            tx,
            "role.granted",
            area_code=code,
            subject_id=user_id,
            payload={"role": role.value},
        )
    return True


def withdraw(
    database: Database, viewer: Viewer, request_id: str, user_id: int, role: Role, code: str
) -> None:
    """Take a role in an area from somebody; their sessions end, their tokens reach no further.

    Raises
    ------
    Problem
        403 for oneself or an area beyond one's own; 404 if they do not hold it.
    """
    viewer.require(GIVE, code)
    with _account(database, viewer, GIVE, request_id, user_id, whole=False) as (tx, _row):
        if not user.remove_role(tx, user_id, role.value, code):
            raise not_found(f"role {role.value} in {code}")
        sessions.remove_of(tx, user_id)
        event.record(
            tx,
            "role.withdrawn",
            area_code=code,
            subject_id=user_id,
            payload={"role": role.value},
        )


def reset_second_factor(database: Database, viewer: Viewer, request_id: str, user_id: int) -> None:
    """Take a lost second factor away, so that its person sets up another; their sessions end.

    Raises
    ------
    Problem
        403 for oneself or somebody beyond one's areas; 404; 409 if there is none.
    """
    with _account(database, viewer, GIVE, request_id, user_id) as (tx, row):
        release.before_reset(tx, user_id, guarded=False)
        if not second_factor.remove(tx, user_id):
            raise Problem(409, "Conflict", "There is no second factor to reset")
        sessions.remove_of(tx, user_id)
        event.record(tx, "second_factor.reset", area_code=row["area_code"], subject_id=user_id)


@contextmanager
def _account(  # noqa: PLR0913, PLR0917 - who does what to whom, and how far it reaches
    database: Database,
    viewer: Viewer,
    permission: Permission,
    request_id: str,
    user_id: int,
    whole: bool = True,
) -> Any:
    """Open a transaction on somebody else's account, which nobody else changes meanwhile."""
    if user_id == viewer.id:
        raise Problem(403, "Not allowed", "Nobody changes their own account")
    with database.transaction(viewer.scope(permission, request_id)) as tx:
        row = user_area.one(tx, user_id)
        if row is None or not user.lock(tx, user_id):
            raise not_found(f"account {user_id}")
        reach = user_area.reach(tx, user_id)
        if whole and not all(viewer.may(permission, code) for code in reach):
            raise Problem(403, "Not allowed", "This account is also of areas beyond yours")
        home = row["area_code"] or min(reach, key=lambda code: (len(code), code))
        yield tx, {**row, "area_code": home}


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
        if _watches(row) and not row["second_factor"]:
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


def _watches(row: Mapping[str, Any]) -> bool:
    """Tell whether somebody watches over those who make accounts."""
    return any(role in _WATCHING for role, _code in _all_roles(row))


def _all_roles(row: Mapping[str, Any]) -> list[tuple[Role, str]]:
    return [(Role(each["role"]), each["area"]) for each in row["roles"]]


def _own_permission(viewer: Viewer) -> Permission:
    return MANAGE if viewer.may(MANAGE) else GIVE


def role_of(text: str) -> Role:
    """Read the name of a role.

    Raises
    ------
    Problem
        400 naming the roles there are.
    """
    try:
        return Role(text)
    except ValueError:
        raise bad_input(f"role: one of {', '.join(Role)} is needed") from None
