"""The streets under the legs of ways: which one each lies on, and whether two of them meet."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

NOT_WALKED = {"motorway", "motorway_link"}
NOT_DRIVEN = {"footway", "path", "pedestrian", "steps", "cycleway"}
_HEEDS_ONEWAY = {"drive", "truck"}


class Streets:
    """Finds the segments of streets on which legs lie.

    Parameters
    ----------
    given
        `roads` and `profile` count.
    legs
        Array (legs, 4): both ends, in the direction travelled.
    tolerance
        Points nearer than this are one.
    """

    def __init__(self, given: Any, legs: Floats, tolerance: float) -> None:
        roads, self.tolerance = given.roads, tolerance
        not_used = NOT_WALKED if given.profile == "walk" else NOT_DRIVEN
        used = np.flatnonzero([kind not in not_used for kind in roads["highway"]])
        xy, owner = shapely.get_coordinates(roads.geometry.to_numpy()[used], return_index=True)
        same = owner[1:] == owner[:-1]
        self.ends = np.hstack([xy[:-1][same], xy[1:][same]])
        self.road = used[owner[1:][same]]
        self.size = len(legs)
        self._lay(given, legs)
        spans = _yes(roads, "bridge") | _yes(roads, "tunnel")
        ground = np.zeros(len(legs), dtype=bool)
        ground[self.leg[~spans[self.road[self.segment]]]] = True
        self.spans = self.found & ~ground

    @property
    def found(self) -> Bools:
        """Which legs lie on a street at all."""
        found = np.zeros(self.size, dtype=bool)
        found[self.leg] = True
        return found

    def _lay(self, given: Any, legs: Floats) -> None:
        """List (leg, segment) for every segment that a leg lies on and may be travelled so."""
        lines = np.asarray(shapely.linestrings(self.ends.reshape(-1, 2, 2)), dtype=object)
        start = np.asarray(shapely.points(legs[:, :2]), dtype=object)
        end = np.asarray(shapely.points(legs[:, 2:]), dtype=object)
        middle = np.asarray(shapely.points((legs[:, :2] + legs[:, 2:]) / 2), dtype=object)
        leg, segment = shapely.STRtree(lines).query(
            middle, predicate="dwithin", distance=self.tolerance
        )
        near = shapely.distance(start[leg], lines[segment]) <= self.tolerance
        near = near & (shapely.distance(end[leg], lines[segment]) <= self.tolerance)
        if given.profile in _HEEDS_ONEWAY and "oneway" in given.roads.columns:
            oneway = given.roads["oneway"].fillna(0).to_numpy(dtype=float)[self.road[segment]]
            step = legs[leg, 2:] - legs[leg, :2]
            street = self.ends[segment, 2:] - self.ends[segment, :2]
            near &= (step * street).sum(axis=1) * oneway >= 0
        order = np.lexsort((segment[near], leg[near]))
        self.leg, self.segment = leg[near][order], segment[near][order]
        self.first = np.searchsorted(self.leg, np.arange(self.size + 1))
        self.legs = legs

    def joined(self, before: Ints, after: Ints) -> Bools:
        """Tell which pairs of legs follow one another on one street or where streets meet."""
        pairs, number = np.unique(np.column_stack([before, after]), axis=0, return_inverse=True)
        found = np.array([self._joined(int(a), int(b)) for a, b in pairs], dtype=bool)
        return found[number.reshape(-1)]

    def _joined(self, before: int, after: int) -> bool:
        one = self.segment[self.first[before] : self.first[before + 1]]
        other = self.segment[self.first[after] : self.first[after + 1]]
        if np.isin(one, other).any():
            return True
        at = self.legs[before, 2:]
        return self._vertex(one, at) and self._vertex(other, at)

    def _vertex(self, segments: Ints, at: Floats) -> bool:
        """Tell whether any of the segments begins or ends at a point."""
        ends = self.ends[segments].reshape(-1, 2)
        return bool((np.hypot(*(ends - at).T) <= self.tolerance).any())


def _yes(roads: Any, name: str) -> Bools:
    if name not in roads.columns:
        return np.zeros(len(roads), dtype=bool)
    no = {"", "no", "false", "0", "0.0", "none", "nan", "<na>"}
    return np.array([str(value).strip().lower() not in no for value in roads[name]], dtype=bool)
