"""Shortest ways over arrays: graphs, costs and trees.

The search itself is `scipy.sparse.csgraph.dijkstra`; this module adds what it leaves open:
which of several equal ways is taken, and a second measure carried along.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.ragged import offsets, ranges

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Graph:
    """A directed graph with at most one arc from a node to another, arcs ordered by (tail, head).

    Attributes
    ----------
    size
        Number of nodes.
    tail, head
        Nodes of each arc.
    cost
        What is minimised; positive, whole multiples of one quantum so that sums are exact.
    other
        The second measure, carried along.
    via
        Edge label each arc stands for; -1 for the way between a place and the street's ends.
    """

    size: int
    tail: Ints
    head: Ints
    cost: Floats
    other: Floats
    via: Ints

    @cached_property
    def indptr(self) -> Ints:
        """Where the arcs of each tail start."""
        return offsets(np.bincount(self.tail, minlength=self.size))

    @cached_property
    def matrix(self) -> Any:
        """The costs as a sparse matrix."""
        return csr_array(
            (self.cost, self.head.astype(np.int32), self.indptr.astype(np.int32)),
            shape=(self.size, self.size),
        )

    @cached_property
    def incoming(self) -> "Incoming":
        """The arcs ordered by (head, tail)."""
        place = csr_array(
            (np.arange(len(self.head)), self.head.astype(np.int32), self.indptr.astype(np.int32)),
            shape=(self.size, self.size),
        )
        by_head = csc_array(place)
        arc = by_head.data.astype(np.intp)
        return Incoming(arc, self.tail[arc], self.head[arc], self.cost[arc], self.other[arc])

    def reversed(self) -> "Graph":
        """Return the graph with every arc turned round."""
        arc = self.incoming.arc
        return Graph(
            self.size,
            self.head[arc],
            self.tail[arc],
            self.cost[arc],
            self.other[arc],
            self.via[arc],
        )

    def with_places(self, ends: Ints, cost: Floats, other: Floats) -> "Graph":
        """Return the graph with one more node per place, from which its street is entered.

        Parameters
        ----------
        ends, cost, other
            Arrays (places, slots): the node each slot leads to and what it takes; an infinite
            cost is no way.

        Returns
        -------
        graph
            Places are the nodes `size`, `size` + 1, ... No arc leads into a place, so no path
            runs through one.
        """
        slot_order = np.argsort(ends, axis=1, kind="stable")
        ends = np.take_along_axis(ends, slot_order, axis=1)
        cost = np.take_along_axis(cost, slot_order, axis=1)
        other = np.take_along_axis(other, slot_order, axis=1)
        kept = np.isfinite(cost)
        # both ends of a ring are one node: the dearer of two arcs to it would only be summed up
        for slot in range(1, ends.shape[1]):
            twin = kept[:, slot] & kept[:, slot - 1] & (ends[:, slot] == ends[:, slot - 1])
            cheaper = twin & (cost[:, slot] < cost[:, slot - 1])
            kept[cheaper, slot - 1] = False
            kept[twin & ~cheaper, slot] = False
        place = np.broadcast_to(np.arange(len(ends))[:, None], ends.shape)[kept]
        return Graph(
            self.size + len(ends),
            np.concatenate([self.tail, self.size + place]),
            np.concatenate([self.head, ends[kept]]),
            np.concatenate([self.cost, cost[kept]]),
            np.concatenate([self.other, other[kept]]),
            np.concatenate([self.via, np.full(int(kept.sum()), -1)]),
        )


@dataclass(frozen=True)
class Incoming:
    """The arcs of a graph ordered by (head, tail); `arc` is their position in the graph."""

    arc: Ints
    tail: Ints
    head: Ints
    cost: Floats
    other: Floats


@dataclass(frozen=True)
class Tree:
    """Shortest ways from one or more sources.

    Attributes
    ----------
    cost
        Float array (nodes): cost of the shortest way, infinite where there is none.
    parent
        Node before each node, -1 at a source and where nothing reaches.
    arc
        Position in the graph of the arc by which each node is reached, -1 likewise.
    """

    cost: Floats
    parent: Ints
    arc: Ints

    def carried(self, measure: Floats, start: Floats | None = None) -> Floats:
        """Add up a measure of the arcs along the way to each node; infinite if unreached.

        Parameters
        ----------
        measure
            Float array over the arcs of the graph.
        start
            Float array over the nodes: what a way begins with, counted at its first nodes.
        """
        on = np.flatnonzero(self.arc >= 0)
        total = np.zeros(len(self.arc) + 1)
        total[on] = measure[self.arc[on]]
        if start is not None:
            total[:-1] += start
        total = _summed(total, self.parent)
        total[~np.isfinite(self.cost)] = np.inf
        return total


def costs(graph: Graph, sources: Ints, limit: float = np.inf) -> Floats:
    """Return the cost from each source to every node: array (sources, nodes)."""
    if not len(sources) or not graph.size:
        return np.empty((len(sources), graph.size))
    found: Floats = dijkstra(graph.matrix, indices=sources, limit=limit)
    return found


def least(graph: Graph, sources: Ints) -> Floats:
    """Return the cost from the nearest of some sources to every node."""
    found: Floats = dijkstra(graph.matrix, indices=sources, min_only=True)
    return found


def tree(graph: Graph, source: int, limit: float = np.inf) -> Tree:
    """Return the shortest ways from one source; of equal ways the one by the lowest nodes."""
    cost = costs(graph, np.array([source], dtype=np.intp), limit)[0]
    incoming = graph.incoming
    tight = tight_arcs(cost, incoming)
    return grown(graph, cost, tight)


@dataclass(frozen=True)
class Reached:
    """Nodes within a limit of one source, from the lowest on, with both measures of the way."""

    nodes: Ints
    cost: Floats
    other: Floats


def within(graph: Graph, source: int, limit: float) -> Reached:
    """Return what `tree` reaches within a limit, touching no more of the graph than that."""
    cost = costs(graph, np.array([source], dtype=np.intp), limit)[0]
    nodes = np.flatnonzero(np.isfinite(cost))
    incoming = graph.incoming
    low, high = (np.searchsorted(incoming.head, nodes, side) for side in ("left", "right"))
    rows = ranges(low, high - low)
    tail, head = incoming.tail[rows], incoming.head[rows]
    tight = np.flatnonzero(cost[tail] + incoming.cost[rows] == cost[head])
    first = tight[np.flatnonzero(np.diff(head[tight], prepend=-1))]
    parent = np.full(len(nodes), -1, dtype=np.intp)
    total = np.zeros(len(nodes) + 1)
    at = np.searchsorted(nodes, head[first])
    parent[at] = np.searchsorted(nodes, tail[first])
    total[at] = incoming.other[rows[first]]
    return Reached(nodes, cost[nodes], _summed(total, parent))


def carried_other(graph: Graph, ways: Tree) -> Floats:
    """Return the second measure along the ways of a tree; infinite where there is none."""
    return ways.carried(graph.other)


def tight_arcs(cost: Floats, incoming: Incoming) -> Ints:
    """Return the incoming arcs that lie on a shortest way; sums are exact, so equal is equal."""
    reached = cost[incoming.tail] + incoming.cost
    return np.flatnonzero((reached == cost[incoming.head]) & np.isfinite(reached))


def grown(graph: Graph, cost: Floats, tight: Ints) -> Tree:
    """Choose for every node the tight arc from the lowest node."""
    incoming = graph.incoming
    parent = np.full(graph.size, -1, dtype=np.intp)
    arc = np.full(graph.size, -1, dtype=np.intp)
    first = tight[np.flatnonzero(np.diff(incoming.head[tight], prepend=-1))]
    parent[incoming.head[first]] = incoming.tail[first]
    arc[incoming.head[first]] = incoming.arc[first]
    return Tree(cost, parent, arc)


def _summed(total: Floats, parent: Ints) -> Floats:
    """Sum along the parents; `total` has one more element, the zero before every first node."""
    above = np.where(parent >= 0, parent, len(parent))
    above = np.append(above, len(parent))
    while (above < len(parent)).any():
        total = total + total[above]
        above = above[above]
    return total[:-1]
