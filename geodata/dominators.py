"""What every way from one node hangs on: dominators of a directed graph, compiled.

The method is semi-NCA (Georgiadis 2005): semidominators by path compression in the order of a
depth-first search, then the nearest common ancestor with the parent in the tree so far.
"""

import numpy as np

from geodata.compiled import compiled
from geodata.ragged import offsets
from geodata.street_graph import Bools, Ints


def dominators(size: int, tail: Ints, head: Ints, roots: Ints) -> tuple[Ints, Ints]:
    """Find for every root the last arc that all ways from it to a node pass, and the one before.

    Parameters
    ----------
    size
        Number of nodes.
    tail, head
        Nodes of the arcs; parallel ones each count.
    roots
        Nodes.

    Returns
    -------
    above
        Array (roots, nodes): immediate dominator of each node; -1 for a root and for nodes it
        does not reach.
    only
        Array (roots, nodes): the arc by which alone a node is entered from outside of what it
        dominates: who takes it away cuts the node off. -1 where there are several.
    """
    by_tail, by_head = np.argsort(tail, kind="stable"), np.argsort(head, kind="stable")
    first = offsets(np.bincount(tail, minlength=size))
    into = offsets(np.bincount(head, minlength=size))
    above = np.full((len(roots), size), -1, dtype=np.int64)
    only = np.full((len(roots), size), -1, dtype=np.int64)
    for row, root in enumerate(roots):
        _grown(root, first, by_tail, head, into, by_head, tail, above[row], only[row])
    return above, only


@compiled
def _grown(
    root: int,
    first: Ints,
    by_tail: Ints,
    head: Ints,
    into: Ints,
    by_head: Ints,
    tail: Ints,
    above: Ints,
    only: Ints,
) -> None:
    """Fill in the dominators of one root."""
    order, number, parent = _visited(root, first, by_tail, head)
    count = len(order)
    idom, forest = parent.copy(), parent.copy()
    semi, label, stack = np.arange(count), np.arange(count), np.zeros(count, np.int64)
    for node in range(count - 1, 0, -1):
        semi[node] = parent[node]
        for at in range(into[order[node]], into[order[node] + 1]):
            before = number[tail[by_head[at]]]
            if before >= 0:
                found = semi[_least(before, node + 1, forest, semi, label, stack)]
                semi[node] = min(semi[node], found)
    for node in range(1, count):
        up = idom[node]
        while up > semi[node]:
            up = idom[up]
        idom[node] = up
    _entered(order, number, idom, into, by_head, tail, above, only)


@compiled
def _entered(
    order: Ints,
    number: Ints,
    idom: Ints,
    into: Ints,
    by_head: Ints,
    tail: Ints,
    above: Ints,
    only: Ints,
) -> None:
    """Find the arcs by which alone nodes are entered from outside of what they dominate."""
    count = len(order)
    # a node dominates another if it is entered earlier and left later on a walk over the tree
    size = np.ones(count, np.int64)
    for node in range(count - 1, 0, -1):
        size[idom[node]] += size[node]
    begin, free = np.zeros(count, np.int64), np.ones(count, np.int64)
    for node in range(1, count):
        up = idom[node]
        begin[node] = begin[up] + free[up]
        free[up] += size[node]
    for node in range(1, count):
        above[order[node]] = order[idom[node]]
        alone = -1
        for at in range(into[order[node]], into[order[node] + 1]):
            before = number[tail[by_head[at]]]
            inner = before >= 0 and begin[node] <= begin[before] < begin[node] + size[node]
            if before >= 0 and not inner:
                alone = by_head[at] if alone == -1 else -2
        only[order[node]] = max(alone, -1)


@compiled
def _visited(root: int, first: Ints, by_tail: Ints, head: Ints) -> tuple[Ints, Ints, Ints]:
    """Walk through the graph in depth: nodes in order, numbers of nodes, parents by number."""
    size = len(first) - 1
    number, order = np.full(size, -1, np.int64), np.zeros(size, np.int64)
    parent, stack, at = np.zeros(size, np.int64), np.zeros(size, np.int64), first[:-1].copy()
    number[root] = 0
    order[0] = root
    stack[0] = root
    count, top = 1, 1
    while top > 0:
        node = stack[top - 1]
        if at[node] == first[node + 1]:
            top -= 1
            continue
        beyond = head[by_tail[at[node]]]
        at[node] += 1
        if number[beyond] >= 0:
            continue
        number[beyond] = count
        order[count] = beyond
        parent[count] = number[node]
        stack[top] = beyond
        count += 1
        top += 1
    return order[:count], number, parent[:count]


@compiled
def _least(node: int, last: int, forest: Ints, semi: Ints, label: Ints, stack: Ints) -> int:
    """Find the node of least semidominator on the way up what has been linked, and shorten it."""
    if forest[node] < last:
        return int(label[node])
    top = 0
    while forest[node] >= last:
        stack[top] = node
        top += 1
        node = forest[node]
    above, best = node, label[node]
    while top > 0:
        top -= 1
        node = stack[top]
        forest[node] = forest[above]
        if semi[best] < semi[label[node]]:
            label[node] = best
        else:
            best = label[node]
        above = node
    return int(label[node])


@compiled
def marked_above(above: Ints, mark: Ints, reached: Bools) -> tuple[Ints, Ints]:
    """Shorten the way up to the nodes that carry a mark: for each the next one, and how many.

    A node of the array is itself where it carries a mark of 0 or more; -1 for none.
    """
    size = len(above)
    found, depth = np.full(size, -2, np.int64), np.zeros(size, np.int64)
    stack = np.zeros(size, np.int64)
    for first in range(size):
        if not reached[first]:
            found[first] = -1
            continue
        top, node = 0, first
        while node >= 0 and found[node] == -2:
            stack[top] = node
            top += 1
            node = above[node]
        while top > 0:
            top -= 1
            node = stack[top]
            up = above[node]
            count = depth[up] if up >= 0 else 0
            found[node] = node if mark[node] >= 0 else (found[up] if up >= 0 else -1)
            depth[node] = count + (1 if mark[node] >= 0 else 0)
    return found, depth
