"""Streets the slow and plain way: dictionaries and loops, to compare the fast way with.

Nothing here uses `geodata.network`: roads are cut, priced, closed and searched anew.
"""

import heapq
import math

import geopandas as gpd
from shapely.geometry import LineString, Point

CRS = "EPSG:4547"  # central meridian 114 E: metres on the ground are metres in the frame
EAST, NORTH = 500_000.0, 3_380_000.0

ORIGIN, DESTINATION = -1, -2  # nodes of their own in the plain graph

KMH = {"primary": 40.0, "residential": 20.0, "living_street": 10.0, "footway": 20.0}


def roads_frame(rows, **columns):
    """Make roads from (vertices, attributes); vertices are metres from the corner of the town."""
    records = [{"highway": "residential", **attributes} for _, attributes in rows]
    lines = [LineString([(EAST + x, NORTH + y) for x, y in vertices]) for vertices, _ in rows]
    frame = gpd.GeoDataFrame(records, geometry=gpd.GeoSeries(lines, crs=CRS))
    return frame.assign(**columns)


def at(x, y):
    """Return the place x metres east and y metres north of the corner."""
    return Point(EAST + x, NORTH + y)


def places(points, **columns):
    """Make a frame of places from metres."""
    return gpd.GeoDataFrame(columns, geometry=[at(*point) for point in points], crs=CRS)


def cut(roads):
    """Cut roads where a vertex is used twice: a list of (row position, vertices)."""
    cleaned = []
    for line in roads.geometry:
        vertices = [tuple(vertex) for vertex in line.coords]
        kept = [vertices[0]] + [b for a, b in zip(vertices, vertices[1:], strict=False) if a != b]
        cleaned.append(kept if len(kept) > 1 else vertices[:2])
    uses = {}
    for vertices in cleaned:
        for vertex in vertices:
            uses[vertex] = uses.get(vertex, 0) + 1
    pieces = []
    for row, vertices in enumerate(cleaned):
        piece = [vertices[0]]
        for number, vertex in enumerate(vertices[1:], start=1):
            piece.append(vertex)
            if uses[vertex] > 1 or number == len(vertices) - 1:
                pieces.append((row, piece))
                piece = [vertex]
    return pieces


def length(vertices):
    """Return the length of a polyline in metres."""
    return sum(math.dist(a, b) for a, b in zip(vertices, vertices[1:], strict=False))


def travelled(roads, heeds_oneway=True, forbidden=("footway",)):
    """Return every piece one may travel: (row, vertices in the direction of travel, kmh)."""
    found = []
    usable = roads[~roads["highway"].isin(forbidden)].reset_index(drop=True)
    for row, vertices in cut(usable):
        road = usable.iloc[row]
        declared = road.get("maxspeed_kmh")
        kmh = KMH[road["highway"]] if declared is None or math.isnan(declared) else declared
        oneway = road.get("oneway", 0) if heeds_oneway else 0
        if oneway != -1:
            found.append((row, vertices, kmh))
        if oneway != 1:
            found.append((row, vertices[::-1], kmh))
    return found


def graph(arcs):
    """Return {tail: {head: cost}} with the cheapest of parallel arcs (tail, head, cost)."""
    net = {}
    for tail, head, cost in arcs:
        net.setdefault(tail, {})
        net.setdefault(head, {})
        net[tail][head] = min(cost, net[tail].get(head, math.inf))
    return net


def dijkstra(net, source):
    """Return {node: cost} of everything that can be reached."""
    done, queue = {}, [(0.0, source)]
    while queue:
        cost, node = heapq.heappop(queue)
        if node in done:
            continue
        done[node] = cost
        for head, step in net.get(node, {}).items():
            if head not in done:
                heapq.heappush(queue, (cost + step, head))
    return done


def edge_arcs(edges, measure="seconds"):
    """Return the arcs of an `edges` frame."""
    return list(
        zip(
            edges["from_node"].tolist(),
            edges["to_node"].tolist(),
            edges[measure].tolist(),
            strict=True,
        )
    )


class Doors:
    """Ways from door to door over an `edges` frame, each foot a node of its own."""

    def __init__(self, roads, all_edges, open_edges, nodes):
        two_way = dict.fromkeys(roads.index, True)
        if "oneway" in roads:
            two_way = (roads["oneway"] == 0).to_dict()
        self.nodes = list(nodes.geometry)
        self.lines = dict(all_edges.geometry.items())
        self.rows = {row.Index: row for row in all_edges.itertuples()}
        self.opened = set(open_edges.index)
        self.twin = {}
        for label, row in self.rows.items():
            other = self.rows.get(label + 1)
            if other is None or other.road != row.road or not two_way[row.road]:
                continue
            if label not in self.twin.values() and self._reversed(label, label + 1):
                self.twin[label] = label + 1
        self.snapped = {}

    def _reversed(self, label, other):
        return list(self.lines[label].coords) == list(self.lines[other].coords)[::-1]

    def snap(self, place, max_metres=200.0):
        """Return (edge label, metres along it, leg) of the nearest edge, the lowest of a tie."""
        if place.wkb not in self.snapped:
            away = {label: line.distance(place) for label, line in self.lines.items()}
            least = min(away.values(), default=math.inf)
            found = None
            if least <= max_metres:
                label = min(label for label, metres in away.items() if metres <= least + 1e-6)
                found = (label, self.lines[label].project(place), least)
            self.snapped[place.wkb] = found
        return self.snapped[place.wkb]

    def seconds(self, origin, destination, measure="seconds"):
        """Return the cost of the cheapest way, infinite where there is none."""
        feet = {ORIGIN: self.snap(origin), DESTINATION: self.snap(destination)}
        if None in feet.values():
            return math.inf
        stops = {}
        for name, (label, along, _) in feet.items():
            stops.setdefault(label, []).append((along, name))
            if label in self.twin:
                mark = self.lines[label].length - along
                stops.setdefault(self.twin[label], []).append((mark, name))
        arcs = []
        for label in self.opened:
            row, size = self.rows[label], self.lines[label].length
            ends = [(0.0, row.from_node), (size, row.to_node)]
            price = getattr(row, measure) / max(size, 1e-12)
            arcs += self._between(ends + stops.get(label, []), price)
        for name, (label, along, _) in feet.items():
            place = origin if name == ORIGIN else destination
            arcs += self._junctions(name, place, label, along, measure)
        reached = dijkstra(graph(arcs), ORIGIN).get(DESTINATION, math.inf)
        pace = 1.0 if measure == "metres" else 3.6 / 5.0
        return reached + pace * sum(leg for _, _, leg in feet.values())

    @staticmethod
    def _between(stops, price):
        return [
            (name, other, (there - here) * price)
            for here, name in stops
            for there, other in stops
            if name != other and here <= there
        ]

    def _junctions(self, name, place, label, along, measure):
        row, size = self.rows[label], self.lines[label].length
        price = getattr(row, measure) / max(size, 1e-12)
        arcs = []
        for node, way in ((row.from_node, along), (row.to_node, size - along)):
            if min(way, place.distance(self.nodes[node])) <= 1.0:
                arcs += [(name, node, way * price), (node, name, way * price)]
        return arcs
