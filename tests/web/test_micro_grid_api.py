"""Micro-grids through the API: asked for, listed by day, named, as files and for other programs."""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import lattice_town as town
import pytest
from scenario_steps import approved, done, opened
from webtown import post

from gridmap.model.access import Scope, system_scope
from gridmap.model.grid_rules import Entry
from gridmap.services import grid_rules
from jobs.run import work

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
RULE = Entry(town.CODE, "micro", "any", "县里的办法", date(2026, 1, 1), 5, 8)


@pytest.fixture(scope="module", autouse=True)
def built(store, people):
    town.build(store)
    grid_rules.put(store, Scope((town.CODE,)), RULE)


def listed(client: Any, **asked: object) -> list[dict[str, Any]]:
    answer = client.get("/api/micro-grids", query_string=asked)
    assert answer.status_code == 200, answer.get_json()
    return [each["properties"] for each in answer.get_json()["features"]]


def drawn(client: Any, store: Any, area: str = town.CODE) -> dict[str, Any]:
    answer = post(client, "/api/micro-grids", {"area": area})
    assert answer.status_code == 202, answer.get_json()
    work(store, answer.get_json()["job"])
    found = client.get(f"/api/jobs/{answer.get_json()['job']}").get_json()
    assert found["state"] == "done", found
    result: dict[str, Any] = found["result"]
    return result


def events(store: Any, kind: str) -> list[Any]:
    with store.transaction(system_scope()) as tx:
        return tx.all(
            "SELECT area_code, subject_id, payload FROM event WHERE kind = :kind ORDER BY seq",
            kind=kind,
        )


def test_asked_for_and_listed(store, browser):
    planner = browser("planner")
    result = drawn(planner, store)
    found = listed(planner, community=town.CODE)
    assert len(found) == result["micro_grids"] > result["grids"] > 1
    grids = planner.get(f"/api/grids?area={town.CODE}").get_json()["features"]
    by_grid = {each["id"]: each["properties"]["households"] for each in grids}
    for code, households in by_grid.items():
        own = listed(planner, grid=code)
        assert own == listed(planner, area=code)
        assert sum(each["households"] for each in own) == households
        assert [each["number"] for each in own] == list(range(1, len(own) + 1))
        assert own[0]["code"] == f"{code}-01"
        assert own[0]["label"] == f"{own[0]['grid_label']}-01"
    for each in found:
        assert (each["minimum"], each["maximum"]) == (5, 8)
        assert each["source"] == "县里的办法"
        assert (each["why"] is None) == (5 <= each["households"] <= 8)
    assert {each["valid_from"] for each in found} == {TODAY.isoformat()}
    assert events(store, "micro_grids.drawn")[-1]["payload"] == {
        "grids": result["grids"],
        "micro_grids": result["micro_grids"],
        "out_of_range": len(result["out_of_range"]),
    }
    # everybody on the map sees them; who draws no grids asks for none
    assert listed(browser("unit"), community=town.CODE) == found
    assert post(browser("officer"), "/api/micro-grids", {"area": town.CODE}).status_code == 403


def test_pages_and_not_modified(browser, store):
    planner = browser("planner")
    drawn(planner, store)
    whole = [each["code"] for each in listed(planner, community=town.CODE)]
    address = f"/api/micro-grids?community={town.CODE}&limit=3"
    seen: list[str] = []
    while address:
        answer = planner.get(address).get_json()
        seen += [each["id"] for each in answer["features"]]
        address = answer.get("next")
    assert seen == whole
    first = planner.get("/api/micro-grids")
    same = planner.get("/api/micro-grids", headers={"If-None-Match": first.headers["ETag"]})
    assert same.status_code == 304
    named(planner, whole[0], "李大姐")
    again = planner.get("/api/micro-grids", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200


def named(client: Any, code: str, head: str | None, status: int = 200) -> dict[str, Any]:
    answer = post(client, f"/api/micro-grids/{code}/head", {"head": head})
    assert answer.status_code == status, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_head_is_a_name_and_the_trail_does_not_hold_it(browser, store):
    planner = browser("planner")
    drawn(planner, store)
    code = listed(planner, community=town.CODE)[0]["code"]
    named(planner, code, " 王桂花 ")
    assert listed(planner, grid=code[:15])[0]["head"] == "王桂花"
    trace = events(store, "micro_grid.head_set")[-1]
    assert (trace["area_code"], trace["subject_id"]) == (code[:15], code)
    assert trace["payload"] == {"named": True}
    named(planner, code, None)
    assert listed(planner, grid=code[:15])[0]["head"] is None
    for wrong in ("", "   ", "长" * 81, 5):
        named(planner, code, wrong, 400)
    named(planner, f"{code[:15]}-99", "王桂花", 404)
    named(planner, "990101-1", "王桂花", 400)
    assert post(browser("officer"), f"/api/micro-grids/{code}/head", {"head": "x"}).status_code == (
        403
    )


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({"area": "990101777"}, 404),
        ({"area": "990101001001777"}, 404),
        ({"area": "99"}, 400),
        ({}, 400),
        ({"area": town.CODE, "seed": -1}, 400),
        ({"area": town.CODE, "seed": 2**31}, 400),
        ({"area": "990102"}, 404),
    ],
)
def test_what_cannot_be_asked_for(browser, content, status):
    assert post(browser("planner"), "/api/micro-grids", content).status_code == status


