"""What a network promises, one small town at a time."""

import dataclasses
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from plain_streets import CRS, at, places, roads_frame
from shapely.geometry import LineString, MultiLineString, Polygon, box

from geodata.errors import GeodataError
from geodata.network import PROFILES, Network


def node_at(network, x, y):
    hits = np.flatnonzero(network.nodes.geometry == at(x, y))
    assert len(hits) == 1
    return int(hits[0])


def area(x0, y0, x1, y1):
    low, high = at(x0, y0), at(x1, y1)
    return box(low.x, low.y, high.x, high.y)


CROSS = [
    ([(0, 100), (100, 100), (200, 100)], {"name": "Long Street"}),
    ([(100, 0), (100, 100), (100, 200)], {"name": "High Street", "highway": "primary"}),
]


class TestStreets:
    def test_streets_meet_where_they_share_a_vertex(self):
        network = Network.from_roads(roads_frame(CROSS))
        assert len(network.nodes) == 5
        assert len(network.edges) == 8
        assert network.nodes.index.tolist() == [0, 1, 2, 3, 4]
        assert network.nodes.crs == network.edges.crs == CRS

    def test_a_mere_crossing_is_no_junction(self):
        roads = roads_frame([([(0, 100), (200, 100)], {}), ([(100, 0), (100, 200)], {})])
        network = Network.from_roads(roads)
        assert len(network.nodes) == 4
        west, south = node_at(network, 0, 100), node_at(network, 100, 0)
        assert network.seconds([west])[0, south] == math.inf

    def test_a_bend_is_no_node_but_stays_in_the_line(self):
        network = Network.from_roads(roads_frame([([(0, 0), (50, 50), (100, 0)], {})]))
        assert len(network.nodes) == 2
        assert network.edges.geometry[0].coords[1] == at(50, 50).coords[0]

    def test_a_street_meets_itself(self):
        stick = [(0, 0), (100, 0), (150, 50), (100, 100), (50, 50), (100, 0)]
        network = Network.from_roads(roads_frame([(stick, {})]))
        meeting = node_at(network, 100, 0)
        assert len(network.nodes) == 2
        ring = network.edges[network.edges.from_node == network.edges.to_node]
        assert ring.from_node.tolist() == [meeting, meeting]
        assert ring.metres.iloc[0] == pytest.approx(4 * math.hypot(50, 50))

    def test_one_row_per_direction_with_its_own_geometry(self):
        roads = roads_frame([([(0, 0), (300, 400)], {"oneway": 0})]).set_index(pd.Index(["a7"]))
        edges = Network.from_roads(roads).edges
        assert edges.columns.tolist() == [
            "from_node",
            "to_node",
            "seconds",
            "metres",
            "road",
            "geometry",
        ]
        assert edges.road.tolist() == ["a7", "a7"]
        assert edges.metres.tolist() == [500.0, 500.0]
        assert edges.seconds.tolist() == pytest.approx([90.0, 90.0])
        assert edges.geometry[0].coords[0] == edges.geometry[1].coords[-1]

    def test_parallel_streets_are_kept_and_the_faster_counts(self):
        roads = roads_frame(
            [
                ([(0, 0), (100, 0)], {}),
                ([(0, 0), (50, 40), (100, 0)], {"highway": "primary"}),
                ([(0, 0), (100, 0)], {}),
            ]
        )
        network = Network.from_roads(roads)
        assert len(network.edges) == 6
        faster = network.edges.seconds.min()
        assert network.seconds([0])[0, 1] == faster == network.edges.seconds[2]

    def test_a_street_of_no_length_is_kept_and_harmless(self):
        rows = [*CROSS, ([(100, 100), (100, 100)], {}), ([(0, 0), (0, 0)], {})]
        network = Network.from_roads(roads_frame(rows))
        assert len(network.nodes) == 6
        assert (network.edges.metres[8:] == 0).all()
        west, east = node_at(network, 0, 100), node_at(network, 200, 100)
        assert network.seconds([west])[0, east] == pytest.approx(36.0)
        assert network.seconds([node_at(network, 0, 0)])[0, west] == math.inf

    def test_nodes_of_almost_one_place_stay_two_and_reachable(self):
        roads = roads_frame([([(0, 0), (1e-9, 0)], {}), ([(1e-9, 0), (100, 0)], {})])
        network = Network.from_roads(roads)
        assert np.isfinite(network.seconds([0])).all()

    def test_the_input_is_not_changed_and_any_crs_will_do(self):
        roads = roads_frame(CROSS)
        before = roads.copy(deep=True)
        there = Network.from_roads(roads.to_crs(4326))
        assert there.nodes.crs == "EPSG:4326"
        assert there.edges.metres.tolist() == pytest.approx(
            Network.from_roads(roads).edges.metres.tolist(), abs=1e-5
        )
        pd.testing.assert_frame_equal(roads, before)

    def test_heights_do_not_matter(self):
        flat = roads_frame(CROSS)
        high = flat.set_geometry(
            [
                LineString([(*xy, 7.0 * n) for xy in line.coords])
                for n, line in enumerate(flat.geometry)
            ]
        )
        high = high.set_crs(CRS)
        assert len(Network.from_roads(high).nodes) == 5

    def test_the_same_roads_give_the_same_network(self):
        one, two = (Network.from_roads(roads_frame(CROSS)) for _ in range(2))
        pd.testing.assert_frame_equal(one.edges, two.edges)
        pd.testing.assert_frame_equal(one.nodes, two.nodes)

    def test_without_a_street_for_the_profile_the_network_is_empty(self):
        network = Network.from_roads(roads_frame([([(0, 0), (9, 0)], {"highway": "steps"})]))
        assert len(network.nodes) == len(network.edges) == 0
        home = places([(0, 0)])
        assert network.snap(home).edge.isna().all()
        assert network.seconds([]).shape == (0, 0)
        assert network.nearest([]).empty
        assert network.matrix(home, home)[0].tolist() == [[math.inf]]
        assert network.route(at(0, 0), at(9, 0)).seconds == math.inf
        assert network.close(area(0, 0, 1, 1)).size == 0


