"""Doors shut for the night: figures say so, and nobody is told that cover was lost."""

from pathlib import Path
from typing import Any

import pytest
import shapely
from lattice import COUNTY, SOUTH, STEP, WEST

from gridmap.model.access import Role, Scope, system_scope
from gridmap.services import (
    closures,
    coverage,
    coverage_changes,
    coverage_refresh,
    network_folder,
)
from gridmap.services.access import Viewer
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))
OFFICER = Viewer(
    1, "someone", "某", "zh_CN", demo=False, roles=((Role.DUTY_OFFICER, COUNTY),)
)  # fmt: skip
RING = shapely.box(
    WEST + 0.5 * STEP, SOUTH + 0.5 * STEP, WEST + 1.5 * STEP, SOUTH + 1.5 * STEP
)  # fmt: skip
SHUT = "UPDATE facility SET hours = '[]' WHERE source_key = '{}'"  # at no hour open
OPEN = "UPDATE facility SET hours = NULL WHERE source_key = '{}'"
OFF = "UPDATE facility SET open = false WHERE source_key = '{}'"


def change(store: Database, sql: str) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute(sql)


def rows(store: Database, sql: str, **values: object) -> list[Any]:
    with store.transaction(system_scope()) as tx:
        return tx.all(sql, **values)


def refresh(store: Database) -> None:
    with store.transaction(system_scope()) as tx:
        job_id = coverage_refresh.ask(tx, COUNTY)
    work(store, job_id)


def told(store: Database) -> dict[str, Any]:
    found = rows(store, "SELECT payload FROM event WHERE kind = 'coverage.changed' ORDER BY seq")
    return dict(found[-1]["payload"])


def uncovered(store: Database) -> int:
    (newest,) = rows(store, "SELECT max(id) AS id FROM coverage_run")
    return int(coverage.show(store, SCOPE, newest["id"])["totals"]["uncovered"])


def asleep(store: Database) -> list[int]:
    found = rows(
        store,
        "SELECT u.id FROM coverage_run_part AS l JOIN coverage_part AS p ON p.id = l.part_id"
        " CROSS JOIN LATERAL unnest(p.household_ids, p.asleep) AS u (id, asleep)"
        " WHERE l.run_id = (SELECT max(id) FROM coverage_run) AND u.asleep ORDER BY u.id",
    )
    return [row["id"] for row in found]


@pytest.fixture
def computed(store: Database) -> int:
    work(store, coverage.request(store, SCOPE, "fire", COUNTY))
    return uncovered(store)


def test_a_door_that_shuts_by_its_hours_is_no_alarm(store: Database, computed: int) -> None:
    change(store, SHUT.format("f"))
    refresh(store)
    after = uncovered(store)
    assert after > computed
    found = told(store)
    assert (found["lost"], found["people_lost"]) == (0, 0)
    assert found["hours_lost"] == after - computed
    answer = coverage_changes.listing(store, OFFICER, 0, "zh")
    assert [item["worse"] for item in answer["items"]] == [False]
    assert answer["standing"] == []
    change(store, OPEN.format("f"))
    refresh(store)
    found = told(store)
    assert (found["lost"], found["gained"]) == (0, 0)
    assert found["hours_gained"] == after - computed
    assert asleep(store) == []


def test_one_that_is_switched_off_is_told(store: Database, computed: int) -> None:
    change(store, OFF.format("f"))
    refresh(store)
    found = told(store)
    assert (found["lost"], found["hours_lost"]) == (uncovered(store) - computed, 0)
    assert coverage_changes.listing(store, OFFICER, 0, "zh")["items"][0]["worse"]


def test_a_street_closed_at_night_is_told_to_who_would_have_had_cover_in_the_morning(
    store: Database, computed: int
) -> None:
    change(store, SHUT.format("f"))
    refresh(store)
    slept = len(asleep(store))
    assert slept > 0
    closures.close(store, SCOPE, closures.NewClosure(RING, "积水", "all"))
    refresh(store)
    assert told(store)["lost"] == slept
    assert asleep(store) == []
    (standing,) = coverage_changes.listing(store, OFFICER, 0, "zh")["standing"]
    assert standing["lost"] == slept
    # the morning brings nothing back, and nothing more is lost
    change(store, OPEN.format("f"))
    refresh(store)
    assert len(rows(store, "SELECT 1 FROM event WHERE kind = 'coverage.changed'")) == 2


@pytest.mark.parametrize("standard", ["fire", "shelter"])
def test_what_is_mended_says_the_same_as_what_is_computed(
    store: Database, tmp_path: Path, standard: str
) -> None:
    """One facility off duty and another shut for the night; with and without capacity."""
    if standard == "fire":
        change(
            store,
            "INSERT INTO facility (area_code, source_key, kind, geom) SELECT area_code, 's9',"
            " 'fire_station', ST_Translate(geom, 0.0121, 0.0121) FROM facility"
            " WHERE source_key = 'f'",
        )
    one, other = ("f", "s9") if standard == "fire" else ("s1", "s2")
    token = network_folder.FOLDER.set(tmp_path)
    try:
        work(store, coverage.request(store, SCOPE, standard, COUNTY))
        for sql in (OFF.format(one), SHUT.format(other)):
            change(store, sql)
        refresh(store)
    finally:
        network_folder.FOLDER.reset(token)
    mended = asleep(store)
    work(store, coverage.request(store, SCOPE, standard, COUNTY))
    assert asleep(store) == mended
    whole = {row["id"] for row in rows(store, "SELECT id FROM household")}
    assert mended
    assert set(mended) < whole or standard == "fire"
