"""Passwords: hashed, checked, and what a new one has to be."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gridmap.problems import bad_value

DEMO_PASSWORD = "gridmap-demo"  # noqa: S105  printed by `gridmap up --demo`; refused elsewhere
SHORTEST = 10
LONGEST = 200

# 32 MiB and two passes: about 50 ms on the promised two cores, twice what OWASP asks at least
_HASHER = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
# checked when the name is unknown, so that the answer takes as long as for a known one
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))
# read out over a telephone: no letter that looks or sounds like another
_SPOKEN = "abcdefghjkmnpqrstuvwxyz23456789"


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


def one_time() -> str:
    """Draw a password that serves once: 75 random bits in three groups."""
    groups = ("".join(secrets.choice(_SPOKEN) for _ in range(5)) for _ in range(3))
    return "-".join(groups)


def check_new(name: str, password: str, place: str = "password") -> None:
    """Refuse a password that is too short or easily guessed.

    No classes of characters are asked for: they make people write passwords down.

    Raises
    ------
    Problem
        400 naming `place`.
    """
    if not SHORTEST <= len(password) <= LONGEST or "\0" in password:
        raise bad_value(place, f"{SHORTEST} to {LONGEST} characters are needed")
    if password == DEMO_PASSWORD or name in password.lower():
        raise bad_value(place, "the demo's password or the name inside it is not taken")
    if len(set(password)) < 4:
        raise bad_value(place, "at least 4 different characters are needed")