@pytest.mark.parametrize(
    "asked", [{"grid": town.CODE}, {"community": town.CODE[:9]}, {"as_of": "1"}, {"cursor": "x"}]
)
def test_what_cannot_be_listed(browser, asked):
    assert browser("planner").get("/api/micro-grids", query_string=asked).status_code == 400


def test_they_are_a_layer_of_ogc(browser, store):
    planner = browser("planner")
    drawn(planner, store)
    code = listed(planner, community=town.CODE)[0]["code"]
    found = planner.get("/ogc/collections/micro_grids/items?limit=2").get_json()
    assert found["numberReturned"] == 2
    one = planner.get(f"/ogc/collections/micro_grids/items/{code}").get_json()
    assert (one["id"], one["properties"]["grid"]) == (code, code[:15])
    assert one["geometry"]["type"] == "MultiPolygon"
    assert planner.get("/ogc/collections/micro_grids/items/1").status_code == 400


def test_they_leave_as_a_file_of_their_own(browser, store):
    planner = browser("planner")
    drawn(planner, store)
    code = listed(planner, community=town.CODE)[0]["code"]
    named(planner, code, "王桂花")
    asked = {"layer": "micro_grids", "area": town.CODE, "format": "geojson"}
    answer = planner.get("/api/grids/export", query_string=asked)
    assert answer.status_code == 200
    assert "micro-grids-" in answer.headers["Content-Disposition"]
    rows = [each["properties"] for each in json.loads(answer.get_data())["features"]]
    assert {each["网格编码"] for each in rows} == {each["微网格编码"][:15] for each in rows}
    assert rows[0]["微网格编码"] == code
    assert sum(each["户数"] for each in rows) == sum(
        each["households"] for each in listed(planner, community=town.CODE)
    )
    assert rows[0]["最少户数"] == 5
    # our own import tells by this that they are no comprehensive grids
    assert {each["网格类型"] for each in rows} == {"微网格"}
    # who speaks for one is posted at its door, not sent around in files
    assert "王桂花" not in answer.get_data(as_text=True)
    assert events(store, "grid_file.downloaded")[-1]["payload"]["layer"] == "micro_grids"
    shape = planner.get(
        "/api/grids/export", query_string={**asked, "format": "shp", "crs": "gauss_kruger"}
    )
    with zipfile.ZipFile(BytesIO(shape.get_data())) as archive:
        assert "微网格.shp" in archive.namelist()
    missing = planner.get("/api/grids/export", query_string={**asked, "as_of": "2026-01-02"})
    assert missing.status_code == 404


def test_published_grids_end_theirs_and_the_day_before_shows_them(browser, store):
    planner, lead = browser("planner"), browser("lead")
    drawn(planner, store)
    with store.transaction(system_scope()) as tx:
        for table in ("micro_grid", "grid"):
            tx.execute(
                f"UPDATE {table} SET valid_from = valid_from - 9 WHERE valid_to IS NULL"
                " AND starts_with(area_code, :code)",
                code=town.CODE,
            )
    before = listed(planner, community=town.CODE)
    codes = sorted({each["grid"] for each in before})
    address = opened(planner, town.CODE)
    done(planner, address, 0, "merge", grids=codes[:2])
    kept, gone = [
        [each["id"] for each in planner.get(f"{address}/grids").get_json()["features"]],
        codes[:2],
    ]
    assert set(kept) & set(codes[2:]) == set(codes[2:])
    approved(browser, store, address)
    answer = post(lead, f"{address}/publish", {"effective_from": TODAY.isoformat()})
    assert answer.status_code == 200, answer.get_json()
    now = listed(planner, community=town.CODE)
    assert {each["grid"] for each in now} == set(codes[2:])
    assert now == [each for each in before if each["grid"] not in gone]
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    then = listed(planner, community=town.CODE, as_of=yesterday)
    assert [each["code"] for each in then] == [each["code"] for each in before]
    assert {each["valid_to"] for each in then if each["grid"] in gone} == {TODAY.isoformat()}
    # asked for again, the new grid is divided too; the others keep their rows
    drawn(planner, store)
    again = listed(planner, community=town.CODE)
    assert len({each["grid"] for each in again}) == len(codes) - 1
    since = {each["grid"]: each["valid_from"] for each in again}
    assert {since[code] for code in codes[2:]} == {(TODAY - timedelta(days=9)).isoformat()}
