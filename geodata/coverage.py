"""Who is reached, by whom, how fast, and why not: household by household, on the network.

Areas drawn around a facility contain places it cannot reach in time, so none are used here.
"""

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.capacity import assigned
from geodata.closest import Closest, closest, least, reachable, within
from geodata.closures import Areas
from geodata.coverage_reading import (
    check_labels,
    crews,
    label_order,
    labelled,
    opened,
    people,
    placed,
    room,
)
from geodata.errors import Fault, GeodataError
from geodata.network import Network
from geodata.snapping import Places
from geodata.street_arcs import By
from geodata.street_graph import Bools, Floats, Ints

Direction = Literal["to_household", "to_facility"]

REASONS = ("too_far", "no_road", "cut_off", "full", "closed", "not_snapped")
"""Why a household is not covered."""


_WHY = pd.array([*REASONS, pd.NA], dtype="string")


@dataclass(frozen=True)
class Standard:
    """What counts as covered.

    Attributes
    ----------
    key
        Name of the standard.
    profile
        Key of the profile it is measured with.
    limit
        Seconds or metres up to which, and including which, a household is covered.
    by
        `seconds`: the fastest way counts; `metres`: the shortest way counts.
    direction
        `to_household` (a fire engine comes) or `to_facility` (people go to a shelter).
    capacity
        Whether facilities take in only so many people.
    kinds
        Kinds of facility that count; `cover` takes the facilities it is given, so this is for
        whoever chooses them.
    max_metres
        Farther from a street than this a household or facility is not on the network.
    """

    key: str
    profile: str
    limit: float
    by: By = "seconds"
    direction: Direction = "to_household"
    capacity: bool = False
    kinds: tuple[str, ...] = ()
    max_metres: float = 200.0

    def __post_init__(self) -> None:
        """Refuse what cannot be measured."""
        faults = []
        if not self.max_metres >= 0:
            faults.append(Fault("the distance is not zero or more", None, "max_metres"))
        if not (np.isfinite(self.limit) and self.limit >= 0):
            faults.append(Fault("the limit is not zero or more", None, "limit"))
        if self.by not in ("seconds", "metres"):
            faults.append(Fault(f"{self.by!r} is neither seconds nor metres", None, "by"))
        if self.direction not in ("to_household", "to_facility"):
            what = f"{self.direction!r} is neither to_household nor to_facility"
            faults.append(Fault(what, None, "direction"))
        if faults:
            raise GeodataError(faults)


def cover(
    network: Network,
    households: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    standard: Standard,
    barriers: Areas | None = None,
    homes: Places | None = None,
) -> pd.DataFrame:
    """Tell for every household whether a facility reaches it within the standard.

    Parameters
    ----------
    network
        Of the standard's profile, perhaps with areas closed.
    households
        Points in any declared CRS, or a table without where `homes` is given; with a capacity,
        `people` (1 each where the column is missing). A missing point is not snapped.
    facilities
        Points in any declared CRS with unique labels; `open` (bool, missing is open) and
        `crew` (label; missing is a crew of its own) where known; with a capacity,
        `capacity` (people; missing is without limit). One that is not within `max_metres` of
        a street serves nobody and is listed in ``attrs["unsnapped_facilities"]``.
    standard
        What counts as covered.
    barriers
        Lines crossed only over bridges and through tunnels, by ways and by straight legs; see
        `Network.barred`, which is best called once where many questions follow.
    homes
        What ``network.places(households, standard.max_metres, barriers)`` returned, where it
        is known already.

    Returns
    -------
    frame
        On the index of `households`: `covered` (bool), `facility` and `second_facility` (labels,
        `<NA>` where there is none), `seconds`, `metres`, `second_seconds`, `second_metres` (of
        the same ways, straight legs included; infinite where there is none), `slack` (limit
        less the way to `facility`, in the standard's measure: below zero is too far; NaN
        where there is no way) and `reason` (`<NA>` if covered).

        `facility` is the nearest open facility by the standard's measure, even if it is too
        far or full; with a capacity it is the one assigned to a covered household.
        `second_facility` is the nearest open one of another crew: who comes while the first
        is out. Of equally near ones the lower label comes first.

        Reasons, the first that applies: `not_snapped` (no street near the household), `full`
        (facilities within the limit have no room), `closed` (one that is not open is within
        the limit, or is all that can be reached), `too_far` (an open one can be reached, but
        not within the limit), `cut_off` (only without the closures would there be a way),
        `no_road` (no way at all).

        With a capacity whole households are assigned: each goes to the nearest facility
        that still has room for it, and a facility prefers nearer households, then those that
        come first; see `capacity.assigned`.

    Raises
    ------
    GeodataError
        If the standard's profile is not the network's, labels of facilities repeat, or people,
        capacity or open cannot be read; names every row.
    """
    if standard.profile != network.profile.key:
        raise GeodataError(
            f"standard {standard.key!r} is for {standard.profile!r}, "
            f"the network for {network.profile.key!r}"
        )
    check_labels(facilities)
    network = network.barred(barriers)
    homes = placed(network, households, standard.max_metres, homes)
    # sites in the order of their labels, so that ties go to the lower label
    order = label_order(facilities.index)
    sites = network.places(facilities, standard.max_metres).taken(order)
    usable = opened(facilities)[order]
    chosen = np.flatnonzero(usable)
    crew = crews(facilities)[order][chosen]
    towards = standard.direction == "to_facility"
    found = closest(network, homes, sites.taken(chosen), towards, standard.by, crew)
    value = found.value(standard.by)[:, 0]
    covered, full = value <= standard.limit, np.zeros(len(homes), dtype=bool)
    if standard.capacity:
        found, housed = put_first(
            network,
            homes,
            sites.taken(chosen),
            standard,
            found,
            crew,
            people(households),
            room(facilities)[order][chosen],
        )
        covered, full = covered & housed, covered & ~housed
    why = _reasons(network, homes, sites, usable, standard, value)
    why[full], why[covered] = REASONS.index("full"), len(REASONS)
    frame = framed(found, standard, facilities.index[order[chosen]], covered, why)
    frame.index = households.index
    frame.attrs["unsnapped_facilities"] = list(facilities.index[np.sort(order[~sites.snapped])])
    return frame


