"""Whoever alters, removes or reorders an event is found, and which one is named."""

import json

import psycopg2
import pytest

from gridmap.model.access import Scope
from gridmap.model.problem import Problem
from gridmap.services import trail
from gridmap.store import event
from gridmap.store.database import Database

COUNTY = "990101"
SECRET = "0123456789abcdef-of-this-test-only"  # noqa: S105  of this test only
SUPER = "SET session_replication_role = replica"  # as somebody with the keys to the server would


@pytest.fixture
def store(database_url):
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def tamper(fresh_database):
    """Run SQL as a superuser past every trigger."""

    def run(sql):
        connection = psycopg2.connect(fresh_database.server.url("postgres", fresh_database.name))
        with connection, connection.cursor() as cursor:
            cursor.execute(SUPER)
            cursor.execute(sql)
        connection.close()

    return run


def record(store, count, text="围墙 <b>\"'\\"):
    with store.transaction(Scope((COUNTY,), request_id="test")) as tx:
        for number in range(count):
            event.record(
                tx,
                "incident.reported",
                area_code=COUNTY,
                subject_id=f"{text}{number}",
                payload={"number": number, "share": 0.1, "word": text, "none": None},
            )


def test_a_trail_that_nobody_touched_is_sound(store):
    record(store, 7)
    assert trail.verify(store) == trail.Verdict(7, None)


def test_an_empty_trail_is_sound(store):
    assert trail.verify(store) == trail.Verdict(0, None)


def test_a_rolled_back_event_leaves_no_hole(store):
    def fail_late():
        with store.transaction(Scope((COUNTY,))) as tx:
            event.record(tx, "incident.reported", area_code=COUNTY, subject_id=1)
            raise RuntimeError

    record(store, 2)
    with pytest.raises(RuntimeError):
        fail_late()
    record(store, 2)
    assert trail.verify(store) == trail.Verdict(4, None)


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'incident.dismissed'",
        "area_code = '990102'",
        "subject = 'hazard'",
        "subject_id = 'other'",
        "payload = payload || '{\"number\": 99}'",
        "user_id = 1",
        "request_id = NULL",
        "at = at + interval '1 microsecond'",
        "hash = sha256('x')",
    ],
)
def test_an_altered_event_is_named(store, tamper, change):
    record(store, 5)
    tamper(f"UPDATE event SET {change} WHERE position = 3")
    verdict = trail.verify(store)
    assert verdict.events == 2
    assert (verdict.fault.kind, verdict.fault.position) == ("altered", 3)


def test_an_event_altered_together_with_its_hash_breaks_the_next(store, tamper):
    record(store, 5)
    tamper(
        "UPDATE event AS e SET subject_id = 'other', hash = event_hash(p.hash, e.position, e.seq,"
        " e.kind, e.area_code, e.subject, 'other', e.payload, e.user_id, e.request_id, e.at)"
        " FROM event AS p WHERE e.position = 3 AND p.position = 2"
    )
    verdict = trail.verify(store)
    assert (verdict.fault.kind, verdict.fault.position) == ("altered", 4)


def test_a_missing_event_is_named(store, tamper):
    record(store, 5)
    tamper("DELETE FROM event WHERE position = 3")
    verdict = trail.verify(store)
    assert verdict.fault == trail.Fault("missing", 3, None, verdict.fault.detail)


def test_missing_last_events_are_named(store, tamper):
    record(store, 5)
    tamper("DELETE FROM event WHERE position >= 4")
    verdict = trail.verify(store)
    assert (verdict.events, verdict.fault.kind, verdict.fault.position) == (3, "missing", 4)


def test_reordered_events_are_named(store, tamper):
    record(store, 5)
    tamper(
        "DROP INDEX event_position; UPDATE event SET position = CASE position WHEN 2 THEN 4"
        " WHEN 4 THEN 2 ELSE position END"
    )
    verdict = trail.verify(store)
    assert (verdict.fault.kind, verdict.fault.position) == ("reordered", 2)


def test_an_event_put_in_between_is_named(store, tamper):
    record(store, 5)
    tamper(
        "DROP INDEX event_position; INSERT INTO event (kind, area_code, subject, subject_id,"
        " position, hash) SELECT kind, area_code, subject, 'made up', 3, hash FROM event"
        " WHERE position = 3"
    )
    verdict = trail.verify(store)
    assert (verdict.fault.kind, verdict.fault.position) == ("reordered", 4)


