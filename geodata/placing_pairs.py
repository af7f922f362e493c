"""Who may go to which site that takes in only so many, and the programs written of it."""

from dataclasses import dataclass

import numpy as np

from geodata.mixed_integer import Program, Solution, minimise, sparse
from geodata.siting_inputs import Case
from geodata.street_graph import Bools, Floats, Ints

SLACK = 1e-6
"""People."""

NODES = 300
"""Nodes of the search tree after which the best found so far and its bound are taken."""


@dataclass(frozen=True)
class Pairs:
    """Who may go where: demand that counts, with a site that reaches it and has room for it.

    Attributes
    ----------
    case
        The question.
    demand, site, cost
        The pairs, by demand.
    room
        People each site takes in, no more than there are.
    """

    case: Case
    demand: Ints
    site: Ints
    cost: Floats
    room: Floats

    @classmethod
    def of(cls, case: Case) -> "Pairs":
        """Pair them."""
        all_people = float(case.weights[case.counted].sum())
        given = case.room if case.room is not None else np.full(case.costs.shape[1], np.inf)
        room = np.minimum(given, all_people)
        fits = np.isfinite(case.costs) & (case.weights[:, None] <= room)
        demand, site = np.nonzero(fits & (case.weights > 0)[:, None])
        return cls(case, demand, site, case.costs[demand, site], room)

    @property
    def people(self) -> Floats:
        """People of each pair."""
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

    def at_sites(self, kept: Bools) -> "Pairs":
        """Keep the pairs with some of the sites."""
        rows = np.flatnonzero(kept[self.site])
        return Pairs(self.case, self.demand[rows], self.site[rows], self.cost[rows], self.room)

    def solve(
        self, cost: Floats, fee: float = 0.0, least: float | None = None, nodes: int = NODES
    ) -> Solution:
        """Serve everybody, or at least so many people, at the least cost."""
        program = self.program(cost, fee, least is None, 0.0 if least is None else least)
        return minimise(program, nodes)

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
        proven = people >= -most.bound - SLACK
        found = self.solve(cost, fee, people - SLACK)
        return (found, proven) if found.values is not None else (most, False)
