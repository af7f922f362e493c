"""Special grids: drawn over the comprehensive ones, which stay; refused with a place."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import lattice_town as town
import pytest
from scenario_replay import Replay
from scenario_steps import approved, done, opened, operate, rows, validated, value
from webtown import post

from gridmap.model.access import system_scope
from gridmap.store import scenario_grid

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()


@pytest.fixture(autouse=True)
def built(store, people):
    """The lattice town as built, for each test anew: some publish in it."""
    with store.transaction(system_scope()) as tx:
        if tx.value("SELECT count(*) FROM area WHERE code = :code", code=town.CODE):
            tx.execute("DELETE FROM scenario WHERE area_code = :code", code=town.CODE)
            tx.execute("UPDATE incident SET special_grid_id = NULL")
            tx.execute(
                "DELETE FROM grid WHERE area_code = :code AND kind = 'special'", code=town.CODE
            )
            tx.execute("DELETE FROM grid_number WHERE area_code = :code", code=town.CODE)
            return
    town.build(store)


def polygon(*corners: tuple[float, float]) -> dict[str, Any]:
    """An outline, in blocks of the town."""
    return {"type": "Polygon", "coordinates": [[_at(x, y) for x, y in (*corners, corners[0])]]}


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return polygon((west, south), (east, south), (east, north), (west, north))


def _at(x: float, y: float) -> list[float]:
    return [round(town.WEST + x * town.SIDE, 9), round(town.SOUTH + y * town.SIDE, 9)]


PARK = box(2, 1, 4, 3)  # over four grids


def draw(client, address, base, outline=PARK, name="湖畔园区", use="park"):
    return operate(
        client, address, base, "draw_special", outline=outline, name=name, special_use=use
    )


def images(store, address):
    number = int(address.rsplit("/", 1)[1])
    with store.transaction(system_scope()) as tx:
        keys = [row["key"] for row in scenario_grid.light(tx, number)]
        return scenario_grid.images(tx, number, keys)


def test_drawn_over_grids_that_stay_as_they_are(store, browser):
    planner = browser("planner")
    address = opened(planner, town.CODE)
    start = images(store, address)
    before = planner.get(address).get_json()["summary"]
    page = Replay(planner, address)
    answer = draw(planner, address, 0)
    assert answer.status_code == 200, answer.get_json()
    found = answer.get_json()
    page.take(found)
    (feature,) = found["changed"]["features"]
    assert feature["properties"]["kind"] == "special"
    assert feature["properties"]["special_use"] == "park"
    assert feature["properties"]["name"] == "湖畔园区"
    assert feature["properties"]["community"] == town.CODE
    # who lives on its ground is told, and stays in the grid they are in
    assert feature["properties"]["households"] == 4 * town.PER_BLOCK
    assert feature["properties"]["area_m2"] == pytest.approx(0.002**2 * 111_000**2 * 0.86, rel=0.02)
    assert {**found["summary"], "special": 0} == {**before, "special": 0}
    assert (before["special"], found["summary"]["special"]) == (0, 1)
    assert found["faults"] == planner.get(f"{address}/grids").get_json()["faults"]
    assert not [each for each in found["faults"] if each["kind"] in ("overlap", "gap")]
    assert page.held() == Replay(planner, address).held()
    key = feature["id"]
    assert {k: v for k, v in images(store, address).items() if k != key} == start
    done(planner, address, 1, "rename", grid=key, name="湖畔产业园")
    done(planner, address, 2, "move_special", grid=key, outline=box(5, 1, 6, 2))
    drawn = images(store, address)[key]
    assert (drawn["name"], drawn["households"]) == ("湖畔产业园", town.PER_BLOCK)
    erased = done(planner, address, 3, "erase_special", grid=key)
    assert erased["removed"] == [key]
    page.catch_up()
    assert page.held() == Replay(planner, address).held()
    for version in range(4, 8):
        done(planner, address, version, "undo")
    assert images(store, address) == start
    for version in range(8, 11):
        done(planner, address, version, "redo")
    assert images(store, address)[key] == drawn
    page.catch_up()
    assert page.held() == Replay(planner, address).held()


@pytest.mark.parametrize(
    ("outline", "kind", "near"),
    [
        (
            polygon((1, 1), (2, 2), (2, 1), (1, 2)),
            "crosses_itself",
            _at(1.5, 1.5),
        ),
        (box(-1, 1, 1, 2), "outside", _at(-0.5, 1.5)),
        (box(1, 1, 1.0000001, 2), "empty", None),
        (box(1, 1, 1.005, 2), "sliver", None),
        (box(3.5, 2.5, 5, 4), "overlap", _at(3.75, 2.75)),
        (box(-3, -3, -2, -2), "outside", _at(-2.5, -2.5)),
    ],
    ids=["crossing", "outside", "no ground", "strip", "overlap", "elsewhere"],
)  # fmt: skip
def test_refused_with_the_place(browser, outline, kind, near):
    planner = browser("planner")
    address = opened(planner, town.CODE)
    assert draw(planner, address, 0).status_code == 200
    answer = draw(planner, address, 1, outline)
    assert answer.status_code == 400, answer.get_json()
    problem = answer.get_json()
    assert problem["kind"] == kind, problem
    assert problem["point"] is not None
    if near:
        assert problem["point"] == pytest.approx(near, abs=0.3 * town.SIDE)
    assert planner.get(address).get_json()["version"] == 1


def test_what_it_is_for_changes_with_one_undo(store, browser):
    planner = browser("planner")
    address = opened(planner, town.CODE)
    key = draw(planner, address, 0).get_json()["changed"]["features"][0]["id"]
    page = Replay(planner, address)
    before = images(store, address)
    words = {"grid": key, "name": "湖畔市场", "special_use": "market"}
    answer = done(planner, address, 1, "rename", **words)
    page.take(answer)
    assert answer["operation"]["figures"]["special_use"] == ["park", "market"]
    (feature,) = answer["changed"]["features"]
    assert feature["properties"]["special_use"] == "market"
    after = images(store, address)
    assert (after[key]["name"], after[key]["special_use"]) == ("湖畔市场", "market")
    assert page.held() == Replay(planner, address).held()
    done(planner, address, 2, "undo")
    assert images(store, address) == before
    done(planner, address, 3, "redo")
    assert images(store, address) == after
    page.catch_up()
    assert page.held() == Replay(planner, address).held()
    # a name alone leaves it as it is, and a comprehensive grid is for everybody
    kept = done(planner, address, 4, "rename", grid=key, name="湖畔")
    assert "special_use" not in kept["operation"]["figures"]
    assert images(store, address)[key]["special_use"] == "market"
    other = next(each for each in images(store, address) if each != key)
    refused = operate(planner, address, 5, "rename", grid=other, name="一", special_use="park")
    assert refused.status_code == 400
    assert [each["place"] for each in refused.get_json()["faults"]] == ["special_use"]


def test_an_outline_with_a_hole_keeps_it(store, browser):
    planner = browser("planner")
    address = opened(planner, town.CODE)
    ring = box(1, 1, 4, 3)
    hole = box(2, 1.5, 3, 2.5)["coordinates"][0]
    outline = {"type": "Polygon", "coordinates": [ring["coordinates"][0], hole[::-1]]}
    whole = draw(planner, address, 0, ring).get_json()["changed"]["features"][0]
    key = whole["id"]
    answer = done(planner, address, 1, "move_special", grid=key, outline=outline)
    (feature,) = answer["changed"]["features"]
    assert [len(part) for part in feature["geometry"]["coordinates"]] == [2]
    before, after = whole["properties"], feature["properties"]
    assert after["area_m2"] == pytest.approx(before["area_m2"] * 5 / 6, rel=0.01)
    # a hole that leaves the outline is a fault with its place
    bad = {
        "type": "Polygon",
        "coordinates": [ring["coordinates"][0], box(3, 1.5, 5, 2)["coordinates"][0]],
    }
    refused = operate(planner, address, 2, "move_special", grid=key, outline=bad)
    assert refused.status_code == 400
    assert refused.get_json()["kind"] == "crosses_itself"
    assert refused.get_json()["point"] == pytest.approx(_at(4, 1.75), abs=1.2 * town.SIDE)


def test_ten_thousand_points_are_refused(browser):
    planner = browser("planner")
    address = opened(planner, town.CODE)
    ring = [_at(1 + x / 10_000, 1) for x in range(10_001)] + [_at(1.5, 2), _at(1, 1)]
    answer = draw(planner, address, 0, {"type": "Polygon", "coordinates": [ring]})
    assert answer.status_code == 400
    assert [each["place"] for each in answer.get_json()["faults"]] == ["outline"]


def test_what_each_needs(browser):
    planner = browser("planner")
    address = opened(planner, town.CODE)
    drawn = draw(planner, address, 0).get_json()["changed"]["features"][0]["id"]
    comprehensive = town.key(1)
    refused = [
        ({"kind": "draw_special", "outline": PARK, "name": "园"}, "special_use"),
        ({"kind": "draw_special", "outline": PARK, "special_use": "park"}, "name"),
        ({"kind": "draw_special", "outline": PARK, "name": " ", "special_use": "park"}, "name"),
        ({"kind": "draw_special", "name": "园", "special_use": "park"}, "outline"),
        (
            {"kind": "draw_special", "outline": PARK, "name": "园", "special_use": "zoo"},
            "special_use",
        ),
        ({"kind": "move_special", "grid": comprehensive, "outline": PARK}, "grid"),
        ({"kind": "erase_special", "grid": comprehensive}, "grid"),
        ({"kind": "erase_special", "grid": "n99"}, "grid"),
        ({"kind": "split", "grid": drawn, "parts": 2}, "grid"),
        ({"kind": "merge", "grids": [comprehensive, drawn]}, "grid"),
        ({"kind": "rename", "grid": drawn, "name": " "}, "name"),
    ]
    for body, place in refused:
        answer = post(planner, f"{address}/operations", {"base": 1, **body})
        assert answer.status_code == 400, (body, answer.get_json())
        assert [each["place"] for each in answer.get_json()["faults"]] == [place], body


def test_an_edge_a_pen_wide_over_is_cut_off(browser):
    planner = browser("planner")
    address = opened(planner, town.CODE)
    found = done(
        planner, address, 0, "draw_special",
        outline=box(-0.01, 1, 2, 2), name="西园", special_use="campus",
    )  # fmt: skip
    assert found["operation"]["figures"]["trimmed_m2"] > 50
    (feature,) = found["changed"]["features"]
    assert min(x for x, _ in feature["geometry"]["coordinates"][0][0]) >= town.WEST


def test_locked_and_changed_by_another(browser):
    planner, lead = browser("planner"), browser("lead")
    address = opened(planner, town.CODE)
    key = draw(planner, address, 0).get_json()["changed"]["features"][0]["id"]
    assert post(lead, f"{address}/locks", {"grids": [key]}).get_json()["locks"][0]["grid"] == key
    answer = operate(planner, address, 1, "erase_special", grid=key)
    assert answer.status_code == 409
    assert answer.get_json()["locked"][0]["grid"] == key
    assert post(lead, f"{address}/locks", {"grids": []}).status_code == 200
    done(lead, address, 1, "rename", grid=key, name="东园")
    answer = operate(planner, address, 1, "move_special", grid=key, outline=box(1, 1, 2, 2))
    assert answer.status_code == 409
    assert answer.get_json()["changed"] == [key]


def test_published_with_the_rest_and_kept_by_date(store, browser):
    planner, lead = browser("planner"), browser("lead")
    households = "SELECT count(*), count(DISTINCT area_code) FROM household WHERE area_code"
    households += f" LIKE '{town.CODE}%'"
    living = rows(store, households)
    address = opened(planner, town.CODE)
    done(planner, address, 0, "draw_special", outline=PARK, name="湖畔园区", special_use="park")
    approved(browser, store, address)
    answer = post(lead, f"{address}/publish", {"effective_from": TODAY.isoformat()})
    assert answer.status_code == 200, answer.get_json()
    (special,) = rows(
        store,
        "SELECT code, kind, special_use, name, households, valid_from FROM grid"
        f" WHERE kind = 'special' AND valid_to IS NULL AND area_code = '{town.CODE}'",
    )
    assert special["code"] == town.key(7)
    assert (special["special_use"], special["name"]) == ("park", "湖畔园区")
    assert special["households"] == 4 * town.PER_BLOCK
    assert rows(store, households) == living
    assert value(store, "SELECT last FROM grid_number WHERE area_code = '" + town.CODE + "'") == 7
    # the layer of grids is the comprehensive ones, as ever; the special ones are asked for
    area = f"area={town.CODE}"
    assert len(lead.get(f"/api/grids?{area}").get_json()["features"]) == 6
    (layer,) = lead.get(f"/api/grids?{area}&kind=special").get_json()["features"]
    assert layer["properties"]["name"] == "湖畔园区"
    assert layer["properties"]["special_use"] == "park"
    assert lead.get(f"/api/grids/{special['code']}").get_json()["properties"]["kind"] == "special"
    today = f"as_of={TODAY.isoformat()}"
    before = f"as_of={(TODAY - timedelta(days=1)).isoformat()}"
    then = [
        len(lead.get(f"/api/grids?{area}&kind=special&{day}").get_json()["features"])
        for day in (today, before)
    ]
    assert then == [1, 0]
    assert len(lead.get(f"/api/grids?{area}&{today}").get_json()["features"]) == 6
    at = lead.get(f"/api/grids/at?lon={_at(3, 2)[0]}&lat={_at(3, 2)[1]}").get_json()
    assert at["grid"] != special["code"]
    ogc = lead.get("/ogc/collections/special_grids/items").get_json()["features"]
    assert [each["id"] for each in ogc] == [special["code"]]
    found = lead.get("/api/search?q=湖畔园区").get_json()
    assert special["code"] in [each["ref"] for each in found["results"]], found
    # what happens on its ground names it; the comprehensive grid answers for it
    report = {
        "id": str(uuid.uuid4()),
        "category": "fire",
        "title": "园区冒烟",
        "level": 3,
        "geometry": {"type": "Point", "coordinates": _at(3, 2.5)},
    }
    answer = post(browser("officer"), "/api/incidents", report)
    assert answer.status_code == 201, answer.get_json()
    assert answer.get_json()["grid"] != special["code"]
    seen = browser("officer").get(f"/api/incidents/{report['id']}").get_json()
    assert seen["properties"]["special_grid"] == "湖畔园区"
    # the next scenario begins with it, may move it, and its number is never given again
    again = opened(planner, town.CODE, "再改")
    assert special["code"] in images(store, again)
    done(planner, again, 0, "erase_special", grid=special["code"])
    done(planner, again, 1, "draw_special", outline=PARK, name="学院", special_use="campus")
    beside = planner.get(f"{again}/compare?with=in-force").get_json()
    told = {(each["name"], each["status"]) for each in beside["special"]}
    assert told == {("湖畔园区", "ended"), ("学院", "new")}
    assert beside["totals"]["households"] == 0
    approved(browser, store, again)
    answer = post(lead, f"{again}/publish", {"effective_from": TODAY.isoformat()})
    assert answer.status_code == 200, answer.get_json()
    now = rows(
        store,
        "SELECT code FROM grid WHERE kind = 'special' AND valid_to IS NULL"
        f" AND area_code = '{town.CODE}'",
    )
    assert [row["code"] for row in now] == [town.key(8)]


def test_the_database_has_the_last_word(store, browser):
    planner, lead = browser("planner"), browser("lead")
    address = opened(planner, town.CODE)
    done(planner, address, 0, "draw_special", outline=PARK, name="一", special_use="park")
    done(
        planner, address, 1, "draw_special",
        outline=box(6, 1, 7, 2), name="二", special_use="market",
    )  # fmt: skip
    approved(browser, store, address)
    number = int(address.rsplit("/", 1)[1])

    def meddle(sql: str) -> None:
        with store.transaction(system_scope()) as tx:
            tx.execute(f"UPDATE scenario_grid SET {sql} WHERE scenario_id = {number}"
                       " AND kind = 'special' AND name = '二'")  # fmt: skip

    def refused() -> str:
        answer = post(lead, f"{address}/publish", {"effective_from": TODAY.isoformat()})
        assert answer.status_code in (400, 409), answer.get_json()
        return str(answer.get_json()["detail"])

    meddle("geom = ST_Translate(geom, -0.003, 0)")
    assert "grids_do_not_overlap" in refused()
    meddle("geom = ST_Translate(geom, 0.003 + 0.0025, 0)")
    assert "special_grids_inside" in refused()
    # and the job over everything sees both before it comes to that
    assert post(planner, f"{address}/reopen", {}).status_code == 200
    found = validated(planner, store, address)
    assert found["state"] == "invalid"
    (fault,) = [each for each in found["findings"] if each["kind"] == "outside"]
    assert fault["point"]
