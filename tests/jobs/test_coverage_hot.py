"""What an urgent worker holds in memory: at hand when a street closes, never of yesterday."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from lattice import COUNTY, SOUTH, STEP, WEST
from test_coverage_words import COLUMNS

from gridmap.model.access import Scope, system_scope
from gridmap.services import (
    closures,
    coverage,
    coverage_hot,
    coverage_kept,
    coverage_refresh,
    network_folder,
)
from gridmap.services.coverage_warming import Warm
from gridmap.store import coverage_homes
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))
RING = shapely.box(
    WEST + 0.5 * STEP, SOUTH + 0.5 * STEP, WEST + 1.5 * STEP, SOUTH + 1.5 * STEP
)  # fmt: skip
ANSWERS = (
    "SELECT household_id, covered, facility_id, seconds, metres, second_facility_id,"
    " second_seconds, second_metres, reason, band FROM coverage_result WHERE run_id = :run"
    " ORDER BY household_id"
)


def nobody_waits() -> bool:
    return False


def rows(store: Database, sql: str, **values: object) -> list[Any]:
    with store.transaction(system_scope()) as tx:
        return tx.all(sql, **values)


def change(store: Database, sql: str) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute(sql)


def refreshed(store: Database) -> list[Any]:
    """Have a refresh done and give its rows."""
    with store.transaction(system_scope()) as tx:
        job_id = coverage_refresh.ask(tx, COUNTY)
    work(store, job_id)
    (newest,) = rows(store, "SELECT max(id) AS id FROM coverage_run")
    return rows(store, ANSWERS, run=newest["id"])


def computed(store: Database) -> list[Any]:
    """Have everything computed from scratch by somebody who holds nothing."""
    coverage_hot.let_go()
    work(store, coverage.request(store, SCOPE, "fire", COUNTY))
    (newest,) = rows(store, "SELECT max(id) AS id FROM coverage_run")
    return rows(store, ANSWERS, run=newest["id"])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    token = network_folder.FOLDER.set(tmp_path)
    yield tmp_path
    network_folder.FOLDER.reset(token)
    coverage_hot.let_go()


def test_it_is_read_once_and_again_when_the_data_is_another(store: Database) -> None:
    warm = Warm()
    assert warm.read(store, nobody_waits) == 0  # nothing has been computed yet
    work(store, coverage.request(store, SCOPE, "fire", COUNTY))
    assert [warm.read(store, nobody_waits) for _ in range(3)] == [1, 0, 0]
    closures.close(store, SCOPE, closures.NewClosure(RING, "积水", "all"))
    assert warm.read(store, nobody_waits) == 0  # closures are mended, not held
    change(store, "UPDATE household SET people = people + 1")
    assert [warm.read(store, nobody_waits) for _ in range(2)] == [1, 0]
    change(store, "UPDATE road SET oneway = 1 WHERE id % 3 = 0")
    assert warm.read(store, nobody_waits) == 0  # of these streets nothing has been computed
    work(store, coverage.request(store, SCOPE, "fire", COUNTY))
    assert [warm.read(store, nobody_waits) for _ in range(2)] == [1, 0]
    change(
        store,
        f"INSERT INTO coverage_standard ({COLUMNS}, area_code, version, max_value, valid_from)"
        f" SELECT {COLUMNS}, area_code, 2, 250, '2099-01-01' FROM coverage_standard"
        " WHERE key = 'fire'",
    )
    assert [warm.read(store, nobody_waits) for _ in range(2)] == [1, 0]  # perhaps other words


def test_it_stops_for_whoever_waits(store: Database) -> None:
    for key in ("fire", "medical"):
        work(store, coverage.request(store, SCOPE, key, COUNTY))
    warm, asked = Warm(), iter((False, True))
    assert warm.read(store, lambda: next(asked)) == 1
    assert warm.read(store, nobody_waits) == 1


def test_what_is_at_hand_is_not_read_again(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(store, coverage.request(store, SCOPE, "fire", COUNTY))
    Warm().read(store, nobody_waits)

    def refuse(*_given: object) -> None:
        raise AssertionError("read once more")

    monkeypatch.setattr(coverage_homes, "read", refuse)
    monkeypatch.setattr(coverage_kept.cover_state_files, "load", refuse)
    monkeypatch.setattr("gridmap.services.coverage_networks.network_files.load", refuse)
    closures.close(store, SCOPE, closures.NewClosure(RING, "积水", "all"))
    (waiting,) = rows(store, "SELECT id FROM job WHERE kind = 'coverage.refresh'")
    work(store, waiting["id"])
    assert rows(store, "SELECT state FROM job WHERE id = :id", id=waiting["id"]) == [
        {"state": "done"}
    ]


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE household SET geom = ST_Translate(geom, 0.0005, 0.0003) WHERE id % 7 = 0",
        "DELETE FROM household WHERE id % 11 = 0",
        "UPDATE facility SET open = false WHERE kind = 'fire_station'",
        "UPDATE road SET oneway = 1 WHERE id % 3 = 0",
    ],
)
def test_nothing_of_yesterday_is_given(store: Database, edit: str) -> None:
    work(store, coverage.request(store, SCOPE, "fire", COUNTY))
    Warm().read(store, nobody_waits)
    change(store, edit)
    assert refreshed(store) == computed(store)


@pytest.mark.parametrize("most", [500, 10])
def test_households_that_come_go_and_move_are_mended(
    store: Database, folder: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    work(store, coverage.request(store, SCOPE, "fire", COUNTY))
    kept = {one: one.read_bytes() for one in folder.glob("*/answers/*/manifest.json")}

    def refuse(*_given: object) -> None:
        raise AssertionError("computed from scratch")

    def mended() -> list[Any]:
        with monkeypatch.context() as patched:
            patched.setattr(coverage_kept, "start", refuse)
            patched.setattr(coverage_kept, "_MOST_MENDED", most)
            return refreshed(store)

    for edit in (
        "UPDATE household SET geom = ST_Translate(geom, 0.0005, 0.0003) WHERE id % 7 = 0",
        "DELETE FROM household WHERE id % 11 = 0",
        "INSERT INTO household (area_code, source_key, address, people, placed_by, geom)"
        " SELECT area_code, 'n' || id, 'x', 2, 'hand', ST_Translate(geom, 0.0011, 0.0007)"
        " FROM household WHERE id % 5 = 0",
        "UPDATE facility SET open = NOT open WHERE kind = 'fire_station'",
    ):
        change(store, edit)
        answers = mended()
        assert answers == computed_aside(store, folder), edit
    again = {one: one.read_bytes() for one in folder.glob("*/answers/*/manifest.json")}
    assert len(kept) == 3
    assert (again == kept) == (most == 500)


def computed_aside(store: Database, folder: Path) -> list[Any]:
    """Have everything computed from scratch, keeping nothing."""
    token = network_folder.FOLDER.set(None)
    try:
        work(store, coverage.request(store, SCOPE, "fire", COUNTY))
    finally:
        network_folder.FOLDER.reset(token)
    (newest,) = rows(store, "SELECT max(id) AS id FROM coverage_run")
    return rows(store, ANSWERS, run=newest["id"])


def test_who_sees_a_part_of_the_county_is_given_that_part(store: Database) -> None:
    change(
        store,
        f"INSERT INTO area (code, level, parent_code, name_zh, geom) SELECT '{COUNTY}002',"
        f" 'township', '{COUNTY}', '二', geom FROM area WHERE code = '{COUNTY}001'",
    )
    coverage_hot.hold()
    with store.transaction(system_scope()) as tx:
        assert len(coverage_hot.homes(tx, COUNTY, "any")) == 400
    with store.transaction(Scope((f"{COUNTY}002",))) as tx:
        assert len(coverage_hot.homes(tx, COUNTY, "any")) == 0


def test_what_was_not_used_longest_makes_room_on_the_disk(
    store: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept() -> set[str]:
        return {one.name.split("-")[1] for one in folder.glob("*/answers/[!.]*")}

    for key in ("fire", "medical"):
        work(store, coverage.request(store, SCOPE, key, COUNTY))
    assert kept() == {"fire", "medical"}
    held = sum(one.stat().st_size for one in folder.glob("*/answers/*/*"))
    refreshed(store)  # both are used; what is used stays
    for one in folder.glob(f"*/answers/{COUNTY}-medical-*"):
        coverage_kept.os.utime(one, (0, 0))
    monkeypatch.setattr(coverage_kept, "MOST_BYTES", held)
    work(store, coverage.request(store, SCOPE, "shelter", COUNTY))
    assert kept() == {"fire", "shelter"}
