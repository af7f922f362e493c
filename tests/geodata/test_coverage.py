"""Who is covered, by whom, and why not, in towns small enough to count by hand."""

import math
from itertools import pairwise

import geopandas as gpd
import pandas as pd
import pytest
from plain_streets import CRS, at, places, roads_frame
from shapely.geometry import box

from geodata.coverage import REASONS, Standard, cover
from geodata.errors import GeodataError
from geodata.network import Network

COLUMNS = [
    "covered",
    "facility",
    "seconds",
    "metres",
    "slack",
    "second_facility",
    "second_seconds",
    "second_metres",
    "reason",
]

# ten streets of 100 m end to end at 36 km/h (10 m a second), and an island
STREETS = [[(x, 0), (x + 100, 0)] for x in range(0, 1000, 100)] + [[(3000, 0), (3100, 0)]]
ROADS = roads_frame([(street, {"maxspeed_kmh": 36.0}) for street in STREETS])
FIRE = Standard("fire", "drive", limit=30.0)


def town(**closed):
    network = Network.from_roads(ROADS)
    return network.close(closed["area"]) if closed else network


def strip(x0, x1):
    low, high = at(x0, -10), at(x1, 10)
    return box(low.x, low.y, high.x, high.y)


class TestCover:
    def test_what_comes_back(self):
        homes = places([(100, 0), (550, 0)]).set_index(pd.Index(["a", "b"]))
        stations = places([(0, 0), (800, 0)]).set_index(pd.Index([7, 3]))
        frame = cover(town(), homes, stations, FIRE)
        assert frame.columns.tolist() == COLUMNS
        assert frame.index.tolist() == ["a", "b"]
        assert frame.covered.tolist() == [True, True]
        assert frame.facility.tolist() == [7, 3]
        assert frame.seconds.tolist() == pytest.approx([10.0, 25.0])
        assert frame.metres.tolist() == pytest.approx([100.0, 250.0])
        assert frame.second_facility.tolist() == [3, 7]
        assert frame.second_seconds.tolist() == pytest.approx([70.0, 55.0])
        assert frame.second_metres.tolist() == pytest.approx([700.0, 550.0])
        assert frame.slack.tolist() == pytest.approx([20.0, 5.0])
        assert frame.reason.isna().all()
        assert frame.attrs["unsnapped_facilities"] == []

    def test_the_limit_is_covered_and_straight_legs_count(self):
        homes = places([(300, 0), (300, 5), (301, 0)])
        frame = cover(town(), homes, places([(0, 0)]), FIRE)
        assert frame.covered.tolist() == [True, False, False]
        assert frame.seconds[1] == pytest.approx(30 + 5 * 3.6 / 5)
        assert frame.metres[1] == pytest.approx(305)
        assert frame.reason.tolist()[1:] == ["too_far", "too_far"]
        assert frame.facility.tolist() == [0, 0, 0]
        assert frame.second_facility.isna().all()
        assert (frame.second_seconds == math.inf).all()

    def test_every_reason(self):
        homes = places([(100, 0), (900, 0), (950, 0), (3050, 0), (500, 900), (500, 0)])
        stations = places([(0, 0), (990, 0)], open=[True, False])
        frame = cover(town(area=strip(610, 690)), homes, stations, FIRE)
        assert frame.reason.tolist()[1:] == [
            "closed",
            "closed",
            "no_road",
            "not_snapped",
            "too_far",
        ]
        assert frame.reason.isna().tolist()[0]
        assert frame.facility.isna().tolist() == [False, True, True, True, True, False]
        assert frame.seconds.tolist()[1:5] == [math.inf] * 4
        assert frame.slack.isna().tolist() == [False, True, True, True, True, False]
        assert frame.slack[5] == pytest.approx(-20.0)

    def test_cut_off_is_not_no_road(self):
        homes = places([(100, 0), (650, 0), (900, 0), (3050, 0)])
        frame = cover(town(area=strip(610, 690)), homes, places([(0, 0)]), FIRE)
        assert frame.covered.tolist() == [True, False, False, False]
        assert frame.reason.tolist()[1:] == ["cut_off", "cut_off", "no_road"]
        open_frame = cover(town(), homes, places([(0, 0)]), FIRE)
        assert open_frame.reason.tolist()[1:] == ["too_far", "too_far", "no_road"]

    def test_by_metres_the_shortest_way_counts(self):
        roads = roads_frame(
            [
                ([(0, 0), (100, 0)], {"maxspeed_kmh": 3.6}),
                ([(0, 0), (50, 100), (100, 0)], {"maxspeed_kmh": 360.0}),
            ]
        )
        network = Network.from_roads(roads)
        home, station = places([(100, 0)]), places([(0, 0)])
        fast = cover(network, home, station, Standard("s", "drive", 100.0))
        short = cover(network, home, station, Standard("s", "drive", 100.0, by="metres"))
        assert fast.metres[0] == pytest.approx(2 * math.hypot(50, 100))
        assert fast.seconds[0] == pytest.approx(fast.metres[0] / 100)
        assert short.metres[0] == pytest.approx(100)
        assert short.seconds[0] == pytest.approx(100)
        assert short.covered[0]
        over = cover(network, home, station, Standard("s", "drive", 99.9, by="metres"))
        assert over.reason.tolist() == ["too_far"]

    def test_direction(self):
        block = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
        roads = roads_frame([(list(side), {"oneway": 1}) for side in pairwise(block)])
        network = Network.from_roads(roads)
        home, station = places([(50, 0)]), places([(20, 0)])
        there = cover(network, home, station, Standard("s", "drive", 999.0))
        back = cover(network, home, station, Standard("s", "drive", 999.0, direction="to_facility"))
        assert there.metres.tolist() == pytest.approx([30.0])
        assert back.metres.tolist() == pytest.approx([370.0])

    def test_two_at_one_spot_are_two_and_ties_go_to_the_lower_label(self):
        stations = places([(500, 0), (500, 0), (700, 0)]).set_index(pd.Index([9, 4, 6]))
        frame = cover(town(), places([(400, 0), (600, 0), (600, 3)]), stations, FIRE)
        assert frame.facility.tolist() == [4, 4, 4]
        assert frame.second_facility.tolist() == [9, 6, 6]

    def test_a_facility_off_the_network_serves_nobody(self):
        stations = places([(0, 900), (0, 0)]).set_index(pd.Index(["far", "near"]))
        frame = cover(town(), places([(100, 0)]), stations, FIRE)
        assert frame.facility.tolist() == ["near"]
        assert frame.second_facility.isna().all()
        assert frame.attrs["unsnapped_facilities"] == ["far"]

    def test_nobody_and_nothing(self):
        assert cover(town(), places([(0, 0)]).iloc[:0], places([(0, 0)]), FIRE).empty
        frame = cover(town(), places([(0, 0)]), places([(0, 0)]).iloc[:0], FIRE)
        assert frame.reason.tolist() == ["no_road"]
        assert frame.facility.isna().all()

    @pytest.mark.parametrize("direction", ["to_household", "to_facility"])
    def test_a_town_without_a_street_for_the_profile(self, direction):
        paths = Network.from_roads(roads_frame([([(0, 0), (100, 0)], {"highway": "footway"})]))
        standard = Standard("fire", "drive", limit=30.0, direction=direction)
        for stations in (places([(0, 0)]), places([(0, 0)]).iloc[:0]):
            frame = cover(paths, places([(10, 0), (500, 0)]), stations, standard)
            assert frame.covered.tolist() == [False, False]
            assert frame.facility.isna().all()

    def test_any_crs_and_missing_points(self):
        homes = gpd.GeoDataFrame(geometry=[at(100, 0), None], crs=CRS)
        frame = cover(town(), homes.to_crs(4326), places([(0, 0)]).to_crs(3857), FIRE)
        assert frame.seconds[0] == pytest.approx(10.0, abs=1e-3)
        assert frame.reason[1] == "not_snapped"

    def test_the_inputs_are_not_changed(self):
        homes, stations = places([(100, 0)]), places([(0, 0)], open=[True], capacity=[3])
        before = homes.copy(deep=True), stations.copy(deep=True)
        cover(town(), homes, stations, Standard("s", "drive", 30.0, capacity=True))
        pd.testing.assert_frame_equal(homes, before[0])
        pd.testing.assert_frame_equal(stations, before[1])


