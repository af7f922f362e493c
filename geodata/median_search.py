"""The p-median on arrays: a good choice, a bound that proves how good, and the rest searched."""

from dataclasses import dataclass

import numpy as np

from geodata import median_branches, median_exact
from geodata.median_branches import Branch, Task
from geodata.median_moves import add_sites, exchange_sites, raise_prices, two_nearest
from geodata.street_graph import Bools, Floats, Ints

_PHASES = 30
_ROUNDS = 50
_FIRST, _MORE = 40_000_000, 100_000_000  # pairs of demand and site to look at in branches
_TINY = 1e-9  # relative: nearer than this two totals are the same


@dataclass(frozen=True)
class Median:
    """Sites for the least total cost.

    Attributes
    ----------
    chosen
        Sorted positions of the sites.
    total
        The cost with these.
    bound
        No choice costs less.
    """

    chosen: Ints
    total: float
    bound: float


def least_total(cost: Floats, count: int, fixed: Ints) -> Median:
    """Open sites so that the total cost of everybody's nearest one is least.

    A choice by adding and exchanging sites and a bound by Lagrangian prices improve each other.
    Then the sites that the bound proves to be in or out of every better choice are settled, and
    what remains is searched: to the end if it is small, and always as far as a count of steps
    allows, never by the clock.

    Parameters
    ----------
    cost
        Array demand x site, weights included; finite, 0 or more.
    count
        How many sites are open, `fixed` included; at least one, and no more than there are.
    fixed
        Positions of sites that are always open.

    Returns
    -------
    Median
        Of equally cheap sites the one added or exchanged first; always the same for one input.
    """
    size, sites = cost.shape
    held = np.zeros(sites, dtype=bool)
    held[fixed] = True
    opened = held.copy()
    if not size:  # nobody to serve: any sites will do
        opened[np.flatnonzero(~held)[: count - held.sum()]] = True
        return Median(np.flatnonzero(opened), 0.0, 0.0)
    by_site = np.ascontiguousarray(cost.T)
    add_sites(by_site, opened, count)
    total = exchange_sites(by_site, opened, held)
    if count in (sites, held.sum()):
        return Median(np.flatnonzero(opened), total, total)
    task = Task.of(cost, count)
    opened, total, root = _priced(task, by_site, opened, held, total)
    bound = task.lifted(root.bound)
    if root.bound < task.cut(total):
        opened, total, bound = _searched(task, root, opened, total)
    return Median(np.flatnonzero(opened), total, min(bound, total))


def prices(cost: Floats, count: int, fixed: Ints, chosen: Ints) -> Floats:
    """Price the demand so that the prices bound what any choice of sites costs.

    Parameters
    ----------
    cost, count, fixed
        As for `least_total`.
    chosen
        A good choice; one is made if there is none.
    """
    if not len(cost):
        return np.zeros(0)
    held = np.zeros(cost.shape[1], dtype=bool)
    held[fixed] = True
    opened = held.copy()
    opened[chosen] = True
    by_site = np.ascontiguousarray(cost.T)
    add_sites(by_site, opened, count)
    task = Task.of(cost, count)
    _, _, root = _priced(task, by_site, opened, held, task.total(opened))
    return root.price


def _priced(
    task: Task, by_site: Floats, opened: Bools, held: Bools, total: float
) -> tuple[Bools, float, Branch]:
    """Raise the bound, trying the sites that the prices favour as a choice in between."""
    sites, size = by_site.shape
    first, second = np.empty(size), np.empty(size)
    two_nearest(by_site, opened, np.empty(size, dtype=np.int64), first, second)
    price = np.where(np.isfinite(second), (first + second) / 2, first)
    shut = np.zeros(sites, dtype=bool)
    scale, best = 1.0, Branch(-np.inf, held, shut, price, np.zeros(sites))
    for _ in range(_PHASES):
        bound, price, saving, scale = raise_prices(
            task.order, task.ranked, held, shut, task.count, total, price, scale, _ROUNDS
        )
        here = Branch(bound, held, shut, price, saving)
        best = here if bound > best.bound else best
        tried = here.favoured(task.count)
        value = exchange_sites(by_site, tried, held)
        if value < total - _TINY * total:
            opened, total = tried, value
        if scale == 0.0 or best.bound >= task.cut(total):
            break
    return opened, total, best


def _searched(task: Task, root: Branch, opened: Bools, total: float) -> tuple[Bools, float, float]:
    """Settle sites by their reduced costs and search the choices among the others."""
    root = root.settled(task.cut(total), task.count)
    free = np.flatnonzero(~root.into & ~root.out)
    spare = task.count - int(root.into.sum())
    if spare <= 0 or spare >= len(free):  # one choice at most is left
        if spare in (0, len(free)):
            only = ~root.out if spare else root.into
            value = task.total(only)
            opened, total = (only, value) if value < total - _TINY * total else (opened, total)
        return opened, total, task.proven(total)
    nodes = max(_FIRST // task.cost.size, 10)
    opened, total, bound = median_branches.search(task, root, opened, total, nodes)
    if bound >= task.cut(total):
        return opened, total, bound
    local = task.cost[:, free]
    # nobody can be farther than from the farthest: those pairs need not be told apart
    base = np.minimum(_base(task.cost, root.into), local.max(axis=1))
    if median_exact.pairs_of(base, local, spare) > median_exact.PAIRS:
        nodes = max(_MORE // task.cost.size, 10)
        return median_branches.search(task, root, opened, total, nodes)
    taken, lower = median_exact.search(base, local, spare)
    if taken is not None:
        tried = root.into.copy()
        tried[free[taken]] = True
        value = task.total(tried)
        opened, total = (tried, value) if value < total - _TINY * total else (opened, total)
    return opened, total, max(bound, min(task.lifted(lower), task.proven(total)))


def _base(cost: Floats, into: Bools) -> Floats:
    if not into.any():
        return np.full(len(cost), np.inf)
    nearest: Floats = cost[:, into].min(axis=1)
    return nearest
