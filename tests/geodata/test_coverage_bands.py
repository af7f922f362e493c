"""Speed bands: a street is as fast as the hour, and so is who walks."""

import math
from dataclasses import replace

import numpy as np
import pytest
from chance_streets import BOX, PLACES, TOWN, plain
from hypothesis import given
from hypothesis import strategies as st
from plain_streets import at, places, roads_frame
from shapely.geometry import LineString

from geodata.coverage import Standard, cover
from geodata.coverage_bands import cover_bands
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.street_profiles import PROFILES, Profile, profile_of

STREETS = roads_frame(
    [
        ([(0, 0), (1000, 0)], {"highway": "primary"}),
        ([(1000, 0), (2000, 0)], {"maxspeed_kmh": 36.0}),
    ]
)
DRIVE = profile_of("drive")


class TestSlowed:
    def test_shares_of_every_speed_declared_or_not(self):
        slow = DRIVE.slowed({"*": 0.5, "primary": 0.25})
        usual, slower = Network.from_roads(STREETS, DRIVE), Network.from_roads(STREETS, slow)
        ratio = slower.edges.seconds / usual.edges.seconds
        assert ratio.tolist() == pytest.approx([4, 4, 2, 2])
        assert (slower.edges.metres == usual.edges.metres).all()
        assert slow.key == "drive"

    def test_what_is_not_named_stays(self):
        assert DRIVE.slowed({"primary": 0.5}).share("residential") == 1.0
        assert DRIVE.slowed({}).share("primary") == 1.0

    def test_slowed_again(self):
        twice = DRIVE.slowed({"*": 0.5, "primary": 0.8}).slowed({"*": 0.5, "service": 0.1})
        assert twice.share("primary") == pytest.approx(0.4)
        assert twice.share("service") == pytest.approx(0.05)
        assert twice.share("trunk") == pytest.approx(0.25)

    def test_who_walks_slowly_walks_the_straight_leg_slowly(self):
        homes = places([(0, 10)])
        for key, share in (("walk", 0.5), ("drive", 1.0)):
            network = Network.from_roads(STREETS, profile_of(key).slowed({"*": 0.5}))
            found = network.places(homes).leg_seconds[0]
            assert found == pytest.approx(10 / (share * 5 / 3.6))

    @pytest.mark.parametrize("share", [0, -1, math.nan, math.inf, 11, "fast", None])
    def test_an_absurd_share_is_refused(self, share):
        with pytest.raises(GeodataError, match="column 'primary'.*no share"):
            DRIVE.slowed({"*": 1.0, "primary": share})

    @pytest.mark.parametrize("kmh", [0, -5.0, math.nan, math.inf, 1e9, 1e-9])
    def test_an_absurd_speed_is_refused(self, kmh):
        with pytest.raises(GeodataError, match="other_kmh"):
            replace(DRIVE, other_kmh=kmh)
        with pytest.raises(GeodataError, match="'primary'"):
            Profile("mine", frozenset(), {"primary": kmh})


def bands(**shares):
    return {
        key: Network.from_roads(STREETS, DRIVE.slowed({"*": share}))
        for key, share in shares.items()
    }


