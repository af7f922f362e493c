"""Second factors: secrets shown once as a square code, codes that count once, codes on paper."""

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gridmap.model.access import Scope
from gridmap.model.problem import Problem
from gridmap.services.access import Viewer
from gridmap.services.account_policy import Policy
from gridmap.services.sessions import at_home, token_hash
from gridmap.store import event
from gridmap.store import second_factor as rows
from gridmap.store import session as sessions
from gridmap.store.database import Database

PAPER_CODES = 10
_STEP_SECONDS = 30
_NONCE = 12
_PAPER = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I and O, which pencils confuse with 1 and 0


def state(database: Database, policy: Policy, viewer: Viewer) -> dict[str, Any]:
    """Describe a person's second factor."""
    with database.transaction(Scope(user_id=viewer.id)) as tx:
        found = rows.read(tx, viewer.id)
    return {
        "asked": policy.second_factor,
        "required": policy.needs_second_factor(role for role, _area in viewer.roles),
        "on": found["secret"] is not None,
        "pending": found["pending"] is not None,
        "since": None if found["since"] is None else found["since"].isoformat(),
        "codes_left": found["codes"],
    }


def propose(database: Database, policy: Policy, viewer: Viewer) -> None:
    """Draw a new secret, which counts once its person has proven a code of it.

    Raises
    ------
    Problem
        409 when a second factor is in force: it is removed first, or reset by an administrator.
    """
    with database.transaction(Scope(user_id=viewer.id)) as tx:
        if rows.read(tx, viewer.id)["secret"] is not None:
            raise Problem(409, "Conflict", "A second factor is set up already")
        rows.propose(tx, viewer.id, _lock_up(policy, viewer.id, pyotp.random_base32()))


def pending(database: Database, policy: Policy, viewer: Viewer, issuer: str) -> dict[str, str]:
    """Give the secret that waits for its proof, as text and as the address a telephone reads.

    Raises
    ------
    Problem
        409 when none waits.
    """
    secret = _pending(database, policy, viewer)
    address = pyotp.TOTP(secret).provisioning_uri(name=viewer.name, issuer_name=issuer)
    return {"secret": secret, "address": address}


def confirm(
    database: Database, policy: Policy, viewer: Viewer, code: str, here: str, request_id: str
) -> list[str]:
    """Put the waiting secret in force, proven by a code of it; give the codes on paper.

    Every other session of the person ends: it was opened without the factor.

    Raises
    ------
    Problem
        400 for a wrong code; 409 when none waits.
    """
    secret = _pending(database, policy, viewer)
    step = _step_of(secret, code)
    if step is None:
        raise Problem(400, "Wrong code", "The telephone shows another code by now")
    paper = _draw_paper()
    with database.transaction(at_home(database, viewer.id, request_id)) as tx:
        rows.take(tx, viewer.id, _lock_up(policy, viewer.id, secret), step)
        rows.put_codes(tx, viewer.id, [_paper_hash(policy, viewer.id, each) for each in paper])
        sessions.mark_second_factor(tx, token_hash(here))
        sessions.remove_of(tx, viewer.id, but=token_hash(here))
        for place in tx.scope.areas:
            event.record(tx, "second_factor.enrolled", area_code=place, subject_id=viewer.id)
    return paper


def new_paper(database: Database, policy: Policy, viewer: Viewer, request_id: str) -> list[str]:
    """Draw new codes on paper; the old ones end."""
    paper = _draw_paper()
    with database.transaction(at_home(database, viewer.id, request_id)) as tx:
        rows.put_codes(tx, viewer.id, [_paper_hash(policy, viewer.id, each) for each in paper])
        for place in tx.scope.areas:
            event.record(tx, "second_factor.enrolled", area_code=place, subject_id=viewer.id)
    return paper


def remove(database: Database, policy: Policy, viewer: Viewer, request_id: str) -> None:
    """Take one's own second factor away, where the roles do not need it.

    Raises
    ------
    Problem
        409 where they do: whoever changes telephones asks the security administrator.
    """
    if policy.needs_second_factor(role for role, _area in viewer.roles):
        raise Problem(409, "Conflict", "Your roles need a second factor")
    with database.transaction(at_home(database, viewer.id, request_id)) as tx:
        rows.remove(tx, viewer.id)
        for place in tx.scope.areas:
            event.record(tx, "second_factor.reset", area_code=place, subject_id=viewer.id)


def use(database: Database, policy: Policy, user_id: int, code: str) -> bool:
    """Use a code of the telephone or of the paper; False if it is wrong or was used before."""
    with database.transaction(Scope(user_id=user_id)) as tx:
        held = rows.read(tx, user_id)["secret"]
    if held is None:
        return False
    step = _step_of(_unlock(policy, user_id, held), code)
    with database.transaction(Scope(user_id=user_id)) as tx:
        if step is not None:
            return rows.use_step(tx, user_id, step)
        return rows.use_code(tx, user_id, _paper_hash(policy, user_id, code))


def _pending(database: Database, policy: Policy, viewer: Viewer) -> str:
    with database.transaction(Scope(user_id=viewer.id)) as tx:
        held = rows.read(tx, viewer.id)["pending"]
    if held is None:
        raise Problem(409, "Conflict", "No second factor is being set up")
    return _unlock(policy, viewer.id, held)


def _step_of(secret: str, code: str) -> int | None:
    """Give the time step a code belongs to; a clock may be half a minute off."""
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdigit() and len(typed) == 6):
        return None
    maker = pyotp.TOTP(secret)
    now = int(time.time()) // _STEP_SECONDS
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(maker.generate_otp(step), typed):
            return step
    return None


def _draw_paper() -> list[str]:
    return [
        "-".join("".join(secrets.choice(_PAPER) for _ in range(5)) for _ in range(2))
        for _ in range(PAPER_CODES)
    ]


def _paper_hash(policy: Policy, user_id: int, code: str) -> bytes:
    typed = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(policy.keyed("paper code", user_id, typed).encode()).digest()


def _key(policy: Policy) -> bytes:
    return hmac.digest(policy.secret, b"gridmap second factor", "sha256")


def _lock_up(policy: Policy, user_id: int, secret: str) -> str:
    nonce = secrets.token_bytes(_NONCE)
    # bound to its account: copied into another row it opens nothing
    locked = AESGCM(_key(policy)).encrypt(nonce, secret.encode(), str(user_id).encode())
    return base64.b64encode(nonce + locked).decode()


def _unlock(policy: Policy, user_id: int, locked: str) -> str:
    raw = base64.b64decode(locked)
    try:
        secret = AESGCM(_key(policy)).decrypt(raw[:_NONCE], raw[_NONCE:], str(user_id).encode())
    except InvalidTag:
        raise Problem(
            409, "Conflict", "The second factor can no longer be read and has to be reset"
        ) from None
    return secret.decode()
