"""The fewest households moved among some grids, exactly: a model in which grids hang together.

Each block of a grid but one, its root, has a parent in the same grid that is nearer to the root:
so no solution falls apart, and the bound of the search is one of what can be drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from geodata.adjacency import Ints
from geodata.pushes import Board


@dataclass(frozen=True)
class Exact:
    """What the search has come to.

    Attributes
    ----------
    owner
        Of all blocks; as before where nothing was found.
    bound
        Households that must move at least, 0 where nothing is known.
    ended
        Whether nothing better exists among these grids.
    effort
        The solver's own seconds that it took.
    """

    owner: Ints
    bound: int
    ended: bool
    effort: float


class Part:
    """Some grids of a board, and the blocks that are theirs now; all else stays."""

    def __init__(
        self, board: Board, around: Sequence[set[int]], owner: Ints, grids: Sequence[int]
    ) -> None:
        self.board, self.owner, self.grids = board, owner, list(grids)
        self.blocks = np.flatnonzero(np.isin(owner, self.grids)).tolist()
        inside = set(self.blocks)
        self.around = {block: sorted(around[block] & inside) for block in self.blocks}
        total = np.bincount(owner, board.households, len(board.maximum)).astype(np.int64)
        self.misses = {
            grid: max(
                int(board.minimum[grid] - total[grid]), int(total[grid] - board.maximum[grid])
            )
            for grid in self.grids
        }
        self.model = cp_model.CpModel()
        self.chosen = {block: self._choices(block) for block in self.blocks}
        self.missed = [self._size(grid) for grid in self.grids]
        self._hang_together()
        moving = len(self.blocks) + 1
        # rules first, then households, then as few blocks as can be: empty ones stay where they are
        self.moving = moving
        self.outside = moving * (int(board.households[self.blocks].sum()) + 1)
        self.model.minimize(
            self.outside * sum(self.missed)
            + sum(
                (moving * int(board.households[block]) + 1) * variable
                for block, each in self.chosen.items()
                for grid, variable in each.items()
                if grid != board.home[block]
            )
        )

    def best(self, effort: float) -> Exact:
        """Search for as long as the effort goes."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 0
        solver.parameters.max_deterministic_time = effort
        status = solver.solve(self.model)
        spent = float(solver.response_proto.deterministic_time)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Exact(self.owner, 0, False, spent)
        owner = self.owner.copy()
        for block, each in self.chosen.items():
            owner[block] = next(
                grid for grid, variable in each.items() if solver.boolean_value(variable)
            )
        amount = sum(int(solver.value(each)) for each in self.missed)
        left = solver.best_objective_bound - self.outside * amount - len(self.blocks) - 1e-6
        bound = max(int(np.ceil(left / self.moving)), 0)
        return Exact(owner, bound, status == cp_model.OPTIMAL, spent)

    def _choices(self, block: int) -> dict[int, Any]:
        home, now = int(self.board.home[block]), int(self.owner[block])
        each = {
            grid: self.model.new_bool_var("")
            for grid in self.grids
            if self.board.may[home, grid] or grid == now
        }
        self.model.add_exactly_one(each.values())
        for grid, variable in each.items():
            self.model.add_hint(variable, grid == now)
        return each

    def _size(self, grid: int) -> Any:
        """Keep the rule of a grid where all are kept, else count by how much it is missed."""
        board = self.board
        total = sum(
            int(board.households[block]) * each[grid]
            for block, each in self.chosen.items()
            if grid in each
        )
        low, high = int(board.minimum[grid]), int(board.maximum[grid])
        if max(self.misses.values()) <= 0:
            self.model.add_linear_constraint(total, low, high)
            return 0
        miss = self.model.new_int_var(0, int(board.households[self.blocks].sum()), "")
        self.model.add(total >= low - miss)
        self.model.add(total <= high + miss)
        self.model.add_hint(miss, max(self.misses[grid], 0))
        return miss

    def _hang_together(self) -> None:
        model = self.model
        rank = {block: model.new_int_var(0, len(self.blocks) - 1, "") for block in self.blocks}
        roots: dict[int, list[Any]] = {grid: [] for grid in self.grids}
        for block in self.blocks:
            mine = self.chosen[block]
            root = {grid: model.new_bool_var("") for grid in mine}
            for grid, variable in root.items():
                model.add_implication(variable, mine[grid])
                model.add(rank[block] == 0).only_enforce_if(variable)
                roots[grid].append(variable)
            parents = []
            for other in self.around[block]:
                parent = model.new_bool_var("")
                parents.append(parent)
                model.add(rank[block] > rank[other]).only_enforce_if(parent)
                for grid, variable in mine.items():
                    beside = self.chosen[other].get(grid)
                    same = [] if beside is None else [beside]
                    model.add_bool_or([parent.negated(), variable.negated(), *same])
            model.add_exactly_one([*parents, *root.values()])
        for each in roots.values():
            model.add_exactly_one(each)
