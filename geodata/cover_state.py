"""What is kept of a coverage so that it can be mended; see `cover_update`."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geodata.arc_lists import Arcs, Lists
from geodata.closest import Closest
from geodata.cover_labels import Labels
from geodata.cover_sites import Sites
from geodata.coverage import REASONS, Standard, framed
from geodata.network import Network
from geodata.snapping import Places
from geodata.street_graph import Bools, Floats, Ints

Codes = np.ndarray[tuple[int, ...], np.dtype[np.int8]]


@dataclass(frozen=True)
class Homes:
    """Households and where they are.

    Attributes
    ----------
    index
        Their labels.
    places
        Where they meet the streets.
    people
        How many live in each, if the standard has a capacity.
    on, at
        Households by street, and by the junctions their streets end at.
    """

    index: pd.Index
    places: Places
    people: Floats
    on: Lists
    at: Lists


@dataclass(frozen=True)
class Answers:
    """What is known of each household.

    Attributes
    ----------
    near
        The nearest facilities, be there room or not.
    found
        The facilities that count; the same as `near` without a capacity.
    why
        Positions in `REASONS`; one more is covered.
    """

    near: Closest
    found: Closest
    why: Codes

    @property
    def covered(self) -> Bools:
        """Whether each household is covered."""
        covered: Bools = self.why == len(REASONS)
        return covered


@dataclass(frozen=True)
class State:
    """A coverage with all that is needed to mend it.

    Attributes
    ----------
    network, standard
        What it was measured on and with.
    arcs
        All edges of the network, those that are closed too.
    homes, sites
        Households and facilities.
    usable, shut, whole
        The nearest open facilities of every junction; the nearest of those that are not open;
        and the nearest of all as if nothing were closed.
    answers
        For each household.
    """

    network: Network
    standard: Standard
    arcs: Arcs
    homes: Homes
    sites: Sites
    usable: Labels
    shut: Labels
    whole: Labels
    answers: Answers

    def frame(self, rows: Ints | None = None) -> pd.DataFrame:
        """Return what `coverage.cover` gives, of all households or of those in these rows."""
        at = slice(None) if rows is None else rows
        found, why = self.answers.found, self.answers.why[at]
        taken = Closest(found.site[at], found.seconds[at], found.metres[at])
        covered = why == len(REASONS)
        # where all are closed there are no names, as when there are none
        names = self.sites.labels[: len(self.sites.labels) * bool(self.sites.usable.any())]
        frame = framed(taken, self.standard, names, covered, why.astype(np.intp))
        frame.index = self.homes.index[at]
        frame.attrs["unsnapped_facilities"] = self.sites.unsnapped
        return frame


@dataclass(frozen=True)
class Changes:
    """What an update has changed; rows of households, rising.

    Attributes
    ----------
    changed
        Whose answer differs in anything.
    lost, gained
        Covered before and not now; covered now and not before.
    moved
        Covered before and now, by another facility.
    """

    changed: Ints
    lost: Ints
    gained: Ints
    moved: Ints
