"""Streets that ways hang on: against closing every place of every street by itself."""

import geopandas as gpd
import numpy as np
import shapely
from evacuation_lines import LINE, area, homes_at, places_at
from evacuation_towns import CRS, town
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from geodata import evacuation_case
from geodata.dominators import dominators
from geodata.evacuation import Options
from geodata.evacuation_robust_streets import hanging
from geodata.network import Network

FAR = Options(max_metres=400.0)


def told(case):
    """Give (household, shelter, piece) of everything that hangs on a street."""
    found = hanging(case)
    owner = np.repeat(np.arange(len(found.pairs.first) - 1), np.diff(found.pairs.first))
    count = case.seconds.shape[1]
    part = found.pairs.at // 3
    piece = {number: case.escape.stretches.piece[found.part == number] for number in part}
    unit = {home: int(of) for home, of in zip(case.households.index, case.units.of, strict=True)}
    by_unit = {}
    for pair, number in zip(owner, part, strict=True):
        for one in piece[number]:
            by_unit.setdefault(pair // count, set()).add((int(pair % count), int(one)))
    return {
        (home, shelter, one) for home, of in unit.items() for shelter, one in by_unit.get(of, ())
    }


def cut_up(network, homes, places, hazard):
    """Cut every street where somebody or a shelter or the hazard begins: each place by itself."""
    feet = [network.places(frame.geometry, 400.0) for frame in (homes, places)]
    rows = []
    lines = network.pieces.lines()
    for number, line in enumerate(lines):
        at = {0.0, 1.0}
        for foot in feet:
            at |= set(foot.fraction[(foot.piece == number) & foot.snapped].tolist())
        border = line.intersection(hazard.boundary)
        for point in getattr(border, "geoms", [border]):
            if point.geom_type == "Point":
                at.add(line.project(point, normalized=True))
        edge = sorted(at)
        for low, high in zip(edge, edge[1:], strict=False):
            part = shapely.ops.substring(line, low, high, normalized=True)
            if part.length > 1e-3:
                rows.append((number, part))
    owner, parts = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"of": owner, "highway": "residential"}, geometry=list(parts), crs=network.crs
    )


def tried(network, homes, places, hazard):
    """Close every place of every street by itself: who has lost which shelter?"""
    roads = cut_up(network, homes, places, hazard)
    fine = Network.from_roads(snapped(roads), "walk")
    before = evacuation_case.read(fine, homes, places, hazard, None, FAR)
    first = np.isfinite(before.ways.seconds)
    found = set()
    for place, line in enumerate(fine.pieces.lines()):
        edges = fine.pieces.of_edges[0] == place
        after = evacuation_case.read(
            fine.reopened(fine.opened & ~edges), homes, places, hazard, None, FAR
        )
        lost = first & ~np.isfinite(after.ways.seconds)
        of = int(roads["of"].iloc[fine.pieces.road[place]])
        found |= {
            (homes.index[home], int(to), of) for home, to in zip(*np.nonzero(lost), strict=True)
        }
        assert line.length > 0
    return found, first


def snapped(roads):
    """Let ends that are one point be one to the last bit."""
    known, made = {}, []
    for line in roads.geometry:
        xy = shapely.get_coordinates(line)
        for end in (0, -1):
            xy[end] = known.setdefault(tuple(np.round(xy[end], 4)), tuple(xy[end]))
        made.append(LineString(xy))
    return roads.set_geometry(gpd.GeoSeries(made, crs=roads.crs))


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=6, deadline=None)
def test_what_a_way_hangs_on_is_what_closing_each_place_says(seed, grouped):
    roads, homes, places, hazard = town(seed, side=4, households=14, shelters=3, room=9.0)
    roads["bridge"] = False
    roads = roads[np.random.default_rng(seed).random(len(roads)) < 0.85]
    homes = homes[homes.intersects(hazard)]
    if grouped and len(homes) > 1:
        homes = homes.assign(group=["a", "a", *range(len(homes) - 2)])
    network = Network.from_roads(roads, "walk")
    case = evacuation_case.read(network, homes, places.assign(open=True), hazard, None, FAR)
    truth, first = tried(network, homes, places.assign(open=True), hazard)
    # a place within a metre of a border or junction makes another town of the cut-up one
    assume((first == np.isfinite(case.ways.seconds)).all())
    wanted = set()
    for home, shelter, piece in truth:  # those kept together lose what any of them loses
        of = case.units.of[case.households.index.get_loc(home)]
        for other in case.households.index[case.units.of == of]:
            if np.isfinite(case.seconds[case.households.index.get_loc(other), shelter]):
                wanted.add((other, shelter, piece))
    assert told(case) == wanted


