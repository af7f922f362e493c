"""The live feed: in order, without a gap, only for those it is for."""

import json
import threading
import time

import pytest
from webtown import HILL, token_of

from gridmap.model.access import Role, system_scope
from gridmap.services import live
from gridmap.services.access import Viewer
from gridmap.store import event
from gridmap.web import live as door
from gridmap.web.seats import Seats
from gridmap.web.sessions import COOKIE


def happen(store, kind="incident.reported", area="990101001001001", subject="x"):
    with store.transaction(system_scope()) as tx:
        return event.record(tx, kind, area_code=area, subject_id=subject)


def person(*roles):
    return Viewer(1, "x", "X", "en", False, tuple(roles))


class Reader(threading.Thread):
    """Reads a stream as a browser does, until it ends or is closed."""

    def __init__(self, client, address="/api/live/stream", headers=None):
        super().__init__(daemon=True)
        self.answer = client.get(address, headers=headers, buffered=False)
        self.messages = []
        if self.answer.status_code == 200:
            self.start()

    def run(self):
        for block in self.answer.iter_encoded():
            fields = dict(
                line.split(": ", 1) for line in block.decode().strip().split("\n") if ": " in line
            )
            if "data" in fields:
                fields["data"] = json.loads(fields["data"])
                self.messages.append(fields)

    def changes(self):
        return [each["data"]["seq"] for each in self.messages if each["event"] == "change"]

    def wait_for(self, seq, seconds=5.0):
        until = time.monotonic() + seconds
        while seq not in self.changes() and time.monotonic() < until:
            time.sleep(0.01)
        return seq in self.changes()

    def close(self):
        self.answer.close()


def test_poll_gives_what_is_new(browser, store):
    start = browser("officer").get("/api/live").get_json()
    assert start["events"] == []
    seqs = [happen(store, subject=str(number)) for number in range(3)]
    found = browser("officer").get(f"/api/live?after={start['last']}").get_json()
    assert [each["seq"] for each in found["events"]] == seqs
    assert found["events"][0] | {"at": ""} == {
        "seq": seqs[0],
        "kind": "incident.reported",
        "at": "",
        "subject": "incident",
        "id": "0",
        "area_code": "990101001001001",
    }
    assert found["last"] == seqs[-1]
    page = browser("officer").get(f"/api/live?after={start['last']}&limit=2").get_json()
    assert [each["seq"] for each in page["events"]] == seqs[:2]
    assert page["last"] == seqs[1]


def test_number_moves_on_past_what_is_not_for_this_person(browser, store):
    start = browser("hill").get("/api/live").get_json()["last"]
    for _time in range(3):
        last = happen(store)
    found = browser("hill").get(f"/api/live?after={start}").get_json()
    assert (found["events"], found["last"]) == ([], last)


@pytest.mark.parametrize(
    ("roles", "kind", "area", "expected"),
    [
        ([(Role.DUTY_OFFICER, "990101")], "incident.reported", "990101001001001", True),
        ([(Role.DUTY_OFFICER, HILL)], "incident.reported", "990101001001001", False),
        ([(Role.DUTY_OFFICER, HILL)], "hazard.declared", "990101", True),  # the county's warning
        ([(Role.UNIT, "990101")], "plan.drafted", "990101", False),
        ([(Role.UNIT, "990101")], "household.placed", "990101001001001", False),
        ([(Role.DUTY_OFFICER, "990101")], "household.read", "990101001001001", False),
        ([(Role.DUTY_OFFICER, "990101")], "household.listed", "990101001001001", False),
        ([(Role.AUDITOR, "990101")], "household.read", "990101001001001", True),
        ([(Role.DUTY_OFFICER, "990101")], "session.opened", "990101", False),
        ([(Role.DUTY_OFFICER, "990101")], "brand_new.thing", "990101", False),
        ([(Role.AUDITOR, "990101")], "brand_new.thing", "990101", True),
        ([(Role.AUDITOR, "990102")], "brand_new.thing", "990101", False),
    ],
)
def test_who_hears_what(roles, kind, area, expected):
    row = {"kind": kind, "subject": kind.split(".")[0], "area_code": area}
    assert live.hears(person(*roles), row) is expected


