"""What-if, sites and what cover hangs on, through the API; options kept, listed and removed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from webtown import COUNTY, HILL, LAKE, post, token_of

from gridmap.model.access import system_scope
from gridmap.services import coverage_needs, coverage_options
from jobs.run import work

LINE = {"type": "LineString", "coordinates": [[114.409, 30.5], [114.409, 30.52]]}
FAR = [114.431, 30.5101]


@pytest.fixture(scope="module")
def station(store, people) -> int:
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO road (area_code, source_key, highway, name, geom)"
            " SELECT '990101', 'x' || n, 'residential', 'x' || n,"
            "  ST_SetSRID(ST_MakeLine(ST_MakePoint(114.40 + n * 0.004, 30.51),"
            "  ST_MakePoint(114.40 + n * 0.004, 30.514)), 4326) FROM generate_series(1, 9) AS n"
        )
        # streets meet where they share a vertex
        tx.execute(
            "UPDATE road SET geom = ST_SetSRID(ST_MakeLine(ARRAY(SELECT"
            " ST_MakePoint(round((114.40 + n * 0.004)::numeric, 3), 30.51)"
            " FROM generate_series(0, 10) AS n)), 4326) WHERE source_key = 'w1'"
        )
        tx.execute(
            "UPDATE road SET geom = ST_SnapToGrid(geom, 0.001)"
            " WHERE source_key LIKE 'x%' OR source_key = 'w1'"
        )
        number: int = tx.value("SELECT id FROM facility WHERE source_key = 'f1'")
    return number


def answered(client: Any, store: Any, what: str, **body: Any) -> dict[str, Any]:
    answer = post(client, f"/api/coverage/{what}", {"standard": "fire", **body})
    assert answer.status_code == 202, answer.get_json()
    work(store, answer.get_json()["job"])
    found = client.get(f"/api/jobs/{answer.get_json()['job']}").get_json()
    assert found["state"] == "done", found
    return {"job": found["id"], **found["result"]}


def delete(client: Any, address: str) -> Any:
    return client.delete(address, headers={"X-CSRFToken": token_of(client)})


def said(answer: Any, *, chinese: bool = False) -> Any:
    found = answer.get_json()
    return found["detail"] if chinese else [each["place"] for each in found["faults"]]


def test_what_if_is_asked_and_read_and_nothing_is_changed(store, browser, station):
    before = browser("officer").get("/api/facilities").headers["ETag"]
    found = answered(
        browser("officer"),
        store,
        "what-if",
        closed=[LINE],
        moved=[{"facility": station, "to": FAR}],
        limit=150,
    )
    assert found["what_if"] is True
    assert found["before"]["households"] == 4
    assert found["changes"]["moved"] == [{"facility": station, "to": FAR}]
    assert found["counts"]["lost"] + found["counts"]["gained"] > 0
    assert found["standard"]["max_value"] == 150
    assert browser("officer").get("/api/facilities").headers["ETag"] == before
    own = answered(browser("officer"), store, "what-if", off=[station], area=LAKE)
    assert own["before"]["households"] == 3
    assert own["area"] == LAKE


def test_the_next_site_and_what_hangs_on_what(store, browser, station):
    found = answered(browser("planner"), store, "sites", method="next", limit=60)
    assert found["sites"][0]["households"] > 0
    assert found["sites"][0]["near"] == "湖边路"
    assert found["proven"] is True
    hanging = answered(browser("planner"), store, "critical")
    assert hanging["facilities"][0]["id"] == station
    assert hanging["facilities"][0]["households"] == hanging["before"]["covered"]
    assert hanging["streets"][0]["geometry"]["type"] in ("LineString", "MultiLineString")
    assert hanging["streets"][0]["people"] >= hanging["streets"][-1]["people"] > 0


REFUSED = [
    ("what-if", {}, 400, None),
    ("what-if", {"off": [9**9]}, 400, "off.0"),
    ("what-if", {"closed": [LINE] * 10_000}, 400, "closed"),
    ("what-if", {"closed": [{"type": "LineString", "coordinates": [[0, 0], [1, 1]]}]}, 400, None),
    ("what-if", {"closed": [{"type": "Polygon"}]}, 400, None),
    ("what-if", {"added": [{"at": [30.51, 114.41]}]}, 400, None),
    ("what-if", {"added": [{"at": [114.405, "30.51"]}]}, 400, None),
    ("what-if", {"added": [{"at": [114.405]}]}, 400, None),
    ("what-if", {"added": [{"at": [114.37, 30.51]}]}, 400, "added.0.at"),
    ("what-if", {"added": [{"at": [114.405, 30.51], "capacity": -1}]}, 400, None),
    ("what-if", {"off": [1], "standard": "nothing"}, 404, None),
    ("what-if", {"off": [1], "area": "990199"}, 404, None),
    ("what-if", {"off": [1], "area": "990102"}, 404, None),
    ("what-if", {"off": [1], "limit": 0}, 400, "limit"),
    ("what-if", {"off": [1], "limit": 1e9}, 400, "limit"),
    ("what-if", {"off": [1], "unknown": 1}, 400, "unknown"),
    ("sites", {"method": "best"}, 400, "method"),
    ("sites", {"method": "p_median"}, 400, "count"),
    ("sites", {"method": "p_median", "count": 10_000}, 400, "count"),
    ("sites", {"method": "p_median", "count": -1}, 400, "count"),
    ("sites", {"method": "next", "capacity": 5}, 400, "capacity"),
    ("sites", {"method": "next", "limit": 90_000}, 400, "limit"),
    ("sites", {"method": "next", "area": "990101001001777"}, 404, None),
    ("critical", {"limit": -5}, 400, "limit"),
    ("critical", {"standard": "NOT A KEY"}, 400, "standard"),
]


@pytest.mark.parametrize(("what", "body", "status", "place"), REFUSED)
def test_bad_questions_name_their_place(browser, station, what, body, status, place):
    answer = post(
        browser("officer"), f"/api/coverage/{what}", {"standard": "fire", **copy.deepcopy(body)}
    )
    assert answer.status_code == status, answer.get_json()
    if place is not None:
        assert place in said(answer)


def test_a_lake_is_no_site_and_an_empty_area_no_question(store, browser, station):
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO water (area_code, source_key, geom) VALUES ('990101', 'lake',"
            " ST_MakeEnvelope(114.402, 30.516, 114.408, 30.518, 4326))"
        )
        tx.execute(
            "INSERT INTO area (code, level, parent_code, name_zh, geom) VALUES ('990101009',"
            " 'township', '990101', '空', ST_Multi(ST_MakeEnvelope(114.40, 30.50, 114.401, 30.501,"
            " 4326)))"
        )
    wet = {"standard": "fire", "added": [{"at": [114.405, 30.517]}]}
    answer = post(browser("officer"), "/api/coverage/what-if", wet)
    assert (answer.status_code, said(answer)) == (400, ["added.0.at"])
    assert "水面" in said(answer, chinese=True)
    empty = {"standard": "fire", "area": "990101009"}
    answer = post(browser("officer"), "/api/coverage/critical", empty)
    assert answer.status_code == 409
    assert "没有落位的住户" in said(answer, chinese=True)


def test_options_are_kept_listed_by_area_and_removed(store, browser, station, monkeypatch):
    officer = browser("officer")
    moved = answered(officer, store, "what-if", moved=[{"facility": station, "to": FAR}])
    sites = answered(officer, store, "sites", method="cover_most", count=2, limit=60)
    kept = post(officer, "/api/coverage/options", {"name": "挪到东头", "job": moved["job"]})
    assert kept.status_code == 201, kept.get_json()
    option = kept.get_json()
    assert option["before"] == moved["before"]
    assert option["after"] == moved["after"]
    assert option["changes"]["moved"] == [{"facility": station, "to": FAR}]
    assert (option["standard"], option["version"], option["stale"]) == ("fire", 1, False)
    assert option["by"] == "Officer"
    last = len(sites["sites"])
    body = {"name": "加站", "job": sites["job"], "site": last}
    second = post(officer, "/api/coverage/options", body).get_json()
    assert len(second["changes"]["added"]) == last
    assert second["after"] == sites["after"]

    listed = browser("planner").get("/api/coverage/options?standard=fire").get_json()
    assert [each["name"] for each in listed] == ["加站", "挪到东头"]
    assert browser("planner").get("/api/coverage/options?standard=medical").get_json() == []
    assert browser("planner").get(f"/api/coverage/options?area={HILL}").get_json() == []
    address = f"/api/coverage/options/{option['id']}"
    assert officer.get(address).get_json() == option
    assert browser("planner").get(address).get_json() == coverage_needs.without(option)
    for name in ("hill", "stranger"):
        assert browser(name).get("/api/coverage/options").get_json() == []
        assert browser(name).get(address).status_code == 404
        assert delete(browser(name), address).status_code == 404

    again = post(officer, "/api/coverage/options", {"name": "加站", "job": moved["job"]})
    assert (again.status_code, "加站" in said(again, chinese=True)) == (409, True)
    monkeypatch.setattr(coverage_options, "MOST_OPTIONS", 2)
    full = post(officer, "/api/coverage/options", {"name": "第三", "job": moved["job"]})
    assert (full.status_code, "2" in said(full, chinese=True)) == (409, True)

    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE facility SET name = '改了' WHERE source_key = 'f1'")
    assert browser("planner").get(address).get_json()["stale"] is True
    assert delete(officer, address).status_code == 204
    assert delete(officer, address).status_code == 404
    with store.transaction(system_scope()) as tx:
        kinds = [
            (row["kind"], row["payload"])
            for row in tx.all(
                "SELECT kind, payload FROM event WHERE kind LIKE 'coverage_option.%' ORDER BY seq"
            )
        ]
    assert [kind for kind, _ in kinds] == ["coverage_option.kept"] * 2 + ["coverage_option.removed"]
    assert kinds[0][1] == {"option": option["id"], "standard": "fire", "job": moved["job"]}


def test_only_answers_of_jobs_are_kept(store, browser, station):
    officer = browser("officer")
    waiting = post(officer, "/api/coverage/critical", {"standard": "fire"}).get_json()["job"]
    pending = post(officer, "/api/coverage/what-if", {"standard": "fire", "off": [station]})
    moved = answered(officer, store, "what-if", off=[station])
    sites = answered(officer, store, "sites", method="next", limit=60)
    for body, status in (
        ({"name": "x", "job": waiting}, 404),
        ({"name": "x", "job": 999_999}, 404),
        ({"name": "x", "job": pending.get_json()["job"]}, 409),
        ({"name": "x", "job": moved["job"], "site": 1}, 400),
        ({"name": "x", "job": sites["job"]}, 400),
        ({"name": "x", "job": sites["job"], "site": 99}, 400),
        ({"name": "", "job": moved["job"]}, 400),
        ({"name": "x" * 81, "job": moved["job"]}, 400),
        ({"name": "x", "job": moved["job"], "after": {}}, 400),
    ):
        answer = post(officer, "/api/coverage/options", body)
        assert answer.status_code == status, (body, answer.get_json())
    assert (
        post(
            browser("hill"), "/api/coverage/options", {"name": "x", "job": moved["job"]}
        ).status_code
        == 404
    )
    assert moved["area"] == COUNTY