class TestCrews:
    """Who comes while the first is out is somebody else than the first."""

    def test_the_second_is_of_another_crew(self):
        stations = places([(0, 0), (200, 0), (900, 0)], crew=["A", "A", "B"])
        frame = cover(town(), places([(100, 3), (650, 0)]), stations, FIRE)
        assert frame.facility.tolist() == [0, 2]
        assert frame.second_facility.tolist() == [2, 1]
        assert frame.second_metres.tolist() == pytest.approx([803.0, 450.0])

    def test_on_one_street_too(self):
        street = Network.from_roads(roads_frame([([(0, 0), (1000, 0)], {})]))
        stations = places([(480, 0), (530, 0), (560, 0), (410, 0)], crew=["A", "A", "B", "C"])
        frame = cover(street, places([(500, 0)]), stations, FIRE)
        assert (frame.facility[0], frame.second_facility[0]) == (0, 2)
        assert frame.second_metres[0] == pytest.approx(60.0)

    def test_one_crew_has_no_second(self):
        stations = places([(0, 0), (200, 0)], crew=["A", "A"])
        frame = cover(town(), places([(100, 0)]), stations, FIRE)
        assert frame.second_facility.isna().all()
        assert frame.second_seconds.tolist() == frame.second_metres.tolist() == [math.inf]

    @pytest.mark.parametrize("crew", [[None, None], ["", " "], ["A", None]])
    def test_without_a_name_each_is_its_own_crew(self, crew):
        frame = cover(town(), places([(90, 0)]), places([(0, 0), (200, 0)], crew=crew), FIRE)
        assert frame.second_facility.tolist() == [1]

    def test_a_crew_that_is_off_is_no_second(self):
        stations = places([(0, 0), (200, 0), (900, 0)], open=[True, False, True])
        frame = cover(town(), places([(100, 0)]), stations.assign(crew=["A", "B", "C"]), FIRE)
        assert frame.second_facility.tolist() == [2]

    def test_beside_an_assigned_shelter(self):
        standard = Standard("s", "drive", 60.0, direction="to_facility", capacity=True)
        homes = places([(100, 0), (150, 0)], people=[4, 4])
        shelters = places([(0, 0), (400, 0), (500, 0)], capacity=[4, 8, 8])
        apart = cover(town(), homes, shelters, standard)
        assert apart.facility.tolist() == [0, 1]
        assert apart.second_facility.tolist() == [1, 0]
        # both shelters belong together: the second of the one sent on stays what it was
        pair = cover(town(), homes, shelters.assign(crew=["A", "A", "B"]), standard)
        assert pair.facility.tolist() == [0, 1]
        assert pair.second_facility.tolist() == [2, 2]
        assert pair.slack.tolist() == pytest.approx([50.0, 35.0])


