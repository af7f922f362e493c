"""The environment variables that set gridmap up: name, parser, default and meaning of each.

The README's table is checked against this one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
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


def _text(_name: str, text: str) -> str:
    return text


def _path(_name: str, text: str) -> Path:
    return Path(text).expanduser()


def _flag(name: str, text: str) -> bool:
    if text.lower() in ("1", "yes", "true", "on"):
        return True
    if text.lower() in ("0", "no", "false", "off"):
        return False
    raise SettingsError(name, f"say yes or no, not {text!r}")


def _number_between(low: int, high: int) -> Callable[[str, str], int]:
    def parse(name: str, text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise SettingsError(name, f"a whole number from {low} to {high}, not {text!r}")
        return int(text)

    return parse


def _one_of(choices: tuple[str, ...]) -> Callable[[str, str], str]:
    def parse(name: str, text: str) -> str:
        if text not in choices:
            raise SettingsError(name, f"one of {', '.join(choices)}, not {text!r}")
        return text

    return parse


def _url_of(*schemes: str) -> Callable[[str, str], str]:
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


def _tile_url(name: str, text: str) -> str:
    # Web addresses must be HTTP; {z}, {x}, {y} are what the map fills in.
    text = _url_of("https", "http")(name, text)
    missing = [part for part in ("{z}", "{x}", "{y}") if part not in text]
    if missing:
        raise SettingsError(name, f"has no {' '.join(missing)}")
    return text


def _public_url(name: str, text: str) -> str:
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


def _secret(name: str, text: str) -> str:
    if len(text) < 32:
        raise SettingsError(name, "must be at least 32 characters long")
    return text


def _bounds(name: str, text: str) -> tuple[float, ...]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise SettingsError(name, "must be WEST,SOUTH,EAST,NORTH in degrees") from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise SettingsError(name, "must be WEST,SOUTH,EAST,NORTH in degrees, west before east")
    return west, south, east, north


def _zone(name: str, text: str) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(name, f"no time zone is called {text!r}") from None
    return text


def _proxies(name: str, text: str) -> str:
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


def _town(name: str, text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", text):
        raise SettingsError(name, f"must be the name of a demo town, not {text!r}")
    return text


@dataclass(frozen=True)
class Variable:
    """One environment variable: name, field of `Settings`, parser, default in words, meaning."""

    name: str
    field: str
    parse: Callable[[str, str], Any]
    default: str
    meaning: str


VARIABLES = (
    Variable(
        "GRIDMAP_STATE",
        "state",
        _path,
        "`.gridmap` here",
        "Folder of the embedded default: its data, logs and secrets",
    ),
    Variable(
        "GRIDMAP_DATABASE_URL",
        "database_url",
        _url_of("postgresql"),
        "the embedded server",
        "PostgreSQL of the app role, `postgresql://gridmap_app:...@host/gridmap`; "
        "when set, `gridmap up` starts no PostgreSQL",
    ),
    Variable(
        "GRIDMAP_MIGRATE_URL",
        "migrate_url",
        _url_of("postgresql"),
        "the embedded server",
        "The same database for the migration role; when set, `gridmap up` migrates it",
    ),
    Variable(
        "GRIDMAP_BACKUP_URL",
        "backup_url",
        _url_of("postgresql"),
        "the embedded server",
        "The same database for the backup role, which reads past row security",
    ),
    Variable(
        "GRIDMAP_REDIS_URL",
        "redis_url",
        _url_of("redis", "rediss", "unix"),
        "the embedded server",
        "Redis of the job queues and limits; when set, `gridmap up` starts no Redis",
    ),
    Variable(
        "GRIDMAP_SECRET_KEY",
        "secret_key",
        _secret,
        "made at the first start",
        "Signs cookies and tokens; the same on every machine; 32 characters or more",
    ),
    Variable("GRIDMAP_HOST", "host", _text, "127.0.0.1", "Address on which the web server listens"),
    Variable(
        "GRIDMAP_PORT",
        "port",
        _number_between(1, 65535),
        "8000",
        "Port on which the web server listens",
    ),
    Variable(
        "GRIDMAP_PUBLIC_URL",
        "public_url",
        _public_url,
        "the host people ask for",
        "How people reach the site, `https://grid.example.net` say; other names than this, "
        "those it listens on and those a trusted proxy gives are refused",
    ),
    Variable(
        "GRIDMAP_HTTPS",
        "https",
        _flag,
        "no",
        "`yes` when people come over HTTPS: cookies are then never sent in the clear",
    ),
    Variable(
        "GRIDMAP_PROXIES",
        "proxies",
        _proxies,
        "none",
        "How many proxies stand in front, or their networks: only then are X-Forwarded-For, "
        "-Proto and -Host heard",
    ),
    Variable(
        "GRIDMAP_TOTP",
        "totp",
        _one_of(("office", "off")),
        "office; off in the demo",
        "`office`: everybody but grid members and units needs a second factor; "
        "`off`: nobody is asked for one",
    ),
    Variable(
        "GRIDMAP_PASSWORD_DAYS",
        "password_days",
        _number_between(0, 3650),
        "0",
        "Days after which a password has to be changed; 0 for never",
    ),
    Variable(
        "GRIDMAP_IDLE_MINUTES",
        "idle_minutes",
        _number_between(5, 1440),
        "120",
        "Minutes without use after which an office session ends; an open map counts as use",
    ),
    Variable(
        "GRIDMAP_SESSION_HOURS",
        "session_hours",
        _number_between(1, 168),
        "24",
        "Hours after which an office session ends, used or not",
    ),
    Variable(
        "GRIDMAP_TABLET_DAYS",
        "tablet_days",
        _number_between(1, 30),
        "7",
        "Days after which a session of those who are only grid members or units ends, used or "
        "not: a tablet without a network for days still sends its reports",
    ),
    Variable(
        "GRIDMAP_EMERGENCY_DAYS",
        "emergency_days",
        _number_between(1, 3650),
        "30",
        "Days after the end of an emergency (lifted, responses ended, everybody home) until the "
        "personal data got for it are destroyed, unless a commander holds them back with a "
        "reason; sums stay. A plan nobody closes counts as ended 14 days after the hazard was "
        "lifted, somebody never ticked home as home after 180. Calls for volunteers and other "
        "messages: days after their time",
    ),
    Variable(
        "GRIDMAP_JOB_DAYS",
        "job_days",
        _number_between(7, 3650),
        "90",
        "Days for which a job is kept once it has ended; answers of what-if, sites and criticality "
        "a week, and what a plan or a run points to for good",
    ),
    Variable(
        "GRIDMAP_SMS_URL",
        "sms_url",
        _url_of("https", "http"),
        "none: text messages stay unsent",
        "Gateway for text messages: one POST of JSON (`id`, `to`, `text`, `exercise`) for each, "
        "with `Idempotency-Key`",
    ),
    Variable(
        "GRIDMAP_SMS_SECRET",
        "sms_secret",
        _secret,
        "none",
        "Its secret: sent as bearer token, and signs each body in `X-Signature` (HMAC-SHA256)",
    ),
    Variable(
        "GRIDMAP_LOUDSPEAKER_URL",
        "loudspeaker_url",
        _url_of("https", "http"),
        "none: loudspeakers stay silent",
        "Broadcasting server of the village loudspeakers, in the same form; it reads the words out",
    ),
    Variable(
        "GRIDMAP_LOUDSPEAKER_SECRET",
        "loudspeaker_secret",
        _secret,
        "none",
        "Its secret, used in the same way",
    ),
    Variable(
        "GRIDMAP_SMTP_URL",
        "smtp_url",
        _url_of("smtps", "smtp"),
        "none: mail stays unsent",
        "Mail server, `smtps://name:password@host`; a name or password is percent-encoded",
    ),
    Variable(
        "GRIDMAP_MAIL_FROM",
        "mail_from",
        _text,
        "none",
        "Who mail comes from, an address; without it no mail goes out",
    ),
    Variable(
        "GRIDMAP_WEB_WORKERS", "web_workers", _number_between(1, 64), "2", "Web server processes"
    ),
    Variable(
        "GRIDMAP_LANGUAGE",
        "language",
        _one_of(LANGUAGES),
        "zh_CN",
        "Language for people who have not chosen one: zh_CN or en",
    ),
    Variable("GRIDMAP_TIME_ZONE", "time_zone", _zone, "Asia/Shanghai", "Zone of the times shown"),
    Variable(
        "GRIDMAP_BOUNDS",
        "bounds",
        _bounds,
        "73,3,136,54",
        "West, south, east, north in degrees; coordinates outside are refused",
    ),
    Variable(
        "GRIDMAP_MAP_APPROVAL_NUMBER",
        "map_approval_number",
        _text,
        "none",
        "Approval number (审图号) shown on every map",
    ),
    Variable(
        "GRIDMAP_TILE_URL",
        "tile_url",
        _tile_url,
        "none: our own tiles",
        "A WMTS or XYZ base map to offer beside our own, with `{z}`, `{x}`, `{y}`",
    ),
    Variable(
        "GRIDMAP_TILE_ATTRIBUTION",
        "tile_attribution",
        _text,
        "none",
        "Whom the pages thank for that base map",
    ),
    Variable(
        "GRIDMAP_DEMO",
        "demo",
        _town,
        "none",
        "Town of the demo, set by `gridmap up --demo`; pages then say that people are simulated",
    ),
    Variable(
        "GRIDMAP_LOG_LEVEL", "log_level", _one_of(LOG_LEVELS), "info", "Least level that is logged"
    ),
    Variable(
        "GRIDMAP_DEBUG", "debug", _flag, "no", "For developers only; `gridmap check` refuses it"
    ),
)

# Set by the supervisor for its parts, not by people.
INTERNAL = frozenset({"GRIDMAP_PART"})
