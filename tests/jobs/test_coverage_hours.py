"""Doors open and close by the clock: a run says until when it holds, and is followed in time."""

import json
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from lattice import COUNTY, until

from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage, coverage_current, coverage_inputs, coverage_readings, reports
from gridmap.services import jobs as service
from gridmap.store import coverage_hours, job_analysis
from gridmap.store.database import Database
from jobs.calendar import turned_hours
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))
WORKDAYS = [{"days": [1, 2, 3, 4, 5], "from": "08:00", "to": "17:30"}]
LATE = [{"days": [1, 2, 3, 4, 5, 6, 7], "from": "20:00", "to": "02:00"}]
MONDAY = datetime(2026, 11, 23, 9, 15, 40)


def change(store: Database, sql: str, **values: object) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute(sql, **values)


def keep_hours(store: Database, key: str, hours: Any) -> None:
    change(
        store,
        "UPDATE facility SET hours = CAST(:hours AS jsonb) WHERE source_key = :key",
        key=key,
        hours=None if hours is None else json.dumps(hours),
    )


def until_of(store: Database, at: datetime, key: str = "shelter") -> datetime | None:
    with store.transaction(SCOPE) as tx:
        return coverage_inputs.read(tx, key, COUNTY, at).valid_until


def far_off(store: Database) -> list[dict[str, Any]]:
    """Give hours that turn in six hours, whenever this is."""
    with store.transaction(system_scope()) as tx:
        now = tx.value("SELECT now() AT TIME ZONE current_setting('gridmap.time_zone')")
    first, last = ((now + timedelta(hours=wait)).strftime("%H:%M") for wait in (6, 8))
    return [{"days": [1, 2, 3, 4, 5, 6, 7], "from": first, "to": last}]


def run(store: Database, key: str = "shelter") -> int:
    job_id = coverage.request(store, SCOPE, key, COUNTY)
    work(store, job_id)
    return int(service.show(store, SCOPE, job_id)["result"]["run"])


def overtake(store: Database, minutes: int = 1) -> None:
    """Let every run have held until some minutes ago."""
    change(
        store,
        "UPDATE coverage_run SET standard = standard || jsonb_build_object('valid_until',"
        " to_char((now() - make_interval(mins => :minutes)) AT TIME ZONE"
        " current_setting('gridmap.time_zone'), 'YYYY-MM-DD HH24:MI'))",
        minutes=minutes,
    )


def refreshes(store: Database) -> list[tuple[int, str]]:
    with store.transaction(system_scope()) as tx:
        found = tx.all("SELECT id, state FROM job WHERE kind = 'coverage.refresh' ORDER BY id")
    return [(row["id"], row["state"]) for row in found]


def test_a_run_holds_until_the_next_door_opens_or_closes(store: Database) -> None:
    assert until_of(store, MONDAY) is None  # nobody keeps hours
    keep_hours(store, "s1", WORKDAYS)
    assert until_of(store, MONDAY) == datetime(2026, 11, 23, 17, 30)
    assert until_of(store, datetime(2026, 11, 27, 17, 30)) == datetime(2026, 11, 30, 8, 0)
    keep_hours(store, "s2", LATE)
    assert until_of(store, datetime(2026, 11, 27, 20, 0)) == datetime(2026, 11, 28, 2, 0)
    # those of other standards do not count, nor who is off duty anyway
    assert until_of(store, MONDAY, "fire") is None
    change(store, "UPDATE facility SET open = false WHERE source_key = 's1'")
    assert until_of(store, MONDAY) == datetime(2026, 11, 23, 20, 0)
    keep_hours(store, "s2", [])
    assert until_of(store, MONDAY) is None


def test_the_moment_before_and_the_moment_of_a_turn(store: Database) -> None:
    """Within its time a run is what any later moment would give; from its end on it is not."""
    keep_hours(store, "s1", WORKDAYS)
    keep_hours(store, "s2", LATE)
    at = MONDAY
    for _ in range(6):
        ended = until_of(store, at)
        assert ended is not None
        assert opened(store, ended - timedelta(minutes=1)) == opened(store, at)
        assert opened(store, ended) != opened(store, at)
        at = ended