class TestProfiles:
    CLASSES = ("motorway", "motorway_link", "primary", "service", "track", "footway", "path")
    CLASSES += ("pedestrian", "steps", "cycleway")

    def used(self, profile, **columns):
        rows = [([(0, 10 * n), (100, 10 * n)], {"highway": c}) for n, c in enumerate(self.CLASSES)]
        roads = roads_frame(rows, **columns)
        edges = Network.from_roads(roads, profile).edges
        return set(roads.highway.loc[edges.road.unique()])

    @pytest.mark.parametrize("profile", ["drive", "truck", "emergency"])
    def test_vehicles_use_no_footways(self, profile):
        assert self.used(profile) == {"motorway", "motorway_link", "primary", "service", "track"}

    def test_walkers_use_all_but_motorways(self):
        assert self.used("walk") == set(self.CLASSES) - {"motorway", "motorway_link"}

    @pytest.mark.parametrize(
        ("profile", "oneway", "directions"),
        [
            ("drive", 1, [(0, 1)]),
            ("drive", -1, [(1, 0)]),
            ("drive", 0, [(0, 1), (1, 0)]),
            ("drive", None, [(0, 1), (1, 0)]),
            ("truck", 1, [(0, 1)]),
            ("walk", 1, [(0, 1), (1, 0)]),
            ("walk", -1, [(0, 1), (1, 0)]),
            ("emergency", 1, [(0, 1), (1, 0)]),
        ],
    )
    def test_one_way_streets(self, profile, oneway, directions):
        roads = roads_frame([([(0, 0), (100, 0)], {"oneway": oneway})])
        edges = Network.from_roads(roads, profile).edges
        assert list(zip(edges.from_node, edges.to_node, strict=True)) == directions
        starts = [line.coords[0][0] - at(0, 0).x for line in edges.geometry]
        assert starts == [100.0 * start for start, _ in directions]

    @pytest.mark.parametrize(
        ("limit", "passes"),
        [
            ({"maxheight_m": 3.5}, False),
            ({"maxheight_m": 4.0}, True),
            ({"maxweight_t": 3.5}, False),
            ({"maxweight_t": 20.0}, True),
            ({"maxwidth_m": 2.0}, False),
            ({"maxwidth_m": 2.6}, True),
            ({"maxheight_m": None}, True),
        ],
    )
    def test_trucks_heed_limits(self, limit, passes):
        roads = roads_frame([([(0, 0), (100, 0)], limit)])
        assert len(Network.from_roads(roads, "truck").edges) == (2 if passes else 0)
        assert len(Network.from_roads(roads, "drive").edges) == 2

    def test_a_declared_speed_is_driven_and_not_walked(self):
        rows = [([(0, 0), (100, 0)], {"maxspeed_kmh": 36.0}), ([(0, 9), (100, 9)], {})]
        roads = roads_frame(rows)
        assert Network.from_roads(roads).edges.seconds.tolist() == pytest.approx([10, 10, 18, 18])
        assert Network.from_roads(roads, "walk").edges.seconds.tolist() == pytest.approx([72.0] * 4)

    def test_speeds_are_configuration(self):
        slow = dataclasses.replace(PROFILES["drive"], speeds={"residential": 3.6})
        network = Network.from_roads(roads_frame([([(0, 0), (100, 0)], {})]), slow)
        assert network.edges.seconds.tolist() == pytest.approx([100.0, 100.0])

    def test_an_unknown_profile_is_named(self):
        with pytest.raises(GeodataError, match="'boat'.*walk, drive, truck, emergency"):
            Network.from_roads(roads_frame(CROSS), "boat")


