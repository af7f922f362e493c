"""Give street blocks to grids anew so that every grid is within its rule and few people move.

A search by single pushes finds a way (`geodata.pushes`), an exact one (CP-SAT) shortens it: part
by part where there are many grids, and for the whole question as far as the effort goes. That a
grid hangs together is part of the exact model, so a bound of it holds for what can be drawn.
Deterministic: one thread, and time counted in the solver's own steps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.adjacency import Ints
from geodata.exact_moves import Exact, Part
from geodata.pushes import Board, judged, least_moves, pushed

EFFORT = 20.0  # of the solver's own seconds, for one question
_ALL = 6  # grids up to which a block may go to any, not only to a neighbour of its own
_AT_ONCE = 6  # grids that are looked at together where there are more
_MOST_BLOCKS = 400  # up to which the exact search asks the whole question
_PART = 2.0  # of the solver's own seconds for some grids among many


@dataclass(frozen=True)
class Question:
    """What is to be given anew.

    Attributes
    ----------
    households
        Of each block.
    owner
        Position of the grid of each block.
    borders
        Pairs of blocks that share a border: array of two rows.
    minimum, maximum
        Households wanted in each grid; a grid with maximum 0 is dissolved. Grids beyond those
        that own a block are new.
    """

    households: Ints
    owner: Ints
    borders: Ints
    minimum: Ints
    maximum: Ints


@dataclass(frozen=True)
class Answer:
    """Who gets what.

    Attributes
    ----------
    owner
        Position of the grid of each block.
    moved
        Households in blocks whose grid is another now.
    bound
        Households that must move at least, whatever is done among the moves allowed.
    proven
        True where nothing better exists: `moved` is the bound.
    outside
        Households by which grids miss their rules together, 0 where all are within.
    everywhere
        True where a block might go to any grid, False where to the neighbours of its own only.
    """

    owner: Ints
    moved: int
    bound: int
    proven: bool
    outside: int
    everywhere: bool


def _unwatched(_done: float) -> None:
    """Tell nobody how far the search is."""


def reassign(
    asked: Question, effort: float = EFFORT, tell: Callable[[float], None] = _unwatched
) -> Answer | None:
    """Find the owners that move the fewest households.

    Parameters
    ----------
    asked
        The question.
    effort
        Of the solver's own seconds; the same effort gives the same answer everywhere.
    tell
        Told from time to time which share of the effort is spent; what it raises ends the search.

    Returns
    -------
    Answer
        None where a dissolved grid has no neighbour, or there is no block for a new one.
    """
    around = joined(asked)
    board, start = _board(asked, around), _start(asked, around)
    if start is None:
        return None
    tell(0.0)
    search = _Search(board, around, pushed(board, start), effort, tell)
    search.shorten()
    return search.answer()


class _Search:
    """The way there is, and what is known about a shorter one."""

    def __init__(
        self,
        board: Board,
        around: Sequence[set[int]],
        owner: Ints,
        effort: float,
        tell: Callable[[float], None],
    ) -> None:
        self.board, self.around, self.owner = board, around, owner
        self.effort, self.left, self.tell = effort, effort, tell
        self.grids = np.flatnonzero(board.maximum > 0).tolist()
        self.ended = False
        self.bound = least_moves(board, judged(board, owner)[0])

    def answer(self) -> Answer:
        missed, moved, _ = judged(self.board, self.owner)
        bound = max(self.bound, least_moves(self.board, missed))
        everywhere = bool(self.board.may[:, self.grids].all())
        proven = self.ended or (bound >= moved and missed == 0)
        return Answer(self.owner, moved, min(bound, moved), proven, missed, everywhere)

    def shorten(self) -> None:
        """Look for shorter ways until there is none, or the effort is spent."""
        if self._done():
            return
        if len(self.grids) > _AT_ONCE:
            self._by_parts()
        if self._done() or len(self.owner) > _MOST_BLOCKS:
            return
        found = self._exact(self.grids, self.left)
        if found is not None:
            self.bound = max(self.bound, found.bound)
            self.ended = found.ended

    def _done(self) -> bool:
        missed, moved, _ = judged(self.board, self.owner)
        return missed == 0 and moved <= self.bound

    def _by_parts(self) -> None:
        """Ask again for a few neighbouring grids at a time, until none of them gives anything."""
        looked: set[tuple[int, ...]] = set()
        while self.left > self.effort / 2 and not self._done():
            part = next((each for each in self._parts() if tuple(each) not in looked), None)
            if part is None:
                return
            before = self.owner
            self._exact(part, min(_PART, self.left))
            if (self.owner == before).all():
                looked.add(tuple(part))
            else:
                looked = {each for each in looked if not set(each) & set(part)}

    def _parts(self) -> list[list[int]]:
        """Give groups of neighbouring grids, those around the most that moves first."""
        grids = len(self.board.maximum)
        ends = np.repeat(np.arange(len(self.owner)), np.diff(self.board.start))
        beside = np.zeros((grids, grids), dtype=np.int64)
        np.add.at(beside, (self.owner[ends], self.owner[self.board.near]), 1)
        away = self.owner != self.board.home
        moving = np.bincount(self.owner[away], self.board.households[away], grids)
        moving += np.bincount(self.board.home[away], self.board.households[away], grids)
        missed = _misses(self.board, self.owner)
        groups = []
        for grid in np.argsort(-(moving + grids * missed), kind="stable").tolist():
            if self.board.maximum[grid] > 0 and (moving[grid] or missed[grid]):
                groups.append(self._grown(grid, beside, moving + missed))
        return groups

    def _grown(self, grid: int, beside: Ints, worth: Ints) -> list[int]:
        """Take to a grid, one after the other, the neighbours in which most happens."""
        group = [grid]
        while len(group) < _AT_ONCE:
            near = np.flatnonzero(beside[group].sum(axis=0) > 0).tolist()
            near = [each for each in near if each not in group]
            if not near:
                break
            group.append(max(near, key=lambda each: (worth[each], -each)))
        return sorted(group)

    def _exact(self, grids: Sequence[int], effort: float) -> Exact | None:
        found = Part(self.board, self.around, self.owner, list(grids)).best(max(effort, 0.05))
        self.left -= found.effort
        if judged(self.board, found.owner) < judged(self.board, self.owner):
            self.owner = found.owner
        self.tell(min(1.0 - self.left / self.effort, 1.0))
        return found


def _misses(board: Board, owner: Ints) -> Ints:
    total = np.bincount(owner, board.households, len(board.maximum)).astype(np.int64)
    missed: Ints = np.maximum(np.maximum(board.minimum - total, total - board.maximum), 0)
    return missed


def _board(asked: Question, around: Sequence[set[int]]) -> Board:
    start = np.cumsum([0] + [len(each) for each in around]).astype(np.int64)
    near = np.array([other for each in around for other in sorted(each)], dtype=np.int64)
    return Board(
        start,
        near,
        asked.owner.astype(np.int64),
        asked.households.astype(np.int64),
        asked.minimum.astype(np.int64),
        asked.maximum.astype(np.int64),
        _may(asked),
    )


def _may(asked: Question) -> np.ndarray:
    """Tell which grid's blocks may go to which grid."""
    grids = len(asked.maximum)
    may = np.eye(grids, dtype=bool)
    one, other = asked.owner[asked.borders]
    may[one, other] = may[other, one] = True
    may[:, int(asked.owner.max()) + 1 :] = True
    if grids <= _ALL:
        may[:] = True
    may[:, asked.maximum <= 0] = False
    return may


