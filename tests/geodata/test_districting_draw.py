from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, affinity
from towns import EAST, NORTH, ZONE, Town

import geodata.demo
from geodata.districting import draw_grids, quality, street_blocks
from geodata.dividing import _nearer, cuts, gather
from geodata.errors import GeodataError
from geodata.faces import absorbed, cut
from geodata.topology import find_faults

GUANGGU = Path(geodata.demo.__file__).with_name("guanggu_window.parquet")
DATA = Path(__file__).parents[1] / "data" / "wuhan_blocks"


def check(grids, outline, households, buildings=None):
    """Assert what must always hold."""
    shapes = np.asarray(grids.geometry.array)
    assert shapely.is_valid(shapes).all()
    union = shapely.union_all(shapes)
    assert shapely.area(shapely.symmetric_difference(union, outline)) < 1e-9 * outline.area
    assert shapely.area(shapes).sum() == pytest.approx(outline.area, rel=1e-9)
    assert shapely.coverage_is_valid(shapes)
    assert grids["households"].sum() == len(households)
    assert grids["people"].sum() == households["people"].sum()
    assert grids["grid"].tolist() == list(range(1, len(grids) + 1))
    assert list(grids.columns) == ["grid", "households", "people", "geometry"]
    assert grids.crs == households.crs
    assert find_faults(grids, outline).empty
    if buildings is not None:
        whole = np.asarray(buildings.to_crs(grids.crs).geometry.array)
        whole = whole[shapely.within(whole, outline)]
        inside = shapely.area(shapely.intersection(whole[:, None], shapes[None, :]))
        assert inside.max(axis=1) == pytest.approx(shapely.area(whole), rel=1e-6)


def test_a_town_is_divided_along_its_streets():
    town = Town()
    grids = draw_grids(town.outline, town.households, town.roads, buildings=town.buildings)
    check(grids, town.outline, town.households, town.buildings)
    assert (grids.geom_type == "Polygon").all()
    assert grids["households"].between(300, 500).all()
    assert grids.attrs["reasons"] == {}
    measured = quality(grids, town.households, town.roads)
    assert measured["households"].tolist() == grids["households"].tolist()
    assert (measured["along_roads"] > 0.99).all()
    assert measured["walkable"].all()
    again = draw_grids(town.outline, town.households, town.roads, buildings=town.buildings)
    assert (
        shapely.to_wkb(again.geometry.array).tolist()
        == shapely.to_wkb(grids.geometry.array).tolist()
    )


@settings(max_examples=16, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 4), st.integers(0, 160), st.booleans())
def test_any_town_is_divided_exactly(seed, blocks, per_block, in_degrees):
    town = Town(blocks, seed, per_block)
    outline, households, buildings = town.outline, town.households, town.buildings
    if in_degrees:
        households = households.to_crs(4326)
        outline = gpd.GeoSeries([outline], crs=ZONE).to_crs(4326)[0]
    grids = draw_grids(outline, households, town.roads, None, buildings, seed=seed)
    check(grids, outline, households, buildings)


def test_a_block_that_is_too_large_is_divided_between_its_buildings():
    town = Town(2, per_block=500)
    grids = draw_grids(town.outline, town.households, town.roads, buildings=town.buildings)
    check(grids, town.outline, town.households, town.buildings)
    assert len(grids) == 5
    assert grids["households"].between(300, 500).all()


def test_lanes_divide_a_large_block_before_anything_else():
    town = Town(1, per_block=800)
    lane = shapely.LineString([(EAST + 100, NORTH - 5), (EAST + 100, NORTH + 205)])
    roads = pd.concat(
        [town.roads, gpd.GeoDataFrame({"highway": ["footway"]}, geometry=[lane], crs=ZONE)]
    )
    grids = draw_grids(town.outline, town.households, roads, buildings=town.buildings)
    check(grids, town.outline, town.households, town.buildings)
    inner = shapely.intersection(*(shapely.boundary(shape) for shape in grids.geometry))
    assert shapely.hausdorff_distance(inner, shapely.intersection(lane, town.outline)) < 1e-6


