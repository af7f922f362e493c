"""Imported grids on their way into force, where there are grids and where there are none."""

import psycopg2
import pytest
from test_grid_imports import (
    HILL,
    LAKE,
    all_accepted,
    box,
    document,
    of_kind,
    repair,
    sent,
    take,
)
from webtown import post

from gridmap.model.access import system_scope
from jobs.run import work


def published(browser, store, shown):
    """Make a scenario of an import and bring it into force by a second person."""
    planner, lead = browser("planner"), browser("lead")
    answer = take(planner, all_accepted(planner, shown))
    assert answer.status_code == 202, answer.data
    work(store, answer.get_json()["job"])
    job = planner.get(f"/api/jobs/{answer.get_json()['job']}").get_json()
    assert job["state"] == "done", job
    scenario = job["result"]["scenario"]
    asked = post(planner, f"/api/scenarios/{scenario}/validate", {})
    assert asked.status_code == 202, asked.data
    work(store, asked.get_json()["job"])
    found = planner.get(f"/api/scenarios/{scenario}").get_json()
    assert found["state"] == "valid", found["findings"]
    assert post(planner, f"/api/scenarios/{scenario}/approve", {}).status_code == 403
    assert post(lead, f"/api/scenarios/{scenario}/approve", {}).status_code == 200
    with store.transaction(system_scope()) as tx:
        today = tx.value("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date::text")
    answer = post(lead, f"/api/scenarios/{scenario}/publish", {"effective_from": today})
    assert answer.status_code == 200, answer.data


def in_force(store, community):
    with store.transaction(system_scope()) as tx:
        rows = tx.all(
            "SELECT code, name, households FROM grid WHERE valid_to IS NULL"
            " AND area_code = :code ORDER BY code",
            code=community,
        )
    return [(row["code"][12:], row["name"], row["households"]) for row in rows]


def test_new_codes_follow_those_ever_given(browser, store):
    planner = browser("planner")
    content = document(
        (box(114.40, 114.4042), "甲", f"{LAKE}001"),
        (box(114.4042, 114.412), "乙", ""),
        (box(114.412, 114.42), "丙", f"{LAKE}099"),
        columns=("名称", "编码"),
    )
    shown = repair(planner, sent(planner, store, content, area=LAKE)["id"])
    assert {each["figures"]["reason"] for each in of_kind(shown, "code")} == {
        "missing",
        "not_in_force",
    }
    assert sum(each["choice"] == "new" for each in of_kind(shown, "code")) == 1
    published(browser, store, shown)
    after = in_force(store, LAKE)
    assert [code for code, _name, _households in after] == ["001", "002", "003"]
    assert sum(households for _code, _name, households in after) == 3
    with store.transaction(system_scope()) as tx:
        astray = tx.value(
            "SELECT count(*) FROM household AS h WHERE h.geom IS NOT NULL"
            " AND h.area_code LIKE '990101001%' AND NOT EXISTS (SELECT 1 FROM grid AS g"
            " WHERE g.code = h.area_code AND g.valid_to IS NULL)"
        )
    assert astray == 0


@pytest.fixture
def bare(store, database):
    """A community whose grids have never been drawn."""
    owner = psycopg2.connect(database.superuser_url)
    with owner, owner.cursor() as cursor:
        cursor.execute(
            "UPDATE household SET area_code = %s WHERE area_code LIKE %s", (HILL, f"{HILL}%")
        )
        cursor.execute("DELETE FROM grid WHERE area_code = %s", (HILL,))
    owner.close()


def test_community_without_grids_gets_its_first(browser, store, bare):
    planner = browser("planner")
    content = document(
        (box(114.42, 114.43, 30.50, 30.51), "西南"),
        (box(114.43, 114.44, 30.50, 30.51), "东南"),
        (box(114.42, 114.44, 30.51, 30.52), "北"),
        columns=("名称",),
    )
    shown = repair(planner, sent(planner, store, content, area=HILL)["id"])
    assert {each["choice"] for each in of_kind(shown, "code")} == {"new"}
    assert of_kind(shown, "ended") == []
    published(browser, store, shown)
    assert sorted(name for _code, name, _households in in_force(store, HILL)) == [
        "东南",
        "北",
        "西南",
    ]
