"""Runs that know where households meet the streets say what runs say that find it anew."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lattice import COUNTY

from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage, coverage_places, network_folder
from gridmap.services import jobs as service
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(coverage_places, "FEW", 0)
    token = network_folder.FOLDER.set(tmp_path)
    yield tmp_path
    network_folder.FOLDER.reset(token)


def change(store: Database, sql: str) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute(sql)


def answers(store: Database) -> list[dict[str, Any]]:
    """Run, and give every household's answer."""
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, job_id)
    found = service.show(store, SCOPE, job_id)
    assert found["state"] == "done", found["error"]
    with store.transaction(SCOPE) as tx:
        return tx.all(
            "SELECT household_id, covered, facility_id, seconds, metres, reason, band"
            " FROM coverage_result WHERE run_id = :run ORDER BY household_id",
            run=found["result"]["run"],
        )


def kept(folder: Path) -> dict[Path, int]:
    return {one: one.stat().st_mtime_ns for one in folder.glob("*/places/*/manifest.json")}


def test_households_that_move_come_and_go_are_answered_anew(store: Database, folder: Path) -> None:
    answers(store)
    first = kept(folder)
    assert len(first) == 1
    change(store, "UPDATE road SET name = name")  # other streets by name: kept beside the old
    again = answers(store)
    assert len(kept(folder)) == 2
    change(store, "DELETE FROM household WHERE id = (SELECT max(id) FROM household)")
    change(
        store,
        "UPDATE household SET geom = (SELECT geom FROM household ORDER BY id DESC LIMIT 1)"
        " WHERE id = (SELECT min(id) FROM household)",
    )
    before = kept(folder)
    mended = answers(store)
    assert kept(folder) == before  # two of four hundred are not worth writing all
    token = network_folder.FOLDER.set(None)
    fresh = answers(store)
    network_folder.FOLDER.reset(token)
    assert mended == fresh
    assert mended != again


def test_a_full_disk_and_rotten_files_cost_time_only(
    store: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = answers(store)
    (one,) = kept(folder)
    (one.parent / "piece.npy").write_bytes(b"rotten")
    assert answers(store) == first
    assert len(kept(folder)) == 1

    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    (one.parent / "metres.npy").write_bytes(b"rotten")
    monkeypatch.setattr(coverage_places.homes_files, "save", full)
    assert answers(store) == first
