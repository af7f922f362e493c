"""Directions along a line that was drawn before: which streets it follows, where it turns."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString

from geodata.crs import metric_crs
from geodata.errors import GeodataError
from geodata.route_steps import Part, Step, steps_of

Floats = NDArray[np.float64]

_ON_STREET = 0.5  # metres between a line drawn on a street and the street as it is stored
_SHORT = 20.0  # metres: a corner cut in two is one turn to whoever walks it
_DIGITS = 7  # of a degree: one centimetre, so that stored vertices meet again


@dataclass(frozen=True)
class Turn:
    """One direction with the place where it is followed.

    Attributes
    ----------
    step
        What to do, as of `route_steps`.
    lon, lat
        Where, in the CRS of the line.
    """

    step: Step
    lon: float
    lat: float


def turns_along(line: LineString, roads: gpd.GeoDataFrame, seconds: float) -> list[Turn]:
    """Read the directions off a line from door to door.

    Parameters
    ----------
    line
        In the CRS of `roads`; its first and last stretch are straight legs between a door and a
        street wherever they lie on no street.
    roads
        The streets near it: `highway`, and `name` where known.
    seconds
        Time of the whole way, shared out by length.

    Returns
    -------
    list
        In order, ending with `arrive`. The metres of the steps add up to those of the line and
        their seconds to `seconds`. Steps under 20 m that only cut a corner join the next one.

    Raises
    ------
    GeodataError
        If the line has no length.
    """
    return turns_of(gpd.GeoSeries([line], crs=roads.crs), roads, [seconds])[0]


def turns_of(
    lines: gpd.GeoSeries, roads: gpd.GeoDataFrame, seconds: Sequence[float]
) -> list[list[Turn]]:
    """Read the directions off many lines in one look at the streets.

    Parameters
    ----------
    lines
        LineStrings as of `turns_along`, in the CRS of `roads`, near to each other: lengths of all
        are measured in the zone of their middle.
    roads
        The streets near them.
    seconds
        Time of each.

    Returns
    -------
    list
        What `turns_along` gives, for each line.

    Raises
    ------
    GeodataError
        If a line has no length.
    """
    if not len(lines):
        return []
    flat = metric_crs(lines)
    names = roads["name"] if "name" in roads else [None] * len(roads)
    shapes = lines.to_numpy()
    ends = np.cumsum(shapely.get_num_coordinates(shapes))[:-1]
    xy = np.split(shapely.get_coordinates(shapes), ends)
    metric = np.split(shapely.get_coordinates(lines.to_crs(flat).to_numpy()), ends)
    known = _Streets(
        [name if isinstance(name, str) and name.strip() else None for name in names],
        roads["highway"].astype(str).tolist(),
        shapely.STRtree(roads.geometry.to_crs(flat).to_numpy()),
        _meeting(roads.geometry),
    )
    drawn = zip(xy, metric, seconds, strict=True)
    return [_turns(known, vertices, metres, time) for vertices, metres, time in drawn]


@dataclass(frozen=True)
class _Streets:
    """Names and classes of streets, their tree in metres, and where their stretches meet.

    `meeting` is the sorted vertices, east + north i, and how many stretches meet there.
    """

    names: list[str | None]
    classes: list[str]
    tree: shapely.STRtree
    meeting: tuple[NDArray[np.complex128], NDArray[np.int64]]


def _turns(known: _Streets, xy: Floats, metric: Floats, seconds: float) -> list[Turn]:
    lengths = np.hypot(*np.diff(metric, axis=0).T)
    if not len(lengths) or not lengths.sum() > 0:
        raise GeodataError("a way without length has no directions")
    pace = seconds / float(lengths.sum())
    road = _roads_under(metric, known.tree)
    first = 1 if len(lengths) > 1 and road[0] < 0 else 0
    last = len(lengths) - 1 if len(lengths) > first + 1 and road[-1] < 0 else len(lengths)
    degree = _degrees(xy, known.meeting)
    parts, starts = _parts(metric, lengths, road, degree, known, (first, last), pace)
    legs = [float(lengths[:first].sum()), float(lengths[last:].sum())]
    steps = steps_of(parts, *((leg, leg * pace) for leg in legs))
    return _placed(steps, parts, starts, xy)


def _roads_under(metric: Floats, tree: shapely.STRtree) -> NDArray[np.int64]:
    """Return the position of the street each stretch of the line lies on, -1 for none."""
    found = np.full(len(metric) - 1, -1, dtype=np.int64)
    if not len(tree):
        return found
    middles = shapely.points((metric[:-1] + metric[1:]) / 2)
    at, street = tree.query_nearest(middles, max_distance=_ON_STREET, all_matches=False)
    found[at] = street
    return found


def _vertices(xy: Floats) -> NDArray[np.complex128]:
    rounded = np.round(xy, _DIGITS) + 0.0
    return rounded[:, 0] + 1j * rounded[:, 1]


def _meeting(streets: gpd.GeoSeries) -> tuple[NDArray[np.complex128], NDArray[np.int64]]:
    """Count how many stretches of streets meet at each vertex: one at an end, two within."""
    shapes = streets.to_numpy()
    points = _vertices(shapely.get_coordinates(shapes))
    ends = np.cumsum(shapely.get_num_coordinates(shapes))
    stretches = np.full(len(points), 2, dtype=np.int64)
    stretches[ends[ends > 0] - 1] = 1
    stretches[ends[:-1][ends[:-1] < len(points)]] = 1
    stretches[:1] = 1
    places, place = np.unique(points, return_inverse=True)
    return places, np.bincount(place, weights=stretches, minlength=len(places)).astype(np.int64)


def _degrees(
    xy: Floats, meeting: tuple[NDArray[np.complex128], NDArray[np.int64]]
) -> NDArray[np.int64]:
    """Return how many stretches of streets meet at each vertex of the line."""
    places, stretches = meeting
    points = _vertices(xy)
    if not len(places):
        return np.zeros(len(points), dtype=np.int64)
    at = np.minimum(np.searchsorted(places, points), len(places) - 1)
    return np.where(places[at] == points, stretches[at], 0)


def _parts(  # noqa: PLR0913 - the line, seen from all sides
    metric: Floats,
    lengths: Floats,
    road: NDArray[np.int64],
    degree: NDArray[np.int64],
    known: _Streets,
    between: tuple[int, int],
    pace: float,
) -> tuple[list[Part], list[int]]:
    """Cut the line where streets meet or change; return the parts and where each begins."""
    cuts = [
        at
        for at in range(*between)
        if at == between[0] or degree[at] > 2 or road[at] != road[at - 1]
    ]
    parts = []
    for begin, end in zip(cuts, [*cuts[1:], between[1]], strict=True):
        street = int(road[begin])
        metres = float(lengths[begin:end].sum())
        parts.append(
            Part(
                edge=begin,
                name=known.names[street] if street >= 0 else None,
                highway=known.classes[street] if street >= 0 else "path",
                metres=metres,
                seconds=metres * pace,
                metric=metric[begin : end + 1],
                choice=bool(degree[begin] > 2),
            )
        )
    return parts, cuts


def _placed(
    steps: tuple[Step, ...], parts: list[Part], starts: list[int], xy: Floats
) -> list[Turn]:
    """Say where each step begins: the edges of a step are the vertices its parts start from."""
    placed: list[Turn] = []
    for step in steps:
        vertex = step.edges[0] if step.edges else len(xy) - 1
        if not step.edges and not parts:
            vertex = starts[0] if starts else 0
        placed.append(Turn(step, float(xy[vertex][0]), float(xy[vertex][1])))
    return _without_corners(placed)


def _without_corners(turns: list[Turn]) -> list[Turn]:
    """Join a step of a few metres between two streets to the one after it."""
    kept: list[Turn] = []
    for turn in turns:
        before = kept[-1] if kept else None
        joins = (
            before is not None
            and before.step.metres < _SHORT
            and before.step.turn != "depart"
            and turn.step.turn != "arrive"
        )
        if joins and before is not None:
            kept[-1] = Turn(_joined(before.step, turn.step), before.lon, before.lat)
        else:
            kept.append(turn)
    return kept


def _joined(first: Step, then: Step) -> Step:
    return Step(
        _sharper(first.turn, then.turn),
        then.name,
        then.highway,
        then.bearing,
        first.metres + then.metres,
        first.seconds + then.seconds,
        first.edges + then.edges,
    )


_STRENGTH = ("straight", "slight_left", "slight_right", "left", "right", "sharp_left")


def _sharper(one: str, other: str) -> str:
    rank = [_STRENGTH.index(each) if each in _STRENGTH else len(_STRENGTH) for each in (one, other)]
    return one if rank[0] >= rank[1] else other
