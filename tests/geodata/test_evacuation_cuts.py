"""Why some cannot be served: with what the cut names they are, with less they are not."""

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from evacuation_towns import CRS, lattice, scatter, town
from scipy.sparse import coo_array
from scipy.sparse.csgraph import maximum_flow
from shapely import LineString, Point, box

from geodata import clearance, evacuation_case, evacuation_cuts_beds, evacuation_flow
from geodata.errors import GeodataError
from geodata.evacuation import Options, draft
from geodata.evacuation_cuts import beds, cut, reopened
from geodata.network import Network

EAST = 500_000
NORTH = 3_300_000


def lines(*pairs, **columns):
    shapes = [
        LineString([(EAST + a, NORTH + b), (EAST + c, NORTH + d)]) for (a, b), (c, d) in pairs
    ]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).assign(highway="residential")


def points(*xy, **columns):
    shapes = [Point(EAST + x, NORTH + y) for x, y in xy]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def two_bridges():
    """West bank and east bank, two named bridges, a street along each bank."""
    roads = lines(
        ((0, 0), (0, 400)),
        ((0, 400), (0, 800)),
        ((0, 0), (200, 0)),
        ((0, 800), (200, 800)),
        ((200, 0), (200, 400)),
        ((200, 400), (200, 800)),
        name=["西街", "西街", "南桥", "北桥", None, None],
        bridge=[False, False, True, True, False, False],
    )
    homes = points(*[(-10, y) for y in range(20, 780, 20)], people=[16] * 38)
    homes.index = [f"h{number}" for number in range(38)]
    places = points((210, 400), capacity=[5000]).set_index(pd.Index(["B"]))
    return roads, homes, places, box(EAST - 50, NORTH - 50, EAST + 100, NORTH + 900)


def test_two_bridges_carry_420_an_hour_and_608_need_them():
    roads, homes, places, hazard = two_bridges()
    network = Network.from_roads(roads, "walk")
    rates = pd.Series(2000.0, index=network.edges.index)
    rates[network.edges.road == 2] = 120.0
    rates[network.edges.road == 3] = 300.0
    (found,) = cut(network, homes, places, hazard, hours=1, capacity=rates)
    assert (found.kind, found.names, found.streets) == ("roads", ["南桥", "北桥"], 2)
    assert (found.per_hour, found.carries, found.people) == (420, 420, 608)
    assert list(found.households) == list(homes.index)
    assert (network.edges.loc[found.links.edge].geometry.length > 199).all()
    # in one hour and a half 630 pass: enough
    assert cut(network, homes, places, hazard, hours=1.5, capacity=rates) == []
    assert len(cut(network, homes, places, hazard, hours=1.44, capacity=rates)) == 1
    # whatever the waves, nobody clears in less than the cut says
    made = draft(network, homes, places, hazard)
    ways = evacuation_flow.followed_to(network, homes, places, hazard, made.assignments.shelter)
    taken = clearance.estimate(network, ways, homes.people, made.assignments.wave, rates, runs=1)
    assert taken.percentiles.median_seconds[1.0] > 3600 * 608 / 420


def test_of_equally_narrow_cuts_the_fewest_and_the_named_streets_are_given():
    roads, homes, places, hazard = two_bridges()
    network = Network.from_roads(roads, "walk")
    rates = pd.Series(2000.0, index=network.edges.index)
    rates[network.edges.road.isin([2, 3])] = 100.0
    # the two nameless streets of the east bank are as narrow as the bridges before them
    rates[network.edges.road.isin([4, 5])] = 100.0
    (found,) = cut(network, homes, places, hazard, hours=1, capacity=rates)
    assert found.names == ["南桥", "北桥"]
    roads["name"] = [None, None, None, None, "东街", "东街"]
    other = Network.from_roads(roads, "walk")
    (found,) = cut(other, homes, places, hazard, hours=1, capacity=rates)
    assert found.names == ["东街"]
    assert found.streets == 2
    # one street of 200 beside the two of 100
    rates[network.edges.road.isin([2, 3])] = 150.0
    roads = pd.concat(
        [
            roads.iloc[:4].assign(name=None),
            lines(((200, 0), (300, 400)), ((200, 800), (300, 400)), ((300, 400), (400, 400))),
        ],
        ignore_index=True,
    )
    single = Network.from_roads(roads, "walk")
    rates = pd.Series(2000.0, index=single.edges.index)
    rates[single.edges.road.isin([2, 3])] = 100.0
    rates[single.edges.road == 6] = 200.0
    far = places.set_geometry([Point(EAST + 400, NORTH + 410)])
    (found,) = cut(single, homes, far, hazard, hours=1, capacity=rates)
    assert found.links.road.tolist() == [6]


