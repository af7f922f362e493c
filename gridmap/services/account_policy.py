"""What accounts and sessions are held to: the settings that concern them, as numbers and keys."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from gridmap.model.access import FIELD_ROLES, Role
from gridmap.settings import Settings

_DAY = 24 * 3600


@dataclass(frozen=True)
class Policy:
    """The rules in force.

    Attributes
    ----------
    secret
        The deployment's secret, from which every key here is derived.
    second_factor
        True when office roles need one.
    password_seconds
        How long a password lasts; None for ever.
    idle_seconds, longest_seconds
        How long an office session lives without use, and at most.
    field_seconds
        How long a session of people who only hold field roles lives, used or not. Their tablets
        lie without a network for days, and what waits in them must go out without a password.
    demo_allowed
        True when accounts of the demo may sign in.
    """

    secret: bytes
    second_factor: bool = True
    password_seconds: float | None = None
    idle_seconds: int = 2 * 3600
    longest_seconds: int = _DAY
    field_seconds: int = 7 * _DAY
    demo_allowed: bool = False

    def keyed(self, purpose: str, *parts: object) -> str:
        """Hash something so that nobody without the secret can tell, or forge, what it was."""
        key = hmac.digest(self.secret, f"gridmap {purpose}".encode(), "sha256")
        text = "\0".join(str(part) for part in parts)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:40]

    def limits(self, roles: Iterable[Role]) -> tuple[int, int]:
        """Give seconds without use, and seconds in all, after which a session with roles ends."""
        if in_the_field(roles):
            return self.field_seconds, self.field_seconds
        return self.idle_seconds, self.longest_seconds

    def needs_second_factor(self, roles: Iterable[Role]) -> bool:
        """Tell whether these roles need a second factor."""
        return self.second_factor and any(role not in FIELD_ROLES for role in roles)

    @property
    def most_seconds(self) -> int:
        """Give the seconds that no session outlives."""
        return max(self.longest_seconds, self.field_seconds)

    @property
    def most_idle_seconds(self) -> int:
        """Give the seconds without use that no session outlives."""
        return max(self.idle_seconds, self.field_seconds)


def in_the_field(roles: Iterable[Role]) -> bool:
    """Tell whether somebody holds roles of the field and no others."""
    held = set(roles)
    return bool(held) and held <= FIELD_ROLES


def policy_of(settings: Settings) -> Policy:
    """Make the policy that the settings ask for."""
    asked = settings.totp or ("off" if settings.demo else "office")
    return Policy(
        secret=(settings.secret_key or "").encode(),
        second_factor=asked == "office",
        password_seconds=settings.password_days * _DAY or None,
        idle_seconds=settings.idle_minutes * 60,
        longest_seconds=settings.session_hours * 3600,
        field_seconds=settings.tablet_days * _DAY,
        demo_allowed=settings.demo is not None,
    )