class TestBadRoads:
    def faults(self, roads):
        with pytest.raises(GeodataError) as caught:
            Network.from_roads(roads)
        return {(fault.row, fault.column) for fault in caught.value.faults}

    def test_geometries_that_are_no_street_are_all_named(self):
        good = LineString([at(0, 0), at(9, 0)])
        lines = [
            good,
            MultiLineString([good]),
            None,
            LineString(),
            at(0, 0),
            LineString([(0, 0), (math.inf, 0)]),
            Polygon([at(0, 0), at(9, 0), at(0, 9)]),
        ]
        index = list("abcdefg")
        roads = gpd.GeoDataFrame({"highway": "primary"}, geometry=lines, crs=CRS, index=index)
        assert self.faults(roads) == {(row, "geometry") for row in "bcdefg"}

    def test_attributes_that_cannot_be_read_are_all_named(self):
        roads = roads_frame(CROSS, oneway=[0, 2], maxspeed_kmh=["fast", 30], maxheight_m=[-1, 4])
        assert self.faults(roads) == {(1, "oneway"), (0, "maxspeed_kmh"), (0, "maxheight_m")}

    def test_a_missing_class_is_named(self):
        assert self.faults(roads_frame(CROSS, highway=["primary", None])) == {(1, "highway")}
        assert self.faults(roads_frame(CROSS).drop(columns="highway")) == {(None, "highway")}

    def test_labels_that_repeat_are_named(self):
        assert self.faults(roads_frame(CROSS).set_index(pd.Index([7, 7]))) == {(7, None)}

    def test_roads_without_a_crs_are_refused(self):
        with pytest.raises(GeodataError, match="coordinate system"):
            Network.from_roads(roads_frame(CROSS).set_crs(None, allow_override=True))


class TestSnap:
    ROADS = [([(0, 0), (100, 0)], {"oneway": -1}), ([(0, 50), (100, 50)], {})]

    def test_the_nearest_point_on_an_edge(self):
        network = Network.from_roads(roads_frame(self.ROADS))
        points = places([(25, 10), (80, 45), (0, 260), (50, 25)]).set_index(pd.Index(list("abcd")))
        snapped = network.snap(points)
        assert snapped.columns.tolist() == ["edge", "fraction", "metres"]
        assert snapped.index.tolist() == list("abcd")
        # edge 0 runs against its road; between two streets the lower label
        assert snapped.edge.tolist() == [0, 1, pd.NA, 0]
        assert snapped.fraction.tolist()[:2] == pytest.approx([0.75, 0.8])
        assert snapped.metres.tolist()[:2] == pytest.approx([10.0, 5.0])
        assert snapped.loc["c"].isna().all()

    def test_the_limit_is_included_and_can_be_moved(self):
        network = Network.from_roads(roads_frame(self.ROADS))
        points = places([(50, 250), (50, 250.5)])
        assert network.snap(points).edge.isna().tolist() == [False, True]
        assert network.snap(points, max_metres=201).edge.tolist() == [1, 1]

    def test_other_crs_missing_points_and_bare_points(self):
        network = Network.from_roads(roads_frame(self.ROADS))
        points = gpd.GeoSeries([at(25, 10), None, gpd.points_from_xy([math.nan], [0])[0]], crs=CRS)
        snapped = network.snap(points.to_crs(4326))
        assert snapped.edge.isna().tolist() == [False, True, True]
        assert snapped.fraction[0] == pytest.approx(0.75, abs=1e-6)
        assert network.snap([at(25, 10)]).edge.tolist() == [0]

    def test_what_is_no_point_is_named(self):
        network = Network.from_roads(roads_frame(self.ROADS))
        points = gpd.GeoSeries([at(0, 0), LineString([at(0, 0), at(9, 9)])], crs=CRS)
        with pytest.raises(GeodataError, match="row 1, column 'geometry': not a Point"):
            network.snap(points)
        with pytest.raises(GeodataError, match="coordinate system"):
            network.snap(gpd.GeoSeries([at(0, 0)]))

    def test_closures_move_nobody_to_another_street(self):
        network = Network.from_roads(roads_frame(self.ROADS))
        closed = network.close(area(40, -1, 60, 1))
        assert 0 not in closed.edges.index
        assert closed.snap(places([(25, 10)])).edge.tolist() == [0]
        seconds, _ = closed.matrix(places([(25, 10)]), places([(80, 50)]))
        assert seconds.tolist() == [[math.inf]]


