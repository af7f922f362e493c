"""What a draft has merged is merged once more, taken back step by step, and published."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import two_communities as town
from lattice_town import TOWNSHIP
from merger_steps import communities, errors, everything, features, proposed, take
from scenario_replay import Replay
from scenario_steps import approved, done, opened, rows, value
from webtown import post

from gridmap.model.access import system_scope

THREE = TOWNSHIP + "003"
SECOND = TOWNSHIP + "602"
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()


@pytest.fixture(scope="module", autouse=True)
def built(store, people):
    """Three side by side: the second grid of the east is a community of its own."""
    town.build(store)
    old, new = town.EAST[1], THREE + "001"
    with store.transaction(system_scope()) as tx:
        ground = "(SELECT ST_Multi(geom) FROM grid WHERE code = :code)"
        tx.execute(
            "INSERT INTO area (code, level, parent_code, name_zh, geom) VALUES (:three,"
            f" 'community', :town, '北社区', {ground})",
            three=THREE,
            town=TOWNSHIP,
            code=old,
        )
        tx.execute(
            f"UPDATE area SET geom = {ground} WHERE code = :two", two=town.TWO, code=town.EAST[0]
        )
        tx.execute(
            "INSERT INTO grid_rule (area_code, minimum, maximum, source)"
            " SELECT :three, minimum, maximum, source FROM grid_rule WHERE area_code = :two",
            three=THREE,
            two=town.TWO,
        )
        tx.execute(
            "UPDATE grid SET code = :new, area_code = :three WHERE code = :old",
            new=new,
            three=THREE,
            old=old,
        )
        for table in ("household", "grid_member"):
            tx.execute(
                f"UPDATE {table} SET area_code = :new WHERE area_code = :old", new=new, old=old
            )


@pytest.fixture
def address(browser):
    return opened(browser("planner"), TOWNSHIP)


def twice(client, store, address):
    """Merge two, and what they become with the third; give the version."""
    assert take(client, address, proposed(client, store, address), 0).status_code == 200
    again = proposed(client, store, address, (town.MERGED, THREE), name="大社区")
    assert again["figures"]["code"] == SECOND
    answer = take(client, address, again, 1)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()["version"]


def merged(client, address):
    found = client.get(address).get_json()["merged"]
    return [(each["code"], each["name"], each["communities"]) for each in found]


def test_all_three_become_one_and_three_again(browser, store, address):
    planner = browser("planner")
    start = everything(planner, address)
    page = Replay(browser("lead"), address)
    assert twice(planner, store, address) == 2
    between = everything(planner, address)
    assert communities(planner, address) == [SECOND]
    assert merged(planner, address) == [(SECOND, "大社区", [town.ONE, town.TWO, THREE])]
    assert errors(planner, address) == []
    # what was a border of the first merger, and of the second, is moved like any other
    movable = [each["properties"]["movable"] for each in features(planner, address, "arcs")]
    inner = [each for each in features(planner, address, "arcs") if each["properties"]["right"]]
    assert sum(movable) == len(inner) == 7
    one = features(planner, address)[0]["properties"]["key"]
    done(planner, address, 2, "split", grid=one, parts=2)
    page.catch_up()
    assert page.held() == Replay(browser("lead"), address).held()
    # taken back one after the other, each as it was
    done(planner, address, 3, "undo")
    assert everything(planner, address) == between
    done(planner, address, 4, "undo")
    assert communities(planner, address) == [THREE, town.MERGED]
    assert merged(planner, address) == [(town.MERGED, "西东社区", [town.ONE, town.TWO])]
    done(planner, address, 5, "undo")
    assert everything(planner, address) == start
    assert merged(planner, address) == []
    for version in (6, 7, 8):
        done(planner, address, version, "redo")
    assert merged(planner, address) == [(SECOND, "大社区", [town.ONE, town.TWO, THREE])]
    page.catch_up()
    assert page.held() == Replay(browser("lead"), address).held()


def test_it_comes_into_force_as_one_and_the_code_between_never_does(browser, store, address):
    planner, lead = browser("planner"), browser("lead")
    twice(planner, store, address)
    approved(browser, store, address)
    answer = post(lead, f"{address}/publish", {"effective_from": TODAY.isoformat()})
    assert answer.status_code == 200, answer.get_json()
    now = rows(
        store,
        "SELECT code, name_zh, successor FROM area WHERE level = 'community'"
        f" AND parent_code = '{TOWNSHIP}' ORDER BY code",
    )
    assert [(row["code"], row["successor"]) for row in now] == [
        (town.ONE, SECOND),
        (town.TWO, SECOND),
        (THREE, SECOND),
        (SECOND, None),
    ]
    assert now[-1]["name_zh"] == "大社区"
    grids = rows(
        store,
        f"SELECT code FROM grid WHERE valid_to IS NULL AND left(code, 9) = '{TOWNSHIP}'"
        " ORDER BY code",
    )
    assert [row["code"] for row in grids] == [f"{SECOND}{number:03d}" for number in range(1, 7)]
    homes = f"SELECT count(*) FROM household WHERE left(area_code, 12) = '{SECOND}'"
    assert value(store, homes) == 108