def _start(asked: Question, around: Sequence[set[int]]) -> Ints | None:
    """Share out grids that go among their neighbours, and begin new ones with one block each."""
    owner = asked.owner.astype(np.int64).copy()
    gone = [block for block in range(len(owner)) if asked.maximum[owner[block]] <= 0]
    while gone:
        taken = {
            block: min(int(owner[near]) for near in around[block] if asked.maximum[owner[near]] > 0)
            for block in gone
            if any(asked.maximum[owner[near]] > 0 for near in around[block])
        }
        if not taken:
            return None
        for block, grid in taken.items():
            owner[block] = grid
        gone = [block for block in gone if block not in taken]
    for grid in range(int(asked.owner.max()) + 1, len(asked.maximum)):
        first = _first_of_new(asked, around, owner)
        if first is None:
            return None
        owner[first] = grid
    return owner


def _first_of_new(asked: Question, around: Sequence[set[int]], owner: Ints) -> int | None:
    """Choose the block with which a new grid begins: of the fullest grid that stays whole."""
    total = np.bincount(owner, asked.households, len(asked.maximum))
    for block in np.lexsort((-asked.households, -total[owner])).tolist():
        rest = np.flatnonzero(owner == owner[block])
        rest = rest[rest != block]
        if len(rest) and components(rest, around).max() == 0:
            return int(block)
    return None


def joined(asked: Question) -> list[set[int]]:
    """Give the neighbours of each block; the pieces of a grid that has several count as joined."""
    around: list[set[int]] = [set() for _ in asked.owner]
    for one, other in asked.borders.T.tolist():
        around[one].add(other)
        around[other].add(one)
    for grid in np.unique(asked.owner):
        mine = np.flatnonzero(asked.owner == grid)
        label = components(mine, around)
        stems = [int(mine[label == piece][0]) for piece in range(int(label.max()) + 1)]
        for stem in stems[1:]:
            around[stems[0]].add(stem)
            around[stem].add(stems[0])
    return around


def components(blocks: Ints, around: Sequence[set[int]]) -> Ints:
    """Give the number of the piece in which each of some blocks hangs together with others."""
    place = {int(block): number for number, block in enumerate(blocks)}
    pairs = [
        (place[block], place[other]) for block in place for other in around[block] if other in place
    ]
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(ends.shape[1]), (ends[0], ends[1])), shape=(len(place),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