def test_stream_brings_what_is_committed(browser, store):
    reader = Reader(browser("officer"))
    assert reader.answer.mimetype == "text/event-stream"
    try:
        seqs = [happen(store) for _time in range(5)]
        assert reader.wait_for(seqs[-1])
        assert reader.changes() == seqs
        assert [each["id"] for each in reader.messages if each["event"] == "change"] == [
            str(seq) for seq in seqs
        ]
    finally:
        reader.close()


def test_stream_goes_on_where_the_last_one_was_cut(browser, store):
    seqs = [happen(store) for _time in range(4)]
    by_header = Reader(browser("officer"), headers={"Last-Event-ID": str(seqs[0])})
    by_query = Reader(browser("planner"), f"/api/live/stream?after={seqs[1]}")
    try:
        assert by_header.wait_for(seqs[-1])
        assert by_query.wait_for(seqs[-1])
        assert by_header.changes() == seqs[1:]
        assert by_query.changes() == seqs[2:]
    finally:
        by_header.close()
        by_query.close()


def test_nothing_is_missed_or_doubled_under_many_writers(browser, store):
    start = happen(store)
    reader = Reader(browser("officer"), f"/api/live/stream?after={start}")
    made = []

    def write():
        made.extend(happen(store) for _time in range(25))

    writers = [threading.Thread(target=write) for _number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    try:
        assert reader.wait_for(max(made), 10)
        assert reader.changes() == sorted(made)
    finally:
        reader.close()


def test_stream_says_that_it_is_alive(browser, store, monkeypatch):
    monkeypatch.setattr(door, "SEEN_SECONDS", 0.1)
    reader = Reader(browser("officer"))
    try:
        time.sleep(0.5)
        seen = [each["data"]["seq"] for each in reader.messages if each["event"] == "seen"]
        assert len(seen) >= 2
        assert seen == sorted(seen)
    finally:
        reader.close()


def test_fourth_stream_of_a_person_is_refused(browser):
    readers = [Reader(browser("lead")) for _number in range(3)]
    try:
        refused = browser("lead").get("/api/live/stream")
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
    finally:
        for reader in readers:
            reader.close()
    again = Reader(browser("lead"))
    assert again.answer.status_code == 200
    again.close()


def test_sign_out_closes_the_stream(app, client):
    from webtown import sign_in

    sign_in(client, "commander")
    copy = app.test_client()
    copy.set_cookie(COOKIE, client.get_cookie(COOKIE).value)
    reader = Reader(copy)
    client.post("/sign-out", data={"csrf_token": token_of(client)})
    reader.join(timeout=5)
    assert not reader.is_alive()
    reader.close()


def test_slow_reader_is_dropped():
    watcher = live.Watcher(person((Role.DUTY_OFFICER, "990101")), b"")
    from datetime import UTC, datetime

    for seq in range(live._QUEUE + 1):
        row = {"seq": seq, "kind": "incident.reported", "subject": "incident"}
        watcher.offer(row | {"subject_id": "1", "area_code": "990101", "at": datetime.now(UTC)})
    assert watcher.ended
    assert watcher.next(0) is None


def test_feed_goes_on_after_the_database_was_away(app, browser, store, database):
    reader = Reader(browser("officer"))
    try:
        first = happen(store)
        assert reader.wait_for(first)
        database.server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{database.name}' AND pid <> pg_backend_pid()"
        )
        missed = happen(store)
        assert reader.wait_for(missed, 10)
    finally:
        reader.close()


@pytest.mark.parametrize("number", ["x", "-1", "1e3", "9" * 19, "²"])
def test_bad_number_to_go_on_from(browser, number):
    answer = browser("officer").get(
        "/api/live/stream", headers={"Last-Event-ID": number.encode().decode("latin-1")}
    )
    assert answer.status_code == 400
    assert answer.get_json()["faults"][0]["place"] == "Last-Event-ID"


def test_seats():
    seats = Seats(total=4, each=2)
    mine = [seats.take(1), seats.take(1)]
    assert None not in mine
    assert seats.take(1) is None
    others = [seats.take(2), seats.take(2)]
    assert None not in others
    assert seats.take(3) is None  # the house is full
    seats.give_back(mine[0])
    assert seats.take(3) == mine[0]
    assert seats.taken() == 4
