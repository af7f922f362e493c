"""Of one analysis one runs and one waits at most, and whoever asks gets a run that sees it."""

import random
import threading
from typing import Any

import pytest
from lattice import COUNTY, until

from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage, coverage_refresh
from gridmap.services import jobs as service
from gridmap.store import job
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))
TOWNSHIP = Scope((f"{COUNTY}001",))


def states(store: Database) -> list[tuple[int, str]]:
    with store.transaction(system_scope()) as tx:
        rows = tx.all("SELECT id, state FROM job ORDER BY id")
    return [(row["id"], row["state"]) for row in rows]


def test_asking_again_gives_the_run_that_waits(store: Database) -> None:
    first = coverage.request(store, SCOPE, "fire", COUNTY)
    assert coverage.request(store, SCOPE, "fire", COUNTY) == first
    assert coverage.request(store, SCOPE, "shelter", COUNTY) != first
    assert coverage.request(store, SCOPE, "fire", f"{COUNTY}001") != first


def test_a_run_under_way_has_one_more_behind_it_and_no_other_beside(store: Database) -> None:
    first = coverage.request(store, SCOPE, "fire", COUNTY)
    with store.transaction(system_scope()) as tx:
        claimed = job.claim(tx, first)
    second = coverage.request(store, SCOPE, "fire", COUNTY)
    assert second != first
    assert coverage.request(store, SCOPE, "fire", COUNTY) == second
    work(store, second)  # another worker comes by
    assert states(store) == [(first, "running"), (second, "queued")]
    with store.transaction(system_scope()) as tx:
        job.finish(tx, first, claimed["token"], {}, None)
        asked = tx.all("SELECT subject_id, dispatched_at FROM event WHERE kind = 'job.requested'"
                       " ORDER BY seq DESC LIMIT 1")  # fmt: skip
    # the end of the first asks for the second at once, it need not be found by the sweeper
    assert [(row["subject_id"], row["dispatched_at"]) for row in asked] == [(str(second), None)]
    work(store, second)
    assert service.show(store, SCOPE, second)["state"] == "done"


def test_who_is_in_a_hurry_takes_the_waiting_run_along(store: Database) -> None:
    first = coverage.request(store, SCOPE, "fire", COUNTY)
    assert coverage.request(store, SCOPE, "fire", COUNTY, urgent=True) == first
    with store.transaction(SCOPE) as tx:
        row = job.read(tx, first)
    assert row is not None
    assert (row["queue"], row["token"]) == ("urgent", 1)
    work(store, first)
    assert service.show(store, SCOPE, first)["state"] == "done"


def test_refreshes_that_townships_ask_for_are_one(store: Database) -> None:
    asked = []
    for scope in (SCOPE, TOWNSHIP, TOWNSHIP):
        with store.transaction(scope) as tx:
            asked.append(coverage_refresh.ask(tx, scope.areas[0]))
    assert asked[1] == asked[2] != asked[0]
    work(store, asked[1])
    assert [state for _id, state in states(store)] == ["done", "done"]


def test_the_last_who_asks_always_gets_a_run_that_sees_it(store: Database) -> None:
    """Many people change the number of people and ask, while workers work: nobody is missed."""
    stop = threading.Event()
    seen: dict[int, int] = {}
    two_at_once: list[Any] = []
    faults: list[Exception] = []

    def asks(number: int) -> None:
        chance = random.Random(number)
        for _ in range(12):
            with store.transaction(SCOPE) as tx:
                tx.execute(
                    "UPDATE facility SET name = (1 + coalesce(name, '0')::int)::text"
                    " WHERE kind = 'fire_station'"
                )
                job.request(
                    tx,
                    "coverage.run",
                    queue="default",
                    area_code=COUNTY,
                    arguments={},
                    analysis=f"coverage.run fire {COUNTY}",
                )
            stop.wait(chance.random() / 200)

    def works() -> None:
        while not stop.is_set() or waiting():
            for job_id in waiting():
                with store.transaction(system_scope()) as tx:
                    row = job.claim(tx, job_id)
                if row is None:
                    continue
                with store.transaction(system_scope(), snapshot=True) as tx:
                    value = int(tx.value("SELECT name FROM facility WHERE kind = 'fire_station'"))
                    count = tx.value("SELECT count(*) FROM job WHERE state = 'running'")
                if count > 1:
                    two_at_once.append(count)
                with store.transaction(system_scope()) as tx:
                    job.finish(tx, job_id, row["token"], {}, None)
                seen[job_id] = value

    def waiting() -> list[int]:
        with store.transaction(system_scope()) as tx:
            rows = tx.all("SELECT id FROM job WHERE state = 'queued' ORDER BY id")
        if len(rows) > 1:
            two_at_once.append([row["id"] for row in rows])
        return [row["id"] for row in rows]

    def kept(work: Any, *arguments: Any) -> None:
        try:
            work(*arguments)
        except Exception as error:
            faults.append(error)

    askers = [threading.Thread(target=kept, args=(asks, number)) for number in range(4)]
    workers = [threading.Thread(target=kept, args=(works,)) for _ in range(2)]
    for thread in [*askers, *workers]:
        thread.start()
    for thread in askers:
        thread.join(60)
    stop.set()
    for thread in workers:
        thread.join(60)
    assert faults == []
    assert two_at_once == []
    assert max(seen.values()) == 4 * 12
    assert seen[max(seen)] == 4 * 12


def test_a_waiting_run_is_not_taken_up_while_somebody_stores_what_it_must_see(
    store: Database,
) -> None:
    waiting = coverage.request(store, SCOPE, "fire", COUNTY)
    taken: list[Any] = []

    def takes_up() -> None:
        with store.transaction(system_scope()) as tx:
            taken.append(job.claim(tx, waiting))
        with store.transaction(system_scope(), snapshot=True) as tx:
            taken.append(tx.value("SELECT name FROM facility WHERE kind = 'fire_station'"))

    def held_up() -> bool:
        with store.transaction(system_scope()) as tx:
            found = tx.value(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            )
        return bool(found)

    worker = threading.Thread(target=takes_up)
    with store.transaction(SCOPE) as tx:
        tx.execute("UPDATE facility SET name = 'new' WHERE kind = 'fire_station'")
        again = job.request(
            tx,
            "coverage.run",
            queue="default",
            area_code=COUNTY,
            arguments={},
            analysis=f"coverage.run fire {COUNTY}",
        )
        worker.start()
        until(lambda: held_up() or taken, what="the claim")
        assert taken == []
    worker.join(60)
    assert again == waiting
    assert taken[0] is not None
    assert taken[1] == "new"
