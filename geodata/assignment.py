"""Whole households to shelters within capacity, with the flow that bounds what is possible.

The flow may split a household, so its minimum is a lower bound; what it leaves split is repaired
exactly on a small neighbourhood. Nothing here knows of streets: seconds come in as a matrix.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata import placement
from geodata.assignment_room import load, made_room
from geodata.transport import Flow, minimum_flow

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

UNSERVED = -1
_SMALL = 600  # households x shelters that are solved whole instead of repaired
_GOOD_ENOUGH = 2e-3  # share above the bound at which nothing is left worth searching for
_TIGHT = 0.001  # share of the people that are free beds, below which packing is a puzzle
_TIGHT_ENOUGH = 5e-3  # the same where beds are hardly more than people
_TARGETS = 4  # shelters to which households of a shelter may move
_PER_TARGET = 2  # households that may move between two shelters while the split ones are placed
_CHOICES = 5  # shelters a household of the neighbourhood may choose from
_ROUNDS = 3  # neighbourhoods, each three times as large as the last


@dataclass(frozen=True)
class Assignment:
    """Who goes to which shelter.

    Attributes
    ----------
    shelter
        Position of the shelter for each household; ``UNSERVED`` (-1) for those left over.
    person_seconds
        Sum of people x seconds over the assigned.
    bound
        Minimum of the flow that may split households, over all shelters, for the same people.
        Never above `person_seconds`.
    prices
        Seconds that one more bed in each shelter would save in that flow.
    """

    shelter: Integers
    person_seconds: float
    bound: float
    prices: Floats

    @property
    def proof(self) -> tuple[float, Floats]:
        """The bound and the prices that prove it."""
        return self.bound, self.prices


def to_shelters(
    people: Integers,
    seconds: Floats,
    capacity: Integers,
    urgent: Flags | None = None,
    *,
    thorough: bool = True,
) -> Assignment:
    """Assign whole households to shelters so that the time all people travel is least.

    Parameters
    ----------
    people
        People of each household, 0 or more.
    seconds
        Array households x shelters; infinite where the household may not or cannot go.
    capacity
        People each shelter takes.
    urgent
        Households served first when there is too little room for all; none if omitted.
    thorough
        Whether large instances are improved until the total is close to the bound; otherwise
        whoever the flow splits goes to what is best and free.

    Returns
    -------
    Assignment
        No shelter over its capacity, no household divided. If there is room for all, all with a
        finite entry are assigned. If not: first as many people of urgent households as possible,
        then as many people as possible, then the least time. A household larger than every
        shelter it may go to is left over. The same input gives the same answer.

    Notes
    -----
    The flow is a transportation problem solved by cost scaling (OR-Tools). Its prices prove the
    bound. Households that the flow splits are placed by an integer programme (HiGHS) together
    with those cheapest to move, which grows until the total is close to the bound; small
    instances are solved whole.
    """
    people = np.asarray(people, dtype=np.int64)
    seconds = np.asarray(seconds, dtype=np.float64)
    capacity = np.maximum(np.asarray(capacity, dtype=np.int64), 0)
    urgent = np.zeros(len(people), dtype=bool) if urgent is None else np.asarray(urgent, bool)
    shelter = np.full(len(people), UNSERVED, dtype=np.int64)
    whole = np.where(people[:, None] <= capacity[None, :], seconds, np.inf)
    able = np.flatnonzero(np.isfinite(whole).any(axis=1))
    flow = minimum_flow(people[able], seconds[able], capacity, urgent[able])
    placed = _placed(people[able], whole[able] + flow.prices, capacity, urgent[able], flow)
    quick = not thorough and len(able) * len(capacity) > _SMALL
    if not quick:
        placed = _served(people[able], whole[able], capacity, urgent[able], placed, flow)
    in_ = placed >= 0
    at = able[in_]
    if (
        flow.short or len(at) < len(able)
    ) and not quick:  # a new flow: the bound is for the people served
        flow = minimum_flow(people[at], seconds[at], capacity)
    if quick:
        shelter[at] = placed[in_]
    elif len(at):
        shelter[at] = _shortened(people[at], whole[at], capacity, placed[in_], flow)
    total = float(people[at] @ seconds[at, shelter[at]])
    return Assignment(shelter, total, min(flow.bound, total), flow.prices)


def _placed(
    people: Integers, cost: Floats, capacity: Integers, urgent: Flags, flow: Flow
) -> Integers:
    """Keep whole households where the flow has them; the others go to what is best and free."""
    shelter = np.where(flow.split, UNSERVED, flow.shelter)
    rows = np.flatnonzero(shelter >= 0)
    shelter[rows[~np.isfinite(cost[rows, shelter[rows]])]] = UNSERVED
    free = capacity - load(people, shelter, len(capacity))
    waiting = np.flatnonzero(shelter < 0)
    # urgent first, then the large, which find a gap less easily; position decides ties
    for household in waiting[np.lexsort((waiting, -people[waiting], ~urgent[waiting]))]:
        mine = np.where(free >= people[household], cost[household], np.inf)
        best = int(np.argmin(mine))
        if np.isfinite(mine[best]):
            shelter[household] = best
            free[best] -= people[household]
    return shelter


def _served(
    people: Integers,
    seconds: Floats,
    capacity: Integers,
    urgent: Flags,
    shelter: Integers,
    flow: Flow,
) -> Integers:
    """Find room for those left over as long as the flow says that there is some.

    A small town is solved whole whenever anybody is left over: as many people may be served at
    less time by leaving somebody else over.
    """
    everyone = people.size * capacity.size <= _SMALL
    if not everyone:
        shelter = made_room(people, seconds + flow.prices, capacity, urgent, shelter)
    for size in range(_ROUNDS):
        out = shelter < 0
        if not (out.any() if everyone else _room_left(people, out, urgent, flow)):
            break
        movable = _movable(
            seconds + flow.prices,
            shelter,
            flow.split | out,
            len(people) if everyone else _PER_TARGET * 3**size,
        )
        free = capacity - load(people, _without(shelter, movable), len(capacity))
        choices = len(capacity) if everyone else _CHOICES + size
        shelter = shelter.copy()
        shelter[movable] = placement.most_served(
            people[movable],
            seconds[movable],
            flow.prices,
            free,
            urgent[movable],
            shelter[movable],
            choices,
        )
        if everyone:
            break
    return shelter


def _room_left(people: Integers, out: Flags, urgent: Flags, flow: Flow) -> bool:
    left, left_urgent = int(people[out].sum()), int(people[out & urgent].sum())
    empty_homes = bool((people[out] == 0).any())
    return left > flow.unserved or left_urgent > flow.unserved_urgent or empty_homes


def _shortened(
    people: Integers, seconds: Floats, capacity: Integers, shelter: Integers, flow: Flow
) -> Integers:
    """Shorten the time of households that all have a place."""
    everyone = people.size * capacity.size <= _SMALL
    cost = seconds + flow.prices
    tight = capacity.sum() - people.sum() < _TIGHT * people.sum()
    calm = np.zeros(len(people), dtype=bool)
    again = _placed(people, cost, capacity, calm, flow)
    if (again >= 0).all() and _time(people, seconds, again) < _time(people, seconds, shelter):
        shelter = again
    for size in range(2 if tight else _ROUNDS):
        slack = (_TIGHT_ENOUGH if tight else _GOOD_ENOUGH) * flow.bound
        if not everyone and _time(people, seconds, shelter) <= flow.bound + slack:
            break
        movable = _movable(
            cost,
            shelter,
            flow.split | (shelter != flow.shelter),
            len(people) if everyone else _PER_TARGET * 3**size,
        )
        free = capacity - load(people, _without(shelter, movable), len(capacity))
        choices = len(capacity) if everyone else _CHOICES + size
        shelter = shelter.copy()
        shelter[movable] = placement.least_time(
            people[movable],
            seconds[movable],
            flow.prices,
            free,
            shelter[movable],
            choices,
            0.0 if everyone else slack / 2,
        )
        if everyone:
            break
    return shelter


def _time(people: Integers, seconds: Floats, shelter: Integers) -> float:
    return float(people @ seconds[np.arange(len(people)), shelter])


def _without(shelter: Integers, movable: Integers) -> Integers:
    rest = shelter.copy()
    rest[movable] = UNSERVED
    return rest


def _movable(cost: Floats, shelter: Integers, must: Flags, size: int) -> Integers:
    """Choose the households that may move: those that must, and the cheapest to move.

    For each shelter these are the cheapest to move to each of the shelters that are cheapest to
    reach from it, so that chains of moves can be found through the whole town.
    """
    chosen = must.copy()
    for place in range(cost.shape[1]):
        mine = np.flatnonzero(shelter == place)
        extra = cost[mine] - cost[mine, place][:, None]
        extra[:, place] = np.inf
        if not len(mine):
            continue
        targets = np.argsort(extra.min(axis=0), kind="stable")[:_TARGETS]
        for target in targets:
            order = np.argsort(extra[:, target], kind="stable")[:size]
            chosen[mine[order]] = True
    return np.flatnonzero(chosen)
