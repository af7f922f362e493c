"""The database has the last word: what is wrong is found in the transaction that publishes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg2
import pytest
from scenario_steps import COMMUNITY, WEST, approved, done, opened, rows, value
from sqlalchemy.exc import IntegrityError
from webtown import post

from gridmap.model.access import system_scope
from gridmap.services import publishing
from gridmap.store import publication

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
TOMORROW = TODAY + timedelta(days=1)
# the western grid as it would be stored: a strip over the eastern one, a strip short of it
PLANTED = {
    "grids_do_not_overlap": "114.40, 30.50, 114.4105, 30.52",
    "grids_fill_the_community": "114.40, 30.50, 114.4095, 30.52",
}


@pytest.fixture
def plant(database):
    """Have the database itself change what a publication writes, after all checks of ours."""
    owner = psycopg2.connect(database.superuser_url)
    owner.autocommit = True

    def put(envelope):
        with owner.cursor() as cursor:
            cursor.execute(
                "CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" NEW.geom := ST_Multi(ST_MakeEnvelope({envelope}, 4326)); RETURN NEW; END $$;"
                "CREATE TRIGGER planted BEFORE INSERT ON grid FOR EACH ROW"
                f" WHEN (NEW.code = '{WEST}') EXECUTE FUNCTION planted()"
            )

    def take_away():
        with owner.cursor() as cursor:
            cursor.execute("DROP FUNCTION IF EXISTS planted() CASCADE")

    put.away = take_away
    yield put
    take_away()
    owner.close()


@pytest.fixture
def address(browser, store):
    """A scenario that nothing is wrong with, approved."""
    found = opened(browser("planner"))
    name = f"湖西{value(store, 'SELECT count(*) FROM scenario')}"
    done(browser("planner"), found, 0, "rename", grid=WEST, name=name)
    approved(browser, store, found)
    return found


def in_force(store):
    """Give everything that a publication changes."""
    return [
        rows(store, f"SELECT * FROM {table} ORDER BY {key}")
        for table, key in (("grid", "id"), ("grid_member", "id"), ("household", "id"))
    ]


@pytest.mark.parametrize("constraint", PLANTED)
def test_what_is_planted_while_it_is_published_is_refused_whole(
    browser, store, plant, address, constraint
):
    lead = browser("lead")
    before = in_force(store)
    told = value(store, "SELECT count(*) FROM event WHERE kind LIKE 'grids.%'")
    plant(PLANTED[constraint])
    refused = post(lead, f"{address}/publish", {"effective_from": TODAY.isoformat()})
    assert refused.status_code == 400, refused.get_json()
    assert constraint in refused.get_json()["detail"]
    assert in_force(store) == before
    assert lead.get(address).get_json()["state"] == "approved"
    assert value(store, "SELECT count(*) FROM event WHERE kind LIKE 'grids.%'") == told
    # without it the same scenario is published
    plant.away()
    answer = post(lead, f"{address}/publish", {"effective_from": TODAY.isoformat()})
    assert answer.status_code == 200, answer.get_json()
    assert in_force(store) != before


@pytest.mark.parametrize("constraint", PLANTED)
def test_on_the_day_itself_it_is_given_back_to_people(browser, store, plant, address, constraint):
    lead = browser("lead")
    answer = post(lead, f"{address}/publish", {"effective_from": TOMORROW.isoformat()})
    assert answer.status_code == 200, answer.get_json()
    before = in_force(store)
    plant(PLANTED[constraint])
    assert publishing.take_effect(store, TOMORROW) == 0
    assert in_force(store) == before
    assert lead.get(address).get_json()["state"] == "approved"
    number = address.rpartition("/")[2]
    last = rows(
        store, f"SELECT kind FROM event WHERE subject_id = '{number}' ORDER BY seq DESC LIMIT 1"
    )
    assert [row["kind"] for row in last] == ["grids.not_in_force"]


def _widened(store):
    """Let the western grid lie over the eastern one, and ask the guard."""
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE grid SET geom = ST_Multi(ST_MakeEnvelope(114.40, 30.50, 114.4105, 30.52, 4326))"
            f" WHERE code = '{WEST}' AND valid_to IS NULL"
        )
        publication.guard(tx, COMMUNITY)


def test_the_guard_names_the_place(store):
    before = in_force(store)
    with pytest.raises(IntegrityError, match=r"overlap at POINT\(114\.41") as caught:
        _widened(store)
    assert caught.value.orig.diag.constraint_name == "grids_do_not_overlap"
    assert in_force(store) == before
