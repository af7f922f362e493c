"""Coverages for the tests of borders: grids of two communities, in degrees as they are stored."""

import numpy as np
import shapely
from towns import raster, tessellation


def squares(columns=3, rows=2):
    """Squares of about 100 m, keys g00, g01, ... from the south-west, in one community."""
    frame = raster(columns, rows, 1).to_crs(4326)[["geometry"]]
    frame.index = [f"g{number:02d}" for number in range(len(frame))]
    return frame.assign(community="A")


def cells(count=14, seed=0, communities=2):
    """Cells around random points, the western ones of community A, the others of B."""
    frame = tessellation(count, seed).to_crs(4326)[["geometry"]]
    frame.index = [f"g{number:02d}" for number in range(len(frame))]
    middle = np.median(shapely.get_x(shapely.centroid(frame.geometry.array)))
    east = shapely.get_x(shapely.centroid(frame.geometry.array)) > middle
    return frame.assign(community=np.where(east & (communities == 2), "B", "A"))


def places(frame, count, seed):
    """Random points inside a coverage: its households."""
    rng = np.random.default_rng(seed)
    west, south, east, north = frame.total_bounds
    points = shapely.points(rng.uniform(west, east, count), rng.uniform(south, north, count))
    return points[shapely.intersects(shapely.union_all(frame.geometry.array), points)]


def images(frame):
    """Every byte of a coverage, in its order."""
    return [(key, shape.wkb) for key, shape in zip(frame.index, frame.geometry, strict=True)]


def check(frame, outline, homes):
    """Fail unless grids fill an outline without gap or overlap, and every home lies in one."""
    shapes = np.asarray(frame.geometry.array, dtype=object)
    assert shapely.is_valid(shapes).all()
    assert (shapely.get_dimensions(shapes) == 2).all()
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.coverage_union_all(shapes)
    assert shapely.area(shapely.symmetric_difference(whole, outline)) <= 1e-9 * outline.area
    home, _ = shapely.STRtree(shapes).query(homes, predicate="intersects")
    counted = np.bincount(home, minlength=len(homes))
    assert (counted >= 1).all()
    inner = shapely.STRtree(shapely.buffer(shapes, -1e-9)).query(homes, predicate="intersects")[0]
    assert np.bincount(inner, minlength=len(homes)).max(initial=0) <= 1


def outline_of(frame):
    return shapely.union_all(np.asarray(frame.geometry.array, dtype=object))


def line(frame, *points):
    """A line through points given as shares of the bounds of a coverage."""
    west, south, east, north = frame.total_bounds
    return shapely.LineString(
        [(west + x * (east - west), south + y * (north - south)) for x, y in points]
    )
