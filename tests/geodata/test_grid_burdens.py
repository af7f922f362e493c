"""What a grid asks of its member: rounds, counts, barriers, ways on foot."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from geodata.grid_burdens import Barrier, counted, cut_by, round_metres
from geodata.grid_walks import walks
from geodata.network import Network

SQUARE = shapely.box(0, 0, 400, 400)


def points(*places):
    return shapely.points(np.array(places, dtype=float).reshape(-1, 2))


def test_rounds_grow_with_the_root_of_doors_and_ground():
    assert round_metres(1, 1e6) == round_metres(0, 1e6) == round_metres(5, 0) == 0
    one = round_metres(100, 160_000)
    assert one == round(0.7124 * 4 / np.pi * 4000)
    assert round_metres(400, 160_000) == pytest.approx(2 * one, abs=1)


def test_the_estimate_is_near_a_real_tour():
    rng = np.random.default_rng(0)
    places = rng.uniform(0, 400, (400, 2))
    left, here, walked = set(range(1, 400)), 0, 0.0
    while left:
        near = min(left, key=lambda one: abs(places[one] - places[here]).sum())
        walked += abs(places[near] - places[here]).sum()
        left.remove(near)
        here = near
    # going to the nearest each time is known to be about a quarter longer than the best tour
    assert 0.6 * walked < round_metres(400, 160_000) < 1.05 * walked


def test_points_are_counted_where_they_lie():
    shapes = np.array([SQUARE, shapely.box(400, 0, 800, 400)], dtype=object)
    assert counted(points((10, 10), (500, 10), (600, 10), (900, 10)), shapes).tolist() == [1, 2]
    assert counted(points(), shapes).tolist() == [0, 0]


def test_a_main_road_between_households_cuts_and_one_along_the_border_does_not():
    through = Barrier("main_road", "大道", shapely.LineString([(200, -10), (200, 410)]))
    along = Barrier("main_road", "边路", shapely.LineString([(5, -10), (5, 410)]))
    homes = points((50, 50), (60, 300), (350, 50))
    (found,) = cut_by(SQUARE, [through, along], homes)
    assert found == {"kind": "main_road", "name": "大道", "metres": 360, "households": 1}
    assert cut_by(SQUARE, [through], points((50, 50), (60, 60))) == []
    assert cut_by(SQUARE, [], homes) == []
    short = Barrier("water", None, shapely.LineString([(200, 200), (220, 200)]))
    assert cut_by(SQUARE, [short], homes) == []


def test_a_road_in_pieces_is_one_barrier():
    halves = [
        Barrier("main_road", "大道", shapely.LineString([(200, -10), (200, 200)])),
        Barrier("main_road", "大道", shapely.LineString([(200, 200), (200, 410)])),
    ]
    (found,) = cut_by(SQUARE, halves, points((50, 50), (350, 50), (350, 90)))
    assert found["households"] == 1


def test_ways_from_the_member():
    crs = CRS(4547)
    east, north = 500_000.0, 3_380_000.0
    lines = [[(east + x, north), (east + x + 100, north)] for x in range(0, 1500, 100)]
    roads = gpd.GeoDataFrame(
        {"highway": "residential"}, geometry=shapely.linestrings(lines), index=range(15), crs=crs
    )
    network = Network.from_roads(roads, profile="walk")
    member = gpd.GeoSeries(points((east, north)), crs=crs)
    homes = gpd.GeoSeries(
        points((east + 100, north), (east + 1400, north), (east, north + 5000)), crs=crs
    )
    found = walks(network, member, homes, 600.0)
    assert found["farthest_seconds"] == pytest.approx(1400 / (5 / 3.6), rel=0.01)
    assert (found["beyond"], found["cut_off"]) == (1, 1)
    nobody = walks(network, member, homes[:0], 600.0)
    assert nobody == {"farthest_seconds": None, "beyond": 0, "cut_off": 0}
