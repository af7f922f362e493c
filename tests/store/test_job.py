"""A job is claimed by one, ended once, and a late run writes nothing."""

import threading

import pytest
from townships import COUNTY

from gridmap.model.access import Scope
from gridmap.store import event, job, job_sweeping
from gridmap.store.database import Database, Transaction

pytestmark = pytest.mark.database


def ask(tx: Transaction, attempts: int = 3) -> int:
    return job.request(
        tx, "coverage.run", queue="default", area_code=COUNTY, arguments={}, max_attempts=attempts
    )


def lapse(tx: Transaction, job_id: int) -> None:
    tx.execute(
        "UPDATE job SET lease_until = clock_timestamp() - interval '1 s' WHERE id = :id", id=job_id
    )


def test_one_of_many_claims_wins(store: Database, scope: Scope) -> None:
    with store.transaction(scope) as tx:
        job_id = ask(tx)
    won: list[int] = []

    def claim() -> None:
        with store.transaction(scope) as tx:
            row = job.claim(tx, job_id)
        if row is not None:
            won.append(row["token"])

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert won == [1]


def test_a_run_that_lost_its_lease_can_write_nothing(store: Database, scope: Scope) -> None:
    with store.transaction(scope) as tx:
        job_id = ask(tx)
        old = job.claim(tx, job_id)
        lapse(tx, job_id)
        new = job.claim(tx, job_id)
    assert old is not None
    assert new is not None
    for write in (
        lambda tx: job.keep(tx, job_id, old["token"]),
        lambda tx: job.finish(tx, job_id, old["token"], {}, None),
        lambda tx: job.fail(tx, job_id, old["token"], "x"),
        lambda tx: job.release(tx, job_id, old["token"], "x"),
    ):
        with pytest.raises(job.LostLease), store.transaction(scope) as tx:
            write(tx)
    with store.transaction(scope) as tx:
        job.finish(tx, job_id, new["token"], {"n": 1}, "road.1")
    with store.transaction(scope) as tx:
        row = job.read(tx, job_id)
        kinds = [found["kind"] for found in event.after(tx, 0)]
    assert (row["state"], row["result"], row["input_version"]) == ("done", {"n": 1}, "road.1")
    assert kinds == ["job.requested", "job.done"]


def test_a_live_lease_is_not_taken(store: Database, scope: Scope) -> None:
    with store.transaction(scope) as tx:
        job_id = ask(tx)
        assert job.claim(tx, job_id) is not None
        assert job.claim(tx, job_id) is None
        assert job_sweeping.reclaim(tx, job_id) is None
        assert job_sweeping.overdue(tx) == []


def test_a_job_whose_workers_keep_dying_fails_after_its_attempts(
    store: Database, scope: Scope
) -> None:
    with store.transaction(scope) as tx:
        job_id = ask(tx, attempts=2)
        for _ in range(2):
            assert job.claim(tx, job_id) is not None
            lapse(tx, job_id)
            job_sweeping.reclaim(tx, job_id)
        assert job.claim(tx, job_id) is None
        row = job.read(tx, job_id)
    assert (row["state"], row["error"]) == ("failed", "the worker died")


def test_cancelling_a_waiting_job_ends_it_and_a_running_one_is_asked(
    store: Database, scope: Scope
) -> None:
    with store.transaction(scope) as tx:
        waiting, running = ask(tx), ask(tx)
        claimed = job.claim(tx, running)
        job.ask_cancel(tx, waiting)
        job.ask_cancel(tx, running)
        assert job.read(tx, waiting)["state"] == "cancelled"
        assert job.read(tx, running)["state"] == "running"
        assert job.keep(tx, running, claimed["token"]) is True
        assert job.claim(tx, waiting) is None
        assert job.ask_cancel(tx, waiting) is None


def test_a_cancelled_draft_does_not_look_under_way(store: Database, scope: Scope) -> None:
    with store.transaction(scope) as tx:
        hazard = tx.value(
            "INSERT INTO hazard (area_code, kind, name, geom) VALUES (:area, 'flood', 'x',"
            " ST_Multi(ST_MakeEnvelope(114, 30, 114.1, 30.1, 4326))) RETURNING id",
            area=COUNTY,
        )
        job_id = ask(tx)
        plan = tx.value(
            "INSERT INTO plan (area_code, hazard_id, job_id) VALUES (:area, :hazard, :job)"
            " RETURNING id",
            area=COUNTY,
            hazard=hazard,
            job=job_id,
        )
        job.ask_cancel(tx, job_id)
        assert tx.value("SELECT state FROM plan WHERE id = :id", id=plan) == "failed"
