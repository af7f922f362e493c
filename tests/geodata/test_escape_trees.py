"""Trees that grow only as far as households need them: the ways are those of whole trees."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from evacuation_towns import CRS, town
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from geodata import evacuation_case, shortest
from geodata.escape_chains import chains
from geodata.evacuation import Options
from geodata.evacuation_routes import Drawer
from geodata.network import Network
from geodata.shortest import Graph


def by_whole_trees(escape, allowed, along):
    """Give the ways of all households by growing every tree over the whole town."""
    dread = 64.0 if along else np.inf
    graph, arcs = escape._graph(escape.network.opened, allowed, dread=dread)
    starts = escape.starts(escape.network.opened)
    _, cost = escape._first_slide(starts, dread)
    cost = np.where((escape.home_blocked | escape.home_leaves_twice)[:, None], np.inf, cost)
    for place in np.flatnonzero(allowed):
        tree = shortest.tree(graph, 2 * escape.stretches.nodes + place)
        total = cost + tree.cost[starts.state]
        end = np.argmin(total, axis=1)
        reached = np.isfinite(total.min(axis=1))
        rows = np.arange(len(end))
        state = starts.state[rows, end]
        measured = [
            np.where(reached, first[rows, end] + tree.carried(carried)[state], np.inf)
            for first, carried in ((starts.seconds, arcs.seconds), (starts.metres, arcs.metres))
        ]
        steps = {}
        for row in np.flatnonzero(reached):
            at, steps[int(row)] = int(state[row]), []
            while tree.parent[at] >= 0:
                steps[int(row)].append(int(arcs.via[tree.arc[at]]))
                at = int(tree.parent[at])
        yield place, np.where(reached, end, -1), *measured, steps


@given(st.integers(0, 10_000), st.sampled_from(["walk", "drive"]), st.booleans())
@settings(max_examples=25, deadline=None)
def test_ways_are_those_of_whole_trees(seed, profile, along):
    roads, homes, places, hazard = town(seed, households=60, shelters=5, room=1.2)
    bearing = float(np.random.default_rng(seed).uniform(0, 360)) if along else None
    network = Network.from_roads(roads, profile)
    options = Options(slide_bearing=bearing)
    case = evacuation_case.read(network, homes, places, hazard, None, options)
    ways = case.escape.ways(case.used, along_slide=along)
    nowhere = np.flatnonzero(~case.used)
    assert np.isinf(ways.seconds[:, nowhere]).all()
    assert (ways.leave[:, nowhere] == -1).all()
    same_as_whole_trees(case, ways, along)


def same_as_whole_trees(case, ways, along=False):
    """Compare all ways, to the last bit and step."""
    for place, leave, seconds, metres, steps in by_whole_trees(case.escape, case.used, along):
        assert np.array_equal(ways.leave[:, place], leave)
        assert np.array_equal(ways.seconds[:, place], seconds)
        assert np.array_equal(ways.metres[:, place], metres)
        for row, way in steps.items():
            assert ways.steps(ways.step[row, place]).tolist() == way


def test_of_two_equal_ways_round_a_block_the_lowest_is_taken():
    """A ring of passed states between two junctions: both halves cost the same."""
    pairs = [(0, 1), (1, 3), (3, 4), (4, 6), (1, 2), (2, 5), (5, 6), (6, 7)]
    both = sorted([*pairs, *((head, tail) for tail, head in pairs)])
    tail, head = np.array(both, dtype=np.intp).T
    ones = np.ones(len(tail))
    joined = chains(Graph(8, tail, head, ones, ones, np.arange(len(tail))))
    assert np.flatnonzero(joined.junction >= 0).tolist() == [0, 1, 6, 7]
    on = joined.junction
    assert sorted(joined.cost[joined.first[on[1]] : joined.first[on[1] + 1]]) == [1.0, 3.0, 3.0]
    assert joined.offset[4].tolist() == [2.0, 1.0]
    assert joined.side[4].tolist() == [on[1], on[6]]
    assert tail[joined.by[4]].tolist() == [3, 6]


@pytest.mark.parametrize("seed", range(6))
def test_where_every_block_is_alike_ties_go_the_same_way(seed):
    """On a chequerboard nearly all ways tie; half of the corners are bends that are passed."""
    rng = np.random.default_rng(seed)
    lines = []
    for i, j in np.ndindex(6, 6):
        for to in ((i + 1, j), (i, j + 1)):
            if max(to) < 6:
                ends = 128.0 * np.array([(i, j), ((i + to[0]) / 2, (j + to[1]) / 2), to])
                ends += [500_000, 3_300_000]
                lines += [LineString(ends[:2]), LineString(ends[1:])]
    order = rng.permutation(len(lines))
    roads = gpd.GeoDataFrame(geometry=[lines[k] for k in order], crs=CRS)
    roads["highway"] = "residential"
    network = Network.from_roads(roads, "walk")
    corners = 64.0 * rng.integers(0, 11, (40, 2)) + [500_000, 3_300_000]
    homes = gpd.GeoDataFrame(
        {"people": np.ones(40, int)}, geometry=gpd.points_from_xy(*corners.T), crs=CRS
    )
    places = homes.iloc[:3].assign(capacity=50)
    hazard = shapely.box(500_100, 3_300_100, 500_500, 3_300_500)
    case = evacuation_case.read(network, homes, places, hazard, None, Options())
    same_as_whole_trees(case, case.ways)


@pytest.mark.parametrize("seed", range(4))
def test_lines_run_from_door_to_door_along_the_steps(seed):
    roads, homes, places, hazard = town(seed, households=60, shelters=5, room=1.2)
    network = Network.from_roads(roads, "walk")
    case = evacuation_case.read(network, homes, places, hazard, None, Options())
    rows, at = np.nonzero(np.isfinite(case.ways.seconds))
    lines = Drawer(case.escape, case.ways, homes.crs).lines(rows, at)
    ends = shapely.get_point(lines, 0), shapely.get_point(lines, -1)
    assert (shapely.distance(ends[0], case.households.geometry.to_numpy()[rows]) < 1e-9).all()
    assert (shapely.distance(ends[1], places.geometry.to_numpy()[at]) < 1e-9).all()
    metric = shapely.length(Drawer(case.escape, case.ways, network.metric).lines(rows, at))
    assert np.allclose(metric, case.ways.metres[rows, at], atol=0.01)


def test_the_search_goes_on_while_a_way_by_the_other_end_may_be_shorter():
    """The house is met first from the shelter's corner; round the other one it is nearer."""
    near, mid, far = (500_000, 3_300_000), (500_590, 3_300_000), (500_600, 3_300_000)
    bend = LineString([near, (500_300, 3_300_742), far])
    spur = LineString([mid, (500_590, 3_299_900)])
    roads = gpd.GeoDataFrame(geometry=[bend, LineString([near, mid, far]), spur], crs=CRS)
    roads["highway"] = "residential"
    house = bend.interpolate(0.7, normalized=True)
    homes = gpd.GeoDataFrame({"people": [1]}, geometry=[house], crs=CRS)
    places = gpd.GeoDataFrame({"capacity": [5]}, geometry=[shapely.Point(near)], crs=CRS)
    network = Network.from_roads(roads, "walk")
    hazard = bend.buffer(5).difference(shapely.Point(near).buffer(50))
    case = evacuation_case.read(network, homes, places, hazard, None, Options())
    assert case.ways.metres[0, 0] == pytest.approx(600 + 0.3 * bend.length, abs=1)