class TestClose:
    LADDER = [
        ([(0, 0), (100, 0), (200, 0), (300, 0)], {}),
        ([(0, 100), (300, 100)], {"bridge": True}),
        ([(0, 200), (300, 200)], {"tunnel": True}),
        ([(0, 0), (0, 100), (0, 200)], {}),
        ([(300, 0), (300, 100), (300, 200)], {}),
        ([(100, 0), (100, 50)], {}),
        ([(200, 0), (200, 40)], {}),
    ]

    def test_inside_and_across_are_closed_bridges_and_tunnels_stay(self):
        network = Network.from_roads(roads_frame(self.LADDER))
        closed = network.close(area(90, 10, 250, 300))
        gone = network.edges.drop(closed.edges.index)
        assert sorted(gone.road.unique()) == [5, 6]
        pd.testing.assert_frame_equal(closed.edges, network.edges.loc[closed.edges.index])
        pd.testing.assert_frame_equal(closed.nodes, network.nodes)

    def test_an_edge_that_crosses_without_a_vertex_inside(self):
        network = Network.from_roads(roads_frame(self.LADDER))
        closed = network.close(area(140, -5, 160, 5))
        assert len(network.edges) - len(closed.edges) == 2

    @pytest.mark.parametrize(
        ("closes", "roads"), [("ground", [5, 6]), ("bridges", [1, 2]), ("all", [1, 2, 5, 6])]
    )
    def test_an_area_says_whether_it_closes_bridges(self, closes, roads):
        network = Network.from_roads(roads_frame(self.LADDER))
        areas = gpd.GeoDataFrame(
            {"closes": [closes, "ground"]},
            geometry=[area(90, 10, 250, 300), area(900, 900, 901, 901)],
            crs=CRS,
        )
        closed = network.close(areas)
        gone = network.edges.drop(closed.edges.index)
        assert sorted(gone.road.unique()) == roads

    def test_an_unknown_word_of_what_is_closed_is_named(self):
        network = Network.from_roads(roads_frame(self.LADDER))
        areas = gpd.GeoDataFrame({"closes": ["river"]}, geometry=[area(0, 0, 1, 1)], crs=CRS)
        with pytest.raises(GeodataError, match="row 0, column 'closes': not one of ground"):
            network.close(areas)

    def test_edges_wholly_inside(self):
        network = Network.from_roads(roads_frame(self.LADDER))
        closed = network.close(area(-500, -500, 500, 500))
        assert sorted(closed.edges.road.unique()) == [1, 2]

    def test_closures_add_up_and_the_open_network_is_remembered(self):
        network = Network.from_roads(roads_frame(self.LADDER))
        once = network.close(area(90, 10, 250, 300))
        twice = once.close(area(140, -5, 160, 5))
        assert len(network.edges) == 22
        assert len(once.edges) == 18
        assert len(twice.edges) == 16
        assert network.unclosed is network
        assert twice.unclosed is once.unclosed is network

    def test_many_areas_other_crs_and_none(self):
        network = Network.from_roads(roads_frame(self.LADDER))
        areas = gpd.GeoSeries([area(90, 10, 250, 300), area(140, -5, 160, 5)], crs=CRS)
        assert len(network.close(areas.to_crs(4326)).edges) == 16
        assert len(network.close(list(areas)).edges) == 16
        assert len(network.close(areas.to_frame("geometry")).edges) == 16
        for nothing in (None, [], areas.iloc[:0]):
            assert len(network.close(nothing).edges) == 22

    def test_areas_that_are_none_are_named(self):
        network = Network.from_roads(roads_frame(self.LADDER))
        bow = Polygon([at(0, 0), at(9, 9), at(9, 0), at(0, 9)])
        areas = gpd.GeoSeries([None, Polygon(), bow], crs=CRS)
        with pytest.raises(GeodataError) as caught:
            network.close(areas)
        assert [fault.row for fault in caught.value.faults] == [0, 1, 2]

    def test_bridges_may_be_written_in_words(self):
        words = ["yes", "viaduct", "no", None, "", "False", "1"]
        rows = [([(0, 9 * n), (100, 9 * n)], {"bridge": word}) for n, word in enumerate(words)]
        closed = Network.from_roads(roads_frame(rows)).close(area(-9, -9, 200, 200))
        assert sorted(closed.edges.road.unique()) == [0, 1, 6]

    @pytest.mark.parametrize("kind", ["boolean", "Int64", "object", "float"])
    def test_bridges_may_be_missing_in_any_column(self, kind):
        rows = [([(0, 9 * n), (100, 9 * n)], {}) for n in range(3)]
        column = pd.Series([True, None, False]).astype(kind)
        roads = roads_frame(rows, bridge=column, highway=pd.Categorical(["primary"] * 3))
        closed = Network.from_roads(roads).close(area(-9, -9, 200, 200))
        assert sorted(closed.edges.road.unique()) == [0]


