"""The edges that households follow on their ways out, laid end to end: what a flow runs over."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import evacuation_case
from geodata.errors import Fault, GeodataError
from geodata.escape import Escape, Ways
from geodata.evacuation_case import Case
from geodata.evacuation_inputs import Areas
from geodata.evacuation_options import Options
from geodata.network import Network
from geodata.ragged import offsets, ranges
from geodata.street_graph import Bools, Floats, Ints


@dataclass(frozen=True)
class Followed:
    """The ways of households as edges of the network.

    Attributes
    ----------
    index
        Labels of the households.
    offsets
        Where the edges of each household start, and the total at the end.
    edge
        Edge labels in the order travelled, all households laid end to end.
    before
        Seconds from the door to where each edge is entered.
    seconds
        Seconds of each household from door to door; infinite without a way.
    scale
        How many times as long as the streets say each household travels.
    """

    index: pd.Index
    offsets: Ints
    edge: Ints
    before: Floats
    seconds: Floats
    scale: Floats

    def __len__(self) -> int:
        """Return the number of households."""
        return len(self.index)

    def taken(self, rows: Ints) -> "Followed":
        """Return the households at these positions."""
        counts = np.diff(self.offsets)[rows]
        at = ranges(self.offsets[rows], counts)
        return Followed(
            self.index.take(rows),
            offsets(counts),
            self.edge[at],
            self.before[at],
            self.seconds[rows],
            self.scale[rows],
        )

    def slowed(self, times: Floats) -> "Followed":
        """Return the same ways travelled this many times as long, by household."""
        owner = np.repeat(np.arange(len(self)), np.diff(self.offsets))
        return replace(
            self,
            before=self.before * times[owner],
            seconds=self.seconds * times,
            scale=self.scale * times,
        )

    def taking(self, seconds: "pd.Series[float]") -> "Followed":
        """Return the same ways travelled in these seconds from door to door (slow walkers).

        Raises
        ------
        GeodataError
            Names households with a way and without a time above 0.
        """
        wanted = seconds.reindex(self.index).to_numpy(dtype=float, na_value=np.nan)
        there = np.isfinite(self.seconds)
        with np.errstate(invalid="ignore"):
            odd = np.flatnonzero(there & ~((wanted > 0) & np.isfinite(wanted)))
        if len(odd):
            raise GeodataError(
                Fault("not a time above 0", self.index[int(row)], "seconds") for row in odd
            )
        times = np.ones(len(self))
        times[there] = wanted[there] / self.seconds[there]
        return self.slowed(times)


def followed(case: Case, households: Ints, shelters: Ints) -> Followed:
    """List the edges of ways that an evacuation may take.

    Parameters
    ----------
    case
        The evacuation.
    households, shelters
        Positions, as many of one as of the other. A pair without a way has no edges.
    """
    escape, ways = case.escape, case.ways
    rows, shelters = np.asarray(households, dtype=np.intp), np.asarray(shelters, dtype=np.intp)
    starts = escape.starts(escape.network.opened)
    leave = ways.leave[rows, shelters].astype(np.intp)
    found = leave >= 0
    end = np.maximum(leave, 0)
    own = np.where(_at_junction(escape, rows, end), -1, _own(escape, rows, end))
    legs = escape.households.leg_seconds[rows]
    reached = starts.seconds[rows, end]
    tails, first = _Tails(escape, ways), ways.step[rows, shelters]
    edges, before, counts = [], [], np.zeros(len(rows), dtype=np.intp)
    for row in np.flatnonzero(found):
        labels, entered = tails.after(int(first[row]))
        entered = entered + reached[row]
        if own[row] >= 0:  # else it stands on a junction and leaves by another street
            rest = 1 if len(labels) and labels[0] == own[row] else 0
            labels = np.concatenate([own[row : row + 1], labels[rest:]])
            entered = np.concatenate([legs[row : row + 1], entered[rest:]])
        edges.append(labels)
        before.append(entered)
        counts[row] = len(labels)
    scale = _longer(case)[rows]
    return Followed(
        case.households.index.take(rows),
        offsets(counts),
        np.concatenate(edges) if edges else np.array([], dtype=np.intp),
        np.concatenate(before) * np.repeat(scale, counts) if before else np.array([]),
        np.where(found, ways.seconds[rows, shelters], np.inf),
        scale,
    )


def followed_to(
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    hazard: Areas,
    shelter: "pd.Series[int]",
    blocked: Areas | None = None,
    options: Options = Options(),  # noqa: B008  frozen, so it may be shared
    water: Areas | None = None,
) -> Followed:
    """List the edges of the ways to shelters already assigned.

    Parameters
    ----------
    network, households, shelters, hazard, blocked, options, water
        As for `evacuation.draft`.
    shelter
        Label of a shelter for each household, on labels of affected households.

    Raises
    ------
    GeodataError
        Names households that are not affected and shelters that do not exist.
    """
    case = evacuation_case.read(network, households, shelters, hazard, blocked, options, water)
    rows = case.households.index.get_indexer(shelter.index)
    columns = shelters.index.get_indexer(pd.Index(shelter))
    faults = [Fault("not an affected household", row) for row in shelter.index[rows < 0]]
    faults += [
        Fault(f"no such shelter: {shelter.loc[row]}", row, "shelter")
        for row in shelter.index[columns < 0]
    ]
    if faults:
        raise GeodataError(faults)
    return followed(case, rows, columns)


def _longer(case: Case) -> Floats:
    """Say how many times as long as the streets say each household takes on foot."""
    profile = case.escape.network.profile
    if not profile.on_foot or "walk_kmh" not in case.households:
        return np.ones(len(case.households))
    kmh = case.households["walk_kmh"].to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(kmh), 1.0, profile.other_kmh / kmh)


class _Tails:
    """The ways from states to shelters; ways that join share what follows."""

    def __init__(self, escape: Escape, ways: Ways) -> None:
        self._ways = ways
        self._travelled = escape.length[0]
        self._escape = escape
        self._known: dict[int, tuple[Ints, Floats]] = {}

    def after(self, step: int) -> tuple[Ints, Floats]:
        """Return the edges from a step to the shelter, and the seconds at which each is entered."""
        if step not in self._known:
            self._known[step] = self._walked(step)
        return self._known[step]

    def _walked(self, step: int) -> tuple[Ints, Floats]:
        via = self._ways.steps(step)
        along = via[via >= 0]
        labels = _labels(self._escape, along)
        taken = self._travelled[along // 2]
        entered = np.cumsum(taken) - taken
        new = np.ones(len(labels), dtype=bool)  # an edge that a border cuts is one edge
        new[1:] = labels[1:] != labels[:-1]
        return labels[new], entered[new]


def _own(escape: Escape, rows: Ints, end: Ints) -> Ints:
    """Return the edge on which each household reaches an end of its stretch."""
    return _labels(escape, 2 * escape.home_stretch[rows] + (end == 0))


def _at_junction(escape: Escape, rows: Ints, end: Ints) -> Bools:
    """Tell who stands on the junction at that end, and passes no part of its own street."""
    pieces, part, homes = escape.network.pieces, escape.stretches, escape.households
    if not len(pieces.road):
        return np.zeros(len(rows), dtype=bool)
    stretch = escape.home_stretch[rows]
    piece = np.where(homes.snapped, homes.piece, 0)[rows]
    at_start = homes.at_start[rows] & (part.start[stretch] == pieces.start[piece])
    at_end = homes.at_end[rows] & (part.end[stretch] == pieces.end[piece])
    found: Bools = np.where(end == 0, at_start, at_end)
    return found


def _labels(escape: Escape, steps: Ints) -> Ints:
    """Return the edge of each step, 2 x stretch along it, 2 x stretch + 1 against it."""
    pieces = escape.network.pieces
    if not len(pieces.road):
        return np.full(len(steps), -1, dtype=np.intp)
    piece = escape.stretches.piece[steps // 2]
    found: Ints = np.where(steps % 2 == 1, pieces.backward[piece], pieces.forward[piece])
    return found
