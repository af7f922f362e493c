"""A street closes: what was computed is computed again, and who lost cover is told."""

from pathlib import Path
from typing import Any

import pytest
import shapely
from lattice import COUNTY, SOUTH, STEP, WEST

from geodata.errors import GeodataError
from gridmap.model.access import Scope, system_scope
from gridmap.services import (
    coverage,
    coverage_kept,
    coverage_refresh,
    coverage_saving,
    hazards,
    network_folder,
)
from gridmap.services import jobs as service
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))
# around the fire station: nobody gets out
RING = shapely.box(
    WEST + 0.5 * STEP, SOUTH + 0.5 * STEP, WEST + 1.5 * STEP, SOUTH + 1.5 * STEP
)  # fmt: skip
ANSWERS = (
    "SELECT household_id, covered, facility_id, seconds, metres, second_facility_id,"
    " second_seconds, second_metres, reason, band FROM coverage_result WHERE run_id = :run"
    " ORDER BY household_id"
)
CLOSED = (
    "INSERT INTO road_closure (area_code, reason, closes, geom)"
    f" VALUES ('{COUNTY}', 'x', 'ground', ST_Multi(ST_MakeEnvelope({WEST + 2.2 * STEP},"
    f" {SOUTH + 0.2 * STEP}, {WEST + 2.8 * STEP}, {SOUTH + 6.8 * STEP}, 4326)))"
)


def rows(store: Database, sql: str, **values: object) -> list[Any]:
    with store.transaction(system_scope()) as tx:
        return tx.all(sql, **values)


def figures(totals: dict[str, Any]) -> dict[str, Any]:
    """Give the figures of households: a refresh does not measure ground anew."""
    return {name: value for name, value in totals.items() if not name.startswith("grounds")}


def flood(store: Database, *, exercise: bool = False) -> int:
    new = hazards.NewHazard("flood", "水", "red", RING, blocked=RING, exercise=exercise)
    return hazards.declare(store, SCOPE, new)


def refreshes(store: Database) -> list[int]:
    found = rows(store, "SELECT id FROM job WHERE kind = 'coverage.refresh' ORDER BY id")
    return [row["id"] for row in found]


@pytest.fixture
def computed(store: Database) -> int:
    with store.transaction(system_scope()) as tx:
        # the whole town is within reach
        tx.execute("UPDATE facility SET open = true")
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, job_id)
    return int(service.show(store, SCOPE, job_id)["result"]["run"])


def test_a_closure_is_answered_by_a_run_that_says_who_lost_cover(
    store: Database, computed: int
) -> None:
    before = coverage.show(store, SCOPE, computed)["totals"]
    hazard = flood(store)
    (job_id,) = refreshes(store)
    work(store, job_id)
    (run,) = service.show(store, SCOPE, job_id)["result"]["runs"]
    after = coverage.show(store, SCOPE, run)
    assert not after["stale"]
    lost = after["totals"]["uncovered"] - before["uncovered"]
    assert lost > 0
    (told,) = rows(store, "SELECT payload, area_code FROM event WHERE kind = 'coverage.changed'")
    found = dict(told["payload"])
    people = after["totals"]["people_uncovered"] - before["people_uncovered"]
    assert found == {
        "run": run,
        "before": computed,
        "standard": "fire",
        "lost": lost,
        "gained": 0,
        "people_lost": people,
        "hours_lost": 0,
        "hours_gained": 0,
    }
    hazards.lift(store, SCOPE, hazard)
    work(store, refreshes(store)[-1])
    latest = rows(store, "SELECT payload FROM event WHERE kind = 'coverage.changed' ORDER BY seq")
    assert (latest[-1]["payload"]["lost"], latest[-1]["payload"]["gained"]) == (0, lost)
    same = rows(store, "SELECT max(id) AS run FROM coverage_run")[0]["run"]
    assert figures(coverage.show(store, SCOPE, same)["totals"]) == figures(before)


