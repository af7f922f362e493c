"""The inner loops of the p-median: adding, exchanging and pricing sites."""

import numpy as np

from geodata.compiled import compiled
from geodata.street_graph import Bools, Floats, Ints

_PATIENCE = 20  # rounds without a better bound after which steps become shorter
_SHORTEST = 1e-4  # shorter steps than this change nothing


@compiled
def add_sites(cost: Floats, opened: Bools, count: int) -> None:
    """Open sites one by one, each time the one that saves most, in place.

    Parameters
    ----------
    cost
        Array site x demand, weights included.
    opened
        Sites that are open; `count` of them are in the end.
    count
        How many are to be open.
    """
    sites, size = cost.shape
    nearest = np.full(size, np.inf)
    for site in range(sites):
        if opened[site]:
            for place in range(size):
                nearest[place] = min(nearest[place], cost[site, place])
    for _ in range(count - np.sum(opened)):
        best, least = -1, np.inf
        for site in range(sites):
            if opened[site]:
                continue
            total = 0.0
            for place in range(size):
                total += min(nearest[place], cost[site, place])
            if best < 0 or total < least:
                best, least = site, total
        opened[best] = True
        for place in range(size):
            nearest[place] = min(nearest[place], cost[best, place])


@compiled
def two_nearest(cost: Floats, opened: Bools, site_of: Ints, first: Floats, second: Floats) -> None:
    """Find the nearest open site of each demand, its cost and that of the next, in place."""
    sites, size = cost.shape
    first[:] = np.inf
    second[:] = np.inf
    site_of[:] = -1
    for site in range(sites):
        if not opened[site]:
            continue
        for place in range(size):
            value = cost[site, place]
            if value < first[place]:
                second[place] = first[place]
                first[place] = value
                site_of[place] = site
            elif value < second[place]:
                second[place] = value


@compiled
def exchange_sites(cost: Floats, opened: Bools, held: Bools) -> float:
    """Exchange an open for a closed site as long as that saves anything, in place.

    What is gained and lost by every exchange with one closed site is found in one pass over the
    demand (Whitaker 1983; Hansen and Mladenovic 1997).

    Parameters
    ----------
    cost
        Array site x demand, weights included.
    opened
        Sites that are open, at least one.
    held
        Those of them that stay open.

    Returns
    -------
    total
        Cost of the demand, each from its nearest open site.
    """
    sites, size = cost.shape
    site_of = np.empty(size, dtype=np.int64)
    first, second = np.empty(size), np.empty(size)
    loss = np.empty(sites)
    two_nearest(cost, opened, site_of, first, second)
    total = np.sum(first)
    failed, new = 0, 0
    while failed < sites:
        failed += 1
        if not opened[new]:
            gain = 0.0
            loss[:] = 0.0
            for place in range(size):
                value = cost[new, place]
                if value < first[place]:
                    gain += first[place] - value
                else:
                    loss[site_of[place]] += min(value, second[place]) - first[place]
            old, least = -1, np.inf
            for site in range(sites):
                if opened[site] and not held[site] and loss[site] < least:
                    old, least = site, loss[site]
            if old >= 0 and gain - least > 1e-9 * (1.0 + total):
                opened[old], opened[new] = False, True
                two_nearest(cost, opened, site_of, first, second)
                total = np.sum(first)
                failed = 0
        new = (new + 1) % sites
    return total


@compiled
def _saved(order: Ints, ranked: Floats, price: Floats) -> Floats:
    """Give what each site saves, 0 or less, if everybody is served at these prices."""
    size, sites = ranked.shape
    saving = np.zeros(sites)
    for place in range(size):
        for rank in range(sites):
            if ranked[place, rank] >= price[place]:
                break
            saving[order[place, rank]] += ranked[place, rank] - price[place]
    return saving


@compiled
def _favoured(saving: Floats, held: Bools, shut: Bools, count: int) -> Bools:
    """Choose the sites that save most, the lower position of equal ones."""
    key = np.where(held, -np.inf, np.where(shut, np.inf, saving))
    chosen = np.zeros(len(saving), dtype=np.bool_)
    chosen[np.argsort(key, kind="mergesort")[:count]] = True
    return chosen


@compiled
def _slope(order: Ints, ranked: Floats, price: Floats, chosen: Bools) -> Floats:
    """Give 1 less the number of chosen sites that would serve each demand at its price."""
    size, sites = ranked.shape
    slope = np.ones(size)
    for place in range(size):
        for rank in range(sites):
            if ranked[place, rank] >= price[place]:
                break
            if chosen[order[place, rank]]:
                slope[place] -= 1.0
    return slope


@compiled
def raise_prices(
    order: Ints,
    ranked: Floats,
    held: Bools,
    shut: Bools,
    count: int,
    upper: float,
    start: Floats,
    scale: float,
    rounds: int,
) -> tuple[float, Floats, Floats, float]:
    """Raise the lower bound by subgradient steps on the price of serving each demand.

    The constraints that everybody is served once are relaxed (Cornuejols, Fisher and Nemhauser
    1977; steps after Held, Wolfe and Crowder 1974).

    Parameters
    ----------
    order, ranked
        Sites from near to far and their costs, array demand x rank.
    held, shut
        Sites that are open, and that are closed, in any case.
    count
        How many sites are open.
    upper
        Cost of a solution.
    start
        Price of each demand to begin with.
    scale
        Length of the first step as a share of what would close the gap.
    rounds
        How many steps at most.

    Returns
    -------
    bound, price, saving, scale
        The best bound, the prices that prove it, what each site saves at these (0 or less), and
        the scale of the last step, 0 if no step would help.
    """
    price = np.maximum(start, ranked[:, 0])
    best, best_price, best_saving = -np.inf, price, np.zeros(ranked.shape[1])
    stale = 0
    for _ in range(rounds):
        saving = _saved(order, ranked, price)
        chosen = _favoured(saving, held, shut, count)
        bound = np.sum(price) + np.sum(saving[chosen])
        stale += 1
        if bound > best:
            best, best_price, best_saving, stale = bound, price, saving, 0
        if stale >= _PATIENCE:
            scale, stale, price = scale / 2.0, 0, best_price
            if scale < _SHORTEST:
                return best, best_price, best_saving, 0.0
            continue
        slope = _slope(order, ranked, price, chosen)
        square = np.sum(slope**2)
        if square == 0.0 or best >= upper:
            return best, best_price, best_saving, 0.0
        step = scale * (1.001 * upper - bound) / square
        price = np.maximum(price + step * slope, ranked[:, 0])
    return best, best_price, best_saving, scale