def framed(
    found: Closest, standard: Standard, names: pd.Index, covered: Bools, why: Ints
) -> pd.DataFrame:
    """Put the columns of an answer together; `why` are positions in `REASONS`."""
    value = found.value(standard.by)[:, 0]
    return pd.DataFrame(
        {
            "covered": covered,
            "facility": labelled(names, found.site[:, 0]),
            "seconds": found.seconds[:, 0],
            "metres": found.metres[:, 0],
            "slack": standard.limit - np.where(np.isfinite(value), value, np.nan),
            "second_facility": labelled(names, found.site[:, 1]),
            "second_seconds": found.seconds[:, 1],
            "second_metres": found.metres[:, 1],
            "reason": _WHY.take(why),
        }
    )


def put_first(
    network: Network,
    homes: Places,
    sites: Places,
    standard: Standard,
    found: Closest,
    crew: Ints,
    people: Floats,
    room: Floats,
) -> tuple[Closest, Bools]:
    """Put the facility a household is assigned to first; tell which households have one.

    The second one is then the nearest of another crew than the assigned one's: the nearest of
    all, unless that is of the same crew.
    """
    towards = standard.direction == "to_facility"
    pairs = within(network, homes, sites, towards, standard.by, standard.limit)
    value = pairs.seconds if standard.by == "seconds" else pairs.metres
    pair = assigned(pairs, value, people, room)
    placed = pair >= 0
    moved = np.flatnonzero(placed)
    moved = moved[pairs.site[pair[moved]] != found.site[moved, 0]]
    site, seconds, metres = found.site.copy(), found.seconds.copy(), found.metres.copy()
    other = moved[crew[pairs.site[pair[moved]]] != crew[found.site[moved, 0]]]
    for held, given in (
        (site, pairs.site),
        (seconds, pairs.seconds),
        (metres, pairs.metres),
    ):
        held[other, 1] = held[other, 0]
        held[moved, 0] = given[pair[moved]]
    return Closest(site, seconds, metres), placed


def _reasons(
    network: Network,
    homes: Places,
    sites: Places,
    usable: Bools,
    standard: Standard,
    value: Floats,
) -> Ints:
    """Search what `reasons` asks for."""
    towards = standard.direction == "to_facility"
    back, shut = np.zeros(len(homes), dtype=bool), np.full(len(homes), np.inf)
    lost = np.flatnonzero(~np.isfinite(value) & homes.snapped)
    if network.unclosed is not network and len(lost):
        back[lost] = reachable(network.unclosed, homes.taken(lost), sites, towards)
    missed = np.flatnonzero(value > standard.limit)
    if not usable.all() and len(missed):
        these = sites.taken(np.flatnonzero(~usable))
        shut[missed] = least(network, homes.taken(missed), these, towards, standard.by)
    return reasons(homes.snapped, value, standard.limit, shut, back)


def reasons(snapped: Bools, value: Floats, limit: float, shut: Floats, back: Bools) -> Ints:
    """Say why nobody within the limit comes, as positions in `REASONS`.

    Parameters
    ----------
    snapped
        Whether each household is on the network.
    value
        The way to the nearest open facility, infinite where there is none.
    limit
        What is farther does not count.
    shut
        The way to the nearest facility that is not open; asked only beyond the limit.
    back
        Whether there would be a way without the closures; asked only where there is none.
    """
    why = np.full(len(value), REASONS.index("no_road"))
    far = np.isfinite(value)
    why[back & ~far] = REASONS.index("cut_off")
    why[far] = REASONS.index("too_far")
    would = (shut <= limit) | (np.isfinite(shut) & ~far)
    why[would & (value > limit)] = REASONS.index("closed")
    why[~snapped] = REASONS.index("not_snapped")
    return why
