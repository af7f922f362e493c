"""Whatever comes in, an answer is a state with numbers or a refusal that names the place."""

import math

import numpy as np
import pandas as pd
import pytest
from plain_streets import places, roads_frame

from geodata.catchment import scores
from geodata.coverage import REASONS, Standard, cover
from geodata.coverage_bands import cover_bands
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.service_ground import grounds
from geodata.street_profiles import profile_of

STREETS = [[(x, 0), (x + 100, 0)] for x in range(0, 1000, 100)] + [[(3000, 0), (3100, 0)]]
ROADS = roads_frame([(street, {"maxspeed_kmh": 36.0}) for street in STREETS])
TOWN = Network.from_roads(ROADS)
PATHS = Network.from_roads(roads_frame([([(0, 0), (100, 0)], {"highway": "footway"})]))
NOTHING = places([(0, 0)], people=[1], capacity=[1]).iloc[:0]

STANDARDS = [
    Standard("s", "drive", 30.0, by, direction, capacity)
    for by in ("seconds", "metres")
    for direction in ("to_household", "to_facility")
    for capacity in (False, True)
]


def answers(network, homes, sites, standard, **more):
    """All that is asked of a town; every household has a state, every sum is whole."""
    frame = cover(network, homes, sites, standard, **more)
    slow = Network.from_roads(ROADS, profile_of("drive").slowed({"*": 0.5}))
    bands = cover_bands({"day": network, "slow": slow}, homes, sites, standard, **more)
    found = scores(network, homes, sites, standard, **more)
    assert frame.index.equals(homes.index)
    assert bands[frame.columns].equals(frame)
    assert set(bands.band) <= {"always", "sometimes", "never"}
    assert frame.covered.to_numpy().tolist() == frame.reason.isna().tolist()
    assert set(frame.reason.dropna()) <= set(REASONS)
    assert not frame[["seconds", "metres", "second_seconds", "second_metres"]].isna().any(axis=None)
    assert (frame.slack.isna() == np.isinf(frame.seconds)).all()
    assert not np.isinf(found.households.score).any()
    return frame, bands, found


@pytest.mark.parametrize("standard", STANDARDS)
class TestEveryStandard:
    def test_no_facility(self, standard):
        frame, bands, found = answers(TOWN, places([(0, 0), (50, 0)]), NOTHING, standard)
        assert frame.reason.tolist() == ["no_road"] * 2
        assert bands.band.tolist() == ["never"] * 2
        assert found.households.score.tolist() == [0.0, 0.0]

    def test_no_household(self, standard):
        frame, bands, found = answers(TOWN, NOTHING, places([(0, 0)], capacity=[2]), standard)
        assert frame.empty
        assert bands.in_slow.dtype == bool
        assert found.facilities.demand.tolist() == [0.0]

    def test_neither(self, standard):
        for network in (TOWN, PATHS):
            assert answers(network, NOTHING, NOTHING, standard)[0].empty

    def test_everything_at_one_point(self, standard):
        here = [(150, 0)] * 7
        frame, bands, _ = answers(TOWN, places(here), places(here, capacity=[9] * 7), standard)
        assert frame.covered.all()
        assert frame.facility.tolist() == [0] * 7
        assert frame.seconds.tolist() == frame.metres.tolist() == [0.0] * 7
        assert frame.second_facility.tolist() == [1] * 7
        assert bands.band.tolist() == ["always"] * 7

    def test_a_facility_in_the_lake_is_listed(self, standard):
        sites = places([(500, 900), (0, 0), (500, -900)], capacity=[5, 5, 5])
        frame, bands, found = answers(TOWN, places([(20, 0)]), sites, standard)
        assert frame.attrs["unsnapped_facilities"] == [0, 2]
        assert bands.attrs["unsnapped_facilities"] == [0, 2]
        assert frame.facility.tolist() == [1]
        assert frame.second_facility.isna().all()
        assert found.facilities.demand.isna().tolist() == [True, False, True]

    def test_only_facilities_in_the_lake(self, standard):
        frame, _, _ = answers(TOWN, places([(20, 0)]), places([(9, 900)], capacity=[1]), standard)
        assert frame.reason.tolist() == ["no_road"]

    def test_islands(self, standard):
        homes = places([(10, 0), (3010, 0), (3090, 0)])
        frame, _, found = answers(TOWN, homes, places([(0, 0)], capacity=[5]), standard)
        assert frame.reason.fillna("").tolist() == ["", "no_road", "no_road"]
        assert found.households.score.tolist()[1:] == [0.0, 0.0]

    def test_a_profile_that_uses_no_street(self, standard):
        frame, _, found = answers(
            PATHS, places([(10, 0)]), places([(0, 0)], capacity=[1]), standard
        )
        assert frame.reason.tolist() == ["not_snapped"]
        assert found.households.score.isna().all()

    def test_places_on_the_other_side_of_the_world_and_nowhere(self, standard):
        homes = places([(1e7, 1e7), (math.nan, math.nan), (10, 0)])
        frame, _, _ = answers(TOWN, homes, places([(0, 0), (-1e7, 0)], capacity=[5, 5]), standard)
        assert frame.reason.fillna("").tolist() == ["not_snapped", "not_snapped", ""]
        assert frame.attrs["unsnapped_facilities"] == [1]


