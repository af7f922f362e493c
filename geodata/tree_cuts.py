"""Join two neighbouring parts and cut them apart along a random spanning tree, compiled."""

import math
from typing import NamedTuple

import numpy as np

from geodata.balance import Floats, Ints
from geodata.compiled import compiled
from geodata.parts import Ground, Parts, price
from geodata.random_numbers import Seeds, below, uniform

_MOST_UNITS = 400  # of a pair; beyond this a tree has more cuts than is worth looking at


class Pair(NamedTuple):
    """Room for the units of two parts, as a graph and as a tree of its own.

    Attributes
    ----------
    members
        The unit at each place.
    place
        For each unit its place, -1 for units of other parts.
    start, beside, shared
        Borders within the pair: those of place p are ``start[p]`` to ``start[p + 1]``.
    above, depth, order
        The tree: place above, steps to the root, places from the root outwards.
    waiting
        Places on the way to the tree.
    weight, area, outer
        Sums of what lies at and below each place; outer: metres of border beyond the pair.
    cut
        Metres of border between what lies at and below a place and the rest of the pair.
    toll, saved
        What each border costs inside a part, and what a cut above a place saves of that.
    """

    members: Ints
    place: Ints
    start: Ints
    beside: Ints
    shared: Floats
    above: Ints
    depth: Ints
    order: Ints
    waiting: Ints
    weight: Floats
    area: Floats
    outer: Floats
    cut: Floats
    toll: Floats
    saved: Floats


def pair_of(units: int, borders: int) -> Pair:
    """Make room for any pair in a graph with so many units and borders."""
    place, order, waiting = (np.zeros(units, np.int64) for _ in range(3))
    above, depth = np.zeros(units, np.int64), np.zeros(units, np.int64)
    weight, area, outer, cut, saved = (np.zeros(units, np.float64) for _ in range(5))
    members = np.zeros(units, np.int64)
    start, beside = np.zeros(units + 1, np.int64), np.zeros(borders, np.int64)
    shared, toll = np.zeros(borders, np.float64), np.zeros(borders, np.float64)
    place[:] = -1
    tree = (above, depth, order, waiting)
    totals = (weight, area, outer, cut)
    return Pair(members, place, start, beside, shared, *tree, *totals, toll, saved)


@compiled
def cut_anew(
    ground: Ground,
    parts: Parts,
    pair: Pair,
    unit: int,
    other: int,
    goal: Floats,
    temperature: float,
    seeds: Seeds,
) -> None:
    """Cut the part of a unit and another beside it anew, if chance and the temperature allow."""
    one = ground.label[unit]
    count = parts.units[one] + parts.units[other]
    if count < 3 or count > _MOST_UNITS:
        return
    reached, saved = _gather(ground, pair, unit, other)
    if reached == count:  # no tree spans parts that do not hang together
        root = _grow(pair, count, seeds)
        _add_up(pair, count)
        lowest, chosen = _best_cut(pair, count, root, goal)
        rise = lowest - parts.cost[one] - parts.cost[other] + saved
        if rise <= 0.0 or uniform(seeds) < math.exp(-rise / temperature):
            _take(ground, parts, pair, count, root, chosen, (one, other), goal)
    for position in range(reached):
        pair.place[pair.members[position]] = -1


@compiled
def _gather(ground: Ground, pair: Pair, unit: int, other: int) -> tuple[int, float]:
    """Give the units of both parts their places, walking from one of them.

    How many it came to, and the toll that the border between the two saves.
    """
    one = ground.label[unit]
    pair.members[0] = unit
    pair.place[unit] = 0
    count = 1
    position = 0
    borders = 0
    saved = 0.0
    while position < count:
        here = pair.members[position]
        pair.start[position] = borders
        outer = ground.perimeter[here]
        for border in range(ground.start[here], ground.start[here + 1]):
            beyond = ground.neighbour[border]
            if ground.label[beyond] != one and ground.label[beyond] != other:
                continue
            if pair.place[beyond] < 0:
                pair.place[beyond] = count
                pair.members[count] = beyond
                count += 1
            pair.beside[borders] = pair.place[beyond]
            pair.shared[borders] = ground.shared[border]
            pair.toll[borders] = ground.toll[border]
            if ground.label[here] == one and ground.label[beyond] == other:
                saved += ground.toll[border]
            outer -= ground.shared[border]
            borders += 1
        pair.weight[position] = ground.weight[here]
        pair.area[position] = ground.area[here]
        pair.outer[position] = outer
        pair.cut[position] = 0.0
        pair.saved[position] = 0.0
        position += 1
    pair.start[count] = borders
    return count, saved


