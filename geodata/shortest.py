"""Shortest paths over arrays: trees, the nearest source and the nearest two, exactly.

The search itself is `scipy.sparse.csgraph.dijkstra`; this module adds what it leaves open:
which of several equal ways is taken, and the second nearest source.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.ragged import offsets

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


def tree(graph: Graph, source: int, limit: float = np.inf) -> Tree:
    """Return the shortest ways from one source; of equal ways the one by the lowest nodes."""
    cost = costs(graph, np.array([source], dtype=np.intp), limit)[0]
    incoming = graph.incoming
    tight = _tight(cost, incoming)
    return _grown(graph, cost, tight)


def carried_other(graph: Graph, grown: Tree) -> Floats:
    """Return the second measure along the ways of a tree; infinite where there is none."""
    return grown.carried(graph.other)


@dataclass(frozen=True)
class Nearest:
    """One rank of nearest sources: arrays over the nodes, -1 and infinity where there is none."""

    source: Ints
    cost: Floats
    other: Floats


def nearest(graph: Graph, sources: Ints, count: int, other: bool = False) -> list[Nearest]:
    """Find the `count` nearest different sources of every node, ties to the lower source.

    Parameters
    ----------
    graph
        Ways lead from the sources to the nodes; reverse it for the other direction.
    sources
        Node numbers, without repeats.
    count
        How many; 1 and 2 take one and two searches in all, more takes one per source.
    other
        Whether the second measure along those ways is wanted (else it is NaN).

    Returns
    -------
    ranks
        `count` ranks; beyond the number of sources they are empty.
    """
    sources = np.unique(sources)
    if not len(sources) or not graph.size or not count:
        return [_none(graph.size) for _ in range(count)]
    if count > 2:
        return _by_trees(graph, sources, count, other)
    first = _first(graph, sources, other)
    return [first] if count == 1 else [first, _second(graph, first, other)]


def _none(size: int) -> Nearest:
    return Nearest(np.full(size, -1, dtype=np.intp), np.full(size, np.inf), np.full(size, np.inf))


def _first(graph: Graph, sources: Ints, other: bool) -> Nearest:
    cost, _, nodes = dijkstra(
        graph.matrix, indices=sources, min_only=True, return_predecessors=True
    )
    source: Ints = np.where(np.isfinite(cost), nodes, -1).astype(np.intp)
    incoming = graph.incoming
    tight = _tight(cost, incoming)
    _lowered(source, incoming.tail[tight], incoming.head[tight])
    if not other:
        return Nearest(source, cost, np.full(graph.size, np.nan))
    same = tight[source[incoming.tail[tight]] == source[incoming.head[tight]]]
    return Nearest(source, cost, carried_other(graph, _grown(graph, cost, same)))


def _second(graph: Graph, first: Nearest, other: bool) -> Nearest:
    """Find the second nearest source of every node with one more search.

    The way from a node's second source either comes from a neighbour whose nearest source is
    another one (it is then that neighbour's nearest), or from a neighbour with the same nearest
    source, of which it is the second too. So: start at every arc across the border between two
    nearest sources, and search on within each source's own ground.
    """
    incoming = graph.incoming
    tail, head = incoming.tail, incoming.head
    # arcs within a source's ground stay in the graph's order, so the matrix needs no sorting
    inside = first.source[graph.tail] == first.source[graph.head]
    crossing = np.flatnonzero(
        (first.source[tail] != first.source[head]) & (first.source[tail] >= 0)
    )
    if not len(crossing):
        return _none(graph.size)
    entry = first.cost[tail[crossing]] + incoming.cost[crossing]
    starts = np.flatnonzero(np.diff(head[crossing], prepend=-1))
    entered, lowest = head[crossing[starts]], np.minimum.reduceat(entry, starts)
    cost = _from_entries(graph, inside, entered, lowest)

    from_border = crossing[entry == cost[head[crossing]]]
    within = _tight(cost, incoming)
    within = within[first.source[tail[within]] == first.source[head[within]]]
    source = _second_sources(graph.size, first.source, incoming, from_border, within)
    if not other:
        return Nearest(source, cost, np.full(graph.size, np.nan))
    carried = _second_other(graph, first, Nearest(source, cost, cost), from_border, within)
    return Nearest(source, cost, carried)


def _from_entries(graph: Graph, inside: Bools, entered: Ints, entry: Floats) -> Floats:
    """Search inside each source's ground from a node of its own that leads to the entries."""
    tail = graph.tail[inside]
    counts = np.bincount(tail, minlength=graph.size)
    indptr = offsets(np.append(counts, len(entered)))
    matrix = csr_array(
        (
            np.concatenate([graph.cost[inside], entry]),
            np.concatenate([graph.head[inside], entered]).astype(np.int32),
            indptr.astype(np.int32),
        ),
        shape=(graph.size + 1, graph.size + 1),
    )
    cost: Floats = dijkstra(matrix, indices=np.array([graph.size]))[0, : graph.size]
    return cost


def _second_sources(
    size: int, first: Ints, incoming: Incoming, from_border: Ints, within: Ints
) -> Ints:
    parent = np.full(size, -1, dtype=np.intp)
    parent[incoming.head[within]] = incoming.tail[within]
    parent[incoming.head[from_border]] = -1
    named = np.full(size, size, dtype=np.intp)
    np.minimum.at(named, incoming.head[from_border], first[incoming.tail[from_border]])
    source = named[_roots(parent)]
    _lowered(source, incoming.tail[within], incoming.head[within])
    return np.where(source == size, -1, source)


def _second_other(
    graph: Graph, first: Nearest, second: Nearest, from_border: Ints, within: Ints
) -> Floats:
    incoming = graph.incoming
    tail, head = incoming.tail, incoming.head
    same = within[second.source[tail[within]] == second.source[head[within]]]
    border = from_border[first.source[tail[from_border]] == second.source[head[from_border]]]
    arc = np.full(graph.size, -1, dtype=np.intp)
    parent = np.full(graph.size, -1, dtype=np.intp)
    arc[head[same]], parent[head[same]] = incoming.arc[same], tail[same]
    arc[head[border]], parent[head[border]] = incoming.arc[border], -1
    start = np.zeros(graph.size)
    start[head[border]] = first.other[tail[border]]
    grown = Tree(second.cost, parent, arc)
    return grown.carried(graph.other, start)


def _by_trees(graph: Graph, sources: Ints, count: int, other: bool) -> list[Nearest]:
    ranks = [_none(graph.size) for _ in range(count)]
    for source in sources:
        grown = tree(graph, int(source))
        carried = carried_other(graph, grown) if other else np.full(graph.size, np.nan)
        name = np.where(np.isfinite(grown.cost), source, -1).astype(np.intp)
        new = Nearest(name, grown.cost, carried)
        for rank, old in enumerate(ranks):
            tied = (new.cost == old.cost) & (new.source < old.source)
            ahead = (new.cost < old.cost) | tied
            ranks[rank] = _chosen(ahead, new, old)
            new = _chosen(ahead, old, new)
    return ranks


def _chosen(where: Bools, yes: Nearest, no: Nearest) -> Nearest:
    return Nearest(
        np.where(where, yes.source, no.source),
        np.where(where, yes.cost, no.cost),
        np.where(where, yes.other, no.other),
    )


def _tight(cost: Floats, incoming: Incoming) -> Ints:
    """Return the incoming arcs that lie on a shortest way; sums are exact, so equal is equal."""
    reached = cost[incoming.tail] + incoming.cost
    return np.flatnonzero((reached == cost[incoming.head]) & np.isfinite(reached))


def _grown(graph: Graph, cost: Floats, tight: Ints) -> Tree:
    """Choose for every node the tight arc from the lowest node."""
    incoming = graph.incoming
    parent = np.full(graph.size, -1, dtype=np.intp)
    arc = np.full(graph.size, -1, dtype=np.intp)
    first = tight[np.flatnonzero(np.diff(incoming.head[tight], prepend=-1))]
    parent[incoming.head[first]] = incoming.tail[first]
    arc[incoming.head[first]] = incoming.arc[first]
    return Tree(cost, parent, arc)


def _lowered(label: Ints, tail: Ints, head: Ints) -> None:
    """Hand the lowest label down along the arcs of shortest ways, in place."""
    while True:
        lower = np.flatnonzero(label[tail] < label[head])
        if not len(lower):
            return
        np.minimum.at(label, head[lower], label[tail[lower]])


def _roots(parent: Ints) -> Ints:
    """Return the first node of the way to each node."""
    root = np.where(parent >= 0, parent, np.arange(len(parent)))
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return root
        root = further


def _summed(total: Floats, parent: Ints) -> Floats:
    """Sum along the parents; `total` has one more element, the zero before every first node."""
    above = np.where(parent >= 0, parent, len(parent))
    above = np.append(above, len(parent))
    while (above < len(parent)).any():
        total = total + total[above]
        above = above[above]
    return total[:-1]
