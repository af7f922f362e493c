"""What grids are made of: street blocks, the large ones divided, every building in one piece."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.adjacency import Ints
from geodata.blocks import is_sliver, street_lines
from geodata.crs import metric_crs
from geodata.dividing import cuts, gather, grouped
from geodata.faces import absorbed, cut, merged

_CUT_AREA = 1e-3  # square metres of a building on both sides of a border: it is cut


@dataclass(frozen=True)
class Units:
    """Pieces of an area.

    Attributes
    ----------
    shapes
        Polygons: no overlap, together the area, sharing their vertices.
    block
        Number of the street block that each lies in.
    plot
        Number of the piece between streets, lanes and footways that each lies in.
    crs
        Their CRS.
    """

    shapes: Any
    block: Ints
    plot: Ints
    crs: Any


@dataclass(frozen=True)
class Site:
    """An area and what stands in it, in one CRS.

    Attributes
    ----------
    outline
        Polygon or MultiPolygon.
    places
        Points of the households.
    buildings
        Array of valid polygons.
    crs
        The CRS.
    """

    outline: Any
    places: Any
    buildings: Any
    crs: Any


def build_units(
    site: Site, roads: gpd.GeoDataFrame, water: gpd.GeoDataFrame | None, most: float
) -> Units:
    """Cut an area into pieces with few households each.

    Parameters
    ----------
    site
        The area.
    roads, water
        As for `street_blocks`, in any declared CRS.
    most
        Blocks with more households are divided: along lanes and footways, then between
        buildings.

    Returns
    -------
    Units
        No building lies in two of them, unless the outline itself cuts it.
    """
    lines = street_lines(roads, water, site.crs)
    faces = cut(site.outline, lines)
    blocks = plots = shapes = merged(faces, absorbed(faces, site.crs, _no_block))
    large = _large(site, shapes, most)
    if large.any():
        lines = np.concatenate([lines, _lanes(site, roads, shapes[large])])
        plots = shapes = _divided(site, lines, shapes, large)
        large = _large(site, shapes, most)
    if large.any():
        lines = np.concatenate([lines, _cuts(site, shapes, large, most)])
        shapes = _divided(site, lines, shapes, large)
    shapes = _with_whole_buildings(site, lines, shapes)
    inner = shapely.point_on_surface(shapes)
    return Units(shapes, locate(inner, blocks), locate(inner, plots), site.crs)


def locate(points: Any, faces: Any) -> Ints:
    """Find the face of each point: the first that it lies in or on, else the nearest."""
    tree = shapely.STRtree(faces)
    point, face = tree.query(points, predicate="intersects")
    order = np.lexsort((face, point))
    point, first = np.unique(point[order], return_index=True)
    found = np.full(len(points), -1, dtype=np.int64)
    found[point] = face[order][first]
    outside = found < 0
    if outside.any():
        found[outside] = tree.nearest(points[outside])
    return found


def _no_block(area: float, perimeter: float, _: int) -> bool:
    return is_sliver(area, perimeter)


def _large(site: Site, shapes: Any, most: float) -> Any:
    return np.bincount(locate(site.places, shapes), minlength=len(shapes)) > most


def _lanes(site: Site, roads: gpd.GeoDataFrame, shapes: Any) -> Any:
    """Give the lanes and footways near some pieces, but those that run through a building."""
    lanes = street_lines(roads, None, site.crs, minor=True)
    lanes = lanes[np.unique(shapely.STRtree(lanes).query(shapes, predicate="intersects")[1])]
    through = shapely.STRtree(lanes).query(site.buildings, predicate="crosses")[1]
    return np.delete(lanes, np.unique(through))


def _cuts(site: Site, shapes: Any, large: Any, most: float) -> Any:
    """Give the cuts that divide large pieces between their buildings."""
    metric = metric_crs(gpd.GeoSeries(shapes, crs=site.crs))
    pieces = _moved(shapes[large], site.crs, metric)
    points = _moved(site.places, site.crs, metric)
    walls = _moved(site.buildings, site.crs, metric)
    walls = walls[shapely.is_valid(walls)]
    inside = locate(site.places, shapes)
    tree = shapely.STRtree(walls)
    found: list[Any] = []
    for number, piece in zip(np.flatnonzero(large), pieces, strict=True):
        near = np.sort(tree.query(piece, predicate="intersects"))
        found += cuts(piece, gather(walls[near], points[inside == number]), most)
    return _moved(shapely.get_parts(np.array(found, dtype=object)), metric, site.crs)


def _moved(shapes: Any, crs: Any, to: Any) -> Any:
    placed = gpd.GeoSeries(shapes, crs=crs)
    return np.array((placed if crs == to else placed.to_crs(to)).array, dtype=object)


def _divided(site: Site, lines: Any, shapes: Any, large: Any) -> Any:
    """Cut anew along all lines; pieces that are not large stay as they were."""
    faces = cut(site.outline, lines)
    before = locate(shapely.point_on_surface(faces), shapes)
    own = large[before]
    owner = before.copy()
    owner[own] = len(shapes) + np.arange(own.sum())
    faces = _united(faces, owner)
    return merged(faces, absorbed(faces, site.crs, _no_block))


def _united(faces: Any, owner: Ints) -> Any:
    """Unite the faces of each owner and part again what does not hang together."""
    united = merged(faces, np.unique(owner, return_inverse=True)[1].astype(np.int64))
    return shapely.get_parts(united)


def _with_whole_buildings(site: Site, lines: Any, shapes: Any) -> Any:
    """Give every building that a border runs through to the piece that holds most of it."""
    buildings = site.buildings
    metric = metric_crs(gpd.GeoSeries(shapes, crs=site.crs))
    building, piece = shapely.STRtree(shapes).query(buildings, predicate="intersects")
    several = np.bincount(building, minlength=len(buildings))[building] > 1
    building, piece = building[several], piece[several]
    overlap = shapely.intersection(buildings[building], shapes[piece])
    area = shapely.area(_moved(overlap, site.crs, metric))
    counted = np.bincount(building[area > _CUT_AREA], minlength=len(buildings))
    cut_through = np.asarray(buildings, dtype=object)[counted > 1]
    if not len(cut_through):
        return shapes
    # overlapping buildings go together, or the second would take a piece of the first
    groups = shapely.get_parts(grouped(cut_through, 0.0))
    faces = cut(site.outline, np.concatenate([lines, shapely.boundary(groups)]))
    middle = shapely.point_on_surface(faces)
    owner = locate(middle, shapes)
    face, group = shapely.STRtree(groups).query(middle, predicate="intersects")
    area = shapely.area(_moved(faces[face], site.crs, metric))
    held = np.zeros((len(groups), len(shapes)))
    np.add.at(held, (group, owner[face]), area)
    owner[face] = np.argmax(held, axis=1)[group]
    faces = _united(faces, owner)
    return merged(faces, absorbed(faces, site.crs, _no_block))
