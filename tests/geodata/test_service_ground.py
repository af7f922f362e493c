"""Ground by the nearest facility: counted by hand, cell by cell, and against finer lattices."""

import geopandas as gpd
import numpy as np
import pytest
from plain_streets import CRS, EAST, NORTH, places, roads_frame
from shapely.geometry import box

from geodata.coverage import Standard
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.service_ground import grounds

FIRE = Standard("fire", "drive", 300.0)
LINES = range(0, 2001, 50)
# a chequered town of 2 by 2 km with a street every 50 m
TOWN = Network.from_roads(
    roads_frame(
        [([(x, y) for y in LINES], {}) for x in LINES]
        + [([(x, y) for x in LINES], {}) for y in LINES]
    )
)


def area(x0, y0, x1, y1):
    return box(EAST + x0, NORTH + y0, EAST + x1, NORTH + y1)


ALL = area(0, 0, 2000, 2000)


def test_two_halves():
    found = grounds(TOWN, ALL, places([(500, 1000), (1500, 1000)]), FIRE)
    assert found.total_km2 == pytest.approx(4)
    assert found.facilities.km2.tolist() == pytest.approx([2, 2])
    # the cells on both sides of the border of 2 km
    assert found.facilities.margin_km2.tolist() == pytest.approx([0.2, 0.2])
    assert found.unserved_km2 == 0


def test_the_outline_is_met_exactly():
    odd = area(0, 0, 1234, 777).union(area(1500, 1500, 1501, 1502))
    found = grounds(TOWN, odd, places([(500, 500)]), FIRE)
    assert found.facilities.km2.tolist() == pytest.approx([odd.area / 1e6])
    assert found.total_km2 == pytest.approx(odd.area / 1e6)
    smaller = grounds(TOWN, area(10, 10, 11, 11), places([(500, 500)]), FIRE)
    assert smaller.facilities.km2.tolist() == pytest.approx([1e-6])


def test_a_square_cut_at_the_outline_belongs_where_its_ground_lies():
    strip = area(95, 900, 105, 1100)  # its squares have their middles at 145
    found = grounds(TOWN, strip, places([(0, 1000), (240, 1000)]), FIRE)
    assert found.facilities.km2.tolist() == pytest.approx([0.002, 0])


def test_squares_are_made_in_portions(monkeypatch):
    odd = area(0, 0, 1234, 777)
    whole = grounds(TOWN, odd, places([(500, 500), (700, 70)]), FIRE)
    monkeypatch.setattr("geodata.service_ground._CHUNK", 7)
    parted = grounds(TOWN, odd, places([(500, 500), (700, 70)]), FIRE)
    assert parted.facilities.equals(whole.facilities)


@pytest.mark.parametrize("seed", range(3))
def test_a_finer_lattice_says_the_same_within_the_margins(seed):
    chance = np.random.default_rng(seed)
    stations = places(chance.uniform(0, 2000, (6, 2)))
    coarse = grounds(TOWN, ALL, stations, FIRE).facilities
    fine = grounds(TOWN, ALL, stations, FIRE, spacing=12.5).facilities
    assert (coarse.km2 - coarse.margin_km2 <= fine.km2 + 1e-9).all()
    others = coarse.margin_km2.sum() - coarse.margin_km2
    assert (fine.km2 <= coarse.km2 + others + 1e-9).all()
    # errors to both sides of a border cancel out
    assert (coarse.km2 - fine.km2).abs().max() < 0.1


def test_cell_by_cell():
    chance = np.random.default_rng(7)
    stations = places(chance.uniform(0, 2000, (5, 2))).set_index(np.array([9, 3, 5, 1, 7]))
    found = grounds(TOWN, ALL, stations, FIRE, spacing=200.0)
    middles = [(x + 100, y + 100) for x in range(0, 2000, 200) for y in range(0, 2000, 200)]
    seconds, _ = TOWN.matrix(stations, places(middles))
    ranked = stations.sort_index().index
    table = seconds[[stations.index.get_loc(label) for label in ranked]]
    owner = ranked.to_numpy()[table.argmin(axis=0)]
    want = [0.04 * (owner == label).sum() for label in stations.index]
    assert found.facilities.km2.tolist() == pytest.approx(want)


def test_direction_and_measure_are_the_standards():
    ring = [[(0, 0), (900, 0)], [(900, 0), (900, 300)], [(900, 300), (0, 300)], [(0, 300), (0, 0)]]
    network = Network.from_roads(roads_frame([(side, {"oneway": 1}) for side in ring]))
    sites = places([(450, 0), (450, 300)])
    outline = area(100, -50, 300, 50)
    out = grounds(network, outline, sites, FIRE)
    assert out.facilities.km2.tolist() == pytest.approx([0, 0.02])
    to = Standard("clinic", "drive", 300.0, direction="to_facility")
    assert grounds(network, outline, sites, to).facilities.km2.tolist() == pytest.approx([0.02, 0])


class TestStates:
    def test_nobody_serves_a_lake(self):
        outline = area(0, 0, 2000, 4000)
        found = grounds(TOWN, outline, places([(500, 500)]), FIRE, max_metres=500.0)
        assert found.facilities.km2.tolist() == pytest.approx([5])
        assert found.unserved_km2 == pytest.approx(3)

    def test_none_open_and_none_at_all(self):
        off = places([(0, 0), (0, 9000), (900, 900)], open=[False, True, True])
        found = grounds(TOWN, ALL, off, FIRE)
        assert found.facilities.km2.tolist() == pytest.approx([0, 0, 4])
        for none in (off.iloc[:0], off.iloc[:1], off.iloc[1:2]):
            found = grounds(TOWN, ALL, none, FIRE)
            assert found.facilities.km2.tolist() == [0.0] * len(none)
            assert found.unserved_km2 == pytest.approx(4)

    def test_without_a_street(self):
        paths = Network.from_roads(roads_frame([([(0, 0), (9, 0)], {"highway": "footway"})]))
        assert grounds(paths, ALL, places([(0, 0)]), FIRE).unserved_km2 == pytest.approx(4)

    def test_a_frame_in_degrees(self):
        frame = gpd.GeoDataFrame(geometry=[area(0, 0, 1000, 2000), ALL], crs=CRS).to_crs(4326)
        found = grounds(TOWN, frame, places([(500, 500)]), FIRE)
        assert found.total_km2 == pytest.approx(4, rel=1e-6)

    @pytest.mark.parametrize("spacing", [0, -1, np.nan, np.inf])
    def test_no_spacing(self, spacing):
        with pytest.raises(GeodataError, match="is not a length"):
            grounds(TOWN, ALL, places([(0, 0)]), FIRE, spacing=spacing)

    def test_too_large_and_no_area(self):
        with pytest.raises(GeodataError, match="more than 4000000 squares"):
            grounds(TOWN, ALL, places([(0, 0)]), FIRE, spacing=0.1)
        for nothing in ([], ALL.boundary):
            with pytest.raises(GeodataError, match="no area"):
                grounds(TOWN, nothing, places([(0, 0)]), FIRE)

    def test_another_profile_and_repeated_labels(self):
        with pytest.raises(GeodataError, match="'walk'"):
            grounds(TOWN, ALL, places([(0, 0)]), Standard("s", "walk", 1.0))
        twice = places([(0, 0), (9, 0)]).set_index(np.array([1, 1]))
        with pytest.raises(GeodataError, match="the label repeats"):
            grounds(TOWN, ALL, twice, FIRE)
