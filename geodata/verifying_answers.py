"""Whether the rows of a run file follow from its streets, places and labels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.verifying_file import Table
from geodata.verifying_findings import Findings
from geodata.verifying_ground import Bools, Floats, Ground, Ints
from geodata.verifying_labels import FAR, Nearest

BANDS = ("always", "sometimes", "never")
"""Covered in all speed bands, in some but not all, in none."""


@dataclass(frozen=True)
class Found:
    """Ways between households and facilities: arrays of one length."""

    home: Ints
    site: Ints
    cost: Floats
    other: Floats

    def sorted(self) -> "Found":
        """Return them by household, from near to far, the earlier facility of a tie first."""
        return self.taken(np.lexsort((self.site, self.cost, self.home)))

    def taken(self, rows: Ints | Bools) -> "Found":
        """Return some of them."""
        return Found(self.home[rows], self.site[rows], self.cost[rows], self.other[rows])


def ways_to_homes(  # noqa: PLR0913 - whose ways, over what
    ground: Ground,
    homes: Table,
    rows: Ints,
    sites: Table,
    chosen: Ints,
    held: Nearest,
    by: str,
    unclosed: bool = False,
) -> Found:
    """Return the ways to households through labelled nodes and along their own streets."""
    ways = ground.ways(homes, by, False, rows, unclosed)
    parts = [ground.along(homes, rows, sites, chosen, by, unclosed)]
    for rank in (0, 1):
        site = held.facility[ways.node, rank]
        there = site != FAR
        cost = held.cost[ways.node, rank][there] + ways.cost[there]
        other = held.other[ways.node, rank][there] + ways.other[there]
        parts.append((ways.row[there], site[there], cost, other))
    return Found(*(np.concatenate([part[k] for part in parts]) for k in range(4)))


@dataclass(frozen=True)
class Two:
    """The nearest facility of every household and the nearest one of another crew; -1 none."""

    site: Ints
    cost: Floats


def two(found: Found, count: int, crew: Ints) -> Two:
    """Choose among sorted ways."""
    site = np.full((count, 2), -1, dtype=np.int64)
    cost = np.full((count, 2), np.inf)
    first = np.flatnonzero(np.diff(found.home, prepend=-1))
    site[found.home[first], 0], cost[found.home[first], 0] = found.site[first], found.cost[first]
    differs = np.flatnonzero(crew[found.site] != crew[site[found.home, 0]])
    second = differs[np.flatnonzero(np.diff(found.home[differs], prepend=-1))]
    site[found.home[second], 1], cost[found.home[second], 1] = (
        found.site[second],
        found.cost[second],
    )
    return Two(site, cost)


class Rows:
    """The rows of an answer, compared with what they have to be.

    Parameters
    ----------
    findings
        Where differences go.
    homes, sites
        Tables of households and facilities.
    by
        The measure of the standard.
    limit
        Its limit.
    single
        Whether numbers were rounded to single precision.
    """

    name = "households.csv"

    def __init__(  # noqa: PLR0913 - what rows are compared with
        self, findings: Findings, homes: Table, sites: Table, by: str, limit: float, single: bool
    ) -> None:
        self.findings, self.homes, self.by, self.limit = findings, homes, by, limit
        self.labels = np.append(sites["label"].astype(object), "")
        self.single = single
        self.others = {"seconds": "metres", "metres": "seconds"}[by]

    def same(self, said: Floats, right: Floats) -> Bools:
        """Tell which numbers agree; infinite may have been stored as missing."""
        if self.single:
            with np.errstate(over="ignore"):
                said = said.astype(np.float32).astype(np.float64)
                right = right.astype(np.float32).astype(np.float64)
        agree: Bools = (said == right) | (np.isnan(said) & ~np.isfinite(right))
        return agree

    def differ(self, wrong: Bools, column: str, message: str) -> None:
        """Name the rows that are wrong."""
        self.findings.rows(self.name, np.flatnonzero(wrong), column, message)

    def check_facility(self, column: str, site: Ints, message: str) -> None:
        """Compare the facility a row names; -1 is none."""
        if column in self.homes:
            self.differ(self.homes[column] != self.labels[site], column, message)

    def check_numbers(self, prefix: str, site: Ints, cost: Floats, found: Found) -> None:
        """Compare what the way to a facility takes: the measure, and the other along such a way."""
        column, beside = prefix + self.by, prefix + self.others
        if column in self.homes:
            right = self.same(self.homes[column], cost)
            self.differ(~right, column, "not what the way comes to")
        if beside not in self.homes:
            return
        said = self.homes[beside]
        known = (found.site == site[found.home]) & (found.cost == cost[found.home])
        home = found.home[known]
        agree = np.zeros(len(site), dtype=bool)
        agree[home[self.same(said[home], found.other[known])]] = True
        agree |= (site < 0) & self.same(said, np.full(len(said), np.inf))
        self.differ(~agree, beside, "not what the way comes to")

    def check_slack(self, cost: Floats) -> None:
        """Compare what is left of the limit."""
        if "slack" not in self.homes:
            return
        with np.errstate(invalid="ignore"):
            left = np.where(np.isfinite(cost), self.limit - cost, np.nan)
        said = self.homes["slack"]
        right = self.same(said, left) | (np.isnan(said) & np.isnan(left))
        self.differ(~right, "slack", "not what is left of the limit")

    def check_reasons(self, covered: Bools, right: NDArray[np.object_]) -> None:
        """Compare whether a row is covered, and why not."""
        message = "within the limit" if not covered.all() else "not as the way says"
        self.differ(self.homes["covered"] & ~covered, "covered", "nobody reaches it as required")
        self.differ(~self.homes["covered"] & covered, "covered", message)
        wrong = self.homes["reason"] != right
        for reason in np.unique(right[wrong].astype(str)):
            rows = wrong & (right == reason)
            self.differ(rows, "reason", f"should be {reason}" if reason else "is covered")

    def check_bands(self, inside: Bools) -> None:
        """Compare how often a row is covered; `inside` has a column for each speed band."""
        if "band" not in self.homes:
            return
        rank = np.where(inside.all(axis=1), 0, np.where(inside.any(axis=1), 1, 2))
        right = np.array(BANDS, dtype=object)[rank]
        for name in BANDS:
            wrong = (right == name) & (self.homes["band"] != name)
            self.differ(wrong, "band", f"should be {name}")
