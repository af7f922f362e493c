"""Room for a household that is left over: one or several others move into gaps they fit."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


def load(people: Integers, shelter: Integers, shelters: int) -> Integers:
    """Count the people in each shelter; -1 is none."""
    in_ = shelter >= 0
    return np.bincount(shelter[in_], weights=people[in_], minlength=shelters).astype(np.int64)


def made_room(
    people: Integers, cost: Floats, capacity: Integers, urgent: Flags, shelter: Integers
) -> Integers:
    """Let one household move to another shelter to make room for one that is left over.

    Where beds are as many as people, gaps are everywhere and none is large enough; a search for
    the best packing takes minutes to find what a single move gives.
    """
    shelter = shelter.copy()
    free = capacity - load(people, shelter, len(capacity))
    waiting = np.flatnonzero(shelter < 0)
    for household in waiting[np.lexsort((waiting, -people[waiting], ~urgent[waiting]))]:
        if free.sum() < people[household]:  # moving others gathers gaps, it makes none
            continue
        in_ = np.flatnonzero(shelter >= 0)
        here = shelter[in_]
        makes = (people[in_] + free[here] >= people[household]) & np.isfinite(cost[household, here])
        movers, here = in_[makes], here[makes]
        if not len(movers):
            shelter, free = _emptied(people, cost, shelter, free, int(household))
            continue
        moved = people[movers][:, None] * (cost[movers] - cost[movers, here][:, None])
        moved[free[None, :] < people[movers][:, None]] = np.inf
        moved[np.arange(len(movers)), here] = np.inf
        total = moved + (people[household] * cost[household, here])[:, None]
        row, to = np.unravel_index(int(np.argmin(total)), total.shape)
        if not np.isfinite(total[row, to]):
            shelter, free = _emptied(people, cost, shelter, free, int(household))
            continue
        mover, left = movers[row], here[row]
        shelter[mover], shelter[household] = to, left
        free[to] -= people[mover]
        free[left] += people[mover] - people[household]
    return shelter


def _emptied(
    people: Integers, cost: Floats, shelter: Integers, free: Integers, household: int
) -> tuple[Integers, Integers]:
    """Let several small households move out of one shelter, each into some gap, for one."""
    for place in np.argsort(cost[household], kind="stable"):
        if not np.isfinite(cost[household, place]):
            break
        there, left = shelter.copy(), free.copy()
        while left[place] < people[household]:
            mine = np.flatnonzero((there == place) & (people > 0))
            fits = people[mine][:, None] <= np.minimum(left, people[household] - left[place])
            fits &= np.isfinite(cost[mine])
            fits[:, place] = False
            size = np.where(fits.any(axis=1), people[mine], 0)
            if not size.any():
                break
            mover = int(np.argmax(size))
            to = int(np.argmin(np.where(fits[mover], cost[mine[mover]], np.inf)))
            there[mine[mover]] = to
            left[to] -= people[mine[mover]]
            left[place] += people[mine[mover]]
        if left[place] >= people[household]:
            there[household] = place
            left[place] -= people[household]
            return there, left
    return shelter, free
