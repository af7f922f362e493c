"""Help parts that miss the limits: join three, cut a random spanning tree twice, keep the best.

Every edge of a spanning tree of the joined units, when cut, leaves connected pieces.
"""

import numpy as np

from geodata.balance import Flags, Floats, Goal, Graph, Ints, Plan

_TREES = 24  # of each three parts
_TRIPLES = 40  # tried around one part
_BALANCED = 32  # cuts of a tree in three whose shape is looked at
_MOST_UNITS = 50  # of three parts; beyond this a tree has more cuts than is worth looking at


def rescue(
    graph: Graph, labels: Ints, goal: Goal, rng: np.random.Generator, outside: Flags
) -> Ints:
    """Recombine parts that miss the limits with two others at a time.

    A part between neighbours that can spare nothing is helped only by a third part.

    Parameters
    ----------
    graph
        Connected units.
    labels
        Parts 0..k-1, each connected; not changed.
    goal
        What a part should be; three parts are changed only if their cost falls.
    rng
        Source of the random trees.
    outside
        Tells of each part whether it needs help.

    Returns
    -------
    array
        Labels 0..k-1, each part connected.
    """
    plan = Plan.of(graph, labels, goal)
    for part in np.flatnonzero(outside).tolist():
        triples = _triples(graph, plan, part)
        for triple in rng.permutation(len(triples))[:_TRIPLES].tolist():
            _recombine_triple(graph, plan, goal, rng, triples[triple])
            if abs(plan.weight[part] - goal.target) <= goal.spread:
                break
    return plan.labels


def _triples(graph: Graph, plan: Plan, part: int) -> list[tuple[int, int, int]]:
    """List the part with two others that hang together with it."""
    one, other = plan.labels[graph.unit], plan.labels[graph.neighbour]
    near = np.unique(other[(one == part) & (other != part)]).tolist()
    found = set()
    for second in near:
        beside = np.unique(other[(one == second) & (other != second) & (other != part)])
        found |= {(second, third) for third in near if third > second}
        found |= {(second, third) for third in beside.tolist() if third not in near}
    return [(part, second, third) for second, third in sorted(found)]


def _recombine_triple(
    graph: Graph,
    plan: Plan,
    goal: Goal,
    rng: np.random.Generator,
    triple: tuple[int, int, int],
) -> None:
    members = np.flatnonzero(np.isin(plan.labels, triple))
    if not 3 < len(members) <= _MOST_UNITS:
        return
    local = graph.subset(members)
    if local.pieces(np.zeros(local.size, np.int64))[0] > 1:
        return
    best = plan.cost[list(triple)].sum() - 1e-9
    for _ in range(_TREES):
        thirds = _thirds(_below_edges(local, rng), local.weight, goal)
        totals = [_totals(local, third) for third in thirds]
        cost = np.sum([goal.cost(*total) for total in totals], axis=0)
        number = int(np.argmin(cost))
        if cost[number] < best:
            best = cost[number]
            chosen = [third[number].astype(bool) for third in thirds]
            for part, units, total in zip(triple, chosen, totals, strict=True):
                plan.labels[members[units]] = part
                plan.weight[part], plan.area[part], plan.perimeter[part] = (
                    value[number] for value in total
                )
    parts = list(triple)
    plan.cost[parts] = goal.cost(plan.weight[parts], plan.area[parts], plan.perimeter[parts])


def _thirds(below: Floats, weight: Floats, goal: Goal) -> tuple[Floats, Floats, Floats]:
    """Cut one tree at two edges, the best balanced ways: below the one, the other, the rest."""
    one, other = np.triu_indices(len(below), 1)
    size = below.sum(axis=1)
    common = (below @ below.T)[one, other]
    # of two edges one may lie below the other: the upper one keeps what is between
    in_other, in_one = common == size[one], common == size[other]
    total = below @ weight
    first = total[one] - np.where(in_one, total[other], 0.0)
    second = total[other] - np.where(in_other, total[one], 0.0)
    parts = np.stack([first, second, weight.sum() - first - second])
    off = np.maximum(np.abs(parts - goal.target) / goal.spread - 0.38, 0.0).sum(axis=0)
    best = np.argsort(off, kind="stable")[:_BALANCED]
    first = below[one[best]] - np.where(in_one[best, None], below[other[best]], 0.0)
    second = below[other[best]] - np.where(in_other[best, None], below[one[best]], 0.0)
    return first, second, 1.0 - first - second


def _below_edges(graph: Graph, rng: np.random.Generator) -> Floats:
    """Grow a random spanning tree: one row an edge of it, 1.0 for the units below the edge."""
    once = graph.unit < graph.neighbour
    ends = np.stack([graph.unit[once], graph.neighbour[once]], axis=1).tolist()
    below = _subtrees(graph.size, ends, rng.permutation(len(ends)).tolist())
    rows = np.zeros((len(below), graph.size))
    for row, units in enumerate(below):
        rows[row] = [units >> unit & 1 for unit in range(graph.size)]
    return rows


def _subtrees(size: int, ends: list[list[int]], order: list[int]) -> list[int]:
    """Give the units below every edge of the tree that Kruskal's rule makes in this order.

    Sets of units are bits of an integer. Units are joined group by group; the root of a
    finished tree is unit 0, found by walking from it.
    """
    group = list(range(size))
    tree: list[list[int]] = [[] for _ in range(size)]
    for edge in order:
        a, b = ends[edge]
        root_a, root_b = a, b
        while group[root_a] != root_a:
            group[root_a] = group[group[root_a]]
            root_a = group[root_a]
        while group[root_b] != root_b:
            group[root_b] = group[group[root_b]]
            root_b = group[root_b]
        if root_a != root_b:
            group[root_a] = root_b
            tree[a].append(b)
            tree[b].append(a)
    return _below(tree)


def _below(tree: list[list[int]]) -> list[int]:
    above = [-1] * len(tree)
    walk = [0]
    for unit in walk:  # grows while it is walked
        for following in tree[unit]:
            if following != above[unit]:
                above[following] = unit
                walk.append(following)
    below = [1 << unit for unit in range(len(tree))]
    for unit in reversed(walk[1:]):
        below[above[unit]] |= below[unit]
    return [below[unit] for unit in walk[1:]]


def _totals(graph: Graph, units: Floats) -> tuple[Floats, Floats, Floats]:
    """Weight, area and perimeter of sets of units, one a row."""
    shared = np.zeros((graph.size, graph.size))
    shared[graph.unit, graph.neighbour] = graph.shared
    perimeter = units @ graph.perimeter - np.einsum("ij,ij->i", units @ shared, units)
    return units @ graph.weight, units @ graph.area, np.maximum(perimeter, 1e-6)
