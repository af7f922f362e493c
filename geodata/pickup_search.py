"""Tours made better by taking some stops out and putting them in again (Schrimpf et al. 2000)."""

from collections.abc import Sequence

import numpy as np

from geodata.pickup_plans import Clock, Fleet, Plan, inserted, total

_SHARE = 0.15  # of all stops at most are taken out at once


def renewed(
    fleet: Fleet, clock: Clock, plan: Plan, stops: Sequence[int], rounds: int, seed: int = 0
) -> Plan:
    """Take out stops that are near one another, put them in again, keep what is better.

    Parameters
    ----------
    fleet, clock
        The vehicles and what they are to fetch.
    plan
        A sound plan.
    stops
        Those that can be fetched, the weightiest first; whoever is left over is tried again.
    rounds
        How often: a count and no time, so that every machine stops alike.
    seed
        For what is taken out.

    Returns
    -------
    Plan
        A sound plan that does not cost more.
    """
    if len(stops) < 2 or not fleet.vehicles:
        return plan
    rng = np.random.default_rng(seed)
    mine = np.array(stops)
    best = total(fleet, clock, plan)
    most = max(3, int(len(mine) * _SHARE))
    for number in range(rounds):
        middle = mine[int(rng.integers(len(mine)))]
        count = int(rng.integers(2, most + 1))
        near = mine[np.argsort(fleet.between[middle, mine], kind="stable")[:count]]
        kept = _without(plan, set(near.tolist()))
        inside = {stop for tours in kept for tour in tours for stop in tour}
        out = [stop for stop in stops if stop not in inside]
        if number % 2:
            out = [out[at] for at in rng.permutation(len(out)).tolist()]
        again = inserted(fleet, clock, kept, out)
        cost = total(fleet, clock, again)
        if cost < best:
            plan, best = again, cost
    return plan


def _without(plan: Plan, gone: set[int]) -> Plan:
    return tuple(
        tuple(rest for tour in tours if (rest := tuple(stop for stop in tour if stop not in gone)))
        for tours in plan
    )