class TestJunctions:
    def network(self):
        rows = [
            ([(-100, 0), (0, 0)], {"oneway": 1}),
            ([(0, 0), (100, 0)], {"oneway": 1}),
            ([(0, 0), (0, 100)], {"oneway": 1}),
            ([(0, 0), (0, -100)], {"oneway": -1}),
        ]
        return Network.from_roads(roads_frame(rows))

    def test_within_a_metre_all_its_open_edges_serve(self):
        network = self.network()
        closed = network.close(area(-60, -9, -40, 9))
        home, north, south = places([(-0.5, 0)]), places([(0, 80)]), places([(0, -80)])
        assert network.snap(home).edge.tolist() == [0]
        assert network.snap(home).fraction.tolist() == pytest.approx([0.995])
        assert closed.matrix(home, north)[0][0, 0] == pytest.approx(80.5 / (20 / 3.6))
        assert closed.matrix(south, home)[0][0, 0] == pytest.approx(80.5 / (20 / 3.6))
        assert np.isfinite(closed.route(at(-0.5, 0), at(0, 80)).seconds)

    def test_farther_than_a_metre_the_closed_street_cuts_it_off(self):
        closed = self.network().close(area(-60, -9, -40, 9))
        home, north = places([(-1.5, 0)]), places([(0, 80)])
        assert closed.matrix(home, north)[0].tolist() == [[math.inf]]
        assert closed.unclosed.matrix(home, north)[0][0, 0] < math.inf

    def test_one_way_streets_do_not_hinder_at_the_junction(self):
        network = self.network()
        # half a metre into the street that only leads away
        assert network.matrix(places([(0.5, 0)]), places([(0, 80)]))[0][0, 0] < math.inf
        assert network.matrix(places([(1.5, 0)]), places([(0, 80)]))[0][0, 0] == math.inf


