"""The nearest source of every node, the second nearest, and so on, exactly.

One search finds the nearest source, one more the second, which may have to be of another group
(two engines of one crew are no two helpers); ties go to the lower source.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.ragged import offsets
from geodata.shortest import (
    Bools,
    Floats,
    Graph,
    Incoming,
    Ints,
    Tree,
    carried_other,
    grown,
    tight_arcs,
    tree,
)


@dataclass(frozen=True)
class Nearest:
    """One rank of nearest sources: arrays over the nodes, -1 and infinity where there is none."""

    source: Ints
    cost: Floats
    other: Floats


def nearest(
    graph: Graph, sources: Ints, count: int, other: bool = False, groups: Ints | None = None
) -> list[Nearest]:
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
    groups
        Number of each source's group, for a count of 1 or 2: the second nearest is then the
        nearest of another group than the nearest one's.

    Returns
    -------
    ranks
        `count` ranks; beyond the number of sources they are empty.
    """
    sources, row = np.unique(sources, return_index=True)
    if not len(sources) or not graph.size or not count:
        return [_none(graph.size) for _ in range(count)]
    if count > 2:
        return _by_trees(graph, sources, count, other)
    first = _first(graph, sources, other)
    if count == 1:
        return [first]
    group = first.source
    if groups is not None:
        of_node = np.full(graph.size, -1, dtype=np.intp)
        of_node[sources] = groups[row]
        group = np.where(first.source >= 0, of_node[first.source], -1)
    return [first, _second(graph, first, group, other)]


def _none(size: int) -> Nearest:
    return Nearest(np.full(size, -1, dtype=np.intp), np.full(size, np.inf), np.full(size, np.inf))


def _first(graph: Graph, sources: Ints, other: bool) -> Nearest:
    cost, _, nodes = dijkstra(
        graph.matrix, indices=sources, min_only=True, return_predecessors=True
    )
    source: Ints = np.where(np.isfinite(cost), nodes, -1).astype(np.intp)
    incoming = graph.incoming
    tight = tight_arcs(cost, incoming)
    _lowered(source, incoming.tail[tight], incoming.head[tight])
    if not other:
        return Nearest(source, cost, np.full(graph.size, np.nan))
    same = tight[source[incoming.tail[tight]] == source[incoming.head[tight]]]
    return Nearest(source, cost, carried_other(graph, grown(graph, cost, same)))


def _second(graph: Graph, first: Nearest, group: Ints, other: bool) -> Nearest:
    """Find the nearest source of another group than the nearest one's, with one more search.

    The way from a node's second source either comes from a neighbour whose nearest source is
    of another group (it is then that neighbour's nearest), or from a neighbour whose nearest
    source is of the same group, of which it is the second too. So: start at every arc across
    the border between two groups, and search on within each group's own ground.

    Parameters
    ----------
    graph, first, other
        As in `nearest`, and what `_first` found.
    group
        Group of every node's nearest source, -1 where there is none.
    """
    incoming = graph.incoming
    tail, head = incoming.tail, incoming.head
    # arcs within a group's ground stay in the graph's order, so the matrix needs no sorting
    inside = group[graph.tail] == group[graph.head]
    crossing = np.flatnonzero((group[tail] != group[head]) & (group[tail] >= 0))
    if not len(crossing):
        return _none(graph.size)
    entry = first.cost[tail[crossing]] + incoming.cost[crossing]
    starts = np.flatnonzero(np.diff(head[crossing], prepend=-1))
    entered, lowest = head[crossing[starts]], np.minimum.reduceat(entry, starts)
    cost = _from_entries(graph, inside, entered, lowest)

    from_border = crossing[entry == cost[head[crossing]]]
    within = tight_arcs(cost, incoming)
    within = within[group[tail[within]] == group[head[within]]]
    source = _second_sources(graph.size, first.source, incoming, from_border, within)
    if not other:
        return Nearest(source, cost, np.full(graph.size, np.nan))
    carried = _second_other(graph, first, Nearest(source, cost, cost), from_border, within)
    return Nearest(source, cost, carried)


def _from_entries(graph: Graph, inside: Bools, entered: Ints, entry: Floats) -> Floats:
    """Search inside each group's ground from a node of its own that leads to the entries."""
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
    return Tree(second.cost, parent, arc).carried(graph.other, start)


def _by_trees(graph: Graph, sources: Ints, count: int, other: bool) -> list[Nearest]:
    ranks = [_none(graph.size) for _ in range(count)]
    for source in sources:
        ways = tree(graph, int(source))
        carried = carried_other(graph, ways) if other else np.full(graph.size, np.nan)
        name = np.where(np.isfinite(ways.cost), source, -1).astype(np.intp)
        new = Nearest(name, ways.cost, carried)
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
