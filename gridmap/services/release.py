"""The second hand at the door of an office account.

Whoever makes an account, or resets its password, knows a password of it. So that this opens
nothing, such an account also takes a code that a security administrator gives to its person, who
thereby needs both: neither administrator gets in alone.
"""

import hashlib
import secrets

from gridmap.model.access import FIELD_ROLES, Role, Scope
from gridmap.services.account_policy import Policy
from gridmap.store import session as sessions
from gridmap.store import token, user
from gridmap.store.database import Database, Transaction

DAYS = 7  # for which a code given waits to be used
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I and O, which look like 1 and 0


def before_first_office(tx: Transaction, user_id: int, role: Role) -> None:
    """Shut an account that rises to its first office role until it is released.

    Sessions and tokens from before may be those of whoever made it: they end.
    """
    if role in FIELD_ROLES or user.holds_office(tx, user_id):
        return
    user.need_release(tx, user_id)
    sessions.remove_of(tx, user_id)
    token.revoke(tx, user_id)


def before_reset(tx: Transaction, user_id: int, *, guarded: bool) -> bool:
    """Shut an office account whose password, or factor, is about to be reset; True if it is shut.

    Parameters
    ----------
    guarded
        True when a second factor stays in force, which a known password does not pass.
    """
    if guarded or not user.holds_office(tx, user_id):
        return False
    user.need_release(tx, user_id)
    return True


def draw(policy: Policy, user_id: int) -> tuple[str, bytes]:
    """Draw a code for an account; give it with what is kept of it."""
    code = "-".join("".join(secrets.choice(_SIGNS) for _ in range(5)) for _ in range(2))
    return code, _hash(policy, user_id, code)


def use(database: Database, policy: Policy, user_id: int, code: str) -> bool:
    """Use a code up; False if it is wrong or too old."""
    with database.transaction(Scope()) as tx:
        return user.use_release(tx, user_id, _hash(policy, user_id, code), DAYS)


def _hash(policy: Policy, user_id: int, code: str) -> bytes:
    typed = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(policy.keyed("release code", user_id, typed).encode()).digest()