def test_a_building_across_a_street_stays_whole():
    town = Town(4)
    across = shapely.box(EAST + 380, NORTH + 230, EAST + 410, NORTH + 260)
    buildings = pd.concat(
        [town.buildings, gpd.GeoDataFrame(geometry=[across], crs=ZONE)], ignore_index=True
    )
    grids = draw_grids(town.outline, town.households, town.roads, buildings=buildings)
    check(grids, town.outline, town.households, buildings)


def test_one_building_is_never_divided_and_the_reason_is_said():
    town = Town(1, per_block=900)
    tower = shapely.box(EAST + 10, NORTH + 10, EAST + 190, NORTH + 190)
    buildings = gpd.GeoDataFrame(geometry=[tower], crs=ZONE)
    grids = draw_grids(town.outline, town.households, town.roads, buildings=buildings)
    check(grids, town.outline, town.households, buildings)
    assert grids["households"].tolist() == [900]
    assert grids.attrs["reasons"] == {1: "unit_too_large"}


def test_terraced_houses_are_divided_halfway_between_them():
    rows = [
        shapely.box(EAST + x, NORTH + y, EAST + x + 8, NORTH + y + 50)
        for x in range(10, 186, 8)
        for y in (10, 100)
    ]
    items = gather(np.array(rows), shapely.centroid(rows))
    assert len(items.shapes) == 2
    crowd = gather(np.array(rows), np.repeat(shapely.centroid(rows), 20))
    block = shapely.box(EAST, NORTH, EAST + 200, NORTH + 200)
    lines = cuts(block, crowd, 500)
    assert lines
    assert not shapely.crosses(lines, shapely.union_all(rows)).any()


@pytest.mark.parametrize("shift", [25, 15, 10.5])
def test_interlocking_buildings_are_parted_without_a_straight_gap(shift):
    def ell(x, y, turn):
        shape = Polygon([(0, 0), (60, 0), (60, 10), (10, 10), (10, 60), (0, 60)])
        turned = affinity.rotate(shape, turn, origin=(30, 30))
        return affinity.translate(turned, EAST + x, NORTH + y)

    hooks = np.array([ell(60, 60, 0), ell(60 + shift, 60 + shift, 180)])
    hooks[1] = hooks[1].difference(hooks[0].buffer(0.5))
    block = shapely.box(EAST, NORTH, EAST + 200, NORTH + 200)
    homes = np.repeat(shapely.point_on_surface(hooks), 300)
    lines = cuts(block, gather(hooks, homes), 400)
    assert len(lines) == 1
    assert not shapely.intersects(lines[0], shapely.buffer(hooks, -0.01)).any()
    assert len(cut(block, np.array(lines))) == 2


def test_walls_that_nearly_touch_stay_on_their_sides():
    ours = np.array([shapely.box(EAST, NORTH, EAST + 99, NORTH + 10)])
    theirs = np.array([shapely.box(EAST + 1.5, NORTH + 10.35, EAST + 100.5, NORTH + 20)])
    block = shapely.box(EAST - 50, NORTH - 50, EAST + 150, NORTH + 70)
    side = _nearer(block, ours, theirs)
    assert shapely.area(shapely.intersection(side, theirs[0])) == pytest.approx(0, abs=1e-6)
    assert shapely.area(shapely.intersection(side, ours[0])) == pytest.approx(990)


def test_a_face_that_has_grown_knows_all_its_neighbours():
    # a strip joins the square below it, which is still small and must find the one above
    faces = np.array(
        [
            shapely.box(EAST, NORTH, EAST + 30, NORTH + 10),
            shapely.box(EAST, NORTH + 10, EAST + 30, NORTH + 11),
            shapely.box(EAST, NORTH + 11, EAST + 30, NORTH + 61),
        ]
    )
    owner = absorbed(faces, ZONE, lambda area, perimeter, face: area < 400)
    assert owner.tolist() == [0, 0, 0]
    owner = absorbed(faces, ZONE, lambda area, perimeter, face: area < 100)
    assert owner.tolist() == [0, 0, 1]


