"""Prices of demand that is placed whole where there is little room, raised until they bound well.

At given prices the best a site can do is a knapsack, filled exactly: people are whole and so are
the households they live in. That bounds more sharply than sites filled with parts.
"""

import numpy as np

from geodata.compiled import compiled
from geodata.street_graph import Bools, Floats, Ints

_PATIENCE = 40  # rounds without a better bound after which steps become shorter


@compiled
def filled(value: Floats, size: Ints, room: int, taken: Bools) -> float:
    """Fill a site with what is worth most, in place; give what that is worth.

    Parameters
    ----------
    value
        Of each demand; those of nothing or less are left out.
    size
        People of each.
    room
        People that fit.
    taken
        Which are taken, as they are found.
    """
    count = len(value)
    use = np.zeros((count, room + 1), dtype=np.bool_)
    best = np.zeros(room + 1)
    for item in range(count):
        taken[item] = False
        if value[item] <= 0.0 or size[item] > room:
            continue
        for left in range(room, size[item] - 1, -1):
            more = best[left - size[item]] + value[item]
            if more > best[left]:
                best[left] = more
                use[item, left] = True
    left = room
    for item in range(count - 1, -1, -1):
        if use[item, left]:
            taken[item] = True
            left -= size[item]
    return float(best[room])


@compiled
def raise_prices(
    paid: Floats,
    size: Ints,
    room: Ints,
    held: Bools,
    count: int,
    upper: float,
    start: Floats,
    rounds: int,
) -> tuple[float, Floats, Floats]:
    """Raise the bound by subgradient steps on the price of placing each demand.

    Parameters
    ----------
    paid
        Array demand x site: people x cost; infinite where it may not go.
    size, room
        People of each demand, and of each site.
    held
        Sites that are open in any case.
    count
        How many are open.
    upper
        Cost of a choice.
    start
        Prices to begin with.
    rounds
        How many steps.

    Returns
    -------
    bound, price, earned
        The best bound, the prices that prove it, and what each site earns at these.
    """
    demand, sites = paid.shape
    price, scale, stale = start.copy(), 1.5, 0
    best, best_price, best_earned = -np.inf, price.copy(), np.zeros(sites)
    taken = np.zeros((sites, demand), dtype=np.bool_)
    earned, value = np.zeros(sites), np.zeros(demand)
    for _ in range(rounds):
        for site in range(sites):
            for place in range(demand):
                value[place] = price[place] - paid[place, site]
            earned[site] = filled(value, size, room[site], taken[site])
        key = np.where(held, -np.inf, -earned)
        order = np.argsort(key, kind="mergesort")[:count]
        bound = np.sum(price) - np.sum(earned[order])
        stale += 1
        if bound > best:
            best, best_price, best_earned, stale = bound, price.copy(), earned.copy(), 0
        if stale >= _PATIENCE:
            scale, stale, price = scale / 2.0, 0, best_price.copy()
        slope = np.ones(demand)
        for site in order:
            for place in range(demand):
                if taken[site, place]:
                    slope[place] -= 1.0
        square = np.sum(slope**2)
        if square == 0.0 or best >= upper or scale < 1e-3:
            break
        price = price + scale * (1.001 * upper - bound) / square * slope
    return best, best_price, best_earned
