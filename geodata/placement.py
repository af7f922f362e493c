"""Whole households into free beds at best: the small integer programme behind an assignment.

HiGHS is used as it comes with SciPy: highspy and OR-Tools bring two versions of one library and
cannot be loaded together.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_SWAP_GAP = 1e-6  # share of the time that is not worth the search among equally many people
_NOBODY = 1e-3  # an empty household weighs this much, so that it is not forgotten
NODES = 4000  # branch and bound stops here: a count, so that every machine stops alike


def most_served(
    people: Integers,
    seconds: Floats,
    prices: Floats,
    free: Integers,
    urgent: Flags,
    start: Integers,
    choices: int,
) -> Integers:
    """Place as many people as possible, urgent households first, then in the least time.

    Parameters
    ----------
    people
        People of each household.
    seconds
        Array households x shelters; infinite where one may not go.
    prices
        Seconds a bed of each shelter is worth to others.
    free
        Beds free in each shelter.
    urgent
        Households whose people count before all others.
    start
        A placement to start from: positions of shelters, -1 for nowhere.
    choices
        Shelters considered per household: the nearest ones by seconds and price, and its own.

    Returns
    -------
    Array of positions, -1 for nowhere; never fewer people than *start* places.
    """
    pairs = _pairs(seconds + prices, start, choices)
    count = _weight(people)
    first = float(count[~urgent].sum()) + 1.0
    value = (np.where(urgent, first, 1.0) * count)[pairs[0]]
    most = _solved(people, free, start, pairs, -value)
    cost = count[pairs[0]] * seconds[pairs]
    return _solved(people, free, most, pairs, cost, value=value, gap=_SWAP_GAP)


def least_time(
    people: Integers,
    seconds: Floats,
    prices: Floats,
    free: Integers,
    start: Integers,
    choices: int,
    slack: float,
) -> Integers:
    """Place the same households as *start* does in the least people x seconds.

    Parameters
    ----------
    people, free, start
        As in `most_served`.
    seconds
        Array households x shelters; infinite where one may not go.
    prices
        Seconds a bed of each shelter is worth to others.
    choices
        Shelters considered per household: the nearest ones by seconds and price, and its own.
    slack
        Person-seconds above the least at which to stop.

    Returns
    -------
    Array of positions, -1 exactly where *start* has it; never more time than *start* takes.
    """
    result = start.copy()
    at = np.flatnonzero(start >= 0)
    household, place = _pairs(seconds[at] + prices, start[at], choices)
    detour = seconds[at] - seconds[at].min(axis=1)[:, None]
    cost = _weight(people[at])[household] * detour[household, place]
    before = float(cost[start[at][household] == place].sum())
    gap = min(slack / before, 0.5) if before else 0.0
    pairs = household, place
    result[at] = _solved(people[at], free, start[at], pairs, cost, all_in=True, gap=gap)
    return result


def _pairs(cost: Floats, start: Integers, choices: int) -> tuple[Integers, Integers]:
    """List (household, shelter) that may be chosen: the cheapest few and the present one."""
    wanted = np.zeros(cost.shape, dtype=bool)
    order = np.argsort(cost, axis=1, kind="stable")[:, :choices]
    wanted[np.arange(len(cost))[:, None], order] = True
    wanted &= np.isfinite(cost)
    placed = np.flatnonzero(start >= 0)
    wanted[placed, start[placed]] = True
    household, place = np.nonzero(wanted)
    return household.astype(np.int64), place.astype(np.int64)


def _solved(
    people: Integers,
    free: Integers,
    start: Integers,
    pairs: tuple[Integers, Integers],
    cost: Floats,
    *,
    all_in: bool = False,
    value: Floats | None = None,
    gap: float = 0.0,
) -> Integers:
    """Solve: each household at most (or exactly) once, each shelter within its beds.

    With a *value* per pair, the chosen pairs are worth at least what *start* is worth.
    """
    household, place = pairs
    count = len(household)
    if not count:
        return start
    now = start[household] == place
    column = np.arange(count)
    rows = np.concatenate([household, len(people) + place])
    values = np.concatenate([np.ones(count), people[household]]).astype(float)
    matrix = sparse.csc_array(
        (values, (rows, np.concatenate([column, column]))),
        shape=(len(people) + len(free), count),
    )
    low = np.concatenate([np.full(len(people), float(all_in)), np.full(len(free), -np.inf)])
    high = np.concatenate([np.ones(len(people)), free.astype(float)])
    constraints = [LinearConstraint(matrix, low, high)]
    if value is not None:
        worth = float(value[now].sum()) - _NOBODY / 2
        constraints.append(LinearConstraint(sparse.csc_array(value[None, :]), worth, np.inf))
    found = milp(
        cost,
        integrality=np.ones(count, dtype=np.int64),
        bounds=Bounds(0.0, 1.0),
        constraints=constraints,
        options={"node_limit": NODES, "mip_rel_gap": gap},
    )
    if found.x is None:  # the node limit came before a first solution
        return start
    taken = found.x > 0.5
    if float(cost[taken].sum()) > float(cost[now].sum()):
        return start
    result = np.full(len(people), -1, dtype=np.int64)
    result[household[taken]] = place[taken]
    return result


def _weight(people: Integers) -> Floats:
    return np.where(people > 0, people, _NOBODY).astype(np.float64)
