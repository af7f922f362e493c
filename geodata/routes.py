"""Routes between places: one tree per distinct place, all its routes traced at once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
from shapely.geometry import LineString

from geodata import shortest
from geodata.errors import GeodataError
from geodata.matrices import along, rooted
from geodata.ragged import offsets
from geodata.route_lines import Feet, feet, lines, partly, wholly
from geodata.route_steps import Part, Step, steps_of
from geodata.shortest import Graph, Tree
from geodata.snapping import Places, Ways, arriving, leaving
from geodata.street_graph import Floats, Ints

if TYPE_CHECKING:
    from geodata.network import Network

__all__ = ["Route", "Step", "Tracer", "Trips"]

NOWHERE, DIRECT = -1, 2


@dataclass(frozen=True)
class Route:
    """The fastest way from one place to another.

    Attributes
    ----------
    geometry
        LineString from place to place, in the CRS of the network's nodes; empty without a way.
    seconds, metres
        Straight legs included; infinite without a way.
    steps
        What to do one after the other; the last one is the arrival.
    edges
        Labels of the edges travelled, in order, the first and the last perhaps in part.
    """

    geometry: LineString
    seconds: float
    metres: float
    steps: tuple[Step, ...]
    edges: tuple[int, ...]


@dataclass(frozen=True)
class Trips:
    """Ways of pairs of places, as arrays over the pairs.

    Attributes
    ----------
    seconds, metres
        Infinite where there is no way.
    leave, arrive
        Which end of their street the origin leaves by and the destination is reached from
        (0 start, 1 end), or 2 for both if the way stays on one street; -1 without a way.
    offsets, edges
        Labels of the edges travelled whole between them, laid end to end.
    """

    seconds: Floats
    metres: Floats
    leave: Ints
    arrive: Ints
    offsets: Ints
    edges: Ints


class Tracer:
    """Traces routes on a network."""

    def __init__(self, network: "Network") -> None:
        self.network = network

    def frame(self, origins: Places, destinations: Places) -> gpd.GeoDataFrame:
        """Trace pair by pair; see `Network.routes`."""
        trips = self.trips(origins, destinations)
        drawn = lines(self.network, origins, destinations, trips)
        return gpd.GeoDataFrame(
            {"seconds": trips.seconds, "metres": trips.metres},
            geometry=gpd.GeoSeries(drawn, index=origins.index, crs=self.network.crs),
            index=origins.index,
        )

    def route(self, origin: Places, destination: Places) -> Route:
        """Trace one pair; see `Network.route`."""
        trips = self.trips(origin, destination)
        if trips.leave[0] == NOWHERE:
            return Route(LineString(), np.inf, np.inf, (), ())
        parts = self._parts(origin, destination, trips)
        legs = [
            (float(place.metres[0]), float(place.leg_seconds[0])) for place in (origin, destination)
        ]
        return Route(
            lines(self.network, origin, destination, trips)[0],
            float(trips.seconds[0]),
            float(trips.metres[0]),
            steps_of(parts, *legs),
            tuple(part.edge for part in parts if part.edge >= 0),
        )

    def trips(self, origins: Places, destinations: Places) -> Trips:
        """Find the fastest way of every pair.

        Raises
        ------
        GeodataError
            If there are not as many destinations as origins.
        """
        if len(origins) != len(destinations):
            raise GeodataError(
                f"{len(origins)} origins cannot be paired with {len(destinations)} destinations"
            )
        sides = [_distinct(origins), _distinct(destinations)]
        towards = len(sides[1][0]) <= len(sides[0][0])
        rooted_side, free_side = (destinations, origins) if towards else (origins, destinations)
        rows, group = sides[1] if towards else sides[0]
        found = _Found(len(origins))
        self._grow(found, rooted_side.taken(rows), group, free_side, towards)
        self._stay(found, origins, destinations)
        return found.trips(towards)

    def _grow(
        self, found: "_Found", roots: Places, group: Ints, leaves: Places, towards: bool
    ) -> None:
        network = self.network
        graph = rooted(network, roots, towards, "seconds")
        ways = (leaving if towards else arriving)(network.pieces, network.opened, leaves)
        back = (arriving if towards else leaving)(network.pieces, network.opened, roots)
        order = np.argsort(group, kind="stable")
        bounds = np.searchsorted(group[order], np.arange(len(roots) + 1))
        for root in np.flatnonzero(roots.snapped):
            pairs = order[bounds[root] : bounds[root + 1]]
            grown = shortest.tree(graph, network.size + int(root))
            found.add(graph, grown, pairs, ways, back, int(root))

    def _stay(self, found: "_Found", origins: Places, destinations: Places) -> None:
        """Prefer the way along one street where it is not slower."""
        on_one = np.flatnonzero((origins.piece == destinations.piece) & origins.snapped)
        pair, _, seconds, metres = along(self.network, origins, destinations, on_one, on_one)
        better = seconds <= found.seconds[pair]
        pair = pair[better]
        found.seconds[pair], found.metres[pair] = seconds[better], metres[better]
        found.free[pair] = found.root[pair] = DIRECT

    def _parts(self, origin: Places, destination: Places, trips: Trips) -> list[Part]:
        """Return what is travelled between the straight legs of the only pair."""
        network = self.network
        start, end = feet(network.pieces, origin), feet(network.pieces, destination)
        leave, arrive = int(trips.leave[0]), int(trips.arrive[0])
        if leave == DIRECT:
            return self._direct_part(origin, destination, start, end)
        parts = self._end_part(origin, start, leave, outward=True)
        for label in trips.edges:
            piece, backward = network.edge(int(label))
            metric = wholly(network.pieces, piece, backward)
            parts.append(self._part(int(label), piece, backward, 1.0, metric))
        return parts + self._end_part(destination, end, arrive, outward=False)

    def _direct_part(
        self, origin: Places, destination: Places, start: Feet, end: Feet
    ) -> list[Part]:
        piece = int(origin.piece[0])
        share = float(destination.fraction[0] - origin.fraction[0])
        if share == 0.0:
            return []
        backward = share < 0
        first, last = (end, start) if backward else (start, end)
        inner = self.network.pieces.metric[first.before[0] + 1 : last.before[0] + 1]
        metric = np.vstack([first.metric[:1], inner, last.metric[:1]])
        metric = metric[::-1] if backward else metric
        pieces = self.network.pieces
        label = (pieces.backward if backward else pieces.forward)[piece]
        return [self._part(int(label), piece, backward, abs(share), metric)]

    def _end_part(self, place: Places, foot: Feet, slot: int, outward: bool) -> list[Part]:
        pieces, piece = self.network.pieces, int(place.piece[0])
        share = float(place.fraction[0]) if slot == 0 else 1.0 - float(place.fraction[0])
        if share == 0.0:
            return []
        metric = np.vstack([foot.metric[:1], partly(pieces, piece, int(foot.before[0]), slot)])
        backward = (slot == 0) == outward
        label = int((pieces.backward if backward else pieces.forward)[piece])
        if label >= 0 and not self.network.opened[label]:
            label = -1
        return [self._part(label, piece, backward, share, metric if outward else metric[::-1])]

    def _part(self, label: int, piece: int, backward: bool, share: float, metric: Floats) -> Part:
        network = self.network
        pieces = network.pieces
        node = pieces.end[piece] if backward else pieces.start[piece]
        name, highway = network.street(piece)
        return Part(
            label,
            name,
            highway,
            share * float(pieces.metres[piece]),
            share * float(pieces.seconds[piece]),
            metric,
            bool(pieces.degree[node] > 2),
        )


class _Found:
    """Ways of pairs while they are being found; `free` and `root` are ends of their streets."""

    def __init__(self, size: int) -> None:
        self.seconds = np.full(size, np.inf)
        self.metres = np.full(size, np.inf)
        self.free = np.full(size, NOWHERE, dtype=np.intp)
        self.root = np.full(size, NOWHERE, dtype=np.intp)
        self._pairs: list[Ints] = []
        self._order: list[Ints] = []
        self._edges: list[Ints] = []

    def add(
        self, graph: Graph, grown: Tree, pairs: Ints, ways: Ways, back: Ways, root: int
    ) -> None:
        """Add the ways of pairs that share a root."""
        carried = shortest.carried_other(graph, grown)
        ends = ways.ends[pairs]
        seconds = grown.cost[ends] + ways.seconds[pairs]
        metres = carried[ends] + ways.metres[pairs]
        end = (seconds[:, 1] < seconds[:, 0]).astype(np.intp)
        row = np.arange(len(pairs))
        reached = np.isfinite(seconds[row, end])
        pairs, row, end = pairs[reached], row[reached], end[reached]
        self.seconds[pairs], self.metres[pairs] = seconds[row, end], metres[row, end]
        self.free[pairs] = end
        last = self._trace(graph, grown, pairs, ends[row, end])
        price = np.where(back.ends[root] == last[:, None], back.seconds[root], np.inf)
        self.root[pairs] = (price[:, 1] < price[:, 0]).astype(np.intp)

    def _trace(self, graph: Graph, grown: Tree, pairs: Ints, node: Ints) -> Ints:
        """Follow the tree from nodes to the root; return the last node before it."""
        last = node.copy()
        moving = np.arange(len(pairs))
        step = 0
        while len(moving):
            arc = grown.arc[last[moving]]
            on = graph.via[arc] >= 0
            moving, arc = moving[on], arc[on]
            self._pairs.append(pairs[moving])
            self._order.append(np.full(len(moving), step))
            self._edges.append(graph.via[arc])
            last[moving] = graph.tail[arc]
            step += 1
        return last

    def trips(self, towards: bool) -> Trips:
        """Put the edges of every pair in order of travel."""
        pairs, order, edges = (
            np.concatenate(parts) if parts else np.array([], dtype=np.intp)
            for parts in (self._pairs, self._order, self._edges)
        )
        kept = np.flatnonzero(self.free[pairs] != DIRECT)
        pairs, order, edges = pairs[kept], order[kept], edges[kept]
        at = np.lexsort((order if towards else -order, pairs))
        leave, arrive = (self.free, self.root) if towards else (self.root, self.free)
        return Trips(
            self.seconds,
            self.metres,
            leave,
            arrive,
            offsets(np.bincount(pairs, minlength=len(leave))),
            edges[at],
        )


def _distinct(places: Places) -> tuple[Ints, Ints]:
    """Return the first row of every distinct place, and which of them each place is."""
    key = np.column_stack(
        [places.piece, np.nan_to_num(places.fraction), np.nan_to_num(places.metres)]
    )
    _, rows, group = np.unique(key, axis=0, return_index=True, return_inverse=True)
    return rows.astype(np.intp), group.reshape(-1).astype(np.intp)
