"""How the text of an environment variable becomes a value, and what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

LANGUAGES = ("zh_CN", "en")
LOG_LEVELS = ("debug", "info", "warning", "error")
# China with its waters; a county narrows it, and anything outside is refused at every door.
CHINA = (73.0, 3.0, 136.0, 54.0)


class SettingsError(ValueError):
    """A setting has a value that cannot be used.

    Parameters
    ----------
    variable : str
        Name of the environment variable.
    reason : str
        What is wrong with it, without repeating a secret.
    """

    def __init__(self, variable: str, reason: str) -> None:
        super().__init__(f"{variable}: {reason}")
        self.variable = variable
        self.reason = reason


def any_text(_name: str, text: str) -> str:
    """Take a text as it stands."""
    return text


def folder(_name: str, text: str) -> Path:
    """Read a folder; ~ is the home of who runs gridmap."""
    return Path(text).expanduser()


def yes_or_no(name: str, text: str) -> bool:
    """Read yes or no."""
    if text.lower() in ("1", "yes", "true", "on"):
        return True
    if text.lower() in ("0", "no", "false", "off"):
        return False
    raise SettingsError(name, f"say yes or no, not {text!r}")


def number_between(low: int, high: int) -> Callable[[str, str], int]:
    """Return a reader of whole numbers within two."""

    def parse(name: str, text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise SettingsError(name, f"a whole number from {low} to {high}, not {text!r}")
        return int(text)

    return parse


def one_of(choices: tuple[str, ...]) -> Callable[[str, str], str]:
    """Return a reader of one of some words."""

    def parse(name: str, text: str) -> str:
        if text not in choices:
            raise SettingsError(name, f"one of {', '.join(choices)}, not {text!r}")
        return text

    return parse


def url_of(*schemes: str) -> Callable[[str, str], str]:
    """Return a reader of addresses that begin with one of some schemes."""

    def parse(name: str, text: str) -> str:
        # The text may hold a password: it is never repeated.
        try:
            scheme = urlsplit(text).scheme
        except ValueError:
            scheme = ""
        if scheme not in schemes:
            wanted = " or ".join(f"{scheme}://" for scheme in schemes)
            raise SettingsError(name, f"must be an address that begins with {wanted}")
        return text

    return parse


def tile_url(name: str, text: str) -> str:
    """Read the address of map tiles, with their three places to fill in."""
    # Web addresses must be HTTP; {z}, {x}, {y} are what the map fills in.
    text = url_of("https", "http")(name, text)
    missing = [part for part in ("{z}", "{x}", "{y}") if part not in text]
    if missing:
        raise SettingsError(name, f"has no {' '.join(missing)}")
    return text


def public_url(name: str, text: str) -> str:
    """Read the address people use: scheme, host and perhaps a port."""
    wanted = "the address people use, such as https://grid.example.net, without a path"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise SettingsError(name, wanted) from None
    host = parts.hostname or ""
    plain = parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
    known = re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*", host)
    if parts.scheme not in ("https", "http") or not plain or not known:
        raise SettingsError(name, wanted)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if port is None else f":{port}")


def secret(name: str, text: str) -> str:
    """Read a secret that is long enough."""
    if len(text) < 32:
        raise SettingsError(name, "must be at least 32 characters long")
    return text


def bounds(name: str, text: str) -> tuple[float, ...]:
    """Read west, south, east and north in degrees."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise SettingsError(name, "must be WEST,SOUTH,EAST,NORTH in degrees") from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise SettingsError(name, "must be WEST,SOUTH,EAST,NORTH in degrees, west before east")
    return west, south, east, north


def time_zone(name: str, text: str) -> str:
    """Read the name of a time zone."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(name, f"no time zone is called {text!r}") from None
    return text


def proxies(name: str, text: str) -> str:
    """Read how many proxies there are, or their networks."""
    if re.fullmatch(r"[0-9]", text):
        return text
    for part in text.split(","):
        try:
            ip_network(part.strip(), strict=False)
        except ValueError:
            raise SettingsError(
                name, "a number of proxies up to 9, or their networks such as 10.1.2.0/24"
            ) from None
    return text


def town(name: str, text: str) -> str:
    """Read the name of a demo town."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", text):
        raise SettingsError(name, f"must be the name of a demo town, not {text!r}")
    return text
