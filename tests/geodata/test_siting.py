"""Where to add a facility: equal to trying every choice, and to figures known for San Francisco."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geodata import siting
from geodata.errors import GeodataError

FOLDER = Path(__file__).resolve().parents[1] / "data" / "san_francisco"
SEEDS = range(30)


def towns(seed):
    """Give a few homes and sites, some apart, some empty, perhaps with fixed sites."""
    draw = np.random.default_rng(seed)
    size, sites = int(draw.integers(1, 13)), int(draw.integers(1, 8))
    costs = draw.integers(0, 30, (size, sites)).astype(float)
    if seed % 3 == 1:
        costs[draw.random(costs.shape) < 0.5] = np.inf
    if seed % 5 == 2:
        costs *= 0.3137
    weights = draw.integers(0, 6, size).astype(float) if seed % 2 else np.ones(size)
    count = int(draw.integers(1, sites + 1))
    fixed = np.sort(draw.permutation(sites)[: draw.integers(0, count + 1)]) if seed % 4 == 3 else []
    return costs, weights, count, [int(site) for site in fixed]


def choices(sites, fixed, counts):
    for count in counts:
        for chosen in combinations(range(sites), count):
            if set(fixed) <= set(chosen):
                yield list(chosen)


def nearest(costs, chosen):
    return costs[:, chosen].min(axis=1) if chosen else np.full(len(costs), np.inf)


def check_assignment(found, costs, limit=np.inf):
    chosen = found.chosen
    near = nearest(costs, chosen.tolist())
    served = found.assignment >= 0
    assert (served == (np.isfinite(near) & (near <= limit))).all()
    assert np.isin(found.assignment[served], chosen).all()
    at = found.assignment[served]
    assert (costs[served, at] == near[served]).all()
    lower = [min(s for s in chosen if costs[d, s] == near[d]) for d in np.flatnonzero(served)]
    assert at.tolist() == lower


class TestSanFrancisco:
    @pytest.fixture(scope="class")
    @classmethod
    def town(cls):
        table = pd.read_csv(FOLDER / "metres.csv", dtype={"tract": str})
        return table.iloc[:, 2:].to_numpy(), table["people"].to_numpy(dtype=float)

    def test_p_median(self, town):
        found = siting.p_median(*town, count=4)
        assert found.objective == pytest.approx(2_848_268_129.7145, abs=1e-4)
        assert found.bound == pytest.approx(found.objective, rel=1e-8)

    def test_p_center(self, town):
        found = siting.p_center(*town, count=4)
        assert found.objective == pytest.approx(7_403.0638, abs=1e-4)
        assert found.bound == found.objective

    def test_cover_all(self, town):
        found = siting.cover_all(*town, limit=5_000)
        assert found.objective == found.bound == len(found.chosen) == 8
        assert not len(found.unreached)

    def test_cover_most(self, town):
        found = siting.cover_most(*town, count=4, limit=5_000)
        assert 100 * found.objective / town[1].sum() == pytest.approx(91.64, abs=0.005)
        assert found.bound == found.objective


@pytest.mark.parametrize("seed", SEEDS)
class TestEveryChoice:
    def test_p_median(self, seed):
        costs, weights, count, fixed = towns(seed)
        found = siting.p_median(costs, weights, count, fixed=fixed)
        ranked = []
        for chosen in choices(costs.shape[1], fixed, [count]):
            near = nearest(costs, chosen)
            served = np.isfinite(near)
            ranked.append((-weights[served].sum(), (weights[served] * near[served]).sum()))
        people, least = min(ranked)
        assert weights[found.assignment >= 0].sum() == -people
        assert found.objective == pytest.approx(least)
        assert found.bound == pytest.approx(least, abs=1e-6)
        assert found.bound <= found.objective
        assert len(found.chosen) == count
        assert set(fixed) <= set(found.chosen.tolist())
        check_assignment(found, costs)
        assert found.unreached.tolist() == np.flatnonzero(np.isinf(costs).all(axis=1)).tolist()

    def test_p_center(self, seed):
        costs, weights, count, fixed = towns(seed)
        found = siting.p_center(costs, weights, count, fixed=fixed)
        counted = np.isfinite(costs).any(axis=1) & (weights > 0)
        least = min(
            nearest(costs, chosen)[counted].max(initial=0)
            for chosen in choices(costs.shape[1], fixed, [count])
        )
        assert found.objective == found.bound == least
        assert len(found.chosen) <= count
        assert set(fixed) <= set(found.chosen.tolist())
        check_assignment(found, costs)

    def test_cover_all(self, seed):
        costs, weights, _, fixed = towns(seed)
        found = siting.cover_all(costs, weights, limit=8, fixed=fixed)
        counted = (costs <= 8).any(axis=1) & (weights > 0)
        least = min(
            len(chosen)
            for chosen in choices(costs.shape[1], fixed, range(costs.shape[1] + 1))
            if (nearest(costs, chosen)[counted] <= 8).all()
        )
        assert found.objective == found.bound == len(found.chosen) == least
        assert (found.assignment[counted] >= 0).all()
        assert found.unreached.tolist() == np.flatnonzero((costs > 8).all(axis=1)).tolist()
        check_assignment(found, costs, 8)

    def test_cover_most(self, seed):
        costs, weights, count, fixed = towns(seed)
        found = siting.cover_most(costs, weights, count, limit=8, fixed=fixed)
        most = max(
            weights[nearest(costs, chosen) <= 8].sum()
            for chosen in choices(costs.shape[1], fixed, [count])
        )
        assert found.objective == most
        assert found.bound == pytest.approx(most)
        assert found.bound >= found.objective
        assert len(found.chosen) <= count
        assert set(fixed) <= set(found.chosen.tolist())
        check_assignment(found, costs, 8)


class TestAnswers:
    def test_the_same_twice_and_nothing_changed(self):
        draw = np.random.default_rng(7)
        costs, weights = draw.random((80, 30)), draw.integers(1, 9, 80).astype(float)
        kept = costs.copy()
        first = siting.p_median(costs, weights, 6)
        again = siting.p_median(costs, weights, 6)
        assert first.chosen.tolist() == again.chosen.tolist()
        assert (first.objective, first.bound) == (again.objective, again.bound)
        assert (costs == kept).all()
        assert first.bound >= 0.999 * first.objective

    def test_everything_at_one_point(self):
        costs = np.zeros((5, 4))
        for found in (
            siting.p_median(costs, count=2),
            siting.p_center(costs, count=2),
        ):
            assert (found.objective, found.bound) == (0, 0)
            assert found.assignment.tolist() == [0] * 5
        assert siting.cover_all(costs, limit=0).chosen.tolist() == [0]
        assert siting.cover_most(costs, count=3, limit=0).chosen.tolist() == [0]

    def test_nobody_anywhere(self):
        costs = np.array([[1.0, 2.0], [3.0, 4.0]])
        for weights in ([0, 0], None):
            given = costs if weights else np.zeros((0, 2))
            assert siting.p_median(given, weights, 1).objective == 0
            assert siting.p_center(given, weights, 1).objective == 0
            assert siting.cover_most(given, weights, 1, limit=9).objective == 0
            assert siting.cover_all(given, weights, limit=9).chosen.tolist() == []

    def test_nobody_can_be_reached(self):
        costs = np.full((3, 2), np.inf)
        for found in (
            siting.p_median(costs, count=1),
            siting.p_center(costs, count=1),
            siting.cover_all(costs, limit=1),
            siting.cover_most(costs, count=1, limit=1),
        ):
            assert found.unreached.tolist() == [0, 1, 2]
            assert found.assignment.tolist() == [-1, -1, -1]
            assert (found.objective, found.bound) == (0, 0)

    def test_the_center_cannot_serve_all_islands(self):
        costs = np.array([[1.0, np.inf], [2.0, np.inf], [np.inf, 1.0]])
        found = siting.p_center(costs, count=1)
        assert found.chosen.tolist() == [0]
        assert (found.objective, found.bound) == (np.inf, np.inf)
        assert found.assignment.tolist() == [0, 0, -1]

    def test_the_limit_is_within_reach(self):
        costs = np.array([[5.0, 1.0], [5.0, 6.0]])
        assert siting.cover_most(costs, count=1, limit=5).chosen.tolist() == [0]
        assert siting.p_median(costs, count=1, limit=5).chosen.tolist() == [0]

    def test_no_site_at_all(self):
        costs = np.zeros((2, 0))
        found = siting.cover_all(costs, limit=3)
        assert found.chosen.tolist() == []
        assert found.unreached.tolist() == [0, 1]
        with pytest.raises(GeodataError, match="1 sites are wanted, there are 0"):
            siting.p_median(costs, count=1)


class TestFaults:
    def test_all_are_named_at_once(self):
        costs = np.array([[1.0, np.nan], [2.0, 3.0], [-1.0, 2.0]])
        with pytest.raises(GeodataError) as raised:
            siting.p_median(costs, [1, -2, np.inf], 3, limit=-1, fixed=[5], capacity=[1])
        places = [(fault.row, fault.column) for fault in raised.value.faults]
        assert places == [
            (0, "costs"),
            (2, "costs"),
            (1, "weights"),
            (2, "weights"),
            (None, "capacity"),
            (None, "fixed"),
            (None, "count"),
            (None, "limit"),
        ]

    @pytest.mark.parametrize("absurd", [1e13, 1e308, 1e-10, 5e-324])
    def test_absurd_numbers(self, absurd):
        for costs, weights in (([[absurd, 1.0]], None), ([[1.0, 1.0]], [absurd])):
            with pytest.raises(GeodataError, match="row 0, column '(costs|weights)'"):
                siting.p_median(costs, weights, 1)

    @pytest.mark.parametrize("limit", [-1, np.nan, np.inf, "5"])
    def test_limit(self, limit):
        with pytest.raises(GeodataError, match="column 'limit'"):
            siting.cover_most(np.ones((2, 2)), count=1, limit=limit)

    @pytest.mark.parametrize("count", [None, 0, -1, 1.5, True, 3])
    def test_count(self, count):
        with pytest.raises(GeodataError, match="count"):
            siting.cover_most(np.ones((2, 2)), count=count, limit=2)

    def test_fewer_than_fixed_and_a_count_for_cover_all(self):
        with pytest.raises(GeodataError, match="2 are fixed"):
            siting.p_median(np.ones((2, 2)), count=1, fixed=[0, 1])
        with pytest.raises(GeodataError, match="leave it out"):
            siting.cover_all(np.ones((2, 2)), count=1, limit=2)

    @pytest.mark.parametrize("costs", [[1, 2], "text", [[1, 2], [3]], None])
    def test_costs_are_no_table(self, costs):
        with pytest.raises(GeodataError, match="costs"):
            siting.cover_all(costs, limit=2)


class TestOpenSites:
    COSTS = np.array(
        [[1.0, 9.0, 9.0, 2.0], [1.0, 2.0, 9.0, 9.0], [9.0, 4.0, 9.0, 9.0], [9, 9, 3, 9]]
    )
    PEOPLE = (5.0, 2.0, 3.0, 4.0)

    def test_least_missed(self):
        found = siting.least_missed(self.COSTS, self.PEOPLE, [1, 0], limit=5)
        assert found.sites.tolist() == [0, 1]
        assert found.people.tolist() == [5, 3]
        assert found.farther.tolist() == [2, 0]
        assert found.site == 1

    def test_of_sites_nobody_needs_the_one_whose_loss_costs_least(self):
        costs = np.array([[1.0, 2.0, 3.0]])
        assert siting.least_missed(costs, None, [0, 1], 9).site == 1
        assert siting.least_missed(costs, None, [1, 2], 9).site == 2
        assert siting.least_missed(costs, None, [2], 9).people.tolist() == [1]

    def test_none_is_open(self):
        found = siting.least_missed(self.COSTS, self.PEOPLE, [], limit=5)
        assert (found.site, len(found.people)) == (-1, 0)

    def test_best_next(self):
        found = siting.best_next(self.COSTS, self.PEOPLE, [0], limit=5)
        assert found.site == 2
        assert found.people.tolist() == [0, 3, 4, 0]
        assert found.covered.tolist() == [3]

    def test_equally_good_ones_by_distance_then_position(self):
        costs = np.array([[3.0, 2.0, 2.0]])
        assert siting.best_next(costs, None, [], limit=5).site == 1

    def test_nobody_is_left(self):
        found = siting.best_next(self.COSTS, self.PEOPLE, [0, 1, 2], limit=5)
        assert (found.site, found.covered.tolist()) == (-1, [])
        assert siting.best_next(np.zeros((0, 2)), None, [], 5).site == -1
        assert siting.best_next(np.zeros((2, 0)), None, [], 5).site == -1