def test_a_refresh_gives_what_a_run_from_scratch_gives(store: Database, computed: int) -> None:
    flood(store)
    work(store, refreshes(store)[0])
    work(store, coverage.request(store, SCOPE, "fire", COUNTY))
    refreshed, scratch = (
        rows(store, ANSWERS, run=row["id"])
        for row in rows(
            store, "SELECT id FROM coverage_run WHERE id > :id ORDER BY id", id=computed
        )
    )
    assert refreshed == scratch
    assert len(scratch) == 400


def test_what_has_not_changed_is_not_written_again(store: Database, computed: int) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE facility SET name = '一站'")
        coverage_refresh.ask(tx, COUNTY)
    work(store, refreshes(store)[0])
    parts = rows(store, "SELECT run_id, part_id FROM coverage_run_part ORDER BY run_id")
    assert len({row["run_id"] for row in parts}) == 2
    assert len({row["part_id"] for row in parts}) == 1
    assert rows(store, "SELECT 1 FROM event WHERE kind = 'coverage.changed'") == []


def test_nothing_is_computed_where_nothing_has_changed(store: Database, computed: int) -> None:
    with store.transaction(SCOPE) as tx:
        job_id = coverage_refresh.ask(tx, COUNTY)
    work(store, job_id)
    assert service.show(store, SCOPE, job_id)["result"] == {"runs": []}
    assert rows(store, "SELECT max(id) AS id FROM coverage_run")[0]["id"] == computed


def test_a_drill_closes_no_street(store: Database, computed: int) -> None:
    flood(store, exercise=True)
    assert refreshes(store) == []


def test_what_is_kept_and_mended_is_what_a_run_from_scratch_gives(
    store: Database, computed: int, tmp_path: Path
) -> None:
    token = network_folder.FOLDER.set(tmp_path)
    try:
        for change in (
            "UPDATE facility SET name = 'x'",
            "UPDATE facility SET open = false WHERE source_key = 's1'",
            CLOSED,
            "INSERT INTO facility (area_code, source_key, kind, geom) SELECT area_code, 'f2',"
            " 'fire_station', ST_Translate(geom, 0.0121, 0.0121) FROM facility"
            " WHERE source_key = 'f'",
            "UPDATE facility SET open = false WHERE source_key = 'f'",
            "UPDATE household SET geom = ST_Translate(geom, 0.0005, 0.0003) WHERE id % 7 = 0",
            "DELETE FROM road_closure",
        ):
            with store.transaction(system_scope()) as tx:
                tx.execute(change)
                coverage_refresh.ask(tx, COUNTY)
            work(store, refreshes(store)[-1])
            work(store, coverage.request(store, SCOPE, "fire", COUNTY))
            runs = rows(store, "SELECT id, totals FROM coverage_run ORDER BY id DESC LIMIT 2")
            scratch, mended = (rows(store, ANSWERS, run=row["id"]) for row in runs)
            assert mended == scratch, change
            assert figures(runs[0]["totals"]) == figures(runs[1]["totals"])
    finally:
        network_folder.FOLDER.reset(token)
    assert len(list(tmp_path.glob("*/answers/*/manifest.json"))) == 3  # of the speed bands


def test_a_run_that_was_overtaken_by_a_closure_does_not_stand(
    store: Database, computed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = coverage_saving.ready

    def close_meanwhile(*given: Any) -> Any:
        monkeypatch.undo()
        found = ready(*given)
        flood(store)
        work(store, refreshes(store)[-1])
        return found

    monkeypatch.setattr(coverage_saving, "ready", close_meanwhile)
    late = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, late)
    (newest,) = rows(store, "SELECT max(id) AS id FROM coverage_run")
    assert service.show(store, SCOPE, late)["result"]["run"] == newest["id"]
    assert coverage.show(store, SCOPE, newest["id"])["stale"]
    work(store, refreshes(store)[-1])
    (last,) = rows(store, "SELECT max(id) AS id FROM coverage_run")
    after = coverage.show(store, SCOPE, last["id"])
    assert not after["stale"]
    before = coverage.show(store, SCOPE, computed)
    assert after["totals"]["uncovered"] > before["totals"]["uncovered"]


