"""N3: the same report however often, at once or after lost replies, is one row."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from reports import Ledger, Tablet, new_report
from running_site import Site

from gridmap.model.access import system_scope
from gridmap.store.database import Database

pytestmark = pytest.mark.database
COPIES = 20


@pytest.fixture(scope="module")
def tablets(county: Site) -> Iterator[list[Tablet]]:
    made = [Tablet(county.port) for _ in range(COPIES)]
    made[0].sign_in()
    for each in made[1:]:
        each.cookies, each.token = dict(made[0].cookies), made[0].token
    yield made
    for each in made:
        each.close()


def at_once(tablets: list[Tablet], reports: list[dict[str, object]]) -> list[int]:
    """Send one report from each tablet in the same instant."""
    barrier = threading.Barrier(len(reports))

    def send(tablet: Tablet, report: dict[str, object]) -> int:
        barrier.wait()
        return tablet.report(report)

    with ThreadPoolExecutor(len(reports)) as pool:
        return list(pool.map(send, tablets, reports))


def rows(store: Database, key: object) -> tuple[int, int, int]:
    with store.transaction(system_scope()) as tx:
        found = tx.one(
            "SELECT (SELECT count(*) FROM incident WHERE id = CAST(:key AS uuid)) AS incidents,"
            " (SELECT count(*) FROM event WHERE subject_id = :key"
            "  AND kind = 'incident.reported') AS events,"
            " (SELECT count(*) FROM incident_conflict"
            "  WHERE incident_id = CAST(:key AS uuid)) AS conflicts",
            key=str(key),
        )
    return found["incidents"], found["events"], found["conflicts"]


def test_twenty_copies_at_once_are_one_row(store: Database, tablets: list[Tablet]) -> None:
    for _ in range(5):
        report = new_report()
        statuses = Counter(at_once(tablets, [report] * COPIES))
        assert statuses == {201: 1, 200: COPIES - 1}
        assert rows(store, report["id"]) == (1, 1, 0)


def test_other_content_at_once_is_refused_and_kept(store: Database, tablets: list[Tablet]) -> None:
    """Whichever is first is the report; each other content is kept once beside it."""
    key = str(uuid.uuid4())
    copies = [new_report(id=key, title=f"路口积水 {number % 4}") for number in range(COPIES)]
    statuses = Counter(at_once(tablets, copies))
    assert statuses == {201: 1, 200: COPIES // 4 - 1, 409: COPIES - COPIES // 4}
    assert rows(store, key) == (1, 1, 3)


class Forgetful:
    """A network that passes a request on and drops the reply, so many times."""

    def __init__(self, port: int, drops: int) -> None:
        self.drops = drops
        self._to = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _address = self._server.accept()
            except OSError:
                return
            with client, socket.create_connection(("127.0.0.1", self._to), 20) as server:
                self._pass_on(client, server)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        asked = self._whole(client)
        server.sendall(asked.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\nConnection: close\r\n", 1))
        reply = b""
        while piece := server.recv(65536):
            reply += piece
        if self.drops > 0 and reply:
            self.drops -= 1  # the server has done it, and nobody hears of it
            return
        client.sendall(reply)

    @staticmethod
    def _whole(client: socket.socket) -> bytes:
        asked = b""
        while b"\r\n\r\n" not in asked:
            asked += client.recv(65536)
        head, _, body = asked.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        while len(body) < length:
            piece = client.recv(65536)
            asked, body = asked + piece, body + piece
        return asked


def test_lost_replies_make_no_second_row(
    county: Site, store: Database, tablets: list[Tablet], tmp_path: Path
) -> None:
    network = Forgetful(county.port, drops=7)
    tablet = Tablet(network.port)
    tablet.cookies, tablet.token = dict(tablets[0].cookies), tablets[0].token
    ledger = Ledger(tmp_path / "ledger")
    reports = [new_report() for _ in range(3)]
    try:
        for report in reports:
            tablet.deliver(report, ledger)
    finally:
        tablet.close()
        network.close()
    assert tablet.attempts == 3 + 7
    assert ledger.read() == [report["id"] for report in reports]
    assert all(rows(store, report["id"]) == (1, 1, 0) for report in reports)


def test_a_captive_portal_is_not_taken_for_an_acknowledgement(county: Site) -> None:
    """What a tablet deletes by: the hash of the very bytes it has sent."""
    tablet = Tablet(county.port)
    tablet.sign_in()
    raw = json.dumps(new_report()).encode()
    try:
        status, body = tablet.send(
            "POST", "/api/incidents", raw, {"Content-Type": "application/json"}
        )
        page = b"<html><title>Welcome to the guest network</title>200 OK</html>"
        portal, answer = tablet.send(
            "POST", "/api/incidents", page, {"Content-Type": "application/json"}
        )
    finally:
        tablet.close()
    assert status == 201
    assert json.loads(body)["body_sha256"] == hashlib.sha256(raw).hexdigest()
    assert portal == 400
    assert "body_sha256" not in json.loads(answer)
