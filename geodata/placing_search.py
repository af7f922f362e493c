"""A good choice of sites with little room, what bounds it, and a search of what is left.

A choice is made by moving each site to where its people want it and by exchanging sites. Prices
bound what others can cost, and prove of most sites that they are in no better choice; only the
others are searched.
"""

from dataclasses import dataclass, replace

import numpy as np

from geodata.assignment import to_shelters
from geodata.mixed_integer import Solution, duals
from geodata.placing_pairs import Pairs
from geodata.placing_prices import raise_prices
from geodata.site_earnings import total_earnings
from geodata.siting_inputs import Case
from geodata.street_graph import Bools, Floats, Ints

_ROUNDS = 20
_TRIALS = 120  # exchanges that are tried at the most
_NEIGHBOURS = 6  # sites near an open one that are tried in its place
_PAIR_NODES = 750_000  # pairs times nodes that are searched at the most
_ROUNDS_OF_PRICES, _WORK = 1_000, 3e9  # steps, and single sums in all of them
_TINY = 1e-9  # relative: nearer than this two totals are the same


@dataclass(frozen=True)
class Found:
    """Sites that serve everybody, who goes where, and what no choice costs less than."""

    chosen: Ints
    assignment: Ints
    total: float
    bound: float


def improved(pairs: Pairs, chosen: Ints) -> Found | None:
    """Improve a choice of sites until it is the best, or the search has gone on long enough.

    Parameters
    ----------
    pairs
        Who may go where.
    chosen
        Sites to begin with, the fixed ones among them.

    Returns
    -------
    found
        None if people are not counted in whole numbers, or no way to serve everybody was found.
    """
    case = pairs.case
    if not (case.weights == np.rint(case.weights)).all() or case.weights.max() > 2**31:
        return None
    best = _placed(pairs, chosen)
    if best is None:
        return None
    best = _exchanged(pairs, _moved(pairs, best))
    prices = _prices(pairs)
    if prices is None:
        return best
    return _searched(pairs, best, prices)


def _placed(pairs: Pairs, chosen: Ints) -> Found | None:
    """Serve everybody from these sites, whole; None if it was not found how."""
    case = pairs.case
    rows = np.flatnonzero(case.counted)
    if len(np.unique(pairs.demand)) < len(rows):
        return None  # somebody fits nowhere
    room = np.floor(np.minimum(pairs.room[chosen], case.weights.sum())).astype(np.int64)
    people = case.weights[rows].astype(np.int64)
    costs = case.costs[np.ix_(rows, chosen)]
    if people.sum() > room.sum() or not np.isfinite(costs).any(axis=1).all():
        return None
    placed = to_shelters(people, costs, room).shelter
    if (placed < 0).any():
        return None
    assignment = np.full(len(case.weights), -1, dtype=np.intp)
    assignment[rows] = chosen[placed]
    return Found(chosen, assignment, case.total(assignment), 0.0)


def _moved(pairs: Pairs, best: Found) -> Found:
    """Move each site to where those it serves want it, as long as that saves anything."""
    case = pairs.case
    for _ in range(_ROUNDS):
        chosen, taken = best.chosen.copy(), set(best.chosen.tolist())
        for at, site in enumerate(best.chosen):
            mine = np.flatnonzero(best.assignment == site)
            if case.held[site] or not len(mine):
                continue
            cost = case.weights[mine] @ case.costs[mine]
            fits = pairs.room >= case.weights[mine].sum()
            cost = np.where(fits & (case.weights[mine].max() <= pairs.room), cost, np.inf)
            cost[[other for other in taken if other != site]] = np.inf
            to = int(cost.argmin())
            if cost[to] < cost[site]:
                taken = (taken - {int(site)}) | {to}
                chosen[at] = to
        tried = _placed(pairs, np.sort(chosen))
        if tried is None or tried.total >= best.total * (1.0 - _TINY):
            return best
        best = tried
    return best


