"""Ways of vehicles that fetch people from a hazard: in once while empty, out once with people.

The streets are laid out in layers: in the hazard, outside it, and in the hazard again. A vehicle
with people aboard may step from inside to outside only; an empty one may step in once more. What
is closed is not there at all.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra
from shapely.geometry.base import BaseGeometry

from geodata import shortest
from geodata.hazard_streets import along_streets, cut_streets, vertex_before
from geodata.network import Network
from geodata.pickup_layers import ends_of, joined, usable, via_of
from geodata.shortest import Graph
from geodata.snapping import Places
from geodata.straight_legs import INNER, crossing, entered_from, leaving_twice, legs
from geodata.street_graph import Bools, Floats, Ints

_STEP = 2.0**-30  # a step between layers costs a nanosecond: costs stay positive
_NO_STREET = -1


@dataclass(frozen=True)
class Way:
    """One way from place to place: its seconds and metres, its line in the CRS of the roads."""

    seconds: float
    metres: float
    line: Floats


class PickupWays:
    """The streets around a hazard with all places of a fleet on them.

    Parameters
    ----------
    network
        The streets, what is closed closed.
    hazard, blocked
        Areas in the metric CRS of the network.
    stops, ends, starts
        Where people are fetched, where they are brought, where vehicles stand.
    bridges_clear
        Whether bridges and tunnels across the hazard count as outside it.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the ground and all that stands on it
        self,
        network: Network,
        hazard: BaseGeometry,
        blocked: BaseGeometry,
        stops: Places,
        ends: Places,
        starts: Places,
        bridges_clear: bool = False,
    ) -> None:
        self.network, self.stops, self.ends, self.starts = network, stops, ends, starts
        pieces = network.pieces
        self._places = (stops, ends, starts)
        piece = np.concatenate([places.piece for places in self._places])
        fraction = np.concatenate([places.fraction for places in self._places])
        here = np.flatnonzero(piece >= 0)
        self.part = cut_streets(
            pieces, hazard, piece[here], fraction[here], pieces.open_always & bridges_clear
        )
        self._seconds, self._metres = along_streets(pieces, self.part)
        node = np.full(len(piece), _NO_STREET, dtype=np.intp)
        node[here] = self.part.cut_node
        inside = np.zeros(len(piece), dtype=bool)
        inside[here] = self.part.inside[self.part.at(piece[here], fraction[here])]
        shut = np.concatenate([crossing(legs(network, places), blocked) for places in self._places])
        cuts = np.cumsum([len(places) for places in self._places])[:-1]
        stop_legs = legs(network, stops)
        end_legs = legs(network, ends)
        layer = entered_from(end_legs, hazard)
        within = shapely.intersects(hazard, shapely.points(end_legs[:, 0]))
        nodes, inner, bad = (np.split(held, cuts) for held in (node, inside, shut))
        self.stop_node, self.end_node, self.start_node = nodes
        self.stop_inside, self.start_inside = inner[0], inner[2]
        self.end_inside = layer == INNER
        self.stop_out = bad[0] | leaving_twice(stop_legs, hazard, inner[0]) | ~stops.snapped
        self.end_out = bad[1] | (layer < 0) | ~ends.snapped | within
        self.start_out = bad[2] | ~starts.snapped

    @cached_property
    def aboard(self) -> Graph:
        """Layers for vehicles with people: 0 inside, 1 outside."""
        return self._graph(("inside", "outside"))

    @cached_property
    def empty(self) -> Graph:
        """Layers for empty vehicles: 0 inside, 1 outside, 2 inside again."""
        return self._graph(("inside", "outside", "inside"))

    def between(self) -> tuple[Floats, Floats]:
        """Seconds with people aboard: arrays stops x stops and stops x ends."""
        state = self.stop_node + np.where(self.stop_inside, 0, self.part.nodes)
        return self._to(state, self.stop_out, self.stops), self.home()

    def home(self) -> Floats:
        """Seconds with people aboard: array stops x ends."""
        state = self.end_node + np.where(self.end_inside, 0, self.part.nodes)
        return self._to(state, self.end_out, self.ends)

    def _to(self, targets: Ints, out: Bools, places: Places) -> Floats:
        """Seconds from the stops to states at which places are."""
        state = self.stop_node + np.where(self.stop_inside, 0, self.part.nodes)
        found = np.full((len(state), len(targets)), np.inf)
        to, of = np.flatnonzero(~out), np.flatnonzero(~self.stop_out)
        for batch in np.array_split(to, max(1, len(to) // 16)):
            found[np.ix_(of, batch)] = shortest.costs(self._back, targets[batch])[:, state[of]].T
        found += self.stops.leg_seconds[:, None] + places.leg_seconds[None, :]
        found[np.isnan(found)] = np.inf
        return found

    @cached_property
    def _back(self) -> Graph:
        return self.aboard.reversed()

    def approach(self) -> tuple[Floats, Floats]:
        """Seconds of empty vehicles: arrays (starts, then ends) x stops and x ends."""
        size = self.part.nodes
        node = np.concatenate([self.start_node, self.end_node])
        inside = np.concatenate([self.start_inside, self.end_inside])
        out = np.concatenate([self.start_out, self.end_out])
        state = node + np.where(inside, 0, size)
        found = np.full((len(node), len(self.stops) + len(self.ends)), np.inf)
        targets = np.concatenate([self.stop_node, self.end_node])
        within = np.concatenate([self.stop_inside, self.end_inside])
        to = np.flatnonzero(~np.concatenate([self.stop_out, self.end_out]))
        of = np.flatnonzero(~out)
        for batch in np.array_split(of, max(1, len(of) // 16)):
            cost = shortest.costs(self.empty, state[batch])
            inner = np.minimum(cost[:, targets[to]], cost[:, targets[to] + 2 * size])
            outer = cost[:, targets[to] + size]
            found[np.ix_(batch, to)] = np.where(within[to], inner, outer)
        found += np.concatenate([self.starts.leg_seconds, self.ends.leg_seconds])[:, None]
        found += np.concatenate([self.stops.leg_seconds, self.ends.leg_seconds])[None, :]
        found[np.isnan(found)] = np.inf
        return found[:, : len(self.stops)], found[:, len(self.stops) :]

    def way(self, origin: tuple[str, int], target: tuple[str, int]) -> Way:
        """Draw the way between ("stop" | "end" | "start", number): as `between`, `approach`."""
        size = self.part.nodes
        graph = self.aboard if origin[0] == "stop" else self.empty
        node, inside, place = self._of(origin)
        source = node + (0 if inside else size)
        node, within, aim = self._of(target)
        aims = [node if within else node + size]
        if within and origin[0] != "stop":
            aims.append(node + 2 * size)
        cost, parent = _tree(graph, source)
        last = min(aims, key=lambda state: (cost[state], state))
        if not np.isfinite(cost[last]):
            raise ValueError(f"no way from {origin} to {target}")
        states = [last]
        while states[-1] != source:
            states.append(int(parent[states[-1]]))
        states.reverse()
        xy = [place[0][place[1]][None], self._point(source % size)]
        metres = place[2][place[1]] + aim[2][aim[1]]
        for tail, head in zip(states, states[1:], strict=False):
            low, high = graph.indptr[tail], graph.indptr[tail + 1]
            arc = low + int(np.searchsorted(graph.head[low:high], head))
            metres += graph.other[arc]
            if graph.via[arc] >= 0:
                xy.append(self._stretch(int(graph.via[arc])))
            xy.append(self._point(head % size))
        xy.append(aim[0][aim[1]][None])
        leg = place[3][place[1]] + aim[3][aim[1]]
        return Way(float(cost[last] + leg), float(metres), np.concatenate(xy))

    def _of(self, place: tuple[str, int]) -> tuple[int, bool, tuple[Floats, int, Floats, Floats]]:
        kind, number = place
        node, inside, places = {
            "stop": (self.stop_node, self.stop_inside, self.stops),
            "end": (self.end_node, self.end_inside, self.ends),
            "start": (self.start_node, self.start_inside, self.starts),
        }[kind]
        leg = (places.xy, number, places.metres, places.leg_seconds)
        return int(node[number]), bool(inside[number]), leg

    def _graph(self, layers: tuple[str, ...]) -> Graph:
        pieces, part, opened = self.network.pieces, self.part, self.network.opened
        size = part.nodes
        ahead = np.flatnonzero(usable(pieces.forward, opened)[part.piece])
        back = np.flatnonzero(usable(pieces.backward, opened)[part.piece])
        border = np.intersect1d(
            ends_of(part.start, part.end, part.inside), ends_of(part.start, part.end, ~part.inside)
        )
        tail, head, cost, other, via = [], [], [], [], []
        door = self._doors()
        for number, layer in enumerate(layers):
            mine = part.inside == (layer == "inside")
            one, two = ahead[mine[ahead]], back[mine[back]]
            near = door[0][mine[door[0]]], door[1][mine[door[0]]], door[2][mine[door[0]]]
            for stretch, start, end, kind in (
                (one, part.start[one], part.end[one], 2 * one),
                (two, part.end[two], part.start[two], 2 * two + 1),
                (near[0], near[1], near[2], via_of(part.start, near[0], near[1])),
                (near[0], near[2], near[1], via_of(part.start, near[0], near[2])),
            ):
                tail.append(start + number * size)
                head.append(end + number * size)
                cost.append(self._seconds[stretch])
                other.append(self._metres[stretch])
                via.append(kind)
        for number in range(len(layers) - 1):
            tail.append(border + number * size)
            head.append(border + (number + 1) * size)
            cost.append(np.full(len(border), _STEP))
            other.append(np.zeros(len(border)))
            via.append(np.full(len(border), -1))
        return joined(len(layers) * size, tail, head, cost, other, via)

    def _doors(self) -> tuple[Ints, Ints, Ints]:
        """List stretches between a place and a junction it stands on, with both of their ends."""
        pieces, part = self.network.pieces, self.part
        stretch = []
        for places, nodes in zip(
            self._places, (self.stop_node, self.end_node, self.start_node), strict=True
        ):
            for row in np.flatnonzero(places.at_start | places.at_end):
                piece = places.piece[row]
                if places.at_start[row] and nodes[row] != pieces.start[piece]:
                    first = part.first[piece]
                    stretch += [first] if part.end[first] == nodes[row] else []
                if places.at_end[row] and nodes[row] != pieces.end[piece]:
                    last = part.first[piece + 1] - 1
                    stretch += [last] if part.start[last] == nodes[row] else []
        found = np.array(sorted(set(stretch)), dtype=np.intp)
        return found, part.start[found], part.end[found]

    def _stretch(self, step: int) -> Floats:
        """Return the vertices between the ends of a stretch, in the direction travelled."""
        number, against = divmod(step, 2)
        low, last = self._inner
        inner: Floats = self.network.pieces.xy[low[number] : max(last[number], low[number])]
        return inner[::-1] if against else inner

    @cached_property
    def _inner(self) -> tuple[Ints, Ints]:
        """First vertex within each stretch, and the one after its last."""
        pieces, part = self.network.pieces, self.part
        low, _ = vertex_before(pieces, part.piece, part.low)
        high, share = vertex_before(pieces, part.piece, part.high)
        return low + 1, high + (share > 0)

    def _point(self, node: int) -> Floats:
        point: Floats = self._points[node][None]
        return point

    @cached_property
    def _points(self) -> Floats:
        pieces, part = self.network.pieces, self.part
        points = np.full((part.nodes, 2), np.nan)
        for nodes, at in ((part.start, part.low), (part.end, part.high)):
            before, share = vertex_before(pieces, part.piece, at)
            here, there = pieces.xy[before], pieces.xy[before + 1]
            points[nodes] = here + share[:, None] * (there - here)
        return points


def _tree(graph: Graph, source: int) -> tuple[Floats, Ints]:
    cost, parent = dijkstra(graph.matrix, True, np.array([source]), True)
    return cost[0], parent[0]


def linestring(xy: Floats) -> shapely.LineString:
    """Return a line without repeated points; of a single point a line of no length."""
    keep = np.ones(len(xy), dtype=bool)
    keep[1:] = (np.diff(xy, axis=0) != 0).any(axis=1)
    points = xy[keep]
    return shapely.LineString(points if len(points) > 1 else np.repeat(points, 2, axis=0))
