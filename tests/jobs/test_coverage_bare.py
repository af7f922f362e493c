"""Counties with nothing in them, and networks that vanish: a state with figures, never a fault."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lattice import COUNTY

from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage, coverage_kept, network_folder
from gridmap.services import jobs as service
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))


def totals(store: Database, key: str = "fire") -> dict[str, Any]:
    job_id = coverage.request(store, SCOPE, key, COUNTY)
    work(store, job_id)
    found = service.show(store, SCOPE, job_id)
    assert found["state"] == "done", found["error"]
    return dict(found["result"])


def change(store: Database, sql: str) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute(sql)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    token = network_folder.FOLDER.set(tmp_path)
    yield tmp_path
    network_folder.FOLDER.reset(token)


def test_without_a_facility_everybody_is_a_gap_and_it_says_why(store: Database) -> None:
    change(store, "DELETE FROM facility WHERE kind = 'fire_station'")
    found = totals(store)
    assert found["no_facility"] is True
    assert (found["households"], found["uncovered"]) == (400, 400)
    assert sum(found["by_reason"].values()) == 400


def test_without_a_household_there_is_a_run_that_says_so(store: Database) -> None:
    change(store, "DELETE FROM household")
    found = totals(store)
    assert found["no_household"] is True
    assert (found["households"], found["covered"], found["by_reason"]) == (0, 0, {})


def test_everybody_in_one_point_and_shelters_without_room(store: Database) -> None:
    change(store, "UPDATE household SET geom = (SELECT geom FROM household ORDER BY id LIMIT 1)")
    change(store, "UPDATE shelter SET capacity = 0")
    found = totals(store, "shelter")
    assert found["covered"] == 0
    assert found["households"] == 400


def test_streets_that_vanish_or_rot_on_disk_are_built_anew(
    store: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = totals(store)
    (version,) = folder.iterdir()
    for rotten in version.glob("emergency-*/*.npy"):
        rotten.write_bytes(b"rotten")
    assert totals(store) | {"run": 0} == first | {"run": 0}
    real = coverage_kept.answer

    def vanishes(*asked: Any, mend: bool) -> Any:
        shutil.rmtree(folder)
        return real(*asked, mend=mend)

    monkeypatch.setattr(coverage_kept, "answer", vanishes)
    assert totals(store) | {"run": 0} == first | {"run": 0}
    monkeypatch.setattr(coverage_kept, "answer", real)
    assert totals(store) | {"run": 0} == first | {"run": 0}
    assert list(folder.glob("*/emergency-*/manifest.json"))


def test_streets_of_before_are_let_go(store: Database, folder: Path) -> None:
    for number in range(4):
        change(store, f"UPDATE road SET name = 'r{number}' WHERE id = (SELECT min(id) FROM road)")
        totals(store)
    assert len(list(folder.iterdir())) == 2
