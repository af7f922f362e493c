"""Street blocks: an area cut along its streets and waters, without slivers."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from geodata.errors import Fault, GeodataError
from geodata.faces import absorbed, cut, merged

# Streets that a grid may end at. Ways on foot and driveways are borders only where a block is
# too large; tunnels are no border on the ground.
STREETS = frozenset(
    f"{name}{link}"
    for name in ("motorway", "trunk", "primary", "secondary", "tertiary")
    for link in ("", "_link")
) | {"residential", "unclassified", "living_street", "pedestrian", "road"}

_NARROW = 8.0  # metres: a strip between two carriageways is no block
_TINY = 400.0  # square metres: nor is the triangle of a slip road


def street_blocks(
    outline: Polygon | MultiPolygon, roads: gpd.GeoDataFrame, water: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """Cut an area into street blocks.

    Parameters
    ----------
    outline
        Polygon or MultiPolygon in the CRS of *roads*.
    roads
        Lines with the column ``highway`` (OpenStreetMap classes); main streets down to
        residential, unclassified, living and pedestrian streets are borders, and where a column
        ``tunnel`` is true they are not. May be empty.
    water
        Areas, whose shores are borders, and lines, in any declared CRS.

    Returns
    -------
    GeoDataFrame
        Index 0..n-1, ``geometry`` Polygons in the CRS of *roads*: no overlap, the union is the
        outline exactly, neighbours share their vertices. Strips narrower than 8 m and pieces
        under 400 square metres have been given to the neighbour with the longest border.

    Raises
    ------
    GeodataError
        No CRS, no column ``highway``, an outline that is not a valid area.
    """
    check_outline(outline)
    faces = cut(outline, street_lines(roads, water, roads.crs))
    owner = absorbed(faces, roads.crs, lambda area, perimeter, _: is_sliver(area, perimeter))
    return gpd.GeoDataFrame(geometry=merged(faces, owner), crs=roads.crs)


def is_sliver(area: float, perimeter: float) -> bool:
    """Tell whether an area (square metres) with this perimeter (metres) is no block by itself."""
    return area < _TINY or 2 * area < _NARROW * perimeter


def street_lines(
    roads: gpd.GeoDataFrame, water: gpd.GeoDataFrame | None, crs: Any, minor: bool = False
) -> Any:
    """Collect the lines that may part grids.

    Parameters
    ----------
    roads, water
        As for `street_blocks`, in any declared CRS.
    crs
        CRS of the lines returned.
    minor
        Give instead the ways that part a block only where it is too large: all other classes.

    Returns
    -------
    array
        Lines.

    Raises
    ------
    GeodataError
        No CRS or no column ``highway``.
    """
    if "highway" not in roads.columns:
        raise GeodataError([Fault("the column is missing", column="highway")])
    chosen = roads["highway"].isin(STREETS) != minor
    if "tunnel" in roads.columns:
        chosen &= ~roads["tunnel"].fillna(False).astype(bool)
    lines = _in_crs(roads[chosen], crs)
    if water is None or minor:
        return lines
    shores = _in_crs(water, crs)
    areas = shapely.get_dimensions(shores) == 2
    shores[areas] = shapely.boundary(shores[areas])
    return np.concatenate([lines, shores[shapely.get_dimensions(shores) == 1]])


def check_outline(outline: object) -> None:
    """Raise GeodataError unless *outline* is a valid Polygon or MultiPolygon with an area."""
    if not isinstance(outline, Polygon | MultiPolygon):
        raise GeodataError("the outline must be a Polygon or MultiPolygon")
    if outline.is_empty or not outline.is_valid:
        raise GeodataError("the outline must be a valid area and not empty")


def _in_crs(frame: gpd.GeoDataFrame, crs: Any) -> Any:
    if frame.crs is None or crs is None:
        raise GeodataError("streets and water must declare their coordinate system")
    placed = frame.geometry if frame.crs == crs else frame.geometry.to_crs(crs)
    lines = shapely.get_parts(shapely.force_2d(np.asarray(placed.array, dtype=object)))
    return lines[~shapely.is_empty(lines) & shapely.is_valid(lines)]
