"""Which runs a report and the change over time tell of: by whose words, and which of a day."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from lattice import COUNTY

from gridmap.model.access import Scope, system_scope
from gridmap.model.coverage_report import Chapter
from gridmap.services import coverage, coverage_readings, coverage_reports
from gridmap.services import jobs as service
from gridmap.store import coverage_part
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))
TOWNSHIP = f"{COUNTY}001"
ZONE = "Asia/Shanghai"
COLUMNS = (
    "key, name_zh, name_en, facility_kinds, profile, direction, measure, capacity, area_type,"
    " barriers, bands, area_rule, scores, slider_min, slider_max, source"
)


@pytest.fixture
def wall(store: Database, database_url: str) -> Iterator[Database]:
    """Give the same tables to a site far enough from UTC for its days to begin at another hour."""
    opened = Database(database_url, zone=ZONE)
    yield opened
    opened.close()


def run(store: Database, area: str = COUNTY, standard: str = "fire") -> int:
    job_id = coverage.request(store, SCOPE, standard, area)
    work(store, job_id)
    return int(service.show(store, SCOPE, job_id)["result"]["run"])


def says_itself(store: Database, limit: float) -> None:
    """Give the township words of its own for fire stations, and the county's their number."""
    with store.transaction(system_scope()) as tx:
        tx.execute(
            f"INSERT INTO coverage_standard ({COLUMNS}, area_code, version, max_value, valid_from)"
            f" SELECT {COLUMNS}, :area, 1, :limit, CURRENT_DATE - 1 FROM coverage_standard"
            " WHERE key = 'fire' AND area_code = :county AND version = 1",
            area=TOWNSHIP,
            limit=limit,
            county=COUNTY,
        )


def days(store: Database, like: int, turns: list[tuple[str, int, int]], area: str = COUNTY) -> None:
    """Put runs of days past beside one: when on the wall, how many covered, how many doors shut."""
    with store.transaction(system_scope()) as tx:
        for moment, covered, shut in turns:
            tx.execute(
                "WITH made AS (INSERT INTO coverage_run (area_code, standard_key, standard, job_id,"
                " input_version, totals, created_at) SELECT :area, standard_key,"
                " standard || jsonb_build_object('shut', CAST(:shut AS int)), job_id,"
                " input_version, totals || jsonb_build_object('covered', CAST(:covered AS int),"
                " 'uncovered', 400 - CAST(:covered AS int)),"
                " CAST(:moment AS timestamp) AT TIME ZONE 'Asia/Shanghai' FROM coverage_run"
                " WHERE id = :like RETURNING id) INSERT INTO coverage_run_part"
                " (run_id, area_code, part_id) SELECT made.id, p.area_code, p.part_id FROM made,"
                " coverage_run_part AS p WHERE p.run_id = :like",
                area=area,
                like=like,
                moment=moment,
                covered=covered,
                shut=shut,
            )


def chapter(store: Database, area: str) -> Chapter:
    wanted = coverage_reports.Wanted(area, ("fire",), "en", False, datetime.now(UTC))
    return coverage_reports.report(store, SCOPE, wanted, ZONE).chapters[0]


def test_a_township_with_its_own_standard_is_told_of_by_it(store: Database) -> None:
    says_itself(store, 20.0)
    own = run(store, TOWNSHIP)
    county = run(store)
    found = chapter(store, TOWNSHIP)
    assert own < county
    assert (found.run, found.definition["max_value"]) == (own, 20.0)
    assert [moment.run for moment in found.history] == [own]
    assert found.stale == ()
    whole = chapter(store, COUNTY)
    assert whole.run == county
    assert [moment.run for moment in whole.history] == [county]


def test_without_a_run_by_its_words_the_newest_is_told_of_and_says_it_is_old(
    store: Database,
) -> None:
    before = run(store)
    says_itself(store, 20.0)
    found = chapter(store, TOWNSHIP)
    assert found.run == before
    assert "coverage_standard" in found.stale
    newer = run(store)
    assert chapter(store, TOWNSHIP).run == newer


def test_of_a_day_the_run_with_the_fewest_doors_shut_by_the_hour_stands(
    wall: Database,
) -> None:
    like = run(wall)
    turns: list[tuple[str, int, int]] = []
    for day in range(20, 24):
        # opened in the morning, a street closed at noon, shut in the evening; 07:00 on the wall
        # is the day before in UTC
        turns += [(f"2026-03-{day} 07:00", 10, 2), (f"2026-03-{day} 09:00", 400, 0)]
        turns += [(f"2026-03-{day} 12:00", 350 + day, 0), (f"2026-03-{day} 18:00", 0, 2)]
    days(wall, like, turns)
    run(wall)
    told: list[Any] = coverage_readings.history(wall, SCOPE, "fire", COUNTY)
    past = [one["totals"]["covered"] for one in told if str(one["ended_at"]).startswith("2026-03")]
    assert past == [370, 371, 372, 373]
    paper = [moment for moment in chapter(wall, COUNTY).history if moment.at.month == 3]
    assert [moment.sums.uncovered for moment in paper] == [400 - covered for covered in past]


def test_rows_are_kept_of_the_run_that_stands_for_its_day(wall: Database) -> None:
    like = run(wall)
    days(wall, like, [("2026-11-01 09:00", 400, 0), ("2026-11-01 18:00", 0, 2)])
    run(wall)
    with wall.transaction(system_scope()) as tx:
        coverage_part.forget(tx, keep=1, week=0, days=36_500)
        left = tx.all(
            "SELECT (totals ->> 'covered')::int AS covered FROM coverage_run AS r WHERE EXISTS"
            " (SELECT FROM coverage_run_part AS p WHERE p.run_id = r.id)"
            " AND created_at < now() - interval '2 days'"
        )
    assert [row["covered"] for row in left] == [400]


def test_old_runs_do_not_push_the_year_out_of_a_township_s_report(wall: Database) -> None:
    like = run(wall)
    turns = [
        (f"2026-{month:02d}-{day:02d} {hour:02d}:00", 100, 0)
        for month in range(1, 9)
        for day in range(1, 28)
        for hour in (9, 12)
    ]
    days(wall, like, turns)
    run(wall)
    found = chapter(wall, TOWNSHIP).history
    assert len(found) == 200
    assert len({moment.at.date() for moment in found}) == 200
