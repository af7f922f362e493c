"""Messages: unsent is said to be unsent, sent is sent once, and a drill says so first."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from lattice import COUNTY
from sqlalchemy.exc import DBAPIError

from gridmap.channels.base import Outcome, Outgoing, Receipt
from gridmap.model.access import Scope, system_scope
from gridmap.services import message_sending
from gridmap.services.messages import Recipient, queue
from gridmap.settings import Settings
from gridmap.store.database import Database
from jobs.messages import channels
from jobs.run import work

pytestmark = pytest.mark.database

SECRET = "a-secret-of-thirty-two-characters"
PHONE = Recipient("sms", address="13800000001", name="陈某")


class Gateway(ThreadingHTTPServer):
    """A gateway of this machine: keeps what it was given, answers as it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.got: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.answers: list[int] = []
        self.address = f"http://127.0.0.1:{self.server_port}/send"


class Answer(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), json.loads(body)))
        status = self.server.answers.pop(0) if self.server.answers else 202
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b'{"id": "g-1"}')

    def log_message(self, *_given: object) -> None:
        """Write nothing."""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join(60)
    server.server_close()


def put(store: Database, *to: Recipient, key: str = "k", **more: Any) -> list[int]:
    given = {"text": "望湖里请马上走", "exercise": False, "about": "plan:7", **more}
    with store.transaction(Scope((COUNTY,))) as tx:
        return queue(tx, area_code=COUNTY, key=key, to=to, **given)


def rows(store: Database) -> list[dict[str, Any]]:
    with store.transaction(system_scope()) as tx:
        found = tx.all("SELECT * FROM message ORDER BY id")
    return [dict(row) for row in found]


def change(store: Database, sql: str) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute(sql)


def set_up(store: Database, **values: str) -> dict[str, Any]:
    return dict(
        channels(Settings.from_environment({f"GRIDMAP_{k.upper()}": v for k, v in values.items()}))
    )


def test_without_a_gateway_nothing_is_called_sent(store: Database) -> None:
    put(store, PHONE, Recipient("loudspeaker", address="L1"), Recipient("mail", address="a@b.cn"))
    assert message_sending.send_due(store, set_up(store)) == 0
    found = rows(store)
    assert {row["state"] for row in found} == {"not_configured"}
    assert {row["why"] for row in found} == {"not_configured"}
    assert [row["sent_at"] for row in found] == [None] * 3


def test_a_gateway_set_up_later_gets_what_waited(store: Database, gateway: Gateway) -> None:
    put(store, PHONE)
    message_sending.send_due(store, set_up(store))
    change(store, "UPDATE message SET next_at = now()")
    ways = set_up(store, sms_url=gateway.address, sms_secret=SECRET)
    assert message_sending.send_due(store, ways) == 1
    (row,) = rows(store)
    assert (row["state"], row["reference"]) == ("sent", "g-1")
    ((headers, body),) = gateway.got
    assert body == {
        "id": str(row["token"]),
        "to": "13800000001",
        "text": "望湖里请马上走",
        "exercise": False,
    }
    assert headers["Idempotency-Key"] == str(row["token"])
    assert len(headers["X-Signature"]) == 64


def test_the_same_is_told_once_to_each(store: Database, gateway: Gateway) -> None:
    assert len(put(store, PHONE, PHONE)) == 1
    assert put(store, PHONE) == []
    assert len(put(store, PHONE, key="another")) == 1
    ways = set_up(store, sms_url=gateway.address)
    assert message_sending.send_due(store, ways) == 2
    assert message_sending.send_due(store, ways) == 0
    assert len(gateway.got) == 2


def test_a_busy_gateway_is_tried_again_later_with_the_same_key(
    store: Database, gateway: Gateway
) -> None:
    gateway.answers = [503, 429]
    put(store, PHONE)
    ways = set_up(store, sms_url=gateway.address)
    for tries in (1, 2):
        assert message_sending.send_due(store, ways) == 0
        (row,) = rows(store)
        assert (row["state"], row["why"], row["attempts"]) == ("queued", "gateway_busy", tries)
        # not before its time
        assert message_sending.send_due(store, ways) == 0
        assert len(gateway.got) == tries
        change(store, "UPDATE message SET next_at = now()")
    assert message_sending.send_due(store, ways) == 1
    assert len({headers["Idempotency-Key"] for headers, _body in gateway.got}) == 1
    assert message_sending.pause(1) < message_sending.pause(3) <= message_sending.pause(99)


