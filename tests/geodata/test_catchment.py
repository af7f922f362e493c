"""Floating catchments: by hand, by loops, and on streets that lead one way only."""

import math
from itertools import pairwise

import numpy as np
import pytest
from chance_streets import BOX, PLACES, TOWN, plain
from hypothesis import given
from hypothesis import strategies as st
from plain_streets import places, roads_frame
from shapely.geometry import LineString

from geodata.catchment import SHARP, SLOW, Spread, scores, spread
from geodata.coverage import Standard
from geodata.errors import GeodataError
from geodata.network import Network

# ten streets of 100 m end to end at 36 km/h, and an island
STREETS = [[(x, 0), (x + 100, 0)] for x in range(0, 1000, 100)] + [[(3000, 0), (3100, 0)]]
NETWORK = Network.from_roads(roads_frame([(street, {"maxspeed_kmh": 36.0}) for street in STREETS]))
REACH = Standard("clinic", "drive", 30.0, direction="to_facility")


class TestByHand:
    def test_the_formulas_of_luo_and_qi(self):
        """Zones of 10, 20 and 30 s: 100, 200 and 300 m.

        Clinic A (0 m, 10 beds): 4 people at 100 m weigh 1, 2 at 200 m 0.68, 5 at 300 m 0.22:
        demand 4 + 1.36 + 1.1 = 6.46, ratio 10 / 6.46. Clinic B (500 m, 6 beds): 5 people at
        200 m weigh 0.68, 2 at 300 m 0.22: demand 3.4 + 0.44 = 3.84, ratio 6 / 3.84.
        """
        homes = places([(100, 0), (200, 0), (300, 0)], people=[4, 2, 5])
        clinics = places([(0, 0), (500, 0)], capacity=[10, 6])
        found = scores(NETWORK, homes, clinics, REACH)
        a, b = 10 / 6.46, 6 / 3.84
        assert found.facilities.demand.tolist() == pytest.approx([6.46, 3.84])
        assert found.facilities.ratio.tolist() == pytest.approx([a, b])
        want = [a, 0.68 * a + 0.22 * b, 0.22 * a + 0.68 * b]
        assert found.households.score.tolist() == pytest.approx(want)

    def test_one_weight_is_the_plain_two_step_method(self):
        homes = places([(100, 0), (200, 0), (400, 0)], people=[3, 5, 4])
        found = scores(NETWORK, homes, places([(0, 0), (500, 0)], capacity=[1, 1]), REACH, [1.0])
        assert found.households.score.tolist() == pytest.approx([1 / 8, 1 / 8 + 1 / 9, 1 / 9])

    def test_their_sharper_weights(self):
        homes = places([(300, 0)], people=[2])
        found = scores(NETWORK, homes, places([(0, 0)], capacity=[1]), REACH, SHARP)
        assert found.facilities.demand.tolist() == pytest.approx([0.18])

    def test_one_way_streets_the_one_who_comes_is_counted(self):
        """Round a block of 400 m: only who drives to the clinic wants it, and only that way."""
        corner = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
        sides = [([a, b], {"oneway": 1, "maxspeed_kmh": 36.0}) for a, b in pairwise(corner)]
        network = Network.from_roads(roads_frame(sides))
        homes = places([(100, 50), (0, 20)], people=[3, 4])
        clinic = places([(90, 0)], capacity=[5])
        there = scores(network, homes, clinic, REACH, [1.0])
        # to (90, 0): 340 m from (100, 50), 110 m from (0, 20)
        assert there.facilities.demand.tolist() == [4]
        assert there.households.score.tolist() == pytest.approx([0, 5 / 4])
        back = scores(network, homes, clinic, Standard("clinic", "drive", 30.0), [1.0])
        # from (90, 0): 60 m to (100, 50), 290 m to (0, 20)
        assert back.facilities.demand.tolist() == [7]


