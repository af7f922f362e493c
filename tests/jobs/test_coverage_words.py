"""Definitions begin on a day and belong to an area: runs by other words say so, and once."""

from typing import Any

import pytest
from lattice import COUNTY

from gridmap.model.access import Scope, system_scope
from gridmap.services import (
    coverage,
    coverage_certificates,
    coverage_readings,
    coverage_refresh,
    coverage_settled,
    reports,
)
from gridmap.services import jobs as service
from gridmap.store.database import Database
from jobs.calendar import proven_runs, turned_hours
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))
TOWNSHIP = f"{COUNTY}001"
COLUMNS = (
    "key, name_zh, name_en, facility_kinds, profile, direction, measure, capacity, area_type,"
    " barriers, bands, area_rule, scores, slider_min, slider_max, source"
)


def rows(store: Database, sql: str, **values: object) -> list[Any]:
    with store.transaction(system_scope()) as tx:
        return tx.all(sql, **values)


def says(  # noqa: PLR0913, PLR0917 - what a definition says
    store: Database, area: str, version: int, limit: float, day: str, retired: bool = False
) -> None:
    """Give an area words of its own for fire stations."""
    with store.transaction(system_scope()) as tx:
        tx.execute(
            f"INSERT INTO coverage_standard ({COLUMNS}, area_code, version, max_value, valid_from,"
            f" retired) SELECT {COLUMNS}, :area, :version, :limit, CAST(:day AS date), :retired"
            " FROM coverage_standard WHERE key = 'fire' AND area_code = :county AND version = 1",
            area=area,
            version=version,
            limit=limit,
            day=day,
            retired=retired,
            county=COUNTY,
        )


def run(store: Database, area: str = COUNTY) -> int:
    job_id = coverage.request(store, SCOPE, "fire", area)
    work(store, job_id)
    return int(service.show(store, SCOPE, job_id)["result"]["run"])


def refreshes(store: Database) -> list[int]:
    found = rows(store, "SELECT id FROM job WHERE kind = 'coverage.refresh' ORDER BY id")
    return [row["id"] for row in found]


@pytest.fixture
def eve(database_url: str, store: Database) -> Any:
    """Give the same database where the day before is still today."""
    (today,) = rows(store, "SELECT (now() AT TIME ZONE 'Etc/GMT-14')::date::text AS day")
    # what is seeded begins today in the zone of the site, which is not yet today in the west
    says(store, COUNTY, 2, 300.0, "2026-01-01")
    says(store, COUNTY, 3, 20.0, today["day"])
    west = Database(database_url, zone="Etc/GMT+12")
    yield west
    west.close()


def test_a_version_that_begins_is_noticed_though_no_table_changes(
    store: Database, eve: Database, database_url: str
) -> None:
    first = run(eve)
    assert not coverage.show(eve, SCOPE, first)["stale"]
    assert turned_hours(eve) == 0
    east = Database(database_url, zone="Etc/GMT-14")
    try:
        assert coverage.show(east, SCOPE, first)["changed"] == ["coverage_standard"]
        assert coverage_readings.show(east, SCOPE, first)["stale"]
        (kept,) = reports.coverage_runs(east, SCOPE, "fire")
        assert kept["changed"] == ["coverage_standard"]
        assert coverage_certificates.make(eve, SCOPE, first).state == "made"
        with east.transaction(system_scope()) as tx:
            tx.execute("DELETE FROM job WHERE kind = 'coverage.certify'")
            tx.execute("DELETE FROM coverage_certificate")
            tx.execute("UPDATE coverage_run SET created_at = created_at - interval '1 hour'")
        assert coverage_settled.CALM_MINUTES < 60
        assert proven_runs(east) == 0
        assert [turned_hours(east) for _ in range(3)] == [1, 0, 0]
        work(east, refreshes(east)[-1])
        (second, *_) = rows(east, "SELECT id, standard FROM coverage_run ORDER BY id DESC LIMIT 1")
        assert second["standard"]["version"] == 3
        assert not coverage.show(east, SCOPE, second["id"])["stale"]
        assert turned_hours(east) == 0
    finally:
        east.close()
    # figures are other ones, and nobody has lost a fire engine by it
    assert rows(store, "SELECT 1 FROM event WHERE kind = 'coverage.changed'") == []


def test_a_townships_first_version_is_not_its_countys(store: Database) -> None:
    first = run(store, TOWNSHIP)
    says(store, TOWNSHIP, 1, 20.0, "2026-01-01")
    assert coverage.show(store, SCOPE, first)["stale"]
    second = run(store, TOWNSHIP)
    before, after = (
        coverage.show(store, SCOPE, number)["totals"]["uncovered"] for number in (first, second)
    )
    assert after > before
    assert rows(store, "SELECT 1 FROM event WHERE kind = 'coverage.changed'") == []


def test_where_a_township_gives_its_words_up_its_countys_hold_again(store: Database) -> None:
    says(store, TOWNSHIP, 1, 20.0, "2026-01-01")
    run(store, TOWNSHIP)
    with store.transaction(system_scope()) as tx:
        before = coverage_refresh.ask(tx, COUNTY)
    work(store, before)  # one of before the end of the words has not seen it
    says(store, TOWNSHIP, 2, 20.0, "2026-01-02", retired=True)
    assert [turned_hours(store) for _ in range(2)] == [1, 0]
    work(store, refreshes(store)[-1])
    (newest, *_) = rows(store, "SELECT id, standard FROM coverage_run ORDER BY id DESC LIMIT 1")
    assert newest["standard"]["area_code"] == COUNTY
    assert not coverage.show(store, SCOPE, newest["id"])["stale"]
    assert turned_hours(store) == 0