@compiled
def _grow(pair: Pair, count: int, seeds: Seeds) -> int:
    """Grow a spanning tree, each as likely as any other (Wilson 1996); give its root."""
    for place in range(count):
        pair.depth[place] = -1
    root = below(seeds, count)
    pair.above[root] = -1
    pair.depth[root] = 0
    pair.order[0] = root
    grown = 1
    for first in range(count):
        place = first
        while pair.depth[place] < 0:  # a random walk; its last way out of each place is kept
            begin = pair.start[place]
            pair.above[place] = pair.beside[begin + below(seeds, pair.start[place + 1] - begin)]
            place = pair.above[place]
        place = first
        waiting = 0
        while pair.depth[place] < 0:
            pair.depth[place] = 0
            pair.waiting[waiting] = place
            waiting += 1
            place = pair.above[place]
        for position in range(waiting - 1, -1, -1):
            place = pair.waiting[position]
            pair.depth[place] = pair.depth[pair.above[place]] + 1
            pair.order[grown] = place
            grown += 1
    return root


@compiled
def _add_up(pair: Pair, count: int) -> None:
    """Sum what lies at and below each place, and the borders that a cut above it would make."""
    for place in range(count):
        for border in range(pair.start[place], pair.start[place + 1]):
            one, other = place, pair.beside[border]
            if other < one:
                continue
            # a cut anywhere on the way through the tree from one to the other parts them
            while one != other:
                if pair.depth[one] > pair.depth[other]:
                    pair.cut[one] += pair.shared[border]
                    pair.saved[one] += pair.toll[border]
                    one = pair.above[one]
                else:
                    pair.cut[other] += pair.shared[border]
                    pair.saved[other] += pair.toll[border]
                    other = pair.above[other]
    for position in range(count - 1, 0, -1):
        place = pair.order[position]
        above = pair.above[place]
        pair.weight[above] += pair.weight[place]
        pair.area[above] += pair.area[place]
        pair.outer[above] += pair.outer[place]


@compiled
def _lower(pair: Pair, place: int) -> tuple[float, float, float]:
    """Weight, area and perimeter of what lies at and below a place."""
    return pair.weight[place], pair.area[place], pair.outer[place] + pair.cut[place]


@compiled
def _upper(pair: Pair, place: int, root: int) -> tuple[float, float, float]:
    """Weight, area and perimeter of the rest of the pair."""
    return (
        pair.weight[root] - pair.weight[place],
        pair.area[root] - pair.area[place],
        pair.outer[root] - pair.outer[place] + pair.cut[place],
    )


@compiled
def _best_cut(pair: Pair, count: int, root: int, goal: Floats) -> tuple[float, int]:
    """Find the cut of the tree with the lowest cost: the cost and the place below it."""
    lowest, chosen = math.inf, -1
    for position in range(1, count):
        place = pair.order[position]
        cost = price(_lower(pair, place), goal) + price(_upper(pair, place, root), goal)
        cost -= pair.saved[place]
        if cost < lowest:
            lowest, chosen = cost, place
    return lowest, chosen


@compiled
def _take(
    ground: Ground,
    parts: Parts,
    pair: Pair,
    count: int,
    root: int,
    chosen: int,
    names: tuple[int, int],
    goal: Floats,
) -> None:
    """Carry out a cut; each side keeps the name that more of its units had."""
    kept = below_it = 0
    for position in range(count):  # depth becomes 1 at and below the cut, else 0
        place = pair.order[position]
        if place == chosen:
            pair.depth[place] = 1
        elif place == root:
            pair.depth[place] = 0
        else:
            pair.depth[place] = pair.depth[pair.above[place]]
        below_it += pair.depth[place]
        if (pair.depth[place] == 1) == (ground.label[pair.members[place]] == names[0]):
            kept += 1
    one, other = names
    if 2 * kept < count:
        one, other = other, one
    for place in range(count):
        ground.label[pair.members[place]] = one if pair.depth[place] == 1 else other
    _note(parts, one, _lower(pair, chosen), below_it, goal)
    _note(parts, other, _upper(pair, chosen, root), count - below_it, goal)


@compiled
def _note(
    parts: Parts, part: int, totals: tuple[float, float, float], units: int, goal: Floats
) -> None:
    parts.weight[part], parts.area[part], parts.perimeter[part] = totals
    parts.units[part] = units
    parts.cost[part] = price(totals, goal)
