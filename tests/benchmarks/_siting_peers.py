"""The methods of the siting benchmark, each run in a process of its own.

Run as a program: ``_siting_peers.py METHOD PROBLEM RESULT LIMIT`` reads the problem, and writes the
value found, the bound and the seconds. Only the method is timed, in processor seconds, its own and
those of the programs it starts: imports and reading are not counted, and gridmap's machine code is
loaded first, as it is where sites are chosen every day.
"""

import importlib
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks._peers import ROOT, python
from tests.benchmarks._siting_problems import Problem

Found = tuple[float, float]  # value (infinite without one) and bound
_GRACE = 120.0  # seconds in which a stopped solver must have come back


def _gridmap(problem: Problem, _: float) -> Found:
    from geodata.siting import p_median

    if problem.room is None:
        found = p_median(problem.costs, problem.people, problem.count)
    else:  # the published values do not count a way once for each person
        costs = problem.costs / problem.people[:, None]
        found = p_median(costs, problem.people, problem.count, capacity=problem.room)
    return found.objective, found.bound


def _highs(problem: Problem, limit: float) -> Found:
    """Solve the classic program: one variable for each site, one for each pair."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    size, sites = problem.costs.shape
    pairs = size * sites
    line, demand = np.arange(pairs), np.repeat(np.arange(size), sites)
    site = np.tile(np.arange(sites), size)
    ones = np.ones(pairs)

    def rows(entries: list[Any], height: int) -> Any:
        row, column, value = (np.concatenate(part) for part in zip(*entries, strict=True))
        return coo_array((value, (row, column)), shape=(height, sites + pairs)).tocsr()

    every = np.arange(sites)
    constraints = [
        LinearConstraint(rows([(demand, sites + line, ones)], size), 1, 1),
        LinearConstraint(rows([(line, sites + line, ones), (line, site, -ones)], pairs), -1, 0),
        LinearConstraint(
            rows([(np.zeros(sites, int), every, np.ones(sites))], 1), problem.count, problem.count
        ),
    ]
    if problem.room is not None:
        filled = [(site, sites + line, problem.people[demand]), (every, every, -problem.room)]
        constraints.append(LinearConstraint(rows(filled, sites), -np.inf, 0))
    whole = np.ones(sites + pairs)
    if problem.room is None:
        whole[sites:] = 0
    result = milp(
        np.concatenate([np.zeros(sites), problem.costs.ravel()]),
        integrality=whole,
        bounds=Bounds(0, 1),
        constraints=constraints,
        options={"time_limit": limit},
    )
    value = float(result.fun) if result.x is not None else np.inf
    bound = result.mip_dual_bound
    return value, float(bound) if bound is not None else -np.inf


def _spopt(problem: Problem, limit: float) -> Found:
    import pulp
    from spopt.locate import PMedian

    costs = problem.costs
    if problem.room is not None:
        costs = costs / problem.people[:, None]
    room = None if problem.room is None else problem.room.astype(int)
    model = PMedian.from_cost_matrix(costs, problem.people, problem.count, facility_capacities=room)
    model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=limit))
    value = float(pulp.value(model.problem.objective))
    proven = model.problem.sol_status == pulp.LpSolutionOptimal
    return value, value if proven else -np.inf


METHODS: dict[str, Callable[[Problem, float], Found]] = {
    "gridmap": _gridmap,
    "HiGHS": _highs,
    "spopt": _spopt,
}

# What each imports, before the clock is started.
LIBRARIES = {
    "gridmap": ("geodata.siting",),
    "HiGHS": ("scipy.optimize", "scipy.sparse"),
    "spopt": ("pulp", "spopt.locate"),
}


def solve(method: str, problem: Problem, folder: Path, limit: float) -> dict[str, float] | str:
    """Run one method in a process: value, bound and seconds, or why there are none."""
    result, given = folder / "result.npz", folder / "problem.npz"
    result.unlink(missing_ok=True)
    room = np.zeros(0) if problem.room is None else problem.room
    np.savez(given, costs=problem.costs, people=problem.people, count=problem.count, room=room)
    # -P: a library that asks for `coverage` is not to find the benchmark of that name
    command = [python(), "-P", __file__, method, str(given), str(result), str(limit)]
    paths = os.environ | {"PYTHONPATH": str(ROOT)}
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, check=False, env=paths, timeout=limit + _GRACE
        )
    except subprocess.TimeoutExpired:
        return f"none found in {limit:.0f} s"
    if ended.returncode:
        last = (ended.stderr.strip().splitlines() or ["ended without a word"])[-1]
        if "ModuleNotFoundError" in last:
            return "not installed (make bench installs it)"
        if "Not Solved" in last:  # how spopt says that the limit came first
            return f"none found in {limit:.0f} s"
        return f"none found: {last[:80]}"
    found = np.load(result)
    return {name: float(found[name]) for name in ("value", "bound", "seconds")}


def _spent() -> float:
    """Give the processor seconds of this process and of those it started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _warm() -> None:
    """Load gridmap's machine code, or make it."""
    from geodata.siting import p_median

    draw = np.random.default_rng(0)
    p_median(draw.random((60, 30)), None, 5)


def main(method: str, given: Path, result: Path, limit: float) -> None:
    """Run one method here and write what it found."""
    read = np.load(given)
    room = read["room"] if len(read["room"]) else None
    problem = Problem("", read["costs"], read["people"], int(read["count"]), room, 0.0)
    for library in LIBRARIES[method]:
        importlib.import_module(library)
    if method == "gridmap":
        _warm()
    began = _spent()
    value, bound = METHODS[method](problem, limit)
    np.savez(result, value=value, bound=bound, seconds=_spent() - began)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4]))
