"""Whole-number programs by HiGHS, stopped by work and never by the clock."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

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


def sparse(entries: list[tuple[Ints, Ints, Floats]], shape: tuple[int, int]) -> csr_array:
    """Join lists of (row, column, value) to one sparse array."""
    row, column, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    return csr_array((value, (row, column)), shape=shape)
