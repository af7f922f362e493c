"""Browsers: what one is called in a list, and how a known one proves that it is known."""

import hmac
import re
import secrets
from dataclasses import dataclass

from gridmap.services.account_policy import Policy

_SYSTEMS = (
    ("Android", "Android"),
    ("iPad", "iPad"),
    ("iPhone", "iPhone"),
    ("HarmonyOS", "HarmonyOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
# the first that is named: most browsers name others after themselves
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("QQBrowser", "QQ"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_MOST_PEOPLE = 8  # who sign in at one shared computer
_DEVICE = re.compile(r"([A-Za-z0-9_-]{22})((?:\.[0-9a-f]{40}){0,8})", re.ASCII)


def words(user_agent: str) -> str:
    """Name a browser in a few words of its own; empty when it says nothing we know."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return ", ".join(part for part in (browser, system) if part)


@dataclass(frozen=True)
class Device:
    """What the cookie of a known device holds: a number of its own and proofs for people.

    A proof is made when somebody signs in with the right password, and tells nothing about them.
    """

    number: str
    proofs: tuple[str, ...] = ()

    @classmethod
    def read(cls, cookie: str) -> "Device | None":
        """Read a cookie; None if it is none of ours."""
        found = _DEVICE.fullmatch(cookie)
        if found is None:
            return None
        return cls(found[1], tuple(found[2].split(".")[1:]))

    @classmethod
    def new(cls) -> "Device":
        """Make up a device that knows nobody."""
        return cls(secrets.token_urlsafe(16))

    def knows(self, policy: Policy, name: str) -> bool:
        """Tell whether somebody of this name has signed in here before."""
        wanted = policy.keyed("device", self.number, name)
        return any(hmac.compare_digest(wanted, each) for each in self.proofs)

    def knowing(self, policy: Policy, name: str) -> "Device":
        """Give the device as it is once somebody of this name has signed in."""
        proof = policy.keyed("device", self.number, name)
        others = [each for each in self.proofs if each != proof]
        return Device(self.number, (proof, *others)[:_MOST_PEOPLE])

    def cookie(self) -> str:
        """Write the cookie."""
        return ".".join((self.number, *self.proofs))
