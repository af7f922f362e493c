"""The parts of the p-median search, each from a poor start, beside every choice there is."""

from itertools import combinations

import numpy as np
import pytest

from geodata import median_branches, median_exact
from geodata.median_branches import Branch, Task
from geodata.median_moves import exchange_sites, raise_prices
from geodata.median_search import least_total

SITES, COUNT, SIZE = 12, 4, 25


def costs(seed):
    """Give costs without any geometry, on which good bounds are hard to come by."""
    draw = np.random.default_rng(seed)
    whole = draw.integers(1, 60, (SIZE, SITES)).astype(float)
    return whole if seed % 2 else whole * 0.173


def every(cost, count=COUNT):
    """Give all choices and what they cost, cheapest first."""
    chosen = np.array(list(combinations(range(cost.shape[1]), count)))
    total = cost[:, chosen].min(axis=2).sum(axis=0)
    order = np.argsort(total, kind="stable")
    return chosen[order], total[order]


def flags(chosen):
    opened = np.zeros(SITES, dtype=bool)
    opened[chosen] = True
    return opened


def root(task, total, held, shut, rounds=30):
    price = task.ranked[:, :2].mean(axis=1)
    bound, price, saving, _ = raise_prices(
        task.order, task.ranked, held, shut, task.count, total, price, 1.0, rounds
    )
    return Branch(bound, held, shut, price, saving)


@pytest.mark.parametrize("seed", range(16))
class TestSearch:
    def test_it_ends_at_the_best(self, seed):
        cost = costs(seed)
        _, total = every(cost)
        found = least_total(cost, COUNT, np.zeros(0, dtype=np.intp))
        assert found.total == pytest.approx(total[0])
        assert found.total * (1 - 1e-8) <= found.bound <= found.total

    def test_branches_from_the_worst_choice(self, seed):
        cost = costs(seed)
        task = Task.of(cost, COUNT)
        chosen, total = every(cost)
        none = np.zeros(SITES, dtype=bool)
        begin = root(task, total[-1], none, none)
        opened, value, bound = median_branches.search(
            task, begin, flags(chosen[-1]), total[-1], 5_000
        )
        assert value == pytest.approx(total[0])
        assert task.total(opened) == pytest.approx(value)
        assert opened.sum() == COUNT
        assert value * (1 - 1e-8) <= bound <= value

    def test_branches_cut_short_claim_no_more_than_is_true(self, seed):
        cost = costs(seed)
        task = Task.of(cost, COUNT)
        chosen, total = every(cost)
        none = np.zeros(SITES, dtype=bool)
        for nodes in (0, 4, 16):
            begin = root(task, total[-1], none, none, rounds=3)
            _, value, bound = median_branches.search(
                task, begin, flags(chosen[-1]), total[-1], nodes
            )
            assert bound <= total[0] + 1e-9 <= value + 2e-9

    def test_sites_are_settled_only_if_no_better_choice_differs(self, seed):
        cost = costs(seed)
        task = Task.of(cost, COUNT)
        chosen, total = every(cost)
        none = np.zeros(SITES, dtype=bool)
        for known in (1, 5, 40):
            cut = task.cut(total[known])
            done = root(task, total[known], none, none, rounds=400).settled(cut, COUNT)
            for better in chosen[total < cut]:
                assert (flags(better) >= done.into).all()
                assert not (flags(better) & done.out).any()

    def test_prices_bound_what_is_held_and_shut(self, seed):
        cost = costs(seed)
        task = Task.of(cost, COUNT)
        chosen, total = every(cost)
        held, shut = flags([3]), flags([0, 7])
        allowed = np.array([3 in some and not {0, 7} & set(some) for some in chosen.tolist()])
        assert root(task, total[-1], held, shut, 400).bound <= total[allowed].min() + 1e-9

    def test_exchanges_end_where_none_saves_anything(self, seed):
        cost = costs(seed)
        opened, held = flags(range(COUNT)), flags([1])
        total = exchange_sites(np.ascontiguousarray(cost.T), opened, held)
        assert opened.sum() == COUNT
        assert opened[1]
        assert total == pytest.approx(cost[:, opened].min(axis=1).sum())
        for old in np.flatnonzero(opened & ~held):
            for new in np.flatnonzero(~opened):
                other = opened.copy()
                other[old], other[new] = False, True
                assert cost[:, other].min(axis=1).sum() >= total - 1e-6

    @pytest.mark.parametrize("spare", [0, 1, 3])
    def test_the_program_with_and_without_open_sites(self, seed, spare):
        cost = costs(seed)
        base = cost[:, 0] if seed % 3 or not spare else np.full(SIZE, np.inf)
        taken, bound = median_exact.search(base, cost[:, 1:], spare)
        least = min(
            np.minimum(base, cost[:, 1:][:, list(some)].min(axis=1, initial=np.inf)).sum()
            for some in combinations(range(SITES - 1), spare)
        )
        local = cost[:, 1:][:, taken].min(axis=1, initial=np.inf)
        assert np.minimum(base, local).sum() == pytest.approx(least)
        assert bound == pytest.approx(least)
