"""A flat piece of paper over a place: degrees in, pixels out, and what fits into it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

_LEAST_METRES = 260.0  # across: nearer a map shows nothing but walls
_ROUND = (20, 50, 100, 200, 500, 1000, 2000, 5000)


@dataclass(frozen=True)
class Paper:
    """A window on the map, north up, equal scale in both directions.

    Attributes
    ----------
    width, height
        In pixels.
    lon, lat
        The middle, in degrees.
    metres
        On the ground in one pixel.
    """

    width: int
    height: int
    lon: float
    lat: float
    metres: float

    def flat(self, shape: BaseGeometry) -> BaseGeometry:
        """Move a shape from degrees to pixels."""
        east, south = self._pixels()

        def move(xy: np.ndarray) -> np.ndarray:
            return np.column_stack(
                [
                    (xy[:, 0] - self.lon) * east + self.width / 2,
                    (xy[:, 1] - self.lat) * south + self.height / 2,
                ]
            )

        return shapely.transform(shape, move)

    def point(self, lon: float, lat: float) -> tuple[float, float]:
        """Move one point from degrees to pixels."""
        east, south = self._pixels()
        return (
            (lon - self.lon) * east + self.width / 2,
            (lat - self.lat) * south + self.height / 2,
        )

    @property
    def window(self) -> BaseGeometry:
        """Give the paper and a little around it, in pixels."""
        return shapely.box(-12, -12, self.width + 12, self.height + 12)

    @property
    def box(self) -> BaseGeometry:
        """Give the paper and a little around it, in degrees."""
        east, south = self._pixels()
        half_x, half_y = (self.width / 2 + 20) / east, (self.height / 2 + 20) / -south
        return shapely.box(
            self.lon - half_x, self.lat - half_y, self.lon + half_x, self.lat + half_y
        )

    @property
    def bar(self) -> tuple[int, float]:
        """Give the length of the scale bar: in metres, and in pixels (28 to 110)."""
        for metres in _ROUND:
            if metres / self.metres >= 40:
                return metres, metres / self.metres
        return _ROUND[-1], _ROUND[-1] / self.metres

    def _pixels(self) -> tuple[float, float]:
        east, north = _degree(self.lat)
        return east / self.metres, -north / self.metres


def paper(shapes: Iterable[BaseGeometry], width: int, height: int, edge: int = 34) -> Paper:
    """Choose the window in which shapes lie with a margin of `edge` pixels."""
    west, south, east, north = shapely.union_all([shape.envelope for shape in shapes]).bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    per_lon, per_lat = _degree(lat)
    metres = max(
        (east - west) * per_lon / (width - 2 * edge),
        (north - south) * per_lat / (height - 2 * edge),
        _LEAST_METRES / width,
    )
    return Paper(width, height, lon, lat, metres)


def _degree(lat: float) -> tuple[float, float]:
    """Give the metres of one degree of longitude and of latitude, on the ellipsoid."""
    phi = math.radians(lat)
    east = 111412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi)
    north = 111132.954 - 559.822 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
    return east, north
