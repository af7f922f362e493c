"""The least-time flow of people to places with room: a transportation problem and its prices."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.errors import GeodataError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_TICK = 1000.0  # flow costs are whole milliseconds
_NONE = np.iinfo(np.int64).max // 4


@dataclass(frozen=True)
class Flow:
    """A least-time flow that may split households.

    Attributes
    ----------
    shelter
        Where the flow sends each household, or the first part of one it splits; -1 for nowhere.
    split
        True where a household's people go to more than one place, or partly nowhere.
    unserved
        People for whom there is no room.
    unserved_urgent
        Those of them in urgent households.
    short
        True when not all can be served.
    bound
        Value of the dual for `prices`: a lower bound for any assignment of all these people, and
        the minimum itself but for the rounding to milliseconds. 0 when short.
    prices
        Seconds one more bed in each shelter would save, 0 or more.
    """

    shelter: Integers
    split: Flags
    unserved: int
    unserved_urgent: int
    short: bool
    bound: float
    prices: Floats


def minimum_flow(
    people: Integers, seconds: Floats, capacity: Integers, urgent: Flags | None = None
) -> Flow:
    """Send all people to places with room in the least total time.

    Parameters
    ----------
    people
        People of each household, 0 or more.
    seconds
        Array households x shelters; infinite where they may not go. Every row has a finite entry.
    capacity
        People each shelter takes.
    urgent
        Households served first if not all can be.

    Returns
    -------
    Flow
        If not all can be served: the most people of urgent households, then the most people, then
        the least time.

    Raises
    ------
    GeodataError
        If times or people are too large for exact whole-number arithmetic.
    """
    if not len(people):
        nothing = np.zeros(0, dtype=np.int64)
        return Flow(nothing, nothing.astype(bool), 0, 0, False, 0.0, np.zeros(len(capacity)))
    ticks = np.where(np.isfinite(seconds), np.rint(seconds * _TICK), _NONE).astype(np.int64)
    least = ticks.min(axis=1)
    relative = np.where(ticks < _NONE, ticks - least[:, None], _NONE)
    key, group = _groups(relative)
    sent = _solve(key, _total(group, people, len(key)), capacity, None)
    if sent is not None:
        prices = _prices(key, sent)
        bound = dual(people, seconds, capacity, prices)
        shelter, split = _shared_out(people, group, sent)
        return Flow(shelter, split, 0, 0, False, bound, prices)
    return _short_flow(people, ticks, capacity, urgent)


def _short_flow(
    people: Integers, ticks: Integers, capacity: Integers, urgent: Flags | None
) -> Flow:
    """Serve whom one can: leaving somebody out costs more than any detour of the others."""
    urgent = np.zeros(len(people), dtype=bool) if urgent is None else urgent
    key, group = _groups(np.column_stack([ticks, urgent.astype(np.int64)]))
    first, key = key[:, -1].astype(bool), key[:, :-1]
    worst = int(key[key < _NONE].max(initial=0)) + 1
    detour = worst * (len(capacity) + 1)
    out = np.where(first, detour * (len(capacity) + 2), detour)
    sent = _solve(key, _total(group, people, len(key)), capacity, out)
    if sent is None:
        raise GeodataError("times and people are too large to be assigned exactly")
    wider = np.column_stack([key, out])  # the place of those left over has room for all
    rest = _total(group, people, len(key)) - sent.sum(axis=1)
    prices = _prices(wider, np.column_stack([sent, rest]))[:-1]
    shelter, split = _shared_out(people, group, np.column_stack([sent, rest]))
    shelter = np.where(shelter == len(capacity), -1, shelter)
    return Flow(shelter, split, int(rest.sum()), int(rest[first].sum()), True, 0.0, prices)


def _groups(rows: Integers) -> tuple[Integers, Integers]:
    """Find equal rows: the distinct ones, and the number of its own for every row."""
    packed = np.ascontiguousarray(rows).view(
        np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))
    )
    _, where, group = np.unique(packed.ravel(), return_index=True, return_inverse=True)
    return rows[where], group.reshape(-1)


def _total(group: Integers, people: Integers, count: int) -> Integers:
    return np.bincount(group, weights=people, minlength=count).astype(np.int64)


def _solve(
    cost: Integers, people: Integers, capacity: Integers, out: Integers | None
) -> Integers | None:
    """Solve the flow; None if not all fit and nobody may be left *out* at a price."""
    from ortools.graph.python import min_cost_flow

    groups, shelters = cost.shape
    if out is None and people.sum() > capacity.sum():
        return None
    tail, head = np.nonzero(cost < _NONE)
    sink = groups + shelters
    places = np.arange(shelters)
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        tail, groups + head, np.minimum(people[tail], capacity[head]), cost[tail, head]
    )
    flow.add_arcs_with_capacity_and_unit_cost(
        groups + places, np.full(shelters, sink), capacity, np.zeros(shelters, dtype=np.int64)
    )
    if out is not None:
        flow.add_arcs_with_capacity_and_unit_cost(
            np.arange(groups), np.full(groups, sink), people, out
        )
    flow.set_nodes_supplies(
        np.arange(sink + 1),
        np.concatenate([people, np.zeros(shelters, dtype=np.int64), [-people.sum()]]),
    )
    status = flow.solve()
    if status == flow.INFEASIBLE:
        return None
    if status != flow.OPTIMAL:
        raise GeodataError("times and people are too large to be assigned exactly")
    sent = np.zeros(cost.shape, dtype=np.int64)
    sent[tail, head] = flow.flows(arcs)
    return sent


def _prices(cost: Integers, sent: Integers) -> Floats:
    """Price a bed in each shelter: the least prices at which nobody would rather go elsewhere.

    One person moved from *a* to *b* costs `move[a, b]`. What one bed more in *b* saves is the
    cheapest chain of moves that ends in it (a bed nobody wants saves nothing): shortest paths
    after Bellman and Ford, and there is no negative cycle because the flow is of least cost.
    """
    shelters = cost.shape[1]
    far = float(_NONE)
    move = np.full((shelters, shelters), np.inf)
    finite = np.where(cost < _NONE, cost, far).astype(np.float64)
    for place in range(shelters):
        here = sent[:, place] > 0
        if here.any():
            gain = (finite[here] - finite[here, place][:, None]).min(axis=0)
            move[place] = np.where(gain < far / 2, gain, np.inf)
    distance = np.zeros(shelters)
    for _ in range(shelters):
        nearer = np.minimum(distance, (distance[:, None] + move).min(axis=0))
        if (nearer == distance).all():
            break
        distance = nearer
    prices: Floats = -distance / _TICK
    return prices


def dual(people: Integers, seconds: Floats, capacity: Integers, prices: Floats) -> float:
    """Give the lower bound that prices prove, for any assignment within capacity."""
    return max(float(people @ (seconds + prices).min(axis=1) - capacity @ prices), 0.0)


def _shared_out(people: Integers, group: Integers, sent: Integers) -> tuple[Integers, Flags]:
    """Deal the places of a group out to its households in order; tell who sits astride two."""
    order = np.lexsort((np.arange(len(people)), -people, group))
    ends = np.cumsum(people[order])
    starts = ends - people[order]
    fill = np.cumsum(sent.ravel())  # groups follow one another, in each its shelters in turn
    last = sent.shape[1]
    begin = np.searchsorted(fill, starts, side="right")
    finish = np.searchsorted(fill, ends, side="left")
    shelter = np.empty(len(people), dtype=np.int64)
    split = np.empty(len(people), dtype=bool)
    shelter[order] = np.minimum(begin, sent.size - 1) % last
    split[order] = (begin != finish) | (people[order] == 0)
    return shelter, split
