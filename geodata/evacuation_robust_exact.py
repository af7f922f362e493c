"""The assignment of a small evacuation that keeps most people safe: an integer programme."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from geodata.arc_lists import of_these
from geodata.evacuation_robust_failures import Failures, spared, suits

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

NOBODY = 1e-3  # an empty household weighs this much, so that it is not forgotten
_NODES = 20_000  # branch and bound stops here: a count, so that every machine stops alike


def weight_of(people: Integers) -> Floats:
    """Weigh units by their people."""
    return np.where(people > 0, people, NOBODY).astype(np.float64)


def choices(seconds: Floats, found: Failures) -> int:
    """Count the second places among which the programme would choose, at most."""
    pair = np.flatnonzero(np.isfinite(seconds).reshape(-1))
    asked: int = int(np.diff(found.hits.first)[pair].sum())
    return asked * int(seconds.shape[1])


def optimum(  # noqa: PLR0913 - a plan and what may fail
    people: Integers,
    seconds: Floats,
    room: Integers,
    urgent: Flags,
    nominal: Integers,
    found: Failures,
) -> tuple[Integers, Flags] | None:
    """Solve a small instance: who goes where, and which units are safe whatever fails.

    Each pair of unit and shelter may be chosen (x), may count as safe (y), and has for each
    failure that hits it the places to move to (z). Rooms hold with those who move in.

    Returns
    -------
    place, safe
        As many people are served as by *nominal*, urgent ones first; then as many as possible are
        safe; then in the least time. None if it was not solved.
    """
    may = suits(people, seconds, room)
    unit, to = np.nonzero(may)
    pairs, shelters = len(unit), len(room)
    if not pairs:
        return nominal, np.zeros(len(people), dtype=bool)
    codes = [of_these(found.hits, np.array([one])) for one in unit * shelters + to]
    hit = [np.unique(one // 3) for one in codes]
    asked = np.repeat(np.arange(pairs), [len(one) for one in hit])  # (pair, failure)
    failure = np.concatenate(hit)
    left = spared(found, failure, (unit * shelters + to)[asked], may)
    question, place = np.nonzero(left)
    columns = 2 * pairs + len(question)
    x, y, z = np.arange(pairs), pairs + np.arange(pairs), 2 * pairs + np.arange(len(question))
    weight = weight_of(people)
    value = np.where(urgent, weight[~urgent].sum() + 1.0, 1.0) * weight
    served = nominal >= 0
    ones, asks = np.ones(pairs), np.arange(len(asked))
    rules = [
        _rule([(unit, x, ones)], len(people), columns, 1.0),
        _rule([(to, x, people[unit])], shelters, columns, room),
        _rule([(x, y, ones), (x, x, -ones)], pairs, columns, 0.0),
        _rule(
            [(asks, y[asked], np.ones(len(asked))), (question, z, -np.ones(len(question)))],
            len(asked),
            columns,
            0.0,
        ),
    ]
    for number in np.unique(failure):
        come = np.flatnonzero(failure[question] == number)
        moved = people[unit[asked[question[come]]]]
        rules.append(
            _rule([(to, x, people[unit]), (place[come], z[come], moved)], shelters, columns, room)
        )
    rules.append(
        LinearConstraint(
            _row(value[unit], x, columns), float(value[served].sum()) - NOBODY / 2, np.inf
        )
    )
    safe = _row(weight[unit], y, columns)
    most = _solved(-safe[0], rules, columns)
    if most is None:
        return None
    rules.append(LinearConstraint(safe, float(safe[0] @ most) - NOBODY / 2, np.inf))
    least = _solved(_row(weight[unit] * seconds[unit, to], x, columns)[0], rules, columns)
    if least is None:
        return None
    where = np.full(len(people), -1, dtype=np.int64)
    taken, kept = least[x] > 0.5, least[y] > 0.5
    where[unit[taken]] = to[taken]
    sure = np.zeros(len(people), dtype=bool)
    sure[unit[kept]] = True
    return where, sure


def _row(values: Floats, at: Integers, columns: int) -> Floats:
    row = np.zeros((1, columns))
    row[0, at] = values
    return row


def _rule(
    parts: list[tuple[Integers, Integers, NDArray[np.generic]]],
    rows: int,
    columns: int,
    most: float | Integers,
) -> LinearConstraint:
    """Sum columns up by row: at most so much."""
    row, column, values = (np.concatenate([part[at] for part in parts]) for at in range(3))
    matrix = sparse.csr_array((values.astype(float), (row, column)), shape=(rows, columns))
    return LinearConstraint(matrix, -np.inf, np.asarray(most, dtype=float))


def _solved(cost: Floats, rules: list[LinearConstraint], size: int) -> Floats | None:
    found = milp(
        cost,
        integrality=np.ones(size, dtype=np.int64),
        bounds=Bounds(0.0, 1.0),
        constraints=rules,
        options={"node_limit": _NODES, "mip_rel_gap": 0.0},
    )
    return np.asarray(found.x) if found.status == 0 and found.x is not None else None
