"""Sites that take in only so many people: who goes where, every demand kept whole.

If not everybody can be served, the most people are; then the question asked decides.
"""

from dataclasses import dataclass, replace

import numpy as np

from geodata import capacity
from geodata.closest import Within
from geodata.median_search import least_total as cheapest
from geodata.mixed_integer import Solution
from geodata.placing_pairs import SLACK, Pairs
from geodata.placing_search import improved
from geodata.siting_inputs import Case
from geodata.street_graph import Floats, Ints

PAIRS = 20_000
"""Pairs of demand and site up to which choices are searched; beyond, sites are chosen
as if they had room for everybody, and bounds are simple ones."""


@dataclass(frozen=True)
class Placed:
    """Chosen sites and who goes to which; see `siting.Sites`."""

    chosen: Ints
    assignment: Ints
    objective: float
    bound: float


def least_total(case: Case) -> Placed:
    """Answer `siting.p_median` with capacities."""
    pairs = Pairs.of(case)
    if 0 < len(pairs.demand) <= PAIRS:
        chosen, assignment, _ = _simply(pairs)
        better = improved(pairs, chosen)
        if better is not None:  # everybody is served
            total = case.total(better.assignment)
            chosen = _filled_up(case, better.chosen)
            return Placed(chosen, better.assignment, total, min(better.bound, total))
        found, proven = pairs.served(pairs.people * pairs.cost)
        if found.values is not None:
            chosen, assignment = pairs.read(found.values)
            total = case.total(assignment)
            bound = min(max(found.bound, 0.0), total) if proven else 0.0
            return Placed(_filled_up(case, chosen), assignment, total, bound)
    chosen, assignment, bound = _simply(pairs)
    total = case.total(assignment)
    everybody = (assignment[case.counted] >= 0).all()
    return Placed(chosen, assignment, total, min(bound, total) if everybody else 0.0)


def most(case: Case) -> Placed:
    """Answer `siting.cover_most` with capacities."""
    pairs = Pairs.of(case)
    rows = np.unique(pairs.demand)
    bound = min(float(case.weights[rows].sum()), _most_room(case, pairs.room))
    found = Solution(None, np.inf)
    if 0 < len(pairs.demand) <= PAIRS:
        found = pairs.solve(-pairs.people, least=0.0)
        bound = min(bound, -found.bound)
    if found.values is not None:
        _, assignment = pairs.read(found.values)
    else:
        _, assignment, _ = _simply(pairs)
    chosen = np.union1d(case.fixed, assignment[assignment >= 0])
    people = float(case.weights[assignment >= 0].sum())
    return Placed(chosen, assignment, people, max(bound, people))


def fewest(case: Case) -> Placed:
    """Answer `siting.cover_all` with capacities."""
    pairs = Pairs.of(case)
    least, found, proven = _fewest_rooms(case, pairs), Solution(None, np.inf), False
    if 0 < len(pairs.demand) <= PAIRS:
        found, proven = pairs.served(np.zeros(len(pairs.demand)), fee=1.0)
    if found.values is not None:
        _, assignment = pairs.read(found.values)
        least = max(least, int(np.ceil(found.bound - SLACK))) if proven else 0
    else:
        assignment = _until_placed(pairs, least)
    chosen = np.union1d(case.fixed, assignment[assignment >= 0])
    return Placed(chosen, assignment, float(len(chosen)), float(min(least, len(chosen))))


def least_farthest(case: Case) -> Placed:
    """Answer `siting.p_center` with capacities."""
    asked = case.counted
    share = case.costs[asked]
    if not len(share):
        return Placed(case.fixed, np.full(len(case.weights), -1), 0.0, 0.0)
    steps = np.unique(share[np.isfinite(share)])
    low = int(np.searchsorted(steps, share.min(axis=1).max()))
    high, best, refuted = len(steps), None, low - 1
    while low < high:
        middle = (low + high) // 2
        near = replace(case, costs=np.where(case.costs <= steps[middle], case.costs, np.inf))
        found = most(near)
        if (found.assignment[asked] >= 0).all():
            high, best = middle, found
        else:
            low = middle + 1
            everybody = float(case.weights[asked].sum())
            refuted = middle if found.bound < everybody - SLACK else refuted
    bound = float(steps[refuted + 1]) if refuted + 1 < len(steps) else np.inf
    if best is None:
        found = most(case)
        return Placed(found.chosen, found.assignment, np.inf, bound)
    return Placed(best.chosen, best.assignment, float(steps[high]), bound)


