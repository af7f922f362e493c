"""Where to add a facility: the best sites of many, each answer with a bound that proves it.

Costs are a table demand x site, usually the seconds or metres of `Network.matrix`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geodata import placing, set_cover
from geodata.median_search import least_total
from geodata.open_sites import Missed, Next, best_next, least_missed
from geodata.siting_inputs import Case, read
from geodata.street_graph import Bools, Floats, Ints

__all__ = [
    "Missed",
    "Next",
    "Sites",
    "best_next",
    "cover_all",
    "cover_most",
    "least_missed",
    "p_center",
    "p_median",
]


@dataclass(frozen=True)
class Sites:
    """Chosen sites.

    Attributes
    ----------
    chosen
        Sorted positions of the open sites, the fixed ones among them.
    assignment
        For every demand the position of its site, -1 where it has none; the nearest one (of
        equally near ones the lower position) unless capacities send it elsewhere.
    objective
        What was minimised or, by `cover_most`, maximised.
    bound
        No choice has a lower objective or, for `cover_most`, a higher one. Equal to the
        objective, but for a billionth of it, where the choice is proven to be best.
    unreached
        Positions of the demand that no site reaches, whichever are open.
    """

    chosen: Ints
    assignment: Ints
    objective: float
    bound: float
    unreached: Ints


def p_median(
    costs: ArrayLike,
    weights: ArrayLike | None = None,
    count: int | None = None,
    limit: float | None = None,
    fixed: Sequence[int] | Ints = (),
    capacity: ArrayLike | None = None,
) -> Sites:
    """Choose sites so that the sum of people x cost is least.

    Parameters
    ----------
    costs
        Array demand x site, 0 to 1e12; infinite where there is no way.
    weights
        People of each demand, 0 or more; 1 each by default.
    count
        How many sites are open, the fixed ones among them.
    limit
        A site farther than this does not serve a demand; by default any does.
    fixed
        Positions of existing sites, which are always open.
    capacity
        People each site takes in, infinite without limit. A demand is kept whole: all its
        people go to one site.

    Returns
    -------
    Sites
        `objective` and the lower `bound` are of those who can be served. If no choice serves all
        whom some site reaches, the most people are served, then at the least cost; `bound` is 0
        unless it is proven that no choice serves more. Without capacities everybody goes to the
        nearest site.

    Raises
    ------
    GeodataError
        If numbers are missing, out of range or do not fit together, or the count is more than the
        sites or less than the fixed ones; names all of them.
    """
    case = read(costs, weights, count, limit, fixed, capacity)
    if case.room is not None:
        return _placed(case, placing.least_total(case))
    table, price = case.priced
    found = least_total(table, case.count, case.fixed)
    assignment = _nearest(case.costs, found.chosen)
    objective = case.total(assignment)
    left = price * float(case.weights[case.counted & (assignment < 0)].sum())
    bound = min(max(found.bound - left, 0.0), objective)
    # the solver adds in another order: a difference of its last digits proves nothing less
    bound = objective if found.bound == found.total else bound
    return _sites(case, found.chosen, assignment, objective, bound)


def p_center(
    costs: ArrayLike,
    weights: ArrayLike | None = None,
    count: int | None = None,
    limit: float | None = None,
    fixed: Sequence[int] | Ints = (),
    capacity: ArrayLike | None = None,
) -> Sites:
    """Choose sites so that the farthest demand is as near as possible.

    Found by trying costs: for each, the fewest sites within which everybody has one (Minieka
    1970).

    Parameters
    ----------
    costs, weights, count, limit, fixed, capacity
        As in `p_median`. Weights say who counts (a demand of 0 people does not) and how much
        room they take. Fewer sites than `count` are chosen if more bring nobody nearer.

    Returns
    -------
    Sites
        `objective` is the cost of the farthest. If no choice serves all whom some site reaches,
        `objective` and `bound` are infinite and the most people are served. 0 if there is
        nobody.

    Raises
    ------
    GeodataError
        As in `p_median`.
    """
    case = read(costs, weights, count, limit, fixed, capacity)
    if case.room is not None:
        return _placed(case, placing.least_farthest(case))
    share = case.costs[case.counted]
    if not len(share):
        return _sites(case, case.fixed, _nearest(case.costs, case.fixed), 0.0, 0.0)
    steps = np.unique(share[np.isfinite(share)])
    low = int(np.searchsorted(steps, share.min(axis=1).max()))
    high, chosen, refuted = len(steps), case.fixed, low - 1
    while low < high:  # below `low` it cannot be shown, at `high` it is
        middle = (low + high) // 2
        cover = _covering(share <= steps[middle], case, enough=case.count)
        if len(cover.chosen) <= case.count:
            high, chosen = middle, cover.chosen
        else:
            low = middle + 1
            refuted = middle if cover.bound > case.count else refuted
    if high == len(steps):
        most = _most(case)
        bound = steps[refuted + 1] if refuted + 1 < len(steps) else np.inf
        return _sites(case, most.chosen, most.assignment, np.inf, float(bound))
    assignment = _nearest(case.costs, chosen)
    return _sites(case, chosen, assignment, float(steps[high]), float(steps[refuted + 1]))


def cover_all(
    costs: ArrayLike,
    weights: ArrayLike | None = None,
    count: int | None = None,
    limit: float | None = None,
    fixed: Sequence[int] | Ints = (),
    capacity: ArrayLike | None = None,
) -> Sites:
    """Choose the fewest sites that reach everybody.

    Parameters
    ----------
    costs, weights, limit, fixed, capacity
        As in `p_median`; weights as in `p_center`.
    count
        Is what is looked for and may not be given.

    Returns
    -------
    Sites
        `objective` is the number of open sites, fixed ones included. Whom no site reaches within
        the limit is listed in `unreached` and left out. With capacities that do not suffice even
        if all sites are open the most people are served.

    Raises
    ------
    GeodataError
        As in `p_median`.
    """
    case = read(costs, weights, count, limit, fixed, capacity, counting=False)
    if case.room is not None:
        return _placed(case, placing.fewest(case))
    cover = _covering(np.isfinite(case.costs[case.counted]), case)
    assignment = _nearest(case.costs, cover.chosen)
    return _sites(case, cover.chosen, assignment, float(len(cover.chosen)), float(cover.bound))


def cover_most(
    costs: ArrayLike,
    weights: ArrayLike | None = None,
    count: int | None = None,
    limit: float | None = None,
    fixed: Sequence[int] | Ints = (),
    capacity: ArrayLike | None = None,
) -> Sites:
    """Choose sites that reach the most people.

    Parameters
    ----------
    costs, weights, count, limit, fixed, capacity
        As in `p_median`. Fewer sites than `count` are chosen if more reach nobody else.

    Returns
    -------
    Sites
        `objective` is the number of people reached, `bound` an upper one.

    Raises
    ------
    GeodataError
        As in `p_median`.
    """
    case = read(costs, weights, count, limit, fixed, capacity)
    return _placed(case, placing.most(case)) if case.room is not None else _most(case)


def _covering(reaches: Bools, case: Case, enough: int = 0) -> set_cover.Cover:
    """Cover these rows with the fixed sites and the fewest others."""
    held = case.held
    rest = reaches[~reaches[:, held].any(axis=1)][:, ~held]
    cover = set_cover.fewest(rest, max(enough - len(case.fixed), 0))
    more = np.flatnonzero(~held)[cover.chosen]
    chosen = np.sort(np.concatenate([case.fixed, more]))
    return set_cover.Cover(chosen, cover.bound + len(case.fixed))


def _most(case: Case) -> Sites:
    """Reach the most people: a p-median whose costs are the people who are not reached."""
    held, rows = case.held, case.counted
    reaches = np.isfinite(case.costs[rows])
    missed = ~reaches[:, held].any(axis=1)
    packed, group = np.unique(np.packbits(reaches[missed], axis=1), axis=0, return_inverse=True)
    people = np.bincount(group.reshape(-1), case.weights[rows][missed], len(packed))
    alike = np.unpackbits(packed, axis=1, count=reaches.shape[1]).astype(bool)
    columns = np.flatnonzero(~held & alike.any(axis=0)) if len(packed) else np.zeros(0, np.intp)
    columns = columns[~set_cover.implied(alike[:, columns].T)]
    spare = min(case.count - len(case.fixed), len(columns))
    chosen, lost = case.fixed, 0.0
    if spare:
        cost = people[:, None] * ~alike[:, columns]
        found = least_total(cost, spare, np.zeros(0, dtype=np.intp))
        more = set_cover.needed(alike[:, columns], found.chosen)
        chosen = np.sort(np.concatenate([case.fixed, columns[more]]))
        lost = found.total - found.bound
    assignment = _nearest(case.costs, chosen)
    reached = float(case.weights[assignment >= 0].sum())
    most = float(case.weights[rows].sum())
    return _sites(case, chosen, assignment, reached, min(reached + lost, most))


def _nearest(costs: Floats, chosen: Ints) -> Ints:
    """Assign everybody to the nearest of these sites."""
    if not len(chosen):
        return np.full(len(costs), -1, dtype=np.intp)
    local = costs[:, chosen]
    best = local.argmin(axis=1)
    reached = np.isfinite(local[np.arange(len(local)), best])
    return np.where(reached, chosen[best], -1).astype(np.intp)


def _sites(case: Case, chosen: Ints, assignment: Ints, objective: float, bound: float) -> Sites:
    return Sites(chosen, assignment, objective, bound, np.flatnonzero(~case.reached))


def _placed(case: Case, found: placing.Placed) -> Sites:
    return _sites(case, found.chosen, found.assignment, found.objective, found.bound)
