"""Whether the places of a run file stand on the nearest streets that straight legs may reach.

No straight leg crosses a barrier, and no place stands on a street that is never travelled. That
streets end at barriers is taken from the table of streets: which of them are bridges or tunnels is
not in the file.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.verifying_file import Table
from geodata.verifying_findings import Findings
from geodata.verifying_ground import GROUND, Bools, Floats, Ints

_JUNCTION = 1.0  # metres within which a place stands on the junction
_FOOT = 2e-3  # metres: a leg may end on a barrier that is the street itself
_CHUNK = 20_000


class Streets:
    """The lines of the streets, and the barriers between them.

    Parameters
    ----------
    lines
        LineStrings of all streets.
    streets, barriers
        Their tables, sound.
    """

    def __init__(self, lines: NDArray[np.object_], streets: Table, barriers: Table) -> None:
        self.lines = lines
        # one that is never travelled crosses a barrier
        self.travelled: Bools = (streets["forward"] > 0) | (streets["backward"] > 0)
        self._rows = np.flatnonzero(self.travelled)
        self._tree = shapely.STRtree(lines[self._rows])
        xy = np.column_stack([barriers["x"], barriers["y"]])
        walls = np.array([], dtype=object)
        if len(xy):
            walls = np.asarray(shapely.linestrings(xy, indices=barriers["barrier"]))
        self._walls = shapely.STRtree(walls)

    def nearest(self, points: NDArray[np.object_], most: float) -> Floats:
        """Return how far the nearest street is, infinite beyond `most`."""
        near = np.full(len(points), np.inf)
        if len(self._rows):
            hit, distance = self._tree.query_nearest(
                points, max_distance=most, return_distance=True, all_matches=False
            )
            near[hit[0]] = distance
        return near

    def crossing(self, points: NDArray[np.object_], street: Ints, foot: float) -> Bools:
        """Tell which straight legs cross a barrier before they are `foot` metres from their end."""
        crosses = np.zeros(len(points), dtype=bool)
        if not len(self._walls) or not len(points):
            return crosses
        legs = shapely.shortest_line(points, self.lines[street])
        ends = shapely.get_coordinates(legs).reshape(-1, 2, 2)
        back = ends[:, 0] - ends[:, 1]
        length = np.hypot(*back.T)
        ends[:, 1] += back * np.where(length > 0, foot / np.maximum(length, foot), 0.0)[:, None]
        row, _ = self._walls.query(shapely.linestrings(ends), predicate="intersects")
        crosses[row] = True
        return crosses

    def nearer(self, points: NDArray[np.object_], than: Floats) -> Bools:
        """Tell from which points a street nearer than this is reached without a barrier between.

        A street that runs along the barrier is reached from both its sides, so a leg that meets
        one only at its very end is no excuse for a street farther away.
        """
        found = np.zeros(len(points), dtype=bool)
        for first in range(0, len(points), _CHUNK):
            rows = np.arange(first, min(first + _CHUNK, len(points)))
            rows = rows[than[rows] > 0]
            row, at = self._tree.query(points[rows], predicate="dwithin", distance=than[rows])
            row, street = rows[row], self._rows[at]
            free = ~self.crossing(points[row], street, 0.0)
            doubtful = np.flatnonzero(~free)
            doubtful = doubtful[~self.crossing(points[row[doubtful]], street[doubtful], _FOOT)]
            free[doubtful] = self._along(street[doubtful])
            found[row[free]] = True
        return found

    def _along(self, street: Ints) -> Bools:
        """Tell which streets run along a barrier."""
        along = np.zeros(len(street), dtype=bool)
        row, wall = self._walls.query(self.lines[street], predicate="intersects")
        walls = self._walls.geometries[wall]
        beside = shapely.relate_pattern(self.lines[street[row]], walls, "1********")
        along[row[beside]] = True
        return along


def check_barriers(findings: Findings, barriers: Table) -> bool:
    """Check that barriers are lines; tell whether anything further can be checked."""
    before, of = len(findings.found), barriers["barrier"]
    sound = np.isfinite(barriers["x"]) & np.isfinite(barriers["y"])
    findings.rows("barriers.csv", np.flatnonzero(~sound), "x", "not finite")
    if len(of):
        numbered = bool((np.diff(of) >= 0).all()) and of[0] == 0 and of[-1] < len(of)
        if not numbered or (np.bincount(of) < 2).any():
            findings.add("barriers.csv", None, "barrier", "barriers are out of order, or no line")
    return len(findings.found) == before


def check_spots(findings: Findings, name: str, spots: Table, streets: Streets, most: float) -> bool:
    """Check that every place stands where it is said to, on the nearest street.

    Returns
    -------
    sound
        Whether anything further can be checked.
    """
    street, fraction, leg = spots["street"], spots["fraction"], spots["leg"]
    before = len(findings.found)
    wrong = (street < -1) | (street >= len(streets.lines))
    findings.rows(name, np.flatnonzero(wrong), "street", "no such street")
    on = (street >= 0) & ~wrong
    wrong = on & ~((fraction >= 0) & (fraction <= 1))
    findings.rows(name, np.flatnonzero(wrong), "fraction", "not from 0 to 1")
    wrong = on & ~((leg >= 0) & (leg <= most + GROUND))
    findings.rows(name, np.flatnonzero(wrong), "leg", "not from zero to the farthest allowed")
    xy = np.column_stack([spots["x"], spots["y"]])
    there = np.isfinite(xy).all(axis=1)
    findings.rows(name, np.flatnonzero(on & ~there), "x", "no place, but a street")
    if len(findings.found) > before:
        return False
    _check_nearest(findings, name, spots, streets, most)
    rows = np.flatnonzero(on)
    if len(rows):
        _check_feet(findings, name, spots, streets, rows)
    return True


def _check_nearest(
    findings: Findings, name: str, spots: Table, streets: Streets, most: float
) -> None:
    """Check that no street is nearer, but those beyond a barrier."""
    xy = np.column_stack([spots["x"], spots["y"]])
    rows = np.flatnonzero(np.isfinite(xy).all(axis=1))
    points = np.asarray(shapely.points(xy[rows]))
    on = spots["street"][rows] >= 0
    said = np.where(on, spots["leg"][rows], most)
    closer = np.flatnonzero(streets.nearest(points, most) < said - GROUND)
    closer = closer[streets.nearer(points[closer], said[closer] - GROUND)]
    findings.rows(name, rows[closer[on[closer]]], "street", "another is nearer")
    findings.rows(name, rows[closer[~on[closer]]], "street", "a street is near enough")
    of = spots["street"][rows[on]]
    away = streets.crossing(points[on], of, _FOOT)
    findings.rows(name, rows[on][away], "street", "the straight leg crosses a barrier")
    findings.rows(name, rows[on][~streets.travelled[of]], "street", "never travelled")


def _check_feet(findings: Findings, name: str, spots: Table, streets: Streets, rows: Ints) -> None:
    """Check where on its street each place stands, and whether on a junction."""
    xy = np.column_stack([spots["x"], spots["y"]])[rows]
    of, fraction = streets.lines[spots["street"][rows]], spots["fraction"][rows]
    foot = shapely.line_interpolate_point(of, fraction, normalized=True)
    off = np.hypot(shapely.get_x(foot) - xy[:, 0], shapely.get_y(foot) - xy[:, 1])
    wrong = np.abs(off - spots["leg"][rows]) > GROUND
    findings.rows(name, rows[wrong], "leg", "not where its place is")
    length = shapely.length(of)
    for column, share, end in (
        ("at_start", fraction, shapely.get_point(of, 0)),
        ("at_end", 1.0 - fraction, shapely.get_point(of, -1)),
    ):
        away = np.hypot(shapely.get_x(end) - xy[:, 0], shapely.get_y(end) - xy[:, 1])
        apart = np.minimum(share * length, away)
        wrong = (apart <= _JUNCTION) != spots[column][rows]
        wrong &= np.abs(apart - _JUNCTION) > GROUND
        findings.rows(name, rows[wrong], column, "not as near to the junction as that")
