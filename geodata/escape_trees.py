"""Trees of ways that grow only until everybody has one: a town is larger than its hazards."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import compiled
from geodata.escape_arcs import NO_END, Arcs, Starts, Ways
from geodata.escape_chains import Chains, chains
from geodata.escape_search import Homes, homes_at, search
from geodata.shortest import Graph
from geodata.street_graph import Bools, Floats, Ints


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
        everybody = homes_at(joined, starts.state, cost, begun)
        measures = np.column_stack([arcs.seconds, arcs.metres, arcs.slide])
        carried = _Carried(graph.tail, graph.via, measures)
        one, two, *more = (np.zeros(graph.size, dtype=np.int32) for _ in range(5))
        notes = _Notes(one, two, np.zeros((graph.size, 3)), *more)
        everybody.wanted[:] = np.isfinite(search(joined, everybody, joined.junction[roots])[2])
        known = 0
        for place, root in zip(used, roots, strict=True):
            reached = search(joined, everybody, joined.junction[root : root + 1])[:2]
            new = _written(joined, carried, everybody, (int(place), known), reached, notes, found)
            steps.append(
                (notes.state[:new].copy(), notes.onward[:new].copy(), notes.via[:new].copy())
            )
            known += new
    state, onward, via = (np.concatenate(part) for part in zip(*steps, strict=True))
    seconds, metres, along = found.measures
    nobody = np.zeros(homes, dtype=bool)
    return Ways(seconds, metres, found.leave, found.step, state, onward, via, along, nobody)


@compiled
def _written(
    joined: Chains,
    carried: _Carried,
    homes: Homes,
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
