"""Ways out of a hazard that never lead back in: a graph of two layers, and trees on it.

The inner layer holds the stretches of street in the hazard, the outer one those outside. Where
both meet, one may step from the inner layer to the outer one; nothing leads back. A shortest way
in this graph is therefore the shortest that leaves the hazard once.
"""

from copy import copy

import numpy as np
from shapely.geometry.base import BaseGeometry

from geodata.escape_arcs import NO_END, STEP_IN, STEP_OUT, Arcs, Starts, Ways, meeting, usable
from geodata.escape_trees import trees
from geodata.hazard_streets import along_streets, cut_streets
from geodata.nearest_sources import nearest
from geodata.network import Network
from geodata.shortest import Graph
from geodata.slide_directions import SlideStreets
from geodata.snapping import Places
from geodata.straight_legs import INNER, OUTER, crossing, entered_from, leaving_twice, legs
from geodata.street_graph import Bools, Floats, Ints, quantised

__all__ = ["STEP_IN", "STEP_OUT", "Escape", "Starts", "Ways"]

_STEP_COST = 2.0**-30  # a step costs a nanosecond: ties stay exact, costs stay positive
_DREAD = 64.0  # a second along the slide counts as so many: a power of two, so sums stay exact


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
    slide
        Degrees from grid north towards which the ground in the hazard moves; None if it does not.
    """

    def __init__(
        self,
        network: Network,
        hazard: BaseGeometry,
        blocked: BaseGeometry,
        households: Places,
        shelters: Places,
        bridges_clear: bool = False,
        slide: float | None = None,
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
        self._slides = SlideStreets(pieces, slide)
        self.slide = self._slides.stretches(self.stretches)
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

    def on(self, network: Network) -> "Escape":
        """Return the same places and hazard on the same streets with others of them open."""
        other = copy(self)
        other.network = network
        return other

    def ways(self, allowed: Bools, along_slide: bool = False) -> Ways:
        """Find the fastest way of every household to every shelter *allowed*.

        Households whose straight leg is blocked or leaves the hazard twice have none. Ways lead
        along the slide only if that is asked for, and then as little as need be: a second with it
        counts as 64.
        """
        dread = _DREAD if along_slide else np.inf
        graph, arcs = self._graph(self.network.opened, allowed, dread=dread)
        starts = self.starts(self.network.opened)
        walked, cost = self._first_slide(starts, dread)
        shelter = np.flatnonzero(allowed)
        used = len(self.shelters), shelter, 2 * self.stretches.nodes + shelter
        out = self.home_blocked | self.home_leaves_twice
        return trees(graph, arcs, used, starts, (walked, cost), out)

    def _first_slide(self, starts: Starts, dread: float) -> tuple[Floats, Floats]:
        """Measure the slide on the households' own streets, and price the way there with it."""
        part, homes = self.stretches, self.households
        stretch = starts.stretch
        if not len(part.piece) or not self.slide.metres.any():
            return np.zeros(starts.seconds.shape), starts.seconds
        at = np.where(homes.snapped, homes.fraction, part.low[stretch])
        inside = part.inside[stretch]
        low, high = part.low[stretch], part.high[stretch]
        ahead = self._slides.between(part.piece[stretch], at, np.maximum(at, high))
        back = self._slides.between(part.piece[stretch], np.minimum(at, low), at)
        metres = np.column_stack([back.metres[:, 1], ahead.metres[:, 0]]) * inside[:, None]
        along = np.column_stack([back.along[:, 1], ahead.along[:, 0]]) & inside[:, None]
        dear = starts.seconds * dread if np.isfinite(dread) else np.inf
        return metres, np.where(along, dear, starts.seconds)

    def reachable(self, allowed: Bools, *, closures: bool, hazard: bool) -> Bools:
        """Tell which households reach any shelter *allowed*, heeding what is said to be heeded."""
        opened = self.network.opened if closures else np.ones_like(self.network.opened)
        graph, _ = self._graph(opened, allowed, hazard, 1.0)
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
        forward, backward = usable(pieces.forward, opened), usable(pieces.backward, opened)
        # on a junction even a closed or one-way street is no hindrance, but a border is one
        at_start = homes.at_start & (part.start[stretch] == pieces.start[piece])
        at_end = homes.at_end & (part.end[stretch] == pieces.end[piece])
        free = np.column_stack([backward[piece] | at_start, forward[piece] | at_end])
        free &= snapped[:, None]
        share = np.column_stack(
            [homes.fraction - part.low[stretch], part.high[stretch] - homes.fraction]
        ).clip(min=0.0)
        legs = ((pieces.seconds, homes.leg_seconds), (pieces.metres, homes.metres))
        seconds, metres = (
            np.where(free, leg[:, None] + quantised(share * along[piece][:, None]), np.inf)
            for along, leg in legs
        )
        layer = np.where(part.inside[stretch] & hazard, 0, part.nodes)
        state = np.column_stack([part.start[stretch], part.end[stretch]]) + layer[:, None]
        return Starts(stretch, state, seconds, metres)

    def _graph(
        self, opened: Bools, allowed: Bools, hazard: bool = True, dread: float = np.inf
    ) -> tuple[Graph, Arcs]:
        """Build the graph with every arc turned round; of parallel arcs the best is in it."""
        return self.arcs(opened, allowed, hazard, dread).graph(self.states)

    def arcs(
        self, opened: Bools, allowed: Bools, hazard: bool = True, dread: float = np.inf
    ) -> Arcs:
        """List all arcs turned round, parallel ones too: trees grow from the shelters.

        A second along the slide costs *dread* seconds; if that is infinite, no way leads there.
        """
        pieces, part = self.network.pieces, self.stretches
        inside: Bools = part.inside & hazard
        layer = np.where(inside, 0, part.nodes)
        border = meeting(part, inside)
        door, layers, leg = self._doors(allowed, hazard)
        step, none = np.full(len(border), _STEP_COST), np.zeros(len(border))
        out = np.full(len(border), STEP_OUT)
        into = self.door_node(door) + np.where(layers == INNER, 0, part.nodes)
        level = np.zeros(len(door))
        return Arcs.joined(
            [
                self._walked(usable(pieces.forward, opened), layer, False, dread),
                self._walked(usable(pieces.backward, opened), layer, True, dread),
                Arcs(border + part.nodes, border, step, step, none, none, out),
                Arcs(
                    2 * part.nodes + door[:, 0],
                    into,
                    leg[:, 0],
                    leg[:, 0],
                    leg[:, 1],
                    level,
                    np.full(len(door), STEP_IN),
                ),
            ]
        )

    def _walked(self, open_: Bools, layer: Ints, against: bool, dread: float) -> Arcs:
        """List the stretches walked one way, turned round."""
        part = self.stretches
        seconds, metres = self.length
        along = self.slide.along[:, int(against)]
        rows = np.flatnonzero(open_[part.piece] & (np.isfinite(dread) | ~along))
        cost = seconds[rows] * np.where(along[rows], dread, 1.0)
        one, other = (part.start + layer)[rows], (part.end + layer)[rows]
        tail, head = (one, other) if against else (other, one)
        slide = self.slide.metres[rows, int(against)]
        return Arcs(tail, head, cost, seconds[rows], metres[rows], slide, 2 * rows + against)

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
