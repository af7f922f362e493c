"""Times until everybody is out: queues worked out by hand, and by another simulation."""

import heapq
import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from evacuation_towns import CRS, town
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from geodata import clearance, evacuation_flow, road_capacity
from geodata.clearance import Options, estimate
from geodata.clearance_queues import course, passed
from geodata.errors import GeodataError
from geodata.evacuation import draft
from geodata.network import Network

AT_ONCE = Options(preparation_median_seconds=0, preparation_p90_seconds=0)
PACE = 5 / 3.6  # metres a second


def street(*xs):
    """Make one straight street with a junction at every x, and people walking on it."""
    lines = [
        LineString([(500_000 + a, 3_300_000), (500_000 + b, 3_300_000)])
        for a, b in itertools.pairwise(xs)
    ]
    roads = gpd.GeoDataFrame(geometry=lines, crs=CRS).assign(highway="path", name="长堤")
    return Network.from_roads(roads, "walk")


def homes_at(*xs, people):
    points = [Point(500_000 + x, 3_300_000) for x in xs]
    names = [f"h{number}" for number in range(len(xs))]
    return gpd.GeoDataFrame({"people": people}, geometry=points, crs=CRS, index=names)


def case(xs, homes, **columns):
    """One street; the hazard reaches to x = 900, the shelter stands at its east end."""
    network = street(*xs)
    place = gpd.GeoDataFrame(
        {"capacity": [999]}, geometry=[Point(500_000 + xs[-1], 3_300_000)], crs=CRS, index=["s"]
    )
    hazard = box(499_000, 3_299_000, 500_900, 3_301_000)
    made = draft(network, homes.assign(**columns), place, hazard)
    shelter = made.assignments["shelter"]
    ways = evacuation_flow.followed_to(network, homes.assign(**columns), place, hazard, shelter)
    return network, made, ways


def rates(network, per_hour):
    return pd.Series(per_hour, index=pd.RangeIndex(len(network.edges)), dtype=float)


def test_two_households_on_one_street():
    homes = homes_at(0, 500, people=[10, 20])
    network, made, ways = case([0, 500, 1000], homes)
    found = estimate(
        network, ways, homes.people, made.assignments.wave, rates(network, 1800), options=AT_ONCE
    )
    # 2 s a person: the near one takes 0..40 s of the second piece, the far one comes at 360 s
    assert found.arrivals["h1"] == pytest.approx(500 / PACE + 40)
    assert found.arrivals["h0"] == pytest.approx(1000 / PACE + 20)
    assert found.mean_wait_seconds == 0
    assert found.links.empty
    share = found.percentiles.median_seconds
    assert share[0.5] == pytest.approx(400)  # 20 of 30 people
    assert share[0.9] == share[1.0] == pytest.approx(740)


def test_who_comes_second_waits_for_the_people_before():
    homes = homes_at(0, 500, people=[10, 20])
    network, made, ways = case([0, 500, 1000], homes)
    per_hour = rates(network, 180)  # 20 s a person
    found = estimate(network, ways, homes.people, made.assignments.wave, per_hour, options=AT_ONCE)
    # h1 holds the second piece until 400 s; h0 is there at 360 s, waits 40 s, walks 360 s more,
    # and its last one comes 200 s after its first
    assert found.arrivals["h1"] == pytest.approx(360 + 400)
    assert found.arrivals["h0"] == pytest.approx(400 + 360 + 200)
    assert found.mean_wait_seconds == pytest.approx(40 * 10 / 30)
    (link,) = found.links.itertuples()
    assert (link.edge, link.name, link.people, link.per_hour) == (2, "长堤", 30, 180)
    assert link.queue_seconds == pytest.approx(40)
    assert link.queue_person_seconds == pytest.approx(400)
    # all thirty pass the second piece at 20 s each, after which 360 s are left
    assert found.bound_seconds == pytest.approx(30 * 20 + 360)
    assert found.percentiles.median_seconds[1.0] == pytest.approx(found.bound_seconds)


def test_of_two_that_come_together_the_first_in_the_list_goes_first():
    homes = homes_at(0, 0, people=[10, 20])
    network, made, ways = case([0, 500, 1000], homes)
    found = estimate(
        network, ways, homes.people, made.assignments.wave, rates(network, 3600), options=AT_ONCE
    )
    assert found.arrivals.tolist() == pytest.approx([720 + 10, 720 + 10 + 20])


def test_a_wave_that_is_called_later_leaves_later():
    homes = homes_at(0, 500, people=[10, 20])
    network, made, ways = case([0, 500, 1000], homes)
    waves = pd.Series({"h0": 1, "h1": 2})
    options = Options(0, 0, wave_interval_seconds=600)
    found = estimate(network, ways, homes.people, waves, rates(network, 180), options=options)
    # h0 holds the second piece from 360 to 560 s, h1 comes at 600 s
    assert found.mean_wait_seconds == 0
    assert found.departures.to_dict() == {"h0": 0, "h1": 600}
    assert found.arrivals["h1"] == pytest.approx(600 + 360 + 400)
    called = pd.Series({"h0": 100.0, "h1": 0.0})
    other = estimate(
        network, ways, homes.people, waves, rates(network, 180), options=options, departures=called
    )
    assert other.arrivals["h0"] == pytest.approx(100 + 360 + 360 + 200)


