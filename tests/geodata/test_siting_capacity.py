"""Sites with room for so many people: equal to trying every way to place whole demands."""

from itertools import product

import numpy as np
import pytest
from test_siting import choices

from geodata import placing, placing_search, siting
from geodata.errors import GeodataError


def towns(seed):
    """Give a few homes and sites of little room."""
    draw = np.random.default_rng(seed)
    size, sites = int(draw.integers(1, 6)), int(draw.integers(1, 5))
    costs = draw.integers(0, 20, (size, sites)).astype(float)
    if seed % 3 == 1:
        costs[draw.random(costs.shape) < 0.3] = np.inf
    weights = draw.integers(0, 5, size).astype(float)
    room = draw.integers(0, 12, sites).astype(float)
    if seed % 4 == 0:
        room[0] = np.inf
    count = int(draw.integers(1, sites + 1))
    fixed = [int(draw.integers(sites))] if seed % 5 == 4 else []
    return costs, weights, count, fixed, room


def placings(costs, weights, chosen, room):
    """Give the ways to place whole demands: people served, their total cost, the farthest."""
    rows = np.flatnonzero(weights > 0)
    for sites in product([-1, *chosen], repeat=len(rows)):
        at = np.array(sites, dtype=int)
        served, where = rows[at >= 0], at[at >= 0]
        cost = costs[served, where]
        filled = np.bincount(where, weights[served], minlength=len(room))
        if np.isfinite(cost).all() and (filled <= room).all():
            yield weights[served].sum(), (weights[served] * cost).sum(), cost.max(initial=0)


def check(found, costs, weights, room):
    served = (found.assignment >= 0) & (weights > 0)
    where = found.assignment[served]
    assert np.isin(where, found.chosen).all()
    assert np.isfinite(costs[served, where]).all()
    assert (np.bincount(where, weights[served], minlength=len(room)) <= room).all()
    assert found.unreached.tolist() == np.flatnonzero(np.isinf(costs).all(axis=1)).tolist()


@pytest.mark.parametrize("seed", range(20))
class TestEveryPlacing:
    def test_p_median(self, seed):
        costs, weights, count, fixed, room = towns(seed)
        found = siting.p_median(costs, weights, count, fixed=fixed, capacity=room)
        check(found, costs, weights, room)
        people, least = min(
            (-served, total)
            for chosen in choices(len(room), fixed, [count])
            for served, total, _ in placings(costs, weights, chosen, room)
        )
        assert weights[found.assignment >= 0].sum() == -people
        assert found.objective == pytest.approx(least)
        assert found.bound == pytest.approx(least, abs=1e-5)
        assert found.bound <= found.objective
        assert len(found.chosen) == count

    def test_cover_most(self, seed):
        costs, weights, count, fixed, room = towns(seed)
        costs = np.where(costs <= 12, costs, np.inf)
        found = siting.cover_most(costs, weights, count, 12, fixed, room)
        check(found, costs, weights, room)
        most = max(
            served
            for chosen in choices(len(room), fixed, [count])
            for served, _, _ in placings(costs, weights, chosen, room)
        )
        assert found.objective == most
        assert found.bound == pytest.approx(most)
        assert len(found.chosen) <= count

    def test_cover_all(self, seed):
        costs, weights, _, fixed, room = towns(seed)
        found = siting.cover_all(costs, weights, fixed=fixed, capacity=room)
        check(found, costs, weights, room)
        people, least = min(
            (-served, len(chosen))
            for chosen in choices(len(room), fixed, range(len(room) + 1))
            for served, _, _ in placings(costs, weights, chosen, room)
        )
        assert weights[found.assignment >= 0].sum() == -people
        assert found.objective == found.bound == len(found.chosen) == least

    def test_p_center(self, seed):
        costs, weights, count, fixed, room = towns(seed)
        found = siting.p_center(costs, weights, count, fixed=fixed, capacity=room)
        check(found, costs, weights, room)
        everybody = weights[np.isfinite(costs).any(axis=1)].sum()
        least = min(
            (
                farthest
                for chosen in choices(len(room), fixed, [count])
                for served, _, farthest in placings(costs, weights, chosen, room)
                if served == everybody
            ),
            default=np.inf,
        )
        assert found.objective == found.bound == least

    def test_too_large_to_search(self, seed, monkeypatch):
        costs, weights, count, fixed, room = towns(seed)
        exact = {}
        for limit in (20_000, 0):
            monkeypatch.setattr(placing, "PAIRS", limit)
            for model in (siting.p_median, siting.p_center, siting.cover_most, siting.cover_all):
                wanted = None if model is siting.cover_all else count
                found = model(costs, weights, wanted, fixed=fixed, capacity=room)
                check(found, costs, weights, room)
                best = exact.setdefault(model, found)
                everybody = ((found.assignment >= 0) == (best.assignment >= 0)).all()
                if model is siting.cover_most:
                    assert found.objective <= best.objective <= found.bound
                elif everybody:
                    assert found.bound <= best.objective <= found.objective + 1e-9


