"""Events appear in the order of their numbers, so a reader of "after my last" loses nothing."""

import threading

import pytest
from townships import COUNTY

from gridmap.model.access import Scope
from gridmap.store import event
from gridmap.store.database import Database

pytestmark = pytest.mark.database


def record(tx, number: int) -> int:
    return event.record(tx, "incident.reported", area_code=COUNTY, subject_id=number)


def test_a_late_commit_is_not_overtaken(store: Database, scope: Scope) -> None:
    """Hold one event's transaction open and record another: the second waits for the first."""
    first_recorded, let_go, seen = threading.Event(), threading.Event(), []

    def slow() -> None:
        with store.transaction(scope) as tx:
            record(tx, 1)
            first_recorded.set()
            let_go.wait(10)

    def quick() -> None:
        first_recorded.wait(10)
        with store.transaction(scope) as tx:
            record(tx, 2)

    threads = [threading.Thread(target=slow), threading.Thread(target=quick)]
    for thread in threads:
        thread.start()
    first_recorded.wait(10)
    threads[1].join(0.5)
    with store.transaction(scope) as tx:
        seen += event.after(tx, 0)
    # nothing is visible yet: were number 2 visible now, a reader would step over number 1
    assert seen == []
    let_go.set()
    for thread in threads:
        thread.join(10)
    with store.transaction(scope) as tx:
        assert [row["subject_id"] for row in event.after(tx, 0)] == ["1", "2"]


def test_a_reader_misses_nothing_while_many_write(store: Database, scope: Scope) -> None:
    done = threading.Event()
    seen: list[int] = []

    def read() -> None:
        last = 0
        while True:
            finished = done.is_set()
            with store.transaction(scope) as tx:
                for row in event.after(tx, last):
                    seen.append(int(row["subject_id"]))
                    last = row["seq"]
            if finished:
                return

    def write(start: int) -> None:
        for number in range(start, start + 25):
            with store.transaction(scope) as tx:
                record(tx, number)

    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=write, args=(100 * part,)) for part in range(4)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join(30)
    done.set()
    reader.join(30)
    assert sorted(seen) == sorted(100 * part + n for part in range(4) for n in range(25))


def test_an_event_without_its_transaction_never_was(store: Database, scope: Scope) -> None:
    def fail_late() -> None:
        with store.transaction(scope) as tx:
            record(tx, 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_late()
    with store.transaction(scope) as tx:
        assert event.after(tx, 0) == []
