"""Proposals for a scenario: which ground goes to whom, in steps that can be taken one by one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geodata.adjacency import Ints
from geodata.reassignment import Question, components

WHOLE = 12  # grids around those it is about that a question is asked of


@dataclass(frozen=True)
class Step:
    """One piece of ground that changes hands.

    Attributes
    ----------
    giver, taker
        Positions of grids.
    blocks
        What goes.
    whole
        True where the giver goes altogether: it is merged with the taker.
    new
        True where the taker is a grid that begins with this.
    needs
        Numbers of steps, from 0, that must come first.
    """

    giver: int
    taker: int
    blocks: Ints
    whole: bool
    new: bool
    needs: tuple[int, ...]


def around(asked: Question, grids: Sequence[int], rings: int) -> list[int]:
    """Give grids with their neighbours, and those of them, as often as asked."""
    found = set(grids)
    pairs = asked.owner[asked.borders].T
    for _ in range(rings):
        beside = {
            int(grid) for pair in pairs if pair[0] in found or pair[1] in found for grid in pair
        }
        found |= beside
    return sorted(found)


def restricted(asked: Question, grids: Sequence[int]) -> tuple[Question, Ints]:
    """Give the question of some grids alone, and which blocks are theirs."""
    place = {grid: number for number, grid in enumerate(grids)}
    mine = np.flatnonzero(np.isin(asked.owner, list(grids)))
    number = np.full(len(asked.owner), -1)
    number[mine] = np.arange(len(mine))
    pairs = number[asked.borders]
    small = Question(
        households=asked.households[mine],
        owner=np.array([place[int(grid)] for grid in asked.owner[mine]], dtype=np.int64),
        borders=pairs[:, (pairs >= 0).all(axis=0)],
        minimum=asked.minimum[list(grids)],
        maximum=asked.maximum[list(grids)],
    )
    return small, mine


def steps(asked: Question, owner: Ints) -> list[Step]:
    """Part the way from the owners there are to others into steps, each possible in its turn.

    Parameters
    ----------
    asked
        The question, with the owners of now.
    owner
        The owners wanted.
    """
    neighbours: list[set[int]] = [set() for _ in asked.owner]
    for one, other in asked.borders.T.tolist():
        neighbours[one].add(other)
        neighbours[other].add(one)
    left = _groups(asked, owner)
    now, made = asked.owner.copy(), list[Step]()
    before = {grid: _pieces(now, grid, neighbours) for grid in range(len(asked.maximum))}
    while left:
        chosen = next(
            (pair for pair in left if _possible(now, left[pair], pair, before, neighbours)),
            next(iter(left)),
        )
        blocks = left.pop(chosen)
        giver, taker = chosen
        alone = _possible(asked.owner, blocks, chosen, before, neighbours)
        new = not (now == taker).any()
        needs = () if alone and (new or (asked.owner == taker).any()) else _earlier(made, chosen)
        now[blocks] = taker
        made.append(Step(giver, taker, blocks, not (now == giver).any(), new, needs))
    return made


def _groups(asked: Question, owner: Ints) -> dict[tuple[int, int], Ints]:
    moving = np.flatnonzero(owner != asked.owner)
    pairs = sorted({(int(asked.owner[block]), int(owner[block])) for block in moving})
    groups = {
        (giver, taker): moving[(asked.owner[moving] == giver) & (owner[moving] == taker)]
        for giver, taker in pairs
    }
    # the most households last where a grid goes altogether: the rest of its ground goes with them
    return dict(
        sorted(groups.items(), key=lambda one: (int(asked.households[one[1]].sum()), one[0]))
    )


def _pieces(owner: Ints, grid: int, neighbours: Sequence[set[int]]) -> int:
    mine = np.flatnonzero(owner == grid)
    return int(components(mine, neighbours).max()) + 1 if len(mine) else 0


def _possible(
    owner: Ints,
    blocks: Ints,
    pair: tuple[int, int],
    before: dict[int, int],
    neighbours: Sequence[set[int]],
) -> bool:
    """Tell whether giver and taker hang together, as they did, when these blocks have gone."""
    after = owner.copy()
    after[blocks] = pair[1]
    return all(_pieces(after, grid, neighbours) <= max(before[grid], 1) for grid in pair)


def _earlier(made: Sequence[Step], pair: tuple[int, int]) -> tuple[int, ...]:
    found: set[int] = set()
    for number, step in enumerate(made):
        if {step.giver, step.taker} & set(pair):
            found |= {number, *step.needs}
    return tuple(sorted(found))
