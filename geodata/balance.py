"""Balance a partition of units: annealing over whole rounds of moves, in arrays.

Every round proposes, for each unit at once, to move it to the part of a random neighbour. Of the
proposals that Metropolis' rule takes, those that share no part are carried out together: what
one of them gains does not depend on the others, so a round does what some hundred single steps
of simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983) would do, at the price of a few
array operations. A move that would cut its old part in two is taken back.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]


def added(labels: Ints, values: Floats, count: int = 0) -> Floats:
    """Add up one value a unit (or border) over its label; *count* labels at least."""
    return np.bincount(labels, values, minlength=count).astype(np.float64)


@dataclass(frozen=True)
class Graph:
    """Units and the borders between them; every border stands twice, once from each side.

    Attributes
    ----------
    weight, area, perimeter
        One value a unit: households (or whatever is balanced), square metres, metres.
    start
        Borders of unit u are ``start[u]`` to ``start[u + 1]``.
    unit, neighbour, shared
        One value a border: the unit it belongs to, the unit beyond it, metres.
    """

    weight: Floats
    area: Floats
    perimeter: Floats
    start: Ints
    unit: Ints
    neighbour: Ints
    shared: Floats

    @classmethod
    def from_borders(
        cls, weight: Floats, area: Floats, perimeter: Floats, borders: tuple[Ints, Ints, Floats]
    ) -> "Graph":
        """Build the graph from pairs of units and the metres they share."""
        first, second, metres = borders
        unit = np.concatenate([first, second])
        neighbour = np.concatenate([second, first])
        order = np.lexsort((neighbour, unit))
        unit = unit[order]
        start = np.searchsorted(unit, np.arange(len(weight) + 1))
        shared = np.concatenate([metres, metres])[order]
        return cls(weight, area, perimeter, start, unit, neighbour[order], shared)

    @property
    def size(self) -> int:
        """Number of units."""
        return len(self.weight)

    def pieces(self, labels: Ints) -> tuple[int, Ints]:
        """Find the connected pieces of the parts: how many, and the piece of each unit."""
        inside = labels[self.unit] == labels[self.neighbour]
        # 32 bits and doubles are what connected_components works in: nothing is converted
        start = np.zeros(len(inside) + 1, dtype=np.int32)
        np.cumsum(inside, out=start[1:])
        kept = self.neighbour[inside].astype(np.int32)
        matrix = csr_array((np.ones(len(kept)), kept, start[self.start]), shape=(self.size,) * 2)
        count, piece = connected_components(matrix, directed=False)
        return int(count), piece.astype(np.int64)

    def subset(self, members: Ints) -> "Graph":
        """Keep some units (sorted positions) and the borders between them."""
        position = np.full(self.size, -1)
        position[members] = np.arange(len(members))
        unit, neighbour = position[self.unit], position[self.neighbour]
        kept = (unit >= 0) & (neighbour >= 0)
        start = np.searchsorted(unit[kept], np.arange(len(members) + 1))
        return Graph(
            self.weight[members],
            self.area[members],
            self.perimeter[members],
            start,
            unit[kept],
            neighbour[kept],
            self.shared[kept],
        )


@dataclass(frozen=True)
class Goal:
    """What a part should be: near the target, within the limits, compact.

    Attributes
    ----------
    target
        The best weight of a part.
    spread
        Half the width of the allowed range around the target.
    compactness
        How much one Polsby-Popper point counts against balance.
    strictness
        The step at the limits; high only in the end, a search needs to pass through bad parts.
    """

    target: float
    spread: float
    compactness: float = 3.5
    strictness: float = 0.0

    def cost(self, weight: Floats, area: Floats, perimeter: Floats) -> Floats:
        """Cost of parts with these weights, areas and perimeters; lower is better."""
        off = np.abs(weight - self.target) / self.spread
        # Up to 0.38 of the way to a limit (a tenth of the target for 300-500) a part is good;
        # beyond it is soon as bad as any other within the limits; outside it costs dearly.
        beyond = np.maximum(off - 0.38, 0.0)
        outside = np.maximum(off - 0.96, 0.0)
        balance = 0.5 * beyond + np.minimum(2.5 * beyond, 0.4)
        balance += 5.0 * outside + self.strictness * np.minimum(outside / 0.04, 1.0)
        return self.compactness * (1.0 - 4.0 * np.pi * area / perimeter**2) + balance


@dataclass
class Plan:
    """Labels of the units and the totals of the parts, kept in step with each other."""

    labels: Ints
    weight: Floats
    area: Floats
    perimeter: Floats
    units: Ints
    cost: Floats

    @classmethod
    def of(cls, graph: Graph, labels: Ints, goal: Goal) -> "Plan":
        """Add up the parts 0..k-1 of *labels*; each must have a unit."""
        inside = labels[graph.unit] == labels[graph.neighbour]
        weight = added(labels, graph.weight)
        area = added(labels, graph.area)
        inner = added(labels[graph.unit[inside]], graph.shared[inside], len(weight))
        perimeter = np.maximum(added(labels, graph.perimeter) - inner, 1e-6)
        units = np.bincount(labels)
        return cls(
            labels.copy(), weight, area, perimeter, units, goal.cost(weight, area, perimeter)
        )


@dataclass(frozen=True)
class _Moves:
    """Proposed moves: unit, its part now, the part it would join, and both parts afterwards."""

    unit: Ints
    old: Ints
    new: Ints
    totals: Floats  # weight, area, perimeter of old, then of new: 6 rows
    costs: Floats  # of old and new: 2 rows

    def take(self, kept: Ints | Flags) -> "_Moves":
        return _Moves(
            self.unit[kept],
            self.old[kept],
            self.new[kept],
            self.totals[:, kept],
            self.costs[:, kept],
        )


def anneal(
    graph: Graph,
    labels: Ints,
    goal: Goal,
    rng: np.random.Generator,
    rounds: int,
    heat: tuple[float, float] = (0.3, 0.02),
) -> Ints:
    """Improve a partition by simulated annealing.

    Parameters
    ----------
    graph
        Connected units.
    labels
        Parts 0..k-1, each connected; not changed.
    goal
        What a part should be.
    rng
        Source of randomness.
    rounds
        Rounds; each proposes one move for every unit.
    heat
        Temperature at the start and at the end, in units of the goal's cost.

    Returns
    -------
    array
        Labels 0..k-1, each part connected and with at least one unit.
    """
    plan = Plan.of(graph, labels, goal)
    if len(plan.weight) < 2:
        return plan.labels
    hot, cold = heat
    for number in range(rounds):
        temperature = hot * (cold / hot) ** (number / rounds)
        _round(graph, plan, goal, rng, temperature)
    return plan.labels


def _round(
    graph: Graph, plan: Plan, goal: Goal, rng: np.random.Generator, temperature: float
) -> None:
    moves = _propose(graph, plan, goal, rng)
    gain = plan.cost[moves.old] + plan.cost[moves.new] - moves.costs.sum(axis=0)
    # an exponential variable is -log of a uniform one: Metropolis' rule without a logarithm
    taken = gain >= -temperature * rng.standard_exponential(len(gain))
    taken &= plan.units[moves.old] > 1
    moves = _apart(moves.take(taken), len(plan.weight), rng)
    if not len(moves.unit):
        return
    plan.labels[moves.unit] = moves.new
    broken = _broken(graph, plan)[moves.old]
    plan.labels[moves.unit[broken]] = moves.old[broken]
    _carry_out(plan, moves.take(~broken))


def _propose(graph: Graph, plan: Plan, goal: Goal, rng: np.random.Generator) -> _Moves:
    labels = plan.labels
    begin = graph.start[:-1]
    chosen = begin + (rng.random(graph.size) * np.diff(graph.start)).astype(np.int64)
    beyond = labels[graph.neighbour]
    new = beyond[chosen]
    unit = np.flatnonzero(new != labels)
    with_old = np.add.reduceat(graph.shared * (beyond == labels[graph.unit]), begin)[unit]
    with_new = np.add.reduceat(graph.shared * (beyond == new[graph.unit]), begin)[unit]
    old, new = labels[unit], new[unit]
    weight, area, perimeter = graph.weight[unit], graph.area[unit], graph.perimeter[unit]
    totals = np.stack(
        [
            plan.weight[old] - weight,
            plan.area[old] - area,
            np.maximum(plan.perimeter[old] - perimeter + 2.0 * with_old, 1e-6),
            plan.weight[new] + weight,
            plan.area[new] + area,
            np.maximum(plan.perimeter[new] + perimeter - 2.0 * with_new, 1e-6),
        ]
    )
    costs = goal.cost(totals[0::3], totals[1::3], totals[2::3])
    return _Moves(unit, old, new, totals, costs)


def _apart(moves: _Moves, parts: int, rng: np.random.Generator) -> _Moves:
    """Keep moves that share no part with each other; chance decides between those that do."""
    lot = rng.random(len(moves.unit))
    first = np.full(parts, 2.0)
    np.minimum.at(first, moves.old, lot)
    np.minimum.at(first, moves.new, lot)
    return moves.take((first[moves.old] == lot) & (first[moves.new] == lot))


def _broken(graph: Graph, plan: Plan) -> Flags:
    """Tell of each part whether it is in more than one piece."""
    count, piece = graph.pieces(plan.labels)
    part = np.zeros(count, np.int64)
    part[piece] = plan.labels
    return np.bincount(part, minlength=len(plan.weight)) > 1


def _carry_out(plan: Plan, moves: _Moves) -> None:
    old, new = moves.old, moves.new
    plan.weight[old], plan.area[old], plan.perimeter[old] = moves.totals[:3]
    plan.weight[new], plan.area[new], plan.perimeter[new] = moves.totals[3:]
    plan.cost[old], plan.cost[new] = moves.costs
    plan.units[old] -= 1
    plan.units[new] += 1
