"""A community without grids: opened whole, drawn by a worker, published, lived in."""

from datetime import datetime
from zoneinfo import ZoneInfo

import lattice_town as town
import pytest
from scenario_steps import approved, done, opened, rows, validated, value
from sqlalchemy.exc import DBAPIError
from test_scenario_proposals import proposed, take
from webtown import post

from gridmap.model.access import system_scope

BARE = town.TOWNSHIP + "002"
HOUSEHOLDS = 36 * town.PER_BLOCK
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()


@pytest.fixture(scope="module", autouse=True)
def built(store, people):
    town.build(store)
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM grid_member WHERE area_code ^@ :code", code=town.CODE)
        tx.execute("DELETE FROM grid WHERE area_code = :code", code=town.CODE)
        tx.execute(
            "UPDATE household SET area_code = :code WHERE area_code ^@ :code", code=town.CODE
        )


def test_from_nothing_to_grids_in_force(browser, store):
    planner, lead = browser("planner"), browser("lead")
    address, late, idle = (opened(planner, town.CODE, name) for name in ("新的", "慢的", "没动的"))
    (whole,) = planner.get(f"{address}/grids").get_json()["features"]
    assert whole["properties"]["households"] == HOUSEHOLDS
    assert planner.get(address).get_json()["base_summary"]["grids"] == 0
    faults = planner.get(f"{address}/grids").get_json()["faults"]
    assert "oversize" in {each["kind"] for each in faults}
    assert not {"gap", "overlap", "outside"} & {each["kind"] for each in faults}
    assert planner.get(f"{address}/blocks").get_json()["features"]

    done(planner, late, 0, "rename", grid=whole["id"], name="全村")
    found = proposed(planner, store, address, "redraw", community=town.CODE, seed=1)
    told = take(planner, address, found, 0).get_json()
    assert told["refused"] == []
    drawn = planner.get(f"{address}/grids").get_json()["features"]
    sizes = [each["properties"]["households"] for each in drawn]
    assert sum(sizes) == HOUSEHOLDS
    assert all(town.MINIMUM <= size <= town.MAXIMUM for size in sizes), sizes

    approved(browser, store, address)
    answer = post(lead, f"{address}/publish", {"effective_from": TODAY.isoformat()})
    assert answer.status_code == 200, answer.get_json()
    in_force = rows(
        store,
        "SELECT code, ST_X(label_point) AS x, ST_Y(label_point) AS y FROM grid"
        f" WHERE area_code = '{town.CODE}' AND valid_to IS NULL ORDER BY code",
    )
    assert [row["code"] for row in in_force] == [
        town.key(number) for number in range(1, len(drawn) + 1)
    ]
    strays = f"SELECT count(*) FROM household WHERE area_code = '{town.CODE}'"
    assert value(store, strays) == 0
    # the others were begun when there was nothing: they may not bury what is in force now
    assert validated(planner, store, late)["state"] == "invalid"
    again = post(planner, f"{late}/rebase", {})
    assert again.status_code == 409
    assert again.get_json()["communities"] == [town.CODE]
    assert post(planner, f"{idle}/rebase", {}).status_code == 200
    found = planner.get(f"{idle}/grids").get_json()["features"]
    assert {each["id"] for each in found} == {row["code"] for row in in_force}


def test_a_community_that_nobody_has_touched_is_not_published(browser, store):
    planner, lead = browser("planner"), browser("lead")
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO area (code, level, parent_code, name_zh, geom) SELECT :code, 'community',"
            " :township, '空', ST_Multi(ST_Translate(geom, 0.1, 0)) FROM area WHERE code = :first",
            code=BARE,
            township=town.TOWNSHIP,
            first=town.CODE,
        )
        tx.execute(
            "INSERT INTO household (area_code, source_key, address, people, placed_by, geom)"
            " VALUES (:code, 'bare', '空1', 1, 'hand', (SELECT ST_PointOnSurface(geom) FROM area"
            " WHERE code = :code))",
            code=BARE,
        )
    address = opened(planner, town.TOWNSHIP)
    found = planner.get(f"{address}/grids").get_json()["features"]
    (bare,) = [each for each in found if each["properties"]["community"] == BARE]
    assert bare["properties"]["households"] == 1
    first = next(each["id"] for each in found if each["id"] != bare["id"])
    done(planner, address, 0, "rename", grid=first, name="东片")
    approved(browser, store, address)
    answer = post(lead, f"{address}/publish", {"effective_from": TODAY.isoformat()})
    assert answer.status_code == 200, answer.get_json()
    count = f"SELECT count(*) FROM grid WHERE area_code = '{BARE}'"
    assert value(store, count) == 0
    assert value(store, "SELECT area_code FROM household WHERE source_key = 'bare'") == BARE
    # a small community may be one grid: saying so by a name is enough
    address = opened(planner, BARE)
    (whole,) = planner.get(f"{address}/grids").get_json()["features"]
    assert post(lead, f"{address}/approve", {}).status_code == 409
    done(planner, address, 0, "rename", grid=whole["id"], name="全村")
    approved(browser, store, address)
    answer = post(lead, f"{address}/publish", {"effective_from": TODAY.isoformat()})
    assert answer.status_code == 200, answer.get_json()
    assert value(store, count) == 1
    assert value(store, "SELECT area_code FROM household WHERE source_key = 'bare'") == BARE + "001"


def test_the_database_refuses_special_grids_over_nothing(browser, store):
    def special_alone(tx):
        tx.execute(
            "UPDATE grid SET kind = 'special' WHERE area_code = :code AND valid_to IS NULL",
            code=town.CODE,
        )
        tx.execute("SELECT grids_guard(:code)", code=town.CODE)

    with store.transaction(system_scope()) as tx:
        tx.execute("SELECT grids_guard(:code)", code=town.CODE)
    with (
        pytest.raises(DBAPIError, match="do not fill it"),
        store.transaction(system_scope()) as tx,
    ):
        special_alone(tx)


def test_an_area_without_communities_says_what_is_missing(browser, store):
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO area (code, level, parent_code, name_zh, geom) SELECT '990101088',"
            " 'township', '990101', '空', ST_Multi(ST_MakeEnvelope(115, 30, 115.1, 30.1, 4326))"
        )
    answer = post(browser("planner"), "/api/scenarios", {"area": "990101088", "name": "空"})
    assert answer.status_code == 409
    assert "990101088" in answer.get_json()["detail"]
    assert value(store, "SELECT count(*) FROM scenario WHERE area_code = '990101088'") == 0
