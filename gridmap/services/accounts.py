"""Accounts: made by an administrator, by the command line or by the demo."""

import re
from collections.abc import Iterable

from gridmap.model.access import ADMINISTRATIONS, Role, Scope
from gridmap.model.problem import Problem, bad_input
from gridmap.problems import bad_value
from gridmap.services import passwords
from gridmap.services.access import Viewer
from gridmap.services.passwords import DEMO_PASSWORD, hash_password, verify
from gridmap.store import event, user, user_area
from gridmap.store.database import Database, Transaction

__all__ = ["DEMO_ACCOUNTS", "DEMO_PASSWORD", "NAME", "create_user", "hash_password", "verify"]

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
NAME = re.compile(r"[a-z][a-z0-9_.-]{1,39}", re.ASCII)


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
    """Make an account with its roles at once, as the command line does for the first people.

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
        400 naming the field; 409 when the name is taken or two administrations meet in one hand.
    """
    held = [(Role(role), code) for role, code in roles]
    if not held:
        raise bad_input("An account needs at least one role in an area")
    check_apart(role for role, _code in held)
    if not demo:
        passwords.check_new(name, password)
    widest = min((code for _role, code in held), key=lambda code: (len(code), code))
    user_id = insert(
        tx, name, display_name, hash_password(password), widest, language=language, demo=demo
    )
    user.add_roles(tx, user_id, [(role.value, code) for role, code in held])
    event.record(
        tx,
        "user.created",
        area_code=held[0][1],
        subject_id=user_id,
        payload={"roles": [f"{role.value}:{code}" for role, code in held]},
    )
    return user_id


def insert(  # noqa: PLR0913 - an account has these parts
    tx: Transaction,
    name: str,
    display_name: str,
    password_hash: str,
    area_code: str,
    *,
    language: str = "zh_CN",
    demo: bool = False,
    must_change: bool = False,
) -> int:
    """Insert an account without any role; the event is the caller's.

    Raises
    ------
    Problem
        400 naming the field; 409 when the name is taken.
    """
    if not NAME.fullmatch(name):
        raise bad_value(
            "name", "2 to 40 small letters, digits, _, . or - are needed, a letter first"
        )
    if not 1 <= len(display_name.strip()) <= 80 or not display_name.isprintable():
        raise bad_value("display_name", "1 to 80 printable characters are needed")
    if user.by_name(tx, name) is not None:
        raise Problem(409, "This exists already", "Another account has this name")
    user_id = user.add(
        tx,
        name=name,
        display_name=display_name,
        password_hash=password_hash,
        language=language,
        demo=demo,
        must_change=must_change,
    )
    user_area.put(tx, user_id, area_code)
    return user_id


def check_apart(roles: Iterable[Role]) -> None:
    """Refuse two of the three administrations in one hand; the database does as well.

    Raises
    ------
    Problem
        409.
    """
    if len(set(roles) & ADMINISTRATIONS) > 1:
        raise Problem(
            409,
            "Conflict",
            "One person holds at most one of system, security and audit administration",
        )


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
            user_area.put(tx, found["id"], area)
    return [name for name, _display, _role in DEMO_ACCOUNTS]


def check_password(tx: Transaction, name: str, password: str) -> int | None:
    """Give the id of the account with this name and password, or None."""
    account = user.by_name(tx, name) if NAME.fullmatch(name) else None
    usable = account is not None and account["active"]
    right = verify(account["password_hash"] if usable and account else None, password)
    return int(account["id"]) if right and account else None


def choose_language(database: Database, viewer: Viewer, language: str) -> None:
    """Remember the language a person chose."""
    with database.transaction(Scope(user_id=viewer.id)) as tx:
        user.set_language(tx, viewer.id, language)


def demo_accounts_exist(database: Database) -> bool:
    """Tell whether the database holds accounts of a demo."""
    with database.transaction(Scope()) as tx:
        return user.any_demo(tx)