def _exchanged(pairs: Pairs, best: Found) -> Found:
    """Exchange an open site for one near it, as long as that saves anything."""
    case = pairs.case
    finite = np.where(np.isfinite(case.costs), case.costs, 0.0)
    trials = _TRIALS
    for _ in range(_ROUNDS):
        before = best.total
        for site in best.chosen:
            if case.held[site] or site not in best.chosen:
                continue
            apart = np.abs(finite - finite[:, [site]]).sum(axis=0)
            apart[best.chosen] = np.inf
            for to in np.argsort(apart, kind="stable")[:_NEIGHBOURS]:
                if np.isinf(apart[to]) or not trials:
                    break
                trials -= 1
                tried = _placed(pairs, np.sort(np.where(best.chosen == site, to, best.chosen)))
                if tried is not None and tried.total < best.total * (1.0 - _TINY):
                    best = _moved(pairs, tried)
                    break
        if best.total >= before * (1.0 - _TINY):
            return best
    return best


def _prices(pairs: Pairs) -> Floats | None:
    """Price the demand by the program without wholeness."""
    found = duals(pairs.program(pairs.people * pairs.cost, 0.0, all_served=True, least=0.0))
    if found is None:
        return None
    rows = np.unique(pairs.demand)
    price = np.zeros(len(pairs.case.weights))
    price[rows] = found[: len(rows)]
    return price


def _searched(pairs: Pairs, best: Found, price: Floats) -> Found:
    """Leave out the sites that are in no better choice, and search the others."""
    case = pairs.case
    bound, earned = _bounded(pairs, best, price)
    whole = _whole(case)
    cut = best.total - 1.0 + 1e-6 if whole else best.total * (1.0 - _TINY)
    proven = best.total if whole else cut
    if bound > cut:
        return replace(best, bound=proven)
    order = np.argsort(-np.where(case.held, np.inf, earned), kind="stable")
    last = earned[order[case.count - 1]]
    kept = (bound + last - earned <= cut) | np.isin(np.arange(len(earned)), order[: case.count])
    left = pairs.at_sites(kept)
    if len(np.unique(left.demand)) < len(np.unique(pairs.demand)):
        return replace(best, bound=proven)  # somebody can only go where no better choice is
    nodes = max(_PAIR_NODES // len(left.demand), 1)
    found = left.solve(left.people * left.cost, nodes=nodes)
    return _better(left, best, found, max(bound, 0.0), proven)


def _bounded(pairs: Pairs, best: Found, price: Floats) -> tuple[float, Floats]:
    """Raise the bound of prices; give it and what each site earns."""
    case = pairs.case
    earned = total_earnings(case, price, 0.0)
    order = np.argsort(-np.where(case.held, np.inf, earned), kind="stable")
    bound = float(price[case.counted].sum() - earned[order[: case.count]].sum())
    rows, room = np.flatnonzero(case.counted), np.floor(pairs.room)
    steps = len(rows) * float(np.minimum(room, case.weights.sum()).sum())
    rounds = int(min(_WORK / max(steps, 1.0), _ROUNDS_OF_PRICES))
    if rounds < 1:
        return bound, earned
    paid = case.weights[rows, None] * np.where(np.isfinite(case.costs[rows]), case.costs[rows], 0.0)
    paid = np.where(np.isfinite(case.costs[rows]), paid, np.inf)
    higher, _, exact = raise_prices(
        paid,
        case.weights[rows].astype(np.int64),
        room.astype(np.int64),
        case.held,
        case.count,
        best.total,
        price[rows],
        rounds,
    )
    return (higher, exact) if higher > bound else (bound, earned)


def _better(pairs: Pairs, best: Found, found: Solution, bound: float, proven: float) -> Found:
    if found.values is None:
        if np.isinf(found.bound):  # nothing costs less
            return replace(best, bound=proven)
        return replace(best, bound=max(bound, min(found.bound, best.total)))
    chosen, assignment = pairs.read(found.values)
    total = pairs.case.total(assignment)
    if total >= best.total:
        return replace(best, bound=max(bound, min(found.bound, best.total)))
    return Found(chosen, assignment, total, max(bound, min(found.bound, total)))


def _whole(case: Case) -> bool:
    """Tell whether all totals are whole numbers."""
    paid = case.weights[:, None] * np.where(np.isfinite(case.costs), case.costs, 0.0)
    apart: Bools = np.abs(paid - np.rint(paid)) <= _TINY * np.maximum(paid, 1.0)
    return bool(apart.all()) and float(paid.sum()) < 2.0**50
