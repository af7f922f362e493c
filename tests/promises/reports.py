"""Tablets of the promise tests: reports sent until acknowledged, acknowledgements on disk."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import threading
import time
import uuid
from pathlib import Path
from urllib.parse import urlencode

HERE = (114.405, 30.51)
PASSWORD = "correct-horse-9"
PATIENCE = 240.0  # seconds until a report has to be acknowledged


class Ledger:
    """Ids that have been acknowledged; each is on the disk before the next is sent."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="ascii")
        self._path = path
        self._lock = threading.Lock()

    def note(self, report_id: str) -> None:
        with self._lock:
            self._file.write(report_id + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def read(self) -> list[str]:
        self._file.close()
        return self._path.read_text(encoding="ascii").split()


def new_report(**changed: object) -> dict[str, object]:
    """Make a report as a tablet does."""
    lon, lat = HERE
    return {
        "id": str(uuid.uuid4()),
        "category": "waterlogging",
        "title": "路口积水",
        "level": 3,
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "photos": ["0" * 64],
    } | changed


class Tablet:
    """A signed-in device that sends a report again and again until it is acknowledged."""

    def __init__(self, port: int, name: str = "member") -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.token = ""
        self.attempts = 0
        self._name = name
        self._connection: http.client.HTTPConnection | None = None

    def sign_in(self) -> None:
        self.token = self._token()
        form = urlencode(
            {"csrf_token": self.token, "name": self._name, "password": PASSWORD}
        ).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
        status, _body = self.send("POST", "/sign-in", form, kind)
        assert status == 303, status
        self.token = self._token()

    def _token(self) -> str:
        _status, page = self.send("GET", "/about", b"", {"Accept": "text/html"})
        found = re.search(rb'<meta name="csrf-token" content="([^"]+)"', page)
        assert found is not None
        return found[1].decode()

    def send(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """Send one request over a kept connection; OSError when it fails on the way."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            more = {"Cookie": cookies, "X-CSRFToken": self.token}
            self._connection.request(method, path, body, headers | more)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            self._connection = None
            raise OSError(str(error)) from error
        for each in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = each.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, content

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def report(self, report: dict[str, object]) -> int:
        """Send one report once; give the status, 0 when nothing came back."""
        raw = json.dumps(report).encode()
        self.attempts += 1
        try:
            status, body = self.send(
                "POST", "/api/incidents", raw, {"Content-Type": "application/json"}
            )
        except OSError:
            return 0
        if status in (200, 201):
            assert json.loads(body)["id"] == report["id"]
        return status

    def deliver(self, report: dict[str, object], ledger: Ledger) -> None:
        """Send until acknowledged, as the tablet's outbox does."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            status = self.report(report)
            if status in (200, 201):
                ledger.note(str(report["id"]))
                return
            # anything but "try again" would make a tablet give the report up
            assert status in (0, 429) or status >= 500, status
            time.sleep(0.1 + random.random() * 0.2)  # noqa: S311 - spreads the attempts
        raise AssertionError("a report was never acknowledged")
