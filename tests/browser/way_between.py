"""What lies between a tablet and its server: a proxy in user space that can do what networks do.

It speaks plain HTTP/1.0 with both sides, one request a connection, and keeps a ledger of what was
asked and what the server answered, so that a test can tell "sent" from "arrived".
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PORTAL = b"<!doctype html><title>Wi-Fi</title><h1>Welcome</h1><form action=/login></form>"
HOPS = {"connection", "keep-alive", "transfer-encoding", "content-length", "proxy-connection"}


@dataclass
class Passed:
    """One request that reached the way, and what the server said if it was asked."""

    method: str
    path: str
    body: bytes
    status: int | None = None


@dataclass
class Way:
    """The way to one server.

    Attributes
    ----------
    mode : str
        ``open``; ``down`` (nothing passes); ``no_replies`` (writes arrive, their answers do not);
        ``portal`` (a page of its own with 200 for everything); ``portal_json`` (a page's JSON for
        writes); ``portal_redirect``; ``shaky`` (waits, and cuts 3 of 10 answers at a random byte).
    rewrite : callable
        Changes the body of an answer by its path.
    """

    server: str
    mode: str = "open"
    ledger: list[Passed] = field(default_factory=list)
    rewrite: Callable[[str, bytes], bytes] = lambda _path, body: body
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    delay: float = 0.0

    def __post_init__(self) -> None:
        way = self

        class Handler(_Handler):
            pass

        Handler.way = way
        self._listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._listener.daemon_threads = True
        self._thread = threading.Thread(target=self._listener.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listener.server_address[1]}"

    def close(self) -> None:
        self._listener.shutdown()
        self._listener.server_close()

    def writes(self, path: str = "/api/incidents") -> list[Passed]:
        """What was written to a path, whether or not it was answered."""
        return [each for each in self.ledger if each.method != "GET" and each.path.startswith(path)]

    def came(self, path: str) -> bool:
        """Tell whether the server has answered a question for this path."""
        return any(one.path.startswith(path) and one.status == 200 for one in self.ledger)

    def ask(self, request: BaseHTTPRequestHandler, passed: Passed) -> tuple[int, list, bytes]:
        """Ask the server itself."""
        parts = urlsplit(self.server)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        headers = {k: v for k, v in request.headers.items() if k.lower() not in HOPS}
        try:
            connection.request(passed.method, passed.path, passed.body or None, headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        passed.status = answer.status
        return answer.status, answer.getheaders(), self.rewrite(passed.path, body)


class _Handler(BaseHTTPRequestHandler):
    way: Way

    def log_message(self, *_words: object) -> None:
        pass

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (TimeoutError, ConnectionError):
            self.close_connection = True

    def _pass(self) -> None:
        way = self.way
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        passed = Passed(self.command, self.path, body)
        mode = way.mode
        write = self.command != "GET" and self.path.startswith("/api/")
        if mode == "down":
            self._cut()
            return
        way.ledger.append(passed)
        if mode.startswith("portal"):
            self._portal(mode, write)
            return
        if mode == "shaky":
            time.sleep(way.delay)
        status, headers, content = way.ask(self, passed)
        if mode == "no_replies" and write:
            self._cut()
            return
        self._answer(status, headers, content, cut=mode == "shaky" and way.chance.random() < 0.3)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass  # noqa: N815 - named by http.server

    def _answer(self, status: int, headers: list, content: bytes, *, cut: bool) -> None:
        head = [f"HTTP/1.0 {status} Said\r\n"]
        head += [f"{k}: {v}\r\n" for k, v in headers if k.lower() not in HOPS]
        head.append(f"Content-Length: {len(content)}\r\n\r\n")
        whole = "".join(head).encode("latin-1") + content
        if cut:
            whole = whole[: self.way.chance.randrange(len(whole))]
        self.wfile.write(whole)
        if cut:
            self._cut()

    def _portal(self, mode: str, write: bool) -> None:
        if mode == "portal_redirect":
            self._answer(302, [("Location", "http://127.0.0.1:9/login")], b"", cut=False)
        elif mode == "portal_json" and write:
            said = json.dumps({"ok": True, "id": "x", "body_sha256": "0" * 64}).encode()
            self._answer(200, [("Content-Type", "application/json")], said, cut=False)
        elif mode == "portal_json":
            passed = Passed(self.command, self.path, b"")
            self._answer(*self.way.ask(self, passed), cut=False)
        else:
            self._answer(200, [("Content-Type", "text/html")], PORTAL, cut=False)

    def _cut(self) -> None:
        self.close_connection = True
        try:
            self.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
            )
            self.connection.close()
        except OSError:
            pass
