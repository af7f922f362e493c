"""Accounts: made, checked, signed in and out."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gridmap.model.access import Role, Scope
from gridmap.model.problem import Problem, bad_input
from gridmap.problems import bad_value, too_many
from gridmap.services.access import Viewer, viewer_of
from gridmap.store import event, user
from gridmap.store import session as sessions
from gridmap.store.database import Database, Transaction

DEMO_PASSWORD = "gridmap-demo"  # noqa: S105  printed by `gridmap up --demo`; refused elsewhere
DEMO_ACCOUNTS: tuple[tuple[str, str, Role], ...] = (
    ("member", "网格员 演示", Role.GRID_MEMBER),
    ("unit", "处置部门 演示", Role.UNIT),
    ("officer", "值班员 演示", Role.DUTY_OFFICER),
    ("commander", "指挥长 演示", Role.COMMANDER),
    ("planner", "规划员 演示", Role.PLANNER),
    ("lead", "规划负责人 演示", Role.PLANNING_LEAD),
    ("auditor", "审计员 演示", Role.AUDITOR),
    ("admin", "系统管理员 演示", Role.SYSTEM_ADMIN),
    ("security", "安全管理员 演示", Role.SECURITY_ADMIN),
)

IDLE_SECONDS = 2 * 3600  # an open map counts as use; a closed browser does not
LONGEST_SECONDS = 24 * 3600
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
_MOST_FAILURES = 8  # wrong passwords of one name within the window
_WINDOW_SECONDS = 900

_NAME = re.compile(r"[a-z][a-z0-9_.-]{1,39}", re.ASCII)
# 32 MiB and two passes: about 50 ms on the promised two cores, twice what OWASP asks at least
_HASHER = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
# checked when the name is unknown, so that the answer takes as long as for a known one
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True)
class OpenSession:
    """A session found by its token: whose it is and what it holds."""

    viewer: Viewer
    data: dict[str, Any]


def create_user(
    tx: Transaction,
    name: str,
    password: str,
    display_name: str,
    roles: Iterable[tuple[Role, str]],
    *,
    language: str = "zh_CN",
    demo: bool = False,
) -> int:
    """Make an account.

    Parameters
    ----------
    tx
        A transaction whose scope covers the areas of the roles.
    name
        Sign-in name: 2 to 40 small letters, digits and ``_ . -``, a letter first.
    password
        At least 10 characters; the demo's password only for demo accounts.
    display_name
        Name shown on screen.
    roles
        Role and the code of the area in which it is held.
    language
        ``zh_CN`` or ``en``.
    demo
        True for the demo's accounts, which a production start refuses.

    Returns
    -------
    int
        Id of the account.

    Raises
    ------
    Problem
        400 naming the field; 409 when the name is taken.
    """
    held = [(Role(role), code) for role, code in roles]
    _check_account(name, display_name, held)
    _check_password(name, password, demo=demo)
    if user.by_name(tx, name) is not None:
        raise Problem(409, "This exists already", f"An account is called {name}")
    user_id = user.add(
        tx,
        name=name,
        display_name=display_name,
        password_hash=hash_password(password),
        language=language,
        demo=demo,
    )
    user.add_roles(tx, user_id, [(role.value, code) for role, code in held])
    event.record(tx, "user.created", area_code=held[0][1], subject_id=user_id)
    return user_id


def create_demo_accounts(tx: Transaction, county: str, member_area: str) -> list[str]:
    """Make the demo's accounts where they are absent; safe to repeat.

    Parameters
    ----------
    tx
        A transaction whose scope covers the county.
    county
        Area code in which all but the grid member hold their role.
    member_area
        Area code of the grid member: a grid or a community.

    Returns
    -------
    list of str
        Sign-in names; the password of all is `DEMO_PASSWORD`.
    """
    for name, display_name, role in DEMO_ACCOUNTS:
        area = member_area if role is Role.GRID_MEMBER else county
        found = user.by_name(tx, name)
        if found is None:
            create_user(tx, name, DEMO_PASSWORD, display_name, [(role, area)], demo=True)
        else:
            user.add_roles(tx, found["id"], [(role.value, area)])
    return [name for name, _display, _role in DEMO_ACCOUNTS]


def hash_password(password: str) -> str:
    """Hash a password with argon2id (about 50 ms)."""
    return _HASHER.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Check a password against a hash; None takes as long and is never right."""
    try:
        right = _HASHER.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


def check_password(tx: Transaction, name: str, password: str) -> int | None:
    """Give the id of the account with this name and password, or None."""
    account = user.by_name(tx, name) if _NAME.fullmatch(name) else None
    usable = account is not None and account["active"]
    right = verify(account["password_hash"] if usable and account else None, password)
    return int(account["id"]) if right and account else None


