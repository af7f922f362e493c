"""Coordinate systems: metric zones, the offsets of Chinese web maps, declarations at the door."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon

from geodata import crs
from geodata.errors import GeodataError

METRES_PER_DEGREE = 111_320.0


def frame(*points, system=4326, index=None):
    return gpd.GeoDataFrame(
        {"n": range(len(points))}, geometry=list(points), crs=system, index=index
    )


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (114.4, 30.5, 4547),
        (113.0, 30.5, 4547),
        (112.4, 30.5, 4546),
        (75.9, 39.5, 4534),
        (134.3, 48.3, 4554),
        (7.42, 43.73, 32632),
        (-70.6, -33.4, 32719),
        (179.99, 1.0, 32660),
        (30.0, 88.0, 32661),
        (106.9, 47.9, 32648),
    ],
)
def test_metric_crs_is_the_local_zone(lon, lat, code):
    assert crs.metric_crs(frame(Point(lon, lat))).to_epsg() == code


def test_metric_crs_takes_any_declared_crs_and_bare_geometries():
    place = frame(Point(114.4, 30.5), Point(114.5, 30.6))
    assert crs.metric_crs(place.to_crs(3857)) == crs.metric_crs(place)
    assert crs.metric_crs(place.geometry.to_crs(4526)).to_epsg() == 4547
    assert crs.metric_crs(Point(114.4, 30.5), 4326).to_epsg() == 4547


@pytest.mark.parametrize(
    "place",
    [
        frame(Point(1, 1), system=None),
        frame(),
        frame(Point()),
        frame(Point(np.nan, 1)),
        frame(Point(500, 100)),
        Point(1, 1),
    ],
)
def test_metric_crs_refuses_what_has_no_place(place):
    with pytest.raises(GeodataError):
        crs.metric_crs(place)


def test_web_map_offsets_equal_the_published_examples():
    # worked example of the coordtransform libraries for 116.404, 39.915
    lon, lat = crs.wgs84_to_gcj02(116.404, 39.915)
    assert (float(lon), float(lat)) == pytest.approx((116.41024449916938, 39.91640428150164))
    wgs = crs.gcj02_to_wgs84(116.404, 39.915)  # so that the GCJ-02 position is the example's
    lon, lat = crs.wgs84_to_bd09(*wgs)
    assert (float(lon), float(lat)) == pytest.approx((116.41036949371029, 39.92133699351021))


PAIRS = [
    (crs.wgs84_to_gcj02, crs.gcj02_to_wgs84),
    (crs.wgs84_to_bd09, crs.bd09_to_wgs84),
]


@pytest.mark.parametrize(("there", "back"), PAIRS)
def test_round_trips_are_exact_to_a_centimetre_everywhere(there, back):
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(72, 138, 100_000), rng.uniform(1, 56, 100_000)
    before = lon.copy()
    moved = there(lon, lat)
    x, y = back(*moved)
    assert np.hypot(x - lon, y - lat).max() * METRES_PER_DEGREE < 0.01
    assert (lon == before).all()
    inside = crs.in_china(lon, lat)
    shift = np.hypot(moved[0] - lon, moved[1] - lat)[inside] * METRES_PER_DEGREE
    assert 10 < np.median(shift) < 2000


@pytest.mark.parametrize(("there", "back"), PAIRS)
@settings(max_examples=200, deadline=None)
@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90))
def test_round_trip_of_any_place_on_earth(there, back, lon, lat):
    x, y = back(*there(lon, lat))
    assert abs(x - lon) < 1e-7
    assert abs(y - lat) < 1e-7


ABROAD = {
    "Monaco": (7.42, 43.73),
    "Seoul": (126.98, 37.57),
    "Hanoi": (105.85, 21.03),
    "Ulaanbaatar": (106.9, 47.9),
    "Tokyo": (139.7, 35.7),
    "Almaty": (76.9, 43.25),
    "Delhi": (77.2, 28.6),
    "Manila": (121.0, 14.6),
    "Vladivostok": (131.9, 43.1),
    "Greenwich": (0.0, 51.5),
}
AT_HOME = {
    "Wuhan": (114.4, 30.5),
    "Mohe": (122.36, 53.48),
    "Sansha": (112.34, 16.83),
    "Tashkurgan": (75.23, 37.77),
    "Hunchun": (130.37, 42.86),
    "Dandong": (124.39, 40.13),
    "Ruili": (97.85, 24.0),
    "Yadong": (88.9, 27.48),
    "Khorgos": (80.4, 44.2),
    "Erenhot": (111.97, 43.65),
    "Dongxing": (107.97, 21.54),
    "Heihe": (127.5, 50.25),
}


@pytest.mark.parametrize("place", ABROAD.values(), ids=ABROAD.keys())
def test_offsets_are_the_identity_outside_china(place):
    for move in (function for pair in PAIRS for function in pair):
        x, y = move(*place)
        assert (float(x), float(y)) == place


@pytest.mark.parametrize("place", AT_HOME.values(), ids=AT_HOME.keys())
def test_border_counties_are_inside(place):
    assert crs.in_china(*place)


def test_offsets_keep_shape_and_missing_values():
    x, y = crs.gcj02_to_wgs84([[114.0, np.nan], [np.inf, 115.0]], [[30.0, 30.0], [30.0, 31.0]])
    assert x.shape == (2, 2)
    assert np.isnan(x[0, 1])
    assert np.isinf(x[1, 0])
    assert crs.bd09_to_wgs84([], [])[0].shape == (0,)


def test_to_wgs84_brings_every_declared_system_to_one():
    here = frame(Point(114.4, 30.5), None, index=["a", "b"])
    for code in (4547, 4526, 32650, 3857, 4490):
        there = here.to_crs(code)
        for given_crs, declared in ((there.crs, None), (None, code), (None, f"EPSG:{code}")):
            bare = there.set_crs(given_crs, allow_override=True)
            back = crs.to_wgs84(bare, declared)
            assert back.crs == crs.WGS84
            assert list(back.index) == ["a", "b"]
            assert back.geometry.iloc[1] is None
            assert shapely.distance(back.geometry.iloc[0], here.geometry.iloc[0]) < 1e-9


@pytest.mark.parametrize(("name", "move"), [("GCJ-02", PAIRS[0][0]), ("bd09", PAIRS[1][0])])
def test_to_wgs84_undoes_web_map_offsets_of_polygons(name, move):
    square = Polygon([(114, 30), (114.1, 30), (114.1, 30.1), (114, 30.1)])
    moved = shapely.transform(square, lambda p: np.column_stack(move(p[:, 0], p[:, 1])))
    back = crs.to_wgs84(frame(moved, system=None), name).geometry.iloc[0]
    assert shapely.equals_exact(back, square, 1e-9)


def test_to_wgs84_leaves_the_input_alone():
    here = frame(Point(114.4, 30.5, 12.0), system=None)
    back = crs.to_wgs84(here, "wgs84")
    assert here.crs is None
    assert here.geometry.iloc[0].has_z
    assert not back.geometry.iloc[0].has_z


GK = frame(Point(114.4, 30.5)).to_crs(4547).geometry.iloc[0]
GK_NUMBERED = frame(Point(114.4, 30.5)).to_crs(4526).geometry.iloc[0]


@pytest.mark.parametrize(
    ("point", "declared", "message"),
    [
        (Point(GK.y, GK.x), 4547, "swapped"),
        (Point(GK_NUMBERED.y, GK_NUMBERED.x), 4526, "swapped"),
        (GK_NUMBERED, 4547, "EPSG:4526"),
        (GK_NUMBERED, 4527, "EPSG:4526"),
        (GK, 4526, "EPSG:4547"),
        (Point(900_000, GK.y), 4547, "outside zone EPSG:4547"),
        (Point(500_000, 9_000_000), 4547, "northing"),
        (Point(114.4, 30.5), 4547, "degrees"),
        (GK, "wgs84", "metres"),
        (Point(30.5, 114.4), "gcj02", "swapped"),
        (Point(43.8, 87.6), "cgcs2000", "swapped"),
        (Point(114.4, 95.0), "wgs84", "swapped|out of range"),
        (Point(0, 0), "wgs84", "no place"),
        (Point(np.nan, 1), "wgs84", "finite"),
        (Point(1e308, 1e308), 4547, "EPSG:4547"),
        (Point(1e308, 1e308), 32650, "finite"),
    ],
)
def test_a_wrong_declaration_names_the_row_and_the_reason(point, declared, message):
    good = frame(GK, system=None) if declared == 4547 else frame(system=None)
    with pytest.raises(GeodataError, match=message) as caught:
        crs.to_wgs84(
            gpd.GeoDataFrame(geometry=[*good.geometry, point], index=[*good.index + 7, "bad"]),
            declared,
        )
    assert [fault.row for fault in caught.value.faults] == ["bad"]


def test_a_declaration_must_be_known_and_agree_with_the_file():
    here = frame(Point(114.4, 30.5))
    with pytest.raises(GeodataError, match="not known"):
        crs.to_wgs84(here, "beijing-maps")
    with pytest.raises(GeodataError, match="not known"):
        crs.to_wgs84(here, 999_999)
    with pytest.raises(GeodataError, match="not declared"):
        crs.to_wgs84(here.set_crs(None, allow_override=True))
    with pytest.raises(GeodataError, match="declared is"):
        crs.to_wgs84(here.to_crs(4547), 4526)