class TestRoute:
    def test_names_turns_and_sums(self):
        network = Network.from_roads(roads_frame(CROSS))
        route = network.route(at(20, 110), at(110, 180))
        assert [(step.turn, step.name, step.highway) for step in route.steps] == [
            ("depart", "Long Street", "residential"),
            ("left", "High Street", "primary"),
            ("arrive", None, None),
        ]
        assert [step.bearing for step in route.steps] == pytest.approx([90.0, 0.0, 0.0])
        assert route.metres == pytest.approx(10 + 80 + 80 + 10)
        expected = 20 / (5 / 3.6) + 80 / (20 / 3.6) + 80 / (40 / 3.6)
        assert route.seconds == pytest.approx(expected)
        assert sum(step.metres for step in route.steps) == pytest.approx(route.metres)
        assert sum(step.seconds for step in route.steps) == pytest.approx(route.seconds)
        wanted = [at(20, 110), at(20, 100), at(100, 100), at(100, 180), at(110, 180)]
        assert route.geometry.equals_exact(LineString(wanted), 1e-9)
        edges = network.edges.loc[list(route.edges)]
        assert edges.road.tolist() == [0, 1]
        assert edges.to_node.iloc[0] == edges.from_node.iloc[1] == node_at(network, 100, 100)

    def test_from_junction_to_junction_only_whole_edges(self):
        network = Network.from_roads(roads_frame(CROSS))
        route = network.route(at(0, 100), at(100, 0))
        edges = network.edges.loc[list(route.edges)]
        assert edges.from_node.tolist() == [node_at(network, 0, 100), node_at(network, 100, 100)]
        assert edges.seconds.sum() == pytest.approx(route.seconds)
        assert len(route.geometry.coords) == 3

    @pytest.mark.parametrize(
        ("turn", "end"),
        [
            ("left", (0, 100)),
            ("right", (0, -100)),
            ("slight_left", (100, 60)),
            ("slight_right", (100, -60)),
            ("sharp_left", (-100, 60)),
            ("sharp_right", (-100, -60)),
            ("straight", (100, 10)),
        ],
    )
    def test_turns(self, turn, end):
        rows = [
            ([(-100, 0), (0, 0)], {"name": "A"}),
            ([(0, 0), end], {"name": "B"}),
            ([(0, 0), (1, 300)], {}),
        ]
        route = Network.from_roads(roads_frame(rows)).route(at(-100, 0), at(*end))
        assert [step.turn for step in route.steps] == ["depart", turn, "arrive"]

    def test_a_bend_without_a_choice_is_no_turn(self):
        rows = [([(0, 0), (100, 0)], {}), ([(100, 0), (100, 100)], {})]
        steps = Network.from_roads(roads_frame(rows)).route(at(0, 0), at(100, 100)).steps
        assert [step.turn for step in steps] == ["depart", "arrive"]
        assert steps[0].highway == "residential"
        assert steps[0].name is None

    def test_along_one_street(self):
        network = Network.from_roads(roads_frame([([(0, 0), (100, 0), (100, 100)], {})]))
        route = network.route(at(90, 5), at(105, 50))
        assert route.metres == pytest.approx(5 + 10 + 50 + 5)
        back = network.route(at(105, 50), at(90, 5))
        assert back.metres == pytest.approx(route.metres)
        assert back.geometry.equals_exact(route.geometry.reverse(), 1e-9)
        assert route.edges == (0,)
        assert back.edges == (1,)

    def test_bends_of_the_first_and_the_last_street_are_drawn_in_order(self):
        corners = [(0, 0), (100, 0), (100, 100), (200, 100), (200, 200), (300, 200), (300, 300)]
        for first in (corners[:4], corners[:4][::-1]):
            for last in (corners[3:], corners[3:][::-1]):
                rows = [(first, {}), (last, {}), ([(200, 100), (210, 90)], {})]
                network = Network.from_roads(roads_frame(rows))
                route = network.route(at(20, 0), at(300, 270))
                wanted = [at(20, 0), *(at(*corner) for corner in corners[1:6]), at(300, 270)]
                assert route.geometry.equals_exact(LineString(wanted), 1e-9)
                back = network.route(at(300, 270), at(20, 0))
                assert back.geometry.equals_exact(LineString(wanted[::-1]), 1e-9)
                assert [step.bearing for step in route.steps] == pytest.approx([90, 0, 0])

    def test_around_the_block_of_a_one_way_street(self):
        block = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
        rows = [(block[n : n + 2], {"oneway": 1}) for n in range(4)]
        network = Network.from_roads(roads_frame(rows))
        onward = network.route(at(20, 0), at(80, 0))
        around = network.route(at(80, 0), at(20, 0))
        assert onward.metres == pytest.approx(60)
        assert onward.geometry.equals_exact(LineString([at(20, 0), at(80, 0)]), 1e-9)
        assert around.metres == pytest.approx(340)
        assert around.edges == (0, 1, 2, 3, 0)
        assert around.geometry.length == pytest.approx(340)

    def test_around_a_ring_that_is_one_edge(self):
        ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
        network = Network.from_roads(roads_frame([(ring, {"oneway": 1})]))
        assert network.route(at(20, 0), at(80, 0)).metres == pytest.approx(60)
        assert network.route(at(80, 0), at(20, 0)).metres == pytest.approx(340)
        both = Network.from_roads(roads_frame([(ring, {})]))
        assert both.route(at(20, 0), at(0, 20)).metres == pytest.approx(40)

    def test_the_same_place(self):
        network = Network.from_roads(roads_frame(CROSS))
        route = network.route(at(50, 110), at(50, 110))
        assert route.metres == pytest.approx(20)
        assert route.edges == ()
        assert [step.turn for step in route.steps] == ["depart", "arrive"]
        assert network.route(at(50, 100), at(50, 100)).seconds == 0.0

    def test_no_way_is_infinite_and_empty(self):
        network = Network.from_roads(roads_frame([*CROSS, ([(900, 0), (999, 0)], {})]))
        for end in (at(950, 0), at(5000, 5000)):
            route = network.route(at(0, 100), end)
            assert (route.seconds, route.metres) == (math.inf, math.inf)
            assert route.geometry.is_empty
            assert route.steps == route.edges == ()

    def test_routes_pair_by_pair(self):
        network = Network.from_roads(roads_frame([*CROSS, ([(900, 0), (999, 0)], {})]))
        origins = places([(20, 110), (950, 5), (180, 95), (20, 110)]).set_index(
            pd.Index(list("wxyz"))
        )
        ends = places([(110, 180), (20, 110), (110, 180), (20, 110)])
        routes = network.routes(origins.to_crs(4326), ends)
        assert routes.columns.tolist() == ["seconds", "metres", "geometry"]
        assert routes.index.tolist() == list("wxyz")
        assert routes.crs == CRS
        for row, (start, end) in enumerate(zip(origins.geometry, ends.geometry, strict=True)):
            route = network.route(start, end)
            assert routes.seconds.iloc[row] == pytest.approx(route.seconds, abs=1e-6)
            if not route.geometry.is_empty:
                assert routes.geometry.iloc[row].hausdorff_distance(route.geometry) < 1e-6
        assert routes.geometry.is_empty.tolist() == [False, True, False, False]
        # one origin and many destinations: the tree grows the other way
        chain = Network.from_roads(
            roads_frame(
                [([(x, x % 200), (x + 100, 100 - x % 200)], {}) for x in range(0, 500, 100)]
            )
        )
        spread = chain.routes(places([(0, 0)] * 2), places([(500, 100), (400, 0)]))
        corners = [at(x, x % 200) for x in range(0, 600, 100)]
        assert spread.geometry[0].equals_exact(LineString(corners), 1e-9)
        assert spread.geometry[1].equals_exact(LineString(corners[:-1]), 1e-9)
        with pytest.raises(GeodataError, match="4 origins cannot be paired with 3"):
            network.routes(origins, ends.iloc[:3])


