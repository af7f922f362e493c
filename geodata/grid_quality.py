"""Measure grids: balance, one piece, shape, borders along streets, on foot inside."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from geodata.balance import Floats, Ints, added
from geodata.crs import metric_crs
from geodata.errors import Fault, GeodataError
from geodata.units import locate

_ALONG = 3.0  # metres between a border and the street it follows
_STREET_SIDE = 15.0  # metres beyond the border: the street on the border is everybody's
_STEP = 20.0  # metres: streets are taken in pieces of at most this length
_TO_STREET = 200.0  # metres from a household to the street it uses, as in the network
_SCRAP = 100.0  # metres of street; less, cut off by the border, is no network to live on
_NOT_ON_FOOT = ("motorway", "motorway_link")


def quality(
    grids: gpd.GeoDataFrame,
    households: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    water: gpd.GeoDataFrame | None = None,
    *,
    minimum: float = 300,
    maximum: float = 500,
) -> pd.DataFrame:
    """Measure how good grids are.

    Parameters
    ----------
    grids
        Polygons or MultiPolygons that do not overlap, in a declared CRS.
    households
        Points in any declared CRS; those in no grid are not counted.
    roads
        Lines with the column ``highway``, in any declared CRS, joined where they share a vertex.
    water
        Areas and lines, in any declared CRS; their shores count like streets.
    minimum, maximum
        Households wanted in a grid.

    Returns
    -------
    DataFrame
        On the index of *grids*:

        - ``households``: count; on a border each household counts in one grid only;
        - ``deviation``: households / mean(minimum, maximum) - 1;
        - ``contiguous``: in one piece, but for pieces that no grid touches anywhere (islands);
        - ``polsby_popper``: 4 pi area / perimeter squared, 0 to 1;
        - ``reock``: area / area of the smallest circle around it, 0 to 1;
        - ``along_roads``: share of the border with other grids that lies within 3 m of a street
          or shore; 1.0 for a grid without such a border;
        - ``walkable``: all its households reach each other on ways within the grid and 15 m
          around it, motorways excepted, from the street nearest to the door and within 200 m;
          scraps of less than 100 m that the border cuts off are no streets; true with fewer than
          two households.

    Raises
    ------
    GeodataError
        A frame without a CRS, households that are no points, no column ``highway``.
    """
    _check(grids, households, roads)
    metric = metric_crs(grids) if len(grids) else grids.crs
    shapes = _shapes(grids, metric)
    places = _shapes(households, metric)
    grid = _grid_of(places, shapes)
    count = np.bincount(grid[grid >= 0], minlength=len(shapes))
    perimeter = np.maximum(shapely.length(shapes), 1e-9)
    radius = np.maximum(shapely.minimum_bounding_radius(shapes), 1e-9)
    streets = _shapes(roads, metric)
    on_foot = ~roads["highway"].isin(_NOT_ON_FOOT).to_numpy(dtype=bool)
    lines = np.concatenate([streets, _shores(water, metric)])
    return pd.DataFrame(
        {
            "households": count,
            "deviation": count / ((minimum + maximum) / 2) - 1,
            "contiguous": _contiguous(shapes),
            "polsby_popper": 4 * np.pi * shapely.area(shapes) / perimeter**2,
            "reock": shapely.area(shapes) / (np.pi * radius**2),
            "along_roads": _along(shapes, lines),
            "walkable": _walkable(shapes, places, grid, streets[on_foot]),
        },
        index=grids.index,
    )


def _check(grids: gpd.GeoDataFrame, households: gpd.GeoDataFrame, roads: gpd.GeoDataFrame) -> None:
    for name, frame in (("grids", grids), ("households", households), ("roads", roads)):
        if frame.crs is None:
            raise GeodataError(f"the {name} declare no coordinate system")
    if "highway" not in roads.columns:
        raise GeodataError([Fault("the column is missing", column="highway")])
    points = shapely.get_type_id(np.asarray(households.geometry.array, dtype=object)) == 0
    if not points.all():
        rows = households.index[~points]
        raise GeodataError([Fault("expected a point", label, "geometry") for label in rows])


def _shapes(frame: gpd.GeoDataFrame, crs: Any) -> Any:
    placed = frame.geometry if frame.crs == crs else frame.geometry.to_crs(crs)
    return np.array(placed.array, dtype=object)


def _shores(water: gpd.GeoDataFrame | None, crs: Any) -> Any:
    if water is None:
        return np.empty(0, dtype=object)
    shapes = _shapes(water, crs)
    areas = shapely.get_dimensions(shapes) == 2
    shapes[areas] = shapely.boundary(shapes[areas])
    return shapes


def _grid_of(places: Any, shapes: Any) -> Ints:
    """Find the grid of each household, -1 for none."""
    if not len(places) or not len(shapes):
        return np.full(len(places), -1, dtype=np.int64)
    grid = locate(places, shapes)
    # a household that a street line passes through may lie a rounding error off both grids
    grid[shapely.distance(places, shapes[grid]) > 1e-3] = -1
    return grid


def _contiguous(shapes: Any) -> Any:
    pieces, owner = shapely.get_parts(shapes, return_index=True)
    one, other = shapely.STRtree(pieces).query(pieces, predicate="intersects")
    touched = np.zeros(len(pieces), dtype=bool)
    touched[one[owner[one] != owner[other]]] = True
    # pieces that other grids touch must be one; islands on which the grid is alone do not count
    return np.bincount(owner[touched], minlength=len(shapes)) <= 1


def _along(shapes: Any, lines: Any) -> Floats:
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    edges = shapely.boundary(shapes)
    borders = shapely.intersection(edges[one], edges[other])
    length = shapely.length(borders)
    one, other, borders, length = (part[length > 0] for part in (one, other, borders, length))
    line, border = shapely.STRtree(borders).query(lines, predicate="dwithin", distance=_ALONG)
    order = np.argsort(border, kind="stable")
    starts = np.searchsorted(border[order], np.arange(len(borders) + 1))
    followed = np.zeros(len(borders))
    for number in np.flatnonzero(np.diff(starts)):
        near = lines[line[order[starts[number] : starts[number + 1]]]]
        reach = shapely.buffer(shapely.union_all(near), _ALONG, quad_segs=4)
        followed[number] = shapely.length(shapely.intersection(borders[number], reach))
    total = added(one, length, len(shapes)) + added(other, length, len(shapes))
    along = added(one, followed, len(shapes)) + added(other, followed, len(shapes))
    return np.where(total > 0, np.minimum(along / np.maximum(total, 1e-9), 1.0), 1.0)


def _walkable(shapes: Any, places: Any, grid: Ints, streets: Any) -> Any:
    """Join street pieces inside each grid; all its households must come out on one network."""
    ends, middle, metres = _street_pieces(streets)
    around = shapely.buffer(shapes, _STREET_SIDE)
    found = shapely.STRtree(around).query(middle, predicate="intersects")
    piece, of_grid = found[:, np.lexsort(found)]
    network = _networks(ends, piece, of_grid, len(shapes))
    long = np.bincount(network, metres[piece])[network] >= _SCRAP
    piece, of_grid, network = piece[long], of_grid[long], network[long]
    points = shapely.get_coordinates(middle)
    start = np.searchsorted(of_grid, np.arange(len(shapes) + 1))
    doors = shapely.get_coordinates(places)
    result = np.ones(len(shapes), dtype=bool)
    for number in range(len(shapes)):
        here = doors[grid == number]
        if len(here) < 2:
            continue
        inside = slice(start[number], start[number + 1])
        if start[number] == start[number + 1]:
            result[number] = False
            continue
        far, nearest = KDTree(points[piece[inside]]).query(here)
        used = network[inside][nearest]
        result[number] = bool(np.max(far) <= _TO_STREET) and len(np.unique(used)) == 1
    return result


def _street_pieces(streets: Any) -> tuple[Any, Any, Floats]:
    """Cut streets into short pieces: the numbers of their end points, middles and lengths.

    Pieces that end at the same coordinates end at the same point.
    """
    streets = shapely.get_parts(shapely.force_2d(shapely.segmentize(streets, _STEP)))
    points, owner = shapely.get_coordinates(streets, return_index=True)
    joined = owner[1:] == owner[:-1]
    number = np.unique(points, axis=0, return_inverse=True)[1].reshape(-1)
    ends = np.stack([number[:-1][joined], number[1:][joined]])
    before, after = points[:-1][joined], points[1:][joined]
    return ends, shapely.points((before + after) / 2), np.hypot(*(after - before).T)


def _networks(ends: Any, piece: Ints, grid: Ints, grids: int) -> Ints:
    """Give each street piece of each grid the number of the network it belongs to there."""
    if not len(piece):
        return np.empty(0, dtype=np.int64)
    # a point counts once for each grid: what joins two streets outside a grid joins nothing
    key = ends[:, piece] * grids + grid
    node = np.unique(key, return_inverse=True)[1].reshape(key.shape)
    size = int(node.max()) + 1
    joined = coo_array((np.ones(len(piece)), (node[0], node[1])), shape=(size, size))
    number = np.array(connected_components(joined, directed=False)[1], dtype=np.int64)
    return np.array(number[node[0]])
