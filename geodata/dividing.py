"""Divide a block that is too large for one grid, never through a building.

Straight between its buildings if there is a gap, halfway between them if there is none.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.balance import Floats, Ints

_GAP = 1.0  # metres free between what a straight cut parts
_TOUCHING = 0.3  # metres; buildings nearer than this are one for a cut
_LEAST_SHARE = 0.2  # of the weight on the lighter side of a cut
_OVERSHOOT = 0.1  # metres beyond the block, so that the cut surely meets its border
_DIRECTIONS = 12
_RASTER = 1e-4  # metres
_WALL_STEP = 3.0  # metres between the points that stand for a wall in the Voronoi diagram


@dataclass(frozen=True)
class Items:
    """Things that stay whole: groups of touching buildings, and single places.

    Attributes
    ----------
    shapes
        Geometries in metres.
    weight
        Households of each.
    """

    shapes: Any
    weight: Floats

    def take(self, kept: Any) -> "Items":
        """Keep some, by position or flag."""
        return Items(self.shapes[kept], self.weight[kept])


def gather(buildings: Any, places: Any) -> Items:
    """Group touching buildings and give every household to its group or its own place.

    Parameters
    ----------
    buildings
        Polygons in metres, any number.
    places
        Points of the households in metres; each counts 1.

    Returns
    -------
    Items
        Groups of buildings first, then the places outside all buildings.
    """
    groups = grouped(buildings, _TOUCHING)
    place, group = shapely.STRtree(groups).query(places, predicate="intersects")
    place, first = np.unique(place, return_index=True)
    outside = np.ones(len(places), dtype=bool)
    outside[place] = False
    points, number = np.unique(shapely.get_coordinates(places[outside]), axis=0, return_counts=True)
    weight = np.bincount(group[first], minlength=len(groups))
    return Items(
        np.concatenate([groups, shapely.points(points)]),
        np.concatenate([weight, number]).astype(float),
    )


def grouped(buildings: Any, distance: float) -> Any:
    """Unite buildings that are nearer to each other than *distance* metres."""
    buildings = np.asarray(buildings, dtype=object)
    if not len(buildings):
        return buildings
    one, other = shapely.STRtree(buildings).query(buildings, predicate="dwithin", distance=distance)
    beside = coo_array((np.ones(len(one)), (one, other)), shape=(len(buildings),) * 2)
    count, group = connected_components(beside, directed=False)
    order = np.argsort(group, kind="stable")
    members = np.split(buildings[order], np.cumsum(np.bincount(group, minlength=count))[:-1])
    united = np.empty(count, dtype=object)
    united[:] = [one[0] if len(one) == 1 else shapely.union_all(one) for one in members]
    return united


def cuts(block: Any, items: Items, most: float) -> list[Any]:
    """Find the lines that divide a block into pieces with at most *most* households.

    Parameters
    ----------
    block
        Polygon in metres.
    items
        What must stay whole in it.
    most
        Households wanted at most in a piece; a piece of one item may have more.

    Returns
    -------
    list
        Lines in metres, reaching a little over the border of the block; empty where nothing can
        be divided.
    """
    if items.weight.sum() <= most or (items.weight > 0).sum() < 2:
        return []
    line = _straight(block, items) or _between(block, items)
    if line is None:
        return []
    found = [_overshooting(line)]
    noded = shapely.unary_union([shapely.boundary(block), found[0]])
    pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    pieces = pieces[shapely.intersects(block, shapely.point_on_surface(pieces))]
    if len(pieces) < 2:
        return []
    inside = _piece_of(items, pieces)
    for number, piece in enumerate(pieces):
        found += cuts(piece, items.take(inside == number), most)
    return found


def _piece_of(items: Items, pieces: Any) -> Ints:
    """Find the piece nearest to a point on each item."""
    points = shapely.point_on_surface(items.shapes)
    return np.array(shapely.STRtree(pieces).nearest(points), dtype=np.int64)


def _straight(block: Any, items: Items) -> Any | None:
    """Find the best straight line through gaps that parts the weight well; None without one."""
    points, owner = shapely.get_coordinates(items.shapes, return_index=True)
    best: tuple[float, Any] | None = None
    size = float(np.sqrt(block.area))
    for angle in _angles(block):
        normal = np.array([np.cos(angle), np.sin(angle)])
        along = points @ normal
        for offset, share in _gaps(along, owner, items.weight):
            line = shapely.intersection(_line(block, normal, offset), block)
            # a cut that is as long as the block is wide weighs as much as parting 1 to 2
            badness = abs(share - 0.5) + 0.17 * shapely.length(line) / size
            if best is None or badness < best[0]:
                best = (float(badness), line)
    return None if best is None else best[1]


def _angles(block: Any) -> Floats:
    """Directions to try: a fan, turned with the block's longest side."""
    ring = shapely.get_coordinates(shapely.minimum_rotated_rectangle(block))
    side = ring[1] - ring[0]
    return float(np.arctan2(side[1], side[0])) + np.arange(_DIRECTIONS) * np.pi / _DIRECTIONS