def opened(store: Database, at: datetime) -> list[bool]:
    with store.transaction(SCOPE) as tx:
        return coverage_inputs.read(tx, "shelter", COUNTY, at).facilities["open"].tolist()


def test_it_says_so_everywhere_and_is_computed_again_once(store: Database) -> None:
    keep_hours(store, "s1", far_off(store))
    first = run(store)
    (kept,) = reports.coverage_runs(store, SCOPE, "shelter")
    assert datetime.fromisoformat(kept["definition"]["valid_until"])
    assert (kept["stale"], kept["changed"]) == (False, [])
    assert turned_hours(store) == 0
    overtake(store)
    (kept,) = reports.coverage_runs(store, SCOPE, "shelter")
    assert (kept["stale"], kept["changed"]) == (True, ["hours"])
    assert coverage.show(store, SCOPE, first)["changed"] == ["hours"]
    assert coverage_readings.show(store, SCOPE, first)["stale"]
    assert [turned_hours(store) for _ in range(3)] == [1, 0, 0]
    ((job_id, _),) = refreshes(store)
    work(store, job_id)
    (second,) = service.show(store, SCOPE, job_id)["result"]["runs"]
    assert not coverage.show(store, SCOPE, second)["stale"]
    assert turned_hours(store) == 0


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
def test_a_refresh_that_comes_to_nothing_is_asked_for_again_after_a_while(
    store: Database, ending: str
) -> None:
    keep_hours(store, "s1", WORKDAYS)
    run(store)
    overtake(store, 90)
    assert turned_hours(store) == 1
    change(store, f"UPDATE job SET state = '{ending}', ended_at = now() WHERE state = 'queued'")
    assert turned_hours(store) == 0
    change(store, "UPDATE job SET created_at = created_at - interval '61 minutes'")
    assert [turned_hours(store) for _ in range(2)] == [1, 0]
    change(store, "UPDATE job SET state = 'done', ended_at = now() WHERE state = 'queued'")
    change(store, "UPDATE job SET created_at = created_at - interval '15 minutes'")
    assert turned_hours(store) == 0  # one that was done has seen who is open


def test_one_asked_for_before_the_turn_does_not_count(store: Database) -> None:
    keep_hours(store, "s1", WORKDAYS)
    run(store)
    overtake(store)
    assert turned_hours(store) == 1
    change(
        store,
        "UPDATE job SET state = 'done', ended_at = now(), created_at = now() - interval '1 hour'"
        " WHERE kind = 'coverage.refresh'",
    )
    assert turned_hours(store) == 1


def test_of_many_schedulers_one_asks(store: Database) -> None:
    keep_hours(store, "s1", WORKDAYS)
    run(store)
    overtake(store)
    asked: list[int] = []
    threads = [
        threading.Thread(target=lambda: asked.append(coverage_current.ask_due(store)))
        for _ in range(3)
    ]

    def all_wait() -> bool:
        with store.transaction(system_scope()) as tx:
            waiting = tx.value(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            )
        return bool(waiting == len(threads))

    with store.transaction(system_scope()) as tx:
        # all of them have seen the turn before the first can ask
        job_analysis.lock(tx, f"coverage.refresh {COUNTY}")
        for thread in threads:
            thread.start()
        until(all_wait, 60, "three wait")
    for thread in threads:
        thread.join(60)
    assert sorted(asked) == [0, 0, 1]
    assert len(refreshes(store)) == 1


def test_runs_of_before_hours_were_kept_hold(store: Database) -> None:
    run(store, "fire")
    with store.transaction(system_scope()) as tx:
        assert not coverage_hours.turned(tx, {})
        assert coverage_hours.due(tx, "coverage.refresh") == []


def test_the_scheduler_sees_to_it(store: Database, processes: Any) -> None:
    keep_hours(store, "s1", WORKDAYS)
    run(store)
    overtake(store)
    processes.start("jobs.scheduler")
    until(lambda: refreshes(store), 60, "a refresh is asked for")
