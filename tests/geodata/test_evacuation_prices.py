"""Prices of beds and streets: the same as solving everything again, by another solver."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from evacuation_towns import town
from scipy import sparse
from scipy.optimize import linprog
from shapely import Point
from test_evacuation_cuts import EAST, NORTH, lines, points

from geodata import evacuation_case
from geodata.evacuation import Options, draft
from geodata.evacuation_prices import prices
from geodata.network import Network


def solved(people, seconds, room):
    """Give the most people who can be served (dividing households), and the least time."""
    home, place = np.nonzero(np.isfinite(seconds))
    column = np.arange(len(home))
    if not len(home):
        return 0.0, 0.0
    ones = np.ones(len(home))
    rows = np.concatenate([home, len(people) + place])
    both = np.concatenate([column, column])
    size = (len(people) + len(room), len(home))
    matrix = sparse.csr_array((np.concatenate([ones, ones]), (rows, both)), shape=size)
    limits = np.concatenate([people, room]).astype(float)
    most = -linprog(-ones, A_ub=matrix, b_ub=limits, method="highs").fun
    cost = seconds[home, place]
    least = linprog(
        cost, A_ub=matrix, b_ub=limits, A_eq=ones[None, :], b_eq=[round(most)], method="highs"
    )
    return round(most), least.fun


def read(network, homes, places, hazard):
    case = evacuation_case.read(network, homes, places, hazard, None, Options())
    return case.people, case.seconds, np.where(case.used, case.capacity, 0), case


@pytest.mark.parametrize("room", [0.7, 1.3])
@pytest.mark.parametrize("seed", range(4))
def test_a_bed_buys_what_solving_again_says(seed, room):
    roads, homes, places, hazard = town(seed, households=250, room=room)
    network = Network.from_roads(roads, "walk")
    found = prices(network, homes, places, hazard).set_index("label")
    assert (found.kind == "bed").all()
    people, seconds, beds, case = read(network, homes, places, hazard)
    most, _ = solved(people, seconds, beds)
    made = draft(network, homes, places, hazard)
    served = case.households.index.get_indexer(made.assignments.index)
    _, least = solved(people[served], seconds[served], beds)
    for at, label in enumerate(places.index):
        if not case.used[at]:
            assert label not in found.index
            continue
        more = beds.copy()
        more[at] += 1
        serves = solved(people, seconds, more)[0] - most
        saves = least - solved(people[served], seconds[served], more)[1]
        if label not in found.index:
            assert serves == 0
            assert saves < 0.05
            continue
        assert found.serves_people[label] == serves
        assert found.saves_person_seconds[label] == pytest.approx(saves, abs=0.5)
    order = list(zip(-found.serves_people, -found.saves_person_seconds, strict=True))
    assert order == sorted(order)


@pytest.mark.parametrize("seed", range(5))
def test_a_street_buys_what_solving_again_says(seed):
    roads, homes, places, hazard = town(seed, side=7, households=250, room=0.9)
    roads["name"] = [f"第{number % 9}路" for number in range(len(roads))]
    network = Network.from_roads(roads, "walk")
    rng = np.random.default_rng(seed)
    piece = network.pieces.of_edges[0]
    shut = rng.choice(len(network.pieces.road), 9, replace=False)
    closed = network.reopened(network.opened & ~np.isin(piece, shut))
    found = prices(closed, homes, places, hazard, most_roads=99)
    streets = found[found.kind == "road"]
    people, seconds, beds, case = read(closed, homes, places, hazard)
    most, _ = solved(people, seconds, beds)
    made = draft(closed, homes, places, hazard)
    served = case.households.index.get_indexer(made.assignments.index)
    _, least = solved(people[served], seconds[served], beds)
    bought = set()
    for edges in streets.edges:
        bought |= set(edges)
    tried = [list(edges) for edges in streets.edges]
    # what is not listed buys nothing by itself
    tried += [np.flatnonzero(piece == one).tolist() for one in shut]
    for edges in tried:
        again = closed.reopened(closed.opened | np.isin(np.arange(len(piece)), edges))
        _, after, _, _ = read(again, homes, places, hazard)
        serves = solved(people, after, beds)[0] - most
        saves = least - solved(people[served], after[served], beds)[1]
        row = streets[[one == edges for one in streets.edges]]
        if len(row):
            assert row.serves_people.iloc[0] == serves
            assert row.saves_person_seconds.iloc[0] == pytest.approx(saves, abs=0.5)
        elif not set(edges) <= bought:
            assert serves == 0
            assert saves < 0.5


def test_a_blocked_bridge_and_a_bed_beyond_it():
    roads = lines(
        ((0, 0), (300, 0)),
        ((300, 0), (500, 0)),
        ((300, 0), (300, 900)),
        ((300, 900), (500, 900)),
        ((500, 900), (500, 0)),
        ((500, 0), (700, 0)),
        name=["西街", "大桥", "堤路", "北桥", "东街", "东街"],
    )
    network = Network.from_roads(roads, "walk")
    homes = points(*[(x, 3) for x in range(20, 200, 20)], people=[2] * 9)
    places = points((690, 3), (290, -3), capacity=[99, 4], name=["东校", "西校"])
    places.index = ["B", "A"]
    hazard = gpd.GeoSeries(homes.geometry).union_all().buffer(30)
    flood = Point(EAST + 400, NORTH).buffer(20)
    found = prices(network, homes, places, hazard, flood)
    road = found[found.kind == "road"]
    assert road.name.tolist() == ["大桥"]
    assert len(road.edges.iloc[0]) == 2
    # 14 of 18 people go the long way: 1,800 m more than over the bridge
    assert road.serves_people.iloc[0] == 0
    assert road.saves_person_seconds.iloc[0] == pytest.approx(14 * 1800 / (5 / 3.6), rel=1e-3)
    bed = found[found.kind == "bed"]
    assert bed.label.tolist() == ["A"]
    assert bed.name.tolist() == ["西校"]
    assert bed.saves_person_seconds.iloc[0] == pytest.approx(2200 / (5 / 3.6), rel=0.02)
    # both bridges gone: either would serve the 14 who find no bed on this side
    both = [flood, Point(EAST + 400, NORTH + 900).buffer(20)]
    found = prices(network, homes, places, hazard, both)
    road = found[found.kind == "road"]
    assert road.name.tolist() == ["大桥", "北桥"]
    assert road.serves_people.tolist() == [14, 14]
    assert found.serves_people[found.kind == "bed"].tolist() == [1]


def test_where_nothing_is_short_or_closed_nothing_is_listed():
    roads = lines(((0, 0), (500, 0)))
    network = Network.from_roads(roads, "walk")
    homes = points((50, 3), people=[2])
    places = points((450, 3), capacity=[9]).set_index(pd.Index(["B"]))
    hazard = homes.union_all().buffer(60)
    found = prices(network, homes, places, hazard)
    assert found.empty
    assert list(found.columns[:3]) == ["kind", "label", "name"]
    assert prices(network, homes.iloc[:0], places, hazard).empty
