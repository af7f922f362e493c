"""The narrowest place between those who leave and the shelters: a minimum cut of streets and beds.

What a cut lets pass within the hours given is less than the people who need it. That is a proof,
whatever ways one chooses: the time of travelling is not even counted.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.evacuation_case import Case
from geodata.street_graph import Bools, Floats, Ints

_NONE = -1
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Narrow:
    """One place that is too narrow.

    Attributes
    ----------
    edges
        Edge labels of the streets in the cut.
    shelters
        Positions of the shelters in the cut: all their beds are taken.
    households
        Positions of the households behind it.
    """

    edges: Ints
    shelters: Ints
    households: Ints


@dataclass(frozen=True)
class _Arcs:
    """Arcs of the flow: `edge` is the label of a street, `shelter` of one whose beds count."""

    tail: Ints
    head: Ints
    room: Ints
    edge: Ints
    shelter: Ints


@dataclass(frozen=True)
class _Homes:
    """Households by where they enter the streets.

    Attributes
    ----------
    of
        Number of the entry of each household, -1 if it has none or nobody lives there.
    state
        Array entries x 2: the states at both ends of the stretch, -1 where it cannot be gone.
    via
        Likewise: 2 x stretch + 1 against it, or -1 on a junction.
    """

    of: Ints
    state: Ints
    via: Ints


def narrow(case: Case, passing: Ints, named: Bools, beds: bool) -> tuple[list[Narrow], int]:
    """Find what is too narrow for all to pass.

    Parameters
    ----------
    case
        The evacuation.
    passing
        People each edge lets pass in the time there is.
    named
        Whether each edge has a name: of equally narrow cuts the one of fewest streets counts,
        then the one with most names.
    beds
        Whether the beds of the shelters count.

    Returns
    -------
    narrow
        Parts of the cut that have nothing to do with one another.
    left
        People who cannot pass.
    """
    from ortools.graph.python import max_flow

    homes = _homes(case)
    supply = np.bincount(
        homes.of[homes.of >= 0],
        weights=case.people[homes.of >= 0],
        minlength=len(homes.state),
    ).astype(np.int64)
    if not supply.any() or not case.used.any():
        return [], 0
    plenty = int(supply.sum()) + 1
    arcs, entry = _arcs(case, homes, passing, plenty, beds)
    source, sink = entry + len(supply), entry + len(supply) + 1
    weight = 2 * int((arcs.edge >= 0).sum()) + 1  # a street more never outweighs a person
    price = np.where(arcs.edge >= 0, np.where(named[arcs.edge], 1, 2), 0)
    rooms = np.where(arcs.room < plenty, arcs.room * weight + price, plenty * weight)
    flow = max_flow.SimpleMaxFlow()
    flow.add_arcs_with_capacity(arcs.tail, np.where(arcs.head < 0, sink, arcs.head), rooms)
    flow.add_arcs_with_capacity(
        np.full(len(supply), source), entry + np.arange(len(supply)), supply * weight
    )
    if flow.solve(source, sink) != flow.OPTIMAL:
        raise RuntimeError("a flow of people through streets was not solved")
    within = np.zeros(sink + 1, dtype=bool)
    within[np.asarray(flow.get_source_side_min_cut(), dtype=np.intp)] = True
    within[source] = False
    behind = within[entry : entry + len(supply)]
    crossed = within[arcs.tail] & ~((arcs.head >= 0) & within[arcs.head])
    left = int(supply[behind].sum() - arcs.room[crossed].sum())
    return _parts(arcs, within, crossed, homes, entry), left


def _parts(arcs: _Arcs, within: Bools, crossed: Bools, homes: _Homes, entry: int) -> list[Narrow]:
    """Take the side of the homes apart where no street connects it."""
    inner = (arcs.head >= 0) & within[arcs.tail] & within[np.maximum(arcs.head, 0)]
    size = len(within)
    graph = coo_array(
        (np.ones(int(inner.sum()), dtype=np.int8), (arcs.tail[inner], arcs.head[inner])),
        shape=(size, size),
    )
    _, part = connected_components(graph, directed=False)
    mine = np.where(homes.of >= 0, part[entry + np.maximum(homes.of, 0)], _NONE)
    mine[(homes.of >= 0) & ~within[entry + np.maximum(homes.of, 0)]] = _NONE
    found = []
    for number in np.unique(mine[mine >= 0]):
        cut = crossed & (part[arcs.tail] == number)
        edges, shelters = arcs.edge[cut], arcs.shelter[cut]
        found.append(
            Narrow(
                np.unique(edges[edges >= 0]),
                np.unique(shelters[shelters >= 0]),
                np.flatnonzero(mine == number),
            )
        )
    return found


def _homes(case: Case) -> _Homes:
    """Find where households enter the streets; those who have no way out at all do not."""
    escape = case.escape
    starts = escape.starts(escape.network.opened)
    pieces, part, homes = escape.network.pieces, escape.stretches, escape.households
    count = len(homes)
    if not len(pieces.road):
        nothing = np.zeros((0, 2), dtype=np.intp)
        return _Homes(np.full(count, _NONE, dtype=np.intp), nothing, nothing)
    usable = np.isfinite(starts.seconds)
    usable &= (np.isfinite(case.ways.seconds).any(axis=1) & (case.people > 0))[:, None]
    stretch = escape.home_stretch
    piece = np.where(homes.snapped, homes.piece, 0)
    at = np.column_stack(
        [
            homes.at_start & (part.start[stretch] == pieces.start[piece]),
            homes.at_end & (part.end[stretch] == pieces.end[piece]),
        ]
    )
    along = np.column_stack([2 * stretch + 1, 2 * stretch])
    state = np.where(usable, starts.state, _NONE)
    via = np.where(usable & ~at, along, _NONE)
    rows = np.flatnonzero(usable.any(axis=1))
    key, of = np.unique(np.column_stack([state[rows], via[rows]]), axis=0, return_inverse=True)
    number = np.full(count, _NONE, dtype=np.intp)
    number[rows] = of.reshape(-1)
    return _Homes(number, key[:, :2], key[:, 2:])


def _arcs(case: Case, homes: _Homes, passing: Ints, plenty: int, beds: bool) -> tuple[_Arcs, int]:
    """List the arcs in the direction of travel; also the first of the entries' nodes.

    Where people live along a stretch they share its end with those who come through: it has a
    node in its middle, behind which all of them pass.
    """
    escape = case.escape
    pieces, part = escape.network.pieces, escape.stretches
    layer = np.where(part.inside, 0, part.nodes)
    label = np.concatenate([pieces.forward[part.piece], pieces.backward[part.piece]])
    count = len(part.piece)
    via = np.concatenate([2 * np.arange(count), 2 * np.arange(count) + 1])
    start = np.concatenate([part.start + layer, part.end + layer])
    end = np.concatenate([part.end + layer, part.start + layer])
    opened = (label >= 0) & escape.network.opened[np.maximum(label, 0)]
    label, via, start, end = (values[opened] for values in (label, via, start, end))
    lived = np.unique(homes.via[homes.via >= 0])
    middle = escape.states + np.searchsorted(lived, via)
    shared = np.isin(via, lived)
    entry = escape.states + len(lived)
    both = np.isin(np.arange(2 * part.nodes), start) | np.isin(np.arange(2 * part.nodes), end)
    border = np.flatnonzero(both[: part.nodes] & both[part.nodes :])
    door, layers, _ = escape._doors(case.used, True)
    doors = escape.door_node(door) + np.where(layers == 0, 0, part.nodes)
    homes_at, side = np.nonzero(homes.state >= 0)
    own = homes.via[homes_at, side]
    into = np.where(
        own >= 0, escape.states + np.searchsorted(lived, own), homes.state[homes_at, side]
    )
    used = np.flatnonzero(case.used)
    rooms = case.capacity[used] if beds else np.full(len(used), plenty)
    street = np.minimum(passing[label], plenty)
    none = None  # neither a street nor a shelter whose beds count
    counted = used if beds else none
    groups: list[tuple[Ints, Ints, Ints | int, Ints | None, Ints | None]] = [
        (start, np.where(shared, middle, end), street, label, none),
        (middle[shared], end[shared], street[shared], label[shared], none),
        (border, border + part.nodes, plenty, none, none),
        (doors, 2 * part.nodes + door[:, 0], plenty, none, none),
        (entry + homes_at, into, plenty, none, none),
        (2 * part.nodes + used, np.full(len(used), _NONE), rooms, none, counted),
    ]
    tail, head, room, edge, shelter = (
        np.concatenate([_filled(group[at], len(group[0])) for group in groups]) for at in range(5)
    )
    return _Arcs(tail, head, room, edge, shelter), entry


def _filled(values: Ints | int | None, size: int) -> Ints:
    """Return a column of arcs: its values, one for all, or none."""
    if values is None or isinstance(values, int):
        return np.full(size, _NONE if values is None else values, dtype=np.int64)
    return values.astype(np.int64)


def passing_in(per_hour: Floats, hours: float) -> Ints:
    """Return the people each edge lets pass in a time."""
    people: Ints = np.floor(per_hour * hours + _ROUNDING).astype(np.int64)
    return people
