"""Drafts that survive the failure of any single shelter or street, and what that costs.

What may fail, whom it hits and who then counts as safe: see `evacuation_robust_failures` and
`evacuation_robust_streets`; what is said of it: `evacuation_robust_tables`. Nobody is served less
for it: first come those served, then the people safe from every failure, then the time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.arc_lists import of_these
from geodata.assignment import to_shelters
from geodata.evacuation_case import Case
from geodata.evacuation_robust_exact import choices, optimum, weight_of
from geodata.evacuation_robust_failures import (
    Failures,
    Judged,
    failures,
    judged,
    never_safe,
    suits,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_SMALL = 3000  # second places, by unit and shelter and failure, that are solved to the optimum
_RESERVES = (0.0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3)  # shares of every shelter kept free at first
_ROUNDS = 3  # times those who found no bed are led elsewhere


@dataclass(frozen=True)
class Robust:
    """An assignment that survives failures as far as possible.

    Attributes
    ----------
    place
        Position of the shelter of each unit, -1 for none.
    judged
        Who survives what.
    before
        The same of the assignment of least time.
    never
        Units that no assignment makes safe.
    exact
        Whether it is proven that no other is better.
    failures
        What may fail.
    nominal
        The assignment of least time: position of the shelter of each unit, -1 for none.
    """

    place: Integers
    judged: Judged
    before: Judged
    never: Flags
    exact: bool
    failures: Failures
    nominal: Integers


@dataclass(frozen=True)
class _Asked:
    """Units as for `assignment.to_shelters`, and what may fail."""

    people: Integers
    seconds: Floats
    room: Integers
    urgent: Flags
    found: Failures
    never: Flags

    def judged(self, place: Integers, prefer: Flags | None = None) -> Judged:
        """Find out who survives; those nothing can help do not take the beds of others."""
        given = self.people, self.seconds, self.room, place, self.found
        first = judged(*given, ~self.never if prefer is None else prefer)
        if first.safe[~self.never & (place >= 0)].all():
            return first
        # who is lost anyway does not take the beds of others
        again = judged(*given, first.safe)
        return again if self._safe(again) > self._safe(first) else first

    def _safe(self, one: Judged) -> float:
        return float(weight_of(self.people)[one.safe].sum())

    def worth(self, place: Integers, one: Judged) -> tuple[float, float, float, float]:
        """Rank an assignment: urgent people served, people served, people safe, less time."""
        weight, served = weight_of(self.people), place >= 0
        return (
            float(weight[served & self.urgent].sum()),
            float(weight[served].sum()),
            self._safe(one),
            -time_of(self.people, self.seconds, place),
        )


def surviving(case: Case, nominal: Integers, kind: str) -> Robust:
    """Assign units so that as many people as possible have a place whatever single thing fails.

    Parameters
    ----------
    case
        The evacuation.
    nominal
        The assignment of least time: positions of shelters by unit, -1 for none.
    kind
        What may fail: `shelter`, `road`, `any` of both.

    Returns
    -------
    Robust
        As many people are served as by *nominal*, urgent ones first; then as many as possible are
        safe; then in the least time. Small instances are solved to the optimum; of large ones
        several are tried that keep some beds free, and lead away from streets behind which not
        all find one, and the best is taken; *nominal* itself where it cannot be bettered.
    """
    units = case.units
    people, seconds = units.sums(case.people), units.mean(case.people, case.seconds)
    found = failures(case, kind)
    never = never_safe(found, suits(people, seconds, case.room))
    asked = _Asked(people, seconds, case.room, units.any(case.urgent), found, never)
    before = asked.judged(nominal)
    if choices(seconds, found) <= _SMALL:
        solved = optimum(people, seconds, case.room, asked.urgent, nominal, found)
        if solved is not None:
            place, safe = solved
            return Robust(place, asked.judged(place, safe), before, never, True, found, nominal)
    best, known, worth = nominal, before, asked.worth(nominal, before)
    # nothing is better than all safe who can be, in the least time there is at all
    proven = bool(before.safe[~never].all())
    if not proven:
        for place in _tried(asked, nominal, before):
            one = asked.judged(place)
            now = asked.worth(place, one)
            if now > worth:
                best, known, worth = place, one, now
            if known.safe[~never].all():
                break
    return Robust(best, known, before, never, proven, found, nominal)


def survivors(case: Case, place: Integers, kind: str) -> Robust:
    """Judge an assignment that something else has chosen, such as the fewest changes.

    Parameters
    ----------
    case, kind
        As for `surviving`.
    place
        Position of the shelter of each unit, -1 for none.

    Returns
    -------
    Robust
        Nothing is changed to make anybody safer, and nothing is proven of others; `before` is of
        the assignment of least time.
    """
    units = case.units
    people, seconds = units.sums(case.people), units.mean(case.people, case.seconds)
    urgent = units.any(case.urgent)
    found = failures(case, kind)
    never = never_safe(found, suits(people, seconds, case.room))
    asked = _Asked(people, seconds, case.room, urgent, found, never)
    nominal = to_shelters(people, seconds, case.room, urgent).shelter
    return Robust(place, asked.judged(place), asked.judged(nominal), never, False, found, nominal)


def _tried(asked: _Asked, nominal: Integers, before: Judged) -> Iterator[Integers]:
    """Give assignments that may be safer."""
    people, room = asked.people, asked.room
    costs, place, one = asked.seconds, nominal, before
    for _ in range(_ROUNDS):
        dearer = _away(asked, costs, one)
        if dearer is costs:
            break
        costs = dearer
        place = to_shelters(people, costs, room, asked.urgent).shelter
        one = asked.judged(place)
        yield place
    spare = 1.0 - float(people.sum()) / max(float(room.sum()), 1.0)
    # keeping more free than there is leaves people over who then fill it
    for share in [one for one in _RESERVES if one <= max(spare, _RESERVES[1])]:
        less = room - np.ceil(share * room).astype(np.int64)
        tried = to_shelters(people, costs, less, asked.urgent).shelter
        yield tried
        yield _filled(people, costs, room, tried)


def _away(asked: _Asked, costs: Floats, one: Judged) -> Floats:
    """Make it dear to hang on the streets behind which somebody found no bed."""
    bad = np.unique(one.failure[~one.placed & ~asked.never[one.unit]])
    if not len(bad):
        return costs
    pair = np.flatnonzero(np.isfinite(costs).reshape(-1))
    owner = np.repeat(pair, np.diff(asked.found.hits.first)[pair])
    hit = np.isin(of_these(asked.found.hits, pair) // 3, bad)
    shelters = costs.shape[1]
    rows = owner[hit][~asked.never[owner[hit] // shelters]]
    dearer = costs.copy().reshape(-1)
    most = float(costs[np.isfinite(costs)].max(initial=0.0)) + 1.0
    dearer[np.unique(rows)] += most
    return dearer.reshape(costs.shape)


def time_of(people: Integers, seconds: Floats, place: Integers) -> float:
    """Add up people x seconds of an assignment."""
    at = np.flatnonzero(place >= 0)
    return float(people[at] @ seconds[at, place[at]])


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
