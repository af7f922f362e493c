"""Which streets the ways of an evacuation hang on: whose loss cuts a household off a shelter.

A street fails at one place: nobody passes it any more, but who lives on it still gets out by the
end that is not shut. The pieces of one bridge count as one street. A household hangs on a street if
there is a place on it whose loss leaves no way to the shelter at all, however long: no limit of
walking holds after a failure.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import criticality
from geodata.arc_lists import Lists
from geodata.compiled import compiled
from geodata.dominators import dominators, marked_above
from geodata.escape import Escape
from geodata.evacuation_case import Case
from geodata.ragged import offsets
from geodata.street_graph import Bools, Ints

_DREAD = 1.0  # any price: only whether there is a way counts


THROUGH, TO_START, TO_END = 0, 1, 2


@dataclass(frozen=True)
class Hanging:
    """What each way hangs on.

    Attributes
    ----------
    pairs
        By unit x shelters + shelter: 3 x the number of a part whose loss leaves no way, + `THROUGH`
        for those who come from elsewhere, or + `TO_START` or `TO_END` for those who live on it and
        are shut off by a place on that side of them.
    part
        For each stretch the number of the part that fails with it.
    """

    pairs: Lists
    part: Ints


def hanging(case: Case) -> Hanging:
    """Find for every unit and every shelter it may go to the parts of streets this hangs on.

    Notes
    -----
    A part of a street cuts all ways exactly if it is the only way into what it dominates (see
    `dominators`); the ways from both ends of a household's own street have to be cut.
    """
    escape, units = case.escape, case.units
    part = parts_of(escape)
    shelters = case.seconds.shape[1]
    may = np.isfinite(case.seconds)
    keys = [np.array([], dtype=np.int64)]
    most = 3 * (int(part.max(initial=0)) + 1)
    along = case.ways.along_slide
    for dread, who in ((np.inf, ~along), (_DREAD, along)):
        if who.any():
            keys += _keys(case, part, may & who[:, None], dread, most)
    key = np.unique(np.concatenate(keys))
    pair, number = key // most, key % most
    counts = np.bincount(pair, minlength=units.count * shelters)
    return Hanging(Lists(offsets(counts), number.astype(np.intp)), part)


def _keys(case: Case, part: Ints, may: Bools, dread: float, most: int) -> list[Ints]:
    """List (unit, shelter, part) as one number each, for the ways that may lead so far."""
    escape = case.escape
    arcs = escape.arcs(escape.network.opened, case.used, dread=dread)
    starts = escape.starts(escape.network.opened)
    used = np.flatnonzero(case.used)
    roots = 2 * escape.stretches.nodes + used
    on_street = arcs.via >= 0
    number = np.where(on_street, part[np.where(on_street, arcs.via, 0) // 2], -1)
    foot = _on_junction(escape)
    own = part[escape.home_stretch] if len(part) else np.zeros(len(foot), dtype=np.intp)
    found = []
    for shelter, root in zip(used, roots, strict=True):
        above, only = dominators(escape.states, arcs.tail, arcs.head, np.array([root]))
        mark = np.where(only[0] >= 0, number[np.maximum(only[0], 0)], -1)
        reached = above[0] >= 0
        reached[root] = True
        near, depth = marked_above(above[0], mark, reached)
        rows = np.flatnonzero(may[:, shelter])
        usable = np.isfinite(starts.seconds[rows]) & reached[starts.state[rows]]
        home, at = _listed(
            starts.state[rows], usable, foot[rows], own[rows], above[0], near, depth, mark
        )
        pair = case.units.of[rows[home]] * case.seconds.shape[1] + shelter
        found.append(pair * most + at)
    return found


@compiled
def _listed(
    state: Ints,
    usable: Bools,
    foot: Bools,
    own: Ints,
    above: Ints,
    near: Ints,
    depth: Ints,
    mark: Ints,
) -> tuple[Ints, Ints]:
    """List what each household hangs on: its number and the part with its side, as columns."""
    room = 2 * len(state)
    for home in range(len(state)):
        for end in range(2):
            if usable[home, end]:
                room += depth[state[home, end]]
    who, what = np.zeros(room, np.int64), np.zeros(room, np.int64)
    count = 0
    for home in range(len(state)):
        one = 0 if usable[home, 0] else 1
        both = usable[home, 0] and usable[home, 1]
        shut = np.zeros(2, np.bool_)  # whether the own street lies on the way from that end
        for end in range(2):
            shut[end] = not usable[home, end] or _has(
                own[home], state[home, end], above, near, mark
            )
        node = near[state[home, one]] if usable[home, one] else -1
        while node >= 0:
            part = mark[node]
            if part != own[home] and (not both or _has(part, state[home, 1], above, near, mark)):
                who[count], what[count] = home, 3 * part + THROUGH
                count += 1
            node = near[above[node]] if above[node] >= 0 else -1
        for end in range(2):  # a place on the own street towards that end
            if (shut[end] or not foot[home, end]) and shut[1 - end]:
                who[count], what[count] = home, 3 * own[home] + TO_START + end
                count += 1
    return who[:count], what[:count]


@compiled
def _has(part: int, state: int, above: Ints, near: Ints, mark: Ints) -> bool:
    """Tell whether all ways from a state pass a part."""
    node = near[state]
    while node >= 0:
        if mark[node] == part:
            return True
        node = near[above[node]] if above[node] >= 0 else -1
    return False


def parts_of(escape: Escape) -> Ints:
    """Give the number of what fails with each stretch: itself, or all pieces of its bridge."""
    stretch, network = escape.stretches, escape.network
    count = len(stretch.piece)
    if not count:
        return np.zeros(0, dtype=np.intp)
    groups = criticality.closing_together(network)
    group = np.empty(len(network.pieces.road), dtype=np.intp)
    group[groups.at] = np.repeat(np.arange(len(groups.first) - 1), np.diff(groups.first))
    bridge = network.roads["bridge"].to_numpy(dtype=bool)[network.pieces.road]
    whole = bridge[stretch.piece]
    found = np.where(whole, count + group[stretch.piece], np.arange(count))
    return np.unique(found, return_inverse=True)[1].reshape(-1).astype(np.intp)


def _on_junction(escape: Escape) -> Bools:
    """Tell for both ends of its stretch whether a household stands on them."""
    pieces, part, homes = escape.network.pieces, escape.stretches, escape.households
    if not len(pieces.road):
        return np.zeros((len(homes), 2), dtype=bool)
    stretch = escape.home_stretch
    piece = np.where(homes.snapped, homes.piece, 0)
    return np.column_stack(
        [
            homes.at_start & (part.start[stretch] == pieces.start[piece]),
            homes.at_end & (part.end[stretch] == pieces.end[piece]),
        ]
    )


def described(case: Case, part: Ints, numbers: Ints) -> gpd.GeoDataFrame:
    """Describe parts of streets by the pieces they are of.

    Parameters
    ----------
    part
        Number of each stretch.
    numbers
        The parts; several of one piece are told apart no more.

    Returns
    -------
    frame
        One row a number, in the CRS of the roads: `piece` (the first one), `road` (its label),
        `name` (None without one), `bridge`, `geometry` of all its pieces.
    """
    escape = case.escape
    network, stretch = escape.network, escape.stretches
    order = np.argsort(part, kind="stable")
    low = np.searchsorted(part[order], numbers, side="left")
    high = np.searchsorted(part[order], numbers, side="right")
    pieces = [np.unique(stretch.piece[order[a:b]]) for a, b in zip(low, high, strict=True)]
    first = np.array([these[0] for these in pieces], dtype=np.intp)
    lines = network.pieces.lines()
    road = network.pieces.road[first] if len(first) else np.array([], dtype=np.intp)
    drawn = [
        lines[these[0]] if len(these) == 1 else shapely.line_merge(shapely.union_all(lines[these]))
        for these in pieces
    ]
    return gpd.GeoDataFrame(
        {
            "piece": first,
            "road": network.roads.index.take(road),
            "name": pd.Series([network.street(int(piece))[0] for piece in first], dtype=object),
            "bridge": network.roads["bridge"].to_numpy(dtype=bool)[road],
        },
        geometry=gpd.GeoSeries(drawn, crs=network.crs),
    )
