"""Ways out of a hazard that never lead back in: a graph of two layers, and trees on it.

The inner layer holds the stretches of street in the hazard, the outer one those outside. Where
both meet, one may step from the inner layer to the outer one; nothing leads back. A shortest way
in this graph is therefore the shortest that leaves the hazard once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata import shortest
from geodata.hazard_streets import Stretches, along_streets, cut_streets
from geodata.nearest_sources import nearest
from geodata.network import Network
from geodata.shortest import Graph
from geodata.snapping import Places
from geodata.straight_legs import INNER, OUTER, crossing, entered_from, leaving_twice, legs
from geodata.street_graph import Bools, Floats, Ints, quantised

NO_END = -1
STEP_OUT = -1  # `via` of the step from the inner layer to the outer one
STEP_IN = -2  # `via` of the last step, from a street into a shelter
_STEP_COST = 2.0**-30  # a step costs a nanosecond: ties stay exact, costs stay positive


@dataclass(frozen=True)
class Starts:
    """How households reach the ends of their stretch of street.

    Attributes
    ----------
    stretch
        Stretch each household's street point lies on.
    state
        Int array (households, 2): state at the start and at the end of the stretch.
    seconds, metres
        Float arrays (households, 2), straight leg included; infinite where it cannot be gone.
    """

    stretch: Ints
    state: Ints
    seconds: Floats
    metres: Floats


@dataclass(frozen=True)
class Ways:
    """Times and lengths of the ways from households to shelters, and the trees they follow.

    Attributes
    ----------
    seconds, metres
        Arrays households x shelters; infinite without a way.
    leave
        By which end of its stretch a household leaves: 0 start, 1 end, -1 without a way.
    parent, via
        Arrays shelters x states: the next state towards the shelter, and how it is reached:
        2 x stretch along it, 2 x stretch + 1 against it, or a step.
    """

    seconds: Floats
    metres: Floats
    leave: NDArray[np.int8]
    parent: NDArray[np.int32]
    via: NDArray[np.int32]


class Escape:
    """The streets around a hazard with shelters at their doors.

    Parameters
    ----------
    network
        The streets; `unclosed` are used where closures are to be ignored.
    hazard
        Area to be left, in the metric CRS of the network.
    blocked
        Area nobody can pass, likewise; may be empty.
    households, shelters
        Places on the network.
    bridges_clear
        Whether bridges and tunnels across the hazard count as outside it.
    """

    def __init__(
        self,
        network: Network,
        hazard: BaseGeometry,
        blocked: BaseGeometry,
        households: Places,
        shelters: Places,
        bridges_clear: bool = False,
    ) -> None:
        self.network = network
        self.households = households
        self.shelters = shelters
        pieces = network.pieces
        over = pieces.open_always & bridges_clear
        here = np.flatnonzero(shelters.snapped)
        self.stretches = cut_streets(
            pieces, hazard, shelters.piece[here], shelters.fraction[here], over
        )
        self.length = along_streets(pieces, self.stretches)
        self.door = np.full(len(shelters), NO_END, dtype=np.intp)
        self.door[here] = self.stretches.cut_node
        self.home_stretch = self._stretch(households)
        home_legs, shelter_legs = legs(network, households), legs(network, shelters)
        self.home_blocked = crossing(home_legs, blocked)
        inside = np.append(self.stretches.inside, False)  # where there are no streets at all
        self.home_leaves_twice = leaving_twice(home_legs, hazard, inside[self.home_stretch])
        self.shelter_blocked = crossing(shelter_legs, blocked)
        self.shelter_layer = entered_from(shelter_legs, hazard)

    @property
    def states(self) -> int:
        """Number of states: every node inside and outside, then the shelters."""
        return 2 * self.stretches.nodes + len(self.shelters)

    def ways(self, allowed: Bools) -> Ways:
        """Find the fastest way of every household to every shelter *allowed*.

        Households whose straight leg is blocked or leaves the hazard twice have none.
        """
        graph = self._graph(self.network.opened, allowed)
        starts = self.starts(self.network.opened)
        out = self.home_blocked | self.home_leaves_twice
        count, shelters = len(self.households), len(self.shelters)
        seconds, metres = np.full((2, count, shelters), np.inf)
        leave = np.full((count, shelters), NO_END, dtype=np.int8)
        parent = np.full((shelters, self.states), NO_END, dtype=np.int32)
        via = np.full((shelters, self.states), STEP_IN, dtype=np.int32)
        for shelter in np.flatnonzero(allowed):
            grown = shortest.tree(graph, 2 * self.stretches.nodes + int(shelter))
            carried = shortest.carried_other(graph, grown)
            total = starts.seconds + grown.cost[starts.state]
            total[out] = np.inf
            end = np.argmin(total, axis=1)
            rows = np.arange(count)
            seconds[:, shelter] = total[rows, end]
            length = starts.metres[rows, end] + carried[starts.state[rows, end]]
            reached = np.isfinite(seconds[:, shelter])
            metres[:, shelter] = np.where(reached, length, np.inf)
            leave[:, shelter] = np.where(reached, end, NO_END)
            parent[shelter] = grown.parent
            via[shelter] = np.where(grown.arc >= 0, graph.via[grown.arc], STEP_IN)
        return Ways(seconds, metres, leave, parent, via)

    def reachable(self, allowed: Bools, *, closures: bool, hazard: bool) -> Bools:
        """Tell which households reach any shelter *allowed*, heeding what is said to be heeded."""
        opened = self.network.opened if closures else np.ones_like(self.network.opened)
        graph = self._graph(opened, allowed, hazard)
        roots = 2 * self.stretches.nodes + np.flatnonzero(allowed)
        if not len(roots):
            return np.zeros(len(self.households), dtype=bool)
        first = nearest(graph, roots, 1)[0]
        starts = self.starts(opened, hazard)
        least: Floats = (starts.seconds + first.cost[starts.state]).min(axis=1)
        return np.isfinite(least) & ~(self.home_leaves_twice & hazard)

    def starts(self, opened: Bools, hazard: bool = True) -> Starts:
        """Price the ways from the households to the ends of their stretches."""
        pieces, part, homes = self.network.pieces, self.stretches, self.households
        stretch = self.home_stretch
        snapped = homes.snapped
        piece = np.where(snapped, homes.piece, 0)
        if not len(pieces.road):
            nothing = np.full((len(homes), 2), np.inf)
            return Starts(stretch, np.zeros((len(homes), 2), dtype=np.intp), nothing, nothing)
        forward, backward = _usable(pieces.forward, opened), _usable(pieces.backward, opened)
        # on a junction even a closed or one-way street is no hindrance, but a border is one
        at_start = homes.at_start & (part.start[stretch] == pieces.start[piece])
        at_end = homes.at_end & (part.end[stretch] == pieces.end[piece])
        usable = np.column_stack([backward[piece] | at_start, forward[piece] | at_end])
        usable &= snapped[:, None]
        share = np.column_stack(
            [homes.fraction - part.low[stretch], part.high[stretch] - homes.fraction]
        ).clip(min=0.0)
        legs = ((pieces.seconds, homes.leg_seconds), (pieces.metres, homes.metres))
        seconds, metres = (
            np.where(usable, leg[:, None] + quantised(share * along[piece][:, None]), np.inf)
            for along, leg in legs
        )
        layer = np.where(part.inside[stretch] & hazard, 0, part.nodes)
        state = np.column_stack([part.start[stretch], part.end[stretch]]) + layer[:, None]
        return Starts(stretch, state, seconds, metres)

    def _graph(self, opened: Bools, allowed: Bools, hazard: bool = True) -> Graph:
        """Build the graph with every arc turned round: trees grow from the shelters."""
        pieces, part = self.network.pieces, self.stretches
        inside: Bools = part.inside & hazard
        layer = np.where(inside, 0, part.nodes)
        seconds, metres = self.length
        ahead = np.flatnonzero(_usable(pieces.forward, opened)[part.piece])
        back = np.flatnonzero(_usable(pieces.backward, opened)[part.piece])
        border = np.intersect1d(_ends(part, inside), _ends(part, ~inside))
        door, layers, leg = self._doors(allowed, hazard)
        step = np.full(len(border), _STEP_COST)
        tail = (
            (part.start + layer)[ahead],
            (part.end + layer)[back],
            border,
            self.door_node(door) + np.where(layers == INNER, 0, part.nodes),
        )
        head = (
            (part.end + layer)[ahead],
            (part.start + layer)[back],
            border + part.nodes,
            2 * part.nodes + door[:, 0],
        )
        cost = (seconds[ahead], seconds[back], step, leg[:, 0])
        other = (metres[ahead], metres[back], np.zeros(len(border)), leg[:, 1])
        via = (
            2 * ahead,
            2 * back + 1,
            np.full(len(border), STEP_OUT),
            np.full(len(door), STEP_IN),
        )
        return _arcs(self.states, head, tail, cost, other, via)

    def door_node(self, door: Ints) -> Ints:
        """Return the node of (shelter, side): its own cut, or an end of its street."""
        pieces = self.network.pieces
        shelter, side = door[:, 0], door[:, 1]
        piece = self.shelters.piece[shelter]
        node: Ints = np.choose(side, [self.door[shelter], pieces.start[piece], pieces.end[piece]])
        return node

    def _doors(self, allowed: Bools, hazard: bool) -> tuple[Ints, Ints, Floats]:
        """List the last steps into shelters: (shelter, side), the layer, seconds and metres."""
        pieces, part, places = self.network.pieces, self.stretches, self.shelters
        layer = self.shelter_layer if hazard else np.where(places.snapped, OUTER, NO_END)
        rows = np.flatnonzero(allowed & (layer >= 0))
        door, layers, leg = [], [], []
        for shelter in rows:
            piece, at = int(places.piece[shelter]), float(places.fraction[shelter])
            own = np.arange(part.first[piece], part.first[piece + 1])
            kinds = part.inside[own] & hazard
            sides = [(0, 0.0)]
            if places.at_start[shelter] and not (kinds[0] != kinds[part.low[own] < at]).any():
                sides.append((1, at))
            if places.at_end[shelter] and not (kinds[-1] != kinds[part.high[own] > at]).any():
                sides.append((2, 1.0 - at))
            for side, share in sides:
                door.append((shelter, side))
                layers.append(layer[shelter])
                leg.append(
                    (
                        places.leg_seconds[shelter] + share * pieces.seconds[piece],
                        places.metres[shelter] + share * pieces.metres[piece],
                    )
                )
        return (
            np.array(door, dtype=np.intp).reshape(-1, 2),
            np.array(layers, dtype=np.intp),
            np.maximum(quantised(np.array(leg, dtype=float).reshape(-1, 2)), _STEP_COST),
        )

    def _stretch(self, places: Places) -> Ints:
        stretch = np.zeros(len(places), dtype=np.intp)
        here = np.flatnonzero(places.snapped)
        stretch[here] = self.stretches.at(places.piece[here], places.fraction[here])
        return stretch


def _usable(label: Ints, opened: Bools) -> Bools:
    if not len(opened):
        return np.zeros(len(label), dtype=bool)
    usable: Bools = (label >= 0) & opened[label]
    return usable


def _ends(part: Stretches, which: Bools) -> Ints:
    return np.union1d(part.start[which], part.end[which])


def _arcs(
    states: int,
    tail: tuple[Ints, ...],
    head: tuple[Ints, ...],
    cost: tuple[Floats, ...],
    other: tuple[Floats, ...],
    via: tuple[Ints, ...],
) -> Graph:
    """Join arcs, of parallel ones the cheapest, without rings."""
    tails, heads, costs = np.concatenate(tail), np.concatenate(head), np.concatenate(cost)
    others, vias = np.concatenate(other), np.concatenate(via)
    order = np.lexsort((vias, costs, heads, tails))
    order = order[tails[order] != heads[order]]
    tails, heads = tails[order], heads[order]
    best = np.ones(len(order), dtype=bool)
    best[1:] = (tails[1:] != tails[:-1]) | (heads[1:] != heads[:-1])
    kept = order[best]
    return Graph(states, tails[best], heads[best], costs[kept], others[kept], vias[kept])
