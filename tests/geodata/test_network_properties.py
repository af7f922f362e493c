"""Small random towns: the network gives what loops and dictionaries give."""

import math
from itertools import pairwise

import numpy as np
import pytest
from chance_streets import BOX, PLACES, TOWN, plain
from hypothesis import given
from hypothesis import strategies as st
from plain_streets import (
    Doors,
    at,
    cut,
    dijkstra,
    edge_arcs,
    graph,
    length,
    places,
    roads_frame,
    travelled,
)
from shapely.geometry import Point

from geodata.network import Network


def key(point):
    return (point.x, point.y)


def nothing_to_drive(roads):
    return (roads.highway == "footway").all()


def reached(net, sources, size):
    """Return the plain costs as an array (sources, nodes)."""
    table = np.full((len(sources), size), np.inf)
    for row, source in enumerate(sources):
        for node, cost in dijkstra(net, source).items():
            table[row, node] = cost
    return table


@plain
@given(TOWN)
def test_nodes_edges_and_times_from_every_node(roads):
    network = Network.from_roads(roads)
    used = travelled(roads)
    ends = {vertices[0] for _, vertices, _ in used} | {vertices[-1] for _, vertices, _ in used}
    names = [key(point) for point in network.nodes.geometry]
    assert sorted(names) == sorted(ends)
    assert len(network.edges) == len(used)
    assert sorted(line.coords[:] for line in network.edges.geometry) == sorted(
        list(vertices) for _, vertices, _ in used
    )
    net = graph(
        (vertices[0], vertices[-1], length(vertices) / (kmh / 3.6)) for _, vertices, kmh in used
    )
    ids = {name: number for number, name in enumerate(names)}
    want = np.full((len(names), len(names)), np.inf)
    for source in names:
        for node, cost in dijkstra(net, source).items():
            want[ids[source], ids[node]] = cost
    everything = list(range(network.size))
    assert network.seconds(everything) == pytest.approx(want, abs=1e-6)
    assert network.seconds(everything, towards=True) == pytest.approx(want.T, abs=1e-6)


@plain
@given(TOWN)
def test_walkers_ignore_one_way(roads):
    walkable = roads.assign(highway=roads.highway.where(roads.highway != "footway", "steps"))
    network = Network.from_roads(walkable, "walk")
    pieces = cut(walkable)
    assert len(network.edges) == 2 * len(pieces)
    total = sum(length(vertices) for _, vertices in pieces)
    assert network.edges.metres.sum() == pytest.approx(2 * total)
    assert network.edges.seconds.sum() == pytest.approx(2 * total / (5 / 3.6))


@plain
@given(TOWN, st.randoms(use_true_random=False), st.integers(1, 4), st.booleans())
def test_nearest_different_sources_ties_to_the_lower(roads, random, count, towards):
    network = Network.from_roads(roads)
    if not network.size:
        return
    sources = random.choices(range(network.size), k=random.randint(1, 5))
    found = network.nearest(sources, towards=towards, count=count)
    arcs = edge_arcs(network.edges)
    if towards:
        arcs = [(head, tail, cost) for tail, head, cost in arcs]
    check_nearest(found, graph(arcs), sources, count)


def check_nearest(found, net, sources, count):
    distinct = sorted(set(sources))
    table = reached(net, distinct, len(found))
    for node in range(len(found)):
        ranked = sorted(
            (table[row, node], source)
            for row, source in enumerate(distinct)
            if table[row, node] < math.inf
        )
        ranked += [(math.inf, None)] * count
        for rank in range(count):
            seconds, source = ranked[rank]
            # the sums are exact, so the last bit agrees
            assert found[f"seconds_{rank + 1}"][node] == seconds
            label = found[f"source_{rank + 1}"].array[node]
            assert (label is found[f"source_{rank + 1}"].dtype.na_value) == (source is None)
            assert source is None or label == source


@pytest.mark.parametrize("seed", range(12))
def test_nearest_in_a_town_of_ties(seed):
    chance = np.random.default_rng(seed)
    side, rows = 7, []
    for x in range(side):
        for y in range(side):
            rows.append(([(100 * x, 100 * y), (100 * x + 100, 100 * y)], {}))
            rows.append(([(100 * x, 100 * y), (100 * x, 100 * y + 100)], {}))
    network = Network.from_roads(roads_frame([rows[at] for at in chance.permutation(len(rows))]))
    sources = chance.choice(network.size, 4, replace=False).tolist()
    for count in (1, 2, 3):
        found = network.nearest(sources, count=count)
        check_nearest(found, graph(edge_arcs(network.edges)), sources, count)


