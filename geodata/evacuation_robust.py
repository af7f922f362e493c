"""Drafts that survive the failure of any single shelter, and what that costs.

A household is safe from a failure if, whichever shelter it is sent to, another one has a place
for it when that one fails and all others sent there move as well. Nobody is served less for it:
first come those served, then the people safe from a failure, then the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from geodata.assignment import to_shelters
from geodata.evacuation_alternates import instead
from geodata.evacuation_case import Case

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_SMALL = 3000  # units x shelters x shelters that are solved to the optimum
_RESERVES = (0.0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3)  # shares of every shelter kept free at first
_NOBODY = 1e-3  # an empty household weighs this much, so that it is not forgotten
_NODES = 20_000  # branch and bound stops here: a count, so that every machine stops alike


@dataclass(frozen=True)
class Robust:
    """An assignment that survives failures as far as possible.

    Attributes
    ----------
    place
        Position of the shelter of each unit, -1 for none.
    exact
        Whether it is proven that no other is better.
    """

    place: Integers
    exact: bool


def against_shelters(
    people: Integers, seconds: Floats, room: Integers, urgent: Flags, nominal: Integers
) -> Robust:
    """Assign units so that as many people as possible have a bed whichever shelter fails.

    Parameters
    ----------
    people, seconds, room, urgent
        As for `assignment.to_shelters`.
    nominal
        The assignment of least time: positions of shelters, -1 for none.

    Returns
    -------
    Robust
        As many people are served as by *nominal*, urgent ones first; then as many as possible are
        safe from a failure; then in the least time. Small instances are solved to the optimum;
        of large ones several are tried that keep some beds free, and the best is taken.
    """
    choices = int(np.isfinite(seconds).sum()) * len(room)
    if choices <= _SMALL:
        found = _optimum(people, seconds, room, urgent, nominal)
        if found is not None:
            return Robust(found, True)
    best, worth = nominal, _worth(people, seconds, room, urgent, nominal)
    for share in _RESERVES:
        less = room - np.ceil(share * room).astype(np.int64)
        tried = to_shelters(people, seconds, less, urgent).shelter
        for place in (tried, _filled(people, seconds, room, tried)):
            now = _worth(people, seconds, room, urgent, place)
            if now > worth:
                best, worth = place, now
    # nothing is better than everybody safe at the least time there is at all
    return Robust(best, False)


def table(case: Case, place: Integers, second: Integers, labels: pd.Index) -> pd.DataFrame:
    """List the households that are served but not safe from the failure of their shelter.

    Returns
    -------
    frame
        On their labels: `shelter`, the one that must not fail, and `reason`: `one_shelter` (no
        other that suits them is in reach and large enough) or `no_room` (the others have too
        little room for all when it fails).
    """
    units = case.units
    rows = np.flatnonzero((place >= 0)[units.of] & (second < 0)[units.of])
    costs, people = units.mean(case.people, case.seconds), units.sums(case.people)
    holds = np.isfinite(costs) & (people[:, None] <= case.room[None, :])
    alone = holds.sum(axis=1) < 2
    reason = np.where(alone[units.of[rows]], "one_shelter", "no_room")
    return pd.DataFrame(
        {
            "shelter": labels.take(place[units.of[rows]]),
            "reason": pd.array(reason.tolist(), dtype="str"),
        },
        index=case.households.index[rows],
    )


def totals(  # noqa: PLR0913 - both assignments and what they are measured by
    case: Case,
    nominal: Integers,
    found: Robust,
    second: Integers,
    bound: float,
) -> Mapping[str, object]:
    """Say what the safety costs.

    Returns
    -------
    mapping
        `kind`; `nominal_person_seconds` of the draft of least time and how many `nominal_people`
        it leaves safe; `person_seconds`, `price_person_seconds` (the difference), `bound` (no
        assignment of these people takes less); `households` and `people` safe from a failure,
        `not_households` and `not_people`; `most_people`: no assignment can make more safe;
        `exact`: whether it is proven that no other is better.
    """
    units = case.units
    people, costs = units.sums(case.people), units.mean(case.people, case.seconds)
    size = np.bincount(units.of, minlength=units.count)
    safe, served = second >= 0, found.place >= 0
    holds = np.isfinite(costs) & (people[:, None] <= case.room[None, :])
    before, now = _time(people, costs, nominal), _time(people, costs, found.place)
    first = instead(people, costs, case.room, nominal)
    return {
        "kind": "shelter",
        "nominal_person_seconds": before,
        "nominal_people": int(people[first >= 0].sum()),
        "person_seconds": now,
        "price_person_seconds": now - before,
        "bound": min(bound, now),
        "households": int(size[safe].sum()),
        "people": int(people[safe].sum()),
        "not_households": int(size[served & ~safe].sum()),
        "not_people": int(people[served & ~safe].sum()),
        "most_people": int(
            people[safe].sum() if found.exact else people[holds.sum(axis=1) >= 2].sum()
        ),
        "exact": found.exact,
    }


def _time(people: Integers, seconds: Floats, place: Integers) -> float:
    at = np.flatnonzero(place >= 0)
    return float(people[at] @ seconds[at, place[at]])


def _weight(people: Integers) -> Floats:
    return np.where(people > 0, people, _NOBODY).astype(np.float64)


def _worth(
    people: Integers, seconds: Floats, room: Integers, urgent: Flags, place: Integers
) -> tuple[float, float, float, float]:
    """Rank an assignment: urgent people served, people served, people safe, less time."""
    weight, served = _weight(people), place >= 0
    safe = instead(people, seconds, room, place) >= 0
    return (
        float(weight[served & urgent].sum()),
        float(weight[served].sum()),
        float(weight[safe].sum()),
        -_time(people, seconds, place),
    )


def _filled(people: Integers, seconds: Floats, room: Integers, place: Integers) -> Integers:
    """Send whoever the beds kept free leave over to them after all."""
    out = np.flatnonzero(place < 0)
    if not len(out):
        return place
    in_ = place >= 0
    load = np.bincount(place[in_], weights=people[in_], minlength=len(room)).astype(np.int64)
    filled = place.copy()
    filled[out] = to_shelters(people[out], seconds[out], room - load).shelter
    return filled


def _optimum(
    people: Integers, seconds: Floats, room: Integers, urgent: Flags, nominal: Integers
) -> Integers | None:
    """Solve a small instance: who goes where, and where to if that fails."""
    unit, to = np.nonzero(np.isfinite(seconds))
    if not len(unit):
        return nominal
    # second choices: of each pair (unit, shelter) every other shelter of the unit
    pair, other = np.nonzero(np.isfinite(seconds)[unit] & (np.arange(len(room)) != to[:, None]))
    count, more = len(unit), len(pair)
    weight = _weight(people)
    value = np.where(urgent, weight[~urgent].sum() + 1.0, 1.0) * weight
    served = nominal >= 0
    safe = np.concatenate([np.zeros(count), weight[unit[pair]]])
    rules = [
        _rule(unit, np.ones(count), count + more, len(people), 1.0),
        _rule(to, people[unit].astype(float), count + more, len(room), room.astype(float)),
        _safe_only_if_there(pair, count, more),
        *_fitting(people, room, unit, to, pair, other),
        LinearConstraint(
            np.concatenate([value[unit], np.zeros(more)])[None, :],
            float(value[served].sum()) - _NOBODY / 2,
            np.inf,
        ),
    ]
    most = _solved(-safe, rules, count + more)
    if most is None:
        return None
    rules.append(LinearConstraint(safe[None, :], float(safe @ most) - _NOBODY / 2, np.inf))
    cost = np.concatenate([weight[unit] * seconds[unit, to], np.zeros(more)])
    least = _solved(cost, rules, count + more)
    if least is None:
        return None
    place = np.full(len(people), -1, dtype=np.int64)
    taken = least[:count] > 0.5
    place[unit[taken]] = to[taken]
    return place


def _rule(
    row: Integers, values: Floats, columns: int, rows: int, most: float | Floats
) -> LinearConstraint:
    matrix = sparse.csr_array((values, (row, np.arange(len(row)))), shape=(rows, columns))
    return LinearConstraint(matrix, -np.inf, most)


def _safe_only_if_there(pair: Integers, count: int, more: int) -> LinearConstraint:
    """Let a second choice count once, and only for a shelter the unit is sent to."""
    column = np.concatenate([count + np.arange(more), np.arange(count)])
    row = np.concatenate([pair, np.arange(count)])
    values = np.concatenate([np.ones(more), -np.ones(count)])
    matrix = sparse.csr_array((values, (row, column)), shape=(count, count + more))
    return LinearConstraint(matrix, -np.inf, 0.0)


def _fitting(
    people: Integers, room: Integers, unit: Integers, to: Integers, pair: Integers, other: Integers
) -> list[LinearConstraint]:
    """For each shelter that fails: the others hold their own people and those who come."""
    count, shelters = len(unit), len(room)
    rules = []
    for failed in range(shelters):
        come = np.flatnonzero(to[pair] == failed)
        row = np.concatenate([to, other[come]])
        column = np.concatenate([np.arange(count), count + come])
        values = np.concatenate([people[unit], people[unit[pair[come]]]]).astype(float)
        matrix = sparse.csr_array((values, (row, column)), shape=(shelters, count + len(pair)))
        most = room.astype(float).copy()
        rules.append(LinearConstraint(matrix, -np.inf, most))
    return rules


def _solved(cost: Floats, rules: list[LinearConstraint], size: int) -> Floats | None:
    found = milp(
        cost,
        integrality=np.ones(size, dtype=np.int64),
        bounds=Bounds(0.0, 1.0),
        constraints=rules,
        options={"node_limit": _NODES, "mip_rel_gap": 0.0},
    )
    return np.asarray(found.x) if found.status == 0 and found.x is not None else None
