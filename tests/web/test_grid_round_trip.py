"""Grids out and in again: a file of our own, read back, changes nothing, special grids included."""

from __future__ import annotations

import pytest
from test_grid_exports import export
from test_grid_imports import box, decided, repair, sent, take

from gridmap.model.access import system_scope
from gridmap.store import scenario_grid
from jobs.run import work

LAKE = "990101001001"
AREA = "990101"
COMPREHENSIVE = 3
SPECIAL = (
    (f"{LAKE}090", "湖边园", "park", box(114.402, 114.406, 30.505, 30.507)),
    (f"{LAKE}091", "湖边市场", "market", box(114.408, 114.412, 30.505, 30.507)),
    (f"{LAKE}092", None, None, box(114.414, 114.416, 30.505, 30.507)),
)


@pytest.fixture(scope="module", autouse=True)
def special(store):
    """Three special grids in force, one of them without a name or use."""
    with store.transaction(system_scope()) as tx:
        for code, name, use, shape in SPECIAL:
            tx.execute(
                "INSERT INTO grid (code, area_code, name, kind, special_use, households, people,"
                "  valid_from, geom, label_point)"
                " VALUES (:code, left(:code, 12), :name, 'special', :use, 0, 0, '2026-01-01',"
                "  ST_Multi(ST_GeomFromWKB(:wkb, 4326)),"
                "  ST_PointOnSurface(ST_GeomFromWKB(:wkb, 4326)))",
                code=code,
                name=name,
                use=use,
                wkb=shape.wkb,
            )


def read_back(client, store, kind, system):
    """Export what is in force, send the file back, and give what importing it would change."""
    answer = export(client, format=kind, crs=system)
    name = answer.headers["Content-Disposition"].split('"')[1]
    return repair(client, sent(client, store, answer.data, name=name, area=AREA)["id"])


@pytest.mark.parametrize("system", ["wgs84", "cgcs2000", "gauss_kruger"])
@pytest.mark.parametrize("kind", ["gpkg", "shp", "geojson"])
def test_nothing_is_different(browser, store, kind, system):
    if kind == "geojson" and system != "wgs84":
        refused = browser("planner").get(
            "/api/grids/export", query_string={"format": kind, "crs": system}
        )
        assert refused.status_code == 400  # RFC 7946 knows one system only
        return
    planner = browser("planner")
    shown = read_back(planner, store, kind, system)
    assert shown["summary"]["features"] == COMPREHENSIVE + len(SPECIAL)
    # but for the last decimals, which are nobody's to decide
    assert {each["kind"] for each in shown["changes"]} <= {"rounding"}, shown["changes"]
    assert shown["undecided"] == 0
    answer = take(planner, decided(planner, shown, name=f"{kind} {system}"))
    assert answer.status_code == 202, answer.data
    work(store, answer.get_json()["job"])
    job = planner.get(f"/api/jobs/{answer.get_json()['job']}").get_json()
    assert job["state"] == "done", job
    scenario = job["result"]["scenario"]
    with store.transaction(system_scope()) as tx:
        keys = [row["key"] for row in scenario_grid.light(tx, scenario)]
        rows = scenario_grid.images(tx, scenario, keys)
    assert len(rows) == COMPREHENSIVE + len(SPECIAL)
    assert [key for key, row in rows.items() if row["changed"]] == []
    found = planner.get(f"/api/scenarios/{scenario}/compare").get_json()
    assert found["special"] == []
    assert found["moves"] == []
    assert {row["status"] for row in found["grids"]} == {"unchanged"}
