"""Whole households to facilities with room for so many people, the nearest first."""

import numpy as np

from geodata.closest import Within
from geodata.ragged import offsets
from geodata.street_graph import Bools, Floats, Ints


def assigned(pairs: Within, value: Floats, people: Floats, room: Floats) -> Ints:
    """Assign whole households to facilities within reach.

    Every household asks the nearest facility; a facility that is asked by too many keeps
    the nearest households, and those that come first of equally near ones, as long as they fit
    one after the other, and sends the others on to their next facility (deferred acceptance,
    Gale and Shapley 1962). What room is left then goes, from the shortest way to the longest,
    to households without a place that still fit.

    Parameters
    ----------
    pairs
        Households and facilities within the limit, by household and from near to far.
    value
        The measure of each pair.
    people
        People of each household.
    room
        Room of each facility; infinite is without limit.

    Returns
    -------
    pair
        For every household the position in `pairs` it is assigned by, -1 without a place. No
        facility takes in more people than it has room for.
    """
    starts = offsets(np.bincount(pairs.place, minlength=len(people)))
    asked = _deferred(pairs, value, people, room, starts)
    placed = asked < starts[1:]
    pair = np.where(placed, asked, -1)
    taken = np.bincount(
        pairs.site[pair[placed]], weights=people[placed], minlength=len(room)
    ).astype(float)
    _fill(pairs, value, people, room - taken, pair)
    return pair


def _deferred(pairs: Within, value: Floats, people: Floats, room: Floats, starts: Ints) -> Ints:
    """Let households ask until nobody is sent on; return the pair each one stands at."""
    asked = starts[:-1].copy()
    while True:
        asking = np.flatnonzero(asked < starts[1:])
        pair = asked[asking]
        site = pairs.site[pair]
        order = np.lexsort((asking, value[pair], site))
        sent = _too_many(site[order], people[asking[order]], room)
        if not sent.any():
            return asked
        asked[asking[order[sent]]] += 1


def _too_many(site: Ints, people: Floats, room: Floats) -> Bools:
    """Tell who no longer fits, asking in this order, facility by facility."""
    if not len(site):
        return np.zeros(0, dtype=bool)
    first = np.flatnonzero(np.diff(site, prepend=-1))
    total = np.cumsum(people)
    before = np.repeat(total[first] - people[first], np.diff(np.append(first, len(site))))
    over: Bools = total - before > room[site]
    return over


def _fill(pairs: Within, value: Floats, people: Floats, left: Floats, pair: Ints) -> None:
    """Give what room is left to households without a place, in place."""
    fits = (pair[pairs.place] < 0) & (people[pairs.place] <= left[pairs.site])
    rows = np.flatnonzero(fits)
    rows = rows[np.lexsort((pairs.site[rows], pairs.place[rows], value[rows]))]
    for row in rows:
        household, site = pairs.place[row], pairs.site[row]
        if pair[household] < 0 and people[household] <= left[site]:
            pair[household] = row
            left[site] -= people[household]