def _simply(pairs: Pairs) -> tuple[Ints, Ints, float]:
    """Choose sites as if they had room for everybody, then fill them from near to far."""
    case = pairs.case
    table, price = case.priced
    found = cheapest(table, case.count, case.fixed)
    chosen, assignment = found.chosen, _filled(pairs, found.chosen)
    asked = case.weights * case.counted
    while (assignment[asked > 0] < 0).any():
        other = _roomier(pairs, chosen)
        tried = _filled(pairs, other)
        if asked[tried >= 0].sum() <= asked[assignment >= 0].sum():
            break
        chosen, assignment = other, tried
    return chosen, assignment, found.bound if not price else 0.0


def _roomier(pairs: Pairs, chosen: Ints) -> Ints:
    """Exchange the site of least room, unless it is fixed, for the one of most that is closed."""
    sites = np.arange(len(pairs.room))
    out = np.setdiff1d(chosen, pairs.case.fixed)
    into = np.setdiff1d(sites, chosen)
    if not len(out) or not len(into):
        return chosen
    less, more = out[pairs.room[out].argmin()], into[pairs.room[into].argmax()]
    return np.sort(np.append(chosen[chosen != less], more))


def _filled(pairs: Pairs, chosen: Ints) -> Ints:
    """Fill these sites from near to far; return the site of each demand, -1 without one."""
    keep = np.flatnonzero(np.isin(pairs.site, chosen))
    keep = keep[np.lexsort((pairs.site[keep], pairs.cost[keep], pairs.demand[keep]))]
    cost = pairs.cost[keep]
    within = Within(pairs.demand[keep], pairs.site[keep], cost, cost)
    pair = capacity.assigned(within, cost, pairs.case.weights, pairs.room)
    assignment = np.full(len(pairs.case.weights), -1, dtype=np.intp)
    placed = pair >= 0
    assignment[placed] = within.site[pair[placed]]
    return assignment


def _until_placed(pairs: Pairs, least: int) -> Ints:
    """Open more and more sites until everybody is served or all are open."""
    case, sites = pairs.case, pairs.case.costs.shape[1]
    assignment = np.full(len(case.weights), -1, dtype=np.intp)
    count = max(least, len(case.fixed), 1)
    while count <= sites and len(pairs.demand):
        _, assignment, _ = _simply(replace(pairs, case=replace(case, count=count)))
        if (assignment[pairs.demand] >= 0).all():
            break
        count += max(count // 10, 1)
    return assignment


def _most_room(case: Case, room: Floats) -> float:
    """Give the room of the fixed sites and the largest others."""
    others = np.sort(room[~case.held])[::-1]
    return float(room[case.fixed].sum() + others[: case.count - len(case.fixed)].sum())


def _fewest_rooms(case: Case, pairs: Pairs) -> int:
    """Give the least number of sites, fixed ones included, that have room for everybody."""
    people = float(case.weights[np.unique(pairs.demand)].sum()) - SLACK
    others = np.sort(pairs.room[~case.held])[::-1]
    room = pairs.room[case.fixed].sum() + np.concatenate([[0.0], np.cumsum(others)])
    return len(case.fixed) + int(np.searchsorted(room, people).clip(0, len(others)))


def _filled_up(case: Case, chosen: Ints) -> Ints:
    """Open the lowest of the others until as many are open as are wanted."""
    others = np.setdiff1d(np.arange(case.costs.shape[1]), chosen)
    return np.sort(np.concatenate([chosen, others[: case.count - len(chosen)]]))
