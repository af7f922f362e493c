"""Group units into a given number of parts with about equal weight, each in one piece."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.annealing import anneal
from geodata.balance import Goal, Graph, Ints, added
from geodata.partitioning import unit_graph
from geodata.starting import start

_STEPS = 15_000  # of the search, for each part and the first few
_FEW = 4


def equal_parts(units: gpd.GeoDataFrame, weight: str, count: int, seed: int = 0) -> Ints:
    """Group units that hang together into exactly so many parts.

    Parameters
    ----------
    units
        Polygons in a declared CRS, together in one piece, *count* of them or more.
    weight
        Column of numbers, 0 or more.
    count
        Parts, 2 or more.
    seed
        The same seed and input give the same labels.

    Returns
    -------
    array
        Labels 0..count-1, each used; every part is in one piece, over narrow borders too.
    """
    graph = _linked(unit_graph(units, weight), np.asarray(units.geometry.array, dtype=object))
    mean = float(graph.weight.sum()) / count
    labels = start(graph, count, seed)
    if count == graph.size:
        return labels
    goal = Goal(mean, mean / 20)
    return anneal(graph, labels, goal, seed, _STEPS * (count + _FEW))


def unevenness(labels: Ints, weight: Any, count: int) -> float:
    """Give by how much of the mean the part that is farthest from it misses it."""
    share = added(labels, np.asarray(weight, dtype=float), count)
    return float(np.abs(share / share.mean() - 1.0).max())


def _linked(graph: Graph, shapes: Any) -> Graph:
    """Join groups of units whose common border is too short to count as one elsewhere."""
    while True:
        groups, group = graph.pieces(np.zeros(graph.size, np.int64))
        if groups == 1:
            return graph
        ours, theirs = np.flatnonzero(group == 0), np.flatnonzero(group != 0)
        touching = shapely.STRtree(shapes[theirs]).query(shapes[ours], predicate="touches")
        if touching.size:
            one, other = ours[touching[0]], theirs[touching[1]]
        else:  # apart by rounding
            one, other = np.repeat(ours, len(theirs)), np.tile(theirs, len(ours))
        common = shapely.length(shapely.intersection(shapes[one], shapes[other]))
        away = shapely.distance(shapes[one], shapes[other])
        best = np.lexsort((other, one, -common, away))[0]
        graph = _with_border(graph, int(one[best]), int(other[best]))


def _with_border(graph: Graph, one: int, other: int) -> Graph:
    once = graph.unit < graph.neighbour
    return Graph.from_borders(
        graph.weight,
        graph.area,
        graph.perimeter,
        (
            np.append(graph.unit[once], min(one, other)),
            np.append(graph.neighbour[once], max(one, other)),
            np.append(graph.shared[once], 1.0),
        ),
    )
