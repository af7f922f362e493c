"""First partitions: METIS by recursive bisection, then every part made whole and none empty."""

import numpy as np
import pymetis

from geodata.balance import Floats, Graph, Ints, added


def start(graph: Graph, count: int, seed: int) -> Ints:
    """Divide connected units into parts of about equal weight.

    Parameters
    ----------
    graph
        Connected units.
    count
        Parts wanted, 1 to the number of units.
    seed
        Seed of METIS.

    Returns
    -------
    array
        Labels 0..count-1, each part connected and with at least one unit.
    """
    if count == 1:
        return np.zeros(graph.size, np.int64)
    if count == graph.size:
        return np.arange(graph.size)
    labels = whole(graph, metis(graph, count, seed, recursive=True))
    return _filled(graph, labels, count)


def metis(graph: Graph, count: int, seed: int, *, recursive: bool) -> Ints:
    """Run METIS alone; its parts may be empty or in several pieces.

    Parameters
    ----------
    graph
        Units and borders; the metres shared are the weights of the cut.
    count
        Parts wanted.
    seed
        Seed of METIS.
    recursive
        Recursive bisection; otherwise k-way with the option to keep parts contiguous.

    Returns
    -------
    array
        Labels below *count*.
    """
    borders = np.maximum(graph.shared, 1.0).astype(int)
    found = pymetis.part_graph(
        count,
        pymetis.CSRAdjacency(graph.start.tolist(), graph.neighbour.tolist()),
        vweights=np.round(graph.weight).astype(int).tolist(),
        eweights=borders.tolist(),
        recursive=recursive,
        options=pymetis.Options(seed=seed % 2**31, contig=int(not recursive)),
    )
    return np.array(found[1], dtype=np.int64)


def whole(graph: Graph, labels: Ints) -> Ints:
    """Make every part connected: its lighter pieces join the neighbour they share most with.

    Parameters
    ----------
    graph
        Connected units.
    labels
        Parts; not changed.

    Returns
    -------
    array
        Labels out of the same set, each part connected.
    """
    labels = labels.copy()
    while True:
        count, piece = graph.pieces(labels)
        part = np.zeros(count, np.int64)
        part[piece] = labels
        if len(np.unique(part)) == count:
            return labels
        loose = _lightest_loose(added(piece, graph.weight), part)
        border = (piece[graph.unit] == loose) & (piece[graph.neighbour] != loose)
        shared = added(labels[graph.neighbour[border]], graph.shared[border])
        labels[piece == loose] = np.argmax(shared)


def _lightest_loose(weight: Floats, part: Ints) -> int:
    """Pick the lightest piece of a part that has another, heavier one."""
    order = np.lexsort((np.arange(len(part)), -weight, part))
    first = np.concatenate([[True], np.diff(part[order]) > 0])
    loose = order[~first]
    return int(loose[np.argmin(weight[loose])])


def _filled(graph: Graph, labels: Ints, count: int) -> Ints:
    """Give every empty label one unit from the edge of the heaviest part that can spare one."""
    for empty in np.flatnonzero(np.bincount(labels, minlength=count) == 0):
        weight = added(labels, graph.weight, count)
        weight[np.bincount(labels, minlength=count) < 2] = -1.0
        labels[_spare(graph, labels, int(np.argmax(weight)))] = empty
    return labels


def _spare(graph: Graph, labels: Ints, part: int) -> int:
    """Find a unit whose loss leaves the part connected: the last one reached from any unit."""
    reached = [int(np.flatnonzero(labels == part)[0])]
    seen = set(reached)
    for unit in reached:  # grows while it is walked
        for beyond in graph.neighbour[graph.start[unit] : graph.start[unit + 1]].tolist():
            if labels[beyond] == part and beyond not in seen:
                seen.add(beyond)
                reached.append(beyond)
    return reached[-1]
