"""Special grids in what leaves the program, and around buildings that were chosen."""

from __future__ import annotations

from typing import Any

import lattice_town as town
import pytest
import shapely
from scenario_steps import done, opened, operate, rows
from test_papers_web import made, text_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module", autouse=True)
def built(store, people):
    town.build(store)


def at(x: float, y: float) -> list[float]:
    return [round(town.WEST + x * town.SIDE, 9), round(town.SOUTH + y * town.SIDE, 9)]


def outline(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return {"type": "Polygon", "coordinates": [[at(x, y) for x, y in ring]]}


def buildings(store, west, south, east, north):
    (a, b), (c, d) = at(west, south), at(east, north)
    box = f"ST_MakeEnvelope({a}, {b}, {c}, {d}, 4326)"
    found = rows(store, f"SELECT id FROM building WHERE ST_Within(geom, {box}) ORDER BY id")
    return [row["id"] for row in found]


def test_around_chosen_buildings(store, browser):
    planner = browser("planner")
    address = opened(planner, town.CODE)
    ids = buildings(store, 3, 1, 5, 2)
    assert len(ids) == 2 * town.PER_BLOCK
    drawn = done(
        planner, address, 0, "draw_special", buildings=ids, name="研发楼", special_use="office"
    )
    (feature,) = drawn["changed"]["features"]
    assert feature["properties"]["households"] == len(ids)
    # at the edge of the community it is cut off there, and beside another it ends
    corner = buildings(store, 0, 0, 1, 1)
    cut = done(
        planner, address, 1, "draw_special", buildings=corner, name="角楼", special_use="market"
    )
    (feature,) = cut["changed"]["features"]
    shape = shapely.geometry.shape(feature["geometry"])
    assert town.noded(0, 0, town.COLUMNS, town.ROWS).buffer(1e-9).contains(shape)
    assert feature["properties"]["households"] == len(corner)
    again = operate(
        planner, address, 2, "draw_special", buildings=ids[:1], name="再来", special_use="office"
    )
    assert again.status_code == 400
    assert again.get_json()["kind"] == "overlap"
    missing = operate(
        planner, address, 2, "draw_special", buildings=[2**40], name="无", special_use="office"
    )
    assert missing.status_code == 400
    assert [each["place"] for each in missing.get_json()["faults"]] == ["buildings"]


def test_in_the_file_of_a_draft_under_their_chinese_names(browser):
    planner = browser("planner")
    address = opened(planner, town.CODE, "出文件")
    done(
        planner, address, 0, "draw_special",
        outline=outline(2, 1, 4, 3), name="湖畔园区", special_use="park",
    )  # fmt: skip
    answer = planner.get(f"{address}/export", query_string={"format": "geojson"})
    assert answer.status_code == 200, answer.data
    found = [each["properties"] for each in answer.get_json(force=True)["features"]]
    words = {(each["网格类型"], each["专属类别"]) for each in found}
    assert words == {("综合网格", None), ("专属网格", "产业园区")}
    assert len(found) == 7


def test_the_filing_table_and_the_notice_name_them(store, browser):
    planner = browser("planner")
    address = opened(planner, town.CODE, "备案")
    done(
        planner, address, 0, "draw_special",
        outline=outline(2, 1, 4, 3), name="湖畔园区", special_use="park",
    )  # fmt: skip
    number = int(address.rsplit("/", 1)[1])
    _job, file = made(planner, store, area=town.CODE, scenario=number, kinds=["filing", "notice"])
    said = text_of(planner.get(file).data)
    assert said.count("湖畔园区") >= 2
    assert "产业园区" in said