class TestBands:
    def test_always_sometimes_never(self):
        # 40 and 36 km/h: 90 s to the corner, 190 s to the end
        homes = places([(500, 0), (1000, 0), (2000, 0), (0, 900)])
        standard = Standard("s", "drive", 100.0)
        networks = bands(day=1.0, rain=0.5, night=2.0)
        frame = cover_bands(networks, homes, places([(0, 0)]), standard)
        assert frame.band.tolist() == ["always", "sometimes", "sometimes", "never"]
        assert frame.in_day.tolist() == [True, True, False, False]
        assert frame.in_rain.tolist() == [True, False, False, False]
        assert frame.in_night.tolist() == [True, True, True, False]
        assert frame.columns[-4:].tolist() == ["band", "in_day", "in_rain", "in_night"]
        day = cover(networks["day"], homes, places([(0, 0)]), standard)
        assert frame[day.columns].equals(day)

    def test_slow_walkers_are_slow_on_the_straight_leg_too(self):
        networks = {
            key: Network.from_roads(STREETS, profile_of("walk").slowed({"*": share}))
            for key, share in (("usual", 1.0), ("old", 0.5))
        }
        # 50 m to the street and 50 m along it: 72 s, and 144 s at half the speed
        standard = Standard("clinic", "walk", 120.0, direction="to_facility")
        frame = cover_bands(networks, places([(50, 50), (60, 0)]), places([(0, 0)]), standard)
        assert frame.in_old.tolist() == [False, True]
        assert frame.in_usual.tolist() == [True, True]

    def test_one_band_is_plain_cover(self):
        frame = cover_bands(bands(day=1.0), places([(500, 0)]), places([(0, 0)]), FIRE)
        assert frame.band.tolist() == ["always"]

    def test_rooms_are_given_out_in_every_band(self):
        homes = places([(300, 0), (800, 0)], people=[2, 3])
        rooms = places([(0, 0)], capacity=[3])
        standard = Standard("s", "drive", 45.0, capacity=True)
        frame = cover_bands(bands(day=1.0, night=2.0), homes, rooms, standard)
        assert frame.in_day.tolist() == [True, False]
        assert frame.in_night.tolist() == [True, False]
        assert frame.reason.tolist()[1] == "too_far"

    def test_barriers_hold_in_every_band(self):
        wall = LineString([at(600, -9), at(600, 9)])
        homes = places([(500, 0), (1500, 0)])
        frame = cover_bands(bands(day=1.0, night=2.0), homes, places([(1990, 0)]), FIRE, wall)
        assert frame.band.tolist() == ["never", "always"]

    def test_no_band_and_a_band_of_another_profile_are_refused(self):
        with pytest.raises(GeodataError, match="no speed band"):
            cover_bands({}, places([(0, 0)]), places([(0, 0)]), FIRE)
        networks = bands(day=1.0) | {"feet": Network.from_roads(STREETS, "walk")}
        with pytest.raises(GeodataError, match="'walk'"):
            cover_bands(networks, places([(0, 0)]), places([(0, 0)]), FIRE)


FIRE = Standard("fire", "drive", 300.0)


@plain
@given(
    TOWN,
    BOX,
    st.lists(st.tuples(PLACES, st.integers(1, 4)), min_size=1, max_size=8),
    st.lists(st.tuples(PLACES, st.booleans(), st.integers(0, 6)), max_size=4),
    st.sampled_from(["to_household", "to_facility"]),
    st.sampled_from(["drive", "walk"]),
    st.booleans(),
)
def test_every_band_is_a_cover_of_its_own(roads, area, homes, sites, direction, key, capacity):
    shares = {"day": {}, "rain": {"*": 0.7, "primary": 0.3}, "night": {"*": 1.3}}
    networks = {
        band: Network.from_roads(roads, PROFILES[key].slowed(share)).close(area)
        for band, share in shares.items()
    }
    people = places([home[0] for home in homes], people=[home[1] for home in homes])
    found = places(
        [site[0] for site in sites],
        open=[site[1] for site in sites],
        capacity=[site[2] for site in sites],
    ).set_crs(people.crs, allow_override=True)
    standard = Standard("s", key, 40.0, "seconds", direction, capacity, max_metres=60.0)
    frame = cover_bands(networks, people, found, standard)
    alone = {band: cover(net, people, found, standard) for band, net in networks.items()}
    assert frame[alone["day"].columns].equals(alone["day"])
    for band, other in alone.items():
        assert frame[f"in_{band}"].tolist() == other.covered.tolist()
    count = np.sum([other.covered for other in alone.values()], axis=0)
    want = ["always" if n == 3 else "sometimes" if n else "never" for n in count]
    assert frame.band.tolist() == want
