"""Who is covered, by whom, and why not, in towns small enough to count by hand."""

import math
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from plain_streets import CRS, at, places, roads_frame
from shapely.geometry import box
from test_network_properties import BOX, PLACES, TOWN

from geodata.coverage import REASONS, Standard, cover
from geodata.errors import GeodataError
from geodata.network import Network

COLUMNS = [
    "covered",
    "facility",
    "seconds",
    "metres",
    "second_facility",
    "second_seconds",
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


plain = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
SITES = st.lists(st.tuples(PLACES, st.booleans(), st.integers(0, 6)), max_size=5)


@plain
@given(
    TOWN,
    BOX,
    st.lists(st.tuples(PLACES, st.integers(1, 4)), min_size=1, max_size=8),
    SITES,
    st.sampled_from(["seconds", "metres"]),
    st.sampled_from(["to_household", "to_facility"]),
    st.booleans(),
)
def test_random_towns(roads, area, homes, sites, by, direction, capacity):
    network = Network.from_roads(roads)
    closed = network.close(area)
    limit = 30.0 if by == "seconds" else 250.0
    standard = Standard("s", "drive", limit, by, direction, capacity, max_metres=60.0)
    people = places([home[0] for home in homes], people=[home[1] for home in homes])
    shelters = places(
        [site[0] for site in sites],
        open=[site[1] for site in sites],
        capacity=[site[2] for site in sites],
    ).set_crs(CRS, allow_override=True)
    frame = cover(closed, people, shelters, standard)
    value, other = tables(closed, people, shelters, standard)
    unclosed, _ = tables(network, people, shelters, standard)
    snapped = network.snap(people, 60.0).edge.notna()
    for row, home in enumerate(frame.itertuples()):
        check_home(home, row, frame, value, other, unclosed, shelters, standard, snapped[row])
    if capacity:
        held = people.people[frame.covered].groupby(frame.facility[frame.covered]).sum()
        assert all(shelters.capacity[site] >= number for site, number in held.items())
        check_full(frame, people, shelters, value, standard)


def tables(network, people, shelters, standard):
    """Return the measured and the other table (households, facilities)."""
    if standard.direction == "to_facility":
        seconds, metres = network.matrix(people, shelters, by=standard.by, max_metres=60.0)
    else:
        seconds, metres = (
            table.T for table in network.matrix(shelters, people, by=standard.by, max_metres=60.0)
        )
    return (seconds, metres) if standard.by == "seconds" else (metres, seconds)


def check_home(home, row, frame, value, other, unclosed, shelters, standard, snapped):
    opened = [site for site in shelters.index if shelters.open[site]]
    ranked = sorted((value[row, site], site) for site in opened if value[row, site] < math.inf)
    best = ranked[0][0] if ranked else math.inf
    if home.covered:
        site = home.facility
        assert site in opened
        assert value[row, site] <= standard.limit
        assert home.reason is frame.reason.dtype.na_value
    else:
        site = ranked[0][1] if ranked else None
        assert home.reason == plain_reason(row, value, unclosed, shelters, standard, snapped, best)
    if not standard.capacity:
        assert home.covered == (best <= standard.limit)
        assert site is None or site == ranked[0][1]
    if site is None:
        assert home.facility is pd.NA
        assert home.seconds == home.metres == math.inf
    else:
        assert home.facility == site
        got = (home.seconds, home.metres)
        want = (value[row, site], other[row, site])
        assert (got if standard.by == "seconds" else got[::-1]) == want
    rest = [pair for pair in ranked if pair[1] != site]
    if rest:
        assert home.second_facility == rest[0][1]
        table = value if standard.by == "seconds" else other
        assert home.second_seconds == table[row, rest[0][1]]
    else:
        assert home.second_facility is pd.NA
        assert home.second_seconds == math.inf


def plain_reason(row, value, unclosed, shelters, standard, snapped, best):
    shut = [value[row, site] for site in shelters.index if not shelters.open[site]]
    nearest_shut = min(shut, default=math.inf)
    if not snapped:
        return "not_snapped"
    if best <= standard.limit:
        return "full"
    if nearest_shut <= standard.limit or (best == math.inf and nearest_shut < math.inf):
        return "closed"
    if best < math.inf:
        return "too_far"
    return "cut_off" if np.isfinite(unclosed[row]).any() else "no_road"


def check_full(frame, people, shelters, value, standard):
    """Nobody is left out who would still fit, or who is nearer than one of no more people."""
    covered = frame.covered.to_numpy(dtype=bool)
    for row in np.flatnonzero((frame.reason == "full").fillna(False)):
        for site in shelters.index[shelters.open]:
            if value[row, site] > standard.limit:
                continue
            inside = [other for other in np.flatnonzero(covered) if frame.facility[other] == site]
            left = shelters.capacity[site] - people.people.iloc[inside].sum()
            assert people.people[row] > left


def test_the_reasons_are_these():
    assert set(REASONS) == {"too_far", "no_road", "cut_off", "full", "closed", "not_snapped"}
