"""All open ways between nodes, parallel ones too, listed for searches that go both ways.

`shortest.Graph` holds only the best of parallel arcs, so it is made anew for every closure; here
every edge has its arc, and what is closed is passed by.
"""

from typing import NamedTuple

import numpy as np

from geodata.ragged import offsets, ranges
from geodata.street_arcs import By
from geodata.street_graph import Floats, Ints, Pieces


class Arcs(NamedTuple):
    """The edges of streets as arcs, in the direction ways are searched; rings have none.

    Attributes
    ----------
    first
        Where the arcs into each node start, and the total at the end.
    head, tail
        Nodes of each arc, ordered by head, then tail, then edge.
    cost, other
        What is minimised, and the other measure.
    edge
        Label of the edge.
    away_first, away
        Where the arcs out of each node start in `away`, which holds positions of arcs.
    """

    first: Ints
    head: Ints
    tail: Ints
    cost: Floats
    other: Floats
    edge: Ints
    away_first: Ints
    away: Ints


class Lists(NamedTuple):
    """Positions by number: those of number n are `at[first[n] : first[n + 1]]`."""

    first: Ints
    at: Ints


def listed(number: Ints, count: int) -> Lists:
    """List the positions of each number from 0 to `count` - 1; negative ones are left out."""
    at = np.flatnonzero(number >= 0)
    at = at[np.argsort(number[at], kind="stable")]
    return Lists(offsets(np.bincount(number[at], minlength=count)), at)


def of_these(lists: Lists, numbers: Ints) -> Ints:
    """Return the positions of these numbers, one number after the other."""
    first = lists.first[numbers]
    positions: Ints = lists.at[ranges(first, lists.first[numbers + 1] - first)]
    return positions


def arcs_of(pieces: Pieces, towards: bool, by: By) -> Arcs:
    """List the arcs of all edges.

    Parameters
    ----------
    pieces
        The streets.
    towards
        Turn every arc round, so that ways from a source are ways towards it.
    by
        The measure that is minimised.
    """
    piece, against = pieces.of_edges
    turned = against != towards
    start, end = pieces.start[piece], pieces.end[piece]
    tail, head = np.where(turned, end, start), np.where(turned, start, end)
    edge = np.flatnonzero(tail != head)
    edge = edge[np.lexsort((edge, tail[edge], head[edge]))]
    tail, head, piece = tail[edge], head[edge], piece[edge]
    cost, other = pieces.seconds[piece], pieces.metres[piece]
    if by == "metres":
        cost, other = other, cost
    size = len(pieces.nodes)
    return Arcs(
        offsets(np.bincount(head, minlength=size)),
        head,
        tail,
        cost,
        other,
        edge.astype(np.intp),
        offsets(np.bincount(tail, minlength=size)),
        np.argsort(tail, kind="stable").astype(np.intp),
    )
