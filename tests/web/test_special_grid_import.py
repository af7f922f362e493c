"""Special grids out of a file: left out unless told otherwise, laid over the others when taken."""

from __future__ import annotations

from test_grid_imports import (
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