def test_a_refresh_that_a_newer_run_has_overtaken_does_not_stand(
    store: Database, computed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = coverage_saving.ready

    def ask_meanwhile(*given: Any) -> Any:
        monkeypatch.undo()
        found = ready(*given)
        with store.transaction(system_scope()) as tx:
            tx.execute("UPDATE facility SET open = false WHERE source_key = 'f'")
        work(store, coverage.request(store, SCOPE, "fire", COUNTY))
        return found

    monkeypatch.setattr(coverage_saving, "ready", ask_meanwhile)
    flood(store)
    work(store, refreshes(store)[-1])
    (late,) = rows(store, "SELECT max(id) AS id FROM coverage_run")
    assert coverage.show(store, SCOPE, late["id"])["stale"]
    work(store, refreshes(store)[-1])
    (last,) = rows(store, "SELECT max(id) AS id FROM coverage_run")
    assert not coverage.show(store, SCOPE, last["id"])["stale"]
    states = rows(store, "SELECT state FROM job WHERE kind = 'coverage.refresh'")
    assert {row["state"] for row in states} == {"done"}


def test_a_standard_that_cannot_be_computed_keeps_the_others_from_nobody(
    store: Database, computed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(store, coverage.request(store, SCOPE, "medical", COUNTY))
    answer = coverage_kept.answer

    def fail(inputs: Any, stamped: Any) -> Any:
        if inputs.standard["key"] == "fire":
            raise GeodataError("row 7: not a street")
        return answer(inputs, stamped)

    monkeypatch.setattr(coverage_kept, "answer", fail)
    flood(store)
    (job_id,) = refreshes(store)
    work(store, job_id)
    ended = service.show(store, SCOPE, job_id)
    assert ended["state"] == "failed"
    assert "fire" in ended["error"]
    newest = rows(
        store,
        "SELECT standard_key AS key, max(id) AS id FROM coverage_run GROUP BY 1 ORDER BY 1",
    )
    stale = {row["key"]: coverage.show(store, SCOPE, row["id"])["stale"] for row in newest}
    assert stale == {"fire": True, "medical": False}


def test_a_version_is_computed_on_its_first_day_though_no_layer_changes(
    store: Database, computed: int
) -> None:
    with store.transaction(system_scope()) as tx:
        version = tx.value("SELECT max(version) FROM coverage_standard WHERE key = 'fire'")
        tx.execute(
            "UPDATE coverage_run SET standard = standard || jsonb_build_object('version', :older)"
            " WHERE id = :id",
            older=version - 1,
            id=computed,
        )
        coverage_refresh.ask(tx, COUNTY)
    work(store, refreshes(store)[0])
    (newest,) = rows(store, "SELECT max(id) AS id FROM coverage_run")
    assert coverage.show(store, SCOPE, newest["id"])["standard"]["version"] == version
    assert rows(store, "SELECT 1 FROM event WHERE kind = 'coverage.changed'") == []


def test_a_township_nobody_asks_about_any_more_is_let_go_and_the_county_never(
    store: Database, computed: int
) -> None:
    township = f"{COUNTY}001"
    work(store, coverage.request(store, SCOPE, "fire", township))

    def followed() -> set[str]:
        with store.transaction(system_scope()) as tx:
            return set(coverage_refresh.followed(tx, COUNTY))

    def pass_by(days: int) -> None:
        with store.transaction(system_scope()) as tx:
            tx.execute(
                "UPDATE coverage_run SET created_at = created_at - make_interval(days => :days)",
                days=days,
            )

    assert followed() == {COUNTY, township}
    pass_by(coverage_refresh.FOLLOWED_DAYS - 1)
    flood(store)
    work(store, refreshes(store)[-1])  # keeps both current, and asks about neither
    assert followed() == {COUNTY, township}
    pass_by(1)
    assert followed() == {COUNTY}
    work(store, coverage.request(store, SCOPE, "fire", township))
    assert followed() == {COUNTY, township}
