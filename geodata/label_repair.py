"""Nearest and second nearest sources of nodes, mended after a change instead of found anew.

Every node's answer follows from the answers of the nodes before it, and a way grows with every
step. So after a change only nodes whose answer no longer follows are looked at, from the nearest
to the farthest (Ramalingam and Reps 1996, DynamicSWSF-FP): nodes that came nearer take their new
answer, nodes that are farther are first cleared. The rules of ties are those of
`nearest_sources.nearest`, so mended is equal to found anew; without any answers yet, mending is
finding.
"""

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from geodata.arc_lists import Arcs
from geodata.compiled import compiled
from geodata.street_graph import Bools, Floats, Ints


class Ranks(NamedTuple):
    """One rank of nearest sources: arrays over the nodes; -1 and infinity where there is none."""

    source: Ints
    cost: Floats
    other: Floats


class Seeds(NamedTuple):
    """How sources are entered: those at node n are at `first[n]` up to `first[n + 1]`.

    Attributes
    ----------
    first
        Where the seeds of each node start, and the total at the end.
    source
        The source, rising within a node.
    cost, other
        The two measures up to the node.
    """

    first: Ints
    source: Ints
    cost: Floats
    other: Floats


@compiled
def mend_nearest(arcs: Arcs, opened: Bools, seeds: Seeds, ranks: Ranks, dirty: Ints) -> Ints:
    """Mend the nearest sources, in place.

    Parameters
    ----------
    arcs
        All arcs of the streets.
    opened
        Whether each edge is open now.
    seeds
        Sources as they are now.
    ranks
        Answers from before the change.
    dirty
        Nodes whose seeds or arcs into them have changed.

    Returns
    -------
    nodes
        Nodes whose answer was touched, each once.
    """
    queue = [(0.0, 0)]
    queue.clear()
    touched = np.zeros(len(ranks.cost), dtype=np.bool_)
    for node in dirty:
        _queue_nearest(arcs, opened, seeds, ranks, node, queue)
    while queue:
        key, node = heappop(queue)
        source, cost, other = _nearest(arcs, opened, seeds, ranks, node)
        if _stands(ranks, node, source, cost, other):
            continue
        if min(cost, ranks.cost[node]) > key:
            heappush(queue, (min(cost, ranks.cost[node]), node))
            continue
        touched[node] = True
        farther = cost > ranks.cost[node]
        if farther:
            source, cost, other = -1, np.inf, np.inf
        ranks.source[node], ranks.cost[node], ranks.other[node] = source, cost, other
        for at in range(arcs.away_first[node], arcs.away_first[node + 1]):
            _queue_nearest(arcs, opened, seeds, ranks, arcs.head[arcs.away[at]], queue)
        if farther:
            _queue_nearest(arcs, opened, seeds, ranks, node, queue)
    return np.flatnonzero(touched)


@compiled
def _queue_nearest(
    arcs: Arcs,
    opened: Bools,
    seeds: Seeds,
    ranks: Ranks,
    node: int,
    queue: list[tuple[float, int]],
) -> None:
    source, cost, other = _nearest(arcs, opened, seeds, ranks, node)
    if not _stands(ranks, node, source, cost, other):
        heappush(queue, (min(cost, ranks.cost[node]), node))


@compiled
def _stands(ranks: Ranks, node: int, source: int, cost: float, other: float) -> bool:
    """Tell whether a node's answer is this one."""
    same = ranks.cost[node] == cost and ranks.source[node] == source
    return bool(same and ranks.other[node] == other)


@compiled
def _nearest(
    arcs: Arcs, opened: Bools, seeds: Seeds, ranks: Ranks, node: int
) -> tuple[int, float, float]:
    """Return what follows for a node from the nodes before it and its seeds.

    The lower source of equally near ones, and its way over the lowest node: arcs come in the
    order of their tails, and a seed is the way over a node that is higher than all.
    """
    source, cost, other = -1, np.inf, np.inf
    for arc in range(arcs.first[node], arcs.first[node + 1]):
        tail = arcs.tail[arc]
        if not opened[arcs.edge[arc]] or ranks.source[tail] < 0:
            continue
        reached = ranks.cost[tail] + arcs.cost[arc]
        if reached < cost or (reached == cost and ranks.source[tail] < source):
            source, cost, other = ranks.source[tail], reached, ranks.other[tail] + arcs.other[arc]
    for seed in range(seeds.first[node], seeds.first[node + 1]):
        entered = seeds.cost[seed]
        if entered < cost or (entered == cost and seeds.source[seed] < source):
            source, cost, other = seeds.source[seed], entered, seeds.other[seed]
    return source, cost, other