def test_sums_are_exact_in_any_order():
    chance = np.random.default_rng(5)
    spots = chance.uniform(0, 900, (60, 2))
    pairs = chance.integers(0, 60, (150, 2))
    rows = [(spots[pair].tolist(), {"maxspeed_kmh": 37.0}) for pair in pairs if pair[0] != pair[1]]
    network = Network.from_roads(roads_frame(rows))
    everything = list(range(network.size))
    there = network.seconds(everything)
    assert (there == there.T).all()
    assert (there == network.seconds(everything, towards=True)).all()


@plain
@given(TOWN, BOX)
def test_closures(roads, area):
    network = Network.from_roads(roads)
    closed = network.close(area)
    bridges = roads.bridge.loc[network.edges.road].to_numpy()
    stays = [
        bool(bridge) or not line.intersects(area)
        for line, bridge in zip(network.edges.geometry, bridges, strict=True)
    ]
    assert closed.edges.index.tolist() == network.edges.index[stays].tolist()
    assert closed.nodes.equals(network.nodes)
    everything = list(range(network.size))
    want = reached(graph(edge_arcs(closed.edges)), everything, network.size)
    for node in everything:
        want[node, node] = 0.0
    assert (closed.seconds(everything) == want).all()


@plain
@given(TOWN, st.lists(PLACES, min_size=1, max_size=6))
def test_snapping(roads, points):
    network = Network.from_roads(roads)
    frame = places(points)
    snapped = network.snap(frame, max_metres=60)
    for point, row in zip(frame.geometry, snapped.itertuples(), strict=True):
        away = network.edges.distance(point)
        if away.empty or away.min() > 60:
            assert row.edge is snapped.edge.dtype.na_value
            continue
        assert row.metres == pytest.approx(away.min(), abs=1e-6)
        assert row.edge == away.index[away <= away.min() + 1e-6][0]
        foot = network.edges.geometry[row.edge].interpolate(row.fraction, normalized=True)
        assert foot.distance(point) == pytest.approx(away.min(), abs=1e-6)


@plain
@given(
    TOWN, BOX, st.lists(PLACES, min_size=1, max_size=3), st.lists(PLACES, min_size=1, max_size=4)
)
def test_ways_from_door_to_door(roads, area, origins, destinations):
    network = Network.from_roads(roads)
    closed = network.close(area)
    if not network.size:
        return
    doors = Doors(roads, network.edges, closed.edges, network.nodes)
    start, end = places(origins), places(destinations)
    for by in ("seconds", "metres"):
        want = [
            [doors.seconds(origin, destination, by) for destination in end.geometry]
            for origin in start.geometry
        ]
        got = closed.matrix(start, end, by=by)[by == "metres"]
        assert got == pytest.approx(np.array(want), abs=1e-6)


@plain
@given(TOWN, BOX, st.lists(st.tuples(PLACES, PLACES), min_size=1, max_size=4))
def test_routes_are_ways_that_exist(roads, area, pairs):
    network = Network.from_roads(roads).close(area)
    start, end = places([pair[0] for pair in pairs]), places([pair[1] for pair in pairs])
    seconds, metres = network.matrix(start, end)
    routes = network.routes(start, end)
    assert routes.seconds.to_numpy() == pytest.approx(np.diag(seconds), abs=1e-6)
    for row, (origin, destination) in enumerate(pairs):
        route = network.route(at(*origin), at(*destination))
        assert route.seconds == pytest.approx(seconds[row, row], abs=1e-6)
        if route.seconds == math.inf:
            assert route.geometry.is_empty
            assert routes.geometry[row].is_empty
            continue
        check_route(network, route, at(*origin), at(*destination))
        assert routes.geometry[row].length == pytest.approx(routes.metres[row], abs=1e-6)


def check_route(network, route, origin, destination):
    edges = network.edges.loc[list(route.edges)]  # none is closed
    assert (edges.to_node.to_numpy()[:-1] == edges.from_node.to_numpy()[1:]).all()
    assert Point(route.geometry.coords[0]) == origin
    assert Point(route.geometry.coords[-1]) == destination
    assert route.geometry.length == pytest.approx(route.metres, abs=1e-6)
    assert sum(step.metres for step in route.steps) == pytest.approx(route.metres, abs=1e-6)
    assert sum(step.seconds for step in route.steps) == pytest.approx(route.seconds, abs=1e-6)
    assert [step.turn for step in route.steps].count("arrive") == 1
    if len(edges):
        streets = network.unclosed.edges.union_all()
        inner = route.geometry.coords[1:-1]
        middles = [Point((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairwise(inner)]
        assert all(streets.distance(point) < 1e-6 for point in [*map(Point, inner), *middles])
