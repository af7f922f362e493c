"""Streets that lead along a slide: which way the ground moves, and how far one walks with it.

Whoever is on ground that slides goes to its sides or uphill, never with it. A street in the hazard
leads along the slide, in the direction it is walked, where it points less than 45 degrees away
from the direction in which the ground moves: between 45 and 135 degrees it leads to a side, beyond
uphill. A stretch of street counts as leading along the slide if more than 10 metres of it do, or
more than half of it; so a bend in a street to the side does not close it.
"""

from dataclasses import dataclass

import numpy as np

from geodata.hazard_streets import Stretches, vertex_before
from geodata.street_graph import Bools, Floats, Ints, Pieces

HALF_ANGLE = 45.0
"""Degrees to either side of the slide's direction that count as along it."""

MOST_METRES, MOST_SHARE = 10.0, 0.5


@dataclass(frozen=True)
class Slides:
    """How far stretches lead along a slide; arrays over what they were asked for.

    Attributes
    ----------
    metres
        Array (..., 2): metres along the slide if walked ahead, and if walked back.
    along
        Likewise: whether that is so much that it counts as leading along the slide.
    """

    metres: Floats
    along: Bools


class SlideStreets:
    """Measures parts of pieces of street against the direction of a slide.

    Parameters
    ----------
    pieces
        The streets.
    bearing
        Degrees from grid north, clockwise, towards which the ground moves; None for no slide.
    """

    def __init__(self, pieces: Pieces, bearing: float | None) -> None:
        self._pieces = pieces
        self._steps = np.zeros((len(pieces.metric), 2))
        if bearing is None or len(pieces.metric) < 2:
            self._run = self._steps
            return
        step = np.diff(pieces.metric, axis=0)
        length = np.hypot(*step.T)
        length[pieces.offsets[1:-1] - 1] = 0.0  # from piece to piece is no street
        down = np.array([np.sin(np.radians(bearing)), np.cos(np.radians(bearing))])
        with_it = step @ down
        edge = np.cos(np.radians(HALF_ANGLE)) * length
        self._steps[:-1] = np.column_stack(
            [np.where(with_it > edge, length, 0.0), np.where(-with_it > edge, length, 0.0)]
        )
        self._run = np.zeros_like(self._steps)
        self._run[1:] = np.cumsum(self._steps[:-1], axis=0)

    def between(self, piece: Ints, low: Floats, high: Floats) -> Slides:
        """Measure the parts of pieces between two fractions."""
        if not len(self._pieces.road):
            return Slides(np.zeros((len(piece), 2)), np.zeros((len(piece), 2), dtype=bool))
        metres = np.maximum(self._to(piece, high) - self._to(piece, low), 0.0)
        long = ((high - low) * self._pieces.metres[piece])[:, None]
        return Slides(metres, metres > np.minimum(MOST_METRES, MOST_SHARE * long))

    def stretches(self, part: Stretches) -> Slides:
        """Measure the stretches in the hazard; the others lead along no slide."""
        found = self.between(part.piece, part.low, part.high)
        inside = part.inside[:, None]
        return Slides(np.where(inside, found.metres, 0.0), found.along & inside)

    def _to(self, piece: Ints, fraction: Floats) -> Floats:
        before, share = vertex_before(self._pieces, piece, fraction)
        there: Floats = self._run[before] + share[:, None] * self._steps[before]
        return there