def test_those_who_live_along_a_street_share_its_mouth_with_those_who_come_through():
    # 12 people along the last street, 8 before it; each street lets 15 pass, no street 20
    roads = lines(((0, 0), (300, 0)), ((300, 0), (600, 0)), ((600, 0), (900, 0)))
    roads["name"] = ["里", "中", "外"]
    network = Network.from_roads(roads, "walk")
    homes = points((50, 3), (450, 3), (460, 3), people=[8, 6, 6])
    places = points((900, 3), capacity=[99])
    hazard = box(EAST - 9, NORTH - 9, EAST + 700, NORTH + 9)
    rates = pd.Series(15.0, index=network.edges.index)
    (found,) = cut(network, homes, places, hazard, hours=1, capacity=rates)
    assert (found.carries, found.people, found.streets) == (15, 20, 1)
    rates[network.edges.road == 2] = 99.0
    (found,) = cut(network, homes, places, hazard, hours=1, capacity=rates)
    assert (found.carries, found.people, found.names) == (15, 20, ["中"])
    rates[network.edges.road == 1] = 20.0
    assert cut(network, homes, places, hazard, hours=1, capacity=rates) == []


def test_beds_are_added_for_all_who_are_left():
    far = np.inf
    seconds = np.array([[1.0, 2.0, far], [far, 2.0, far], [1.0, far, 3.0], [far, far, 3.0]])
    more = evacuation_cuts_beds._where(np.array([3, 4, 2, 5]), seconds, np.array([1, 2, 0]))
    # seven of them can go to B or C alike: B grows by least for 3 and 4, C for 2 and 5
    assert more.tolist() == [0, 5, 7]


def test_beds_beyond_a_narrow_bridge():
    roads, homes, places, hazard = two_bridges()
    network = Network.from_roads(roads, "walk")
    rates = pd.Series(2000.0, index=network.edges.index)
    rates[network.edges.road.isin([2, 3])] = 200.0
    # a shelter on this bank takes 150, the others have to cross, where 400 can: 58 are left
    near = points((0, -210), capacity=[150]).set_index(pd.Index(["A"]))
    roads = pd.concat([roads, lines(((0, 0), (0, -200)))], ignore_index=True)
    network = Network.from_roads(roads, "walk")
    rates = pd.Series(2000.0, index=network.edges.index)
    rates[network.edges.road.isin([2, 3])] = 200.0
    both = pd.concat([places, near])
    (found,) = cut(network, homes, both, hazard, hours=1, capacity=rates)
    assert found.kind == "beds"
    assert list(found.shelters) == ["A"]
    assert found.names == ["南桥", "北桥"]
    assert (found.carries, found.people) == (550, 608)


def plain_flow(network, homes, places, hazard, passing):
    """Give the most people who can pass, by another solver and a graph of its own."""
    edges = network.edges
    count, nodes = len(edges), network.size
    inside = {node: shapely.intersects(hazard, at) for node, at in network.nodes.geometry.items()}
    spots = network.snap(homes.geometry)
    doors = network.snap(places.geometry)
    source, sink = nodes + count + len(places), nodes + count + len(places) + 1
    arcs = []
    for label, edge in edges.iterrows():
        if inside[edge.to_node] and not inside[edge.from_node]:
            continue
        arcs += [
            (edge.from_node, nodes + label, passing[label]),
            (nodes + label, edge.to_node, passing[label]),
        ]
    for home, spot in zip(homes.itertuples(), spots.itertuples(), strict=True):
        one = edges.loc[spot.edge]
        twin = edges[
            (edges.from_node == one.to_node)
            & (edges.to_node == one.from_node)
            & (edges.road == one.road)
        ].index
        for label in {spot.edge, *twin}:
            arcs.append((source + 2 + home.Index, nodes + label, 10**6))
        arcs.append((source, source + 2 + home.Index, home.people))
    for number, spot in enumerate(doors.itertuples()):
        edge = edges.loc[spot.edge]
        node = edge.from_node if spot.fraction < 0.5 else edge.to_node
        arcs.append((node, nodes + count + number, 10**6))
        arcs.append((nodes + count + number, sink, 10**6))
    tail, head, room = (np.array(column) for column in zip(*arcs, strict=True))
    size = source + 2 + len(homes)
    graph = coo_array((room.astype(np.int32), (tail, head)), shape=(size, size)).tocsr()
    return maximum_flow(graph, source, sink).flow_value


