"""How much a part may weigh."""

import math
from dataclasses import dataclass

from geodata.balance import Flags, Floats
from geodata.errors import GeodataError


@dataclass(frozen=True)
class Limits:
    """Least and greatest weight of a part."""

    minimum: float
    maximum: float

    @property
    def target(self) -> float:
        """The middle of the range."""
        return (self.minimum + self.maximum) / 2

    @property
    def spread(self) -> float:
        """Half the range, at least a twentieth of its middle: a point has no slope."""
        return max((self.maximum - self.minimum) / 2, self.target / 20)

    def misses(self, weight: Floats) -> Flags:
        """Tell which weights are below or above the range."""
        return (weight < self.minimum) | (weight > self.maximum)


def limits_of(minimum: float, maximum: float) -> Limits:
    """Check the limits; GeodataError unless 0 < minimum <= maximum."""
    if not (math.isfinite(minimum) and math.isfinite(maximum) and 0 < minimum <= maximum):
        raise GeodataError(f"limits must be 0 < minimum <= maximum, got {minimum} and {maximum}")
    return Limits(float(minimum), float(maximum))
