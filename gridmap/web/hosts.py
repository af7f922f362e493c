"""By which names this site is reached: a name that a client made up gets no page and no link."""

import socket
from functools import cache
from ipaddress import ip_address
from typing import Any

from flask import Request, request

from gridmap.model.problem import Problem
from gridmap.services.checks import LOOPBACK
from gridmap.settings import Settings
from gridmap.web.context import settings

# set by `Proxies` when a trusted proxy named the host; no client can write it
HEARD = "gridmap.host_heard"
_ANYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - read, not listened on
# what watches over the process asks by whatever address it has, and gets no link
_FOR_ANYBODY = ("/healthz", "/readyz")


def guard(asked: Request) -> None:
    """Refuse a request for a host that is not this site.

    Raises
    ------
    Problem
        400.
    """
    named = asked.environ.get("HTTP_HOST", "")
    if not named or asked.environ.get(HEARD) or asked.path in _FOR_ANYBODY:
        return
    name = _name(named)
    if name not in _own(settings()) and name not in _listening(asked.environ, settings()):
        raise Problem(
            400,
            "Unknown address",
            "This site is not reached by this name. Whoever runs it sets GRIDMAP_PUBLIC_URL",
        )


def root() -> str:
    """Give the address of this site, with a slash at its end, for links that leave it."""
    public = settings().public_url
    return request.host_url if public is None else f"{public}/"


def _own(found: Settings) -> set[str]:
    public = set() if found.public_url is None else {_name(found.public_url.split("//", 1)[1])}
    return public | {found.host.strip("[]").lower(), *LOOPBACK}


def _listening(environ: dict[str, Any], found: Settings) -> set[str]:
    """Give the names of this machine, when it is reached by any of its addresses."""
    if found.host not in _ANYWHERE:
        return set()
    names = set(_machine())
    connection = environ.get("gunicorn.socket")
    if connection is not None:
        names.add(_plain(str(connection.getsockname()[0])))
    return names


@cache
def _machine() -> frozenset[str]:
    return frozenset({socket.gethostname().lower()})


def _name(host: str) -> str:
    """Give a host without its port, brackets and final dot."""
    name = host.strip().lower()
    if name.startswith("["):
        return _plain(name[1:].partition("]")[0])
    return _plain(name.partition(":")[0].rstrip("."))


def _plain(name: str) -> str:
    """Write an address of either kind in its one short form."""
    try:
        found = ip_address(name.partition("%")[0])
    except ValueError:
        return name
    return str(getattr(found, "ipv4_mapped", None) or found)
