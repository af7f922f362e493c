"""What it costs to serve demand from each site, measured on the streets of a file.

The search is scipy's, and is not trusted: what it gives for a node must be the least of what the
streets that lead there offer. As every street costs something, only the right costs are so.
"""

from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.verifying_file import Table
from geodata.verifying_findings import Findings
from geodata.verifying_ground import Arcs, Bools, Floats, Ground, Ints, Ways


class _Tree:
    """The ways from one place over the streets.

    Parameters
    ----------
    arcs
        The streets.
    size
        Number of nodes; the place is the node after them.
    """

    def __init__(self, arcs: Arcs, size: int) -> None:
        order = np.lexsort((arcs.cost, arcs.head, arcs.tail))
        tail, head, cost = arcs.tail[order], arcs.head[order], arcs.cost[order]
        first = np.ones(len(tail), dtype=bool)
        first[1:] = (np.diff(tail) != 0) | (np.diff(head) != 0)
        self.tail, self.head, self.cost = tail[first], head[first], cost[first]
        self.size = size
        self.starts = np.searchsorted(self.tail, np.arange(size + 1))
        self.by_head = np.argsort(self.head, kind="stable")
        self.led, self.leading = np.unique(self.head[self.by_head], return_index=True)

    def costs(self, nodes: Ints, doors: Floats) -> Floats:
        """Search from a place with these doors."""
        indices = np.concatenate([self.head, nodes])
        starts = np.append(self.starts, len(indices))
        graph = csr_array(
            (np.concatenate([self.cost, doors]), indices, starts), shape=(self.size + 1,) * 2
        )
        search: Any = dijkstra  # whose stubs know nothing of sparse arrays
        found: Floats = search(graph, indices=self.size)[: self.size]
        return found

    def proven(self, found: Floats, nodes: Ints, doors: Floats) -> Bools:
        """Tell at which nodes it is what the streets, or the place's own doors, offer."""
        offered = np.full(self.size, np.inf)
        if len(self.led):
            ways = (found[self.tail] + self.cost)[self.by_head]
            offered[self.led] = np.minimum.reduceat(ways, self.leading)
        np.minimum.at(offered, nodes, doors)
        same: Bools = offered == found
        return same


def measured(findings: Findings, ground: Ground, demand: Table, sites: Table, by: str) -> Floats:
    """Return the costs between all demand and all sites; infinite where there is no way."""
    count, size = len(sites["street"]), len(demand["street"])
    every, spots = np.arange(size), np.arange(count)
    doors: Ways = ground.ways(sites, by, True, spots)
    ends: Ways = ground.ways(demand, by, False, every)
    tree = _Tree(ground.arcs(by), ground.size)
    cost = np.full((size, count), np.inf)
    for site in range(count):
        own = np.flatnonzero(doors.row == site)
        nodes, least = _least(doors.node[own], doors.cost[own])
        if not len(nodes):
            continue
        found = tree.costs(nodes, least)
        if not tree.proven(found, nodes, least).all():
            findings.add("sites.csv", site, "street", "its ways cannot be measured")
        np.minimum.at(cost[:, site], ends.row, found[ends.node] + ends.cost)
    home, at, beside, _ = ground.along(demand, every, sites, spots, by)
    np.minimum.at(cost, (home, at), beside)
    return cost


def _least(nodes: Ints, cost: Floats) -> tuple[Ints, Floats]:
    """Keep the least cost of each node."""
    order = np.lexsort((cost, nodes))
    seen, first = np.unique(nodes[order], return_index=True)
    return seen, cost[order][first]
