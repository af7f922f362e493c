"""A county's run shared by township: equal to one worker's, whoever dies, whatever changes."""

from typing import Any

import pytest
from lattice import COUNTY

from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage, coverage_saving, coverage_split
from gridmap.services import jobs as service
from gridmap.store import job, job_parts, job_sweeping
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))
ANSWERS = (
    "SELECT household_id, area_code, covered, facility_id, seconds, metres, second_facility_id,"
    " second_seconds, second_metres, reason, band FROM coverage_result WHERE run_id = :run"
    " ORDER BY household_id"
)


def rows(store: Database, sql: str, **values: object) -> list[Any]:
    with store.transaction(system_scope()) as tx:
        return tx.all(sql, **values)


@pytest.fixture(autouse=True)
def two_townships(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage_split, "SPLIT_HOUSEHOLDS", 100)
    with store.transaction(system_scope()) as tx:
        for code, level in ((f"{COUNTY}002", "township"), (f"{COUNTY}002001", "community")):
            tx.execute(
                "INSERT INTO area (code, level, parent_code, name_zh, geom)"
                " SELECT :code, :level, left(:code, length(:code) - 3), :code, geom FROM area"
                " WHERE code = :county",
                code=code,
                level=level,
                county=COUNTY,
            )
        tx.execute(
            "UPDATE household SET area_code = :code WHERE id % 3 = 0", code=f"{COUNTY}002001"
        )


def alone(store: Database, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Give what one worker finds."""
    with monkeypatch.context() as patch:
        patch.setattr(coverage_split, "SPLIT_HOUSEHOLDS", 1_000_000)
        job_id = coverage.request(store, SCOPE, "fire", COUNTY)
        work(store, job_id)
    return [*rows(store, ANSWERS, run=done(store, job_id)["run"]), done(store, job_id)]


def done(store: Database, job_id: int) -> dict[str, Any]:
    found = service.show(store, SCOPE, job_id)
    assert found["state"] == "done", found
    return dict(found["result"])


def parts_of(store: Database, job_id: int) -> list[Any]:
    with store.transaction(system_scope()) as tx:
        return list(job_parts.children(tx, "coverage.part", job_id))


def test_the_parts_together_are_what_one_worker_finds(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    *single, result = alone(store, monkeypatch)
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, job_id)
    shared = done(store, job_id)
    assert [part["state"] for part in parts_of(store, job_id)] == ["done", "done"]
    assert rows(store, ANSWERS, run=shared["run"]) == single
    assert shared | {"run": 0} == result | {"run": 0}
    # the same rows are not written a second time
    assert rows(store, "SELECT count(*) AS n FROM coverage_part")[0]["n"] == 2
    assert rows(store, "SELECT 1 FROM event WHERE kind = 'coverage.changed'") == []


def test_joined_parts_tell_who_lost_cover(store: Database) -> None:
    first = done(store, ran(store))
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE facility SET open = false WHERE kind = 'fire_station'")
    second = done(store, ran(store))
    (told,) = rows(store, "SELECT payload FROM event WHERE kind = 'coverage.changed'")
    assert told["payload"] == {
        "run": second["run"],
        "before": first["run"],
        "standard": "fire",
        "lost": first["covered"],
        "gained": 0,
        "people_lost": first["people"] - first["people_uncovered"],
        "hours_lost": 0,
        "hours_gained": 0,
    }


def ran(store: Database) -> int:
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, job_id)
    return job_id


@pytest.mark.parametrize("key", ["shelter", "clinic"])
def test_a_standard_with_capacity_or_scores_is_not_shared(store: Database, key: str) -> None:
    job_id = coverage.request(store, SCOPE, key, COUNTY)
    work(store, job_id)
    done(store, job_id)
    assert parts_of(store, job_id) == []


def test_a_part_somebody_died_with_comes_back_and_is_joined(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    *single, _ = alone(store, monkeypatch)
    real = coverage_split._help
    taken: list[int] = []

    def dies(database: Database, waiting: list[int], seen: coverage_split.Seen) -> bool:
        if not taken:
            # another worker takes the first part and is killed with it
            with database.transaction(system_scope()) as tx:
                claimed = job.claim(tx, waiting[0])
                assert claimed is not None
                job_sweeping.expire(tx, waiting[0], claimed["token"])
            taken.append(waiting[0])
            return True
        # the sweeper comes by
        with database.transaction(system_scope()) as tx:
            for row in job_sweeping.overdue(tx):
                if row["state"] == "running":
                    job_sweeping.reclaim(tx, row["id"])
        return real(database, waiting, seen)

    monkeypatch.setattr(coverage_split, "_help", dies)
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, job_id)
    assert rows(store, ANSWERS, run=done(store, job_id)["run"]) == single
    attempts = rows(store, "SELECT attempt FROM job WHERE id = :id", id=taken[0])
    assert attempts[0]["attempt"] == 2


def test_who_dies_while_joining_joins_what_is_there(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    *single, _ = alone(store, monkeypatch)
    real, deaths = coverage_saving.join, [1]

    def dies(*arguments: Any) -> Any:
        if deaths:
            deaths.pop()
            raise ZeroDivisionError("killed")
        return real(*arguments)

    monkeypatch.setattr(coverage_saving, "join", dies)
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, job_id)
    assert service.show(store, SCOPE, job_id)["state"] == "queued"
    work(store, job_id)
    assert rows(store, ANSWERS, run=done(store, job_id)["run"]) == single
    assert len(parts_of(store, job_id)) == 2  # none was made a second time
    assert len(rows(store, "SELECT 1 FROM coverage_run")) == 2


def test_parts_of_different_data_are_not_joined(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, changed = coverage_split.make, [1]

    def changes(database: Database, row: Any, seen: coverage_split.Seen) -> None:
        real(database, row, seen=seen)
        if changed:
            changed.pop()
            with database.transaction(system_scope()) as tx:
                tx.execute("UPDATE facility SET name = 'x' WHERE kind = 'fire_station'")

    monkeypatch.setattr(coverage_split, "make", changes)
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, job_id)
    run = coverage.show(store, SCOPE, done(store, job_id)["run"])
    assert not run["stale"]
    assert len(parts_of(store, job_id)) == 3


def test_parts_of_a_cancelled_run_are_cancelled(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancels(database: Database, *_others: Any) -> bool:
        service.cancel(database, SCOPE, job_id)
        return False

    monkeypatch.setattr(coverage_split, "_help", cancels)
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, job_id)
    assert service.show(store, SCOPE, job_id)["state"] == "cancelled"
    assert {part["state"] for part in parts_of(store, job_id)} == {"cancelled"}
