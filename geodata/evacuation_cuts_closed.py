"""The fewest closed streets that would have to be opened for those who have no way out."""

from dataclasses import dataclass

import numpy as np

from geodata import shortest
from geodata.escape import STEP_IN, STEP_OUT
from geodata.evacuation_case import Case
from geodata.shortest import Graph
from geodata.street_graph import Bools, Floats, Ints

_AGAIN = -3  # `via` of a step back into the hazard
_TICK = 2.0**-10  # seconds, so that sums with many closed streets stay exact
_CLOSED = 2.0**22  # seconds one closed street costs: more than any way takes
_FAR = 2.0**21
_MOST = 2**12  # closed streets that are opened rather than the hazard entered again


@dataclass(frozen=True)
class Shut:
    """What shuts some households in.

    Attributes
    ----------
    pieces
        Pieces of street that would have to be opened.
    entered
        Pieces in the hazard that would have to stay passable for those who have left it once.
    households
        Positions of the households.
    """

    pieces: tuple[int, ...]
    entered: tuple[int, ...]
    households: Ints


def shut(case: Case) -> list[Shut]:
    """Find for every household without a way the fewest streets that would give it one.

    Streets that are one-way stay so, and places that have no street or whose own doorway is
    blocked cannot be helped by a street. Of equally many streets the quickest way counts. The
    hazard is entered again only if there is nothing else.

    Returns
    -------
    list of Shut
        Households with the same streets together, those with most people first.
    """
    escape = case.escape
    none = ~np.isfinite(case.ways.seconds).any(axis=1) & escape.households.snapped
    none &= ~(escape.home_blocked | escape.home_leaves_twice)
    rows = np.flatnonzero(none)
    if not len(rows) or not case.used.any() or not len(escape.network.pieces.road):
        return []
    graph = _graph(case)
    goal = escape.states
    ways = shortest.tree(graph, goal)
    cost, state, own = _starts(case, rows)
    total = cost + ways.cost[state]
    end = np.argmin(total, axis=1)
    at = np.arange(len(rows))
    via = np.where(ways.arc >= 0, graph.via[ways.arc], STEP_IN)
    behind: dict[int, tuple[frozenset[int], frozenset[int]]] = {}
    together: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
    for row in np.flatnonzero(np.isfinite(total[at, end])):
        first = int(state[row, end[row]])
        if first not in behind:
            behind[first] = _walked(case, ways.parent, via, first, goal)
        pieces, entered = behind[first]
        mine = {int(own[row, end[row]])} - {-1}
        key = tuple(sorted(pieces | mine)), tuple(sorted(entered))
        together.setdefault(key, []).append(int(rows[row]))
    found = [Shut(*key, np.array(members, dtype=np.intp)) for key, members in together.items()]
    return sorted(
        found,
        key=lambda one: (-int(case.people[one.households].sum()), one.pieces, one.entered),
    )


def _walked(
    case: Case, parent: Ints, via: Ints, state: int, goal: int
) -> tuple[frozenset[int], frozenset[int]]:
    """Collect the closed pieces on the way from a state, and those of the hazard entered again."""
    part = case.escape.stretches
    closed, entered = set(), set()
    again = False
    while state != goal:
        step = int(via[state])
        if step >= 0:
            piece = int(part.piece[step // 2])
            if _is_closed(case, np.array([step]))[0]:
                closed.add(piece)
            if again and part.inside[step // 2]:
                entered.add(piece)
        again = again or step == _AGAIN
        state = int(parent[state])
    return frozenset(closed), frozenset(entered)


def _edge(case: Case, steps: Ints) -> Ints:
    """Return the label of the edge of each step, -1 where nobody may go."""
    pieces, part = case.escape.network.pieces, case.escape.stretches
    piece = part.piece[steps // 2]
    label: Ints = np.where(steps % 2 == 1, pieces.backward[piece], pieces.forward[piece])
    return label


def _is_closed(case: Case, steps: Ints) -> Bools:
    label = _edge(case, steps)
    closed: Bools = (label >= 0) & ~case.escape.network.opened[np.maximum(label, 0)]
    return closed


def _ticks(seconds: Floats) -> Floats:
    return np.maximum(np.round(np.minimum(seconds, _FAR) / _TICK), 1.0) * _TICK


def _starts(case: Case, rows: Ints) -> tuple[Floats, Ints, Ints]:
    """Price the ways to the ends of the own stretch; also the own piece where it is closed."""
    escape = case.escape
    network, part = escape.network, escape.stretches
    free = escape.starts(np.ones_like(network.opened))
    now = escape.starts(network.opened)
    closed = np.isfinite(free.seconds) & ~np.isfinite(now.seconds)
    cost = np.where(np.isfinite(free.seconds), _ticks(free.seconds), np.inf) + _CLOSED * closed
    piece = part.piece[escape.home_stretch]
    return cost[rows], free.state[rows], np.where(closed, piece[:, None], -1)[rows]


def _graph(case: Case) -> Graph:
    """Build the graph in which closed streets cost much, every arc turned round."""
    escape = case.escape
    part = escape.stretches
    seconds = _ticks(escape.length[0])
    layer = np.where(part.inside, 0, part.nodes)
    count = len(part.piece)
    steps = np.arange(2 * count)
    steps = steps[_edge(case, steps) >= 0]
    stretch, back = steps // 2, steps % 2 == 1
    start = np.where(back, part.end[stretch], part.start[stretch]) + layer[stretch]
    end = np.where(back, part.start[stretch], part.end[stretch]) + layer[stretch]
    # a piece that a border cuts is opened once: where it is entered
    entry = np.where(back, part.high[stretch] == 1.0, part.low[stretch] == 0.0)
    cost = seconds[stretch] + _CLOSED * (_is_closed(case, steps) & entry)
    within, without = part.inside, ~part.inside
    border = np.intersect1d(
        np.union1d(part.start[within], part.end[within]),
        np.union1d(part.start[without], part.end[without]),
    )
    door, layers, leg = escape._doors(case.used, True)
    doors = escape.door_node(door) + np.where(layers == 0, 0, part.nodes)
    used = 2 * part.nodes + np.flatnonzero(case.used)
    worst = _CLOSED * min(count + 1, _MOST)
    groups = (
        (start, end, cost, steps),
        (border, border + part.nodes, _TICK, STEP_OUT),
        (border + part.nodes, border, worst, _AGAIN),
        (doors, 2 * part.nodes + door[:, 0], _ticks(leg[:, 0]), STEP_IN),
        (used, np.full(len(used), escape.states), _TICK, STEP_IN),
    )
    joined = [
        np.concatenate([np.broadcast_to(group[at], len(group[0])) for group in groups])
        for at in range(4)
    ]
    tail, head = joined[1].astype(np.intp), joined[0].astype(np.intp)
    price, via = joined[2].astype(float), joined[3].astype(np.intp)
    order = np.lexsort((via, price, head, tail))
    order = order[tail[order] != head[order]]
    best = np.ones(len(order), dtype=bool)
    best[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
    kept = order[best]
    return Graph(
        escape.states + 1, tail[kept], head[kept], price[kept], np.zeros(len(kept)), via[kept]
    )
