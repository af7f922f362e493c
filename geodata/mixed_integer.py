"""Whole-number programs by HiGHS, stopped by work and never by the clock."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, vstack

from geodata.errors import GeodataError
from geodata.street_graph import Bools, Floats, Ints

NODES = 2_000
"""Nodes of the search tree after which the best found so far and its bound are taken."""

_INFEASIBLE = 2


@dataclass(frozen=True)
class Program:
    """Minimise ``cost @ x`` with ``low <= rows @ x <= high`` and 0 <= x <= `most`.

    Attributes
    ----------
    cost
        Cost of each variable.
    whole
        Which variables take whole numbers only.
    rows
        Sparse array constraints x variables.
    low, high
        Limits of each constraint, may be infinite.
    least, most
        Limits of each variable.
    """

    cost: Floats
    whole: Bools
    rows: csr_array
    low: Floats
    high: Floats
    least: Floats
    most: Floats


@dataclass(frozen=True)
class Solution:
    """What a search found.

    Attributes
    ----------
    values
        The best values found; None if none were found.
    bound
        No values cost less; infinite if there are none at all.
    """

    values: Floats | None
    bound: float


def minimise(program: Program, nodes: int = NODES) -> Solution:
    """Solve a program to the optimum or until `nodes` nodes are searched.

    Raises
    ------
    GeodataError
        If the solver gives up on the numbers.
    """
    result = milp(
        program.cost,
        integrality=program.whole.astype(np.int64),
        bounds=Bounds(program.least, program.most),
        constraints=LinearConstraint(program.rows, program.low, program.high),
        options={"node_limit": nodes, "mip_rel_gap": 0.0},
    )
    if result.status == _INFEASIBLE:
        return Solution(None, np.inf)
    bound = result.mip_dual_bound
    if bound is None or not np.isfinite(bound):
        if result.x is None:
            raise GeodataError(f"the numbers are beyond the solver: {result.message}")
        bound = -np.inf
    values = None if result.x is None else np.asarray(result.x, dtype=np.float64)
    return Solution(values, float(bound))


def duals(program: Program) -> Floats | None:
    """Give by how much the least cost rises with what each constraint asks for.

    Whether variables are whole numbers is not heeded; None if there is no solution.
    """
    equal = program.low == program.high
    under = np.isfinite(program.high) & ~equal
    over = np.isfinite(program.low) & ~equal
    rows = program.rows
    solve: Any = linprog  # whose stubs know nothing of sparse arrays
    result = solve(
        program.cost,
        A_ub=vstack([rows[under], -rows[over]], format="csr"),
        b_ub=np.concatenate([program.high[under], -program.low[over]]),
        A_eq=rows[equal],
        b_eq=program.low[equal],
        bounds=np.column_stack([program.least, program.most]),
        method="highs",
    )
    if result.x is None:
        return None
    found = np.zeros(len(program.low))
    found[equal] = result.eqlin.marginals
    at_most, at_least = np.split(result.ineqlin.marginals, [int(under.sum())])
    found[under] += at_most
    found[over] -= at_least
    return found


def sparse(entries: list[tuple[Ints, Ints, Floats]], shape: tuple[int, int]) -> csr_array:
    """Join lists of (row, column, value) to one sparse array."""
    row, column, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    return csr_array((value, (row, column)), shape=shape)
