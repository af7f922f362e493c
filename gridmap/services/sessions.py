"""Sessions of browsers: opened, found, listed and ended."""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gridmap.model.access import Role, Scope, system_scope
from gridmap.model.problem import not_found
from gridmap.problems import not_signed_in
from gridmap.services import devices
from gridmap.services.access import Viewer, confined, viewer_of
from gridmap.services.account_policy import Policy
from gridmap.store import event, token, user, user_area
from gridmap.store import session as sessions
from gridmap.store.database import Database, Transaction

_HALF_SECONDS = 300  # to find the telephone that shows the code
_LONGEST_AGENT = 300


@dataclass(frozen=True)
class OpenSession:
    """A session found by its token.

    Attributes
    ----------
    viewer
        Whose it is; None while the code of the second factor is outstanding.
    data
        What it holds.
    person
        Id of the account, known before anybody is let in.
    """

    viewer: Viewer | None
    data: dict[str, Any]
    person: int


def token_hash(text: str) -> bytes:
    """Hash a token; it is random, so one fast hash is enough."""
    return hashlib.sha256(text.encode()).digest()


def open_session(  # noqa: PLR0913 - a session has these parts
    database: Database,
    policy: Policy,
    account: Mapping[str, Any],
    data: Mapping[str, Any],
    request_id: str,
    *,
    second_factor: bool = False,
    user_agent: str = "",
) -> str:
    """Open a session for a person who has proven who they are; give its token.

    The token exists nowhere else: the database holds its hash.
    """
    with database.transaction(Scope()) as tx:
        viewer = recognised(tx, account)
    with database.transaction(at_home(database, viewer.id, request_id)) as tx:
        made = begin(tx, policy, viewer, data, second_factor=second_factor, user_agent=user_agent)
        for place in tx.scope.areas:
            event.record(tx, "session.opened", area_code=place, subject_id=viewer.id)
    return made


def begin(  # noqa: PLR0913 - a session has these parts
    tx: Transaction,
    policy: Policy,
    viewer: Viewer,
    data: Mapping[str, Any],
    *,
    second_factor: bool,
    user_agent: str,
) -> str:
    """Insert a session and give its token; the event is the caller's."""
    made = secrets.token_urlsafe(32)
    _idle, longest = policy.limits(role for role, _area in viewer.roles)
    sessions.add(
        tx,
        token_hash(made),
        viewer.id,
        data,
        longest,
        second_factor=second_factor,
        user_agent=user_agent[:_LONGEST_AGENT],
    )
    return made


def account(database: Database, user_id: int) -> Mapping[str, Any]:
    """Give the account whose password was right.

    Raises
    ------
    Problem
        401 if it has gone meanwhile.
    """
    with database.transaction(Scope()) as tx:
        found = user.by_id(tx, user_id)
    if found is None or not found["active"]:
        raise not_signed_in()
    return found


