"""Buildings of the simulated town: seeded rows of slabs, towers and houses inside street blocks.

Everything here is in metres, in the turned frame of a block whose x axis follows the block's main
direction.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

CELL_WIDTH, CELL_DEPTH = 165.0, 150.0
SETBACK = {"trunk": 22.0, "motorway": 22.0, "primary": 20.0, "secondary": 16.0, "tertiary": 13.0}
SETBACK_ELSEWHERE = 9.0
_LEAST_CELL = 900.0


@dataclass(frozen=True)
class Pattern:
    """How the buildings of one use stand.

    Attributes
    ----------
    width, depth
        Footprint along and across the row, metres.
    side, front
        Gaps between neighbours in a row and between rows, metres.
    levels
        Lowest and highest number of levels.
    units
        Stairwells, per building.
    homes
        Homes per level and stairwell; 0 for other uses.
    """

    width: float
    depth: float
    side: float
    front: float
    levels: tuple[int, int]
    units: int
    homes: int


PATTERNS = {
    "house": Pattern(13, 11, 4, 6, (3, 4), 1, 1),
    "slab5": Pattern(45, 12, 9, 20, (5, 6), 3, 2),
    "slab11": Pattern(34, 14, 12, 30, (9, 11), 2, 2),
    "tower": Pattern(27, 24, 22, 30, (16, 18), 1, 4),
    "school": Pattern(62, 15, 20, 24, (4, 5), 1, 0),
    "market": Pattern(90, 55, 18, 24, (2, 3), 1, 0),
    "hospital": Pattern(70, 20, 18, 24, (6, 10), 1, 0),
    "office": Pattern(40, 26, 26, 32, (6, 20), 1, 0),
    "industry": Pattern(78, 42, 20, 22, (1, 3), 1, 0),
    "service": Pattern(34, 20, 20, 24, (2, 4), 1, 0),
    "campus": Pattern(58, 16, 22, 34, (4, 6), 1, 0),
}


def setbacks(roads: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Give the distance that buildings keep from each street's centre line.

    Parameters
    ----------
    roads
        Column `highway`.

    Returns
    -------
    metres
        At least 6 m beyond half the carriageway, by class.
    """
    kind = roads["highway"].str.removesuffix("_link")
    return np.asarray(kind.map(SETBACK).fillna(SETBACK_ELSEWHERE), float)


def free_ground(
    blocks: gpd.GeoSeries, roads: gpd.GeoDataFrame, taken: shapely.Geometry
) -> gpd.GeoSeries:
    """Take streets with their setback, water and hills out of the blocks.

    Parameters
    ----------
    blocks, roads, taken
        In one projected system; `roads` with column `highway`.

    Returns
    -------
    free
        Where buildings may stand; empty polygons where nowhere. Index of `blocks`.
    """
    lines = np.asarray(roads.geometry.values)
    # The corners of a buffer are cut, so the radius is enlarged until the cut has the setback.
    wide = shapely.buffer(lines, setbacks(roads) / np.cos(np.pi / 8), quad_segs=2)
    tree = shapely.STRtree(wide)
    free = []
    for block in blocks:
        near = np.sort(tree.query(block, predicate="intersects"))
        cover = shapely.union_all([*wide[near], taken])
        free.append(shapely.difference(block, cover))
    return gpd.GeoSeries(free, index=blocks.index, crs=blocks.crs)


def main_direction(block: shapely.Polygon) -> float:
    """Give the angle (degrees, -45 to 45) to turn the block so that its sides lie with the axes."""
    box = shapely.get_coordinates(shapely.oriented_envelope(block))
    sides = np.diff(box, axis=0)
    longest = sides[np.argmax(np.hypot(sides[:, 0], sides[:, 1]))]
    angle = float(np.degrees(np.arctan2(longest[1], longest[0])))
    return (angle + 45.0) % 90.0 - 45.0


