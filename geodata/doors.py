"""From the ends of streets to the doors beside them, a million doors in a tenth of a second.

`snapping.leaving` and `snapping.arriving` give the same ways as arrays, for whoever needs them
all; here each is priced, used and forgotten.
"""

from typing import NamedTuple, TypeVar

import numpy as np

from geodata.compiled import compiled
from geodata.network import Network
from geodata.snapping import Places
from geodata.street_arcs import By
from geodata.street_graph import QUANTUM, Bools, Floats, Ints

Array = TypeVar("Array", Floats, Ints, Bools)


class Legs(NamedTuple):
    """What the ways of some places to the ends of their streets are made of.

    Attributes
    ----------
    piece, fraction, at_start, at_end
        As in `snapping.Places`.
    leg, other_leg
        The straight legs, in the measure that is minimised and in the other one.
    usable
        Bool array (pieces, 2): whether a piece leads to, or from, its start and its end.
    ends
        Int array (pieces, 2): their nodes.
    along, other_along
        The measures of the pieces.
    """

    piece: Ints
    fraction: Floats
    at_start: Bools
    at_end: Bools
    leg: Floats
    other_leg: Floats
    usable: Bools
    ends: Ints
    along: Floats
    other_along: Floats


class Beside(NamedTuple):
    """Ways along a street itself, by rising place: its site, and both measures."""

    place: Ints
    site: Ints
    cost: Floats
    other: Floats


class Ranks(NamedTuple):
    """The nearest sites of every node: arrays (ranks, nodes), -1 where there is none."""

    site: Ints
    cost: Floats
    other: Floats


def legs(network: Network, places: Places, towards: bool, by: By) -> Legs:
    """Put together what the ways of places to the ends of their streets are made of.

    Parameters
    ----------
    network, places
        The streets, and what stands beside them.
    towards
        Whether ways lead from the places to the ends; else from the ends to the places.
    by
        The measure that is minimised.
    """
    pieces, opened = network.pieces, network.opened
    forward, backward = (_usable(held, opened) for held in (pieces.forward, pieces.backward))
    usable = (backward, forward) if towards else (forward, backward)
    straight, streets = (places.leg_seconds, places.metres), (pieces.seconds, pieces.metres)
    if by == "metres":
        straight, streets = straight[::-1], streets[::-1]
    return Legs(
        _shown(places.piece),
        _shown(places.fraction),
        _shown(places.at_start),
        _shown(places.at_end),
        _shown(straight[0]),
        _shown(straight[1]),
        _shown(np.column_stack(usable)),
        _shown(np.column_stack([pieces.start, pieces.end])),
        _shown(streets[0]),
        _shown(streets[1]),
    )


def _shown(values: Array) -> Array:
    """Give an array to read from: mapped ones and others make one kind, and one machine code."""
    view = np.ascontiguousarray(values).view(np.ndarray)
    view.flags.writeable = False
    return view


def _usable(label: Ints, opened: Bools) -> Bools:
    if not len(opened):
        return np.zeros(len(label), dtype=bool)
    return (label >= 0) & opened[label]


def least(legs: Legs, cost: Floats) -> Floats:
    """Give the lower of what it costs over either end, infinite without a way.

    Parameters
    ----------
    cost
        Of every node.
    """
    found = np.full(len(legs.piece), np.inf)
    _least(legs, _shown(cost), found)
    return found


def two_nearest(
    legs: Legs, ranks: Ranks, crew: Ints, beside: Beside
) -> tuple[Ints, Floats, Floats]:
    """Choose the two nearest sites of two crews for every place, the earlier one of a tie.

    Parameters
    ----------
    crew
        Of every site.
    beside
        Ways that pass no node.

    Returns
    -------
    site, cost, other
        Arrays (places, 2); -1 and infinite where there is none.
    """
    size = len(legs.piece)
    names = np.full((size, 2), -1, dtype=np.intp)
    near, far = np.full((size, 2), np.inf), np.full((size, 2), np.inf)
    ranks = Ranks(_shown(ranks.site), _shown(ranks.cost), _shown(ranks.other))
    place, site, cost, other = beside
    beside = Beside(_shown(place), _shown(site), _shown(cost), _shown(other))
    _choose(legs, ranks, _shown(crew), beside, names, near, far)
    return names, near, far


@compiled
def _way(legs: Legs, row: int, slot: int, leg: Floats, along: Floats) -> float:
    """Price the way over one end: on a junction even a closed or one-way street hinders nobody."""
    street = legs.piece[row]
    if street < 0:
        return np.inf
    stands = legs.at_start[row] if slot == 0 else legs.at_end[row]
    if not (legs.usable[street, slot] or stands):
        return np.inf
    share = legs.fraction[row] if slot == 0 else 1.0 - legs.fraction[row]
    price: float = leg[row] + np.rint(share * along[street] / QUANTUM) * QUANTUM
    return price


@compiled
def _least(legs: Legs, cost: Floats, found: Floats) -> None:
    for row in range(len(legs.piece)):
        for slot in range(2):
            way = _way(legs, row, slot, legs.leg, legs.along)
            if way < np.inf:
                found[row] = min(found[row], cost[legs.ends[legs.piece[row], slot]] + way)


@compiled
def _ahead(  # noqa: PLR0913, PLR0917 - compiled: what it is held against
    name: int, here: float, best: int, least: float, barred: int, crew: Ints
) -> bool:
    """Tell whether a site is nearer than the best so far, or as near and earlier."""
    if name < 0 or not here < np.inf or crew[name] == barred:
        return False
    return best < 0 or here < least or (here == least and name < best)


@compiled
def _choose(  # noqa: PLR0913, PLR0917 - compiled: what there is, and what is filled in
    legs: Legs, ranks: Ranks, crew: Ints, beside: Beside, names: Ints, near: Floats, far: Floats
) -> None:
    at = 0
    for row in range(len(legs.piece)):
        first = at
        while at < len(beside.place) and beside.place[at] == row:
            at += 1
        start = _way(legs, row, 0, legs.leg, legs.along)
        end = _way(legs, row, 1, legs.leg, legs.along)
        barred = -1
        for choice in range(2):
            best, least, second = -1, np.inf, np.inf
            for number in range(first, at):
                name, here = beside.site[number], beside.cost[number]
                if _ahead(name, here, best, least, barred, crew):
                    best, least, second = name, here, beside.other[number]
            for number in range(2 * len(ranks.site)):
                rank, slot = number // 2, number % 2
                way = start if slot == 0 else end
                if not way < np.inf:
                    continue
                node = legs.ends[legs.piece[row], slot]
                name, here = ranks.site[rank, node], ranks.cost[rank, node] + way
                if _ahead(name, here, best, least, barred, crew):
                    second = ranks.other[rank, node]
                    second += _way(legs, row, slot, legs.other_leg, legs.other_along)
                    best, least = name, here
            if best < 0:
                break
            names[row, choice], near[row, choice], far[row, choice] = best, least, second
            barred = crew[best]
