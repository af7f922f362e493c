"""A job that is asked to stop while an attempt at it fails has ended: nobody takes it up again."""

from __future__ import annotations

from typing import Any

import pytest
from lattice import COUNTY

from gridmap.model.access import Scope, system_scope
from gridmap.store import job, job_analysis
from gridmap.store.database import Database, Row
from jobs import run

pytestmark = pytest.mark.database
KIND = "coverage.run"


def asked(store: Database, analysis: str | None = None) -> int:
    with store.transaction(Scope((COUNTY,))) as tx:
        return job.request(
            tx, KIND, queue="default", area_code=COUNTY, arguments={}, analysis=analysis
        )


def read(store: Database, job_id: int) -> Row:
    with store.transaction(system_scope()) as tx:
        row = job.read(tx, job_id)
    assert row is not None
    return row


def test_it_has_ended(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = asked(store)

    def fail(database: Database, row: Row, _lease: Any) -> None:
        with database.transaction(system_scope()) as tx:
            assert job.ask_cancel(tx, row["id"]) is not None
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(run, "handler", lambda _kind: fail)
    run.work(store, job_id)
    row = read(store, job_id)
    assert (row["state"], row["attempt"]) == ("cancelled", 1)
    assert row["ended_at"] is not None
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT count(*) FROM event WHERE kind = 'job.cancelled'") == 1


def test_what_waits_for_it_is_taken_up(store: Database) -> None:
    first = asked(store, "coverage.run fire")
    with store.transaction(system_scope()) as tx:
        claimed = job.claim(tx, first)
    assert claimed is not None
    second = asked(store, "coverage.run fire")
    assert second != first
    with store.transaction(system_scope()) as tx:
        job.ask_cancel(tx, first)
        job.release(tx, first, claimed["token"], "failed")
    with store.transaction(system_scope()) as tx:
        assert not job_analysis.another_runs(tx, second, "coverage.run fire")
        assert job.claim(tx, second) is not None


def test_without_it_the_next_attempt_comes(store: Database) -> None:
    job_id = asked(store)
    with store.transaction(system_scope()) as tx:
        claimed = job.claim(tx, job_id)
    assert claimed is not None
    with store.transaction(system_scope()) as tx:
        job.release(tx, job_id, claimed["token"], "failed")
    assert read(store, job_id)["state"] == "queued"
    with store.transaction(system_scope()) as tx, pytest.raises(job.LostLease):
        job.release(tx, job_id, claimed["token"] - 1, "failed")
