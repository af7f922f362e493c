"""Directions along a line that was drawn before: which streets it follows, where it turns."""

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
    xy = shapely.get_coordinates(line)
    placed = gpd.GeoSeries([line], crs=roads.crs)
    flat = metric_crs(placed)
    metric = shapely.get_coordinates(placed.to_crs(flat).iloc[0])
    lengths = np.hypot(*np.diff(metric, axis=0).T)
    if not len(lengths) or not lengths.sum() > 0:
        raise GeodataError("a way without length has no directions")
    pace = seconds / float(lengths.sum())
    road = _roads_under(metric, roads.geometry.to_crs(flat))
    first = 1 if len(lengths) > 1 and road[0] < 0 else 0
    last = len(lengths) - 1 if len(lengths) > first + 1 and road[-1] < 0 else len(lengths)
    parts, starts = _parts(metric, lengths, road, _degrees(xy, roads), roads, (first, last), pace)
    legs = [float(lengths[:first].sum()), float(lengths[last:].sum())]
    steps = steps_of(parts, *((leg, leg * pace) for leg in legs))
    return _placed(steps, parts, starts, xy)


def _roads_under(metric: Floats, roads: gpd.GeoSeries) -> NDArray[np.int64]:
    """Return the position of the street each stretch of the line lies on, -1 for none."""
    found = np.full(len(metric) - 1, -1, dtype=np.int64)
    if not len(roads):
        return found
    tree = shapely.STRtree(roads.to_numpy())
    middles = shapely.points((metric[:-1] + metric[1:]) / 2)
    at, street = tree.query_nearest(middles, max_distance=_ON_STREET, all_matches=False)
    found[at] = street
    return found


def _degrees(xy: Floats, roads: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return how many stretches of streets meet at each vertex of the line."""
    meeting: dict[tuple[float, float], int] = {}
    for shape in roads.geometry:
        points = np.round(shapely.get_coordinates(shape), _DIGITS)
        for number, point in enumerate(map(tuple, points.tolist())):
            ends = 1 if number in (0, len(points) - 1) else 2
            meeting[point] = meeting.get(point, 0) + ends
    return np.array([meeting.get(tuple(p), 0) for p in np.round(xy, _DIGITS).tolist()])


def _parts(  # noqa: PLR0913 - the line, seen from all sides
    metric: Floats,
    lengths: Floats,
    road: NDArray[np.int64],
    degree: NDArray[np.int64],
    roads: gpd.GeoDataFrame,
    between: tuple[int, int],
    pace: float,
) -> tuple[list[Part], list[int]]:
    """Cut the line where streets meet or change; return the parts and where each begins."""
    names = roads["name"].to_numpy(dtype=object) if "name" in roads else None
    classes = roads["highway"].to_numpy(dtype=object)
    cuts = [
        at
        for at in range(*between)
        if at == between[0] or degree[at] > 2 or road[at] != road[at - 1]
    ]
    parts = []
    for begin, end in zip(cuts, [*cuts[1:], between[1]], strict=True):
        street = int(road[begin])
        name = names[street] if names is not None and street >= 0 else None
        metres = float(lengths[begin:end].sum())
        parts.append(
            Part(
                edge=begin,
                name=name if isinstance(name, str) and name.strip() else None,
                highway=str(classes[street]) if street >= 0 else "path",
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
