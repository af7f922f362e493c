"""Layers of streets put together into one graph."""

import numpy as np

from geodata.shortest import Graph
from geodata.street_graph import Bools, Floats, Ints, quantised


def via_of(start: Ints, stretch: Ints, tail: Ints) -> Ints:
    """Say along (even) or against (odd) a stretch one goes from one end to the other."""
    via: Ints = 2 * stretch + (start[stretch] != tail)
    return via


def usable(label: Ints, opened: Bools) -> Bools:
    """Tell which pieces are open this way: those with a label (not -1) that is."""
    if not len(opened):
        return np.zeros(len(label), dtype=bool)
    usable: Bools = (label >= 0) & opened[label]
    return usable


def ends_of(start: Ints, end: Ints, which: Bools) -> Ints:
    """Give the ends of some stretches, each once."""
    return np.union1d(start[which], end[which])


def joined(
    size: int,
    tail: list[Ints],
    head: list[Ints],
    cost: list[Floats],
    other: list[Floats],
    via: list[Ints],
) -> Graph:
    """Join arcs, of parallel ones the cheapest, without rings."""
    tails, heads, costs = np.concatenate(tail), np.concatenate(head), np.concatenate(cost)
    others, vias = np.concatenate(other), np.concatenate(via)
    order = np.lexsort((vias, costs, heads, tails))
    order = order[tails[order] != heads[order]]
    best = np.ones(len(order), dtype=bool)
    best[1:] = np.diff(tails[order]).astype(bool) | np.diff(heads[order]).astype(bool)
    kept = order[best]
    return Graph(size, tails[kept], heads[kept], quantised(costs[kept]), others[kept], vias[kept])
