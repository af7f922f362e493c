"""Point queues: households pass the edges of their ways one after the other, first come first."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import compiled
from geodata.evacuation_flow import Followed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_ROUNDS = 20  # of leaving out edges at which nobody ever waits; it is at rest long before
_ALIKE = 1e-7  # seconds: sums of the same times in another order


class Course(NamedTuple):
    """Ways made ready for the queues: only the edges at which somebody may have to wait.

    Attributes
    ----------
    offsets, edge
        As in `evacuation_flow.Followed`, of these edges only.
    reach
        Seconds from the door to the first of them, or to the shelter.
    travel
        Seconds from each of them to the next, or to the shelter.
    trail
        Seconds by which the last of a household comes after the first: its people through the
        narrowest edge of its way.
    people
        People of each household.
    seconds_each
        By edge label: seconds that one person takes up.
    """

    offsets: Ints
    edge: Ints
    reach: Floats
    travel: Floats
    trail: Floats
    people: Floats
    seconds_each: Floats


class Passed(NamedTuple):
    """What came of one evacuation.

    Attributes
    ----------
    arrival
        When the last of each household is at the shelter.
    waited
        Seconds each household stood in queues.
    longest, person_seconds
        By edge label: the longest wait, and people x seconds waited.
    """

    arrival: Floats
    waited: Floats
    longest: Floats
    person_seconds: Floats


def course(followed: Followed, people: Floats, per_hour: Floats) -> Course:
    """Make ways ready.

    Parameters
    ----------
    followed
        Ways, all of them there.
    people
        Of each household.
    per_hour
        People an hour, by edge label.
    """
    starts, edge = np.asarray(followed.offsets, dtype=np.int64), np.asarray(followed.edge)
    owner = np.repeat(np.arange(len(followed)), np.diff(starts))
    each = 3600.0 / per_hour
    slowest = np.zeros(len(followed))
    np.maximum.at(slowest, owner, each[edge])
    alike = bool((followed.scale == followed.scale[:1]).all())
    kept = np.flatnonzero(_waited_at(owner, edge, followed.before, per_hour, people, alike))
    owner, edge = owner[kept], edge[kept]
    entered, total = followed.before[kept], followed.seconds
    last = np.ones(len(kept), dtype=bool)
    last[:-1] = owner[1:] != owner[:-1]
    following = np.append(entered[1:], 0.0)[: len(kept)]
    travel = np.where(last, total[owner], following) - entered
    first = np.ones(len(kept), dtype=bool)
    first[1:] = owner[1:] != owner[:-1]
    reach = total.copy()
    reach[owner[first]] = entered[first]
    counts = np.bincount(owner, minlength=len(followed))
    return Course(
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        edge.astype(np.int64),
        reach,
        travel,
        people * slowest,
        people,
        each,
    )


def _waited_at(  # noqa: PLR0913 - who comes where, when, and how many may pass
    owner: Ints, edge: Ints, entered: Floats, per_hour: Floats, people: Floats, alike: bool
) -> Bools:
    """Tell which entries can see a queue.

    None can where one household alone passes; nor, if all go equally fast, on an edge that is
    reached over one other edge only, which lets no more people pass and which all of them take
    from the same place on: whoever has a door along it comes out between those who have not.
    """
    kept = np.arange(len(edge))
    kept = kept[people[owner] > 0]
    for _ in range(_ROUNDS if alike else 1):
        here, whose = edge[kept], owner[kept]
        before = np.full(len(kept), -1, dtype=np.int64)
        before[1:] = np.where(whose[1:] == whose[:-1], here[:-1], -1)
        since = np.zeros(len(kept))
        since[1:] = entered[kept[1:]] - entered[kept[:-1]]
        shortest, farthest = np.full(len(per_hour), np.inf), np.zeros(len(per_hour))
        np.minimum.at(shortest, here, since)
        np.maximum.at(farthest, here, since)
        users = np.bincount(here, minlength=len(per_hour))
        low = np.full(len(per_hour), np.iinfo(np.int64).max)
        high = np.full(len(per_hour), -2)
        np.minimum.at(low, here, before)
        np.maximum.at(high, here, before)
        fed = (low == high) & (high >= 0) & (farthest - shortest < _ALIKE)
        fed &= per_hour >= per_hour[np.maximum(high, 0)]
        free = (users <= 1) | (fed & alike)
        if not free[here].any():
            break
        kept = kept[~free[here]]
    found = np.zeros(len(edge), dtype=bool)
    found[kept] = True
    return found


def passed(way: Course, departure: Floats) -> Passed:
    """Let everybody travel.

    Parameters
    ----------
    way
        The ways.
    departure
        When each household leaves its door.

    Returns
    -------
    Passed
        At an edge one household enters after the other, the first to come first, of two that
        come together the one with the lower position; each takes up the edge for as long as its
        people need at the edge's rate. The same input gives the same answer.
    """
    edges, homes = len(way.seconds_each), len(departure)
    found = Passed(np.zeros(homes), np.zeros(homes), np.zeros(edges), np.zeros(edges))
    _run(way, departure + way.reach, found)
    return found._replace(arrival=found.arrival + way.trail)


@compiled
def _run(way: Course, when: Floats, found: Passed) -> None:
    free = np.zeros(len(way.seconds_each))
    at = way.offsets[:-1].copy()
    heap = np.argsort(when, kind="mergesort")  # sorted is a heap
    size = len(when)
    while size > 0:
        home = heap[0]
        now = when[home]
        step = at[home]
        if step == way.offsets[home + 1]:
            found.arrival[home] = now
            size -= 1
            heap[0] = heap[size]
        else:
            here = way.edge[step]
            begin = max(now, free[here])
            wait = begin - now
            free[here] = begin + way.people[home] * way.seconds_each[here]
            found.waited[home] += wait
            found.person_seconds[here] += wait * way.people[home]
            found.longest[here] = max(found.longest[here], wait)
            when[home] = begin + way.travel[step]
            at[home] = step + 1
        _settle(heap, size, when)


@compiled
def _settle(heap: Ints, size: int, when: Floats) -> None:
    """Let what stands at the root of a heap sink to its place."""
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            return
        other = child + 1
        if other < size and _sooner(heap[other], heap[child], when):
            child = other
        if not _sooner(heap[child], heap[place], when):
            return
        heap[place], heap[child] = heap[child], heap[place]
        place = child


@compiled
def _sooner(one: int, other: int, when: Floats) -> bool:
    if when[one] != when[other]:
        return bool(when[one] < when[other])
    return one < other