class TestStreets:
    def test_a_trap_is_entered_and_never_left(self):
        rows = [([(0, 0), (100, 0)], {}), ([(100, 0), (200, 0)], {"oneway": 1})]
        network = Network.from_roads(roads_frame(rows))
        home, site = places([(150, 0)]), places([(0, 0)], capacity=[1])
        there = cover(network, home, site, Standard("s", "drive", 99.0))
        assert there.covered.tolist() == [True]
        back = cover(network, home, site, Standard("s", "drive", 99.0, direction="to_facility"))
        assert back.reason.tolist() == ["no_road"]
        assert back.seconds.tolist() == [math.inf]
        assert math.isnan(back.slack[0])

    def test_streets_of_no_length(self):
        rows = [([(0, 0), (0, 0)], {}), ([(0, 0), (100, 0)], {}), ([(100, 0)] * 3, {})]
        network = Network.from_roads(roads_frame(rows))
        frame = cover(network, places([(0, 0), (100, 0)]), places([(0, 0)]), STANDARDS[0])
        assert frame.metres.tolist() == pytest.approx([0, 100])
        alone = Network.from_roads(roads_frame(rows[:1]))
        frame = cover(alone, places([(0, 0), (3, 4)]), places([(0, 0)]), STANDARDS[0])
        assert frame.metres.tolist() == pytest.approx([0, 5])

    @pytest.mark.parametrize("kmh", [-5.0, 0.0, 1e-300, 0.01, 5e3, 1e300, math.inf])
    def test_a_speed_that_cannot_be_is_refused_and_named(self, kmh):
        roads = roads_frame([([(0, 0), (9, 0)], {"maxspeed_kmh": v}) for v in (30.0, kmh)])
        with pytest.raises(GeodataError) as caught:
            Network.from_roads(roads)
        assert {(fault.row, fault.column) for fault in caught.value.faults} == {(1, "maxspeed_kmh")}


