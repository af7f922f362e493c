"""What may fail in an evacuation, whom it hits where, and who then has a place.

One thing fails at a time: a shelter, or one place of a street. Whoever it hits moves, all at once
and each unit whole, to a shelter they may go to and still have a way to, into beds that are free
in the plan; nobody counts on a bed that another leaves, and nobody else moves. A unit is safe if
it has such a place whatever of this fails.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata import evacuation_robust_streets
from geodata.arc_lists import Lists, of_these
from geodata.assignment import to_shelters
from geodata.compiled import compiled
from geodata.evacuation_alternates import instead
from geodata.evacuation_case import Case
from geodata.ragged import offsets

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Failures:
    """What may fail.

    Attributes
    ----------
    hits
        By unit x shelters + shelter: 3 x the numbers of the failures that hit a unit sent there,
        and from which side (see `evacuation_robust_streets.Hanging`).
    shelters
        Numbers below are those of shelters, from here on of parts of streets.
    count
        How many numbers there are.
    part
        For each stretch of street the number of its part; empty if streets do not fail.
    of_shelters
        Whether shelters fail.
    """

    hits: Lists
    shelters: int
    count: int
    part: NDArray[np.intp]
    of_shelters: bool


@dataclass(frozen=True)
class Judged:
    """Who survives.

    Attributes
    ----------
    safe
        Units that are sent somewhere and safe from every failure.
    second
        Position of the shelter of each unit if its own fails, -1 for none.
    failure, unit, able, placed
        As columns: whom each failure of a street hits, whether they then have a way to any
        shelter, and whether they have a place.
    """

    safe: Flags
    second: Integers
    failure: Integers
    unit: Integers
    able: Flags
    placed: Flags


def failures(case: Case, kind: str) -> Failures:
    """List what may fail: `shelter`, `road`, or `any` of both."""
    count, shelters = case.units.count, case.seconds.shape[1]
    pair = np.arange(count * shelters)
    keys = []
    if kind != "road":
        keys.append(np.column_stack([pair, 3 * (pair % max(shelters, 1))]))
    part = np.array([], dtype=np.intp)
    if kind != "shelter":
        found = evacuation_robust_streets.hanging(case)
        part = found.part
        owner = np.repeat(pair, np.diff(found.pairs.first))
        keys.append(np.column_stack([owner, found.pairs.at + 3 * shelters]))
    both = np.concatenate(keys)
    both = both[np.argsort(both[:, 0], kind="stable")]
    first = offsets(np.bincount(both[:, 0], minlength=len(pair)))
    numbers = shelters + int(part.max(initial=-1)) + 1
    return Failures(
        Lists(first, both[:, 1].astype(np.intp)), shelters, numbers, part, kind != "road"
    )


def suits(people: Integers, seconds: Floats, room: Integers) -> Flags:
    """Tell where units may be sent at all: array units x shelters."""
    found: Flags = np.isfinite(seconds) & (people[:, None] <= room[None, :])
    return found


def never_safe(found: Failures, may: Flags) -> Flags:
    """Tell the units that some failure shuts off from every shelter they may go to."""
    unit, shelter = np.nonzero(may)
    pair = unit * may.shape[1] + shelter
    owner = np.repeat(pair, np.diff(found.hits.first)[pair])
    code = of_these(found.hits, pair)
    # who is hit coming through is hit from either side
    through = np.flatnonzero(code % 3 == 0)
    owner = np.concatenate([owner, owner[through], owner[through]])
    code = np.concatenate([code, code[through] + 1, code[through] + 2])
    most = 3 * max(found.count, 1)
    each = np.unique(owner * most + code)
    key, times = np.unique(each // most // may.shape[1] * most + each % most, return_counts=True)
    never: Flags = np.asarray(~may.any(axis=1))
    of = key // most
    never[of[times == may.sum(axis=1)[of]]] = True
    return never


def spared(found: Failures, failure: Integers, pairs: Integers, may: Flags) -> Flags:
    """Tell where units may go when something has failed.

    Parameters
    ----------
    found
        What may fail.
    failure, pairs
        The failure, and unit x shelters + shelter for a unit that it hits on its way there.
    may
        Array units x shelters: where they may be sent at all.

    Returns
    -------
    Array pairs x shelters.
    """
    return np.asarray(_spared(found.hits.first, found.hits.at, failure, pairs, may))


@compiled
def _spared(first: Integers, at: Integers, failure: Integers, pairs: Integers, may: Flags) -> Flags:
    shelters = may.shape[1]
    left = np.zeros((len(pairs), shelters), np.bool_)
    for row in range(len(pairs)):
        unit = pairs[row] // shelters
        for shelter in range(shelters):
            left[row, shelter] = may[unit, shelter] and not _both(
                first, at, failure[row], pairs[row], unit * shelters + shelter
            )
    return left


@compiled
def _both(first: Integers, at: Integers, failure: int, pair: int, other: int) -> bool:
    """Tell whether one place may shut off both ways."""
    for one in range(first[pair], first[pair + 1]):
        if at[one] // 3 != failure:
            continue
        for two in range(first[other], first[other + 1]):
            if at[two] // 3 != failure:
                continue
            if at[one] == at[two] or at[one] % 3 == 0 or at[two] % 3 == 0:
                return True
    return False


def judged(  # noqa: PLR0913 - a plan, what fails, and who comes first
    people: Integers,
    seconds: Floats,
    room: Integers,
    place: Integers,
    found: Failures,
    prefer: Flags,
) -> Judged:
    """Find out who survives what may fail.

    Parameters
    ----------
    people, seconds, room, place
        As for `evacuation_alternates.instead`.
    found
        What may fail.
    prefer
        Units that get free beds first where not all who move find one.
    """
    in_ = place >= 0
    load = np.bincount(place[in_], weights=people[in_], minlength=len(room)).astype(np.int64)
    unit, failure = _moving(found, place)
    placed = np.zeros(len(unit), dtype=bool)
    may = suits(people, seconds, room)
    left = spared(found, failure, unit * found.shelters + place[unit], may)
    edges = np.flatnonzero(np.diff(failure, prepend=-1, append=-1))
    known: dict[bytes, Flags] = {}
    for begin, end in zip(edges[:-1], edges[1:], strict=True):
        rows, where = unit[begin:end], left[begin:end]
        key = rows.tobytes() + where.tobytes()
        if key not in known:
            known[key] = _found_place(
                people[rows],
                np.where(where, seconds[rows], np.inf),
                room - load,
                prefer[rows],
            )
        placed[begin:end] = known[key]
    safe = in_.copy()
    safe[unit[~placed]] = False
    second = instead(people, seconds, room, place, safe & prefer)
    if found.of_shelters:
        safe &= second >= 0
    return Judged(safe, second, failure, unit, np.asarray(left.any(axis=1)), placed)


def _moving(found: Failures, place: Integers) -> tuple[Integers, Integers]:
    """List who is hit by what fails of the streets, by failure and unit."""
    units = np.flatnonzero(place >= 0)
    pair = units * found.shelters + place[units]
    owner = np.repeat(units, np.diff(found.hits.first)[pair])
    number = of_these(found.hits, pair) // 3
    streets = number >= found.shelters
    rows = np.unique(np.column_stack([number[streets], owner[streets]]), axis=0)
    return rows[:, 1], rows[:, 0].astype(np.int64)


def _found_place(people: Integers, seconds: Floats, free: Integers, prefer: Flags) -> Flags:
    """Tell who finds a free bed when all of these move."""
    left, placed = free.copy(), np.zeros(len(people), dtype=bool)
    able = np.isfinite(seconds).any(axis=1)
    for row in np.lexsort((-people, ~prefer)):
        fits = np.where(left >= people[row], seconds[row], np.inf)
        to = int(np.argmin(fits)) if len(fits) else 0
        if len(fits) and np.isfinite(fits[to]):
            left[to] -= people[row]
            placed[row] = True
    if placed[able].all():
        return placed
    shelter = to_shelters(people, seconds, free, prefer, thorough=False).shelter
    better = shelter >= 0
    sums = [(people[one & prefer].sum(), people[one].sum()) for one in (placed, better)]
    return better if sums[1] > sums[0] else placed
