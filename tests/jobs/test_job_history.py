"""Jobs are let go of in time: what others point to stays, what was only asked goes sooner."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lattice import COUNTY

from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage_options, job_history
from gridmap.store import job_history as rows
from gridmap.store import job_parts
from gridmap.store.database import Database
from jobs.housekeeping import Housekeeping

pytestmark = pytest.mark.database
TOTALS = {"households": 3, "uncovered": 1}


def ended(store: Database, kind: str, days: float, state: str = "done", **result: Any) -> int:
    """Write a job that ended so many days ago."""
    with store.transaction(system_scope()) as tx:
        return int(
            tx.value(
                "INSERT INTO job (kind, queue, area_code, state, result, ended_at, lease_until)"
                " VALUES (:kind, 'default', :area, :state, CAST(:result AS jsonb),"
                " CASE WHEN :state NOT IN ('queued', 'running')"
                "  THEN now() - make_interval(hours => CAST(:days * 24 AS int)) END,"
                " CASE WHEN :state = 'running' THEN now() END) RETURNING id",
                kind=kind,
                area=COUNTY,
                state=state,
                days=days,
                result=json.dumps(result),
            )
        )


def left(store: Database) -> set[int]:
    with store.transaction(system_scope()) as tx:
        return {row["id"] for row in tx.all("SELECT id FROM job")}


def newest(store: Database) -> set[int]:
    """Write one young job of each kind that these tests use: the last of a kind always stays."""
    kinds = ("coverage.run", "coverage.what_if", "coverage.part", "trail.verify")
    return {ended(store, kind, 0) for kind in kinds}


def test_old_jobs_go_and_young_ones_stay(store: Database) -> None:
    old = [ended(store, "coverage.run", 91, state) for state in ("done", "failed", "cancelled")]
    young = {ended(store, "coverage.run", 89), ended(store, "coverage.run", 0, "queued")}
    young |= {ended(store, "coverage.run", 0, "running")} | newest(store)
    assert job_history.forget(store) == len(old)
    assert left(store) == young
    assert job_history.forget(store) == 0


def test_answers_to_questions_stay_a_week(store: Database) -> None:
    gone = {ended(store, kind, 8) for kind in ("coverage.what_if", "coverage.part")}
    stays = {ended(store, kind, 6) for kind in ("coverage.what_if", "coverage.part")}
    stays |= {ended(store, "coverage.run", 8)} | newest(store)
    assert job_history.forget(store) == len(gone)
    assert left(store) == stays
    # a site that keeps jobs for less keeps these no longer
    assert job_history.forget(store, days=5) == 3


def test_the_setting_is_heeded(store: Database) -> None:
    job_id = ended(store, "coverage.run", 30)
    newest(store)
    Housekeeping(job_days=31).tidy(store)
    assert job_id in left(store)
    Housekeeping(job_days=29).tidy(store)
    assert job_id not in left(store)


def test_the_last_of_a_kind_says_how_that_stands(store: Database) -> None:
    before, last = ended(store, "trail.verify", 400), ended(store, "trail.verify", 300)
    job_history.forget(store)
    assert before not in left(store)
    assert last in left(store)


def test_what_a_run_points_to_stays(store: Database) -> None:
    held, loose = ended(store, "coverage.run", 300), ended(store, "coverage.run", 300)
    newest(store)
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO coverage_run (area_code, standard_key, standard, input_version, totals,"
            " job_id) VALUES (:area, 'fire', '{}', 'road.1', '{}', :job)",
            area=COUNTY,
            job=held,
        )
    job_history.forget(store)
    assert held in left(store)
    assert loose not in left(store)


def test_an_option_outlives_the_answer_it_was_kept_from(store: Database) -> None:
    answer = ended(
        store,
        "coverage.what_if",
        30,
        standard={"key": "fire", "version": 1},
        changes={"closed": [], "moved": [], "added": [], "off": [], "bridges": False},
        before=TOTALS,
        after=TOTALS,
        input_version="road.1",
    )
    newest(store)
    option = coverage_options.keep(store, Scope((COUNTY,)), "甲", answer)
    job_history.forget(store)
    assert answer not in left(store)
    again = coverage_options.show(store, Scope((COUNTY,)), option["id"])
    assert again == option
    assert again["before"] == TOTALS


def test_everything_that_points_to_a_job_is_known(store: Database) -> None:
    """A table that is forgotten here would stop the scheduler's chores for good."""
    with store.transaction(system_scope()) as tx:
        found = tx.all(
            "SELECT conrelid::regclass::text AS name, confdeltype AS does FROM pg_constraint"
            " WHERE confrelid = 'job'::regclass AND contype = 'f'"
        )
        unindexed = tx.all(
            "SELECT c.conrelid::regclass::text AS name FROM pg_constraint AS c"
            " WHERE c.confrelid = 'job'::regclass AND c.contype = 'f' AND NOT EXISTS (SELECT 1"
            "  FROM pg_index AS i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])"
        )
    # what is of a job alone, such as the file of an answer, goes with it
    assert {row["name"] for row in found if row["does"] != "c"} == set(rows.POINTING)
    assert "paper_file" in {row["name"] for row in found}
    assert unindexed == []


def test_parts_of_a_job_are_found_by_index(store: Database) -> None:
    parent = ended(store, "coverage.run", 0)
    with store.transaction(system_scope()) as tx:
        for number in (parent, parent + 1, parent):
            tx.execute(
                "INSERT INTO job (kind, queue, area_code, arguments) VALUES ('coverage.part',"
                " 'default', :area, jsonb_build_object('for', CAST(:job AS bigint)))",
                area=COUNTY,
                job=number,
            )
        found = job_parts.children(tx, "coverage.part", parent)
        # of a few rows the planner would read all
        tx.execute("SET LOCAL enable_seqscan = off")
        plan = tx.all(f"EXPLAIN SELECT id FROM job WHERE {job_parts.OF_JOB}", id=parent)
    assert [row["state"] for row in found] == ["queued", "queued"]
    assert "job_child" in str([dict(row) for row in plan])
