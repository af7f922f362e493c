"""Grids as files: GDAL's own drivers, with which QGIS opens them, read back what was written."""

import json
import zipfile
from io import BytesIO

import geopandas as gpd
import pyogrio
import pytest
import shapely
from webtown import post

from gridmap.model.access import system_scope
from gridmap.model.problem import Problem
from gridmap.services import grid_exports
from gridmap.services.grid_exports import FIELDS

LAKE = "990101001001"


def export(client, address="/api/grids/export", **asked):
    answer = client.get(address, query_string=asked)
    assert answer.status_code == 200, answer.data
    return answer


def opened(answer, folder):
    """Read a file as QGIS does: by GDAL, from its path, with whatever it says itself."""
    name = answer.headers["Content-Disposition"].split('"')[1]
    path = folder / name
    path.write_bytes(answer.data)
    return path, pyogrio.read_dataframe(path)


def in_force(store):
    with store.transaction(system_scope()) as tx:
        rows = tx.all(
            "SELECT code, households, people, ST_AsBinary(geom) AS geom FROM grid"
            " WHERE valid_to IS NULL AND code LIKE '990101%' ORDER BY code"
        )
    shapes = shapely.from_wkb([bytes(row["geom"]) for row in rows])
    return [dict(row) for row in rows], shapes


@pytest.mark.parametrize(
    ("kind", "system", "epsg"),
    [
        ("gpkg", "wgs84", 4326),
        ("gpkg", "cgcs2000", 4490),
        ("gpkg", "gauss_kruger", 4547),
        ("shp", "wgs84", 4326),
        ("shp", "cgcs2000", 4490),
        ("shp", "gauss_kruger", 4547),
        ("geojson", "wgs84", 4326),
    ],
)
def test_gdal_reads_back_what_was_written(browser, store, tmp_path, kind, system, epsg):
    rows, shapes = in_force(store)
    path, found = opened(export(browser("planner"), format=kind, crs=system), tmp_path)
    assert found.crs.to_epsg() == epsg
    short = kind == "shp"
    name = {field: words[1 if short else 0] for field, words in FIELDS.items()}
    assert set(name.values()) == set(found.columns) - {"geometry"}
    assert list(found[name["code"]]) == [row["code"] for row in rows]
    assert list(found[name["households"]]) == [row["households"] for row in rows]
    assert list(found[name["people"]]) == [row["people"] for row in rows]
    assert set(found[name["community"]]) == {"湖一", "山一"}
    assert set(found[name["kind"]]) == {"综合网格"}
    back = found.to_crs(4326) if epsg == 4547 else found
    assert shapely.hausdorff_distance(back.geometry.array, shapes).max() < 1e-8
    if epsg != 4547 and kind != "geojson":
        for one, other in zip(back.geometry, shapes, strict=True):
            assert shapely.equals(one, other)
    assert pyogrio.read_info(path)["encoding"] == "UTF-8"


def test_parts_of_a_shapefile(browser):
    answer = export(browser("planner"), format="shp", crs="cgcs2000")
    with zipfile.ZipFile(BytesIO(answer.data)) as archive:
        names = {entry.filename for entry in archive.infolist()}
        assert names == {f"网格.{part}" for part in ("shp", "shx", "dbf", "prj", "cpg")}
        assert archive.read("网格.cpg") == b"UTF-8"
        assert b"2000" in archive.read("网格.prj")
    assert all(len(short.encode()) <= 10 for _long, short in FIELDS.values())


def test_geojson_is_that_of_the_standard_and_of_our_own_reader(browser):
    answer = export(browser("planner"), format="geojson")
    document = json.loads(answer.data)
    assert "crs" not in document
    assert answer.mimetype == "application/geo+json"
    for feature in document["features"]:
        for part in shapely.get_parts(shapely.geometry.shape(feature["geometry"])):
            assert part.exterior.is_ccw
    assert document["features"][0]["properties"]["启用日期"].count("-") == 2


def test_same_grids_as_the_ogc_layer(browser, store):
    planner = browser("planner")
    document = json.loads(export(planner, format="geojson").data)
    layer = planner.get("/ogc/collections/grids/items?limit=100").get_json()
    here = {each["properties"]["网格编码"]: each["geometry"] for each in document["features"]}
    there = {each["properties"]["code"]: each["geometry"] for each in layer["features"]}
    assert set(here) == set(there)
    for code, geometry in here.items():
        one, other = map(shapely.geometry.shape, (geometry, there[code]))
        assert shapely.hausdorff_distance(one, other) < 1e-6


def test_grids_of_a_day_and_of_a_scenario(browser, store, tmp_path):
    planner = browser("planner")
    address = "/api/grids/export"
    assert planner.get(f"{address}?as_of=").status_code == 200  # a form whose field is empty
    assert planner.get(f"{address}?as_of=1999-01-01").status_code == 404  # there were none
    assert planner.get(f"{address}?as_of=2999-01-01").status_code == 400
    made = post(planner, "/api/scenarios", {"area": LAKE, "name": "出口"})
    assert made.status_code == 201, made.data
    scenario = made.get_json()["id"]
    _path, found = opened(export(planner, f"/api/scenarios/{scenario}/export"), tmp_path)
    assert list(found["网格编码"]) == [f"{LAKE}001", f"{LAKE}002"]
    assert planner.get("/api/scenarios/999999/export").status_code == 404
    with store.transaction(system_scope()) as tx:
        last = tx.one(
            "SELECT payload, user_id FROM event WHERE kind = 'grid_file.downloaded'"
            " ORDER BY seq DESC LIMIT 1"
        )
    assert last["payload"]["scenario"] == scenario
    assert last["user_id"] is not None


@pytest.mark.parametrize(
    "asked",
    [
        {"format": "dxf"},
        {"crs": "bd09"},
        {"format": "geojson", "crs": "cgcs2000"},
        {"area": "990102"},
        {"area": "99"},
        {"as_of": "soon"},
        {"more": "1"},
    ],
)
def test_bad_wish_is_refused(browser, asked):
    assert browser("planner").get("/api/grids/export", query_string=asked).status_code == 400


def test_grids_outside_china_have_no_zone():
    frame = gpd.GeoDataFrame(geometry=[shapely.box(7.4, 43.7, 7.41, 43.71)], crs=4326)
    with pytest.raises(Problem, match="Gauss-Kruger"):
        grid_exports._placed(frame, "gauss_kruger")


def test_nobody_gets_other_areas(browser):
    assert browser("security").get("/api/grids/export").status_code == 403
    member = browser("member")
    document = json.loads(export(member, format="geojson").data)
    codes = {each["properties"]["网格编码"] for each in document["features"]}
    assert codes
    assert all(code.startswith(LAKE) for code in codes)
