"""Frames come out of the cage as they went in; what is none is refused."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from geodata.errors import GeodataError
from gridmap.sandbox import cage, frames
from gridmap.services.import_files import Caged, Own, safe_name

MONACO = Path(__file__).parents[2] / "geodata" / "demo" / "monaco.osm.pbf"
ROSTER = "户主,详细地址,家庭人口,特殊情况\n张某,松山里1栋1单元101室,3,独居老人、残疾\n李某,x,2,\n"


@pytest.fixture
def town(tmp_path):
    """A file with every kind of column a vector file has."""
    frame = gpd.GeoDataFrame(
        {
            "name": ["一", None, "<b>三</b>"],
            "count": [1, 2, 3],
            "share": [0.5, None, 1e-9],
            "yes": [True, False, True],
            "at": pd.to_datetime(["2026-01-01T10:00:00", None, "2026-03-01T00:00:00"]),
        },
        geometry=[shapely.Point(114.4 + n / 100, 30.5) for n in range(3)],
        crs="EPSG:4326",
    )
    path = tmp_path / "town.gpkg"
    frame.to_file(path, driver="GPKG")
    return path


def test_vector_file_reads_the_same_in_the_cage(town):
    own, caged = Own().vectors(town, None), Caged().vectors(town, None)
    assert_geodataframe_equal(own, caged)


def test_roster_reads_the_same_in_the_cage(tmp_path):
    path = tmp_path / "名册.csv"
    path.write_text(ROSTER, "utf-8")
    own = Own().table(path, "households", {})
    caged = Caged().table(path, "households", {})
    assert_frame_equal(own, caged, check_dtype=True)


def test_extract_reads_the_same_in_the_cage():
    own, caged = Own().osm(MONACO), Caged().osm(MONACO)
    assert len(own.roads) > 1000
    for layer in ("roads", "buildings", "facilities", "water", "barriers", "places"):
        assert_geodataframe_equal(getattr(own, layer), getattr(caged, layer))


def test_planted_reader_that_never_ends_is_stopped(town):
    hasty = Caged(cage.Limits(seconds=1, patience=0.05))
    with pytest.raises(GeodataError, match="too long"):
        hasty.vectors(town, None)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"rows": 1}',
        '{"rows": 2, "index": {"name": null, "values": [1]}, "columns": [], "shapes": false,'
        ' "ignored": []}',
        '{"rows": 1, "index": {"name": null, "values": [1]}, "shapes": false, "ignored": [],'
        ' "columns": [{"name": "x", "type": "category", "values": [1]}]}',
        '{"rows": 1, "index": {"name": null, "values": [1]}, "shapes": false, "ignored": [],'
        ' "columns": [{"name": "x", "type": "int64", "values": ["a"]}]}',
        '{"rows": 1, "index": {"name": null, "values": [1]}, "shapes": true, "ignored": [],'
        ' "columns": []}',
    ],
)
def test_what_is_no_table_is_refused(tmp_path, content):
    (tmp_path / "x.json").write_text(content)
    (tmp_path / "x.wkb").write_bytes(b"\xff\xff\xff\xff")
    with pytest.raises(GeodataError):
        frames.read(tmp_path, "x")


@pytest.mark.parametrize("at", [(200, 30), (float("nan"), 30), (114, -91)])
def test_shapes_beyond_the_planet_are_refused(tmp_path, at):
    wkb = shapely.to_wkb(shapely.Point(*at))
    head = {"rows": 1, "index": {"name": None, "values": [1]}, "columns": [], "shapes": True}
    (tmp_path / "x.json").write_text(json.dumps(head | {"ignored": []}))
    (tmp_path / "x.wkb").write_bytes(len(wkb).to_bytes(4, "little") + wkb)
    with pytest.raises(GeodataError, match="shapes"):
        frames.read(tmp_path, "x")


def test_a_link_to_another_file_is_not_followed(tmp_path):
    (tmp_path / "x.json").symlink_to("/etc/passwd")
    with pytest.raises(GeodataError):
        frames.read(tmp_path, "x")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("-rf", "rf"),
        ("<script>.csv", "_script_.csv"),
        ("名册.csv", "名册.csv"),
        ("...", "file"),
        ("x" * 300 + ".osm.pbf", "x" * 92 + ".osm.pbf"),
    ],
)
def test_names_are_made_harmless(name, kept):
    assert safe_name(name) == kept
