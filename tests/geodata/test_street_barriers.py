"""Barriers: crossed by bridges alone, by ways and by straight legs."""

import geopandas as gpd
import numpy as np
import pytest
from chance_streets import CORNER, PLACES, TOWN, plain
from hypothesis import given
from hypothesis import strategies as st
from plain_streets import CRS, EAST, NORTH, at, dijkstra, graph, places, roads_frame
from shapely.geometry import LineString, MultiPoint, Point
from shapely.ops import nearest_points

from geodata.coverage import Standard, cover
from geodata.errors import GeodataError
from geodata.network import Network


def line(*points):
    return LineString([(EAST + x, NORTH + y) for x, y in points])


RIVER = line((500, -500), (500, 500))
# two streets from west to east over the river, the southern one on a bridge, joined at both ends
ROADS = roads_frame(
    [
        ([(0, 100), (1000, 100)], {}),
        ([(0, 0), (400, 0)], {}),
        ([(400, 0), (600, 0)], {"bridge": True}),
        ([(600, 0), (1000, 0)], {}),
        ([(0, 0), (0, 100)], {}),
        ([(1000, 0), (1000, 100)], {}),
    ]
)


def metres(network, start, end):
    return network.matrix(places([start]), places([end]))[1][0, 0]


class TestWays:
    def test_only_a_bridge_crosses(self):
        network = Network.from_roads(ROADS)
        assert metres(network, (300, 100), (700, 100)) == pytest.approx(400)
        barred = network.barred(RIVER)
        assert metres(barred, (0, 100), (1000, 100)) == pytest.approx(1200)
        assert metres(barred, (300, 0), (700, 0)) == pytest.approx(400)
        assert len(barred.edges) == len(network.edges) - 2

    def test_a_crossing_where_streets_meet_on_the_line(self):
        rows = [
            ([(0, 0), (500, 0)], {}),
            ([(500, 0), (900, 0)], {}),
            ([(500, 0), (500, 90)], {}),
        ]
        barred = Network.from_roads(roads_frame(rows)).barred(line((500, 0), (480, -50)))
        assert metres(barred, (100, 0), (400, 0)) == pytest.approx(300)
        assert metres(barred, (100, 0), (600, 0)) == np.inf
        assert metres(barred, (500, 50), (500, 80)) == pytest.approx(30)

    def test_a_barrier_that_is_a_street_is_travelled_and_turned_onto(self):
        rows = [
            ([(0, 0), (500, 0), (1000, 0)], {"highway": "trunk"}),
            ([(500, 0), (500, 300)], {}),
            ([(800, -400), (800, 400)], {}),
        ]
        network = Network.from_roads(roads_frame(rows))
        barred = network.barred(line((0, 0), (500, 0), (1000, 0)))
        assert metres(barred, (100, 0), (500, 200)) == pytest.approx(600)
        # the other street has no junction with it: it only crosses
        assert metres(barred, (800, -390), (800, 390)) == np.inf

    def test_barriers_and_closures_add_up_in_any_order(self):
        network = Network.from_roads(ROADS)
        other, area = line((200, 50), (200, 150)), at(500, 0).buffer(20)
        wall = gpd.GeoDataFrame({"closes": ["all"]}, geometry=[area], crs=CRS)
        one = network.barred([RIVER, other]).close(wall)
        two = network.close(wall).barred(RIVER).barred(other)
        assert one.edges.index.tolist() == two.edges.index.tolist()
        assert one.unclosed.edges.index.tolist() == two.unclosed.edges.index.tolist()
        assert len(one.edges) == len(one.unclosed.edges) - 2
        homes = places([(190, 120), (210, 120), (490, 90), (510, 20)])
        assert one.snap(homes, 300).equals(two.snap(homes, 300))

    def test_beyond_a_barrier_there_is_no_road_and_nothing_is_cut_off(self):
        rows = [([(0, 0), (1000, 0)], {}), ([(0, 60), (400, 60)], {}), ([(0, 0), (0, 60)], {})]
        network = Network.from_roads(roads_frame(rows)).barred(line((500, -90), (500, 90)))
        standard = Standard("s", "drive", 9000.0)
        frame = cover(network, places([(100, 60), (900, 5)]), places([(0, 60)]), standard)
        assert frame.reason.tolist()[1] == "not_snapped"
        rows.append(([(600, 10), (900, 10)], {}))
        network = Network.from_roads(roads_frame(rows))
        homes = places([(100, 60), (900, 5)])
        frame = cover(network, homes, places([(0, 60)]), standard, line((500, -90), (500, 90)))
        assert frame.covered.tolist() == [True, False]
        assert frame.reason.tolist()[1] == "no_road"
        assert frame.metres[0] == pytest.approx(100)


