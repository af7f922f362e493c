"""What administrators do with the accounts of others, kept apart: one makes, another gives roles.

Nobody changes their own account here, and nobody reaches an account that is also of areas beyond
their own: whoever could reset such a password would rise by it.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from gridmap.model.access import ADMINISTRATIONS, Permission, Role
from gridmap.model.problem import Problem, bad_input, not_found
from gridmap.services import accounts, passwords, release
from gridmap.services.access import Viewer
from gridmap.services.account_policy import Policy
from gridmap.services.account_views import GIVE, MANAGE, roles_of, watches
from gridmap.store import area, event, second_factor, token, user, user_area
from gridmap.store import session as sessions
from gridmap.store import sign_in as attempts
from gridmap.store.database import Database


@dataclass(frozen=True)
class NewUser:
    """An account to make."""

    name: str
    display_name: str
    area: str
    language: str = "zh_CN"


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
        if watches(row) and not guarded:
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
        held = roles_of(row)
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
