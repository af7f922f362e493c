"""Trees of ways that grow only until everybody has one: a town is larger than its hazards."""

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import compiled
from geodata.escape_arcs import NO_END, Arcs, Starts, Ways
from geodata.escape_chains import Chains, chains
from geodata.ragged import offsets
from geodata.shortest import Graph
from geodata.street_graph import Bools, Floats, Ints


class _Homes(NamedTuple):
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


class _Carried(NamedTuple):
    """By arc: where it comes from, its label, and an array (arcs, 3) of measures."""

    tail: Ints
    via: Ints
    measures: Floats


class _Found(NamedTuple):
    """What `Ways` is made of: arrays (3, households, shelters) and (households, shelters)."""

    measures: Floats
    leave: NDArray[np.int8]
    step: NDArray[np.int32]


class _Notes(NamedTuple):
    """Notes on one tree after the other, so that their room is made but once.

    By state: the tree (from 1) it was last in, the number of its step there, and what is carried
    to it, an array (states, 3). By step: its `state`, the step `onward`, and `via`.
    """

    tree: NDArray[np.int32]
    number: NDArray[np.int32]
    total: Floats
    state: NDArray[np.int32]
    onward: NDArray[np.int32]
    via: NDArray[np.int32]


def trees(
    graph: Graph,
    arcs: Arcs,
    shelters: tuple[int, Ints, Ints],
    starts: Starts,
    first: tuple[Floats, Floats],
    out: Bools,
) -> Ways:
    """Grow the trees of shortest ways from shelters, as far as households need them.

    The ways are those of `shortest.tree`: of equal ways the one by the lowest states, and of the
    two ends of a household's street the first. Only what somebody travels is kept of a tree.

    Parameters
    ----------
    graph, arcs
        The whole graph turned round, and what is carried along its arcs.
    shelters
        How many there are, the positions of those used, and their states, which no arc leads to.
    starts
        States at both ends of the households' streets, seconds and metres to them.
    first
        Arrays (households, 2): metres along the slide up to those states, and the cost.
    out
        Households that go nowhere.
    """
    count, used, roots = shelters
    homes = len(starts.stretch)
    found = _Found(
        np.full((3, homes, count), np.inf),
        np.full((homes, count), NO_END, dtype=np.int8),
        np.full((homes, count), -1, dtype=np.int32),
    )
    steps: list[tuple[NDArray[np.int32], ...]] = [(np.empty(0, dtype=np.int32),) * 3]
    if len(used):
        slide, cost = first
        cost = np.where(out[:, None], np.inf, cost)
        begun = np.stack([starts.seconds, starts.metres, slide], axis=2).reshape(-1, 3)
        joined = chains(graph)
        everybody = _homes(joined, starts.state, cost, begun)
        measures = np.column_stack([arcs.seconds, arcs.metres, arcs.slide])
        carried = _Carried(graph.tail, graph.via, measures)
        one, two, *more = (np.zeros(graph.size, dtype=np.int32) for _ in range(5))
        notes = _Notes(one, two, np.zeros((graph.size, 3)), *more)
        everybody.wanted[:] = np.isfinite(_search(joined, everybody, joined.junction[roots])[2])
        known = 0
        for place, root in zip(used, roots, strict=True):
            reached = _search(joined, everybody, joined.junction[root : root + 1])[:2]
            new = _written(joined, carried, everybody, (int(place), known), reached, notes, found)
            steps.append(
                (notes.state[:new].copy(), notes.onward[:new].copy(), notes.via[:new].copy())
            )
            known += new
    state, onward, via = (np.concatenate(part) for part in zip(*steps, strict=True))
    seconds, metres, along = found.measures
    nobody = np.zeros(homes, dtype=bool)
    return Ways(seconds, metres, found.leave, found.step, state, onward, via, along, nobody)