def test_inhabited_islands_have_grids_and_empty_ones_join_the_nearest():
    town = Town(3)
    islet = shapely.box(EAST + 700, NORTH, EAST + 760, NORTH + 60)
    far = shapely.box(EAST + 5000, NORTH, EAST + 5200, NORTH + 200)
    outline = MultiPolygon([town.outline, islet, far])
    more = gpd.GeoDataFrame(
        {"people": [2] * 40}, geometry=[shapely.Point(EAST + 5100, NORTH + 90)] * 40, crs=ZONE
    )
    households = pd.concat([town.households, more], ignore_index=True)
    grids = draw_grids(outline, households, town.roads, buildings=town.buildings)
    check(grids, outline, households, town.buildings)
    on_far = grids[grids.intersects(far)]
    assert on_far["households"].tolist() == [40]
    assert grids.attrs["reasons"] == {int(on_far["grid"].iloc[0]): "area_too_small"}
    assert (grids.geom_type == "MultiPolygon").sum() == 1
    assert quality(grids, households, town.roads)["contiguous"].all()


def test_a_lake_goes_to_its_neighbours_and_shores_are_borders():
    town = Town(5)
    lake = shapely.box(EAST + 405, NORTH + 405, EAST + 595, NORTH + 595)
    dry = town.households[~town.households.within(lake)]
    buildings = town.buildings[~town.buildings.intersects(lake)]
    water = gpd.GeoDataFrame(geometry=[lake], crs=ZONE).to_crs(4326)
    grids = draw_grids(town.outline, dry, town.roads, water, buildings)
    check(grids, town.outline, dry, buildings)
    assert (grids["households"] >= 300).all()


def test_households_on_a_border_count_once():
    town = Town(2)
    on_street = gpd.GeoDataFrame(
        {"people": [1] * 50},
        geometry=[shapely.Point(EAST + 200, NORTH + 200)] * 50,
        crs=ZONE,
    )
    corner = gpd.GeoDataFrame({"people": [1]}, geometry=[shapely.Point(EAST, NORTH)], crs=ZONE)
    households = pd.concat([town.households, on_street, corner], ignore_index=True)
    grids = draw_grids(town.outline, households, town.roads)
    check(grids, town.outline, households)


def test_nobody_and_no_streets_are_one_grid():
    town = Town(2)
    grids = draw_grids(town.outline, town.households.iloc[:0], town.roads.iloc[:0])
    check(grids, town.outline, town.households.iloc[:0])
    assert grids["households"].tolist() == [0]
    assert grids.attrs["reasons"] == {1: "area_too_small"}


@pytest.fixture(scope="module")
def guanggu():
    streets = gpd.read_parquet(GUANGGU)
    outline = shapely.box(114.395, 30.485, 114.42, 30.51)
    rng = np.random.default_rng(7)
    points = rng.uniform((114.395, 30.485), (114.42, 30.51), (4000, 2))
    households = gpd.GeoDataFrame(
        {"people": rng.integers(1, 6, len(points))}, geometry=shapely.points(points), crs=4326
    )
    return outline, households, streets


def test_real_streets_of_guanggu_are_drawn_in_degrees(guanggu):
    outline, households, streets = guanggu
    grids = draw_grids(outline, households, streets)
    check(grids, outline, households)
    assert grids["households"].between(300, 500).mean() >= 0.9
    measured = quality(grids, households, streets)
    assert measured["polsby_popper"].mean() > 0.5


