"""The open edges of streets as the arcs of a graph."""

from typing import Literal

import numpy as np

from geodata.shortest import Graph
from geodata.street_graph import Bools, Pieces

By = Literal["seconds", "metres"]


def graph_of(pieces: Pieces, opened: Bools, by: By) -> Graph:
    """Return the open edges as a graph; of parallel edges the cheapest, then the lowest label.

    Parameters
    ----------
    pieces
        The streets.
    opened
        Bool array over edges: not closed.
    by
        The measure that is minimised; the other one is carried along. Rings lead nowhere
        and have no arc.
    """
    piece, backward = pieces.of_edges
    start, end = pieces.start[piece], pieces.end[piece]
    tail, head = np.where(backward, end, start), np.where(backward, start, end)
    label = np.flatnonzero(opened & (tail != head))
    tail, head, piece = tail[label], head[label], piece[label]
    cost, other = pieces.seconds[piece], pieces.metres[piece]
    if by == "metres":
        cost, other = other, cost
    order = np.lexsort((label, cost, head, tail))
    tail, head = tail[order], head[order]
    best = np.ones(len(order), dtype=bool)
    best[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    kept = order[best]
    return Graph(len(pieces.nodes), tail[best], head[best], cost[kept], other[kept], label[kept])
