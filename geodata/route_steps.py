"""Directions: what a route asks for one after the other, by street name, class and turn."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_STRAIGHT, _SLIGHT, _SHARP, _BACK = 20.0, 45.0, 135.0, 170.0


@dataclass(frozen=True)
class Step:
    """One direction.

    Attributes
    ----------
    turn
        `depart`, `straight`, `slight_left`, `left`, `sharp_left`, `slight_right`, `right`,
        `sharp_right`, `u_turn` or `arrive`.
    name
        Name of the street; None where it has none.
    highway
        Class of the street; None for the arrival.
    bearing
        Degrees clockwise from north in which the step sets out; the arrival has that of the
        last street.
    metres, seconds
        Length and time of the step. The departure contains the straight leg to the street, the
        arrival is the straight leg from it: the steps of a route add up to the route.
    edges
        Labels of the edges of the step.
    """

    turn: str
    name: str | None
    highway: str | None
    bearing: float
    metres: float
    seconds: float
    edges: tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """A street or a piece of it as travelled on a route.

    Attributes
    ----------
    edge
        Label of the edge; -1 for the first metre between a place and its junction where the
        street itself is closed or one-way.
    name, highway
        Name and class of the street.
    metres, seconds
        Length and time travelled on it.
    metric
        Float array (vertices, 2) in metres, in the direction of travel.
    choice
        Whether more than two streets meet where the part begins.
    """

    edge: int
    name: str | None
    highway: str
    metres: float
    seconds: float
    metric: NDArray[np.float64]
    choice: bool


def steps_of(
    parts: Sequence[Part], first_leg: tuple[float, float], last_leg: tuple[float, float]
) -> tuple[Step, ...]:
    """Join the parts of a route to steps.

    A new step begins where the street's name (or, without names, its class) changes, and where
    one turns at a junction. A bend where no other street leaves is no turn.

    Parameters
    ----------
    parts
        In order of travel; empty when both places meet their street at one point.
    first_leg, last_leg
        Metres and seconds of the straight legs.
    """
    groups: list[tuple[str, list[Part]]] = []
    for part in parts:
        turn = _turn(_change(groups[-1][1][-1], part)) if groups else "depart"
        if groups and _goes_on(groups[-1][1][-1], part, turn):
            groups[-1][1].append(part)
        else:
            groups.append((turn, [part]))
    steps = [_step(turn, group) for turn, group in groups]
    if not steps:
        steps = [Step("depart", None, None, 0.0, 0.0, 0.0, ())]
    first = steps[0]
    steps[0] = Step(
        first.turn,
        first.name,
        first.highway,
        first.bearing,
        first.metres + first_leg[0],
        first.seconds + first_leg[1],
        first.edges,
    )
    bearing = _bearing(parts[-1].metric, last=True) if parts else 0.0
    steps.append(Step("arrive", None, None, bearing, *last_leg, ()))
    return tuple(steps)


def _step(turn: str, parts: Sequence[Part]) -> Step:
    return Step(
        turn,
        parts[0].name,
        parts[0].highway,
        _bearing(parts[0].metric),
        sum(part.metres for part in parts),
        sum(part.seconds for part in parts),
        tuple(part.edge for part in parts if part.edge >= 0),
    )


def _goes_on(before: Part, after: Part, turn: str) -> bool:
    if before.name != after.name:
        return False
    if after.name is None and before.highway != after.highway:
        return False
    return not after.choice or turn in ("straight", "slight_left", "slight_right")


def _change(before: Part, after: Part) -> float:
    """Return the change of direction in degrees, right positive, within -180 and 180."""
    turned = _bearing(after.metric) - _bearing(before.metric, last=True)
    return (turned + 180.0) % 360.0 - 180.0


def _turn(change: float) -> str:
    size = abs(change)
    if size < _STRAIGHT:
        return "straight"
    if size > _BACK:
        return "u_turn"
    side = "right" if change > 0 else "left"
    if size < _SLIGHT:
        return f"slight_{side}"
    return f"sharp_{side}" if size > _SHARP else side


def _bearing(metric: NDArray[np.float64], last: bool = False) -> float:
    order = range(len(metric) - 1, 0, -1) if last else range(1, len(metric))
    for at in order:
        east, north = metric[at] - metric[at - 1]
        if east or north:
            return math.degrees(math.atan2(east, north)) % 360.0
    return 0.0
