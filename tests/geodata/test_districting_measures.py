import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import MultiPolygon
from towns import EAST, NORTH, ZONE, Town, raster

from geodata.districting import grid_codes, quality
from geodata.errors import GeodataError
from geodata.numbering import numbers


def test_numbers_run_from_west_to_east_and_row_by_row_from_north_to_south():
    grids = raster(3, 2, 0)  # from the south-west
    assert numbers(grids).tolist() == [4, 5, 6, 1, 2, 3]
    assert numbers(grids.to_crs(4326)).tolist() == [4, 5, 6, 1, 2, 3]
    shuffled = grids.iloc[[3, 0, 5, 2, 1, 4]]
    assert numbers(shuffled).tolist() == [1, 4, 3, 6, 5, 2]
    assert numbers(shuffled).index.tolist() == [3, 0, 5, 2, 1, 4]
    assert numbers(grids.iloc[:0]).empty


def test_grids_that_are_a_little_lower_stay_in_their_row():
    boxes = [
        shapely.box(EAST, NORTH - 20, EAST + 100, NORTH + 80),
        shapely.box(EAST + 100, NORTH, EAST + 200, NORTH + 100),
        shapely.box(EAST, NORTH - 120, EAST + 100, NORTH - 20),
    ]
    grids = gpd.GeoDataFrame(geometry=boxes, crs=ZONE)
    assert numbers(grids).tolist() == [1, 2, 3]


def test_codes_are_the_community_s_and_three_digits():
    grids = pd.DataFrame({"grid": [1, 12, 999]}, index=["a", "b", "c"])
    codes = grid_codes("990101001002", grids)
    assert codes.to_dict() == {
        "a": "990101001002001",
        "b": "990101001002012",
        "c": "990101001002999",
    }
    assert codes.name == "code"


@pytest.mark.parametrize(
    "code",
    [
        "99010100100",
        "9901010010022",
        "99010100100x",
        990101001002,
        None,
        "990101001002\n",
        "９９０１０１００１００２",
    ],
)
def test_a_community_code_has_twelve_digits(code):
    with pytest.raises(GeodataError, match="12 digits"):
        grid_codes(code, pd.DataFrame({"grid": [1]}))


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ([0], "row 0"),
        ([1000], "row 0"),
        ([1, 1], "row 1.*twice"),
        ([1.5], "row 0"),
        ([None], "row 0"),
        (["x"], "row 0"),
        (range(1, 1001), "999 grids"),
    ],
)
def test_numbers_that_make_no_code_are_refused(numbers, message):
    with pytest.raises(GeodataError, match=message):
        grid_codes("990101001002", pd.DataFrame({"grid": numbers}))
    with pytest.raises(GeodataError, match="column 'grid'"):
        grid_codes("990101001002", pd.DataFrame({"number": numbers}))


def square_town():
    """Two squares side by side, a street around both and between them."""
    grids = raster(2, 1, 0)
    west, east = grids.geometry
    lines = shapely.get_parts(shapely.unary_union([west.boundary, east.boundary]))
    roads = gpd.GeoDataFrame({"highway": ["residential"] * len(lines)}, geometry=lines, crs=ZONE)
    points = [(10, 10), (90, 90), (50, 95), (150, 5)]
    homes = gpd.GeoDataFrame(
        geometry=[shapely.Point(EAST + x, NORTH + y) for x, y in points], crs=ZONE
    )
    return grids.set_axis(["w", "e"]), homes, roads


def test_measures_of_two_squares():
    grids, homes, roads = square_town()
    found = quality(grids, homes, roads, minimum=2, maximum=4)
    assert found.index.tolist() == ["w", "e"]
    assert list(found.columns) == [
        "households",
        "deviation",
        "contiguous",
        "polsby_popper",
        "reock",
        "along_roads",
        "walkable",
    ]
    assert found["households"].tolist() == [3, 1]
    assert found["deviation"].tolist() == pytest.approx([0, -2 / 3])
    assert found["contiguous"].all()
    assert found["polsby_popper"].tolist() == pytest.approx([np.pi / 4] * 2)
    assert found["reock"].tolist() == pytest.approx([2 / np.pi] * 2)
    assert found["along_roads"].tolist() == pytest.approx([1, 1])
    assert found["walkable"].all()
    in_degrees = quality(grids.to_crs(4326), homes.to_crs(4326), roads, minimum=2, maximum=4)
    pd.testing.assert_frame_equal(found, in_degrees, rtol=1e-3)


def test_the_usual_limits_are_300_to_500():
    grids, homes, roads = square_town()
    assert quality(grids, homes, roads)["deviation"].tolist() == pytest.approx(
        [3 / 400 - 1, 1 / 400 - 1]
    )


