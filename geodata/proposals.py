"""Proposals for a scenario: which ground goes to whom, in steps that can be taken one by one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geodata.adjacency import Ints
from geodata.reassignment import EFFORT, Answer, Question, components, reassign

WHOLE = 12  # grids up to which the question is asked at once
_RINGS = 3  # of neighbours around a grid outside its rule that may help it


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


def rebalanced(asked: Question, effort: float = EFFORT) -> Answer | None:
    """Bring all grids within their rules with as few households moved as possible.

    A few grids are looked at together, and the answer is proven. Of many, each one outside its
    rule is helped by the grids around it, and the bound is what the grids outside miss.
    """
    if len(asked.maximum) <= WHOLE:
        return reassign(asked, effort)
    owner = asked.owner.copy()
    for _ in range(len(asked.maximum)):
        wrong = _worst(asked, owner)
        if wrong is None:
            break
        better = _helped(replace(asked, owner=owner), wrong, effort)
        if better is None:
            break
        owner = better
    total = _totals(asked, owner)
    outside = int(_missed(asked, total).sum())
    moved = int(asked.households[owner != asked.owner].sum())
    bound = min(_least(asked), moved)
    return Answer(owner, moved, bound, moved == bound and outside == 0, outside, False)


def _totals(asked: Question, owner: Ints) -> Any:
    return np.bincount(owner, asked.households, len(asked.maximum)).astype(np.int64)


def _missed(asked: Question, total: Any) -> Any:
    return np.maximum(np.maximum(asked.minimum - total, total - asked.maximum), 0)


def _least(asked: Question) -> int:
    """Give what must move at least: all that is too much, and all that is wanting."""
    total = _totals(asked, asked.owner)
    over = np.maximum(total - asked.maximum, 0).sum()
    under = np.maximum(asked.minimum - total, 0).sum()
    return int(max(over, under))


def _worst(asked: Question, owner: Ints) -> int | None:
    missed = _missed(asked, _totals(asked, owner))
    worst = int(np.argmax(missed))
    return worst if missed[worst] > 0 else None


def _helped(asked: Question, grid: int, effort: float) -> Ints | None:
    """Ask ever more grids around one to help; None when they cannot."""
    before = int(_missed(asked, _totals(asked, asked.owner)).sum())
    for rings in range(1, _RINGS + 1):
        near = around(asked, [grid], rings)
        answer = part_of(asked, near, effort / 4)
        if answer is None:
            continue
        after = int(_missed(asked, _totals(asked, answer)).sum())
        if after < before and (rings == _RINGS or _fits(asked, answer, near)):
            return answer
    return None


def _fits(asked: Question, owner: Ints, grids: Sequence[int]) -> bool:
    return not _missed(asked, _totals(asked, owner))[list(grids)].any()


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


def part_of(asked: Question, grids: Sequence[int], effort: float) -> Ints | None:
    """Solve the question for some grids alone and give the owners of all blocks."""
    small, mine = restricted(asked, grids)
    answer = reassign(small, effort)
    if answer is None:
        return None
    owner = asked.owner.copy()
    owner[mine] = np.asarray(grids, dtype=np.int64)[answer.owner]
    return owner


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