@compiled
def mend_second(
    arcs: Arcs,
    opened: Bools,
    seeds: Seeds,
    crew: Ints,
    nearest: Ranks,
    ranks: Ranks,
    dirty: Ints,
) -> Ints:
    """Mend the nearest sources of another crew than the nearest one's, in place.

    Parameters
    ----------
    arcs, opened, seeds, ranks
        As in `mend_nearest`.
    crew
        Number of each source's crew.
    nearest
        The nearest sources, mended already.
    dirty
        Nodes whose seeds, nearest source or arcs into them have changed, and those to which an
        arc leads from such a node.

    Returns
    -------
    nodes
        Nodes whose answer was touched, each once.
    """
    queue = [(0.0, 0)]
    queue.clear()
    touched = np.zeros(len(ranks.cost), dtype=np.bool_)
    for node in dirty:
        _queue_second(arcs, opened, seeds, crew, nearest, ranks, node, queue)
    while queue:
        key, node = heappop(queue)
        source, cost, other = _second(arcs, opened, seeds, crew, nearest, ranks, node)
        if _stands(ranks, node, source, cost, other):
            continue
        if min(cost, ranks.cost[node]) > key:
            heappush(queue, (min(cost, ranks.cost[node]), node))
            continue
        touched[node] = True
        farther = cost > ranks.cost[node]
        if farther:
            source, cost, other = -1, np.inf, np.inf
        ranks.source[node], ranks.cost[node], ranks.other[node] = source, cost, other
        for at in range(arcs.away_first[node], arcs.away_first[node + 1]):
            head = arcs.head[arcs.away[at]]
            _queue_second(arcs, opened, seeds, crew, nearest, ranks, head, queue)
        if farther:
            _queue_second(arcs, opened, seeds, crew, nearest, ranks, node, queue)
    return np.flatnonzero(touched)


@compiled
def _queue_second(
    arcs: Arcs,
    opened: Bools,
    seeds: Seeds,
    crew: Ints,
    nearest: Ranks,
    ranks: Ranks,
    node: int,
    queue: list[tuple[float, int]],
) -> None:
    source, cost, other = _second(arcs, opened, seeds, crew, nearest, ranks, node)
    if not _stands(ranks, node, source, cost, other):
        heappush(queue, (min(cost, ranks.cost[node]), node))


@compiled
def _second(
    arcs: Arcs,
    opened: Bools,
    seeds: Seeds,
    crew: Ints,
    nearest: Ranks,
    ranks: Ranks,
    node: int,
) -> tuple[int, float, float]:
    """Return what follows for a node from the nodes before it and its seeds.

    A node before it whose nearest source is of another crew hands on that one, else its own
    second. The lower source of equally near ones; its way rather from the first kind of node,
    then over the highest node, a seed being higher than all.
    """
    source, cost, other = -1, np.inf, np.inf
    if nearest.source[node] < 0:
        return source, cost, other
    mine, over, handed = crew[nearest.source[node]], -1, False
    for arc in range(arcs.first[node], arcs.first[node + 1]):
        tail = arcs.tail[arc]
        if not opened[arcs.edge[arc]] or nearest.source[tail] < 0:
            continue
        foreign = crew[nearest.source[tail]] != mine
        before = nearest if foreign else ranks
        name, reached = before.source[tail], before.cost[tail] + arcs.cost[arc]
        if name < 0 or reached > cost or (reached == cost and name > source):
            continue
        again = reached == cost and name == source
        if again and ((handed and not foreign) or (handed == foreign and tail <= over)):
            continue
        source, cost, other = name, reached, before.other[tail] + arcs.other[arc]
        over, handed = tail, foreign
    for seed in range(seeds.first[node], seeds.first[node + 1]):
        name, entered = seeds.source[seed], seeds.cost[seed]
        if crew[name] == mine or entered > cost or (entered == cost and name > source):
            continue
        source, cost, other = name, entered, seeds.other[seed]
    return source, cost, other