def test_a_dead_end_hangs_on_its_street_and_a_ring_on_none():
    roads = gpd.GeoDataFrame(
        {"highway": ["residential"] * 4},
        geometry=[
            LineString([(0, 0), (100, 0)]),
            LineString([(100, 0), (100, 100), (200, 100), (200, 0)]),
            LineString([(100, 0), (200, 0)]),
            LineString([(200, 0), (300, 0)]),
        ],
        crs=CRS,
    )
    network = Network.from_roads(roads, "walk")
    homes = gpd.GeoDataFrame(
        {"people": [2, 2]}, geometry=[Point(50, 5), Point(150, 5)], crs=CRS, index=["dead", "ring"]
    )
    places = gpd.GeoDataFrame({"capacity": [9]}, geometry=[Point(290, 3)], crs=CRS, index=["A"])
    hazard = shapely.box(-10, -50, 160, 50)
    case = evacuation_case.read(network, homes, places, hazard, None, Options())
    named = {(home, int(piece)) for home, _, piece in told(case)}
    last = network.pieces.road.tolist().index(3)
    first = network.pieces.road.tolist().index(0)
    assert named == {("dead", first), ("dead", last), ("ring", last)}


def test_the_last_street_of_a_line_is_hung_on_from_one_side_only():
    walk = Network.from_roads(LINE, "walk")
    homes = homes_at((150, 0))
    case = evacuation_case.read(
        walk, homes, places_at((20, 5), (390, 5), capacity=9), area(100, -50, 200, 50), None,
        Options(),
    )  # fmt: skip
    sides = {}
    for _, shelter, piece in told(case):
        xy = shapely.get_coordinates(walk.pieces.lines()[piece])[:, 0] - 500_000
        sides.setdefault(shelter, set()).add(float(xy.min() // 100))
    # of the own street only the part towards each
    assert min(sides[1]) == 1.0 == max(sides[0])


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_dominators_are_what_every_way_passes(seed):
    rng = np.random.default_rng(seed)
    size, count = int(rng.integers(2, 12)), int(rng.integers(1, 26))
    tail, head = rng.integers(0, size, (2, count))
    above, only = dominators(size, tail, head, np.array([0]))

    def reach(arcs, without=-1):
        seen, waiting = {0}, [0]
        while waiting and without != 0:
            node = waiting.pop()
            for a, b in arcs:
                if a == node and b not in seen and b != without:
                    seen.add(int(b))
                    waiting.append(int(b))
        return seen if without != 0 else set()

    arcs = list(zip(tail, head, strict=True))
    there = reach(arcs)
    for node in range(size):
        if node not in there or node == 0:
            assert above[0, node] == -1 == only[0, node]
            continue
        hangs = {one for one in there - {node} if node not in reach(arcs, one)}
        chain, up = set(), int(above[0, node])
        while up >= 0:
            chain.add(up)
            up = int(above[0, up])
        assert chain == hangs
        cuts = {at for at in range(count) if node not in reach(arcs[:at] + arcs[at + 1 :])}
        found, up = set(), node
        while up > 0:
            if only[0, up] >= 0:
                found.add(int(only[0, up]))
            up = int(above[0, up])
        assert found == cuts
