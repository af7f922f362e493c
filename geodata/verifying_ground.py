"""The streets and places of a run file: what they cost, and whether they fit together."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.verifying_file import Table
from geodata.verifying_findings import Findings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_EXACT = 2.0**30
_TIME = 3e-9  # seconds: two roundings to 2**-30
GROUND = 1e-4
"""Metres between a place and what is said of it: more than a projection rounds."""

_NEVER, _OPEN, _CLOSED = 0, 1, 2
_NODES = 4  # for each street: two ends, and as many again where a barrier parts it from others


def exact(values: Floats) -> Floats:
    """Round to whole multiples of 2**-30, of which sums are exact."""
    rounded: Floats = np.round(values * _EXACT) / _EXACT
    return rounded


@dataclass(frozen=True)
class Ways:
    """Offers to nodes: where each leads and what it takes."""

    row: Ints
    node: Ints
    cost: Floats
    other: Floats


@dataclass(frozen=True)
class Arcs:
    """Streets in the direction in which ways grow from facilities."""

    tail: Ints
    head: Ints
    street: Ints
    cost: Floats
    other: Floats


class Ground:
    """The streets of a run file.

    Parameters
    ----------
    streets
        Table of streets whose structure is sound.
    walk_kmh
        Speed of straight legs.
    towards
        Whether ways lead to the facilities.
    band
        Number of the speed band, 0 for the one that counts.
    """

    def __init__(self, streets: Table, walk_kmh: float, towards: bool, band: int = 0) -> None:
        self.start, self.end = streets["from_node"], streets["to_node"]
        seconds = streets[f"seconds_{band}" if band else "seconds"]
        self.measures = {"seconds": seconds, "metres": streets["metres"]}
        self.forward, self.backward = streets["forward"], streets["backward"]
        self.walk = walk_kmh / 3.6
        self.towards = towards
        self.size = int(max(self.start.max(initial=-1), self.end.max(initial=-1))) + 1

    def usable(self, state: Ints, unclosed: bool) -> Bools:
        """Tell which streets are travelled; `unclosed`: as if nothing were closed."""
        used: Bools = (state == _OPEN) | ((state == _CLOSED) & unclosed)
        return used

    def pair(self, by: str) -> tuple[Floats, Floats]:
        """Return what streets cost in the measure and in the other one."""
        other = "metres" if by == "seconds" else "seconds"
        return self.measures[by], self.measures[other]

    def arcs(self, by: str, unclosed: bool = False) -> Arcs:
        """Return every street and direction of travel but rings, which lead nowhere."""
        cost, other = self.pair(by)
        along = self.usable(self.forward, unclosed) & (self.start != self.end)
        against = self.usable(self.backward, unclosed) & (self.start != self.end)
        if self.towards:
            along, against = against, along
        there, back = np.flatnonzero(along), np.flatnonzero(against)
        street = np.concatenate([there, back])
        tail = np.concatenate([self.start[there], self.end[back]])
        head = np.concatenate([self.end[there], self.start[back]])
        return Arcs(tail, head, street, cost[street], other[street])

    def leg(self, spots: Table, by: str) -> Floats:
        """Return what the straight legs of places cost."""
        metres: Floats = spots["leg"]
        return metres if by == "metres" else exact(metres / self.walk)

    def ways(
        self, spots: Table, by: str, of_facilities: bool, rows: Ints, unclosed: bool = False
    ) -> Ways:
        """Return the ways between places and the junctions at the ends of their streets.

        Ways grow from facilities to households unless they lead to the facilities: a place at
        which they begin is left, one at which they end is entered.
        """
        rows = rows[spots["street"][rows] >= 0]
        street, fraction = spots["street"][rows], spots["fraction"][rows]
        leaves = of_facilities != self.towards
        by_start = self.usable(self.backward if leaves else self.forward, unclosed)[street]
        by_end = self.usable(self.forward if leaves else self.backward, unclosed)[street]
        leg, leg_other = (self.leg(spots, one)[rows] for one in self._both(by))
        whole, whole_other = (one[street] for one in self.pair(by))
        parts = []
        for node, open_, share in (
            (self.start[street], by_start | spots["at_start"][rows], fraction),
            (self.end[street], by_end | spots["at_end"][rows], 1.0 - fraction),
        ):
            cost, other = leg + exact(share * whole), leg_other + exact(share * whole_other)
            parts.append((rows[open_], node[open_], cost[open_], other[open_]))
        return Ways(*(np.concatenate([part[k] for part in parts]) for k in range(4)))

    def along(
        self, homes: Table, rows: Ints, sites: Table, chosen: Ints, by: str, unclosed: bool = False
    ) -> tuple[Ints, Ints, Floats, Floats]:
        """Return ways between households and facilities on one street: rows, cost and other."""
        order = chosen[np.argsort(sites["street"][chosen], kind="stable")]
        streets = sites["street"][order]
        low = np.searchsorted(streets, homes["street"][rows], side="left")
        high = np.searchsorted(streets, homes["street"][rows], side="right")
        counts = np.where(homes["street"][rows] >= 0, high - low, 0)
        home = np.repeat(rows, counts)
        step = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        site = order[np.repeat(low, counts) + step]
        onward = homes["fraction"][home] - sites["fraction"][site]
        onward = -onward if self.towards else onward
        street = homes["street"][home]
        open_ = ((onward >= 0) & self.usable(self.forward, unclosed)[street]) | (
            (onward <= 0) & self.usable(self.backward, unclosed)[street]
        )
        home, site, street, share = home[open_], site[open_], street[open_], np.abs(onward[open_])
        costs = []
        for one, whole in zip(self._both(by), self.pair(by), strict=True):
            legs = self.leg(homes, one)[home] + self.leg(sites, one)[site]
            costs.append(exact(share * whole[street]) + legs)
        return home, site, costs[0], costs[1]

    def _both(self, by: str) -> tuple[str, str]:
        return (by, "metres" if by == "seconds" else "seconds")


def check_streets(findings: Findings, streets: Table, vertices: Table) -> bool:
    """Check that streets join, are as long as their lines and as fast as their speed.

    Returns
    -------
    sound
        Whether anything further can be checked.
    """
    name, size, before = "streets.csv", len(streets["from_node"]), len(findings.found)
    for column in ("from_node", "to_node"):
        wrong = (streets[column] < 0) | (streets[column] >= _NODES * size)
        findings.rows(name, np.flatnonzero(wrong), column, "no node has this number")
    for column in ("forward", "backward"):
        wrong = ~np.isin(streets[column], (_NEVER, _OPEN, _CLOSED))
        findings.rows(name, np.flatnonzero(wrong), column, "neither 0, 1 nor 2")
    ring = streets["from_node"] == streets["to_node"]
    bands = [column.removeprefix("seconds") for column in streets if column.startswith("seconds")]
    for column in ("metres", *(f"seconds{band}" for band in bands)):
        value = streets[column]
        wrong = ~np.isfinite(value) | (value < 0) | ((value == 0) & ~ring)
        findings.rows(name, np.flatnonzero(wrong), column, "not above zero")
    if any(f"kmh{band}" not in streets for band in bands):
        findings.add(name, None, "kmh", "there are seconds without a speed")
    of = vertices["street"]
    ordered = len(of) >= 2 * size and bool((np.diff(of) >= 0).all())
    ordered = ordered and (not len(of) or (of[0] >= 0 and of[-1] < size))
    if not ordered or (np.bincount(of, minlength=size) < 2).any():
        findings.add("vertices.csv", None, "street", "streets are out of order or lack a line")
    ground = np.isfinite(vertices["x"]) & np.isfinite(vertices["y"])
    findings.rows("vertices.csv", np.flatnonzero(~ground), "x", "not finite")
    if len(findings.found) > before:
        return False
    for band in bands:
        seconds = streets[f"seconds{band}"]
        with np.errstate(divide="ignore", invalid="ignore"):
            needed = streets["metres"] / (streets[f"kmh{band}"] / 3.6)
        wrong = np.abs(needed - seconds) > _TIME + 1e-12 * seconds
        wrong = (streets["metres"] > 0) & (wrong | ~np.isfinite(needed))
        findings.rows(name, np.flatnonzero(wrong), f"seconds{band}", "not the length at this speed")
    _check_lines(findings, streets, vertices)
    return True


def _check_lines(findings: Findings, streets: Table, vertices: Table) -> None:
    size, of = len(streets["from_node"]), vertices["street"]
    if not size:
        return
    x, y = vertices["x"], vertices["y"]
    step = np.hypot(np.diff(x, prepend=x[:1]), np.diff(y, prepend=y[:1]))
    first = np.flatnonzero(np.diff(of, prepend=-1))
    step[first] = 0.0
    length = np.add.reduceat(step, first)
    wrong = np.abs(length - streets["metres"]) > GROUND
    findings.rows("streets.csv", np.flatnonzero(wrong), "metres", "not the length of its line")
    last = np.append(first[1:], len(of)) - 1
    node = np.concatenate([streets["from_node"], streets["to_node"]])
    at = np.column_stack([x, y])[np.concatenate([first, last])]
    # where most of its streets end is where a node lies: of several ends the middle one
    order = np.lexsort((at[:, 0], node))
    seen, starts, counts = np.unique(node[order], return_index=True, return_counts=True)
    place = np.full((node.max() + 1, 2), np.nan)
    place[seen] = at[order[starts + counts // 2]]
    off = np.hypot(*(at - place[node]).T) > GROUND
    street = np.unique(np.flatnonzero(off) % size)
    findings.rows("streets.csv", street, "from_node", "does not end where its node lies")


def lines_of(streets: Table, vertices: Table) -> NDArray[np.object_]:
    """Return the lines of the streets."""
    if not len(streets["from_node"]):
        return np.array([], dtype=object)
    xy = np.column_stack([vertices["x"], vertices["y"]])
    return np.asarray(shapely.linestrings(xy, indices=vertices["street"]))
