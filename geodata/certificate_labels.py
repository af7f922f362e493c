"""The ways a coverage rests on, as labels anybody can check: what it takes to each node, and how.

A label says what the way between a facility and a node takes, and from which node and street it
comes. Labels are right if no street leads to a node for less than its label, and each is what
the label before it and one street add up to: one look at every street shows both.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geodata import shortest
from geodata.matrices import rooted
from geodata.nearest_sources import Nearest, nearest
from geodata.network import Network
from geodata.shortest import Graph
from geodata.snapping import Places
from geodata.street_arcs import By
from geodata.street_graph import Floats, Ints

COLUMNS = ("node", "facility", "cost", "other", "from_node", "street")


@dataclass(frozen=True)
class _Rank:
    """One label of every node; facility -1 and an infinite cost where there is none."""

    facility: Ints
    cost: Floats
    other: Floats


def nearest_labels(
    network: Network, sites: Places, rows: Ints, crews: Ints | None, towards: bool, by: By
) -> pd.DataFrame:
    """Label every node with its nearest facility and the nearest one of another crew.

    Parameters
    ----------
    network
        The streets.
    sites
        All facilities, in the order that breaks ties.
    rows
        Positions of those that count.
    crews
        Number of each of their crews; None: one label a node is enough.
    towards
        Whether ways lead to the facilities.
    by
        The measure that is minimised.

    Returns
    -------
    frame
        `COLUMNS`, by node and from near to far: position of the facility, the measure, the
        other measure along the same way, the node and street the way comes by (-1 where it
        comes straight from the facility, along the facility's own street).
    """
    chosen = sites.taken(rows)
    there = np.flatnonzero(chosen.snapped)
    graph = rooted(network, chosen, towards, by)
    sources = network.size + there
    if crews is None:
        found = nearest(graph, sources, 1, other=True)
    else:
        found = nearest(graph, sources, 2, other=True, groups=crews[there])
    ranks = [_rank(network, one) for one in found]
    frame = pd.concat(_with_parents(network, graph, ranks), ignore_index=True)
    frame["facility"] = rows[frame["facility"].to_numpy(dtype=np.intp)]
    return frame.sort_values(["node", "cost", "facility"], ignore_index=True)


def labels_within(
    network: Network, sites: Places, rows: Ints, towards: bool, by: By, limit: float
) -> pd.DataFrame:
    """Label nodes with every facility within a limit; columns as of `nearest_labels`."""
    chosen = sites.taken(rows)
    graph = rooted(network, chosen, towards, by)
    parts = [_table(*(np.zeros(0, dtype=np.intp) for _ in COLUMNS))]
    for site in np.flatnonzero(chosen.snapped):
        grown = shortest.tree(graph, network.size + int(site), limit)
        other = shortest.carried_other(graph, grown)
        node = np.flatnonzero(np.isfinite(grown.cost[: network.size]))
        parent, arc = grown.parent[node], grown.arc[node]
        facility = np.full(len(node), rows[site])
        street = _streets(network, graph, arc, parent)
        inner = np.where(parent < network.size, parent, -1)
        parts.append(_table(node, facility, grown.cost[node], other[node], inner, street))
    return pd.concat(parts, ignore_index=True)


def _rank(network: Network, found: Nearest) -> _Rank:
    there = found.source >= 0
    return _Rank(np.where(there, found.source - network.size, -1), found.cost, found.other)


def _with_parents(network: Network, graph: Graph, ranks: list[_Rank]) -> list[pd.DataFrame]:
    """Find for every label an arc that leads from a label of the same facility to it."""
    incoming = graph.incoming
    tail, head = incoming.tail, incoming.head
    frames = []
    for rank in ranks:
        parent = np.full(graph.size, -1, dtype=np.intp)
        arc = np.full(graph.size, -1, dtype=np.intp)
        for before in ranks:
            fits = (
                (before.facility[tail] == rank.facility[head])
                & (rank.facility[head] >= 0)
                & (before.cost[tail] + incoming.cost == rank.cost[head])
                & (before.other[tail] + incoming.other == rank.other[head])
            )
            hit = np.flatnonzero(fits)
            parent[head[hit]], arc[head[hit]] = tail[hit], incoming.arc[hit]
        node = np.flatnonzero(rank.facility[: network.size] >= 0)
        inner = np.where(parent[node] < network.size, parent[node], -1)
        street = _streets(network, graph, arc[node], parent[node])
        frames.append(
            _table(node, rank.facility[node], rank.cost[node], rank.other[node], inner, street)
        )
    return frames


def _streets(network: Network, graph: Graph, arc: Ints, parent: Ints) -> Ints:
    """Return the street each arc runs along, -1 for the way from a facility to its corner."""
    edge = np.where(arc >= 0, graph.via[arc] if len(graph.via) else -1, -1)
    piece, _ = network.pieces.of_edges
    inner = (parent >= 0) & (parent < network.size) & (edge >= 0)
    return np.where(inner, piece[np.where(inner, edge, 0)] if len(piece) else -1, -1)


def _table(*columns: Ints | Floats) -> pd.DataFrame:
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
