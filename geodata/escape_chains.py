"""Streets between junctions as one step each: a search need not stop where nobody can turn off."""

from typing import NamedTuple

import numpy as np

from geodata.compiled import compiled
from geodata.shortest import Graph
from geodata.street_graph import Bools, Floats, Ints


class Chains(NamedTuple):
    """A graph whose states with two neighbours, reached from both and leading to both, are passed.

    The sums along a chain are exact, so ways over chains are those over arcs to the last bit.

    Attributes
    ----------
    junction
        By state: its number among the junctions, the states that are not merely passed; or -1.
    first, head, cost
        The chains from junction j are at `first[j]` up to `first[j + 1]`: the junction each leads
        to and what it costs.
    into, before
        The last arc of each chain, and the state it comes from.
    side, offset, by
        Arrays (states, 2) for states that are passed: the junctions at either end of the chain
        (-1 for those no junction leads to), what it costs from there, and the arc by which the
        state is reached from that side.
    """

    junction: Ints
    first: Ints
    head: Ints
    cost: Floats
    into: Ints
    before: Ints
    side: Ints
    offset: Floats
    by: Ints


def chains(graph: Graph) -> Chains:
    """Join the arcs of a graph between junctions.

    Parameters
    ----------
    graph
        Any; a state without an arc into it is a junction.
    """
    passed = _passed(graph.indptr, graph.tail, graph.head)
    junction = np.where(passed, -1, np.cumsum(~passed) - 1)
    counts = np.diff(graph.indptr)[~passed]
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    number, size = int(first[-1]), graph.size
    found = Chains(
        junction,
        first,
        np.zeros(number, dtype=np.intp),
        np.zeros(number),
        np.zeros(number, dtype=np.intp),
        np.zeros(number, dtype=np.intp),
        np.full((size, 2), -1, dtype=np.intp),
        np.zeros((size, 2)),
        np.full((size, 2), -1, dtype=np.intp),
    )
    _walk(graph.indptr, graph.tail, graph.head, graph.cost, found)
    return found


@compiled
def _passed(first: Ints, tail: Ints, head: Ints) -> Bools:
    """Tell which states have two neighbours that they are reached from and lead to."""
    size = len(first) - 1
    inward = np.zeros(size, dtype=np.int64)
    both = np.zeros(size, dtype=np.int64)
    for arc in range(len(head)):
        node, low = head[arc], first[head[arc]]
        inward[node] += 1
        two = first[node + 1] - low == 2
        if two and (head[low] == tail[arc] or head[low + 1] == tail[arc]):
            both[node] += 1
    passed: Bools = (inward == 2) & (both == 2)
    return passed


@compiled
def _walk(first: Ints, tail: Ints, head: Ints, cost: Floats, found: Chains) -> None:
    """Follow every arc out of a junction to the next junction."""
    chain = 0
    for start in range(len(first) - 1):
        if found.junction[start] < 0:
            continue
        for out in range(first[start], first[start + 1]):
            arc, total = out, cost[out]
            node = head[out]
            while found.junction[node] < 0:
                side = 0 if found.side[node, 0] < 0 else 1
                found.side[node, side] = found.junction[start]
                found.offset[node, side] = total
                found.by[node, side] = arc
                on = first[node]
                arc = on if head[on] != tail[arc] else on + 1
                total += cost[arc]
                node = head[arc]
            found.head[chain] = found.junction[node]
            found.cost[chain] = total
            found.into[chain] = arc
            found.before[chain] = tail[arc]
            chain += 1
