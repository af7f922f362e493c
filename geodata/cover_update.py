"""A coverage that is kept and mended: a closure or a facility more costs only what it touches.

`start` answers like `coverage.cover`; `update` gives what `cover` would give after a change, to
the last bit, by looking again only at the junctions whose nearest facility has changed and at
the households beside them. A state is never changed: an update gives a new one that shares with
it whatever stayed.
"""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.arc_lists import arcs_of, of_these
from geodata.closest import Closest, from_doors
from geodata.cover_homes import arrived, homes_at, nobody
from geodata.cover_labels import Labels, blank, mended, renamed, seeds_of
from geodata.cover_sites import Sites, altered, read, renumbered, same_crews
from geodata.cover_state import Answers, Changes, State
from geodata.coverage import REASONS, Standard, put_first, reasons
from geodata.coverage_reading import people, placed
from geodata.errors import GeodataError
from geodata.label_repair import Seeds
from geodata.nearest_sources import Nearest
from geodata.network import Network
from geodata.points import Spots
from geodata.snapping import Places
from geodata.street_graph import Bools, Floats, Ints

__all__ = ["Changes", "State", "rehoused", "start", "update"]


def start(
    network: Network,
    households: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    standard: Standard,
    homes: Places | None = None,
) -> State:
    """Answer for every household and keep what the next update needs.

    Parameters
    ----------
    network, households, facilities, standard, homes
        As in `coverage.cover`; for barriers pass ``network.barred(barriers)``.

    Raises
    ------
    GeodataError
        As `coverage.cover`.
    """
    if standard.profile != network.profile.key:
        raise GeodataError(
            f"standard {standard.key!r} is for {standard.profile!r}, "
            f"the network for {network.profile.key!r}"
        )
    sites = read(facilities, network, standard, None)
    places = placed(network, households, standard.max_metres, homes)
    living = people(households) if standard.capacity else np.ones(len(places))
    known = homes_at(network, households.index, places, living)
    state = State(
        network,
        standard,
        arcs_of(network.pieces, standard.direction == "to_facility", standard.by),
        known,
        replace(sites, usable=np.zeros(len(sites.usable), dtype=bool)),
        blank(network.size),
        blank(network.size),
        blank(network.size),
        nobody(len(places)),
    )
    labelled = _labelled(state, network, sites)[0]
    return _answered(labelled, np.arange(len(places)))


def rehoused(state: State, households: pd.DataFrame, spots: Spots) -> tuple[State, int]:
    """Give the coverage of households as they are now: only who has come or moved is looked at.

    Parameters
    ----------
    state
        From `start` or an update.
    households, spots
        All of them, by the same labels, and their places.

    Returns
    -------
    state
        What `start` would give with the same streets and facilities; the same one where nobody
        has come, gone or moved.
    number
        How many were looked at.
    """
    standard = state.standard
    living = people(households) if standard.capacity else np.ones(len(spots))
    found = arrived(state.network, state.homes, state.answers, spots, living, standard.max_metres)
    if found is None:
        return state, 0
    housed = replace(state, homes=found.homes, answers=found.answers)
    return _answered(housed, found.rows), len(found.rows)


def update(
    state: State,
    network: Network | None = None,
    facilities: gpd.GeoDataFrame | None = None,
) -> tuple[State, Changes]:
    """Give the coverage after a change, and whom it has changed.

    Parameters
    ----------
    state
        From `start` or an earlier update.
    network
        The same streets with other closures; None if these have not changed.
    facilities
        All facilities as they are now, by the same labels; None if none has changed.

    Raises
    ------
    GeodataError
        If the network is of other streets, or as `coverage.cover`.
    """
    network = state.network if network is None else network
    if not _same_streets(network, state.network):
        raise GeodataError("the network is of other streets: start anew")
    sites = state.sites
    if facilities is not None:
        sites = read(facilities, network, state.standard, state.sites)
    before = state
    number = renumbered(state.sites, sites)
    if number is None:
        state = replace(
            state,
            usable=blank(network.size),
            shut=blank(network.size),
            whole=blank(network.size),
        )
    elif not np.array_equal(number, np.arange(len(sites.labels))):
        state = _renamed(state, number)
    after, nodes, pieces = _labelled(state, network, sites)
    if number is None:
        rows = np.arange(len(state.homes.index))
    else:
        touched = np.zeros(len(state.homes.index), dtype=bool)
        touched[of_these(state.homes.at, nodes)] = True
        touched[of_these(state.homes.on, pieces)] = True
        rows = np.flatnonzero(touched)
    after = _answered(after, rows)
    return after, _changes(before, after, rows)


def _same_streets(one: Network, other: Network) -> bool:
    """Tell whether two networks differ in nothing but their closures."""
    if one.profile.key != other.profile.key or len(one.opened) != len(other.opened):
        return False
    mine, theirs = one.pieces, other.pieces
    return mine is theirs or all(
        np.array_equal(getattr(mine, name), getattr(theirs, name))
        for name in ("start", "end", "seconds", "metres", "forward", "backward")
    )


