"""Special grids out of a file: left out unless told otherwise, laid over the others when taken."""

from __future__ import annotations

import psycopg2
from test_grid_imports import (
    HILL,
    LAKE,
    box,
    decided,
    document,
    grids_of,
    of_kind,
    repair,
    sent,
    take,
)

from gridmap.model.access import system_scope
from gridmap.store import scenario_grid
from jobs.run import work

MIDDLE = box(114.408, 114.412, 30.505, 30.507)  # over both grids


def images(store, scenario):
    with store.transaction(system_scope()) as tx:
        keys = [row["key"] for row in scenario_grid.light(tx, scenario)]
        return scenario_grid.images(tx, scenario, keys)


def taken(client, store, shown):
    answer = take(client, shown)
    assert answer.status_code == 202, answer.data
    work(store, answer.get_json()["job"])
    job = client.get(f"/api/jobs/{answer.get_json()['job']}").get_json()
    assert job["state"] == "done", job
    return images(store, job["result"]["scenario"])


def test_taken_when_told_so_over_grids_that_stay(browser, store):
    planner = browser("planner")
    content = document(
        (box(114.40, 114.41), f"{LAKE}001", "", "综合网格"),
        (box(114.41, 114.42), f"{LAKE}002", "", "综合网格"),
        (MIDDLE, "", "湖边园", "产业园区"),
        (box(114.4115, 114.413, 30.505, 30.507), "", "另一园", "专属网格"),
        (box(114.41, 114.43, 30.505, 30.507), "", "外园", "专属网格"),
        columns=("编码", "名称", "类型"),
    )
    shown = repair(planner, sent(planner, store, content, area=LAKE)["id"])
    kinds = {each["grids"][0]: each for each in of_kind(shown, "kind")}
    assert {name: each["choice"] for name, each in kinds.items()} == dict.fromkeys("345", "leave")
    assert kinds["3"]["choices"] == ["leave", "take"]
    assert [kinds[name]["figures"]["refused"] for name in "45"] == ["overlap", "outside"]
    assert kinds["5"]["choices"] == ["leave"]
    chosen = decided(planner, shown, decisions={kinds["3"]["id"]: "take"})
    features = {each["properties"]["feature"]: each for each in grids_of(planner, chosen)}
    assert set(features) == {"1", "2", "3"}
    rows = taken(planner, store, chosen)
    assert {key: row["kind"] for key, row in rows.items()} == {
        f"{LAKE}001": "comprehensive",
        f"{LAKE}002": "comprehensive",
        "n1": "special",
    }
    assert (rows["n1"]["name"], rows["n1"]["special_use"]) == ("湖边园", "park")
    # what lies under it is as it was
    assert not rows[f"{LAKE}001"]["changed"]
    assert not rows[f"{LAKE}002"]["changed"]


def test_a_file_of_special_grids_alone(browser, store):
    planner = browser("planner")
    content = document((MIDDLE, "湖边市场", "商圈市场"), columns=("名称", "类型"))
    shown = repair(planner, sent(planner, store, content, area=LAKE)["id"])
    (change,) = of_kind(shown, "kind")
    chosen = decided(planner, shown, decisions={change["id"]: "take"})
    rows = taken(planner, store, chosen)
    assert [row["kind"] for row in rows.values()] == ["comprehensive", "comprehensive", "special"]
    assert not any(row["changed"] for row in rows.values() if row["kind"] == "comprehensive")


def test_a_column_says_what_each_is_in_either_language(browser, store):
    planner = browser("planner")
    content = document(
        (box(114.402, 114.404, 30.505, 30.507), "一", "专属网格", "商务楼宇"),
        (box(114.406, 114.408, 30.505, 30.507), "二", "专属网格", "Industrial park"),
        (box(114.412, 114.414, 30.505, 30.507), "三", "", "校园"),
        (box(114.416, 114.418, 30.505, 30.507), "四", "专属网格", "游乐场"),
        columns=("名称", "类型", "专属类别"),
    )
    shown = repair(planner, sent(planner, store, content, area=LAKE)["id"])
    assert shown["mapping"]["use"] == "专属类别"
    assert {each["figures"]["means"] for each in of_kind(shown, "kind")} == {"special"}
    (unknown,) = of_kind(shown, "use")
    assert (unknown["grids"], unknown["figures"]["word"]) == (["4"], "游乐场")
    assert unknown["figures"]["row"] == 4
    assert not unknown["ask"]  # nothing of it is taken yet
    taking = {each["id"]: "take" for each in of_kind(shown, "kind")}
    chosen = decided(planner, shown, decisions=taking)
    (unknown,) = of_kind(chosen, "use")
    assert unknown["ask"]
    assert chosen["undecided"] == 1
    assert take(planner, chosen).status_code == 409
    chosen = decided(planner, chosen, decisions={unknown["id"]: "market"})
    rows = taken(planner, store, chosen)
    uses = {row["name"]: row["special_use"] for row in rows.values() if row["kind"] == "special"}
    assert uses == {"一": "office", "二": "park", "三": "campus", "四": "market"}


