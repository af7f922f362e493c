"""The scheduler's chores: files of exports do not outlive their day, visits are planned."""

from typing import Any

import pytest

from gridmap.model.access import system_scope
from gridmap.services import destruction, job_history, visits
from gridmap.store.database import Database
from jobs.housekeeping import Housekeeping

COUNTY = "990101"
AREA = (
    "INSERT INTO area (code, level, parent_code, name_zh, geom) VALUES ('990101', 'county', NULL,"
    " '东县', ST_Multi(ST_MakeEnvelope(114.40, 30.50, 114.44, 30.52, 4326)))"
)
PERSON = (
    "INSERT INTO app_user (name, display_name, password_hash) VALUES ('{}', 'X', 'x') RETURNING id"
)


@pytest.fixture
def store(database_url: str) -> Any:
    opened = Database(database_url)
    with opened.transaction(system_scope()) as tx:
        tx.execute(AREA)
    yield opened
    opened.close()


def made(store: Database, hours: int) -> int:
    """An export whose file was made so many hours ago."""
    with store.transaction(system_scope()) as tx:
        asked, agreed = (tx.value(PERSON.format(f"p{hours}{end}")) for end in ("a", "b"))
        number = tx.value(
            "INSERT INTO export_request (area_code, kind, purpose, reason, fields, state,"
            " requested_by, decided_by, made_at, expires_at) VALUES (:code, 'households', 'visit',"
            " 'reason enough', '{id}', 'made', :asked, :agreed, now() - make_interval(hours => :h),"
            " now() - make_interval(hours => :h - 24)) RETURNING id",
            code=COUNTY,
            asked=asked,
            agreed=agreed,
            h=hours,
        )
        tx.execute(
            "INSERT INTO export_file (export_id, area_code, content, expires_at) SELECT id,"
            " area_code, 'x', expires_at FROM export_request WHERE id = :id",
            id=number,
        )
    return int(number)


def test_a_file_is_destroyed_after_its_day_and_not_before(store: Database) -> None:
    old, young = made(store, 25), made(store, 23)
    Housekeeping().tidy(store)
    with store.transaction(system_scope()) as tx:
        files = [row["export_id"] for row in tx.all("SELECT export_id FROM export_file")]
        state = tx.value("SELECT state FROM export_request WHERE id = :id", id=old)
        gone = tx.all("SELECT subject_id FROM event WHERE kind = 'export.expired'")
    assert files == [young]
    assert state == "expired"
    assert [row["subject_id"] for row in gone] == [str(old)]


def test_visits_are_planned_once_an_hour(store: Database) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO household (area_code, source_key, address, people, unplaced_reason)"
            " VALUES ('990101', 'a', '甲路1号', 1, 'no_building')"
        )
        tx.execute(
            "INSERT INTO household_need (household_id, area_code, kind, seen_at)"
            " SELECT id, area_code, 'elderly_alone', now() - interval '90 days' FROM household"
        )
    chores = Housekeeping()
    chores.tidy(store)
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT count(*) FROM visit WHERE state = 'planned'") == 1
        assert (
            tx.value("SELECT payload ->> 'visits' FROM event WHERE kind = 'visit.planned'") == "1"
        )
        tx.execute("DELETE FROM visit")
    chores.tidy(store)
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT count(*) FROM visit") == 0
    Housekeeping().tidy(store)
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT count(*) FROM visit") == 1


def test_a_chore_that_fails_keeps_no_other(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []

    def broken(database: Database) -> int:
        with database.transaction(system_scope()) as tx:
            return int(tx.value("SELECT 1 / 0"))

    monkeypatch.setattr(visits, "plan_everywhere", broken)
    monkeypatch.setattr(job_history, "forget", lambda _database, _days: done.append("jobs"))
    monkeypatch.setattr(
        destruction, "destroy_due", lambda _database, _days: done.append("emergencies")
    )
    Housekeeping().tidy(store)
    assert done == ["emergencies", "jobs"]
