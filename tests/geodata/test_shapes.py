import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon

from geodata.errors import GeodataError
from geodata.shapes import KINDS, check_geometry, clean, parse_geometry

WUHAN = (113.0, 29.0, 116.0, 32.0)
SQUARE = [[114.4, 30.5], [114.5, 30.5], [114.5, 30.6], [114.4, 30.6], [114.4, 30.5]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def message(data, **options):
    with pytest.raises(GeodataError) as caught:
        parse_geometry(data, bounds=WUHAN, **options)
    return str(caught.value)


def test_a_good_polygon_is_exactly_the_points_given():
    made = parse_geometry(polygon(SQUARE), bounds=WUHAN)
    assert shapely.get_coordinates(made).tolist() == SQUARE
    assert check_geometry(made, WUHAN) is made


@pytest.mark.parametrize(
    "geometry",
    [
        shapely.from_wkt("POINT (114.4 30.5)"),
        shapely.from_wkt("MULTIPOINT ((114.4 30.5), (114.5 30.5))"),
        shapely.from_wkt("LINESTRING (114.4 30.5, 114.5 30.5)"),
        shapely.from_wkt("MULTILINESTRING ((114.4 30.5, 114.5 30.5), (114.4 30.6, 114.5 30.6))"),
        shapely.from_wkt(
            "POLYGON ((114 30, 115 30, 115 31, 114 30), (114.5 30.2, 114.6 30.2, "
            "114.6 30.3, 114.5 30.2))"
        ),
        shapely.from_wkt(
            "MULTIPOLYGON (((114 30, 114.1 30, 114.1 30.1, 114 30)), "
            "((115 30, 115.1 30, 115.1 30.1, 115 30)))"
        ),
    ],
    ids=lambda geometry: geometry.geom_type,
)
def test_every_kind_comes_through(geometry):
    data = {**geometry.__geo_interface__, "bbox": [0, 0, 1, 1]}
    assert parse_geometry(data, bounds=WUHAN).equals_exact(geometry)
    assert check_geometry(geometry, WUHAN) is geometry
    others = [kind for kind in KINDS if kind != geometry.geom_type]
    assert "expected " in message(data, kinds=others)
    with pytest.raises(GeodataError, match="expected "):
        check_geometry(geometry, WUHAN, kinds=others)


def with_point(point, at=2):
    return polygon([*SQUARE[:at], point, *SQUARE[at + 1 :]])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            with_point([30.5, 114.4]),
            "ring 1, point 3: longitude and latitude look swapped (30.5, 114.4)",
        ),
        (with_point([0, 0]), "ring 1, point 3: (0, 0) is no place"),
        (with_point([120.0, 30.5]), "ring 1, point 3: (120, 30.5) lies outside 113 to 116"),
        (with_point(["114.4", 30.5]), "ring 1, point 3: expected two numbers, got text"),
        (with_point([None, 30.5]), "ring 1, point 3: expected two numbers, got null"),
        (with_point([True, 30.5]), "ring 1, point 3: expected two numbers, got true or false"),
        (with_point([math.nan, 30.5]), "point 3: a coordinate is not a finite number"),
        (with_point([math.inf, 30.5]), "point 3: a coordinate is not a finite number"),
        (with_point([10**400, 30.5]), "point 3: a coordinate is too large"),
        (with_point([114.4, 30.5, 12.0]), "point 3: expected two numbers, got 3"),
        (with_point([114.4]), "point 3: expected two numbers, got 1"),
        (with_point([]), "point 3: expected two numbers, got 0"),
        (with_point(114.4), "point 3: expected longitude and latitude, got a number"),
        (with_point([[114.4, 30.5], 30.5]), "point 3: expected two numbers, got a list"),
        (with_point([{}, 30.5]), "point 3: expected two numbers, got an object"),
        (polygon(SQUARE[:-1]), "ring 1: the ring is not closed"),
        (polygon(SQUARE[:2] + SQUARE[:1]), "ring 1: a ring needs four points"),
        (polygon(), "coordinates: the list is empty"),
        (polygon([]), "ring 1: the list is empty"),
        (polygon("text"), "ring 1: expected a list, got text"),
        ({"type": "Polygon"}, "no coordinates"),
        ({"type": "Polygon", "coordinates": None}, "coordinates: expected a list, got null"),
        ({"type": "Polygon", "coordinates": [SQUARE], "crs": {}}, "a crs member is not taken"),
        ({"type": "Polygon", "coordinates": [SQUARE], "id": 1}, "unknown member id"),
        ({"type": "Feature", "geometry": polygon(SQUARE)}, "got a Feature"),
        ({"type": "GeometryCollection", "geometries": []}, "got GeometryCollection"),
        ({"type": 5}, "no type"),
        ({}, "no type"),
        ([], "got a list"),
        (None, "got null"),
        ({"type": "LineString", "coordinates": [[114, 30]]}, "line: a line needs two points"),
        ({"type": "LineString", "coordinates": [[114, 30]] * 2}, "too few different points"),
        ({"type": "Point", "coordinates": [30, 114]}, "point: longitude and latitude look swapped"),
        (
            {"type": "MultiPolygon", "coordinates": [[SQUARE], [[*SQUARE[:4], [1, 1]]]]},
            "part 2, ring 1, point 5: (1, 1) lies outside",
        ),
        (
            polygon([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]),
            "the border crosses itself near (114.45, 30.55)",
        ),
        (
            polygon(SQUARE, [[115, 31], [115.1, 31], [115.1, 31.1], [115, 31]]),
            "a hole lies outside the border",
        ),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]}, "near (114"),
    ],
)
def test_a_fault_is_refused_with_its_place(data, expected):
    assert expected in message(data)