def test_a_border_without_a_street_is_not_along_one_but_a_shore_is():
    grids, homes, roads = square_town()
    middle = shapely.LineString([(EAST + 100, NORTH), (EAST + 100, NORTH + 100)])
    away = roads[~roads.geometry.apply(lambda line: line.within(middle.buffer(1)))]
    assert quality(grids, homes, away)["along_roads"].tolist() == pytest.approx(
        [0.06] * 2, abs=0.01
    )
    half = gpd.GeoDataFrame(
        {"highway": ["service"]},
        geometry=[shapely.LineString([(EAST + 102, NORTH + 20), (EAST + 102, NORTH + 70)])],
        crs=ZONE,
    )
    found = quality(grids, homes, half)["along_roads"]
    assert found.tolist() == pytest.approx([0.545] * 2, abs=0.01)
    lake = gpd.GeoDataFrame(geometry=[grids.geometry["e"]], crs=ZONE)
    assert quality(grids, homes, half, lake)["along_roads"].tolist() == pytest.approx([1, 1])
    alone = grids.iloc[:1]
    assert quality(alone, homes, half)["along_roads"].tolist() == [1.0]


def test_households_that_no_way_joins_inside_the_grid_are_not_walkable():
    grids = raster(1, 1, 0, side=500)
    lines = [
        [(50, -100), (50, 400)],
        [(450, -100), (450, 400)],  # two streets
        [(50, -100), (450, -100)],  # joined only outside
    ]
    roads = gpd.GeoDataFrame(
        {"highway": ["residential"] * 3},
        geometry=[shapely.LineString(np.array(line) + (EAST, NORTH)) for line in lines],
        crs=ZONE,
    )
    homes = gpd.GeoDataFrame(
        geometry=[shapely.Point(EAST + x, NORTH + 200) for x in (60, 440)], crs=ZONE
    )
    assert not quality(grids, homes, roads)["walkable"].any()
    neighbour = raster(1, 1, 0, side=500).translate(0, -500)
    both = gpd.GeoDataFrame(geometry=[*grids.geometry, *neighbour], crs=ZONE)
    assert quality(both, homes, roads)["walkable"].tolist() == [False, True]
    bridge = shapely.LineString(np.array([(50, 400), (450, 400)]) + (EAST, NORTH))
    for highway, walkable in (("footway", True), ("motorway", False)):
        more = gpd.GeoDataFrame({"highway": [highway]}, geometry=[bridge], crs=ZONE)
        joined = pd.concat([roads, more], ignore_index=True)
        assert quality(grids, homes, joined)["walkable"].tolist() == [walkable]
    assert quality(grids, homes.iloc[:1], roads)["walkable"].all()
    assert not quality(grids, homes, roads.iloc[:0])["walkable"].any()


def test_pieces_of_a_grid_are_told_from_islands():
    row = raster(5, 1, 0).geometry
    split = gpd.GeoDataFrame(
        geometry=[MultiPolygon([row[0], row[2]]), row[1], MultiPolygon([row[4]])], crs=ZONE
    )
    _, homes, roads = square_town()
    assert quality(split, homes, roads)["contiguous"].tolist() == [False, True, True]
    island = gpd.GeoDataFrame(geometry=[MultiPolygon([row[0], row[4]]), row[1]], crs=ZONE)
    assert quality(island, homes, roads)["contiguous"].tolist() == [True, True]


def test_households_on_the_border_count_once_and_those_outside_not_at_all():
    grids, _, roads = square_town()
    homes = gpd.GeoDataFrame(
        geometry=[shapely.Point(EAST + x, NORTH + 50) for x in (100, 100, 0, 200, -5, 900)],
        crs=ZONE,
    )
    assert quality(grids, homes, roads)["households"].sum() == 4


def test_faulty_frames_are_refused():
    grids, homes, roads = square_town()
    with pytest.raises(GeodataError, match="grids"):
        quality(grids.set_crs(None, allow_override=True), homes, roads)
    with pytest.raises(GeodataError, match="column 'highway'"):
        quality(grids, homes, roads[["geometry"]])
    with pytest.raises(GeodataError, match="row 0.*expected a point"):
        quality(grids, homes.set_geometry(homes.buffer(1)), roads)


def test_no_grids_have_no_measures_and_a_town_is_walkable():
    grids, homes, roads = square_town()
    assert quality(grids.iloc[:0], homes, roads).empty
    town = Town(3)
    whole = gpd.GeoDataFrame(geometry=[town.outline], crs=ZONE)
    assert quality(whole, town.households, town.roads)["walkable"].all()
