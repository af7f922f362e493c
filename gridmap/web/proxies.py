"""What a trusted proxy says about the client; what anybody else says so is not heard."""

import re
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from gridmap.web.hosts import HEARD

Network = IPv4Network | IPv6Network
_SAID = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")
# others that some server or library may believe
_NEVER = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_PREFIX", "HTTP_X_REAL_IP")
_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?", re.ASCII)


class Proxies:
    """WSGI middleware that takes the client's address, scheme and host from trusted proxies.

    Parameters
    ----------
    app
        The application.
    trusted
        A number of proxies, or networks in which they are; empty when nobody stands in front.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]], trusted: str) -> None:
        self._app = app
        self._hops = int(trusted) if trusted.isdigit() else 0
        self._networks: tuple[Network, ...] = ()
        if trusted and not trusted.isdigit():
            self._networks = tuple(
                ip_network(part.strip(), strict=False) for part in trusted.split(",")
            )

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        said = [environ.pop(name, "") for name in _SAID]
        for name in _NEVER:
            environ.pop(name, None)
        if self._hops or self._inside(environ.get("REMOTE_ADDR", "")):
            self._hear(environ, *said)
        return self._app(environ, start)

    def _hear(self, environ: dict[str, Any], chain: str, scheme: str, host: str) -> None:
        client = self._client(environ.get("REMOTE_ADDR", ""), _parts(chain))
        if client is None:
            return  # not the chain of our proxies: nothing in it is believed
        environ["REMOTE_ADDR"] = client
        # each proxy writes its own at the end; the nearest one is ours
        if _parts(scheme)[-1:] in (["http"], ["https"]):
            environ["wsgi.url_scheme"] = _parts(scheme)[-1]
        named = _parts(host)[-1:]
        if named and _HOST.fullmatch(named[0]):
            environ["HTTP_HOST"] = named[0]
            environ[HEARD] = True

    def _client(self, peer: str, chain: list[str]) -> str | None:
        if self._hops:
            found = chain[-self._hops] if len(chain) >= self._hops else ""
            return found if _is_address(found) else None
        for each in reversed(chain):
            if not _is_address(each):
                return None
            peer = each
            if not self._inside(each):
                break
        return peer

    def _inside(self, address: str) -> bool:
        if not self._networks or not _is_address(address):
            return False
        found = ip_address(address)
        return any(found in network for network in self._networks)


def _parts(header: str) -> list[str]:
    return [part.strip() for part in header.split(",") if part.strip()]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text
