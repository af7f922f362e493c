"""Sites that take in only so many people: who goes where, every demand kept whole.

If not everybody can be served, the most people are; then the question asked decides.
"""

from dataclasses import dataclass, replace

import numpy as np

from geodata import capacity
from geodata.closest import Within
from geodata.median_search import least_total as cheapest
from geodata.mixed_integer import Program, Solution, minimise, sparse
from geodata.siting_inputs import Case
from geodata.street_graph import Floats, Ints

PAIRS = 20_000
"""Pairs of demand and site up to which choices are searched; beyond, sites are chosen
as if they had room for everybody, and bounds are simple ones."""

_NODES = 300
_SLACK = 1e-6  # people


@dataclass(frozen=True)
class Placed:
    """Chosen sites and who goes to which; see `siting.Sites`."""

    chosen: Ints
    assignment: Ints
    objective: float
    bound: float


@dataclass(frozen=True)
class _Pairs:
    """Who may go where: demand that counts, with a site that reaches it and has room for it."""

    case: Case
    demand: Ints
    site: Ints
    cost: Floats
    room: Floats

    @classmethod
    def of(cls, case: Case) -> "_Pairs":
        all_people = float(case.weights[case.counted].sum())
        given = case.room if case.room is not None else np.full(case.costs.shape[1], np.inf)
        room = np.minimum(given, all_people)
        fits = np.isfinite(case.costs) & (case.weights[:, None] <= room)
        demand, site = np.nonzero(fits & (case.weights > 0)[:, None])
        return cls(case, demand, site, case.costs[demand, site], room)

    @property
    def people(self) -> Floats:
        people: Floats = self.case.weights[self.demand]
        return people

    def program(self, cost: Floats, fee: float, all_served: bool, least: float) -> Program:
        """Write the program: a variable for every site, then one for every pair."""
        case, pairs, sites = self.case, len(self.demand), self.case.costs.shape[1]
        rows, row = np.unique(self.demand, return_inverse=True)
        size, line = len(rows), np.arange(pairs)
        ones = np.ones(pairs)
        at_room, at_link = size, size + sites
        at_count = at_link + pairs
        open_ = np.arange(sites)
        matrix = sparse(
            [
                (row, sites + line, ones),
                (at_room + self.site, sites + line, self.people),
                (at_room + open_, open_, -self.room),
                (at_link + line, sites + line, ones),
                (at_link + line, self.site, -ones),
                (np.full(sites, at_count), open_, np.ones(sites)),
                (np.full(pairs, at_count + 1), sites + line, self.people),
            ],
            (at_count + 2, sites + pairs),
        )
        high = np.concatenate([np.ones(size), np.zeros(sites + pairs), [np.inf, np.inf]])
        high[at_count] = case.count or np.inf
        low = np.full(len(high), -np.inf)
        low[:size] = 1.0 if all_served else 0.0
        low[-1] = least
        held = np.concatenate([case.held.astype(np.float64), np.zeros(pairs)])
        whole = np.ones(sites + pairs, dtype=bool)
        return Program(
            cost=np.concatenate([np.full(sites, fee), cost]),
            whole=whole,
            rows=matrix,
            low=low,
            high=high,
            least=held,
            most=np.ones(sites + pairs),
        )

    def solve(self, cost: Floats, fee: float = 0.0, least: float | None = None) -> Solution:
        """Serve everybody, or at least so many people, at the least cost."""
        program = self.program(cost, fee, least is None, 0.0 if least is None else least)
        return minimise(program, _NODES)

    def read(self, values: Floats) -> tuple[Ints, Ints]:
        """Return the open sites and the site of each demand, -1 without one."""
        sites, size = self.case.costs.shape[1], len(self.case.weights)
        assignment = np.full(size, -1, dtype=np.intp)
        taken = values[sites:] > 0.5
        assignment[self.demand[taken]] = self.site[taken]
        return np.flatnonzero(values[:sites] > 0.5), assignment

    def served(self, cost: Floats, fee: float = 0.0) -> tuple[Solution, bool]:
        """Serve everybody, else the most people, at the least cost; tell if no more can be."""
        found = self.solve(cost, fee)
        if found.values is not None:
            return found, True
        most = self.solve(-self.people, least=0.0)
        if most.values is None:
            return most, False
        people = float(self.people @ np.rint(most.values[-len(self.demand) :]))
        proven = people >= -most.bound - _SLACK
        found = self.solve(cost, fee, people - _SLACK)
        return (found, proven) if found.values is not None else (most, False)


def least_total(case: Case) -> Placed:
    """Answer `siting.p_median` with capacities."""
    pairs = _Pairs.of(case)
    if 0 < len(pairs.demand) <= PAIRS:
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
    pairs = _Pairs.of(case)
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
    pairs = _Pairs.of(case)
    least, found, proven = _fewest_rooms(case, pairs), Solution(None, np.inf), False
    if 0 < len(pairs.demand) <= PAIRS:
        found, proven = pairs.served(np.zeros(len(pairs.demand)), fee=1.0)
    if found.values is not None:
        _, assignment = pairs.read(found.values)
        least = max(least, int(np.ceil(found.bound - _SLACK))) if proven else 0
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
            refuted = middle if found.bound < everybody - _SLACK else refuted
    bound = float(steps[refuted + 1]) if refuted + 1 < len(steps) else np.inf
    if best is None:
        found = most(case)
        return Placed(found.chosen, found.assignment, np.inf, bound)
    return Placed(best.chosen, best.assignment, float(steps[high]), bound)


def _simply(pairs: _Pairs) -> tuple[Ints, Ints, float]:
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


def _roomier(pairs: _Pairs, chosen: Ints) -> Ints:
    """Exchange the site of least room, unless it is fixed, for the one of most that is closed."""
    sites = np.arange(len(pairs.room))
    out = np.setdiff1d(chosen, pairs.case.fixed)
    into = np.setdiff1d(sites, chosen)
    if not len(out) or not len(into):
        return chosen
    less, more = out[pairs.room[out].argmin()], into[pairs.room[into].argmax()]
    return np.sort(np.append(chosen[chosen != less], more))


def _filled(pairs: _Pairs, chosen: Ints) -> Ints:
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


def _until_placed(pairs: _Pairs, least: int) -> Ints:
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


def _fewest_rooms(case: Case, pairs: _Pairs) -> int:
    """Give the least number of sites, fixed ones included, that have room for everybody."""
    people = float(case.weights[np.unique(pairs.demand)].sum()) - _SLACK
    others = np.sort(pairs.room[~case.held])[::-1]
    room = pairs.room[case.fixed].sum() + np.concatenate([[0.0], np.cumsum(others)])
    return len(case.fixed) + int(np.searchsorted(room, people).clip(0, len(others)))


def _filled_up(case: Case, chosen: Ints) -> Ints:
    """Open the lowest of the others until as many are open as are wanted."""
    others = np.setdiff1d(np.arange(case.costs.shape[1]), chosen)
    return np.sort(np.concatenate([chosen, others[: case.count - len(chosen)]]))