def town_of(size, sites, count, seed):
    """Give homes and sites on a plain, with room for hardly more than there are."""
    draw = np.random.default_rng(seed)
    homes, spots = draw.random((size, 2)) * 1000, draw.random((sites, 2)) * 1000
    costs = np.hypot(*(homes[:, None] - spots[None]).transpose(2, 0, 1))
    costs[0] = np.inf  # nobody gets there
    weights = draw.integers(1, 7, size).astype(float)
    return costs, weights, count, np.full(sites, np.ceil(weights.sum() / count * 1.03))


@pytest.mark.parametrize("seed", range(2))
def test_with_little_room_everybody_is_placed_before_anything_is_searched(seed, monkeypatch):
    costs, weights, count, room = town_of(50, 24, 4, seed)
    monkeypatch.setattr(placing_search, "_PAIR_NODES", 0)
    found = siting.p_median(costs, weights, count, capacity=room)
    check(found, costs, weights, room)
    assert (found.assignment[1:] >= 0).all()
    assert found.bound <= found.objective <= 1.08 * found.bound


def test_the_search_leaves_out_only_sites_that_are_in_no_better_choice(monkeypatch):
    for seed in range(4):
        costs, weights, count, room = town_of(14, 9, 3, seed)
        # it begins with a poor choice and has to find the better ones itself
        for name in ("_moved", "_exchanged"):
            monkeypatch.setattr(placing_search, name, lambda _, best: best)
        found = siting.p_median(costs, weights, count, capacity=room)
        monkeypatch.setattr(placing, "improved", lambda *_: None)
        plain = siting.p_median(costs, weights, count, capacity=room)
        monkeypatch.undo()
        assert found.objective == pytest.approx(plain.objective)
        assert found.bound == pytest.approx(found.objective, rel=1e-6)


class TestRoom:
    def test_a_full_site_sends_the_rest_to_the_next(self):
        costs = np.array([[1.0, 5.0], [2.0, 4.0], [3.0, 9.0]])
        found = siting.p_median(costs, [2, 2, 2], 2, capacity=[4, 4])
        assert found.assignment.tolist() == [0, 1, 0]
        assert (found.objective, found.bound) == (16, pytest.approx(16))

    def test_no_room_at_all(self):
        found = siting.p_median([[1.0], [2.0]], [3, 4], 1, capacity=[0])
        assert (found.objective, found.assignment.tolist()) == (0, [-1, -1])
        assert siting.cover_all([[1.0]], [3], capacity=[2]).assignment.tolist() == [-1]

    def test_too_large_to_search_the_roomier_sites_are_taken(self, monkeypatch):
        monkeypatch.setattr(placing, "PAIRS", 0)
        costs = np.array([[1.0, 2.0, 9.0]] * 4)
        found = siting.p_median(costs, None, 2, capacity=[1, 1, 8])
        assert found.chosen.tolist() == [1, 2]
        assert (found.assignment >= 0).all()
        assert found.bound <= 2 + 9 * 3 == found.objective

    def test_room_must_be_a_number_of_people(self):
        with pytest.raises(GeodataError, match="row 1, column 'capacity'"):
            siting.cover_all(np.ones((2, 2)), capacity=[1, -1])
