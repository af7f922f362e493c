"""What compiled searches work on: arrays of units, totals of parts, the price of a part."""

import math
from typing import NamedTuple

from geodata.balance import Floats, Ints
from geodata.compiled import compiled


class Ground(NamedTuple):
    """The arrays of a graph, the part of each unit, and what a border costs inside a part."""

    start: Ints
    unit: Ints
    neighbour: Ints
    shared: Floats
    weight: Floats
    area: Floats
    perimeter: Floats
    label: Ints
    toll: Floats


class Parts(NamedTuple):
    """Totals of the parts, kept in step with the labels."""

    weight: Floats
    area: Floats
    perimeter: Floats
    units: Ints
    cost: Floats


@compiled
def price(totals: tuple[float, float, float], goal: Floats) -> float:
    """Cost of a part with this weight, area and perimeter: `Goal.cost` for compiled loops."""
    weight, area, perimeter = totals
    compactness, target, spread, good, step, slope, tail, strictness = goal
    perimeter = max(perimeter, 1e-6)
    cost: float = compactness * (1.0 - 4.0 * math.pi * area / (perimeter * perimeter))
    beyond = (abs(weight - target) / spread - good) / (1.0 - good)
    if beyond > 0.0:
        cost += step * (min(slope * beyond, 1.0) + tail * beyond)
        if beyond > 1.0:
            cost += strictness * (0.3 + beyond - 1.0)
    return cost
