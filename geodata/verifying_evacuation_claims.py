"""What a plan says of how its people leave, as the independent checker reads it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Leaving:
    """How a plan says that people leave.

    Attributes
    ----------
    rows
        On households that are served: `shelter`, `wave`, `departs` (seconds), `travel`, `point`
        (number, missing for none), `walk` (seconds to it).
    points
        On numbers: `households`, `people`, `longest_seconds` and the Point, in the CRS of the
        households.
    ways
        On the same households their ways on foot, in that CRS.
    stops
        On households: `vehicle`, `tour` and `reason`; None where nobody is fetched.
    vehicles
        `seats` and `wheelchairs`.
    walk_seconds, most
        The longest walk to a point and the people at one; None where no points were asked for.
    interval_seconds, per_wave
        Between two waves, and the people in one; None where waves are not those that streets
        can take.
    settled
        Households that did not choose a wave.
    dangers
        Where other hazards are in force, in that CRS; None for nowhere.
    """

    rows: Any
    points: Any
    ways: Any
    stops: Any
    vehicles: Any
    walk_seconds: float | None
    most: float | None
    interval_seconds: float | None
    per_wave: float | None
    settled: frozenset[Any]
    dangers: Any = None
