"""Who loses cover if a street closes, street by street, by searching only what hangs on it.

A node is cut loose if every shortest way to it leads over what is closed; only such nodes get new
ways, from those that are not. The rest of the network is never looked at, so all streets of a
city are done in the time of a few searches.
"""

from heapq import heapify, heappop, heappush
from typing import NamedTuple

import numpy as np

from geodata.arc_lists import Arcs, Lists
from geodata.compiled import compiled
from geodata.street_graph import Bools, Floats, Ints


class Doors(NamedTuple):
    """Places at their streets: households that are covered, or facilities.

    Attributes
    ----------
    piece
        Street of each place.
    ends
        Int array (places, 2): nodes at the start and at the end of the street.
    cost
        Float array (places, 2): the way to or from there, infinite where there is none.
    stays
        Bool array (places, 2): the place stands on that node, a closed street is no hindrance.
    beside
        The best way that stays on the street; infinite where there is none.
    """

    piece: Ints
    ends: Ints
    cost: Floats
    stays: Bools
    beside: Floats


class Ground(NamedTuple):
    """What a closing is laid over.

    Attributes
    ----------
    arcs
        The ways.
    arc_piece
        Street of each arc.
    opened
        Whether each arc is open before anything more is closed.
    cost
        Way to each node.
    limit
        What is farther counts for nobody.
    arcs_of
        Arcs by street.
    """

    arcs: Arcs
    arc_piece: Ints
    opened: Bools
    cost: Floats
    limit: float
    arcs_of: Lists


class Crowd(NamedTuple):
    """Households with cover, and facilities, by where they are.

    Attributes
    ----------
    homes, sites
        Their doors.
    homes_on, sites_on
        Positions by street.
    homes_at, sites_at
        Positions by node.
    weights
        Float array (homes, columns) that is summed up over those who lose cover.
    """

    homes: Doors
    sites: Doors
    homes_on: Lists
    sites_on: Lists
    homes_at: Lists
    sites_at: Lists
    weights: Floats


class Bench(NamedTuple):
    """Room to work in, as it was found when a street is done.

    Attributes
    ----------
    support
        How many shortest ways lead to each node by its last step.
    closed
        Whether each street is closed.
    loose
        Whether a node has lost all its shortest ways.
    fresh
        The new way to each loose node.
    order
        Loose nodes, as they were found.
    dropped
        Nodes that have lost one of their last steps, once for each.
    """

    support: Ints
    closed: Bools
    loose: Bools
    fresh: Floats
    order: Ints
    dropped: Ints


@compiled
def lost_by_closing(ground: Ground, crowd: Crowd, groups: Lists) -> Floats:
    """Sum the weights of who loses cover: array (groups of streets that close, columns)."""
    bench = _bench(ground, crowd)
    count = len(groups.first) - 1
    asked = np.full(len(crowd.homes.piece), -1, dtype=np.int64)
    lost = np.zeros((count, crowd.weights.shape[1]))
    for group in range(count):
        pieces = groups.at[groups.first[group] : groups.first[group + 1]]
        for piece in pieces:
            bench.closed[piece] = True
        loose, dropped = _cut_loose(ground, crowd, bench, pieces)
        _searched(ground, crowd, bench, bench.order[:loose])
        _summed(ground, crowd, crowd.homes_on, bench, pieces, asked, group, lost)
        _summed(ground, crowd, crowd.homes_at, bench, bench.order[:loose], asked, group, lost)
        for node in bench.order[:loose]:
            bench.loose[node] = False
        for node in bench.dropped[:dropped]:
            bench.support[node] += 1
        for piece in pieces:
            bench.closed[piece] = False
    return lost


@compiled
def _bench(ground: Ground, crowd: Crowd) -> Bench:
    size, doors = len(ground.cost), crowd.sites.cost.size
    support = np.zeros(size, dtype=np.int64)
    for arc in range(len(ground.opened)):
        if _tight(ground, arc):
            support[ground.arcs.head[arc]] += 1
    for site in range(len(crowd.sites.piece)):
        for slot in range(2):
            if _entered(ground, crowd.sites, site, slot):
                support[crowd.sites.ends[site, slot]] += 1
    return Bench(
        support,
        np.zeros(len(ground.arcs_of.first) - 1, dtype=np.bool_),
        np.zeros(size, dtype=np.bool_),
        np.full(size, np.inf),
        np.zeros(size, dtype=np.int64),
        np.zeros(len(ground.opened) + doors, dtype=np.int64),
    )


@compiled
def _tight(ground: Ground, arc: int) -> bool:
    """Tell whether an arc is the last step of a shortest way that counts."""
    there = ground.cost[ground.arcs.head[arc]]
    if not ground.opened[arc] or there > ground.limit:
        return False
    return bool(ground.cost[ground.arcs.tail[arc]] + ground.arcs.cost[arc] == there)


