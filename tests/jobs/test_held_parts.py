"""A township that takes its helper longer than a lease is computed once."""

from __future__ import annotations

from typing import Any

import pytest
from lattice import COUNTY, until

from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage_split
from gridmap.services.held_job import Held
from gridmap.store import job, job_sweeping
from gridmap.store.database import Database, Row

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "LEASE_SECONDS", 1)


@pytest.fixture
def part(store: Database) -> int:
    """A part that waits for somebody to compute it."""
    with store.transaction(Scope((COUNTY,))) as tx:
        return job.request(
            tx, coverage_split.KIND, queue="default", area_code=f"{COUNTY}001", arguments={}
        )


def reclaimed(store: Database, job_id: int) -> Row | None:
    with store.transaction(system_scope()) as tx:
        return job_sweeping.reclaim(tx, job_id)


def lease_of(store: Database, job_id: int) -> Any:
    with store.transaction(system_scope()) as tx:
        return tx.value("SELECT lease_until FROM job WHERE id = :id", id=job_id)


def past(store: Database, moment: Any) -> bool:
    with store.transaction(system_scope()) as tx:
        return bool(tx.value("SELECT clock_timestamp() > :moment", moment=moment))


def test_whoever_helps_keeps_the_part_however_long_it_takes(
    store: Database, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # room for a thread that waits for its turn on a busy machine
    monkeypatch.setattr(job, "LEASE_SECONDS", 6)
    swept: list[Row | None] = []

    def slow(database: Database, row: Row, **_seen: Any) -> None:
        first = lease_of(store, part)
        until(lambda: past(store, first), 60, "the first lease to run out")
        swept.append(reclaimed(store, part))
        with store.transaction(system_scope()) as tx:
            job.finish(tx, row["id"], row["token"], {}, None)

    monkeypatch.setattr(coverage_split, "make", slow)
    assert coverage_split._help(store, [part], coverage_split.Seen())
    assert swept == [None]
    with store.transaction(system_scope()) as tx:
        row = job.read(tx, part)
    assert row is not None
    assert (row["state"], row["attempt"]) == ("done", 1)


def test_a_part_nobody_works_on_any_more_comes_back(store: Database, part: int) -> None:
    with store.transaction(system_scope()) as tx:
        row = job.claim(tx, part)
    assert row is not None
    with pytest.raises(ZeroDivisionError), Held(store, row):
        _ = 1 / 0
    until(lambda: past(store, lease_of(store, part)), 60, "the lease to run out")
    again = reclaimed(store, part)
    assert again is not None
    assert again["state"] == "queued"


def test_who_has_lost_it_does_not_keep_it_from_the_next(store: Database, part: int) -> None:
    with store.transaction(system_scope()) as tx:
        first = job.claim(tx, part)
    assert first is not None
    with store.transaction(system_scope()) as tx:
        assert job_sweeping.expire(tx, part, first["token"])
        assert job_sweeping.reclaim(tx, part)
        second = job.claim(tx, part)
    assert second is not None
    held = Held(store, first)
    with held:
        until(lambda: not held._thread.is_alive(), 60, "the thread to give up")
    until(lambda: past(store, lease_of(store, part)), 60, "the second lease to run out")