class TestStates:
    def test_who_is_not_snapped_or_out_of_reach(self):
        homes = places([(100, 0), (900, 0), (500, 900), (3050, 0)])
        found = scores(NETWORK, homes, places([(0, 0)], capacity=[2]), REACH)
        assert found.households.score.fillna(-1).tolist() == [2.0, 0.0, -1.0, 0.0]

    def test_facilities_that_take_no_part(self):
        clinics = places(
            [(0, 0), (0, 0), (0, 900), (3050, 0), (100, 0)],
            capacity=[2, 2, 2, 2, None],
            open=[True, False, True, True, True],
        )
        found = scores(NETWORK, places([(100, 0)]), clinics, REACH)
        assert found.facilities.demand.fillna(-1).tolist() == [1, -1, -1, 0, -1]
        assert found.facilities.ratio.fillna(-1).tolist() == [2, -1, -1, -1, -1]
        assert found.households.score.tolist() == [2.0]

    def test_nothing_offered_and_nobody_there(self):
        none = scores(NETWORK, places([(100, 0)]), places([(0, 0)], capacity=[0]), REACH)
        assert none.facilities.ratio.tolist() == none.households.score.tolist() == [0.0]
        empty = scores(NETWORK, places([(9, 0)], people=[0]), places([(0, 0)], capacity=[4]), REACH)
        assert math.isnan(empty.facilities.ratio[0])
        assert empty.households.score.tolist() == [0.0]
        nobody = places([(0, 0)]).iloc[:0]
        assert scores(NETWORK, nobody, places([(0, 0)], capacity=[4]), REACH).households.empty
        nothing = places([(0, 0)], capacity=[1]).iloc[:0]
        found = scores(NETWORK, places([(100, 0)]), nothing, REACH)
        assert found.households.score.tolist() == [0.0]
        assert found.facilities.empty

    def test_a_limit_of_zero_reaches_the_door(self):
        here = Standard("clinic", "drive", 0.0)
        found = scores(NETWORK, places([(0, 0), (1, 0)]), places([(0, 0)], capacity=[3]), here)
        assert found.households.score.tolist() == [3.0, 0.0]

    def test_a_barrier_parts_supply_from_demand(self):
        wall = LineString([(500_150, 3_379_990), (500_150, 3_380_010)])
        homes, clinic = places([(50, 0), (250, 0)]), places([(0, 0)], capacity=[3])
        found = scores(NETWORK, homes, clinic, REACH, barriers=wall)
        assert found.households.score.tolist() == [3.0, 0.0]

    @pytest.mark.parametrize("weights", [[-0.1], [1.1], [math.nan], [], [0.0, 0.0]])
    def test_absurd_weights_are_refused(self, weights):
        with pytest.raises(GeodataError, match="weight"):
            scores(NETWORK, places([(0, 0)]), places([(0, 0)], capacity=[1]), REACH, weights)

    def test_what_cannot_be_read_is_named(self):
        with pytest.raises(GeodataError, match="'capacity': the column is missing"):
            scores(NETWORK, places([(0, 0)]), places([(0, 0)]), REACH)
        walk = Standard("clinic", "walk", 30.0)
        with pytest.raises(GeodataError, match="'walk'"):
            scores(NETWORK, places([(0, 0)]), places([(0, 0)], capacity=[1]), walk)
        spots = NETWORK.places(places([(0, 0), (1, 0)]))
        with pytest.raises(GeodataError, match="2 places for 1 households"):
            scores(NETWORK, places([(0, 0)]), places([(0, 0)], capacity=[1]), REACH, homes=spots)


@plain
@given(
    TOWN,
    BOX,
    st.lists(st.tuples(PLACES, st.integers(0, 4)), min_size=1, max_size=8),
    st.lists(st.tuples(PLACES, st.booleans(), st.integers(0, 6)), max_size=5),
    st.sampled_from(["seconds", "metres"]),
    st.sampled_from(["to_household", "to_facility"]),
    st.sampled_from([SLOW, (1.0,), (1.0, 0.0, 0.5, 0.25)]),
)
def test_random_towns(roads, area, homes, sites, by, direction, weights):
    network = Network.from_roads(roads).close(area)
    limit = 45.0 if by == "seconds" else 300.0
    standard = Standard("s", "drive", limit, by, direction, max_metres=60.0)
    people = places([home[0] for home in homes], people=[home[1] for home in homes])
    clinics = places(
        [site[0] for site in sites],
        open=[site[1] for site in sites],
        capacity=[site[2] for site in sites],
    ).set_crs(people.crs, allow_override=True)
    found = scores(network, people, clinics, standard, weights)
    if direction == "to_facility":
        tables = network.matrix(people, clinics, by=by, max_metres=60.0)
    else:
        tables = [t.T for t in network.matrix(clinics, people, by=by, max_metres=60.0)]
    value = tables[by == "metres"]
    snapped = network.snap(clinics, 60.0).edge.notna()
    given = np.zeros(len(people))
    for site in clinics.index:
        demand, ratio = found.facilities.loc[site, ["demand", "ratio"]]
        if not (clinics.open[site] and snapped[site]):
            assert math.isnan(demand)
            assert math.isnan(ratio)
            continue
        weight = [plain_weight(way, limit, weights) for way in value[:, site]]
        want = sum(w * n for w, n in zip(weight, people.people, strict=True))
        assert demand == pytest.approx(want)
        if want:
            assert ratio == pytest.approx(clinics.capacity[site] / want)
            given += np.array(weight) * ratio
    at_home = network.snap(people, 60.0).edge.notna().to_numpy()
    want = np.where(at_home, given, np.nan)
    assert found.households.score.to_numpy() == pytest.approx(want, nan_ok=True)
    offered = clinics.capacity[found.facilities.demand > 0].sum()
    assert (people.people * found.households.score.fillna(0)).sum() == pytest.approx(offered)


def plain_weight(way, limit, weights):
    if way > limit:
        return 0.0
    for number, weight in enumerate(weights, start=1):
        if way <= limit * number / len(weights):
            return weight
    return weights[-1]


def test_scores_are_summed_up_person_by_person():
    rng = np.random.default_rng(3)
    for _ in range(50):
        count = int(rng.integers(1, 30))
        held = rng.integers(0, 5, count)
        score = np.where(rng.random(count) < 0.2, np.nan, rng.exponential(size=count))
        each = [value for value, many in zip(score, held, strict=True) for _ in range(many)]
        each = [value for value in each if not np.isnan(value)]
        found = spread(held, score)
        assert found.people == len(each)
        if each:
            assert found.mean == pytest.approx(np.mean(each))
            assert found.low == sum(value < found.mean / 2 for value in each)


def test_without_people_there_is_no_mean():
    assert spread(np.array([0, 3]), np.array([1.0, np.nan])) == Spread(0, None, 0)
    assert spread(np.array([], dtype=int), np.array([])) == Spread(0, None, 0)
    assert spread(np.array([1, 2]), np.zeros(2)) == Spread(3, 0.0, 0)
