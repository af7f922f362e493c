"""Households to facilities with room: the rule carried out once more, on proven distances.

The rule: each household asks the nearest facility; one that is asked by too many keeps the
nearest households, those that come first of equally near ones, as long as they fit one after the
other, and sends the others on; this is repeated until nobody is sent on. Room that is left goes,
from the shortest way to the longest, to households without a place that fit. So a row is right
if the rule gives it; that no facility holds more than it has room for, and nobody is left over
who would fit, is looked at on its own.
"""

import numpy as np

from geodata.verifying_answers import Found
from geodata.verifying_file import Table
from geodata.verifying_ground import Floats, Ground, Ints


def by_rule(found: Found, people: Floats, room: Floats) -> Ints:
    """Return for every household the position in `found` it is placed by, -1 without a place.

    Parameters
    ----------
    found
        Ways within the limit, one for a household and a facility, sorted.
    people, room
        Of households and facilities.
    """
    count = len(people)
    ends = np.cumsum(np.bincount(found.home, minlength=count))
    at = ends - np.bincount(found.home, minlength=count)
    while True:
        asking = np.flatnonzero(at < ends)
        way = at[asking]
        order = np.lexsort((asking, found.cost[way], found.site[way]))
        sent = _left_over(asking[order], found.site[way[order]], people, room)
        if not len(sent):
            break
        at[sent] += 1
    placed = np.where(at < ends, at, -1)
    held = placed[placed >= 0]
    left = room.copy()
    np.subtract.at(left, found.site[held], people[found.home[held]])
    open_ = np.flatnonzero((placed[found.home] < 0) & (people[found.home] <= left[found.site]))
    for way in open_[np.lexsort((found.site[open_], found.home[open_], found.cost[open_]))]:
        home, site = found.home[way], found.site[way]
        if placed[home] < 0 and people[home] <= left[site]:
            placed[home] = way
            left[site] -= people[home]
    return placed


def _left_over(homes: Ints, sites: Ints, people: Floats, room: Floats) -> Ints:
    """Return who is sent on; all after the first one that no longer fits are."""
    if not len(sites):
        return homes
    starts = np.flatnonzero(np.diff(sites, prepend=-1))
    running = np.cumsum(people[homes])
    base = (running - people[homes])[starts]
    asked = running - np.repeat(base, np.diff(np.append(starts, len(sites))))
    return homes[asked > room[sites]]


def overfull(site: Ints, people: Floats, room: Floats) -> Ints:
    """Return the facilities that hold more than they have room for; `site` is -1 for none."""
    inside = site >= 0
    load = np.bincount(site[inside], weights=people[inside], minlength=len(room))
    return np.flatnonzero(load > room)


def would_fit(found: Found, site: Ints, people: Floats, room: Floats) -> Ints:
    """Return the households without a place for whom a facility within the limit has room."""
    inside = site >= 0
    load = np.bincount(site[inside], weights=people[inside], minlength=len(room))
    fits = (site[found.home] < 0) & (load[found.site] + people[found.home] <= room[found.site])
    return np.unique(found.home[fits])


def through_nodes(ground: Ground, homes: Table, rows: Ints, labels: Table, by: str) -> Found:
    """Return the ways to households through every label of the nodes at their streets' ends."""
    ways = ground.ways(homes, by, False, rows)
    order = np.argsort(labels["node"], kind="stable")
    starts = np.searchsorted(labels["node"][order], np.arange(ground.size + 1))
    low, high = starts[ways.node], starts[ways.node + 1]
    row = np.repeat(np.arange(len(low)), high - low)
    step = np.arange(len(row)) - np.repeat(np.cumsum(high - low) - (high - low), high - low)
    label = order[np.repeat(low, high - low) + step]
    cost, other = labels["cost"][label] + ways.cost[row], labels["other"][label] + ways.other[row]
    return Found(ways.row[row], labels["facility"][label], cost, other)


def within(ways: Found, beside: tuple[Ints, Ints, Floats, Floats], limit: float) -> Found:
    """Return the ways through nodes and along one street that keep to a limit, sorted."""
    found = together(ways, Found(*beside))
    near = found.cost <= limit
    return found.taken(near).sorted()


def one_each(found: Found) -> Found:
    """Keep the shortest way of each household and facility, sorted."""
    order = np.lexsort((found.cost, found.site, found.home))
    home, site = found.home[order], found.site[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(home) != 0) | (np.diff(site) != 0)
    return found.taken(order[first]).sorted()


def together(one: Found, two: Found) -> Found:
    """Put ways together."""
    return Found(
        np.concatenate([one.home, two.home]),
        np.concatenate([one.site, two.site]),
        np.concatenate([one.cost, two.cost]),
        np.concatenate([one.other, two.other]),
    )
