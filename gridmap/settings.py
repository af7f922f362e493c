"""Settings: what the environment and the state folder say, read once and then frozen.

`gridmap.variables` lists them; nothing else in the program reads ``GRIDMAP_...`` from the
environment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gridmap.variables import CHINA, INTERNAL, LANGUAGES, VARIABLES, SettingsError

# A demo town that is not in China brings its own bounds, unless some are set.
DEMO_BOUNDS = {"monaco": (7.3, 43.6, 7.6, 43.9)}

__all__ = ["LANGUAGES", "STATE_FOLDER", "Settings", "SettingsError", "embedded_environment"]

STATE_FOLDER = ".gridmap"
_OF_DATABASE = ("database_url", "migrate_url", "backup_url")


@dataclass(frozen=True)
class Settings:
    """Everything that can be set, with the value in force.

    Parameters
    ----------
    state : Path
        Folder of the embedded default: data, logs, secrets.
    database_url, migrate_url, backup_url, redis_url : str or None
        Connections of the app role, of the migration role, of the backup role and of Redis; None
        when neither the environment nor an embedded server gives one.
    secret_key : str or None
        Signs cookies and tokens.
    own_database, own_redis : bool
        True when `gridmap up` has to run that server itself.
    host, port : str, int
        Where the web server listens.
    language : str
        Language of pages for people who have not chosen one.
    time_zone : str
        Zone in which times are shown.
    map_approval_number : str or None
        Approval number printed on every map.
    tile_url, tile_attribution : str or None
        An optional WMTS or XYZ base map beside our own tiles, and whom to thank for it.
    demo : str or None
        Town of the demo; demo accounts exist only when it is set.
    bounds : tuple of float
        West, south, east, north in degrees; coordinates outside are refused.
    public_url : str or None
        How people reach the site from elsewhere: links that leave it begin with this.
    https : bool
        True when people reach the site over HTTPS: cookies are then never sent in the clear.
    proxies : str
        Number of trusted proxies or their networks; empty when nobody stands in front.
    totp : str or None
        ``office`` or ``off``; None is ``office``, and ``off`` in the demo.
    password_days : int
        Days a password lasts; 0 for ever.
    idle_minutes, session_hours : int
        How long an office session lasts without use, and at most.
    tablet_days : int
        How long a session of field staff lasts.
    job_days : int
        How long a job is kept once it has ended.
    emergency_days : int
        How long personal data of an emergency stay once all of it has ended.
    sms_url, sms_secret, loudspeaker_url, loudspeaker_secret : str or None
        Gateways of text messages and village loudspeakers.
    smtp_url, mail_from : str or None
        Mail server, and who mail comes from.
    web_workers : int
        Web server processes.
    log_level : str
        Least level that is written.
    debug : bool
        Never in production; `gridmap check` refuses it.
    """

    state: Path
    database_url: str | None = None
    migrate_url: str | None = None
    backup_url: str | None = None
    redis_url: str | None = None
    secret_key: str | None = None
    own_database: bool = True
    own_redis: bool = True
    host: str = "127.0.0.1"
    port: int = 8000
    language: str = "zh_CN"
    time_zone: str = "Asia/Shanghai"
    map_approval_number: str | None = None
    tile_url: str | None = None
    tile_attribution: str | None = None
    demo: str | None = None
    bounds: tuple[float, float, float, float] = CHINA
    public_url: str | None = None
    https: bool = False
    proxies: str = ""
    totp: str | None = None
    password_days: int = 0
    idle_minutes: int = 120
    session_hours: int = 24
    tablet_days: int = 7
    job_days: int = 90
    emergency_days: int = 30
    sms_url: str | None = None
    sms_secret: str | None = None
    loudspeaker_url: str | None = None
    loudspeaker_secret: str | None = None
    smtp_url: str | None = None
    mail_from: str | None = None
    web_workers: int = 2
    log_level: str = "info"
    debug: bool = False

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str], state_folder: Path | str | None = None
    ) -> Settings:
        """Read the settings.

        Parameters
        ----------
        environ : mapping
            Usually ``os.environ``.
        state_folder : path, optional
            Wins over ``GRIDMAP_STATE``.

        Returns
        -------
        Settings
            Connections not set in the environment are those of the embedded servers of the state
            folder, when it has any and its secrets may be read.

        Raises
        ------
        SettingsError
            Names the first variable, in the order of `VARIABLES`, whose value cannot be used, or
            a ``GRIDMAP_`` variable that does not exist (a misspelt one would be lost in silence).
        """
        _refuse_unknown(environ)
        values: dict[str, Any] = {}
        for variable in VARIABLES:
            text = environ.get(variable.name, "").strip()
            if text:
                values[variable.field] = variable.parse(variable.name, text)
        if state_folder is not None:
            values["state"] = Path(state_folder)
        values.setdefault("state", Path(STATE_FOLDER))
        values["state"] = values["state"].absolute()
        values["own_database"] = "database_url" not in values
        values["own_redis"] = "redis_url" not in values
        _add_embedded(values)
        return cls(**values)

    def for_demo(self, town: str | None) -> Settings:
        """Return the settings with which a demo town is served; None changes nothing."""
        if town is None:
            return self
        bounds = self.bounds if self.bounds != CHINA else DEMO_BOUNDS.get(town, CHINA)
        return replace(self, demo=town, bounds=bounds)

    @property
    def address(self) -> str:
        """Give the address of the site, without a slash at its end."""
        return self.public_url or f"http://{self.host}:{self.port}"

    def to_environment(self) -> dict[str, str]:
        """Return the variables that make `from_environment` give these settings again.

        Returns
        -------
        dict of str to str
            Connections of our own servers are left out: they are read from the state folder.
        """
        result: dict[str, str] = {}
        for variable in VARIABLES:
            value = getattr(self, variable.field)
            own = (self.own_database and variable.field in _OF_DATABASE) or (
                self.own_redis and variable.field == "redis_url"
            )
            if value is not None and not own:
                result[variable.name] = _as_text(value)
        return result


def embedded_environment(state: Path) -> dict[str, str]:
    """Return the connections of the embedded servers of a state folder.

    Parameters
    ----------
    state : Path
        The state folder.

    Returns
    -------
    dict of str to str
        ``GRIDMAP_DATABASE_URL``, ``GRIDMAP_MIGRATE_URL``, ``GRIDMAP_BACKUP_URL``,
        ``GRIDMAP_REDIS_URL`` and ``GRIDMAP_SECRET_KEY``; empty where there is no embedded default
        or its secrets are not ours to read.
    """
    try:
        secrets = json.loads((state / "secrets.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return {}
    sockets = quote(secrets["sockets"], safe="")
    redis_socket = f"{secrets['sockets']}/redis.sock"
    roles = {
        "GRIDMAP_DATABASE_URL": "gridmap_app",
        "GRIDMAP_MIGRATE_URL": "gridmap_migrator",
        "GRIDMAP_BACKUP_URL": "gridmap_backup",
    }
    # a folder from before a role was there gets its password at the next start
    addresses = {
        name: _database_url(role, secrets[role], sockets)
        for name, role in roles.items()
        if role in secrets
    }
    return addresses | {
        "GRIDMAP_REDIS_URL": f"unix://:{secrets['redis']}@{redis_socket}",
        "GRIDMAP_SECRET_KEY": secrets["secret_key"],
    }


def _database_url(role: str, password: str, sockets: str) -> str:
    return f"postgresql://{role}:{password}@/gridmap?host={sockets}"


def _add_embedded(values: dict[str, Any]) -> None:
    """Fill connections that the environment leaves open from the state folder."""
    embedded = embedded_environment(values["state"])
    for variable in VARIABLES:
        # The roles of our own server must never be used beside somebody else's database.
        foreign = variable.field in _OF_DATABASE and not values["own_database"]
        if variable.name in embedded and not foreign:
            values.setdefault(variable.field, embedded[variable.name])


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {variable.name for variable in VARIABLES} | INTERNAL
    for name in sorted(environ):
        if name.startswith("GRIDMAP_") and name not in known:
            raise SettingsError(name, "there is no such setting; README.md lists them")


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        return ",".join(format(part, "g") for part in value)
    return str(value)