def begin_sign_in(database: Database, name: str, *, demo_allowed: bool) -> Mapping[str, Any] | None:
    """Read the account that wants in, before its password is checked.

    The attempt counts as a failure until `open_session` forgets it: guesses sent all at once are
    counted one after the other, and none is checked beyond the limit.

    Returns
    -------
    mapping or None
        The account's row; None when there is no such usable account, which the caller must not
        let anybody see: `verify` takes None.

    Raises
    ------
    Problem
        429 after too many wrong passwords for the name, whether or not it exists.
    """
    if not _NAME.fullmatch(name):
        return None
    with database.transaction(Scope()) as tx:
        user.take_turn(tx, name)
        failed = user.failures(tx, name, _WINDOW_SECONDS)
        if failed["count"] < _MOST_FAILURES:
            user.note_failure(tx, name)
        account = user.by_name(tx, name)
    if failed["count"] >= _MOST_FAILURES:
        wait = max(1, _WINDOW_SECONDS - failed["oldest_seconds"])
        raise too_many("Too many wrong passwords for this name", wait)
    if account is None or not account["active"] or (account["demo"] and not demo_allowed):
        return None
    return account


def open_session(
    database: Database, account: Mapping[str, Any], data: Mapping[str, Any], request_id: str
) -> str:
    """Open a session for a person whose password was right; give its token.

    The token exists nowhere else: the database holds its hash.
    """
    token = secrets.token_urlsafe(32)
    with database.transaction(Scope()) as tx:
        viewer = _viewer(tx, account)
    scope = Scope(areas=viewer.areas, user_id=viewer.id, request_id=request_id)
    with database.transaction(scope) as tx:
        user.forget_failures(tx, viewer.name)
        sessions.add(tx, token_hash(token), viewer.id, data, LONGEST_SECONDS)
        for area in viewer.areas[:1]:
            event.record(tx, "session.opened", area_code=area, subject_id=viewer.id)
    return token


def find_session(database: Database, token: str, *, demo_allowed: bool) -> OpenSession | None:
    """Find the living session of a token."""
    with database.transaction(Scope()) as tx:
        found = sessions.find(tx, token_hash(token), IDLE_SECONDS)
        if found is None or (found["demo"] and not demo_allowed):
            return None
        return OpenSession(viewer=_viewer(tx, found), data=dict(found["data"]))


def save_session(database: Database, token: str, data: Mapping[str, Any]) -> None:
    """Keep what a session holds."""
    with database.transaction(Scope()) as tx:
        sessions.save(tx, token_hash(token), data)


def close_session(database: Database, token: str, viewer: Viewer, request_id: str) -> None:
    """End a session, for every copy of its cookie and every open stream."""
    with database.transaction(viewer.scope(None, request_id)) as tx:
        sessions.remove(tx, token_hash(token))
        for area in viewer.areas[:1]:
            event.record(tx, "session.closed", area_code=area, subject_id=viewer.id)


def choose_language(database: Database, viewer: Viewer, language: str) -> None:
    """Remember the language a person chose."""
    with database.transaction(Scope(user_id=viewer.id)) as tx:
        user.set_language(tx, viewer.id, language)


def demo_accounts_exist(database: Database) -> bool:
    """Tell whether the database holds accounts of a demo."""
    with database.transaction(Scope()) as tx:
        return user.any_demo(tx)


def token_hash(token: str) -> bytes:
    """Hash a session's token; the token is random, so one fast hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def _viewer(tx: Transaction, account: Mapping[str, Any]) -> Viewer:
    tx.act_for(account["id"])  # roles are visible to their own person, who is known only now
    return viewer_of(dict(account), [dict(row) for row in user.roles(tx, account["id"])])


def _check_account(name: str, display_name: str, roles: list[tuple[Role, str]]) -> None:
    if not _NAME.fullmatch(name):
        raise bad_value(
            "name", "2 to 40 small letters, digits, _, . or - are needed, a letter first"
        )
    if not 1 <= len(display_name) <= 80 or not display_name.isprintable():
        raise bad_value("display_name", "1 to 80 printable characters are needed")
    if not roles:
        raise bad_input("An account needs at least one role in an area")


def _check_password(name: str, password: str, *, demo: bool) -> None:
    if demo:
        return
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise bad_value(
            "password", f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters are needed"
        )
    if password == DEMO_PASSWORD or name in password.lower():
        raise bad_value("password", "the demo's password or the name inside it is not taken")