@pytest.mark.parametrize("seed", range(6))
def test_another_solver_finds_as_many_who_cannot_pass(seed):
    rng = np.random.default_rng(seed)
    roads = lattice(seed, side=6).assign(oneway=0)
    network = Network.from_roads(roads, "walk")
    west, south, east, north = roads.total_bounds
    edges = network.edges
    # the west bank is to be left, over the bridges
    bank = edges[edges.road.isin(roads.index[roads.bridge])].geometry.interpolate(0.5, True)
    hazard = shapely.Polygon(
        [
            (west - 99, south - 99),
            (east + 99, south - 99),
            (east + 99, bank.y.min()),
            (west - 99, bank.y.min()),
        ]
    )
    at = scatter(roads, 150, rng, spread=2.0)
    spots = network.snap(gpd.GeoSeries(at, crs=CRS))
    ends = edges.loc[spots.edge.to_numpy(dtype=int)]
    within = [shapely.contains(hazard, line) for line in ends.geometry]
    here = np.flatnonzero(np.array(within) & (spots.fraction.between(0.1, 0.9)).to_numpy())
    homes = gpd.GeoDataFrame({"people": rng.integers(1, 9, len(here))}, geometry=at[here], crs=CRS)
    out = network.nodes[~network.nodes.intersects(hazard)].sample(2, random_state=seed)
    places = gpd.GeoDataFrame({"capacity": [9999, 9999]}, geometry=out.geometry.to_numpy(), crs=CRS)
    passing = rng.integers(3, 60, len(edges))
    rates = pd.Series(passing.astype(float), index=edges.index)
    case = evacuation_case.read(network, homes, places, hazard, None, Options())
    reached = np.isfinite(case.ways.seconds).any(axis=1)
    homes = homes[reached].reset_index(drop=True)
    crossing = edges[edges.intersects(hazard.boundary)]
    assert roads.bridge[crossing.road].all()  # nothing but bridges leads out
    most = plain_flow(network, homes, places, hazard, passing)
    cuts = cut(network, homes, places, hazard, hours=1, capacity=rates)
    left = sum(one.people - one.carries for one in cuts)
    assert all(one.people > one.carries for one in cuts)
    assert homes.people.sum() - most == left
    # with as much more room in the streets of the cut all pass; one person less, and not
    for one in cuts:
        short = one.people - one.carries
        wide = rates.copy()
        wide[one.links.edge] += short
        again = cut(network, homes, places, hazard, hours=1, capacity=wide)
        still = sum(other.people - other.carries for other in again)
        assert still <= left - min(short, 1)
        single = rates.copy()
        single[one.links.edge.iloc[0]] += short - 1
        assert cut(network, homes, places, hazard, hours=1, capacity=single)


@pytest.mark.parametrize("seed", range(6))
def test_opening_the_streets_of_a_cut_gives_a_way_and_one_fewer_does_not(seed):
    roads, homes, places, hazard = town(seed, side=7, households=250)
    places = places.assign(capacity=9999, open=True, accessible=True)
    network = Network.from_roads(roads, "walk")
    rng = np.random.default_rng(seed)
    opened = network.opened.copy()
    piece = network.pieces.of_edges[0]
    shut = rng.random(len(network.pieces.road)) < 0.35
    network = network.reopened(opened & ~shut[piece])
    found = [one for one in cut(network, homes, places, hazard) if one.kind == "closed"]
    made = draft(network, homes, places, hazard)
    lost = made.unserved.index[made.unserved.reason == "cut_off"]
    assert sorted(itertools.chain(*(one.households for one in found))) == sorted(lost)
    for one in found:
        assert not network.opened[one.links.edge].any()
        people = homes.people[one.households].sum()
        assert one.people == people
        edges = one.links.edge.to_numpy()
        assert set(one.households) <= set(
            draft(reopened(network, edges), homes, places, hazard).assignments.index
        )
        pieces = np.unique(piece[edges])
        # no smaller set helps even one of them: all sets where there are few, else some
        closed = np.unique(piece[~network.opened])
        fewer = itertools.combinations(closed, len(pieces) - 1)
        many = len(pieces) > 2
        trials = [tuple(np.delete(pieces, at)) for at in range(len(pieces))] if many else fewer
        for trial in trials:
            other = reopened(network, np.flatnonzero(np.isin(piece, trial)))
            case = evacuation_case.read(other, homes, places, hazard, None, Options())
            here = case.households.index.get_indexer(one.households)
            assert not np.isfinite(case.ways.seconds[here]).any()


