"""Depth rasters become the areas of their classes, in whatever projection they come."""

import numpy as np
import pytest
import shapely
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2
from pyproj import Transformer

from geodata.errors import GeodataError
from geodata.readers import rasters

WGS84, UTM50 = 4326, 32650
KEYS_AT = {WGS84: (2, 2048), UTM50: (1, 3072)}


def written(path, values, *, epsg=WGS84, corner=(114.40, 30.52), cell=0.001, nodata=None, **tags):
    """Write a GeoTIFF; keywords name tags to leave out (None) or to put in."""
    made = ImageFileDirectory_v2()
    made[33550] = (cell, cell, 0.0)
    made[33922] = (0.0, 0.0, 0.0, *corner, 0.0)
    if epsg is not None:
        model, key = KEYS_AT[epsg]
        made[34735] = (1, 1, 0, 3, 1024, 0, 1, model, 1025, 0, 1, 1, key, 0, 1, epsg)
    if nodata is not None:
        made[42113] = str(nodata)
    for name, value in tags.items():
        number = int(name.removeprefix("tag"))
        if value is None:
            del made[number]
        else:
            made[number] = value
    Image.fromarray(np.asarray(values, dtype=np.float32)).save(path, tiffinfo=made)
    return path


def test_each_class_is_the_area_of_its_cells(tmp_path):
    depths = np.zeros((4, 5))
    depths[1, 1:4] = 0.4
    depths[2, 2] = 2.0
    depths[0, 0] = -9999
    found = rasters.read(written(tmp_path / "a.tif", depths, nodata=-9999))
    assert list(found["severity"]) == ["yellow", "red"]
    assert list(found["cells"]) == [3, 1]
    yellow, red = found.geometry
    assert yellow.symmetric_difference(
        shapely.box(114.401, 30.518, 114.404, 30.519)
    ).area == pytest.approx(0, abs=1e-12)
    assert red.symmetric_difference(
        shapely.box(114.402, 30.517, 114.403, 30.518)
    ).area == pytest.approx(0, abs=1e-12)


def test_another_projection_is_converted(tmp_path):
    to_metres = Transformer.from_crs(WGS84, UTM50, always_xy=True)
    corner = to_metres.transform(114.40, 30.52)
    depths = np.full((3, 3), 0.7)
    path = written(tmp_path / "a.tif", depths, epsg=UTM50, corner=corner, cell=100.0)
    (shape,) = rasters.read(path).geometry
    west, south, east, north = shape.bounds
    assert (west, north) == pytest.approx((114.40, 30.52), abs=2e-4)
    back = shapely.transform(shape, lambda xy: np.column_stack(to_metres.transform(*xy.T)))
    assert back.area == pytest.approx(90_000, rel=1e-3)
    assert east > west
    assert north > south


def test_thresholds_are_those_that_are_given(tmp_path):
    path = written(tmp_path / "a.tif", [[1, 2, 3]])
    found = rasters.read(path, thresholds={"orange": 2, "red": 3})
    assert list(found["severity"]) == ["orange", "red"]


def test_a_hole_stays_one(tmp_path):
    depths = np.full((5, 5), 0.7)
    depths[2, 2] = 0
    (shape,) = rasters.read(written(tmp_path / "a.tif", depths)).geometry
    assert len(shapely.get_parts(shape)[0].interiors) == 1


def test_a_ragged_border_is_simplified_and_says_so(tmp_path):
    made = np.random.default_rng(6)
    depths = np.where(made.random((200, 200)) < 0.97, 0.7, 0.0)
    path = written(tmp_path / "a.tif", depths, cell=0.0001)
    (row,) = rasters.read(path).itertuples()
    assert "simplified by half a cell" in row.note
    assert shapely.is_valid(row.geometry)
    assert row.cells == int((depths > 0).sum())


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        (np.full((3, 3), -1.0), {"nodata": -1}, "no cell has data"),
        (np.full((3, 3), np.nan), {}, "no cell has data"),
        (np.full((3, 3), 0.05), {}, "no cell reaches 0.15; the most is 0.05"),
        (np.ones((3, 3)), {"tag33550": None}, "where it lies"),
        (np.ones((3, 3)), {"tag34264": tuple([1.0] * 16)}, "turned"),
        (np.ones((3, 3)), {"epsg": None}, "coordinate|declare|crs|CRS"),
        (np.ones((3, 3)), {"corner": (30.52, 114.40)}, "swapped|latitude|degrees|bounds|outside"),
        (np.ones((3, 3)), {"cell": 0.0}, "cannot be true"),
        (np.ones((2001, 2000)), {}, "cells are taken"),
    ],
)
def test_what_cannot_be_taken_is_refused(tmp_path, values, options, words):
    path = written(tmp_path / "a.tif", values, **options)
    with pytest.raises(GeodataError, match=words):
        rasters.read(path)


@pytest.mark.parametrize("data", [b"", b"II*\x00", b"II*\x00" + b"\xff" * 200, b"MM\x00*\x00\x00"])
def test_what_is_no_raster_is_refused(tmp_path, data):
    path = tmp_path / "a.tif"
    path.write_bytes(data)
    with pytest.raises(GeodataError):
        rasters.read(path)


def test_a_picture_of_three_bands_is_refused(tmp_path):
    path = tmp_path / "a.tif"
    Image.new("RGB", (4, 4)).save(path)
    with pytest.raises(GeodataError, match="one band"):
        rasters.read(path)
