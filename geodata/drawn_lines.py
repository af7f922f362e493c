"""A border drawn by hand: checked, put on the fixed grid of coordinates, tied to what it meets."""

from typing import Any

import numpy as np
import shapely

from geodata.arcs import scale
from geodata.border_errors import BorderError

MOST_VERTICES = 10_000
REACH = 1.0  # metres from which the end of a drawn line is taken to the border
PLACES = 9  # decimals of degrees on which new points lie: a tenth of a millimetre
_METRE_PLACES = 4


def drawn(line: Any, crs: Any) -> Any:
    """Give the points of a drawn line.

    Parameters
    ----------
    line
        LineString in *crs*.
    crs
        CRS of the grids.

    Returns
    -------
    array
        Its points, on the fixed grid of coordinates, none twice in a row.

    Raises
    ------
    BorderError
        No line; more than 10,000 vertices; numbers that are not finite; fewer than two different
        points; a line that crosses or touches itself, with the place.
    """
    if line is None or line.is_empty or line.geom_type not in ("LineString", "LinearRing"):
        raise BorderError("not_a_line", "a line is needed")
    points = shapely.get_coordinates(line)
    if len(points) > MOST_VERTICES:
        raise BorderError(
            "too_many_points", f"the line has {len(points):,} vertices; {MOST_VERTICES:,} are taken"
        )
    if not np.isfinite(points).all():
        raise BorderError("not_a_line", "the line has a point that is not finite")
    points = np.round(points, PLACES if crs is None or crs.is_geographic else _METRE_PLACES)
    points = points[np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))]
    if len(points) < 2:
        raise BorderError("not_a_line", "the line has only one point", points[0])
    check_simple(points)
    return points


def check_simple(points: Any) -> None:
    """Raise BorderError, with the place, where a line of points meets itself."""
    line = shapely.linestrings(points)
    if shapely.is_simple(line):
        return
    ends = {tuple(points[0]), tuple(points[-1])}
    pieces = shapely.get_parts(shapely.unary_union(line))
    corners = [
        tuple(corner) for piece in pieces for corner in piece.coords[:: len(piece.coords) - 1]
    ]
    crossed = [corner for corner in corners if corner not in ends or corners.count(corner) > 2]
    raise BorderError("crosses_itself", "the line crosses itself", (crossed or corners)[0])


def distance(one: Any, other: Any, crs: Any) -> float:
    """Measure the metres between two points that are near each other."""
    step = (np.asarray(one) - np.asarray(other)) * scale(np.array([one, other]), crs)
    return float(np.hypot(*step))


def tied(points: Any, ends: Any, crs: Any) -> Any:
    """Take the ends of a line to the two points between which it must run, turned if need be.

    Raises
    ------
    BorderError
        An end farther than `REACH` from its point, with the place and the metres.
    """
    first, last = ends
    if max(distance(points[0], last, crs), distance(points[-1], first, crs)) < max(
        distance(points[0], first, crs), distance(points[-1], last, crs)
    ):
        points = points[::-1]
    for here, wanted in ((points[0], first), (points[-1], last)):
        away = distance(here, wanted, crs)
        if away > REACH:
            raise BorderError(
                "ends_elsewhere",
                f"the line ends {away:.1f} m from the end of the border; it must end",
                wanted,
            )
    inner = points[1:-1]
    inner = (
        inner[[tuple(p) not in (tuple(first), tuple(last)) for p in inner]] if len(inner) else inner
    )
    made = np.vstack([first, inner, last])
    check_simple(made)
    return made
