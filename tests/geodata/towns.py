"""Small towns made up for the tests: tessellations and streets with buildings and households."""

import geopandas as gpd
import numpy as np
import shapely

ZONE = 4547  # CGCS2000, 3-degree zone of 114 E: metres around Wuhan
EAST, NORTH = 500_000.0, 3_380_000.0


def tessellation(count, seed, side=1000.0, most=120):
    """Cells around random points in a square, with random households; a coverage."""
    rng = np.random.default_rng(seed)
    points = shapely.multipoints(rng.uniform(0, side, (count, 2)) + (EAST, NORTH))
    square = shapely.box(EAST, NORTH, EAST + side, NORTH + side)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=square))
    cells = shapely.get_parts(shapely.intersection(cells, square))
    cells = cells[shapely.area(cells) > 1e-6]
    return gpd.GeoDataFrame(
        {"households": rng.integers(0, most, len(cells))}, geometry=cells, crs=ZONE
    )


def raster(columns, rows, households, side=100.0):
    """Squares in rows from the south-west, every one with the same or its own households."""
    boxes = [
        shapely.box(
            EAST + x * side, NORTH + y * side, EAST + (x + 1) * side, NORTH + (y + 1) * side
        )
        for y in range(rows)
        for x in range(columns)
    ]
    frame = gpd.GeoDataFrame(geometry=boxes, crs=ZONE)
    return frame.assign(households=households)


class Town:
    """A chequered town: streets every 200 m, rows of buildings, a household list."""

    def __init__(self, blocks=5, seed=0, per_block=100):
        rng = np.random.default_rng(seed)
        side = blocks * 200.0
        ends = np.arange(blocks + 1) * 200.0
        lines = [[(EAST - 20, NORTH + y), (EAST + side + 20, NORTH + y)] for y in ends] + [
            [(EAST + x, NORTH - 20), (EAST + x, NORTH + side + 20)] for x in ends
        ]
        noded = shapely.get_parts(shapely.unary_union(shapely.linestrings(lines)))
        self.outline = shapely.box(EAST, NORTH, EAST + side, NORTH + side)
        self.roads = gpd.GeoDataFrame(
            {"highway": ["residential"] * len(noded)}, geometry=noded, crs=ZONE
        )
        corner = np.stack(np.meshgrid(ends[:-1], ends[:-1]), -1).reshape(-1, 2)
        place = np.stack(np.meshgrid([20, 110], [20, 65, 110, 155]), -1).reshape(-1, 2)
        corner = (corner[:, None] + place[None]).reshape(-1, 2) + (EAST, NORTH)
        self.buildings = gpd.GeoDataFrame(
            geometry=shapely.box(*corner.T, *(corner + (70, 15)).T), crs=ZONE
        )
        home = np.sort(rng.integers(0, len(corner), blocks * blocks * per_block))
        points = corner[home] + rng.uniform(1, 14, (len(home), 2))
        self.households = gpd.GeoDataFrame(
            {"people": rng.integers(1, 6, len(home))}, geometry=shapely.points(points), crs=ZONE
        )
