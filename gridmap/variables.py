"""The environment variables that set gridmap up: name, parser, default and meaning of each.

The README's table is checked against this one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gridmap.variable_values import (
    CHINA,
    LANGUAGES,
    LOG_LEVELS,
    SettingsError,
    any_text,
    bounds,
    folder,
    number_between,
    one_of,
    proxies,
    public_url,
    secret,
    tile_url,
    time_zone,
    town,
    url_of,
    yes_or_no,
)

__all__ = ["CHINA", "INTERNAL", "LANGUAGES", "LOG_LEVELS", "VARIABLES", "SettingsError", "Variable"]


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
        folder,
        "`.gridmap` here",
        "Folder of the embedded default: its data, logs and secrets",
    ),
    Variable(
        "GRIDMAP_DATABASE_URL",
        "database_url",
        url_of("postgresql"),
        "the embedded server",
        "PostgreSQL of the app role, `postgresql://gridmap_app:...@host/gridmap`; "
        "when set, `gridmap up` starts no PostgreSQL",
    ),
    Variable(
        "GRIDMAP_MIGRATE_URL",
        "migrate_url",
        url_of("postgresql"),
        "the embedded server",
        "The same database for the migration role; when set, `gridmap up` migrates it",
    ),
    Variable(
        "GRIDMAP_BACKUP_URL",
        "backup_url",
        url_of("postgresql"),
        "the embedded server",
        "The same database for the backup role, which reads past row security",
    ),
    Variable(
        "GRIDMAP_REDIS_URL",
        "redis_url",
        url_of("redis", "rediss", "unix"),
        "the embedded server",
        "Redis of the job queues and limits; when set, `gridmap up` starts no Redis",
    ),
    Variable(
        "GRIDMAP_SECRET_KEY",
        "secret_key",
        secret,
        "made at the first start",
        "Signs cookies and tokens; the same on every machine; 32 characters or more",
    ),
    Variable(
        "GRIDMAP_HOST", "host", any_text, "127.0.0.1", "Address on which the web server listens"
    ),
    Variable(
        "GRIDMAP_PORT",
        "port",
        number_between(1, 65535),
        "8000",
        "Port on which the web server listens",
    ),
    Variable(
        "GRIDMAP_PUBLIC_URL",
        "public_url",
        public_url,
        "the host people ask for",
        "How people reach the site, `https://grid.example.net` say; other names than this, "
        "those it listens on and those a trusted proxy gives are refused",
    ),
    Variable(
        "GRIDMAP_HTTPS",
        "https",
        yes_or_no,
        "no",
        "`yes` when people come over HTTPS: cookies are then never sent in the clear",
    ),
    Variable(
        "GRIDMAP_PROXIES",
        "proxies",
        proxies,
        "none",
        "How many proxies stand in front, or their networks: only then are X-Forwarded-For, "
        "-Proto and -Host heard",
    ),
    Variable(
        "GRIDMAP_TOTP",
        "totp",
        one_of(("office", "off")),
        "office; off in the demo",
        "`office`: everybody but grid members and units needs a second factor; "
        "`off`: nobody is asked for one",
    ),
    Variable(
        "GRIDMAP_PASSWORD_DAYS",
        "password_days",
        number_between(0, 3650),
        "0",
        "Days after which a password has to be changed; 0 for never",
    ),
    Variable(
        "GRIDMAP_IDLE_MINUTES",
        "idle_minutes",
        number_between(5, 1440),
        "120",
        "Minutes without use after which an office session ends; an open map counts as use",
    ),
    Variable(
        "GRIDMAP_SESSION_HOURS",
        "session_hours",
        number_between(1, 168),
        "24",
        "Hours after which an office session ends, used or not",
    ),
    Variable(
        "GRIDMAP_TABLET_DAYS",
        "tablet_days",
        number_between(1, 30),
        "7",
        "Days after which a session of those who are only grid members or units ends, used or "
        "not: a tablet without a network for days still sends its reports",
    ),
    Variable(
        "GRIDMAP_EMERGENCY_DAYS",
        "emergency_days",
        number_between(1, 3650),
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
        number_between(7, 3650),
        "90",
        "Days for which a job is kept once it has ended; answers of what-if, sites and criticality "
        "a week, and what a plan or a run points to for good",
    ),
    Variable(
        "GRIDMAP_SMS_URL",
        "sms_url",
        url_of("https", "http"),
        "none: text messages stay unsent",
        "Gateway for text messages: one POST of JSON (`id`, `to`, `text`, `exercise`) for each, "
        "with `Idempotency-Key`",
    ),
    Variable(
        "GRIDMAP_SMS_SECRET",
        "sms_secret",
        secret,
        "none",
        "Its secret: sent as bearer token, and signs each body in `X-Signature` (HMAC-SHA256)",
    ),
    Variable(
        "GRIDMAP_LOUDSPEAKER_URL",
        "loudspeaker_url",
        url_of("https", "http"),
        "none: loudspeakers stay silent",
        "Broadcasting server of the village loudspeakers, in the same form; it reads the words out",
    ),
    Variable(
        "GRIDMAP_LOUDSPEAKER_SECRET",
        "loudspeaker_secret",
        secret,
        "none",
        "Its secret, used in the same way",
    ),
    Variable(
        "GRIDMAP_SMTP_URL",
        "smtp_url",
        url_of("smtps", "smtp"),
        "none: mail stays unsent",
        "Mail server, `smtps://name:password@host`; a name or password is percent-encoded",
    ),
    Variable(
        "GRIDMAP_MAIL_FROM",
        "mail_from",
        any_text,
        "none",
        "Who mail comes from, an address; without it no mail goes out",
    ),
    Variable(
        "GRIDMAP_WEB_WORKERS", "web_workers", number_between(1, 64), "2", "Web server processes"
    ),
    Variable(
        "GRIDMAP_LANGUAGE",
        "language",
        one_of(LANGUAGES),
        "zh_CN",
        "Language for people who have not chosen one: zh_CN or en",
    ),
    Variable(
        "GRIDMAP_TIME_ZONE", "time_zone", time_zone, "Asia/Shanghai", "Zone of the times shown"
    ),
    Variable(
        "GRIDMAP_BOUNDS",
        "bounds",
        bounds,
        "73,3,136,54",
        "West, south, east, north in degrees; coordinates outside are refused",
    ),
    Variable(
        "GRIDMAP_MAP_APPROVAL_NUMBER",
        "map_approval_number",
        any_text,
        "none",
        "Approval number (审图号) shown on every map",
    ),
    Variable(
        "GRIDMAP_TILE_URL",
        "tile_url",
        tile_url,
        "none: our own tiles",
        "A WMTS or XYZ base map to offer beside our own, with `{z}`, `{x}`, `{y}`",
    ),
    Variable(
        "GRIDMAP_TILE_ATTRIBUTION",
        "tile_attribution",
        any_text,
        "none",
        "Whom the pages thank for that base map",
    ),
    Variable(
        "GRIDMAP_DEMO",
        "demo",
        town,
        "none",
        "Town of the demo, set by `gridmap up --demo`; pages then say that people are simulated",
    ),
    Variable(
        "GRIDMAP_LOG_LEVEL", "log_level", one_of(LOG_LEVELS), "info", "Least level that is logged"
    ),
    Variable(
        "GRIDMAP_DEBUG", "debug", yes_or_no, "no", "For developers only; `gridmap check` refuses it"
    ),
)

# Set by the supervisor for its parts, not by people.
INTERNAL = frozenset({"GRIDMAP_PART"})
