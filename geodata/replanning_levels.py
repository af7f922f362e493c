"""Whole households to shelters once more: served first, then as few changed as can be.

Each aim is met as well as possible before the next one is looked at: most urgent people served,
most people served, fewest people changed who have been told, fewest changed at all, least time.
Nothing here knows of streets: seconds and what a change weighs come in as matrices.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from geodata.assignment import to_shelters
from geodata.transport import minimum_flow

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

OUT = -1
_SMALL = 600  # units x shelters whose time, too, is solved exactly
_NODES = 20_000  # branch and bound stops here: a count, so that every machine stops alike
_NOBODY = 1e-3  # an empty household weighs this much in the time of all


@dataclass(frozen=True)
class Asked:
    """Units (households, or groups of them that stay together) and what is asked of them.

    Attributes
    ----------
    people, urgent
        People of each unit, and whether it is served first.
    seconds
        Array units x shelters; infinite where the unit may not or cannot go.
    capacity
        People each shelter takes.
    told, moved
        Arrays units x (shelters + 1): people who have been told, and people at all, whose place
        is another one than before if the unit goes there; the last column is for nowhere.
    """

    people: Integers
    urgent: Flags
    seconds: Floats
    capacity: Integers
    told: Integers
    moved: Integers

    @property
    def able(self) -> Flags:
        """Array units x shelters: where a unit may be put."""
        holds = self.people[:, None] <= self.capacity[None, :]
        able: Flags = np.isfinite(self.seconds) & holds
        return able


@dataclass(frozen=True)
class Found:
    """Where each unit goes (-1 nowhere), and whether no other choice changes fewer people."""

    shelter: Integers
    proven: bool


def fewest_changes(asked: Asked) -> Found:
    """Choose a shelter for every unit.

    Parameters
    ----------
    asked
        The units.

    Returns
    -------
    Found
        No shelter over its capacity. If every unit can keep what changes it least, that is the
        answer and proven; otherwise whole-number programmes (HiGHS) settle one aim after the
        other, over kinds of units that are alike, so that thousands of them are few.
    """
    calm = _calm(asked)
    if calm is not None:
        return Found(calm, True)
    small = asked.seconds.size <= _SMALL
    kinds = _kinds(asked, alone=small)
    count, proven = _settled(asked, kinds)
    shelter = _dealt(asked, kinds, count)
    return Found(shelter if small else _shortened(asked, shelter), proven)


def _calm(asked: Asked) -> Integers | None:
    """Give everybody what changes them least, in the least time; None if there is no room."""
    able = asked.able
    hopeful = able.any(axis=1)
    seconds = np.where(able, asked.seconds, np.inf)
    for weight in (asked.told, asked.moved):
        mine = np.where(np.isfinite(seconds), weight[:, :-1], np.iinfo(np.int64).max)
        least = mine.min(axis=1, initial=np.iinfo(np.int64).max)
        seconds = np.where(mine == least[:, None], seconds, np.inf)
    shelter = to_shelters(asked.people, seconds, asked.capacity, asked.urgent).shelter
    return shelter if (shelter[hopeful] >= 0).all() else None


@dataclass(frozen=True)
class _Kinds:
    """Units that are alike in all but their seconds.

    Attributes
    ----------
    of
        Kind of each unit.
    first
        A unit of each kind.
    size
        Units of each kind.
    """

    of: Integers
    first: Integers
    size: Integers


def _kinds(asked: Asked, alone: bool) -> _Kinds:
    units = len(asked.people)
    if alone:
        every = np.arange(units)
        return _Kinds(every, every, np.ones(units, dtype=np.int64))
    key = np.column_stack([asked.people, asked.urgent, asked.able, asked.told, asked.moved]).astype(
        np.int64
    )
    _, first, of, size = np.unique(
        key, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    return _Kinds(of.reshape(-1), first, size)


def _settled(asked: Asked, kinds: _Kinds) -> tuple[Integers, bool]:
    """Say how many of each kind go where: array kinds x (shelters + 1)."""
    able = asked.able[kinds.first]
    kind, place = np.nonzero(np.column_stack([able, np.ones(len(able), dtype=bool)]))
    people = asked.people[kinds.first][kind]
    out = place == len(asked.capacity)
    urgent = asked.urgent[kinds.first][kind]
    aims = [
        people * (out & urgent),
        people * out,
        (out & (people == 0)).astype(np.int64),
        asked.told[kinds.first][kind, place],
        asked.moved[kinds.first][kind, place],
    ]
    programme = _Programme(
        kind, place, people, kinds.size, asked.capacity, _start(kinds, kind, out)
    )
    for aim in aims:
        programme.aim(aim.astype(np.float64))
    mean = _mean_seconds(asked, kinds)
    weight = np.where(people > 0, people, _NOBODY)
    programme.aim(weight * np.where(out, 0.0, mean[kind, place]), last=True)
    count = np.zeros((len(able), able.shape[1] + 1), dtype=np.int64)
    count[kind, place] = programme.best
    return count, programme.proven


def _start(kinds: _Kinds, kind: Integers, out: Flags) -> Integers:
    """Nobody anywhere: what there is before anything has been found."""
    return np.where(out, kinds.size[kind], 0).astype(np.int64)


def _mean_seconds(asked: Asked, kinds: _Kinds) -> Floats:
    """Mean of the seconds of a kind to every shelter, and 0 to nowhere."""
    finite = np.where(np.isfinite(asked.seconds), asked.seconds, 0.0)
    total = np.zeros((len(kinds.size), finite.shape[1] + 1))
    np.add.at(total[:, :-1], kinds.of, finite)
    return total / kinds.size[:, None]


class _Programme:
    """One whole-number programme after the other; what an aim has reached is never given up."""

    def __init__(
        self,
        kind: Integers,
        place: Integers,
        people: Integers,
        size: Integers,
        capacity: Integers,
        start: Integers,
    ) -> None:
        column = np.arange(len(kind))
        inside = np.flatnonzero(place < len(capacity))
        rows = np.concatenate([kind, len(size) + place[inside]])
        values = np.concatenate([np.ones(len(kind)), people[inside]]).astype(float)
        matrix = sparse.csr_array(
            (values, (rows, np.concatenate([column, inside]))),
            shape=(len(size) + len(capacity), len(kind)),
        )
        low = np.concatenate([size, np.full(len(capacity), -np.inf)])
        high = np.concatenate([size, capacity]).astype(float)
        self._matrix, self._high = matrix, high
        self._limits = [LinearConstraint(matrix, low, high)]
        self._size = size[kind].astype(float)
        self._reached: list[tuple[Floats, float]] = []
        self.best = start
        self.proven = True

    def aim(self, cost: Floats, last: bool = False) -> None:
        """Lower a cost as far as it goes; whole numbers unless it is the last one."""
        if cost.any():
            found = milp(
                cost,
                integrality=np.ones(len(cost), dtype=np.int64),
                bounds=Bounds(np.zeros(len(cost)), self._size),
                constraints=self._limits,
                options={"node_limit": _NODES, "mip_rel_gap": 0.0},
            )
            self.proven &= last or found.status == 0
            if found.x is not None:
                self._take(np.rint(found.x).astype(np.int64), cost)
        value = float(cost @ self.best)
        self._reached.append((cost, value))
        self._limits.append(LinearConstraint(sparse.csr_array(cost[None, :]), -np.inf, value + 0.5))

    def _take(self, count: Integers, cost: Floats) -> None:
        """Keep a better answer, once it has been checked in whole numbers."""
        total = self._matrix @ count
        fits = (total <= self._high).all() and (count >= 0).all()
        kept = all(float(aim @ count) <= value for aim, value in self._reached)
        if fits and kept and float(cost @ count) < float(cost @ self.best):
            self.best = count


def _dealt(asked: Asked, kinds: _Kinds, count: Integers) -> Integers:
    """Deal the places of a kind out to its units so that their time is least."""
    shelter = np.full(len(asked.people), OUT, dtype=np.int64)
    order = np.argsort(kinds.of, kind="stable")
    for kind, mine in enumerate(np.split(order, np.cumsum(kinds.size)[:-1])):
        places = np.flatnonzero(count[kind])
        if len(places) == 1:
            shelter[mine] = places[0]
            continue
        nowhere = np.zeros((len(mine), 1))
        seconds = np.hstack([asked.seconds[mine], nowhere])[:, places]
        one = np.ones(len(mine), dtype=np.int64)
        shelter[mine] = places[minimum_flow(one, seconds, count[kind, places]).shelter]
    return np.where(shelter == len(asked.capacity), OUT, shelter)


def _shortened(asked: Asked, shelter: Integers) -> Integers:
    """Shorten the time without changing anybody more than now."""
    rows = np.flatnonzero(shelter >= 0)
    now = shelter[rows]
    same = asked.able[rows]
    for weight in (asked.told[rows], asked.moved[rows]):
        same &= weight[:, :-1] == weight[np.arange(len(rows)), now][:, None]
    seconds = np.where(same, asked.seconds[rows], np.inf)
    again = to_shelters(asked.people[rows], seconds, asked.capacity, asked.urgent[rows])
    before = float(asked.people[rows] @ asked.seconds[rows, now])
    if (again.shelter < 0).any() or again.person_seconds >= before:
        return shelter
    better = shelter.copy()
    better[rows] = again.shelter
    return better
