"""The ground of buildings: what of their blocks goes with them, never through a building."""

from typing import Any

import numpy as np
import shapely

from geodata.arcs import scale

_WALL_STEP = 3.0  # metres between the points that stand for a wall
_OFF_WALL = 1e-9  # units by which a border keeps off what it must not cut, at least


def ground_of(blocks: Any, chosen: Any, others: Any, crs: Any) -> Any:
    """Give the ground that goes with some buildings.

    Of a block in which other buildings stand as well, what is nearer to the chosen ones than to
    any other; of a block with none, all.

    Parameters
    ----------
    blocks
        Array of polygons that do not overlap, those in which the chosen buildings stand.
    chosen, others
        Arrays of polygons: the buildings, and the others that stand in these blocks.
    crs
        CRS of all.

    Returns
    -------
    array
        Polygons, one for each block of which something goes. A building that stands in two blocks
        takes ground in both.
    """
    blocks, chosen, others = (np.asarray(each, dtype=object) for each in (blocks, chosen, others))
    found = []
    factor = scale(shapely.get_coordinates(blocks), crs)
    ours_tree, theirs_tree = shapely.STRtree(chosen), shapely.STRtree(others)
    for block in blocks:
        ours = chosen[np.sort(ours_tree.query(block, predicate="intersects"))]
        theirs = others[np.sort(theirs_tree.query(block, predicate="intersects"))]
        ours = ours[_in(ours, block)]
        theirs = theirs[_in(theirs, block)]
        if not len(ours):
            continue
        found.append(block if not len(theirs) else _nearer(block, ours, theirs, factor))
    return np.array(found, dtype=object)


def _in(buildings: Any, block: Any) -> Any:
    """Tell which buildings stand in a block with more than a tenth of their ground."""
    return shapely.area(shapely.intersection(buildings, block)) > 0.1 * shapely.area(buildings)


def _nearer(block: Any, ours: Any, theirs: Any, factor: Any) -> Any:
    """Give the part of a block nearer to ours than to theirs, and all of ours in it."""
    points = []
    for shapes in (ours, theirs):
        measured = shapely.transform(shapes, lambda place: place * factor)
        walls = shapely.segmentize(measured, _WALL_STEP)
        points.append(np.unique(shapely.get_coordinates(walls), axis=0))
    around = shapely.envelope(shapely.transform(block, lambda place: place * factor))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(
            shapely.multipoints(np.concatenate(points)), extend_to=shapely.buffer(around, 1.0)
        )
    )
    site, cell = shapely.STRtree(cells).query(shapely.points(points[0]), predicate="intersects")
    near = shapely.union_all(cells[np.unique(cell[np.unique(site, return_index=True)[1]])])
    near = shapely.transform(near, lambda place: place / factor)
    # walls are finer than the points that stand for them
    kept = shapely.buffer(shapely.union_all(theirs), _OFF_WALL, join_style="mitre")
    whole = shapely.union(shapely.difference(near, kept), shapely.union_all(ours))
    inside = shapely.get_parts(shapely.intersection(whole, block))
    inside = inside[shapely.get_dimensions(inside) == 2]
    return inside[0] if len(inside) == 1 else shapely.multipolygons(inside)