def _homes(joined: Chains, state: Ints, cost: Floats, begun: Floats) -> _Homes:
    """List the households at the junctions their streets are entered from; all are wanted."""
    state, cost = state.reshape(-1), cost.reshape(-1)
    on = joined.junction[state]
    sides = np.column_stack([np.where(on >= 0, on, joined.side[state, 0]), joined.side[state, 1]])
    costs = np.where(sides >= 0, cost[:, None] + joined.offset[state], np.inf)
    slot, side = np.nonzero(np.isfinite(costs))
    at = sides[slot, side]
    order = np.argsort(at, kind="stable")
    return _Homes(
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
def _search(joined: Chains, homes: _Homes, roots: Ints) -> tuple[Floats, Ints, Floats]:
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
def _met(homes: _Homes, node: int, reached: float, best: Floats) -> int:
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
def _last(homes: _Homes, best: Floats) -> float:
    """Return the longest of the ways that are wanted: what is farther shortens none."""
    most = -np.inf
    for home in range(len(best)):
        if homes.wanted[home]:
            most = max(most, best[home])
    return most


@compiled
def _written(
    joined: Chains,
    carried: _Carried,
    homes: _Homes,
    to: tuple[int, int],
    reached: tuple[Floats, Ints],
    notes: _Notes,
    found: _Found,
) -> int:
    """Write down the way of every household to one shelter; return how many steps they have.

    `to` is the position of the shelter and the number of steps to others.
    """
    place, known = to
    best = _totals(homes.junctions, homes.costs, reached[0])
    steps = 0
    for home in range(len(homes.wanted)):
        one, other = 2 * home, 2 * home + 1
        if min(best[one], best[other]) == np.inf:
            continue
        slot = one if best[one] <= best[other] else other
        state = homes.state[slot]
        if notes.tree[state] != place + 1:
            steps = _followed(joined, carried, to, state, reached, notes, steps)
        found.leave[home, place] = slot - one
        found.step[home, place] = known + notes.number[state]
        for measure in range(3):
            total = homes.begun[slot, measure] + notes.total[state, measure]
            found.measures[measure, home, place] = total
    return steps


@compiled
def _totals(junctions: Ints, costs: Floats, cost: Floats) -> Floats:
    """Return what it costs to get to the doors by each end of their streets."""
    best = np.full(len(junctions), np.inf)
    for slot in range(len(junctions)):
        for side in range(2):
            if junctions[slot, side] >= 0:
                best[slot] = min(best[slot], cost[junctions[slot, side]] + costs[slot, side])
    return best


@compiled
def _into(joined: Chains, tail: Ints, cost: Floats, by: Ints, state: int) -> int:
    """Return the arc by which a state is reached, -1 for a shelter."""
    junction = joined.junction[state]
    if junction >= 0:
        return int(joined.into[by[junction]]) if by[junction] >= 0 else -1
    one, other = joined.side[state]
    first, second = cost[one] + joined.offset[state, 0], cost[other] + joined.offset[state, 1]
    if first == second:
        nearer = tail[joined.by[state, 0]] < tail[joined.by[state, 1]]
    else:
        nearer = first < second
    return int(joined.by[state, 0 if nearer else 1])


@compiled
def _followed(
    joined: Chains,
    carried: _Carried,
    to: tuple[int, int],
    state: int,
    reached: tuple[Floats, Ints],
    notes: _Notes,
    steps: int,
) -> int:
    """Follow a way to where it joins one that is known, and come back adding up what it takes."""
    (place, known), (cost, by) = to, reached
    first, way = steps, [0]
    while True:
        arc = _into(joined, carried.tail, cost, by, state)
        notes.tree[state], notes.number[state], notes.state[steps] = place + 1, steps, state
        steps += 1
        if arc < 0:
            notes.total[state] = 0.0
            notes.onward[steps - 1], notes.via[steps - 1] = -1, 0
            break
        way.append(arc)
        state = carried.tail[arc]
        notes.via[steps - 1] = carried.via[arc]
        joins = notes.tree[state] == place + 1
        notes.onward[steps - 1] = known + (notes.number[state] if joins else steps)
        if joins:
            break
    for at in range(len(way) - 1, 0, -1):
        state, arc = notes.state[first + at - 1], way[at]
        for measure in range(3):
            before = notes.total[carried.tail[arc], measure]
            notes.total[state, measure] = before + carried.measures[arc, measure]
    return steps