def test_all_faults_are_named_at_once_but_not_thousands():
    two = polygon([*SQUARE[:1], [0, 0], [30.5, 114.4], *SQUARE[3:]])
    assert "point 2" in message(two)
    assert "point 3" in message(two)
    assert message(polygon([[0, 0]] * 5000)).count("point") == 20


def test_size_and_depth_have_limits():
    ring = shapely.get_coordinates(Point(114.5, 30.5).buffer(0.1, quad_segs=30)).tolist()
    assert parse_geometry(polygon(ring), bounds=WUHAN, max_vertices=len(ring))
    assert "more than 120 points" in message(polygon(ring), max_vertices=120)
    deep = []
    for _ in range(5000):
        deep = [deep]
    assert "nested deeper than 10" in message({"type": "Polygon", "coordinates": deep})
    empties = {"type": "MultiPoint", "coordinates": [[]] * 10_001}
    assert "more than 10,000 points" in message(empties)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=5),
        max_leaves=25,
    ),
    st.sampled_from(KINDS),
)
def test_no_coordinates_end_in_anything_but_a_valid_geometry_or_a_named_fault(coordinates, kind):
    try:
        made = parse_geometry({"type": kind, "coordinates": coordinates})
    except GeodataError:
        return
    assert made.is_valid
    assert not made.is_empty


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        (None, "no geometry"),
        ("POINT (1 1)", "no geometry"),
        (Polygon(), "the geometry is empty"),
        (shapely.from_wkt("POINT Z (114.4 30.5 12)"), "heights or measures"),
        (shapely.from_wkt("POINT M (114.4 30.5 12)"), "heights or measures"),
        (shapely.from_wkt("GEOMETRYCOLLECTION (POINT (114 30))"), "got GeometryCollection"),
        (shapely.points(math.nan, 30.0), "empty|finite"),
        (Polygon([(30, 114), (31, 114), (31, 115)]), "ring 1, point 1: longitude and latitude"),
        (Polygon([(114, 30), (115, 31), (115, 30), (114, 31)]), "crosses itself"),
    ],
)
def test_geometries_from_files_are_held_to_the_same_rules(geometry, expected):
    with pytest.raises(GeodataError, match=expected):
        check_geometry(geometry, WUHAN)


def test_what_is_clean_is_returned_as_it_is():
    square = Polygon(SQUARE)
    cleaned, changes = clean(square, smallest=1e-6)
    assert cleaned is square
    assert changes == []


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (
            Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]),
            "the border crosses itself near (1, 1): repaired, 1 part(s) became 2",
        ),
        (Polygon([(0, 0, 5), (2, 0, 5), (2, 2, 5)]), "heights or measures were dropped"),
        (Polygon([(0, 0), (0, 0), (2, 0), (2, 2)]), "1 repeated points were dropped"),
        (MultiPolygon([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)]), "repaired"),
        (shapely.box(0, 0, 9, 9).difference(shapely.box(1, 1, 1.1, 1.1)), "1 holes smaller"),
        (MultiPolygon([shapely.box(0, 0, 2, 2), shapely.box(5, 5, 5.1, 5.1)]), "1 parts smaller"),
    ],
)
def test_each_repair_is_said(geometry, said):
    before = shapely.to_wkb(geometry)
    cleaned, changes = clean(geometry, smallest=0.1)
    assert said in "; ".join(changes)
    assert cleaned.is_valid
    assert shapely.get_dimensions(cleaned) == 2
    assert shapely.to_wkb(geometry) == before
    assert clean(cleaned, smallest=0.1)[1] == []


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        Polygon(),
        Polygon([(0, 0), (1, 1), (0, 0)]),
        Polygon([(0, 0), (1, 1), (2, 2)]),
        shapely.linestrings([(0, 0), (math.inf, 1)]),
        shapely.box(0, 0, 0.1, 0.1),
    ],
)
def test_what_cannot_be_repaired_is_refused(geometry):
    with pytest.raises(GeodataError):
        clean(geometry, smallest=0.1)