def test_what_a_gateway_refuses_has_failed_and_is_not_tried_again(
    store: Database, gateway: Gateway
) -> None:
    gateway.answers = [400]
    put(store, PHONE)
    ways = set_up(store, sms_url=gateway.address)
    message_sending.send_due(store, ways)
    (row,) = rows(store)
    assert (row["state"], row["why"]) == ("failed", "gateway_refused")
    assert message_sending.send_due(store, ways) == 0
    assert len(gateway.got) == 1


def test_a_sender_that_died_is_followed_by_another_with_the_same_key(store: Database) -> None:
    """The lease of the dead one has to run out first: two never try at once."""
    tries: list[Outgoing] = []

    class Dying:
        name = "sms"

        def send(self, message: Outgoing) -> Receipt:
            tries.append(message)
            if len(tries) == 1:
                raise KeyboardInterrupt
            return Receipt(Outcome.SENT)

    put(store, PHONE)
    with pytest.raises(KeyboardInterrupt):
        message_sending.send_due(store, {"sms": Dying()})
    assert message_sending.send_due(store, {"sms": Dying()}) == 0
    assert len(tries) == 1
    change(store, "UPDATE message SET held_until = now() - interval '1 second'")
    assert message_sending.send_due(store, {"sms": Dying()}) == 1
    assert tries[0].token == tries[1].token


def test_what_is_too_late_is_not_sent(store: Database, gateway: Gateway) -> None:
    put(store, PHONE, lasts=timedelta(seconds=-1))
    assert message_sending.send_due(store, set_up(store, sms_url=gateway.address)) == 0
    (row,) = rows(store)
    assert (row["state"], row["why"]) == ("failed", "too_late")
    assert gateway.got == []


def test_a_drill_says_so_first_on_every_way(store: Database, gateway: Gateway) -> None:
    put(store, PHONE, exercise=True)
    message_sending.send_due(store, set_up(store, sms_url=gateway.address))
    ((_headers, body),) = gateway.got
    assert body["text"].startswith("【演练】")
    assert body["exercise"] is True
    with pytest.raises(DBAPIError, match="message_drill"):
        change(store, "UPDATE message SET text = '马上走'")


def test_a_job_sends_and_the_trail_knows_no_number(store: Database) -> None:
    put(store, PHONE)
    with store.transaction(system_scope()) as tx:
        number = tx.value("SELECT id FROM job WHERE kind = 'messages.send'")
    work(store, number)
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT state FROM job WHERE id = :id", id=number) == "done"
        payloads = str(tx.all("SELECT kind, payload FROM event WHERE subject = 'message'"))
    assert "message.queued" in payloads
    assert "138" not in payloads
    assert "望湖" not in payloads


def test_a_job_is_asked_for_when_the_time_of_the_next_try_has_come(store: Database) -> None:
    put(store, PHONE)
    change(store, "UPDATE job SET state = 'done', ended_at = now()")
    assert message_sending.ask_due(store) == 1
    message_sending.send_due(store, set_up(store))
    assert message_sending.ask_due(store) == 0


class PostOffice(socketserver.ThreadingTCPServer):
    """A mail server of this machine, as far as one message needs it."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Clerk)
        self.mails: list[str] = []


class Clerk(socketserver.StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(part)
                self.server.mails.append(b"".join(lines).decode())
            self.wfile.write(b"250 fine\r\n")
            if word == b"QUIT":
                return


def test_mail_goes_to_a_mail_server_and_a_wrong_address_fails(store: Database) -> None:
    office = PostOffice()
    thread = threading.Thread(target=office.serve_forever, daemon=True)
    thread.start()
    try:
        ways = set_up(
            store,
            smtp_url=f"smtp://127.0.0.1:{office.server_address[1]}",
            mail_from="duty@county.example",
        )
        put(store, Recipient("mail", address="a@b.example"))
        assert message_sending.send_due(store, ways) == 1
        (mail,) = office.mails
        (row,) = rows(store)
        assert "To: a@b.example" in mail
        assert f"Message-ID: <{row['token']}@county.example>" in mail
        put(store, Recipient("mail", address="a@b.example\nBcc: c@d.example"), key="bad")
        assert message_sending.send_due(store, ways) == 0
        assert rows(store)[-1]["state"] == "failed"
    finally:
        office.shutdown()
        thread.join(60)
        office.server_close()


def test_a_gateway_that_is_away_is_no_error(store: Database, gateway: Gateway) -> None:
    address = gateway.address.replace(str(gateway.server_port), "1")
    put(store, PHONE, Recipient("mail", address="a@b.example"))
    ways = set_up(
        store, sms_url=address, smtp_url="smtp://127.0.0.1:1", mail_from="duty@county.example"
    )
    assert message_sending.send_due(store, ways) == 0
    assert [row["why"] for row in rows(store)] == ["gateway_away", "mail_server_away"]