def test_night_and_slow_walkers_take_longer():
    homes = homes_at(0, 500, people=[1, 1])
    network, made, ways = case([0, 500, 1000], homes, walk_kmh=[2.5, np.nan])
    found = estimate(
        network,
        ways,
        homes.people,
        made.assignments.wave,
        rates(network, 3600),
        options=Options(0, 0, speed=0.8, rate=0.5),
    )
    assert found.arrivals["h0"] == pytest.approx(1000 / (PACE / 2) / 0.8 + 2)
    assert found.arrivals["h1"] == pytest.approx(500 / PACE / 0.8 + 2)
    assert (ways.before[:2] == [0, 500 / (PACE / 2)]).all()
    usual = ways.taking(pd.Series({"h0": 720.0, "h1": 360.0}))
    assert usual.seconds.tolist() == [720, 360]


def test_nobody_and_nowhere():
    homes = homes_at(0, 500, people=[0, 0])
    network, made, ways = case([0, 500, 1000], homes)
    found = estimate(network, ways, homes.people, made.assignments.wave, options=AT_ONCE)
    assert (found.percentiles == 0).all(axis=None)
    assert found.bound_seconds == 0
    none = ways.taken(np.array([], dtype=int))
    assert estimate(network, none, homes.people, made.assignments.wave).links.empty


def test_what_is_missing_is_named():
    homes = homes_at(0, 500, people=[1, 1])
    network, made, ways = case([0, 500, 1000], homes)
    waves = made.assignments.wave
    with pytest.raises(GeodataError, match="h1"):
        estimate(network, ways, homes.people.drop("h1"), waves)
    with pytest.raises(GeodataError, match="wave"):
        estimate(network, ways, homes.people, waves - 2)
    with pytest.raises(GeodataError, match="rate above 0"):
        estimate(network, ways, homes.people, waves, rates(network, 0))
    with pytest.raises(GeodataError, match="preparation"):
        Options(preparation_median_seconds=100, preparation_p90_seconds=50)


def plain(ways, people, per_hour, leaving):
    """Simulate with a list of events and every edge, in order of time and position."""
    free = {}
    events = [(leaving[row] + start, row, 0) for row, start in enumerate(starts(ways))]
    heapq.heapify(events)
    arrival, waited = {}, dict.fromkeys(range(len(ways)), 0.0)
    while events:
        now, row, step = heapq.heappop(events)
        mine = slice(ways.offsets[row], ways.offsets[row + 1])
        edges, before = ways.edge[mine], ways.before[mine]
        if step == len(edges):
            narrow = max((3600 / per_hour[edge] for edge in edges), default=0.0)
            arrival[row] = now + people[row] * narrow
            continue
        edge = edges[step]
        begin = max(now, free.get(edge, 0.0))
        waited[row] += begin - now
        free[edge] = begin + people[row] * 3600 / per_hour[edge]
        following = before[step + 1] if step + 1 < len(edges) else ways.seconds[row]
        heapq.heappush(events, (begin + following - before[step], row, step + 1))
    return np.array([arrival[row] for row in range(len(ways))]), waited


def starts(ways):
    has = np.diff(ways.offsets) > 0
    first = np.where(has, ways.before[np.minimum(ways.offsets[:-1], len(ways.before) - 1)], 0)
    return np.where(has, first, ways.seconds)


def drafted(seed, profile="walk", households=200):
    roads, homes, places, hazard = town(seed, households=households)
    network = Network.from_roads(roads, profile)
    made = draft(network, homes, places, hazard)
    ways = evacuation_flow.followed_to(network, homes, places, hazard, made.assignments.shelter)
    return network, homes.people.loc[made.assignments.index], made, ways


