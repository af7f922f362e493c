"""The way home: not while the hazard is in force, not before its day, never by one person alone."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from test_call_outs import active, all_of, call_out, change, home, put, value  # noqa: F401 - a fixture
from webtown import COUNTY, post, token_of

from gridmap.model.access import Role, system_scope
from gridmap.services import accounts, returns
from gridmap.store import event


@pytest.fixture(scope="module")
def second(store, people):
    """Another commander, who may open what the first has asked for."""
    with store.transaction(system_scope()) as tx:
        found = tx.value(
            "INSERT INTO app_user (name, display_name, password_hash) SELECT 'other', 'Other',"
            " password_hash FROM app_user WHERE name = 'commander' RETURNING id"
        )
        accounts.user.add_roles(tx, found, [(Role.COMMANDER.value, COUNTY)])
    return "other"


@pytest.fixture
def away(store, browser, active):  # noqa: F811
    """Give a plan of a lifted landslide whose one household has left for the shelter."""
    change(store, "DELETE FROM return_rule WHERE length(area_code) > 6")
    change(store, "UPDATE return_rule SET hold_days = 5, revision = 1")
    change(store, "DELETE FROM plan_return")
    assert (
        put(browser("member"), active, home(store), "arrived", place="shelter").status_code == 201
    )
    hazard = value(store, "SELECT hazard_id FROM plan WHERE id = :id", id=active)
    change(
        store,
        "UPDATE hazard SET kind = 'landslide', state = 'lifted', lifted_at = now() WHERE id = :id",
        id=hazard,
    )
    yield active
    change(
        store,
        "UPDATE hazard SET kind = 'flood', state = 'declared', lifted_at = NULL WHERE id = :id",
        id=hazard,
    )


def step(client, plan_id, what, body=None):
    return post(client, f"/api/plans/{plan_id}/return/{what}", body or {})


def back(client, plan_id):
    return client.get(f"/api/plans/{plan_id}/return").get_json()


def test_nobody_goes_home_while_the_hazard_is_in_force(store, browser, active):  # noqa: F811
    assert step(browser("officer"), active, "ask").status_code == 409
    assert back(browser("officer"), active)["can"] == []


def test_two_people_and_the_day_open_the_way(store, browser, second, away):
    officer, commander, other = browser("officer"), browser("commander"), browser(second)
    assert back(officer, away)["can"] == ["ask"]
    asked = step(commander, away, "ask").get_json()
    assert (asked["hold_days"], asked["held"], asked["away"]) == (5, True, 1)
    assert asked["source"]
    # too early for everybody, and not for who asked on any day
    assert step(other, away, "open").status_code == 409
    assert step(officer, away, "open").status_code == 403
    change(store, "UPDATE plan_return SET hold_until = hold_until - 10")
    assert step(commander, away, "open").status_code == 403
    opened = step(other, away, "open").get_json()
    assert opened["opened"]["by"] == "Other"
    assert step(other, away, "open").status_code == 409
    member = browser("member")
    assert put(member, away, home(store, "h2"), "home").get_json()["clash"] is True
    assert put(member, away, home(store), "home").status_code == 201
    # a member sees one grid alone: the round of the scheduler ends it, once
    assert back(officer, away)["ended_at"] is None
    assert returns.end_due(store) == 1
    assert returns.end_due(store) == 0
    assert back(officer, away)["ended_at"] is not None
    assert call_out(store, home(store))["home_at"] is not None
    told = all_of(
        store,
        "SELECT payload FROM event WHERE subject = 'return' AND payload ->> 'plan' = :plan",
        plan=str(away),
    )
    assert [row["payload"]["exercise"] for row in told] == [False] * 3


def test_nobody_is_home_before_the_way_is_open(store, browser, second, away):
    member, officer = browser("member"), browser("officer")
    assert put(member, away, home(store), "home").get_json()["clash"] is True
    row = call_out(store, home(store))
    assert (row["state"], row["home_at"]) == ("arrived", None)
    assert back(officer, away)["home"] == 0
    step(browser("commander"), away, "ask")
    change(store, "UPDATE plan_return SET hold_until = hold_until - 10")
    assert step(browser(second), away, "open").status_code == 200
    # a tablet whose clock is behind has been told that the way is open
    behind = (datetime.now(UTC) - timedelta(minutes=30)).isoformat()
    found = put(member, away, home(store), "home", at=behind).get_json()
    assert found["clash"] is False
    row = call_out(store, home(store))
    opened = value(store, "SELECT opened_at FROM plan_return WHERE plan_id = :id", id=away)
    assert row["home_at"] == opened


def test_the_last_one_home_waits_for_rows_before_the_events(app, store, browser, second, away):
    """Whoever ends a way home holds its row and then wants the events: never the other way."""
    step(browser("commander"), away, "ask")
    change(store, "UPDATE plan_return SET hold_until = hold_until - 10")
    step(browser(second), away, "open")
    officer = browser("officer")
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with ThreadPoolExecutor(1) as pool:
        with store.transaction(system_scope()) as tx:
            tx.execute("SELECT 1 FROM plan_return WHERE plan_id = :id FOR UPDATE", id=away)
            sent = pool.submit(put, officer, away, home(store), "home")
            until(lambda: value(store, waiting) > 0)
            free = tx.value("SELECT pg_try_advisory_xact_lock(:lock)", lock=event._EVENT_LOCK)
            assert free, "it waits for a row and keeps everybody from recording"
        assert sent.result(60).status_code == 201
    assert back(officer, away)["ended_at"] is not None


def until(true):
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "nobody waits"
        time.sleep(0.05)


def test_a_reason_releases_it_before_its_day(store, browser, second, away):
    commander, other = browser("commander"), browser(second)
    assert step(other, away, "release", {"reason": "查过了"}).status_code == 409
    step(commander, away, "ask")
    assert step(other, away, "release").status_code == 400
    assert step(browser("officer"), away, "release", {"reason": "x"}).status_code == 403
    found = step(other, away, "release", {"reason": "地质员看过，稳定"}).get_json()
    assert (found["held"], found["reason"]) == (False, "地质员看过，稳定")
    assert step(other, away, "open").status_code == 200
    officer = browser("officer")
    assert put(officer, away, home(store), "home").status_code == 201
    assert back(officer, away)["ended_at"] is not None


def test_the_days_are_a_rule_of_the_area(store, browser, away):
    change(store, "UPDATE return_rule SET hold_days = 3 WHERE kind = 'landslide'")
    asked = step(browser("officer"), away, "ask").get_json()
    lifted = value(
        store,
        "SELECT (lifted_at AT TIME ZONE 'Asia/Shanghai')::date FROM hazard h"
        " JOIN plan p ON p.hazard_id = h.id WHERE p.id = :id",
        id=away,
    )
    assert asked["hold_until"] == (lifted + timedelta(days=3)).isoformat()


def test_a_kind_without_a_rule_is_not_held(store, browser, away):
    kept = value(
        store, "SELECT source FROM return_rule WHERE kind = 'landslide' AND area_code = '990101'"
    )
    change(store, "DELETE FROM return_rule WHERE kind = 'landslide'")
    asked = step(browser("officer"), away, "ask").get_json()
    change(
        store,
        "INSERT INTO return_rule (area_code, kind, hold_days, source)"
        " VALUES ('990101', 'landslide', 5, :source)",
        source=kept,
    )
    assert (asked["hold_days"], asked["held"], asked["source"]) == (0, False, "")


def test_other_counties_are_not_there(store, browser, away):
    stranger = browser("stranger")
    assert stranger.get(f"/api/plans/{away}/return").status_code == 404
    assert step(stranger, away, "ask").status_code == 404
    assert token_of(stranger)
