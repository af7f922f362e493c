"""What people do with their own account: see it, and change their password."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from gridmap.problems import bad_value
from gridmap.services import passwords, second_factor, sessions, sign_in
from gridmap.services.access import Viewer
from gridmap.services.account_policy import Policy
from gridmap.store import event, user, user_area
from gridmap.store import session as session_rows
from gridmap.store.database import Database

Aside = Callable[[Callable[[], Any]], Any]


def describe(
    database: Database, policy: Policy, viewer: Viewer, *, english: bool = False
) -> dict[str, Any]:
    """Describe a person's own account."""
    with database.transaction(viewer.scope(None)) as tx:
        row = user.by_id(tx, viewer.id)
        names = user_area.names(tx, {code for _role, code in viewer.roles}, english)
    assert row is not None
    changed = row["password_changed_at"]
    ends = None
    if policy.password_seconds is not None:
        ends = (changed + timedelta(seconds=policy.password_seconds)).isoformat()
    idle, longest = policy.limits(role for role, _area in viewer.roles)
    return {
        "name": viewer.name,
        "display_name": viewer.display_name,
        "language": viewer.language,
        "must": viewer.must,
        "roles": [
            {"role": role.value, "area": code, "area_name": names.get(code)}
            for role, code in viewer.roles
        ],
        "password": {
            "changed_at": changed.isoformat(),
            "ends_at": ends,
            "shortest": passwords.SHORTEST,
        },
        "second_factor": second_factor.state(database, policy, viewer),
        "session": {"idle_seconds": idle, "longest_seconds": longest},
    }


def change_password(  # noqa: PLR0913 - the person, the words, and the session that goes on
    database: Database,
    policy: Policy,
    viewer: Viewer,
    attempt: sign_in.Attempt,
    words: tuple[str, str],
    data: Mapping[str, Any],
    *,
    second_factor_passed: bool,
    user_agent: str,
    aside: Aside = lambda work: work(),
) -> str:
    """Change one's own password; every session ends, and this one goes on under a new token.

    Parameters
    ----------
    words
        The password in force and the new one.
    data
        What the session holds.

    Returns
    -------
    str
        Token of the session that goes on.

    Raises
    ------
    Problem
        400 naming ``current`` or ``new``; 429 after too many wrong ones.
    """
    current, new = words
    passwords.check_new(viewer.name, new, "new")
    if new == current:
        raise bad_value("new", "another password than the one in force is needed")
    prove(database, policy, attempt, current, aside, "current")
    hashed = aside(lambda: passwords.hash_password(new))
    scope = sessions.at_home(database, viewer.id, attempt.request_id)
    with database.transaction(scope) as tx:
        user.set_password_hash(tx, viewer.id, hashed)
        session_rows.remove_of(tx, viewer.id)
        token = sessions.begin(
            tx,
            policy,
            viewer,
            data,
            second_factor=second_factor_passed,
            user_agent=user_agent,
        )
        for place in tx.scope.areas:
            event.record(tx, "password.changed", area_code=place, subject_id=viewer.id)
    return token


def prove(  # noqa: PLR0913, PLR0917 - the person, the word, and how it is checked
    database: Database,
    policy: Policy,
    attempt: sign_in.Attempt,
    password: str,
    aside: Aside = lambda work: work(),
    place: str = "password",
) -> None:
    """Check the password of somebody who is signed in, under the limits of the door.

    Raises
    ------
    Problem
        400 naming `place`; 429 after too many wrong ones.
    """
    account = sign_in.begin_sign_in(database, policy, attempt)
    known = None if account is None else str(account["password_hash"])
    if not aside(lambda: passwords.verify(known, password)):
        sign_in.note_refusal(database, attempt.name, attempt.request_id, "password")
        raise bad_value(place, "this is not the password in force")
    sign_in.forget(database, policy, attempt)