@pytest.mark.parametrize("place", ["guanggu", "wuhan"])
def test_real_street_blocks_are_a_coverage_of_the_outline(place, guanggu):
    outline, _, streets = guanggu
    if place == "wuhan":
        streets = gpd.read_parquet(DATA / "streets.parquet")
        outline = gpd.read_parquet(DATA / "blocks.parquet").union_all()
    blocks = street_blocks(outline, streets)
    shapes = np.asarray(blocks.geometry.array)
    assert (blocks.geom_type == "Polygon").all()
    assert shapely.coverage_is_valid(shapes)
    union = shapely.coverage_union_all(shapes)
    assert shapely.area(shapely.symmetric_difference(union, outline)) < 1e-9 * outline.area
    assert shapely.area(shapes).sum() == pytest.approx(outline.area, rel=1e-9)
    metres = blocks.to_crs(ZONE)
    assert (2 * metres.area / metres.length).min() > 4
    assert blocks.crs == streets.crs


def test_blocks_end_at_streets_not_at_footways_tunnels_or_dead_ends():
    town = Town(2)
    assert len(street_blocks(town.outline, town.roads)) == 4
    line = shapely.LineString([(EAST - 9, NORTH + 100), (EAST + 900, NORTH + 100)])

    def with_line(shape=line, **columns):
        more = gpd.GeoDataFrame(
            {name: [value] for name, value in columns.items()}, geometry=[shape], crs=ZONE
        )
        return pd.concat([town.roads, more], ignore_index=True)

    assert len(street_blocks(town.outline, with_line(highway="footway"))) == 4
    assert len(street_blocks(town.outline, with_line(highway="service"))) == 4
    assert len(street_blocks(town.outline, with_line(highway="primary"))) == 6
    tunnel = with_line(highway="primary", tunnel=True)
    tunnel["tunnel"] = tunnel["tunnel"].astype("boolean")
    assert len(street_blocks(town.outline, tunnel)) == 4
    short = shapely.LineString([(EAST + 100, NORTH - 9), (EAST + 100, NORTH + 90)])
    assert len(street_blocks(town.outline, with_line(short, highway="primary"))) == 4
    beside = shapely.LineString([(EAST - 9, NORTH + 203), (EAST + 900, NORTH + 203)])
    assert len(street_blocks(town.outline, with_line(beside, highway="primary"))) == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"outline": None}, "outline"),
        ({"outline": Polygon()}, "outline"),
        ({"outline": Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])}, "valid area"),
        ({"households": lambda f: f.drop(columns="people")}, "column 'people'"),
        ({"households": lambda f: f.assign(people=-1.0)}, "row 0, column 'people'"),
        ({"households": lambda f: f.assign(people=np.nan)}, "row 0, column 'people'"),
        ({"households": lambda f: f.set_crs(None, allow_override=True)}, "coordinate system"),
        ({"households": lambda f: f.set_geometry(f.buffer(1))}, "expected a point"),
        ({"households": lambda f: f.set_geometry(f.translate(900))}, "row .* m outside"),
        ({"roads": lambda f: f.drop(columns="highway")}, "column 'highway'"),
        ({"roads": lambda f: f.set_crs(None, allow_override=True)}, "coordinate system"),
        ({"buildings": lambda f: f.set_crs(None, allow_override=True)}, "coordinate system"),
        ({"minimum": 500, "maximum": 300}, "limits"),
    ],
)
def test_faulty_input_is_refused_with_its_place(change, message):
    town = Town(1)
    given = {
        "outline": town.outline,
        "households": town.households,
        "roads": town.roads,
        "buildings": town.buildings,
    }
    for name, value in change.items():
        given[name] = value(given[name]) if callable(value) else value
    with pytest.raises(GeodataError, match=message):
        draw_grids(**given)


def test_the_input_is_not_changed():
    town = Town(2)
    frames = [town.households, town.roads, town.buildings]
    before = [frame.copy() for frame in frames]
    draw_grids(town.outline, town.households, town.roads, None, town.buildings)
    for frame, copy in zip(frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