@dataclass(frozen=True)
class Turned:
    """The free ground of one block in its own frame, prepared for many questions."""

    block: int
    angle: float
    center: tuple[float, float]
    free: shapely.Geometry

    def back(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Turn shapes back into the frame of the map."""
        x, y = self.center
        theta = np.radians(self.angle)
        turn = np.array([[np.cos(theta), np.sin(theta)], [-np.sin(theta), np.cos(theta)]])
        return np.asarray(
            shapely.transform(shapes, lambda points: (points - [x, y]) @ turn + [x, y])
        )


def turn(block: int, outline: shapely.Polygon, free: shapely.Geometry) -> Turned:
    """Turn the free ground of a block into the block's own frame.

    Parameters
    ----------
    block
        Its label.
    outline
        The block, which sets the direction.
    free
        Where buildings may stand.

    Returns
    -------
    turned
        Ground whose rows run along x.
    """
    angle = main_direction(outline)
    center = shapely.centroid(outline)
    level = Turned(block, -angle, (center.x, center.y), free)
    ground = level.back(np.array([free], dtype=object))[0]
    shapely.prepare(ground)
    return Turned(block, angle, (center.x, center.y), ground)


def cells(ground: Turned) -> pd.DataFrame:
    """Divide the ground of a block into cells of one use each, about 2 hectares.

    Parameters
    ----------
    ground
        Turned free ground.

    Returns
    -------
    frame
        Columns block, west, south, east, north (turned frame), area; cells with too little free
        ground are left out. Without any free ground the frame has no columns.
    """
    if shapely.is_empty(ground.free):
        return pd.DataFrame()
    west, south, east, north = shapely.bounds(ground.free)
    columns = max(1, round((east - west) / CELL_WIDTH))
    rows = max(1, round((north - south) / CELL_DEPTH))
    x, y = np.linspace(west, east, columns + 1), np.linspace(north, south, rows + 1)
    frame = pd.DataFrame(
        [
            (ground.block, x[i], y[j + 1], x[i + 1], y[j])
            for j in range(rows)
            for i in range(columns)
        ],
        columns=["block", "west", "south", "east", "north"],
    )
    boxes = shapely.box(frame["west"], frame["south"], frame["east"], frame["north"])
    frame["area"] = shapely.area(shapely.intersection(boxes, ground.free))
    return frame[frame["area"] >= _LEAST_CELL].reset_index(drop=True)


def middles(frame: pd.DataFrame, grounds: Mapping[int, Turned]) -> NDArray[np.object_]:
    """Give a place in the middle of the free ground of each cell.

    Parameters
    ----------
    frame
        Rows of `cells`.
    grounds
        Turned ground by block.

    Returns
    -------
    points
        On the map, inside the free ground: the centre where it is free.
    """
    boxes = shapely.box(*frame[["west", "south", "east", "north"]].to_numpy(float).T)
    found = np.empty(len(frame), dtype=object)
    for row, (block, box) in enumerate(zip(frame["block"], boxes, strict=True)):
        ground = grounds[int(block)]
        part = shapely.intersection(box, ground.free)
        center = shapely.centroid(part)
        point = center if shapely.contains(ground.free, center) else shapely.point_on_surface(part)
        found[row] = ground.back(np.array([point], dtype=object))[0]
    return found


def place(ground: Turned, cell: pd.Series, pattern: Pattern) -> NDArray[np.object_]:
    """Stand rows of buildings in a cell.

    Parameters
    ----------
    ground
        Turned free ground.
    cell
        A row of `cells`.
    pattern
        Footprint and gaps.

    Returns
    -------
    footprints
        Polygons on the map that lie wholly inside the free ground, north row first, west to east.
    """
    gap = max(pattern.side, 8.0) / 2
    x = _spread(cell["west"] + gap, cell["east"] - gap, pattern.width, pattern.side)
    y = _spread(cell["south"] + gap, cell["north"] - gap, pattern.depth, pattern.front)[::-1]
    if len(x) == 0 or len(y) == 0:
        return np.empty(0, dtype=object)
    south, west = (grid.ravel() for grid in np.meshgrid(y, x, indexing="ij"))
    boxes = shapely.box(west, south, west + pattern.width, south + pattern.depth)
    inside = shapely.contains_properly(ground.free, boxes)
    return ground.back(boxes[inside])


def _spread(low: float, high: float, size: float, gap: float) -> NDArray[np.float64]:
    """Give the starts of as many pieces as fit between two ends, the slack on both sides."""
    count = int((high - low + gap) // (size + gap))
    slack = (high - low) - count * size - max(count - 1, 0) * gap
    return np.asarray(low + slack / 2 + np.arange(count) * (size + gap), np.float64)
