"""Ways between many places, from door to door: the costs without the routes."""

from typing import TYPE_CHECKING

import numpy as np

from geodata import shortest
from geodata.ragged import ranges
from geodata.shortest import Graph
from geodata.snapping import Places, Ways, arriving, leaving
from geodata.street_arcs import By
from geodata.street_graph import Floats, Ints, quantised

if TYPE_CHECKING:
    from geodata.network import Network


def measured(ways: Ways, by: By) -> tuple[Floats, Floats]:
    """Return what is minimised and the other measure."""
    return (ways.seconds, ways.metres) if by == "seconds" else (ways.metres, ways.seconds)


def rooted(network: "Network", places: Places, towards: bool, by: By) -> Graph:
    """Return the graph with a node for every place: `network.size` for the first, and so on.

    Parameters
    ----------
    network
        The streets.
    places
        The places trees are to grow from.
    towards
        Whether ways lead to the places; the graph is then turned round.
    by
        The measure that is minimised.
    """
    ways = (arriving if towards else leaving)(network.pieces, network.opened, places)
    return network.graph(towards, by).with_places(ways.ends, *measured(ways, by))


def matrix(
    network: "Network", origins: Places, destinations: Places, by: By
) -> tuple[Floats, Floats]:
    """Measure all ways from origins to destinations; see `Network.matrix`.

    One tree is grown for each place of the smaller side.
    """
    towards = len(destinations) <= len(origins)
    roots, leaves = (destinations, origins) if towards else (origins, destinations)
    graph = rooted(network, roots, towards, by)
    ways = (leaving if towards else arriving)(network.pieces, network.opened, leaves)
    first, second = measured(ways, by)
    cost = np.full((len(roots), len(leaves)), np.inf)
    other = np.full((len(roots), len(leaves)), np.inf)
    for root in np.flatnonzero(roots.snapped):
        grown = shortest.tree(graph, network.size + int(root))
        carried = shortest.carried_other(graph, grown)
        cost[root], other[root] = _better(
            grown.cost[ways.ends] + first, carried[ways.ends] + second
        )
    if towards:
        cost, other = cost.T, other.T
    start, end, along, beside = direct(network, origins, destinations, by)
    nearer = along <= cost[start, end]
    start, end = start[nearer], end[nearer]
    cost[start, end], other[start, end] = along[nearer], beside[nearer]
    cost, other = np.ascontiguousarray(cost), np.ascontiguousarray(other)
    return (cost, other) if by == "seconds" else (other, cost)


def direct(
    network: "Network", origins: Places, destinations: Places, by: By
) -> tuple[Ints, Ints, Floats, Floats]:
    """Find the pairs on one street and the ways along it that pass no junction.

    Returns
    -------
    origin, destination
        Positions of the pairs between whom the street is open in that direction.
    cost, other
        The minimised and the other measure, straight legs included.
    """
    start, end = same(origins.piece, destinations.piece)
    return along(network, origins, destinations, start, end, by)


def along(
    network: "Network",
    origins: Places,
    destinations: Places,
    start: Ints,
    end: Ints,
    by: By = "seconds",
) -> tuple[Ints, Ints, Floats, Floats]:
    """Measure pairs on one street along it, leaving out those it is closed to; see `direct`."""
    piece = origins.piece[start]
    onward = destinations.fraction[end] - origins.fraction[start]
    forward, backward = network.pieces.forward[piece], network.pieces.backward[piece]
    opened = network.opened
    if not len(opened):
        start, end, piece, onward = start[:0], end[:0], piece[:0], onward[:0]
    else:
        usable = ((onward >= 0) & (forward >= 0) & opened[forward]) | (
            (onward <= 0) & (backward >= 0) & opened[backward]
        )
        start, end, piece, onward = start[usable], end[usable], piece[usable], onward[usable]
    share = np.abs(onward)
    pieces = network.pieces
    seconds = quantised(share * pieces.seconds[piece])
    metres = quantised(share * pieces.metres[piece])
    seconds += origins.leg_seconds[start] + destinations.leg_seconds[end]
    metres += origins.metres[start] + destinations.metres[end]
    return (start, end, seconds, metres) if by == "seconds" else (start, end, metres, seconds)


def same(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Return the positions of all pairs with the same number; negative numbers pair with none."""
    # as a rule there are many of one and few of the other: only what both have is sorted
    asked = np.zeros(max(left.max(initial=-1), right.max(initial=-1)) + 2, dtype=bool)
    asked[left] = True
    asked[-1] = False  # where -1 points
    order = np.flatnonzero(asked[right])
    order = order[np.argsort(right[order], kind="stable")]
    low = np.searchsorted(right[order], left, side="left")
    high = np.searchsorted(right[order], left, side="right")
    counts = np.where(left >= 0, high - low, 0)
    return np.repeat(np.arange(len(left)), counts), order[ranges(low, counts)]


def _better(cost: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Take the cheaper of the two ends; the start of the street if both cost the same."""
    end = cost[:, 1] < cost[:, 0]
    return np.where(end, cost[:, 1], cost[:, 0]), np.where(end, other[:, 1], other[:, 0])
