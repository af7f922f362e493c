"""Inputs of an evacuation that change their coordinate system or say yes and no in many ways."""

import geopandas as gpd
import pandas as pd
import pytest
from pyproj import CRS
from shapely import Point, box

from geodata.errors import GeodataError
from geodata.evacuation_inputs import area, changed, flags, raise_if


def test_the_long_side_of_an_area_stays_where_it_was():
    metric = CRS.from_epsg(4546)
    wide = box(113.9, 30.4, 114.4, 30.6)  # 48 km: its parallel leaves the straight line by 27 m
    found = changed(wide, CRS.from_epsg(4326), metric)
    for at in (Point(114.15, 30.6), Point(114.02, 30.4), Point(114.4, 30.5)):
        there = gpd.GeoSeries([at], crs=4326).to_crs(metric).iloc[0]
        assert found.boundary.distance(there) < 0.01


def test_yes_and_no_are_read_however_they_are_kept():
    frame = pd.DataFrame(
        {
            "flag": [True, False, True],
            "count": [2, 0, 1],
            "float": [1.0, None, 0.0],
            "nullable": pd.array([True, None, False], dtype="boolean"),
            "mixed": pd.Series([True, None, 0], dtype=object),
        }
    )
    assert flags(frame, "flag", False, []).tolist() == [True, False, True]
    assert flags(frame, "count", False, []).tolist() == [True, False, True]
    assert flags(frame, "float", False, []).tolist() == [True, False, False]
    assert flags(frame, "nullable", True, []).tolist() == [True, True, False]
    assert flags(frame, "mixed", False, []).tolist() == [True, False, False]
    assert flags(frame, "absent", True, []).tolist() == [True, True, True]


def test_words_are_neither_yes_nor_no():
    faults = []
    flags(pd.DataFrame({"open": ["yes", None, "no"]}), "open", True, faults)
    with pytest.raises(GeodataError, match=r"row 0.*row 2"):
        raise_if(faults)


def test_areas_come_alone_in_lists_and_in_frames():
    square, crs = box(0, 0, 9, 9), CRS.from_epsg(4546)
    two = [square, box(9, 0, 18, 9)]
    series = gpd.GeoSeries(two, crs=crs)
    for shapes in (two, series, series.to_frame("geometry"), iter(two)):
        assert area(shapes, crs, "it", []).equals(box(0, 0, 18, 9))
    assert area(None, crs, "it", []).is_empty
    assert area([], crs, "it", []).is_empty
    faults = []
    area([square, Point(1, 1)], crs, "it", faults)
    area(series.set_crs(None, allow_override=True), crs, "it", faults)
    assert [fault.row for fault in faults] == [1, None]
