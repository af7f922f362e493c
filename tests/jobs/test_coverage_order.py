"""Who is told first: the fire engine before anything else is read, everybody before keeping."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lattice import COUNTY

from gridmap.model.access import Scope, system_scope
from gridmap.services import (
    coverage,
    coverage_inputs,
    coverage_kept,
    coverage_refresh,
    network_folder,
)
from gridmap.services.progress import Silent
from gridmap.store import job
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    token = network_folder.FOLDER.set(tmp_path)
    yield tmp_path
    network_folder.FOLDER.reset(token)


def told(store: Database) -> list[str]:
    with store.transaction(system_scope()) as tx:
        found = tx.all("SELECT payload FROM event WHERE kind = 'coverage.changed' ORDER BY seq")
    return [row["payload"]["standard"] for row in found]


def test_each_is_told_as_soon_as_it_is_known(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("shelter", "fire"):
        work(store, coverage.request(store, SCOPE, key, COUNTY))
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE facility SET open = false")
        # whatever has been kept is of no use: all of it will be kept anew
        tx.execute("UPDATE road SET name = 'x' WHERE id = (SELECT min(id) FROM road)")
        job_id = coverage_refresh.ask(tx, COUNTY)
    read_all, save = coverage_inputs.read_all, coverage_kept.cover_state_files.save
    when_read: list[list[str]] = []
    when_kept: list[list[str]] = []

    def reading(*given: Any, **more: Any) -> Any:
        when_read.append(told(store))
        return read_all(*given, **more)

    def keeping(*given: Any) -> None:
        when_kept.append(told(store))
        save(*given)

    monkeypatch.setattr(coverage_inputs, "read_all", reading)
    monkeypatch.setattr(coverage_kept.cover_state_files, "save", keeping)
    work(store, job_id)
    assert when_read == [[], ["fire"]]
    assert when_kept
    assert all(heard == ["fire", "shelter"] for heard in when_kept)


def test_what_is_left_after_the_end_is_done_without_a_lease(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lease that finds its job ended breaks off whatever goes on."""
    work(store, coverage.request(store, SCOPE, "fire", COUNTY))
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE facility SET open = false")
        job_id = coverage_refresh.ask(tx, COUNTY)
    due = coverage_refresh._due
    held: list[bool] = []

    def looking(*given: Any) -> Any:
        held.append("lease" in {thread.name for thread in threading.enumerate()})
        return due(*given)

    monkeypatch.setattr(coverage_refresh, "_due", looking)
    work(store, job_id)
    assert held == [True, False]


def changed(store: Database) -> int:
    for key in ("shelter", "fire"):
        work(store, coverage.request(store, SCOPE, key, COUNTY))
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE facility SET open = false")
        return coverage_refresh.ask(tx, COUNTY)


def test_of_many_households_one_is_written_while_the_next_is_computed(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage_refresh, "_MOST_HELD", 0)
    answer, save = coverage_kept.answer, coverage_refresh.coverage_saving.save
    computed = threading.Event()
    in_time: list[bool] = []
    keys: list[str] = []

    def answering(inputs: Any, *given: Any, **more: Any) -> Any:
        found = answer(inputs, *given, **more)
        keys.append(inputs.standard["key"])
        if len(keys) == 2:
            computed.set()
        return found

    def saving(*given: Any, **more: Any) -> Any:
        in_time.append(computed.wait(60))  # else nobody computes while this one is written
        return save(*given, **more)

    job_id = changed(store)
    monkeypatch.setattr(coverage_kept, "answer", answering)
    monkeypatch.setattr(coverage_refresh.coverage_saving, "save", saving)
    work(store, job_id)
    assert keys == ["fire", "shelter"]
    assert in_time == [True, True]
    assert told(store) == ["fire", "shelter"]


def test_what_cannot_be_written_is_told_though_the_next_is_being_computed(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage_refresh, "_MOST_HELD", 0)

    def lost(*given: Any, **more: Any) -> Any:
        raise OSError("the disk is gone")

    job_id = changed(store)
    monkeypatch.setattr(coverage_refresh.coverage_saving, "save", lost)
    with store.transaction(system_scope()) as tx:
        row = job.claim(tx, job_id)
    assert row is not None
    with pytest.raises(OSError, match="disk"):
        coverage_refresh.run(store, row, Silent())
    assert told(store) == []
