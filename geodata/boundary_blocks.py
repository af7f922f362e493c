"""Hand blocks over: ground goes from its grids to a neighbour, along the edges of the blocks."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.arcs import scale
from geodata.border_errors import BorderError
from geodata.boundary_checks import check_community, check_keys
from geodata.coverage_change import Change, change, check_necks
from geodata.coverage_parts import united

_NARROW = 1.0  # metres: a strip left over from two lines that are meant as one
_SNAP = 1e-9  # units between vertices of blocks and grids that are one


def hand_over(grids: gpd.GeoDataFrame, blocks: Any, to: Any) -> Change:
    """Give the ground of blocks to one grid, whichever grids it lies in now.

    Parameters
    ----------
    grids
        Polygons by key, the giving and the taking ones and all their neighbours, in a declared
        CRS; where there is a column ``community``, ground never goes from one to another.
    blocks
        Array of polygons in the same CRS.
    to
        The grid that takes them.

    Returns
    -------
    Change
        The giving grids and *to*. Strips narrower than 1 m that would be left over go along.

    Raises
    ------
    BorderError
        No blocks, blocks that belong to the grid already, lie in another community, do not
        touch the grid, or leave a giving grid empty or in pieces; the place is named.
    """
    check_keys(grids, [to])
    wanted = shapely.union_all(np.asarray(blocks, dtype=object))
    if wanted.is_empty:
        raise BorderError("wrong_number", "at least one block is needed")
    giving = _giving(grids, wanted, to)
    check_community(grids, [*giving, to])
    faces, owner = _faces(grids, [*giving, to], wanted)
    inside = shapely.area(shapely.intersection(faces, wanted))
    taken = inside > 0.5 * shapely.area(faces)
    taken |= _thin(faces, grids.crs) & _beside(faces, wanted)
    goes = {
        to: [face for face, one, all_ in zip(faces, owner, taken, strict=True) if one == to or all_]
    }
    for key in giving:
        kept = [
            face
            for face, one, all_ in zip(faces, owner, taken, strict=True)
            if one == key and not all_
        ]
        goes[key] = _whole(key, kept, grids, goes[to])
    made = {key: united(shapes) for key, shapes in goes.items()}
    if shapely.get_num_geometries(made[to]) > shapely.get_num_geometries(grids.geometry[to]):
        apart = min(shapely.get_parts(made[to]), key=lambda part: part.area)
        place = apart.representative_point()
        raise BorderError("apart", f"the blocks do not touch grid {to}", place.coords[0])
    found = change(grids, made, (), to)
    for key, shape in made.items():
        check_necks(key, grids.geometry[key], shape, grids.crs)
    return found


def carve(grids: gpd.GeoDataFrame, blocks: Any, giver: Any, new: Any) -> Change:
    """Make a new grid of blocks of one grid.

    Parameters
    ----------
    grids
        Polygons by key, the giving one and all its neighbours, in a declared CRS.
    blocks
        Array of polygons in the same CRS.
    giver
        The grid in which they lie.
    new
        Key of the grid that they become.

    Returns
    -------
    Change
        The giving grid and *new*.

    Raises
    ------
    BorderError
        Blocks that do not lie in the grid or do not hang together, and what would leave it empty
        or in pieces; the place is named.
    """
    check_keys(grids, [giver])
    wanted = shapely.union_all(np.asarray(blocks, dtype=object))
    faces, owner = _faces(grids, [giver], wanted)
    mine = np.array([one == giver for one in owner], dtype=bool)
    inside = shapely.area(shapely.intersection(faces, wanted)) > 0.5 * shapely.area(faces)
    taken = list(faces[inside & mine])
    if not taken:
        raise BorderError("nothing_to_do", f"none of the blocks lies in grid {giver}")
    kept = _whole(giver, list(faces[~inside & mine]), grids, taken)
    made = {giver: united(kept), new: united(taken)}
    if shapely.get_num_geometries(made[new]) > 1:
        apart = min(shapely.get_parts(made[new]), key=lambda part: part.area)
        place = apart.representative_point()
        raise BorderError("apart", "the blocks do not hang together", place.coords[0])
    found = change(grids, made, (), giver)
    check_necks(giver, grids.geometry[giver], made[giver], grids.crs)
    return found


def _giving(grids: gpd.GeoDataFrame, wanted: Any, to: Any) -> list[Any]:
    """Name the grids that hold ground of the blocks, but for slivers."""
    shapes = np.asarray(grids.geometry.array, dtype=object)
    near = np.sort(shapely.STRtree(shapes).query(wanted, predicate="intersects"))
    found = []
    for position in near:
        key = grids.index[position]
        if key == to:
            continue
        common = shapely.get_parts(shapely.intersection(shapes[position], wanted))
        common = common[shapely.get_dimensions(common) == 2]
        if len(common) and not _thin(common, grids.crs).all():
            found.append(key)
    if not found:
        place = wanted.representative_point()
        raise BorderError(
            "nothing_to_do", f"the blocks belong to grid {to} already", place.coords[0]
        )
    return found


def _faces(grids: gpd.GeoDataFrame, keys: list[Any], wanted: Any) -> tuple[Any, list[Any]]:
    """Cut grids along the edges of blocks: the faces, and the grid of each."""
    edges = [shapely.boundary(grids.geometry[key]) for key in keys]
    # each takes the other's points that lie on it: lines meant as one become one
    cut = shapely.snap(shapely.boundary(wanted), shapely.union_all(np.array(edges)), _SNAP)
    corners = shapely.multipoints(shapely.get_coordinates(cut))
    edges = [shapely.snap(edge, corners, _SNAP) for edge in edges]
    noded = shapely.unary_union([*edges, cut])
    found = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    shapes = np.array([grids.geometry[key] for key in keys], dtype=object)
    face, grid = shapely.STRtree(shapes).query(found, predicate="intersects")
    common = shapely.area(shapely.intersection(found[face], shapes[grid]))
    held = np.zeros((len(found), len(keys)))
    held[face, grid] = common
    # what lies in none of the grids is a hole between them
    inside = held.max(axis=1) > 0.5 * shapely.area(found)
    return found[inside], [keys[number] for number in held.argmax(axis=1)[inside]]


def _whole(key: Any, kept: list[Any], grids: gpd.GeoDataFrame, to: list[Any]) -> list[Any]:
    """Give what stays of a grid; strips that would hang loose go along with the blocks."""
    middle = grids.geometry[key].representative_point().coords[0]
    if not kept:
        raise BorderError("empty", f"grid {key} would be empty; merge it instead,", middle)
    parts = np.array(shapely.get_parts(united(kept)), dtype=object)
    most = int(shapely.get_num_geometries(grids.geometry[key]))
    if len(parts) <= most:
        return kept
    thin = _thin(parts, grids.crs)
    loose = parts[~thin]
    if len(loose) == 0:
        raise BorderError("empty", f"grid {key} would be empty; merge it instead,", middle)
    if len(loose) > most:
        place = min(loose, key=lambda part: part.area).representative_point()
        raise BorderError("pieces", f"grid {key} would fall into pieces", place.coords[0])
    strips = shapely.multipolygons(parts[thin])
    shapely.prepare(strips)
    goes = [face for face in kept if strips.intersects(shapely.point_on_surface(face))]
    to.extend(goes)
    return [face for face in kept if not any(face is one for one in goes)]


def _thin(shapes: Any, crs: Any) -> Any:
    factor = scale(shapely.get_coordinates(shapes), crs)
    measured = shapely.transform(shapes, lambda points: points * factor)
    width = 2 * shapely.area(measured) / np.maximum(shapely.length(measured), 1e-9)
    return width < _NARROW


def _beside(faces: Any, wanted: Any) -> Any:
    """Tell which faces share more than a point with the blocks."""
    shared = shapely.intersection(shapely.boundary(faces), shapely.boundary(wanted))
    return shapely.length(shared) > 0
