"""Split one grid: along a drawn line, or into parts with equally many households."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.arcs import scale
from geodata.border_errors import BorderError
from geodata.boundary_checks import check_keys
from geodata.coverage_change import Change, change, check_necks
from geodata.coverage_parts import united
from geodata.drawn_lines import REACH, distance, drawn
from geodata.equal_parts import equal_parts, unevenness
from geodata.faces import merged
from geodata.units import Site, build_units, locate

_VERTEX = 0.02  # metres from which a line that meets a border meets its vertex
# how large blocks may be, as a share of a part's households, and how far parts may be from equal:
# whole street blocks where they part evenly, else ever smaller ones, then ever less even parts
_TRIES = ((0.25, 0.1), (0.06, 0.1), (0.12, 0.2), (0.25, 0.4))
_MOST_PARTS = 50


def split(
    grids: gpd.GeoDataFrame, key: Any, line: Any, new: Any, households: Any | None = None
) -> Change:
    """Split a grid along a line.

    Parameters
    ----------
    grids
        Polygons by key, the one and all its neighbours, in a declared CRS.
    key
        The grid. It keeps its key on the side with more *households*, on the larger one if equal.
    line
        LineString from border to border; an end inside within 1 m of the border is taken to it,
        what lies beyond the border is cut off.
    new
        Key of the other side.
    households
        Array of points in the same CRS.

    Returns
    -------
    Change
        *key* and *new*; neighbours have a point where the line meets their border.

    Raises
    ------
    BorderError
        A line that crosses itself, misses the grid, ends inside it, leaves it in between, or
        cuts off a strip.
    """
    check_keys(grids, [key])
    whole = grids.geometry[key]
    points = drawn(line, grids.crs)
    part, rest = _part_crossed(whole, points, key)
    inside = _inside(_reaching(points, part, grids.crs), part)
    pieces = _cut(part, inside, grids.crs)
    return _shared_out(grids, key, [new], [*pieces], rest, households)


def _part_crossed(whole: Any, points: Any, key: Any) -> tuple[Any, list[Any]]:
    """Choose the piece of a grid through which a line runs, and give the others."""
    line = shapely.linestrings(points)
    parts = list(shapely.get_parts(whole))
    lengths = [shapely.intersection(line, part).length for part in parts]
    if max(lengths) == 0:
        raise BorderError("misses", f"the line misses grid {key}; it begins", points[0])
    chosen = int(np.argmax(lengths))
    return parts[chosen], [part for number, part in enumerate(parts) if number != chosen]


def _reaching(points: Any, part: Any, crs: Any) -> Any:
    """Take the ends of a line that lie just inside a border to it."""
    points = points.copy()
    shapely.prepare(part)
    edge = shapely.boundary(part)
    for end in (0, -1):
        here = shapely.points(points[end])
        if not part.contains_properly(here):
            continue
        nearest = edge.interpolate(edge.project(here)).coords[0]
        away = distance(points[end], nearest, crs)
        if away > REACH:
            raise BorderError(
                "ends_elsewhere",
                f"the line ends inside the grid, {away:.1f} m from its border,",
                points[end],
            )
        beyond = np.asarray(nearest) + (np.asarray(nearest) - points[end]) * 1e-3
        points[end] = beyond
    return points


def _inside(points: Any, part: Any) -> Any:
    """Give the one stretch of a line inside an area."""
    met = shapely.intersection(shapely.linestrings(points), part)
    lines = [piece for piece in shapely.get_parts(met) if piece.length > 0]
    joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
    shapely.prepare(part)
    through = [piece for piece in joined if _runs_through(piece, part)]
    if not through:
        raise BorderError("misses", "the line does not cross the grid; it begins", points[0])
    if len(through) > 1:
        leaving = shapely.get_coordinates(through[0])[-1]
        raise BorderError("leaves", "the line leaves the grid and comes back", leaving)
    return shapely.get_coordinates(through[0])


def _runs_through(piece: Any, part: Any) -> bool:
    """Tell a stretch through an area from one along its border."""
    return bool(
        part.contains_properly(piece.interpolate(0.5, normalized=True))
        or not shapely.covers(shapely.boundary(part), piece)
    )


def _cut(part: Any, inside: Any, crs: Any) -> tuple[Any, Any]:
    """Cut an area along a stretch of line whose ends are set on its border."""
    rings = [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)]
    ends = []
    for end in (inside[0], inside[-1]):
        rings, place = _set_on(rings, end, crs)
        ends.append(place)
    if tuple(ends[0]) == tuple(ends[1]):
        raise BorderError(
            "does_not_part", "the line begins and ends at one point of the border", ends[0]
        )
    course = np.vstack([ends[0], inside[1:-1], ends[1]])
    border = np.vstack([np.hstack([ring[:-1], ring[1:]]) for ring in rings])
    pairs = np.vstack([border, np.hstack([course[:-1], course[1:]])]).reshape(-1, 2, 2)
    lines: Any = shapely.linestrings(pairs)
    faces = shapely.get_parts(shapely.polygonize(lines))
    shapely.prepare(part)
    faces = faces[shapely.contains(part, shapely.point_on_surface(faces))]
    if len(faces) != 2:
        middle = course[len(course) // 2]
        raise BorderError("does_not_part", "the line does not part the grid in two", middle)
    return faces[0], faces[1]


def _set_on(rings: list[Any], place: Any, crs: Any) -> tuple[list[Any], Any]:
    """Set a point on the border nearest to it, or give the vertex that is there."""
    best = None
    for number, ring in enumerate(rings):
        factor = scale(ring, crs)
        start, step = ring[:-1], np.diff(ring, axis=0)
        long = np.maximum((step**2).sum(axis=1), 1e-300)
        share = np.clip(((place - start) * step).sum(axis=1) / long, 0, 1)
        on = start + share[:, None] * step
        away = np.hypot(*((on - place) * factor).T)
        nearest = int(np.argmin(away))
        if best is None or away[nearest] < best[0]:
            best = (float(away[nearest]), number, nearest, on[nearest])
    assert best is not None
    _, number, nearest, on = best
    ring = rings[number]
    for vertex in (ring[nearest], ring[nearest + 1]):
        if distance(vertex, on, crs) <= _VERTEX:
            return rings, vertex
    made = np.insert(ring, nearest + 1, on, axis=0)
    return [made if n == number else ring for n, ring in enumerate(rings)], on


def divide(
    grids: gpd.GeoDataFrame, key: Any, parts: int, new: Sequence[Any], site: Site, roads: Any
) -> Change:
    """Split a grid into parts with about equally many households, along its streets.

    Parameters
    ----------
    grids
        Polygons by key, the one and all its neighbours, in a declared CRS.
    key
        The grid; the largest part keeps its key.
    parts
        How many, 2 to 50.
    new
        Keys of the others, *parts* - 1.
    site
        The grid's ground (``outline`` is not read), households and buildings, in the same CRS.
    roads
        Streets, as for `units.build_units`.

    Returns
    -------
    Change
        Each part in one piece, no building cut that was not cut before.

    Raises
    ------
    BorderError
        A number of parts that is no such number, more parts than households, no division found.
    """
    check_keys(grids, [key])
    if not 2 <= parts <= _MOST_PARTS:
        raise BorderError(
            "wrong_number", f"a grid is split into 2 to {_MOST_PARTS} parts, not {parts}"
        )
    if len(site.places) < parts:
        raise BorderError(
            "wrong_number",
            f"grid {key} has {len(site.places)} households, too few for {parts},",
            grids.geometry[key].representative_point().coords[0],
        )
    whole = grids.geometry[key]
    pieces = list(shapely.get_parts(whole))
    largest = max(pieces, key=lambda piece: piece.area)
    ground = Site(largest, site.places, site.buildings, site.crs)
    found = _balanced(ground, roads, parts)
    if found is None:
        place = largest.representative_point()
        raise BorderError(
            "no_division",
            f"grid {key} cannot be split into {parts} equal parts without cutting buildings",
            place.coords[0],
        )
    rest = [piece for piece in pieces if piece is not largest]
    return _shared_out(grids, key, list(new), found, rest, site.places)


def _balanced(site: Site, roads: Any, parts: int) -> list[Any] | None:
    """Find equal parts: along streets if they part evenly, else between buildings.

    Where the ground allows no even parts, the least uneven ones that were found.
    """
    mean = len(site.places) / parts
    best: tuple[float, list[Any]] | None = None
    for share, even in _TRIES:
        units = build_units(site, roads, None, max(share * mean, 1.0))
        weight = np.bincount(locate(site.places, units.shapes), minlength=len(units.shapes))
        if (weight > 0).sum() < parts:
            continue  # too few blocks with households in them
        frame = gpd.GeoDataFrame({"households": weight}, geometry=units.shapes, crs=site.crs)
        labels = equal_parts(frame, "households", parts)
        uneven = unevenness(labels, weight, parts)
        if uneven < 1.0 and (best is None or uneven < best[0]):
            shapes = merged(units.shapes, labels)
            if all(_hangs_together(shape, site) for shape in shapes):
                best = (uneven, list(shapes))
        if best is not None and best[0] <= even:
            break
    return None if best is None else best[1]


def _hangs_together(shape: Any, site: Site) -> bool:
    """Tell whether a part is in one piece, by no narrower necks than the whole has."""
    if shape.geom_type != "Polygon":
        return False
    try:
        check_necks(None, site.outline, shape, site.crs)
    except BorderError:
        return False
    return True


def _shared_out(
    grids: gpd.GeoDataFrame,
    key: Any,
    new: list[Any],
    pieces: list[Any],
    rest: list[Any],
    households: Any | None,
) -> Change:
    """Give the largest piece the old key, the others the new ones in their order."""
    places = np.empty(0, dtype=object) if households is None else households
    count = np.zeros(len(pieces), dtype=np.int64)
    if len(places):
        count = np.bincount(locate(places, np.array(pieces, dtype=object)), minlength=len(pieces))
    rank = sorted(range(len(pieces)), key=lambda n: (-count[n], -pieces[n].area))
    keys = dict(zip(rank, [key, *new], strict=True))
    made = {keys[number]: pieces[number] for number in rank}
    for island in rest:
        nearest = min(made, key=lambda one: made[one].distance(island))
        made[nearest] = united([made[nearest], island])
    found = change(grids, made, (), key)
    for one, shape in made.items():
        check_necks(one, grids.geometry[key], shape, grids.crs)
    return found