def test_a_hazard_that_has_to_be_entered_again_is_named():
    # the hazard lies on both sides of the houses' street; the only way out leads through it again
    roads = lines(
        ((0, 0), (200, 0)), ((200, 0), (400, 0)), ((400, 0), (600, 0)), name=["甲", "乙", "丙"]
    )
    network = Network.from_roads(roads, "walk")
    homes = points((50, 5), (60, 5), people=[3, 4])
    places = points((590, 5), capacity=[99])
    one = box(EAST - 50, NORTH - 50, EAST + 100, NORTH + 50)
    two = box(EAST + 250, NORTH - 50, EAST + 350, NORTH + 50)
    hazard = shapely.MultiPolygon([one, two])
    made = draft(network, homes, places, hazard)
    assert (made.unserved.reason == "no_exit").all()
    (found,) = cut(network, homes, places, hazard)
    assert (found.kind, found.names, found.people) == ("hazard", ["乙"], 7)
    assert len(draft(network, homes, places, one).assignments) == 2


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", [60, 400])
def test_the_beds_that_are_short_would_do_and_one_fewer_would_not(seed, size):
    room = np.random.default_rng(seed).uniform(0.2, 0.95)
    roads, homes, places, hazard = town(seed, households=size, room=room)
    network = Network.from_roads(roads, "walk")
    extra, found = beds(network, homes, places, hazard)
    made = draft(network, homes, places, hazard)
    waiting = made.unserved.index[made.unserved.reason.isin(["full", "too_large"])]
    assert (found.total > 0) == (len(waiting) > 0)
    assert extra.index.equals(places.index)
    assert extra.sum() == found.total >= found.bound
    grown = places.assign(capacity=places.capacity + extra)
    after = draft(network, homes, grown, hazard)
    assert not after.unserved.reason.isin(["full", "too_large"]).any()
    if not found.proven:
        return
    for shelter in extra.index[extra > 0]:
        fewer = grown.capacity.copy()
        fewer[shelter] -= 1
        short = draft(network, homes, places.assign(capacity=fewer), hazard)
        assert short.unserved.reason.isin(["full", "too_large"]).any()


def test_38_more_at_b_would_do():
    roads = lines(((0, 0), (500, 0)), ((500, 0), (900, 0)))
    network = Network.from_roads(roads, "walk")
    homes = points(*[(x, 3) for x in range(10, 200, 10)], people=[4] * 19)
    places = points((600, 3), (800, 3), capacity=[18, 20]).set_index(pd.Index(["B", "C"]))
    hazard = box(EAST - 9, NORTH - 9, EAST + 400, NORTH + 9)
    # 19 households of 4: C takes five of them, B with 56 beds the other fourteen; 38 more at C
    # would not do, for B holds four with its 18
    extra, found = beds(network, homes, places, hazard)
    assert extra.to_dict() == {"B": 38, "C": 0}
    assert (found.total, found.bound, found.proven) == (38, 38, True)
    assert len(found.households) == 10
    # 18 and 18: two more in one of them fill it with whole households, 38 in the other do the rest
    extra, found = beds(network, homes, places.assign(capacity=18), hazard)
    assert (found.total, found.bound, found.proven) == (40, 40, True)
    assert sorted(extra) == [2, 38]
    assert beds(network, homes.assign(people=2), places, hazard)[1].total == 0
    assert beds(network, homes, places.assign(capacity=0), hazard)[1].total == 0


def test_no_time_is_refused_and_nothing_explains_nothing():
    roads, homes, places, hazard = two_bridges()
    network = Network.from_roads(roads, "walk")
    with pytest.raises(GeodataError, match="hours"):
        cut(network, homes, places, hazard, hours=0)
    assert cut(network, homes, places, hazard) == []
    assert cut(network, homes, places.assign(open=False), hazard) == []
    assert cut(network, homes.iloc[:0], places, hazard) == []