class TestCapacity:
    LIMITED = Standard("shelter", "drive", 60.0, direction="to_facility", capacity=True)

    def test_nearer_households_first_and_whole(self):
        homes = places([(300, 0), (100, 0), (200, 0)], people=[2, 3, 4])
        frame = cover(town(), homes, places([(0, 0)], capacity=[5]), self.LIMITED)
        # 3 of 5 places are taken, 4 do not fit, 2 do
        assert frame.covered.tolist() == [True, True, False]
        assert frame.reason.tolist()[2] == "full"
        assert frame.facility.tolist() == [0, 0, 0]

    def test_the_next_one_takes_what_the_first_cannot(self):
        homes = places([(100, 0), (150, 0), (350, 0)], people=[4, 4, 4])
        shelters = places([(0, 0), (500, 0)], capacity=[4, 8])
        frame = cover(town(), homes, shelters, self.LIMITED)
        assert frame.covered.all()
        assert frame.facility.tolist() == [0, 1, 1]
        assert frame.second_facility.tolist() == [1, 0, 0]
        assert frame.seconds.tolist() == pytest.approx([10, 35, 15])

    def test_without_people_each_household_is_one_and_no_number_is_no_limit(self):
        homes = places([(100, 0), (150, 0)])
        one = cover(town(), homes, places([(0, 0)], capacity=[1]), self.LIMITED)
        assert one.covered.tolist() == [True, False]
        many = cover(town(), homes, places([(0, 0)], capacity=[None]), self.LIMITED)
        assert many.covered.tolist() == [True, True]

    def test_what_is_no_number_is_named(self):
        shelters = places([(0, 0), (100, 0)], capacity=[-1, "many"])
        with pytest.raises(GeodataError) as caught:
            cover(town(), places([(0, 0)]), shelters, self.LIMITED)
        assert {(fault.row, fault.column) for fault in caught.value.faults} == {
            (0, "capacity"),
            (1, "capacity"),
        }
        homes = places([(0, 0), (1, 0)], people=[1, None])
        with pytest.raises(GeodataError, match="row 1, column 'people'"):
            cover(town(), homes, places([(0, 0)], capacity=[1]), self.LIMITED)
        with pytest.raises(GeodataError, match="capacity"):
            cover(town(), places([(0, 0)]), places([(0, 0)]), self.LIMITED)


class TestStandard:
    def test_the_network_must_be_of_its_profile(self):
        with pytest.raises(GeodataError, match="'walk'.*'drive'"):
            cover(town(), places([(0, 0)]), places([(0, 0)]), Standard("s", "walk", 500.0))

    @pytest.mark.parametrize(
        ("change", "column"),
        [({"limit": -1.0}, "limit"), ({"limit": math.nan}, "limit"), ({"by": "hours"}, "by")],
    )
    def test_what_cannot_be_measured_is_refused(self, change, column):
        with pytest.raises(GeodataError, match=column):
            Standard(**({"key": "s", "profile": "drive", "limit": 1.0} | change))
        with pytest.raises(GeodataError, match="direction"):
            Standard("s", "drive", 1.0, direction="up")

    def test_labels_of_facilities_must_differ(self):
        stations = places([(0, 0), (9, 0)]).set_index(pd.Index([1, 1]))
        with pytest.raises(GeodataError, match="row 1: the label repeats"):
            cover(town(), places([(0, 0)]), stations, FIRE)


def test_the_reasons_are_these():
    assert set(REASONS) == {"too_far", "no_road", "cut_off", "full", "closed", "not_snapped"}
