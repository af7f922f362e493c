"""Signing in: the limits, the password, and what a refusal leaves behind.

Three counts of failures, each of a quarter of an hour:

- of a name from one address: 8;
- of a name from anywhere: 40, so that many addresses together do not get far either;
- of a name from a device where this person has signed in before: 8, and only this count holds
  there. A stranger can use up the first two, but shuts nobody out of their own device.

Codes of the second factor have a count of their own, 8 for each person, wherever they come from:
whoever reaches it knows the password.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from gridmap.model.access import Scope
from gridmap.model.problem import Problem
from gridmap.problems import refused_sign_in, too_many
from gridmap.services import passwords, release, second_factor
from gridmap.services.account_policy import Policy
from gridmap.services.accounts import NAME
from gridmap.services.devices import Device
from gridmap.services.sessions import at_home, county_of
from gridmap.store import event, refusal, user
from gridmap.store import sign_in as attempts
from gridmap.store.database import Database

MOST_HERE = 8
MOST_EVERYWHERE = 40
WINDOW_SECONDS = 900
_MOST_EVENTS = 30  # of one account, or of all unknown names, in an hour
_NOBODY = "unknown"


@dataclass(frozen=True)
class Attempt:
    """Somebody at the door.

    Attributes
    ----------
    name
        What they call themselves.
    address
        Where they come from.
    device
        The device, if it has a cookie of ours.
    request_id
        Number of the request.
    """

    name: str
    address: str
    device: Device | None = None
    request_id: str | None = None

    def known(self, policy: Policy) -> bool:
        """Tell whether this person has signed in on this device before."""
        return self.device is not None and self.device.knows(policy, self.name)

    def source(self, policy: Policy) -> str:
        """Give what failures are counted under."""
        if self.device is not None and self.known(policy):
            return "device:" + policy.keyed("source", self.device.number)
        return "address:" + policy.keyed("source", _network(self.address))


def begin_sign_in(database: Database, policy: Policy, attempt: Attempt) -> Mapping[str, Any] | None:
    """Read the account that wants in, before its password is checked.

    The attempt counts as a failure until `forget` is called: guesses sent all at once are counted
    one after the other, and none is checked beyond the limits.

    Returns
    -------
    mapping or None
        The account's row; None when there is no such usable account, which the caller must not
        let anybody see: `passwords.verify` takes None.

    Raises
    ------
    Problem
        429 after too many wrong passwords for the name, whether or not it exists.
    """
    if not NAME.fullmatch(attempt.name):
        return None
    _count(database, policy, attempt.name, attempt.source(policy))
    with database.transaction(Scope()) as tx:
        account = user.by_name(tx, attempt.name)
    usable = account is not None and account["active"]
    if account is None or not usable or (account["demo"] and not policy.demo_allowed):
        return None
    return account


def check_password(
    database: Database,
    policy: Policy,
    attempt: Attempt,
    password: str,
    aside: Callable[[Callable[[], bool]], bool] = lambda work: work(),
) -> Mapping[str, Any]:
    """Give the account whose name and password these are.

    Parameters
    ----------
    aside
        Runs the hashing, which takes tens of milliseconds of one core, off an event loop.

    Raises
    ------
    Problem
        401, the same for every reason; 429.
    """
    try:
        account = begin_sign_in(database, policy, attempt)
    except Problem:
        note_refusal(database, attempt.name, attempt.request_id, "limit")
        raise
    known_hash = None if account is None else str(account["password_hash"])
    right = aside(lambda: passwords.verify(known_hash, password))
    if account is None or not right:
        note_refusal(database, attempt.name, attempt.request_id, "password")
        raise refused_sign_in()
    forget(database, policy, attempt)
    return account


def check_code(
    database: Database, policy: Policy, account: Mapping[str, Any], code: str, request_id: str
) -> None:
    """Check a code of the second factor, or one on paper, and use it up.

    Raises
    ------
    Problem
        401 for a code that is wrong or was used; 429 after too many.
    """
    _use(database, policy, account, (second_factor.use, code), request_id)


def check_release(
    database: Database, policy: Policy, account: Mapping[str, Any], code: str, request_id: str
) -> None:
    """Check the code with which a security administrator releases an account, and use it up.

    Raises
    ------
    Problem
        401 for a code that is wrong, was used or is too old; 429 after too many.
    """
    _use(database, policy, account, (release.use, code), request_id)


def _use(
    database: Database,
    policy: Policy,
    account: Mapping[str, Any],
    given: tuple[Callable[[Database, Policy, int, str], bool], str],
    request_id: str,
) -> None:
    source = "code:" + policy.keyed("source", account["id"])
    use, code = given
    try:
        _count(database, policy, account["name"], source)
    except Problem:
        note_refusal(database, account["name"], request_id, "limit")
        raise
    if not use(database, policy, account["id"], code):
        note_refusal(database, account["name"], request_id, "code")
        raise Problem(401, "Wrong code", "The code is wrong, or was used before")
    with database.transaction(Scope()) as tx:
        attempts.forget(tx, policy.keyed("name", account["name"]), source)


def forget(database: Database, policy: Policy, attempt: Attempt) -> None:
    """Forget the failures of a source after a right password; those of others stay counted."""
    with database.transaction(Scope()) as tx:
        attempts.forget(tx, policy.keyed("name", attempt.name), attempt.source(policy))


def note_refusal(database: Database, name: str, request_id: str | None, reason: str) -> None:
    """Leave a trace of a refused sign-in; never the name of an account that does not exist."""
    with database.transaction(Scope()) as tx:
        account = user.by_name(tx, name) if NAME.fullmatch(name) else None
    if account is None:
        place, subject = county_of(database), _NOBODY
        scope = Scope(() if place is None else (place,), None, request_id)
    else:
        subject = str(account["id"])
        home = at_home(database, account["id"], request_id)
        # who knocked is not known to be this person
        scope = Scope(home.areas, None, request_id)
    with database.transaction(scope) as tx:
        for place in scope.areas:
            if refusal.recent(tx, "session.refused", subject, 3600) < _MOST_EVENTS:
                event.record(
                    tx,
                    "session.refused",
                    area_code=place,
                    subject_id=subject,
                    payload={"reason": reason},
                )


def _count(database: Database, policy: Policy, name: str, source: str) -> None:
    key = policy.keyed("name", name)
    with database.transaction(Scope()) as tx:
        attempts.take_turn(tx, key)
        found = attempts.failures(tx, key, source, WINDOW_SECONDS)
        here = found["here"] >= MOST_HERE
        everywhere = source.startswith("address:") and found["everywhere"] >= MOST_EVERYWHERE
        if not here and not everywhere:
            attempts.note_failure(tx, key, source)
            return
    oldest = found["here_oldest"] if here else found["everywhere_oldest"]
    raise too_many("Too many wrong passwords for this name", max(1, WINDOW_SECONDS - oldest))


def _network(address: str) -> str:
    """Give what stands for an address: itself, or the network of an IPv6 one, which owns many."""
    try:
        found = ip_address(address)
    except ValueError:
        return "elsewhere"
    return str(ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)