def test_a_chain_made_anew_differs_from_a_head_kept_elsewhere(store, tamper):
    record(store, 5)
    kept = trail.signed_head(store, SECRET)
    record(store, 2)
    assert trail.verify(store, (kept,)).fault is None
    tamper(
        "UPDATE event SET subject_id = 'other' WHERE position = 2; DO $$ DECLARE r event; h bytea"
        " := ''; BEGIN FOR r IN SELECT * FROM event ORDER BY seq LOOP h := event_hash(h,"
        " r.position, r.seq, r.kind, r.area_code, r.subject, r.subject_id, r.payload, r.user_id,"
        " r.request_id, r.at); UPDATE event SET hash = h WHERE seq = r.seq; END LOOP;"
        " UPDATE event_head SET hash = h; END $$"
    )
    assert trail.verify(store).fault is None  # the database alone cannot tell
    assert trail.verify(store, (kept,)).fault.kind == "other_head"


def test_a_head_beyond_the_end_shows_what_was_cut_off(store, tamper):
    record(store, 5)
    kept = trail.signed_head(store, SECRET)
    tamper(
        "DELETE FROM event WHERE position > 3; UPDATE event_head SET position = 3,"
        " hash = (SELECT hash FROM event WHERE position = 3)"
    )
    assert trail.verify(store).fault is None
    fault = trail.verify(store, (kept,)).fault
    assert (fault.kind, fault.position) == ("missing", 4)


def test_a_head_is_read_only_with_its_signature(store):
    record(store, 3)
    head = trail.signed_head(store, SECRET)
    assert trail.read_head(json.dumps(head), "head.json") == head
    assert head["key"] == trail.signed_head(store, SECRET)["key"]
    assert head["key"] != trail.signed_head(store, SECRET + "2")["key"]
    for changed in ({"position": 2}, {"hash": "00"}, {"signature": "AAAA"}, {"key": 7}, {"at": 1}):
        with pytest.raises(Problem, match=r"head\.json"):
            trail.read_head(json.dumps(head | changed), "head.json")
    for text in ("", "{}", "[]", "null", '{"key": "AAAA"}'):
        with pytest.raises(Problem, match=r"head\.json"):
            trail.read_head(text, "head.json")


def test_the_app_can_neither_change_nor_remove_events_nor_their_head(store):
    record(store, 3)
    for sql in (
        "UPDATE event SET hash = sha256('x')",
        "UPDATE event SET position = 9 WHERE position = 1",
        "DELETE FROM event",
        "UPDATE event_head SET position = 0",
        "DELETE FROM event_head",
        "TRUNCATE event",
        "ALTER TABLE event DISABLE TRIGGER event_chain",
    ):
        with pytest.raises(Exception, match=r"permission denied|never|must be owner"):  # noqa: SIM117
            with store.transaction(Scope((COUNTY,))) as tx:
                tx.execute(sql)
    assert trail.verify(store) == trail.Verdict(3, None)


def test_a_page_of_the_trail_is_searched(store):
    record(store, 5)
    with store.transaction(Scope((COUNTY,))) as tx:
        event.record(tx, "hazard.declared", area_code=COUNTY + "001", subject_id=4)
    scope = Scope((COUNTY,))
    wanted = trail.Wanted(kind="hazard")
    assert [one["kind"] for one in trail.page(store, scope, wanted)["items"]] == ["hazard.declared"]
    first = trail.page(store, scope, trail.Wanted(), 4)
    rest = trail.page(store, scope, trail.Wanted(before=first["next"]), 4)
    assert len(first["items"]) == 4
    assert [one["kind"] for one in rest["items"]] == ["incident.reported"] * 2
    assert rest["next"] is None
    inside = trail.page(store, scope, trail.Wanted(area=COUNTY + "001"))
    assert len(inside["items"]) == 1
    assert trail.page(store, scope, trail.Wanted(until="2020-01-01"))["items"] == []
    for bad in ({"since": "yesterday"}, {"kind": "x; y"}, {"area": "12"}):
        with pytest.raises(Problem, match="searched"):
            trail.page(store, scope, trail.Wanted(**bad))