def _gaps(along: Floats, owner: Ints, weight: Floats) -> list[tuple[float, float]]:
    """Find gaps between items on an axis: the middle and the share of weight before it."""
    low, high = np.full(len(weight), np.inf), np.full(len(weight), -np.inf)
    np.minimum.at(low, owner, along)
    np.maximum.at(high, owner, along)
    order = np.argsort(low, kind="stable")
    reached = np.maximum.accumulate(high[order])[:-1]
    following = low[order][1:]
    share = np.cumsum(weight[order])[:-1] / weight.sum()
    good = (following - reached > _GAP) & (np.abs(share - 0.5) <= 0.5 - _LEAST_SHARE)
    return list(zip(((reached + following) / 2)[good].tolist(), share[good].tolist(), strict=True))


def _line(block: Any, normal: Floats, offset: float) -> Any:
    west, south, east, north = block.bounds
    reach = (east - west) + (north - south)
    middle = np.array([(west + east) / 2, (south + north) / 2])
    foot = middle + (offset - middle @ normal) * normal
    side = np.array([-normal[1], normal[0]]) * reach
    return shapely.linestrings([foot - side, foot + side])


def _between(block: Any, items: Items) -> Any | None:
    """Part the items in two along their longest extent and go halfway between the two groups."""
    centre = shapely.get_coordinates(shapely.centroid(items.shapes))
    spread = np.cov(centre.T, aweights=np.maximum(items.weight, 1e-3))
    along = centre @ np.linalg.eigh(spread)[1][:, -1]
    order = np.lexsort((np.arange(len(along)), along))
    before = np.cumsum(items.weight[order]) - items.weight[order] / 2
    second = np.zeros(len(along), dtype=bool)
    second[order] = before > items.weight.sum() / 2
    if second.all() or not second.any():
        return None
    side = _nearer(block, items.shapes[second], items.shapes[~second])
    line = shapely.intersection(shapely.boundary(side), shapely.buffer(block, -1e-3))
    return None if shapely.is_empty(line) else line


def _nearer(block: Any, ours: Any, theirs: Any) -> Any:
    """Give the part of the block that is nearer to ours than to theirs, and all of ours."""
    points: list[Any] = []
    for shapes in (ours, theirs):
        walls = shapely.segmentize(shapes, _WALL_STEP)
        points.append(np.unique(shapely.get_coordinates(walls), axis=0))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(
            shapely.multipoints(np.concatenate(points)), extend_to=shapely.envelope(block)
        )
    )
    site, cell = shapely.STRtree(cells).query(shapely.points(points[0]), predicate="intersects")
    near = shapely.union_all(cells[np.unique(cell[np.unique(site, return_index=True)[1]])])
    # walls are finer than the points that stand for them
    try:
        apart = shapely.difference(near, shapely.union_all(theirs))
        return shapely.intersection(shapely.union(apart, shapely.union_all(ours)), block)
    except shapely.errors.GEOSException:
        # cells that nearly touch walls cross them by rounding: on a raster nothing does
        apart = shapely.difference(near, shapely.union_all(theirs), grid_size=_RASTER)
        both = shapely.union(apart, shapely.union_all(ours), grid_size=_RASTER)
        return shapely.intersection(both, block, grid_size=_RASTER)


def _overshooting(line: Any) -> Any:
    """Lengthen the free ends of a line a little."""
    merged = shapely.line_merge(line) if line.geom_type != "LineString" else line
    longer: list[Any] = []
    for part in shapely.get_parts(merged):
        points = shapely.get_coordinates(part)
        if len(points) > 1 and not part.is_closed:
            for end, before in ((0, 1), (-1, -2)):
                step = points[end] - points[before]
                points[end] += step * (_OVERSHOOT / max(float(np.hypot(*step)), 1e-9))
        if len(points) > 1:
            longer.append(points)
    return shapely.multilinestrings([shapely.linestrings(points) for points in longer])