def open_half(database: Database, account: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """Remember that a password was right while the second factor is asked for; give the token."""
    made = secrets.token_urlsafe(32)
    with database.transaction(Scope()) as tx:
        sessions.add(tx, token_hash(made), account["id"], data, _HALF_SECONDS, complete=False)
    return made


def find_session(database: Database, policy: Policy, text: str) -> OpenSession | None:
    """Find the living session of a token."""
    with database.transaction(Scope()) as tx:
        found = sessions.find(tx, token_hash(text), policy.most_idle_seconds)
        if found is None or (found["demo"] and not policy.demo_allowed):
            return None
        data = dict(found["data"])
        if not found["complete"]:
            return OpenSession(None, data, found["id"])
        viewer = recognised(tx, found, policy)
    roles = [role for role, _area in viewer.roles]
    idle, longest = policy.limits(roles)
    if found["idle"] > idle or found["age"] > longest:
        return None
    if found["second_factor"] and not found["factor_passed"] and policy.second_factor:
        return None  # the factor came, or was switched on, after this session
    return OpenSession(viewer, data, viewer.id)


def save_session(database: Database, text: str, data: Mapping[str, Any]) -> None:
    """Keep what a session holds."""
    with database.transaction(Scope()) as tx:
        sessions.save(tx, token_hash(text), data)


def drop_session(database: Database, text: str) -> None:
    """Take a session away of which nobody needs to hear: one that was never complete."""
    with database.transaction(Scope()) as tx:
        sessions.remove(tx, token_hash(text))


def close_session(database: Database, text: str, viewer: Viewer, request_id: str) -> None:
    """End a session, for every copy of its cookie and every open stream."""
    with database.transaction(at_home(database, viewer.id, request_id)) as tx:
        sessions.remove(tx, token_hash(text))
        _note_closed(tx, viewer.id, 1)


def listed(database: Database, policy: Policy, viewer: Viewer, here: str) -> list[dict[str, Any]]:
    """List a person's own sessions: device, since when, last seen, and which one is this."""
    idle, _longest = policy.limits(role for role, _area in viewer.roles)
    with database.transaction(Scope(user_id=viewer.id)) as tx:
        rows = sessions.of_user(tx, viewer.id, idle)
    mine = token_hash(here)
    return [
        {
            "id": row["id"],
            "device": devices.words(row["user_agent"] or ""),
            "since": row["created_at"].isoformat(),
            "seen_at": row["seen_at"].isoformat(),
            "second_factor": row["second_factor"],
            "here": bytes(row["token_hash"]) == mine,
        }
        for row in rows
    ]


def end_one(database: Database, viewer: Viewer, number: int, request_id: str) -> None:
    """End one of a person's own sessions.

    Raises
    ------
    Problem
        404 if the person has none of that number.
    """
    with database.transaction(at_home(database, viewer.id, request_id)) as tx:
        if not sessions.remove_of(tx, viewer.id, only=number):
            raise not_found(f"session {number}")
        _note_closed(tx, viewer.id, 1)


def end_all(database: Database, viewer: Viewer, request_id: str) -> int:
    """End every session of a person, this one as well; give their number."""
    with database.transaction(at_home(database, viewer.id, request_id)) as tx:
        ended = sessions.remove_of(tx, viewer.id)
        _note_closed(tx, viewer.id, ended)
    return ended


def living(
    tx: Transaction, hashes: Collection[bytes], idle_seconds: int
) -> dict[bytes, frozenset[tuple[str, str]]]:
    """Tell which sessions and tokens still live, with roles and areas that count for them now."""
    found = sessions.living(tx, hashes, idle_seconds)
    for each, (roles, within, heirs) in token.living(tx, hashes).items():
        held = ((Role(role), code) for role, code in roles)
        found[each] = frozenset((str(role), code) for role, code in confined(held, within, heirs))
    return found


def recognised(tx: Transaction, account: Mapping[str, Any], policy: Policy | None = None) -> Viewer:
    """Make the viewer of an account that has just been recognised; the transaction is theirs."""
    tx.act_for(account["id"])  # roles are visible to their own person, who is known only now
    rows = user.roles(tx, account["id"])
    roles = [Role(row["role"]) for row in rows]
    must = None if policy is None else _must(policy, account, roles)
    return viewer_of(account, rows, must)


def at_home(database: Database, user_id: int, request_id: str | None) -> Scope:
    """Give the scope of what a person does to their own account: where it is looked after."""
    with database.transaction(Scope(user_id=user_id)) as tx:
        place = user_area.home(tx, user_id)
    return Scope(() if place is None else (place,), user_id, request_id)


def county_of(database: Database) -> str | None:
    """Give the county for events that are nobody's; None where there is none yet."""
    from gridmap.store import area

    with database.transaction(system_scope()) as tx:
        return next(iter(area.counties(tx)), None)


def _note_closed(tx: Transaction, user_id: int, ended: int) -> None:
    for place in tx.scope.areas:
        event.record(
            tx,
            "session.closed",
            area_code=place,
            subject_id=user_id,
            payload={"sessions": ended},
        )


def _must(policy: Policy, account: Mapping[str, Any], roles: Iterable[Role]) -> str | None:
    if account["must_change_password"]:
        return "password"
    if policy.password_seconds is not None and account["password_age"] > policy.password_seconds:
        return "password"
    if policy.needs_second_factor(roles) and not account["second_factor"]:
        return "second_factor"
    return None
