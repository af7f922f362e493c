"""Trees of ways that grow only as far as somebody needs them: a town is larger than its hazards."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geodata import shortest
from geodata.escape_arcs import Arcs
from geodata.shortest import Graph, Tree
from geodata.street_graph import Bools, Floats, Ints

_FIRST, _MORE = 3.0, 2.0  # times the way to the nearest shelter looked at first; then so many more


@dataclass(frozen=True)
class Grown:
    """A tree of ways to one shelter, on the states that are near enough to count.

    Attributes
    ----------
    states
        The states of the whole graph that the arrays of `tree` and `arcs` are of.
    tree, graph, arcs
        The ways, and the part of the graph they were found on.
    total
        Array (households, 2): cost by either end of the household's street.
    """

    states: Ints
    tree: Tree
    graph: Graph
    arcs: Arcs
    total: Floats

    def at(self, values: Floats, states: Ints) -> Floats:
        """Look values of the tree up at states of the whole graph; infinite where it has none."""
        place = np.searchsorted(self.states, states)
        place = np.minimum(place, max(len(self.states) - 1, 0))
        there = self.states[place] == states
        found: Floats = np.where(there, values[place], np.inf)
        return found


def trees(
    graph: Graph, arcs: Arcs, roots: Ints, state: Ints, cost: Floats, out: Bools
) -> Iterator[Grown]:
    """Grow the trees of shortest ways from some states, far enough for every household.

    Parameters
    ----------
    graph, arcs
        The whole graph, and what is carried along its arcs.
    roots
        States of the shelters; one tree each, in this order.
    state, cost
        Arrays (households, 2): the states at both ends of a household's street, and what it
        costs to get there.
    out
        Households that go nowhere.
    """
    if not len(roots):
        return
    near = shortest.least(graph, roots)
    least = (cost + near[state]).min(axis=1, initial=np.inf)
    wanted = np.isfinite(least) & ~out
    limit = _FIRST * float(least[wanted].max(initial=0.0))
    part = _part(graph, arcs, near, limit)
    for root in roots:
        while True:
            states, some, own = part
            tree = shortest.tree(some, int(np.searchsorted(states, root)), limit)
            grown = Grown(states, tree, some, own, np.array([]))
            total = cost + grown.at(tree.cost, state)
            # a way by the other end that was not looked at is longer than the limit
            if np.isinf(limit) or float(total[wanted].min(axis=1).max(initial=0.0)) <= limit:
                break
            limit = limit * _MORE if limit * _MORE < _farthest(near) else np.inf
            part = _part(graph, arcs, near, limit)
        total[out] = np.inf
        yield Grown(states, tree, some, own, total)


def _farthest(near: Floats) -> float:
    return float(near[np.isfinite(near)].max(initial=0.0))


def _part(graph: Graph, arcs: Arcs, near: Floats, limit: float) -> tuple[Ints, Graph, Arcs]:
    """Cut out the states that are no farther from the nearest shelter than a limit."""
    kept = near <= limit if np.isfinite(limit) else np.isfinite(near)
    states = np.flatnonzero(kept)
    number = np.cumsum(kept) - 1
    rows = np.flatnonzero(kept[graph.tail] & kept[graph.head])
    own = arcs.taken(rows)
    tail, head = number[own.tail], number[own.head]
    return states, Graph(len(states), tail, head, own.cost, own.metres, own.via), own