class TestLegs:
    NETWORK = Network.from_roads(
        roads_frame([([(0, 0), (0, 900)], {}), ([(60, 0), (60, 900)], {})])
    )

    def test_the_leg_takes_the_street_on_its_own_side(self):
        homes = places([(20, 450), (20, 800)])
        fence = line((10, 400), (10, 500))
        snapped = self.NETWORK.barred(fence).snap(homes)
        assert snapped.edge.tolist() == [2, 0]
        assert snapped.metres.tolist() == pytest.approx([40, 20])
        by_places = self.NETWORK.places(homes, barriers=fence)
        assert by_places.metres.tolist() == snapped.metres.tolist()

    def test_a_place_behind_barriers_on_every_side_does_not_snap(self):
        ring = at(20, 450).buffer(5).boundary
        snapped = self.NETWORK.barred(ring).snap(places([(20, 450), (20, 460)]), 200)
        assert snapped.edge.isna().tolist() == [True, False]
        assert snapped.metres.isna().tolist() == [True, False]

    def test_an_endless_leg_comes_to_an_end(self):
        ring = at(20, 450).buffer(5).boundary
        snapped = self.NETWORK.barred(ring).snap(places([(20, 450)]), np.inf)
        assert snapped.edge.isna().all()

    def test_a_street_that_is_the_barrier_is_reached_from_both_sides(self):
        street = line((60, 0), (60, 900))
        snapped = self.NETWORK.barred(street).snap(places([(50, 100), (70, 100), (60, 100)]))
        assert snapped.edge.tolist() == [2, 2, 2]
        assert snapped.metres.tolist() == pytest.approx([10, 10, 0])

    def test_a_street_that_crosses_is_no_street_to_snap_to(self):
        network = Network.from_roads(
            roads_frame([([(0, 0), (90, 0)], {}), ([(0, 30), (40, 30)], {})])
        )
        snapped = network.barred(line((45, -10), (45, 10))).snap(places([(20, 5)]))
        assert snapped.edge.tolist() == [2]

    def test_nothing_is_no_barrier(self):
        assert self.NETWORK.barred(None) is self.NETWORK
        assert self.NETWORK.barred([]) is self.NETWORK

    def test_an_area_is_no_barrier(self):
        with pytest.raises(GeodataError, match="row 0, column 'geometry': the barrier is no line"):
            self.NETWORK.barred(at(0, 0).buffer(5))

    def test_a_network_without_streets(self):
        network = Network.from_roads(roads_frame([([(0, 0), (9, 0)], {"highway": "footway"})]))
        barred = network.barred(RIVER)
        assert barred.snap(places([(0, 0)])).edge.isna().all()


BARRIER = st.one_of(
    st.lists(PLACES, min_size=2, max_size=4, unique=True),
    st.lists(CORNER, min_size=2, max_size=4, unique=True),
).map(lambda points: line(*points))


@plain
@given(TOWN, st.lists(BARRIER, min_size=1, max_size=2), st.lists(PLACES, min_size=1, max_size=6))
def test_random_towns(roads, barriers, points):
    network = Network.from_roads(roads)
    if not network.size:
        return
    barred = network.barred(barriers)
    bridge = roads.bridge.loc[network.edges.road].to_numpy(dtype=bool)
    edges = network.edges.assign(bridge=bridge)
    crossing = [any(crosses(edge.geometry, one) for one in barriers) for edge in edges.itertuples()]
    along = [any(runs_along(edge.geometry, one) for one in barriers) for edge in edges.itertuples()]
    edges = edges.assign(along=along)
    stays = edges.loc[~np.array(crossing, dtype=bool) | bridge]
    assert barred.edges.index.tolist() == stays.index.tolist()
    check_ways(network, barred, edges, stays, barriers)
    check_legs(barred, edges, stays, barriers, points)


