"""Where a facility might stand: crossings, buildings or street blocks, thinned evenly."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely import MultiPolygon, Polygon

from geodata.blocks import street_blocks
from geodata.crs import metric_crs
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.street_graph import Bools, Floats, Ints

_STREETS = 3  # ends of streets that make a crossing
_FINEST, _COARSER = 10.0, 1.25  # metres: side of the first squares; how much larger the next are
_LEAST_BUILDING = 100.0  # square metres: nothing moves into a shed


@dataclass(frozen=True)
class Candidates:
    """Places to choose from.

    Attributes
    ----------
    points
        The places, those that were kept.
    found
        How many there were.
    spacing
        Side in metres of the squares of which each kept one place; 0 if all were kept.
    """

    points: gpd.GeoSeries
    found: int
    spacing: float

    def __len__(self) -> int:
        """Return the number of places that were kept."""
        return len(self.points)


def crossings(network: Network, outline: Polygon | MultiPolygon, most: int) -> Candidates:
    """Give the places inside an area where three or more ends of streets meet.

    Parameters
    ----------
    network
        Of whoever is to set out or arrive; closures do not matter.
    outline
        Area in the CRS of the roads.
    most
        Keep no more than so many; of each square the place where most streets meet.
    """
    degree = network.pieces.degree
    crossing = np.flatnonzero(degree >= _STREETS)
    points = _array(shapely.points(network.pieces.nodes[crossing]))
    inside = _inside(outline, points)
    rank = -degree[crossing][inside].astype(np.float64)
    return thinned(points[inside], rank, most, network.crs)


def buildings(frame: gpd.GeoDataFrame, outline: Polygon | MultiPolygon, most: int) -> Candidates:
    """Give a point on each building of 100 square metres or more that stands inside an area.

    Parameters
    ----------
    frame
        Areas in a declared CRS; `lived_in` (bool) where known.
    outline
        Area in the same CRS.
    most
        Keep no more than so many; of each square a building that nobody lives in before one
        where people live, then the largest.
    """
    crs = _declared(frame)
    shapes = np.asarray(frame.geometry.array, dtype=object)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    frame, shapes = frame[there], shapes[there]
    area = np.asarray(frame.geometry.to_crs(metric_crs(frame)).area) if len(frame) else np.zeros(0)
    points = _array(shapely.point_on_surface(shapes))
    chosen = (area >= _LEAST_BUILDING) & _inside(outline, points)
    lived_in = (
        frame["lived_in"].to_numpy(dtype=bool) if "lived_in" in frame else np.zeros(len(area))
    )
    order = np.lexsort((-area, lived_in))
    rank = np.empty(len(frame))
    rank[order] = np.arange(len(frame))
    return thinned(points[chosen], rank[chosen], most, crs)


def parcels(
    outline: Polygon | MultiPolygon,
    roads: gpd.GeoDataFrame,
    water: gpd.GeoDataFrame | None,
    most: int,
) -> Candidates:
    """Give a point on every street block of an area that is not mostly water.

    Parameters
    ----------
    outline, roads, water
        As for `blocks.street_blocks`.
    most
        Keep no more than so many; of each square the largest block's.
    """
    blocks = street_blocks(outline, roads, water)
    shapes = np.asarray(blocks.geometry.array, dtype=object)
    if water is not None and len(water):
        wet = np.asarray(water.geometry.to_crs(blocks.crs).array, dtype=object)
        shapes = _dry(shapes, wet[shapely.get_dimensions(wet) == 2])
    points = _array(shapely.point_on_surface(shapes))
    return thinned(points, -shapely.area(shapes), most, _declared(roads))


def thinned(
    points: Sequence[object] | NDArray[np.object_], rank: Floats, most: int, crs: CRS
) -> Candidates:
    """Keep places evenly: of every square of the smallest lattice that leaves few enough.

    Parameters
    ----------
    points
        Points in `crs`.
    rank
        The lowest of a square is kept; of equal ones the first.
    most
        Keep no more than so many, at least one.
    crs
        CRS of the points.
    """
    if most < 1:
        raise GeodataError(f"at most {most} places are wanted: give one or more")
    shapes = np.asarray(points, dtype=object)
    series = gpd.GeoSeries(shapes, crs=crs)
    if len(shapes) <= most:
        return Candidates(series.reset_index(drop=True), len(shapes), 0.0)
    xy = shapely.get_coordinates(series.to_crs(metric_crs(gpd.GeoDataFrame(geometry=series))).array)
    xy = xy - xy.min(axis=0)
    side = _FINEST
    kept = _one_of_each(xy, rank, side)
    while len(kept) > most:
        side *= _COARSER
        kept = _one_of_each(xy, rank, side)
    return Candidates(series.iloc[kept].reset_index(drop=True), len(shapes), side)


def _one_of_each(xy: Floats, rank: Floats, side: float) -> Ints:
    """Return the sorted positions of the lowest rank in each square."""
    cell = np.floor(xy / side).astype(np.int64)
    order = np.lexsort((np.arange(len(rank)), rank, cell[:, 1], cell[:, 0]))
    sorted_cells = cell[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(sorted_cells, axis=0) != 0).any(axis=1)
    return np.sort(order[first])


def _inside(outline: Polygon | MultiPolygon, points: NDArray[np.object_]) -> Bools:
    shapely.prepare(outline)
    inside: Bools = np.asarray(shapely.contains_properly(outline, points), dtype=bool)
    return inside


def _dry(blocks: NDArray[np.object_], wet: NDArray[np.object_]) -> NDArray[np.object_]:
    """Leave out blocks that lie in water by half or more; the others end at its shore."""
    block, at = shapely.STRtree(wet).query(blocks, predicate="intersects")[:2]
    under = shapely.area(shapely.intersection(blocks[block], wet[at]))
    share = np.bincount(block, under, len(blocks)) / shapely.area(blocks)
    dry = blocks[share < 0.5]  # noqa: PLR2004 - half
    shore = shapely.union_all(wet) if len(wet) else None
    return dry if shore is None else np.asarray(shapely.difference(dry, shore), dtype=object)


def _array(shapes: object) -> NDArray[np.object_]:
    return np.atleast_1d(np.asarray(shapes, dtype=object))


def _declared(frame: gpd.GeoDataFrame) -> CRS:
    if frame.crs is None:
        raise GeodataError("places must declare their coordinate system")
    return CRS.from_user_input(frame.crs)
