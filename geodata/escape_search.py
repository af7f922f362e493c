"""The search behind trees of ways: from shelters until no household could have a shorter way."""

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from geodata.compiled import compiled
from geodata.escape_chains import Chains
from geodata.ragged import offsets
from geodata.street_graph import Bools, Floats, Ints


class Homes(NamedTuple):
    """The households by the junctions from which their streets are entered.

    Those of junction j are at `first[j]` up to `first[j + 1]`: `slot` is 2 x household + end of
    its street, `further` what it costs from the junction to the door. By slot: the `state` of
    that end; arrays (slots, 2) of the junctions it is entered from (-1 for none) and what it
    costs from each to the door; `begun`, an array (slots, 3) of measures from there to the door.
    `wanted` says which households can get anywhere at all.
    """

    first: Ints
    slot: Ints
    further: Floats
    state: Ints
    junctions: Ints
    costs: Floats
    begun: Floats
    wanted: Bools


def homes_at(joined: Chains, state: Ints, cost: Floats, begun: Floats) -> Homes:
    """List the households at the junctions their streets are entered from; all are wanted."""
    state, cost = state.reshape(-1), cost.reshape(-1)
    on = joined.junction[state]
    sides = np.column_stack([np.where(on >= 0, on, joined.side[state, 0]), joined.side[state, 1]])
    costs = np.where(sides >= 0, cost[:, None] + joined.offset[state], np.inf)
    slot, side = np.nonzero(np.isfinite(costs))
    at = sides[slot, side]
    order = np.argsort(at, kind="stable")
    return Homes(
        offsets(np.bincount(at, minlength=len(joined.first) - 1)),
        slot[order],
        costs[slot, side][order],
        state.astype(np.intp),
        sides,
        costs,
        begun,
        np.ones(len(state) // 2, dtype=bool),
    )


@compiled
def search(joined: Chains, homes: Homes, roots: Ints) -> tuple[Floats, Ints, Floats]:
    """Search from junctions until none that is left could shorten a way that is wanted.

    Returns
    -------
    cost, by
        By junction: what it costs to get there, and the chain by which. Those dearer than the
        dearest way of a household may be dearer than they need be.
    best
        By household: the cost of its way, infinite without one.
    """
    cost = np.full(len(joined.first) - 1, np.inf)
    by = np.full(len(cost), -1, dtype=np.int64)
    best = np.full(len(homes.wanted), np.inf)
    waiting = int(homes.wanted.sum())
    farthest = np.inf if waiting else -np.inf
    queue = [(0.0, roots[0])]
    for root in roots:
        cost[root] = 0.0
        if root != roots[0]:
            heappush(queue, (0.0, root))
    while queue:
        reached, node = heappop(queue)
        if reached > farthest:
            break
        if reached > cost[node]:
            continue
        waiting -= _met(homes, node, reached, best)
        if waiting == 0 and farthest == np.inf:
            farthest = _last(homes, best)
        for chain in range(joined.first[node], joined.first[node + 1]):
            head, through = joined.head[chain], reached + joined.cost[chain]
            if through < cost[head]:
                cost[head] = through
                by[head] = chain
                heappush(queue, (through, head))
            elif through == cost[head] and _lower(joined, chain, by[head]):
                by[head] = chain
    return cost, by, best


@compiled
def _lower(joined: Chains, chain: int, other: int) -> bool:
    """Tell whether a chain comes from a lower state than another, which may be none."""
    return other >= 0 and joined.before[chain] < joined.before[other]


@compiled
def _met(homes: Homes, node: int, reached: float, best: Floats) -> int:
    """Tell how many households have a way for the first time, over a junction that is reached."""
    new = 0
    for at in range(homes.first[node], homes.first[node + 1]):
        home = homes.slot[at] // 2
        total = homes.further[at] + reached
        if total < best[home]:
            new += best[home] == np.inf and homes.wanted[home]
            best[home] = total
    return new


@compiled
def _last(homes: Homes, best: Floats) -> float:
    """Return the longest of the ways that are wanted: what is farther shortens none."""
    most = -np.inf
    for home in range(len(best)):
        if homes.wanted[home]:
            most = max(most, best[home])
    return most