@compiled
def _entered(ground: Ground, sites: Doors, site: int, slot: int) -> bool:
    """Tell whether a facility's own door is such a last step."""
    there = ground.cost[sites.ends[site, slot]]
    return bool(there <= ground.limit and sites.cost[site, slot] == there)


@compiled
def _cut_loose(ground: Ground, crowd: Crowd, bench: Bench, pieces: Ints) -> tuple[int, int]:
    """Find the nodes all of whose shortest ways are closed; count them, and the steps dropped."""
    arcs = ground.arcs
    dropped = 0
    for piece in pieces:
        dropped = _dropped(ground, crowd, bench, piece, dropped)
    loose, seen = 0, 0
    while seen < dropped:
        node = bench.dropped[seen]
        seen += 1
        bench.support[node] -= 1
        if bench.support[node] > 0:
            continue
        bench.loose[node] = True
        bench.order[loose] = node
        loose += 1
        for at in range(arcs.away_first[node], arcs.away_first[node + 1]):
            arc = arcs.away[at]
            if not bench.closed[ground.arc_piece[arc]] and _tight(ground, arc):
                bench.dropped[dropped] = arcs.head[arc]
                dropped += 1
    return loose, dropped


@compiled
def _dropped(ground: Ground, crowd: Crowd, bench: Bench, piece: int, dropped: int) -> int:
    """Put down the nodes that lose a last step along a street; count on from `dropped`."""
    for at in range(ground.arcs_of.first[piece], ground.arcs_of.first[piece + 1]):
        if _tight(ground, ground.arcs_of.at[at]):
            bench.dropped[dropped] = ground.arcs.head[ground.arcs_of.at[at]]
            dropped += 1
    sites = crowd.sites
    for at in range(crowd.sites_on.first[piece], crowd.sites_on.first[piece + 1]):
        site = crowd.sites_on.at[at]
        for slot in range(2):
            if not sites.stays[site, slot] and _entered(ground, sites, site, slot):
                bench.dropped[dropped] = sites.ends[site, slot]
                dropped += 1
    return dropped


@compiled
def _searched(ground: Ground, crowd: Crowd, bench: Bench, nodes: Ints) -> None:
    """Find the new ways to loose nodes, up to the limit, in place."""
    arcs = ground.arcs
    queue = [(0.0, nodes[0])] if len(nodes) else [(0.0, 0)]
    queue.clear()
    for node in nodes:
        best = _from_sites(crowd, bench, node)
        for arc in range(arcs.first[node], arcs.first[node + 1]):
            passable = ground.opened[arc] and not bench.closed[ground.arc_piece[arc]]
            if passable and not bench.loose[arcs.tail[arc]]:
                best = min(best, ground.cost[arcs.tail[arc]] + arcs.cost[arc])
        bench.fresh[node] = best
        if best <= ground.limit:
            queue.append((best, node))
    heapify(queue)
    while queue:
        cost, node = heappop(queue)
        if cost > bench.fresh[node]:
            continue
        for at in range(arcs.away_first[node], arcs.away_first[node + 1]):
            arc = arcs.away[at]
            head, further = arcs.head[arc], cost + arcs.cost[arc]
            passable = ground.opened[arc] and not bench.closed[ground.arc_piece[arc]]
            if not passable or not bench.loose[head] or further >= bench.fresh[head]:
                continue
            bench.fresh[head] = further
            if further <= ground.limit:
                heappush(queue, (further, head))


@compiled
def _from_sites(crowd: Crowd, bench: Bench, node: int) -> float:
    """Return the shortest door of a facility to a node."""
    best = np.inf
    for at in range(crowd.sites_at.first[node], crowd.sites_at.first[node + 1]):
        site = crowd.sites_at.at[at]
        for slot in range(2):
            if crowd.sites.ends[site, slot] == node:
                best = min(best, _door(crowd.sites, bench, site, slot))
    return best


@compiled
def _door(places: Doors, bench: Bench, place: int, slot: int) -> float:
    """Return what a door takes; infinite while its street is closed, unless it is on the node."""
    usable = places.stays[place, slot] or not bench.closed[places.piece[place]]
    return float(places.cost[place, slot]) if usable else np.inf


@compiled
def _summed(
    ground: Ground,
    crowd: Crowd,
    homes_by: Lists,
    bench: Bench,
    numbers: Ints,
    asked: Ints,
    group: int,
    lost: Floats,
) -> None:
    """Add up the households by these streets or nodes that have no way within the limit left."""
    homes = crowd.homes
    for number in numbers:
        for at in range(homes_by.first[number], homes_by.first[number + 1]):
            home = homes_by.at[at]
            if asked[home] == group:
                continue
            asked[home] = group
            value = np.inf if bench.closed[homes.piece[home]] else homes.beside[home]
            for slot in range(2):
                node = homes.ends[home, slot]
                cost = bench.fresh[node] if bench.loose[node] else ground.cost[node]
                value = min(value, cost + _door(homes, bench, home, slot))
            if value > ground.limit:
                lost[group] += crowd.weights[home]