def test_one_in_force_stays_where_its_row_is_not_taken(browser, store):
    planner = browser("planner")
    held = box(114.402, 114.406, 30.505, 30.507)
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO grid (code, area_code, name, kind, special_use, households, people,"
            "  valid_from, geom, label_point)"
            " VALUES (:code, :area, '老园', 'special', 'park', 0, 0, '2026-01-01',"
            "  ST_Multi(ST_GeomFromWKB(:wkb, 4326)),"
            "  ST_PointOnSurface(ST_GeomFromWKB(:wkb, 4326)))",
            code=f"{LAKE}090",
            area=LAKE,
            wkb=held.wkb,
        )
    columns = ("编码", "名称", "类型", "专属类别")
    # as it is in force: nothing is to be decided, nothing becomes different
    content = document((held, f"{LAKE}090", "老园", "专属网格", "产业园区"), columns=columns)
    shown = repair(planner, sent(planner, store, content, area=LAKE)["id"])
    assert of_kind(shown, "kind") == []
    rows = taken(planner, store, shown)
    assert not any(row["changed"] for row in rows.values())
    assert rows[f"{LAKE}090"]["special_use"] == "park"
    # its row cannot be laid, so it stays; what another row would lay over it is refused at once
    content = document(
        (box(114.41, 114.43, 30.505, 30.507), f"{LAKE}090", "老园", "专属网格", "产业园区"),
        (box(114.404, 114.408, 30.505, 30.507), "", "新园", "专属网格", "产业园区"),
        columns=columns,
    )
    shown = repair(planner, sent(planner, store, content, area=LAKE)["id"])
    refused = {each["grids"][0]: each["figures"]["refused"] for each in of_kind(shown, "kind")}
    assert refused == {"1": "outside", "2": "overlap"}
    # its row could be laid but is left out: the same
    content = document(
        (box(114.402, 114.404, 30.505, 30.507), f"{LAKE}090", "老园", "专属网格", "产业园区"),
        (box(114.405, 114.408, 30.505, 30.507), "", "新园", "专属网格", "产业园区"),
        columns=columns,
    )
    shown = repair(planner, sent(planner, store, content, area=LAKE)["id"])
    assert not any("refused" in each["figures"] for each in of_kind(shown, "kind"))
    one = decided(planner, shown, decisions={"kind-2": "take"})
    (second,) = [each for each in of_kind(one, "kind") if each["grids"] == ["2"]]
    assert (second["choice"], second["figures"]["refused"]) == ("leave", "overlap")
    both = decided(planner, one, decisions={"kind-1": "take"})
    assert {each["choice"] for each in of_kind(both, "kind")} == {"take"}
    rows = taken(planner, store, both)
    assert {row["name"] for row in rows.values() if row["kind"] == "special"} == {"老园", "新园"}


def test_over_a_community_without_grids_it_is_said_at_once(browser, store, database):
    planner = browser("planner")
    owner = psycopg2.connect(database.superuser_url)
    with owner, owner.cursor() as cursor:
        cursor.execute(
            "UPDATE household SET area_code = %s WHERE area_code LIKE %s", (HILL, f"{HILL}%")
        )
        cursor.execute("DELETE FROM grid WHERE area_code = %s", (HILL,))
    owner.close()
    park = box(114.425, 114.430, 30.505, 30.510)
    content = document((park, "山下园", "产业园区"), columns=("名称", "类型"))
    shown = repair(planner, sent(planner, store, content, area=HILL)["id"])
    (bare,) = of_kind(shown, "bare")
    assert bare["figures"]["households"] > 0
    assert bare["point"]
    assert bare["geometry"]
    # with its grids in the same file there is nothing to warn of
    content = document(
        (box(114.42, 114.44), "全", "综合网格"), (park, "园", "产业园区"), columns=("名称", "类型")
    )
    shown = repair(planner, sent(planner, store, content, area=HILL)["id"])
    assert of_kind(shown, "bare") == []
