"""What a grid asks of its member, and what its border leaves on the far side of a barrier."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

# Beardwood, Halton, Hammersley (1959): a tour through n random places in an area A comes to
# k sqrt(n A); k = 0.7124 by Johnson, McGeoch, Rothberg (1996). Streets make it longer: 4 / pi is
# the mean of street over straight distance on a rectangular net (Larson, Odoni 1981, ch. 3).
TOUR = 0.7124
DETOUR = 4 / math.pi
ROUND_SOURCE = (
    "Beardwood, Halton, Hammersley 1959; k = 0.7124: Johnson, McGeoch, Rothberg 1996;"
    " street / straight = 4/pi: Larson, Odoni 1981"
)

MAIN_ROADS = ("motorway", "trunk", "primary")
_ALONG = 20.0  # metres: a barrier so near to the border is the border
_LEAST = 30.0  # metres of a barrier inside; less cuts nothing


@dataclass(frozen=True)
class Barrier:
    """What people do not simply cross.

    Attributes
    ----------
    kind
        ``main_road`` or ``water``.
    name
        As on the map; None without one.
    line
        Line in metres.
    """

    kind: str
    name: str | None
    line: Any


def round_metres(places: int, area_m2: float) -> int:
    """Estimate how far a round to some doors is on foot.

    Parameters
    ----------
    places
        Different doors, 0 or more.
    area_m2
        Ground on which they lie.

    Returns
    -------
    int
        Metres; 0 with fewer than two doors.
    """
    if places < 2 or area_m2 <= 0:
        return 0
    return round(TOUR * DETOUR * math.sqrt(places * area_m2))


def counted(points: Any, shapes: Any) -> Any:
    """Count the points in each area; one on a border counts in each that it touches."""
    if not len(points) or not len(shapes):
        return np.zeros(len(shapes), dtype=np.int64)
    _, owner = shapely.STRtree(shapes).query(points, predicate="intersects")
    return np.bincount(owner, minlength=len(shapes))


def cut_by(shape: Any, barriers: Sequence[Barrier], homes: Any) -> list[dict[str, Any]]:
    """Tell which main roads and waters run through a grid between its households.

    Parameters
    ----------
    shape
        Polygon or MultiPolygon in metres.
    barriers
        Those that meet it, in metres.
    homes
        Array of points of its households, in metres.

    Returns
    -------
    list
        By kind and name: ``kind``, ``name``, ``metres`` inside, ``households`` beyond it, seen
        from where most live. Empty when all live on one side of every barrier.
    """
    inner: Any = shapely.buffer(shape, -_ALONG)
    if shapely.is_empty(inner) or len(homes) < 2:
        return []
    together: dict[tuple[str, str | None], list[Any]] = {}
    for barrier in barriers:
        inside = shapely.intersection(barrier.line, inner)
        if inside.length > 0:
            together.setdefault((barrier.kind, barrier.name), []).append(barrier.line)
    found = []
    for (kind, name), lines in sorted(
        together.items(), key=lambda one: (one[0][0], one[0][1] or "")
    ):
        line = shapely.union_all(lines)
        metres = shapely.length(shapely.intersection(line, inner))
        beyond = _beyond(shape, line, homes) if metres >= _LEAST else 0
        if beyond:
            found.append(
                {"kind": kind, "name": name, "metres": round(metres), "households": beyond}
            )
    return found


def _beyond(shape: Any, line: Any, homes: Any) -> int:
    """Count the households that a line parts from the larger number."""
    noded = shapely.unary_union([shapely.boundary(shape), line])
    pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    if len(pieces) < 2:
        return 0
    nearest = shapely.STRtree(pieces).nearest(homes)
    count = np.bincount(nearest, minlength=len(pieces))
    return int(len(homes) - count.max())
