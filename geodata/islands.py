"""Inhabited islands: which ground has water all round and no bridge, and what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.balance import Flags, Floats, Graph, Ints

_OUTER = 1.0  # metres of the outline; ground with less of it lies inside


@dataclass(frozen=True)
class Island:
    """Ground on its own.

    Attributes
    ----------
    units
        Positions of its units.
    people, households
        Who live there.
    joins
        Position of the nearest unit elsewhere, for an island that has no grids of its own.
    metres
        How far that is across the water.
    """

    units: Ints
    people: int
    households: int
    joins: int | None = None
    metres: float = 0.0


def wet_units(shapes: Any, weight: Floats, water: gpd.GeoDataFrame | None, crs: Any) -> Flags:
    """Tell which units are water: nobody lives there and their middle lies in it."""
    if water is None or not len(water):
        return np.zeros(len(shapes), dtype=bool)
    placed = water.geometry if water.crs == crs else water.geometry.to_crs(crs)
    areas = np.asarray(placed.array, dtype=object)
    areas = areas[(shapely.get_dimensions(areas) == 2) & shapely.is_valid(areas)]
    found = np.zeros(len(shapes), dtype=bool)
    middle = shapely.point_on_surface(shapes)
    found[np.unique(shapely.STRtree(areas).query(middle, predicate="intersects")[0])] = True
    found &= weight == 0
    return found


def islands_of(
    graph: Graph, shapes: Any, wet: Flags, ways: Any, people: Ints, least: int
) -> list[Island]:
    """Find the inhabited islands.

    Parameters
    ----------
    graph
        Units and their borders.
    shapes
        Their polygons, in metres.
    wet
        Which of them are water.
    ways
        Lines of streets and paths on the ground, in metres: where they go over water is a bridge.
    people
        Who live in each unit.
    least
        People of the smallest island with grids of its own.

    Returns
    -------
    list
        Parts of the area that lie apart, and ground inside it with water all round, but for the
        ground where most people live; nobody's islands are left out.
    """
    land = _land(graph, shapes, wet, ways)
    whole = graph.pieces(np.zeros(graph.size, np.int64))[1]
    lived = np.bincount(land[~wet], graph.weight[~wet], land.max() + 1)
    outer = graph.perimeter - np.bincount(graph.unit, graph.shared, graph.size)
    coast = np.bincount(land[~wet], outer[~wet], len(lived))
    mainland = int(np.argmax(lived))
    found = []
    for number in np.flatnonzero(lived > 0).tolist():
        units = np.flatnonzero((land == number) & ~wet)
        apart = whole[units[0]] != whole[np.flatnonzero(land == mainland)[0]]
        if number == mainland or not (apart or coast[number] < _OUTER):
            continue
        island = Island(units, int(people[units].sum()), int(graph.weight[units].sum()))
        found.append(island)
    own = [island for island in found if island.people >= least]
    small = np.concatenate([i.units for i in found if i.people < least] or [np.empty(0, int)])
    elsewhere = np.setdiff1d(np.flatnonzero(~wet), small)
    return own + [_joining(i, shapes, elsewhere) for i in found if i.people < least]


def _land(graph: Graph, shapes: Any, wet: Flags, ways: Any) -> Ints:
    """Give ground that hangs together on foot one number; waters have numbers of their own."""
    size = graph.size
    dry = ~wet[graph.unit] & ~wet[graph.neighbour]
    one, other = [graph.unit[dry]], [graph.neighbour[dry]]
    if wet.any() and len(ways):
        lake, over = shapely.STRtree(ways).query(shapes[wet], predicate="intersects")
        inside = shapely.relate_pattern(ways[over], shapes[wet][lake], "T********")
        bridges = ways[np.unique(over[inside])]
        unit, bridge = _pairs(bridges, shapes)
        kept = ~wet[unit]
        one.append(unit[kept])
        other.append(size + bridge[kept])
        first, second = shapely.STRtree(bridges).query(bridges, predicate="intersects")
        one.append(size + first)
        other.append(size + second)
        size += len(bridges)
    ends = (np.concatenate(one), np.concatenate(other))
    joined = coo_array((np.ones(len(ends[0])), ends), shape=(size, size))
    found = connected_components(joined, directed=False)[1][: graph.size]
    return found.astype(np.int64)


def _pairs(lines: Any, shapes: Any) -> tuple[Ints, Ints]:
    line, unit = shapely.STRtree(shapes).query(lines, predicate="intersects")
    return unit.astype(np.int64), line.astype(np.int64)


def _joining(island: Island, shapes: Any, elsewhere: Ints) -> Island:
    ground = shapely.union_all(shapes[island.units])
    tree = shapely.STRtree(shapes[elsewhere])
    nearest = int(elsewhere[int(tree.nearest(ground))])
    return replace(island, joins=nearest, metres=float(shapely.distance(ground, shapes[nearest])))


def parted(graph: Graph, islands: Sequence[Island]) -> Graph:
    """Part islands with grids of their own from the rest, and count small ones where they join."""
    home = np.zeros(graph.size, np.int64)
    weight = graph.weight.copy()
    for number, island in enumerate(islands, start=1):
        if island.joins is None:
            home[island.units] = number
        elif not _hangs(graph, island):
            weight[island.joins] += weight[island.units].sum()
            weight[island.units] = 0.0
    kept = home[graph.unit] == home[graph.neighbour]
    start = np.concatenate([[0], np.cumsum(kept)])[graph.start]
    return replace(
        graph,
        weight=weight,
        start=start.astype(np.int64),
        unit=graph.unit[kept],
        neighbour=graph.neighbour[kept],
        shared=graph.shared[kept],
        barrier=graph.barrier[kept],
    )


def with_small_islands(graph: Graph, labels: Ints, islands: Sequence[Island]) -> Ints:
    """Give small islands that lie apart to the part that they join."""
    labels = labels.copy()
    for island in islands:
        if island.joins is not None and not _hangs(graph, island):
            labels[island.units] = labels[island.joins]
    return labels


def _hangs(graph: Graph, island: Island) -> bool:
    """Tell whether the search keeps an island together with other ground, over the water."""
    own = np.isin(graph.unit, island.units)
    return bool((own & ~np.isin(graph.neighbour, island.units)).any())
