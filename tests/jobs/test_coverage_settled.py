"""A run that followed a closure gets the file that proves it when calm returns, and once."""

from typing import Any

import pytest
from lattice import COUNTY

from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage, coverage_refresh, coverage_settled, coverage_verifying
from gridmap.store.database import Database
from jobs.calendar import proven_runs
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))


def change(store: Database, sql: str, **values: object) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute(sql, **values)


def files(store: Database) -> list[Any]:
    with store.transaction(system_scope()) as tx:
        return tx.all("SELECT id, state FROM job WHERE kind = 'coverage.certify' ORDER BY id")


def pass_by(store: Database, minutes: int = coverage_settled.CALM_MINUTES) -> None:
    for table in ("coverage_run", "job"):
        change(
            store,
            f"UPDATE {table} SET created_at = created_at - make_interval(mins => :minutes)",
            minutes=minutes,
        )


def refresh(store: Database) -> None:
    change(store, "UPDATE facility SET open = NOT open WHERE kind = 'fire_station'")
    with store.transaction(system_scope()) as tx:
        job_id = coverage_refresh.ask(tx, COUNTY)
    work(store, job_id)


@pytest.fixture
def followed(store: Database) -> int:
    """Give the run of a refresh; the one before it was asked for and has its file."""
    work(store, coverage.request(store, SCOPE, "fire", COUNTY))
    (asked,) = files(store)
    work(store, asked["id"])
    refresh(store)
    with store.transaction(system_scope()) as tx:
        return int(tx.value("SELECT max(id) FROM coverage_run"))


def test_a_closure_makes_no_file_until_it_has_stood(store: Database, followed: int) -> None:
    assert len(files(store)) == 1
    assert proven_runs(store) == 0
    pass_by(store, coverage_settled.CALM_MINUTES - 1)
    assert proven_runs(store) == 0
    pass_by(store, 1)
    assert [proven_runs(store) for _ in range(3)] == [1, 0, 0]
    work(store, files(store)[-1]["id"])
    with store.transaction(system_scope()) as tx:
        kept = tx.all("SELECT run_id, state FROM coverage_certificate ORDER BY run_id")
    assert (kept[-1]["run_id"], kept[-1]["state"]) == (followed, "made")
    assert proven_runs(store) == 0


def test_until_then_it_is_proven_on_the_spot(store: Database, followed: int) -> None:
    verdict = coverage_verifying.of_run(store, SCOPE, followed)
    assert not verdict.altered


def test_what_has_been_overtaken_is_left(store: Database, followed: int) -> None:
    pass_by(store)
    change(store, "UPDATE facility SET name = 'x'")
    assert proven_runs(store) == 0


def test_one_after_the_other(store: Database, followed: int) -> None:
    work(store, coverage.request(store, SCOPE, "shelter", COUNTY))
    work(store, files(store)[-1]["id"])
    change(store, "UPDATE facility SET open = NOT open WHERE source_key = 's1'")
    refresh(store)
    pass_by(store)
    assert [proven_runs(store) for _ in range(2)] == [1, 0]
    work(store, files(store)[-1]["id"])
    assert proven_runs(store) == 1


def test_one_that_came_to_nothing_is_not_asked_for_again(store: Database, followed: int) -> None:
    pass_by(store)
    assert proven_runs(store) == 1
    change(store, "UPDATE job SET state = 'failed', ended_at = now() WHERE state = 'queued'")
    assert proven_runs(store) == 0