def crosses(street, barrier):
    """Whether the street meets the barrier elsewhere than at its ends, and not along it."""
    met = street.intersection(barrier)
    inside = not met.difference(ends_of(street)).is_empty
    return met.length == 0 and inside and street.length > 0


def ends_of(street):
    first, last = street.coords[0], street.coords[-1]
    return MultiPoint([] if first == last else [first, last])


def runs_along(street, barrier):
    return street.intersection(barrier).length > 0


def check_ways(network, barred, edges, stays, barriers):
    on_line = {
        node
        for node, point in enumerate(network.nodes.geometry)
        if any(point.intersects(one) for one in barriers)
    }
    streets = edges[edges.along]
    dead = on_line - set(streets.from_node) - set(streets.to_node)

    def end(node, label, bridge):
        """Streets that end at a dead node end there alone; both edges of a piece end together."""
        return (node, piece_of[label] if node in dead and not bridge else -1)

    piece_of = {label: network.edge(label)[0] for label in edges.index}
    arcs = [
        (
            end(edge.from_node, edge.Index, edge.bridge),
            end(edge.to_node, edge.Index, edge.bridge),
            edge.seconds,
        )
        for edge in stays.itertuples()
    ]
    net = graph(arcs)
    kept = [node for node in range(network.size) if node not in dead]
    table = barred.seconds(kept)[:, kept] if kept else np.empty((0, 0))
    for row, source in enumerate(kept):
        found = dijkstra(net, (source, -1)) | {(source, -1): 0.0}
        assert table[row].tolist() == [found.get((node, -1), np.inf) for node in kept]


def check_legs(barred, edges, stays, barriers, points):
    snapped = barred.snap(places(points), 60.0)
    for point, got in zip(points, snapped.itertuples(), strict=True):
        home = at(*point)
        good = []
        for edge in stays.itertuples():
            foot = nearest_points(home, edge.geometry)[1]
            if home.distance(foot) <= 60 and not leg_meets(home, foot, edge.along, barriers):
                good.append((home.distance(foot), edge.Index))
        if not good:
            assert got.edge is snapped.edge.dtype.na_value
            continue
        best = min(good)[0]
        assert got.metres == pytest.approx(best, abs=1e-6)
        assert got.edge == min(label for away, label in good if away <= best + 1e-6)


def leg_meets(home, foot, along, barriers):
    if home.equals(foot):
        return not along and any(home.intersects(one) for one in barriers)
    leg = LineString([home, foot])
    if along:
        leg = LineString([home, leg.interpolate(max(0.0, leg.length - 1e-3))])
    return any(leg.intersects(one) for one in barriers)


@pytest.mark.parametrize("seed", range(4))
def test_many_places_among_fences(seed):
    """More places than are looked at in one go, snapped alone and together."""
    chance = np.random.default_rng(seed)
    lattice = [100 * step for step in range(10)]
    rows = [([(x, y), (x + 100, y)], {}) for x in lattice for y in lattice]
    rows += [([(x, y), (x, y + 100)], {}) for x in lattice for y in lattice]
    network = Network.from_roads(roads_frame(rows))
    fences = [
        line(spot, spot + chance.uniform(-120, 120, 2)) for spot in chance.uniform(0, 1000, (60, 2))
    ]
    barred = network.barred(fences)
    points = chance.uniform(0, 1000, (6_000, 2))
    together = barred.snap(places(points), 70.0)
    plainly = network.snap(places(points), 70.0)
    assert 0.02 < (together.edge != plainly.edge).fillna(True).mean() < 0.6
    for row in chance.choice(len(points), 60, replace=False):
        alone = barred.snap(Point(EAST + points[row][0], NORTH + points[row][1]), 70.0)
        assert alone.edge.tolist() == [together.edge[row]] or together.edge.isna()[row]