class TestFiguresOfStandards:
    HOMES = places([(0, 0), (1, 0)], people=[2, 1])
    SITE = places([(0, 0)], capacity=[2])

    def test_a_limit_of_zero_covers_the_door(self):
        for capacity in (False, True):
            standard = Standard("s", "drive", 0.0, capacity=capacity)
            frame, bands, found = answers(TOWN, self.HOMES, self.SITE, standard)
            assert frame.covered.tolist() == [True, False]
            assert frame.slack.tolist() == pytest.approx([0.0, -0.1])
            assert bands.band.tolist() == ["always", "never"]
            assert found.households.score.tolist() == [1.0, 0.0]

    @pytest.mark.parametrize("limit", [1e9, 1e300])
    def test_an_absurd_limit_covers_what_can_be_reached(self, limit):
        homes = places([(0, 0), (900, 0), (3010, 0)])
        for capacity in (False, True):
            standard = Standard("s", "drive", limit, capacity=capacity)
            frame, _, _ = answers(TOWN, homes, places([(0, 0)], capacity=[9]), standard)
            assert frame.covered.tolist() == [True, True, False]

    @pytest.mark.parametrize("limit", [-1e-9, math.nan, math.inf, -math.inf])
    def test_no_limit_is_refused(self, limit):
        with pytest.raises(GeodataError, match="limit"):
            Standard("s", "drive", limit)

    @pytest.mark.parametrize("metres", [-1.0, math.nan])
    def test_no_distance_is_refused(self, metres):
        with pytest.raises(GeodataError, match="max_metres"):
            Standard("s", "drive", 1.0, max_metres=metres)

    def test_room_for_nobody(self):
        standard = Standard("s", "drive", 30.0, capacity=True)
        frame, bands, found = answers(TOWN, self.HOMES, places([(0, 0)], capacity=[0]), standard)
        assert frame.reason.tolist() == ["full", "full"]
        assert frame.facility.tolist() == [0, 0]
        assert bands.band.tolist() == ["never", "never"]
        assert found.households.score.tolist() == [0.0, 0.0]

    def test_households_of_nobody_and_of_millions(self):
        homes = places([(0, 0), (1, 0), (2, 0)], people=[0, 10**15, 1])
        standard = Standard("s", "drive", 30.0, capacity=True)
        frame, _, found = answers(TOWN, homes, places([(0, 0)], capacity=[5]), standard)
        assert frame.covered.tolist() == [True, False, True]
        assert frame.reason.tolist()[1] == "full"
        assert found.households.score.max() < 1e-14


class TestFrames:
    @pytest.mark.parametrize("ask", [cover, scores])
    def test_what_cannot_be_read_is_named(self, ask):
        homes = places([(0, 0)], people=[1])
        infinite = places([(0, 0), (math.inf, 0)], capacity=[1, 1])
        with pytest.raises(GeodataError, match="row 1, column 'geometry': .*not finite"):
            ask(TOWN, homes, infinite, STANDARDS[1])
        lines = ROADS.iloc[:1].assign(capacity=1)
        with pytest.raises(GeodataError, match="row 0, column 'geometry': not a Point"):
            ask(TOWN, homes, lines, STANDARDS[1])
        with pytest.raises(GeodataError, match="no coordinate system"):
            ask(TOWN, homes.set_crs(None, allow_override=True), infinite[:1], STANDARDS[1])
        minus = places([(0, 0)], people=[-1])
        with pytest.raises(GeodataError, match="row 0, column 'people': less than zero"):
            ask(TOWN, minus, places([(0, 0)], capacity=[1]), STANDARDS[1])

    def test_places_of_other_households_are_refused(self):
        spots = TOWN.places(places([(0, 0), (1, 0)]))
        with pytest.raises(GeodataError, match="2 places for 1 households"):
            cover(TOWN, places([(0, 0)]), NOTHING, STANDARDS[0], homes=spots)

    def test_labels_of_several_kinds(self):
        sites = places([(0, 0), (0, 0), (90, 0)], crew=["A", "A", 7])
        sites.index = pd.Index(["x", 3, None], dtype=object)
        frame = cover(TOWN, places([(10, 0)]), sites, STANDARDS[0])
        assert frame.facility.tolist() == ["x"]
        assert frame.second_metres.tolist() == pytest.approx([80])

    def test_ground_without_anything(self):
        outline = places([(0, 0)]).buffer(100)
        for network, sites in ((TOWN, NOTHING), (PATHS, places([(0, 0)]))):
            found = grounds(network, outline, sites, STANDARDS[0])
            assert found.unserved_km2 == pytest.approx(found.total_km2)
            assert found.total_km2 == pytest.approx(0.0314, abs=1e-3)