class TestSources:
    def test_nodes_that_are_none_are_named(self):
        network = Network.from_roads(roads_frame(CROSS))
        with pytest.raises(GeodataError, match="no node 5.*no node -1"):
            network.seconds([0, 5, -1])
        with pytest.raises(GeodataError, match="whole numbers"):
            network.nearest([0.5])
        with pytest.raises(GeodataError, match="limit"):
            network.seconds([0], limit=-1)
        with pytest.raises(GeodataError, match="count"):
            network.nearest([0], count=0)

    def test_limit_and_repeats(self):
        network = Network.from_roads(roads_frame(CROSS))
        full = network.seconds([0, 0])
        assert (full[0] == full[1]).all()
        near = network.seconds([0], limit=18.0)
        assert near[0].tolist() == [0.0, pytest.approx(18.0), math.inf, math.inf, math.inf]

    def test_nearest_of_none_and_of_one(self):
        network = Network.from_roads(roads_frame(CROSS))
        none = network.nearest([])
        assert none.source_1.isna().all()
        assert (none.seconds_2 == math.inf).all()
        one = network.nearest([3, 3])
        assert one.source_1.tolist() == [3] * 5
        assert one.source_2.isna().all()
        assert one.columns.tolist() == ["source_1", "seconds_1", "source_2", "seconds_2"]
        assert one.index.equals(network.nodes.index)

    def test_ties_go_to_the_lower_id(self):
        network = Network.from_roads(roads_frame(CROSS))
        ends = [node_at(network, *xy) for xy in ((200, 100), (0, 100))]
        middle = node_at(network, 100, 100)
        found = network.nearest(ends).loc[middle]
        assert [found.source_1, found.source_2] == sorted(ends)
        assert found.seconds_1 == found.seconds_2
