"""The days after a merger: what has ended stays ended, and nobody has got more than they had."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import lattice_town as lattice
import pytest
import two_communities as town
from scenario_steps import approved, done, opened, rows, value
from webtown import post

from gridmap.model.access import Scope, system_scope
from gridmap.model.problem import Problem
from gridmap.services import grids
from jobs.run import work

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
BARE = lattice.TOWNSHIP + "003"


def _within(store, within):
    """Give a token that is confined to an area, by its number."""
    with store.transaction(system_scope()) as tx:
        return tx.value(
            "INSERT INTO api_token (user_id, name, token_hash, permissions, within, expires_at)"
            " SELECT id, :within, sha256(convert_to(:within, 'UTF8')), '{map.view}', :within,"
            " now() + interval '1 day' FROM app_user WHERE name = 'planner' RETURNING id",
            within=within,
        )


def _heirs(store, token):
    return set(value(store, f"SELECT heirs FROM api_token WHERE id = {token}"))


def _publish(browser, store, address):
    approved(browser, store, address)
    answer = post(browser("lead"), f"{address}/publish", {"effective_from": TODAY.isoformat()})
    assert answer.status_code == 200, answer.get_json()


@pytest.fixture(scope="module")
def merged(store, people, browser):
    town.build(store)
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE grid SET valid_from = :day WHERE starts_with(code, :town)",
            day=TODAY - timedelta(days=30),
            town=lattice.TOWNSHIP,
        )
        # only one grid is divided, and somebody speaks for its part
        tx.execute(
            "INSERT INTO micro_grid (area_code, number, grid_id, valid_from, households, people,"
            " head, geom, label_point) SELECT code, 1, id, valid_from, households, people,"
            " '楼长甲', geom, label_point FROM grid WHERE code = :code AND valid_to IS NULL",
            code=town.EAST[0],
        )
        tx.execute("INSERT INTO area_office (area_code, name) VALUES (:two, '东办')", two=town.TWO)
        hazard = tx.value(
            "INSERT INTO hazard (area_code, kind, severity, name, geom) SELECT :two, 'flood',"
            " 'red', 'x', ST_Multi(geom) FROM area WHERE code = :two RETURNING id",
            two=town.TWO,
        )
        for closed in ("NULL", "now()"):
            tx.execute(
                "INSERT INTO break_glass (area_code, hazard_id, user_id, reason, until, closed_at)"
                " SELECT :two, :hazard, id, '核对还没有撤离的住户', now() + interval '2 hours',"
                f" {closed} FROM app_user WHERE name = 'officer'",
                two=town.TWO,
                hazard=hazard,
            )
    token = _within(store, town.TWO)
    planner = browser("planner")
    address = opened(planner, lattice.TOWNSHIP)
    asked = post(
        planner,
        f"{address}/proposals",
        {"kind": "merge_communities", "communities": [town.ONE, town.TWO], "name": "合社区"},
    ).get_json()
    work(store, asked["job"])
    taken = post(planner, f"{address}/proposals/{asked['id']}/take", {"base": 0})
    assert taken.status_code == 200, taken.get_json()
    _publish(browser, store, address)
    return SimpleNamespace(token=token)


def test_nothing_new_begins_in_a_community_that_has_ended(merged, store, browser):
    answer = post(browser("planner"), "/api/scenarios", {"area": town.TWO, "name": "旧的"})
    assert answer.status_code == 409
    assert town.MERGED in answer.get_json()["detail"]
    with pytest.raises(Problem, match=town.MERGED):
        grids.request(store, Scope((lattice.TOWNSHIP,)), town.TWO)


def test_an_opening_does_not_grow(merged, store):
    found = rows(store, "SELECT area_code, closed_at IS NULL AS open FROM break_glass")
    assert {(row["area_code"], row["open"]) for row in found} == {(town.TWO, False)}
    told = rows(store, "SELECT area_code FROM event WHERE kind = 'break_glass.closed'")
    assert [row["area_code"] for row in told] == [town.TWO]


def test_what_is_divided_stays_divided(merged, store):
    found = rows(
        store,
        "SELECT m.area_code, m.head, m.valid_to IS NULL AS now FROM micro_grid AS m"
        " JOIN grid AS g ON g.id = m.grid_id AND g.code = m.area_code ORDER BY m.area_code",
    )
    assert [(row["head"], row["now"]) for row in found] == [("楼长甲", False), ("楼长甲", True)]
    assert found[0]["area_code"] == town.EAST[0]
    assert found[1]["area_code"].startswith(town.MERGED)


def test_papers_of_before_have_their_office(merged, store):
    found = rows(store, "SELECT area_code FROM area_office ORDER BY 1")
    assert {town.TWO, town.MERGED} <= {row["area_code"] for row in found}


def _homes(store, codes):
    with store.transaction(system_scope()) as tx:
        return {
            row["id"]
            for row in tx.all(
                "SELECT id FROM household WHERE area_code = ANY(:codes)", codes=list(codes)
            )
        }


def test_a_program_keeps_to_its_ground_when_borders_move(merged, store, browser):
    mine = _heirs(store, merged.token)
    assert len(mine) == len(town.EAST)
    homes = _homes(store, mine)
    planner = browser("planner")
    address = opened(planner, town.MERGED)
    held = planner.get(f"{address}/grids").get_json()["features"]
    arcs = planner.get(f"{address}/arcs").get_json()["features"]
    sides = [
        (each["properties"]["left"], each["properties"]["right"])
        for each in arcs
        if each["properties"]["movable"]
    ]
    # a grid of the east becomes one with a grid of the west
    one, other = next(pair for pair in sides if len(mine & set(pair)) == 1)
    assert {one, other} <= {each["id"] for each in held}
    done(planner, address, 0, "merge", grids=sorted({one, other}))
    _publish(browser, store, address)
    now = _heirs(store, merged.token)
    assert now == mine - {one, other}
    assert _homes(store, now) < homes