def _renamed(state: State, number: Ints) -> State:
    """Give the sites the numbers they have from now on."""
    behind = np.append(number, -1)
    near, found = (
        Closest(behind[of.site], of.seconds, of.metres)
        for of in (state.answers.near, state.answers.found)
    )
    return replace(
        state,
        usable=renamed(state.usable, number),
        shut=renamed(state.shut, number),
        whole=renamed(state.whole, number),
        answers=replace(state.answers, near=near, found=found),
    )


def _labelled(state: State, network: Network, sites: Sites) -> tuple[State, Ints, Ints]:
    """Mend what is known of the junctions.

    Returns
    -------
    state
        With the new network and sites, its answers still the old ones.
    nodes, pieces
        Where another answer may follow for households.
    """
    towards, by, arcs = state.standard.direction == "to_facility", state.standard.by, state.arcs
    was, now = state.network.opened, network.opened
    before, after = state.network.unclosed.opened, network.unclosed.opened

    def seeds(opened: Bools, places: Places) -> Seeds:
        return seeds_of(network.pieces, opened, places, towards, by)

    anew = not same_crews(state.sites, sites)
    here, shut = sites.only(sites.usable), sites.only(~sites.usable)
    usable, nodes = mended(state.usable, arcs, was, now, seeds(now, here), sites.crew, anew)
    closed, others = mended(state.shut, arcs, was, now, seeds(now, shut), None)
    nodes |= others
    whole, others = mended(state.whole, arcs, before, after, seeds(after, sites.places), None)
    nodes |= others
    switched = network.pieces.of_edges[0][(was != now) | (before != after)]
    beside = sites.places.piece[sites.places.snapped] if anew else altered(state.sites, sites)
    labelled = replace(state, network=network, sites=sites, usable=usable, shut=closed, whole=whole)
    return labelled, np.flatnonzero(nodes), np.union1d(switched, beside)


def _answered(state: State, rows: Ints) -> State:
    """Answer anew for the households in these rows."""
    network, sites, standard = state.network, state.sites, state.standard
    towards, by = standard.direction == "to_facility", standard.by
    homes = state.homes.places.taken(rows)
    here = sites.only(sites.usable)
    ranks = [Nearest(*state.usable.nearest), Nearest(*state.usable.second)]
    fresh = from_doors(network, homes, here, ranks, towards, by, sites.crew)
    value = fresh.value(by)[:, 0]
    shut, back = np.full(len(rows), np.inf), np.zeros(len(rows), dtype=bool)
    missed = np.flatnonzero((value > standard.limit) & homes.snapped)
    shut[missed] = _value(
        state, network, homes.taken(missed), sites.only(~sites.usable), state.shut
    )
    lost = np.flatnonzero(~np.isfinite(value) & homes.snapped)
    base = _value(state, network.unclosed, homes.taken(lost), sites.places, state.whole)
    back[lost] = np.isfinite(base)
    why = reasons(homes.snapped, value, standard.limit, shut, back)
    why[value <= standard.limit] = len(REASONS)
    known = state.answers.why.copy()
    # whoever found no room has a facility within the limit all the same
    known[known == REASONS.index("full")] = len(REASONS)
    known[rows] = why
    near = _put(state.answers.near, rows, fresh)
    if not standard.capacity:
        return replace(state, answers=Answers(near, near, known))
    people, room = state.homes.people, sites.room
    found, placed = put_first(
        network, state.homes.places, here, standard, near, sites.crew, people, room
    )
    known[(known == len(REASONS)) & ~placed] = REASONS.index("full")
    return replace(state, answers=Answers(near, found, known))


def _value(state: State, network: Network, homes: Places, sites: Places, labels: Labels) -> Floats:
    """Return the way to the nearest of these sites."""
    towards, by = state.standard.direction == "to_facility", state.standard.by
    ranks = [Nearest(*labels.nearest)]
    found = from_doors(network, homes, sites, ranks, towards, by, np.arange(len(sites)))
    return found.value(by)[:, 0]


def _put(old: Closest, rows: Ints, new: Closest) -> Closest:
    """Put the answers of some rows in the place of the old ones."""
    if len(rows) == len(old.site):
        return new
    site, seconds, metres = old.site.copy(), old.seconds.copy(), old.metres.copy()
    site[rows], seconds[rows], metres[rows] = new.site, new.seconds, new.metres
    return Closest(site, seconds, metres)


def _changes(before: State, after: State, rows: Ints) -> Changes:
    """Compare the answers of these rows."""
    number = after.sites.labels.get_indexer(before.sites.labels).astype(np.intp)
    number = np.append(np.where(number < 0, -2, number), -1)
    if after.standard.capacity:  # whoever is sent on may live anywhere
        rows = np.arange(len(after.homes.index))
    was, now = before.answers, after.answers
    site = number[was.found.site[rows]]
    differs = was.why[rows] != now.why[rows]
    differs |= (site != now.found.site[rows]).any(axis=1)
    for name in ("seconds", "metres"):
        old, new = getattr(was.found, name)[rows], getattr(now.found, name)[rows]
        differs |= (old != new).any(axis=1)
    covered, still = was.why[rows] == len(REASONS), now.why[rows] == len(REASONS)
    other = covered & still & (site[:, 0] != now.found.site[rows, 0])
    return Changes(rows[differs], rows[covered & ~still], rows[~covered & still], rows[other])
