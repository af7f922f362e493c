"""Give street blocks to grids anew so that every grid is within its rule and few people move.

The least number of households that must move is searched exactly (CP-SAT); that a grid hangs
together is asked for only where a solution breaks it, so that the bound of the search is one for
the whole question. Deterministic: one thread, and time counted in the solver's own steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.sat.python import cp_model
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.adjacency import Ints

EFFORT = 20.0  # of the solver's own seconds, for one question
_ROUNDS = 60  # times a grid in pieces is forbidden and the search goes on
_ALL = 6  # grids up to which a block may go to any, not only to a neighbour of its own


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


def reassign(asked: Question, effort: float = EFFORT) -> Answer | None:
    """Find the owners that move the fewest households; None where no solution was found in time.

    Parameters
    ----------
    asked
        The question.
    effort
        Of the solver's own seconds; the same effort gives the same answer everywhere.
    """
    search = _Search(asked)
    found = search.run(effort / 2, strict=True) if _may_fit(asked) else None
    if found is None:
        # the rules cannot all be kept, or not in time: miss them by as little as possible
        found = search.run(effort / 2, strict=False)
    if found is None:
        return None
    owner, bound, outside, ended = found
    moved = int(asked.households[owner != asked.owner].sum())
    return Answer(owner, moved, min(bound, moved), ended and bound >= moved, outside, search.all)


def _may_fit(asked: Question) -> bool:
    """Tell whether all households could be in grids within their rules, wherever they live."""
    total = int(asked.households.sum())
    return int(asked.minimum.sum()) <= total <= int(asked.maximum.sum())


class _Search:
    """The model: one variable for each block and each grid it may belong to."""

    def __init__(self, asked: Question) -> None:
        self.asked = asked
        self.count, self.grids = len(asked.owner), len(asked.maximum)
        self.all = self.grids <= _ALL
        self.around = _around(asked)
        self.allowed = self._allowed()
        self.hint = asked.owner
        self.cuts: list[tuple[int, int, int, tuple[int, ...]]] = []

    def _allowed(self) -> list[list[int]]:
        asked = self.asked
        kept = [grid for grid in range(self.grids) if asked.maximum[grid] > 0]
        if self.all:
            return [kept] * self.count
        beside: list[set[int]] = [{grid} for grid in range(self.grids)]
        for one, other in asked.borders.T.tolist():
            beside[asked.owner[one]].add(int(asked.owner[other]))
            beside[asked.owner[other]].add(int(asked.owner[one]))
        new = set(range(int(asked.owner.max()) + 1, self.grids))
        return [
            [grid for grid in kept if grid in beside[int(owner)] | new] for owner in asked.owner
        ]

    def run(self, effort: float, *, strict: bool) -> tuple[Ints, int, int, bool] | None:
        """Find who gets what: owners, least number that must move, misses, whether it ended.

        Parameters
        ----------
        strict
            True to keep all rules, False to miss them by as little as possible.
        """
        left, bound = effort, 0
        for _ in range(_ROUNDS):
            model, chosen, missed = self._model(strict)
            solver = cp_model.CpSolver()
            solver.parameters.num_workers = 1
            solver.parameters.random_seed = 0
            solver.parameters.max_deterministic_time = max(left, 0.1)
            status = solver.solve(model)
            left -= solver.response_proto.deterministic_time
            if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                return None
            amount = sum(int(solver.value(each)) for each in missed)
            bound = max(bound, self._moved_at_least(solver.best_objective_bound, amount))
            owner = self._owners(solver, chosen)
            pieces = self._in_pieces(owner)
            if not pieces:
                return owner, bound, amount, status == cp_model.OPTIMAL
            self.cuts += pieces
            self.hint = owner
            if left <= 0:
                return None
        return None

    @property
    def _weight(self) -> tuple[int, int]:
        """What a household outside a rule weighs, and one that moves, beside a block that does."""
        moving = self.count + 1
        return moving * (int(self.asked.households.sum()) + 1), moving

    def _moved_at_least(self, objective: float, missed: int) -> int:
        """Read out of a bound of the objective how many households must move."""
        outside, moving = self._weight
        left = objective - outside * missed - self.count - 1e-6
        return max(int(np.ceil(left / moving)), 0)

    def _model(self, strict: bool) -> tuple[cp_model.CpModel, list[dict[int, Any]], list[Any]]:
        asked, model = self.asked, cp_model.CpModel()
        chosen: list[dict[int, Any]] = [
            {grid: model.new_bool_var("") for grid in self.allowed[block]}
            for block in range(self.count)
        ]
        for block, each in enumerate(chosen):
            model.add_exactly_one(each.values())
            for grid, variable in each.items():
                model.add_hint(variable, bool(self.hint[block] == grid))
        misses = [self._size(model, chosen, grid, strict) for grid in range(self.grids)]
        missed = [each for each in misses if each is not None]
        for grid, block, other, between in self.cuts:
            if grid in chosen[block] and grid in chosen[other]:
                model.add_bool_or(
                    [chosen[block][grid].negated(), chosen[other][grid].negated()]
                    + [chosen[each][grid] for each in between if grid in chosen[each]]
                )
        # rules first, then households, then as few blocks as can be: empty ones stay where they are
        outside, moving = self._weight
        model.minimize(
            outside * sum(missed)
            + sum(
                (moving * int(asked.households[block]) + 1) * variable
                for block, each in enumerate(chosen)
                for grid, variable in each.items()
                if grid != asked.owner[block]
            )
        )
        return model, chosen, missed

    def _size(
        self, model: cp_model.CpModel, chosen: Sequence[dict[int, Any]], grid: int, strict: bool
    ) -> Any:
        asked = self.asked
        if asked.maximum[grid] <= 0:
            return None
        mine = [
            (int(asked.households[block]), each[grid])
            for block, each in enumerate(chosen)
            if grid in each
        ]
        model.add_bool_or([variable for _, variable in mine])
        total = sum(weight * variable for weight, variable in mine)
        low, high = int(asked.minimum[grid]), int(asked.maximum[grid])
        if strict:
            model.add(total >= low)
            model.add(total <= high)
            return None
        miss = model.new_int_var(0, int(asked.households.sum()), "")
        model.add(total >= low - miss)
        model.add(total <= high + miss)
        return miss

    def _owners(self, solver: cp_model.CpSolver, chosen: Sequence[dict[int, Any]]) -> Ints:
        found = [
            next(grid for grid, variable in each.items() if solver.boolean_value(variable))
            for each in chosen
        ]
        return np.array(found, dtype=np.int64)

    def _in_pieces(self, owner: Ints) -> list[tuple[int, int, int, tuple[int, ...]]]:
        """Tell which grids do not hang together: what must be between two of their pieces."""
        found = []
        for grid in range(self.grids):
            mine = np.flatnonzero(owner == grid)
            label = components(mine, self.around)
            if not len(mine) or label.max() == 0:
                continue
            weight = self.asked.households[mine] + 1e-3
            main = int(np.argmax(np.bincount(label, weight)))
            stem = int(mine[label == main][0])
            for piece in range(int(label.max()) + 1):
                if piece == main:
                    continue
                inside = set(mine[label == piece].tolist())
                border = {other for block in inside for other in self.around[block]} - inside
                between = tuple(sorted(border))
                found += [(grid, block, stem, between) for block in sorted(inside)]
        return found


def _around(asked: Question) -> list[set[int]]:
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
