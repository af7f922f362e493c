"""Push blocks from grid to grid until the rules are kept: a search that always ends with something.

Blocks at a border change hands one at a time (simulated annealing: worse steps are taken at first,
ever more rarely later on), and no grid ever falls apart. It finds ways through a row of full
grids that a search of a few grids at once does not see, and leaves the last households to an exact
search.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from ortools.graph.python import min_cost_flow

from geodata.adjacency import Ints
from geodata.compiled import compiled
from geodata.random_numbers import Seeds, below, seeded, uniform

_STEPS = 1_000_000
_TRIES = ((6.0, 60.0), (6.0, 200.0), (20.0, 200.0), (3.0, 60.0))  # weight of a miss, heat
_ROUNDS = 2  # with other random numbers


class Board(NamedTuple):
    """Blocks, who had them, and who may have them.

    Attributes
    ----------
    start, near
        Neighbours of block b: ``near[start[b]:start[b + 1]]``.
    home
        Grid of each block before anything was moved.
    households
        Of each block.
    minimum, maximum
        Of each grid; a grid with maximum 0 takes nothing.
    may
        Whether a block of one grid (row) may go to another (column).
    """

    start: Ints
    near: Ints
    home: Ints
    households: Ints
    minimum: Ints
    maximum: Ints
    may: Any


def pushed(board: Board, owner: Ints) -> Ints:
    """Find owners that miss the rules by little and move few households.

    Parameters
    ----------
    board
        The blocks.
    owner
        Where to begin: every grid that may have blocks has one, none is in pieces that it was
        not in before.

    Returns
    -------
    array
        The best owners of several tries, at worst those of the beginning.
    """
    best, least = owner, judged(board, owner)
    for number in range(_ROUNDS * len(_TRIES)):
        weight, heat = _TRIES[number % len(_TRIES)]
        found = _annealed(board, owner.copy(), _STEPS, weight, heat, seeded(number))
        price = judged(board, found)
        if price < least:
            best, least = found, price
    return best


def judged(board: Board, owner: Ints) -> tuple[int, int, int]:
    """Give households by which rules are missed, households moved, and blocks moved."""
    total = np.bincount(owner, board.households, len(board.maximum)).astype(np.int64)
    missed = np.maximum(np.maximum(board.minimum - total, total - board.maximum), 0)
    away = owner != board.home
    return int(missed.sum()), int(board.households[away].sum()), int(away.sum())


@compiled
def _miss(total: int, low: int, high: int) -> int:
    return max(low - total, total - high, 0)


@compiled
def _worse(board: Board, total: Ints, giver: int, taker: int, amount: int) -> int:
    """Tell by how many households more the rules are missed when so many change hands."""
    return (
        _miss(total[giver] - amount, board.minimum[giver], board.maximum[giver])
        + _miss(total[taker] + amount, board.minimum[taker], board.maximum[taker])
        - _miss(total[giver], board.minimum[giver], board.maximum[giver])
        - _miss(total[taker], board.minimum[taker], board.maximum[taker])
    )


@compiled
def _whole_without(
    board: Board, owner: Ints, block: int, count: int, stamp: Ints, now: int
) -> bool:
    """Tell whether the grid of a block, of `count` blocks, hangs together without it."""
    grid, first = owner[block], -1
    for place in range(board.start[block], board.start[block + 1]):
        if owner[board.near[place]] == grid:
            first = board.near[place]
    if first < 0:
        return False
    queue = np.empty(count, np.int64)
    queue[0], stamp[first], stamp[block] = first, now, now
    head, tail = 0, 1
    while head < tail:
        here = queue[head]
        head += 1
        for place in range(board.start[here], board.start[here + 1]):
            other = board.near[place]
            if owner[other] == grid and stamp[other] != now:
                stamp[other] = now
                queue[tail] = other
                tail += 1
    return tail == count - 1


@compiled
def _annealed(
    board: Board, owner: Ints, steps: int, weight: float, heat: float, seeds: Seeds
) -> Ints:
    """Move blocks about; give the best there has been."""
    grids, blocks = len(board.maximum), len(owner)
    total, count = np.zeros(grids, np.int64), np.zeros(grids, np.int64)
    missed, moved = 0, 0
    for block in range(blocks):
        total[owner[block]] += board.households[block]
        count[owner[block]] += 1
        if owner[block] != board.home[block]:
            moved += board.households[block]
    for grid in range(grids):
        missed += _miss(total[grid], board.minimum[grid], board.maximum[grid])
    best, least, fewest = owner.copy(), missed, moved
    stamp = np.zeros(blocks, np.int64)
    for step in range(steps):
        block = below(seeds, blocks)
        ways = board.start[block + 1] - board.start[block]
        if ways == 0:
            continue
        giver = owner[block]
        taker = owner[board.near[board.start[block] + below(seeds, ways)]]
        home, amount = board.home[block], board.households[block]
        if giver == taker or not board.may[home, taker]:
            continue
        worse = _worse(board, total, giver, taker, amount)
        further = int(home == giver) - int(home == taker)
        # half a household for the block itself: empty ones stay where they are
        price = weight * worse + further * (amount + 0.5)
        # from the heat down to one household
        if price > 0 and uniform(seeds) >= math.exp(-price * heat ** (step / steps - 1.0)):
            continue
        if not _whole_without(board, owner, block, count[giver], stamp, step + 1):
            continue
        owner[block] = taker
        total[giver] -= amount
        total[taker] += amount
        count[giver] -= 1
        count[taker] += 1
        missed += worse
        moved += further * amount
        if missed < least or (missed == least and moved < fewest):
            least, fewest = missed, moved
            best[:] = owner
    return best


def least_moves(board: Board, missed: int) -> int:
    """Give what must move at least where the rules are missed by no more than so many households.

    As if households were single and went from grid to grid along those between which blocks may
    go: a flow at the least cost, which no division into blocks can undercut.
    """
    total = np.bincount(board.home, board.households, len(board.maximum)).astype(np.int64)
    grids = len(total)
    # a price on every household missed gives a bound; the best price is not known beforehand
    prices = sorted({1, 2, 3, grids // 2 + 1, grids + 1})
    bounds = [_cheapest(board, total, price) - price * missed for price in prices]
    return max(0, *bounds)


def _cheapest(board: Board, total: Ints, price: int) -> int:
    """Give the least cost of households moved and, at a price each, of households missed."""
    grids, flow = len(total), min_cost_flow.SimpleMinCostFlow()
    everything = int(total.sum())
    sink = grids
    for grid in range(grids):
        low, high = int(board.minimum[grid]), int(board.maximum[grid])
        # the first ones fill the minimum and save its price, those beyond the maximum cost it
        for room, cost in ((low, -price), (high - low, 0), (everything, price)):
            flow.add_arc_with_capacity_and_unit_cost(grid, sink, room, cost)
        flow.set_node_supply(grid, int(total[grid]))
    for giver, taker in np.argwhere(board.may & ~np.eye(grids, dtype=bool)).tolist():
        flow.add_arc_with_capacity_and_unit_cost(giver, taker, everything, 1)
    flow.set_node_supply(sink, -everything)
    if flow.solve() != flow.OPTIMAL:
        return 0
    return int(flow.optimal_cost()) + price * int(board.minimum.sum())