@given(st.integers(0, 10_000), st.sampled_from(["walk", "drive"]), st.floats(20, 4000))
@example(6946, "walk", 34.0)  # a door along the one street that leads to another
@settings(max_examples=20, deadline=None)
def test_another_simulation_of_every_edge_agrees(seed, profile, mean):
    network, people, made, ways = drafted(seed, profile)
    rng = np.random.default_rng(seed)
    per_hour = rates(network, mean * rng.uniform(0.2, 2, len(network.edges)))
    paces = rng.choice([1.0, 1.0, 1.7], len(ways)) if seed % 2 else np.ones(len(ways))
    ways = ways.slowed(paces)
    options = Options(300, 500, wave_interval_seconds=120)
    found = estimate(
        network, ways, people, made.assignments.wave, per_hour, seed=7, runs=1, options=options
    )
    leaving = found.departures.to_numpy() + clearance.set_off(len(ways), 0, 7, options)
    arrival, waited = plain(ways, people.to_numpy(), per_hour.to_numpy(), leaving)
    assert found.arrivals.to_numpy() == pytest.approx(arrival, abs=1e-6)
    total = people.sum()
    assert found.mean_wait_seconds * total == pytest.approx(
        sum(waited[row] * people.iloc[row] for row in range(len(ways))), rel=1e-9, abs=1e-6
    )
    # everybody arrives once, never before the way allows, and the bound is one
    assert (found.arrivals.to_numpy() >= leaving + ways.seconds - 1e-6).all()
    assert found.percentiles.median_seconds[1.0] >= found.bound_seconds - 1e-6
    need = pd.Series(people.to_numpy()[np.repeat(np.arange(len(ways)), np.diff(ways.offsets))])
    need = need.groupby(ways.edge).sum()
    assert (found.links.people.to_numpy() == need[found.links.edge].to_numpy()).all()


def test_edges_followed_are_those_of_the_routes():
    network, _, made, ways = drafted(8)
    edges = network.edges
    assert ways.index.equals(made.assignments.index)
    assert ways.seconds == pytest.approx(made.assignments.seconds.to_numpy())
    for row, line in enumerate(made.routes.geometry):
        mine = edges.loc[ways.edge[ways.offsets[row] : ways.offsets[row + 1]]]
        assert (mine.from_node.to_numpy()[1:] == mine.to_node.to_numpy()[:-1]).all()
        # the straight legs are no streets
        inner = LineString(line.coords[1:-1]) if len(line.coords) > 3 else None
        if inner is not None:
            assert inner.difference(mine.union_all().buffer(0.01)).length < 0.1


def test_the_same_seed_gives_the_same_estimate():
    network, people, made, ways = drafted(5)
    first, again, other = (
        estimate(network, ways, people, made.assignments.wave, seed=seed) for seed in (1, 1, 2)
    )
    assert first.percentiles.equals(again.percentiles)
    assert first.arrivals.equals(again.arrivals)
    assert not first.percentiles.equals(other.percentiles)
    band = first.percentiles
    assert (band.low_seconds <= band.median_seconds).all()
    assert (band.median_seconds <= band.high_seconds).all()
    assert band.median_seconds.is_monotonic_increasing
    assert band.low_seconds[1.0] < band.high_seconds[1.0]


@pytest.mark.parametrize("seed", range(6))
def test_on_one_street_less_room_never_clears_earlier(seed):
    # all go one after the other on one street, so nobody overtakes anybody
    rng = np.random.default_rng(seed)
    homes = homes_at(*rng.uniform(0, 890, 25), people=rng.integers(1, 7, 25))
    network, made, ways = case([0, 200, 450, 700, 1000], homes)
    per_hour = rates(network, rng.uniform(100, 900, len(network.edges)))
    last = 0.0
    for share in (1.0, 0.8, 0.5, 0.2):
        found = estimate(
            network, ways, homes.people, made.assignments.wave, per_hour * share, options=AT_ONCE
        )
        assert found.percentiles.median_seconds[1.0] >= last - 1e-6
        last = found.percentiles.median_seconds[1.0]


def test_elsewhere_less_room_may_clear_earlier():
    # h1 is held up at edge 0 behind h0; with less room there it comes to edge 1 after h2, whose
    # way is long: so a time is promised for the rates given, and for no others
    ways = evacuation_flow.Followed(
        pd.Index(["h0", "h1", "h2"]),
        np.array([0, 1, 3, 4]),
        np.array([0, 0, 1, 1]),
        np.array([0.0, 1.0, 6.0, 20.0]),
        np.array([5.0, 7.0, 520.0]),
        np.ones(3),
    )
    people = np.array([10.0, 100.0, 1.0])
    wide, narrow = (
        passed(course(ways, people, np.array([rate, 3600.0])), np.zeros(3)).arrival
        for rate in (3600.0, 1800.0)
    )
    assert wide.tolist() == [5 + 10, 10 + 5 + 1 + 100, 115 + 500 + 1]
    assert narrow.tolist() == [5 + 20, 20 + 5 + 1 + 200, 20 + 500 + 1]


@pytest.mark.parametrize("seed", range(6))
def test_no_time_is_below_people_through_a_cut(seed):
    network, people, made, ways = drafted(seed)
    usual = road_capacity.capacity(network)
    found = estimate(
        network, ways, people, made.assignments.wave, usual * 0.02, runs=3, options=AT_ONCE
    )
    owner = np.repeat(np.arange(len(ways)), np.diff(ways.offsets))
    need = np.bincount(ways.edge, weights=people.to_numpy()[owner], minlength=len(usual))
    assert found.percentiles.low_seconds[1.0] >= (need / usual / 0.02 * 3600).max()
