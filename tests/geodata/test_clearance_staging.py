"""Waves that the streets can take, and the same plan in other weather."""

import numpy as np
import pandas as pd
import pytest
from evacuation_towns import town
from test_clearance import AT_ONCE, case, drafted, homes_at, rates

from geodata import evacuation_flow
from geodata.clearance import Options, estimate
from geodata.clearance_scenarios import Scenario, Setting, table
from geodata.clearance_staging import Staging, staged
from geodata.errors import GeodataError
from geodata.evacuation import draft
from geodata.network import Network

MINUTE = Staging(interval_seconds=60, runs=3)


def one_street(people, per_hour, **columns):
    homes = homes_at(*np.linspace(100, 110, len(people)), people=people)
    network, made, ways = case([0, 500, 1000], homes, **columns)
    return network, homes, made, ways, rates(network, per_hour)


def test_a_street_that_takes_ten_a_minute_gets_ten_a_minute():
    network, homes, _, ways, per_hour = one_street([5] * 8, 600)
    found = staged(network, ways, homes.people, capacity=per_hour, staging=MINUTE, options=AT_ONCE)
    assert found.waves.value_counts().sort_index().tolist() == [2, 2, 2, 2]
    assert sorted(set(found.departures)) == [0, 60, 120, 180]
    # two households a minute, the second waits for the first: 30 s, and no more
    assert found.clearance.links.queue_seconds.max() == pytest.approx(30, abs=8)
    assert found.at_once.links.queue_seconds.max() == pytest.approx(7 * 30, abs=8)
    clear = found.clearance.percentiles.median_seconds[1.0]
    assert clear <= found.at_once.percentiles.median_seconds[1.0] + 8


def test_those_with_needs_choose_first_and_kin_leave_together():
    network, homes, _, ways, per_hour = one_street([5] * 8, 600)
    urgent = pd.Series([False] * 6 + [True] * 2, index=homes.index)
    found = staged(network, ways, homes.people, urgent, None, per_hour, MINUTE, AT_ONCE)
    assert found.waves["h6"] == found.waves["h7"] == 1
    group = pd.Series(["a", None, None, None, None, None, None, "a"], index=homes.index)
    kin = staged(network, ways, homes.people, urgent, group, per_hour, MINUTE, AT_ONCE)
    assert kin.waves["h0"] == kin.waves["h7"]
    assert kin.waves["h0"] <= 2


def test_no_wave_calls_more_people_than_it_may():
    network, homes, _, ways, per_hour = one_street([4, 4, 4, 9, 4, 4], 6000)
    staging = Staging(interval_seconds=60, per_wave=8, runs=1)
    found = staged(network, ways, homes.people, capacity=per_hour, staging=staging, options=AT_ONCE)
    called = homes.people.groupby(found.waves).agg(["sum", "size"])
    assert ((called["sum"] <= 8) | (called["size"] == 1)).all()
    assert sorted(called["sum"]) == [4, 8, 8, 9]
    assert sorted(found.waves.unique()) == list(range(1, len(called) + 1))


def test_a_household_larger_than_the_room_of_a_wave_has_one_too():
    network, homes, _, ways, per_hour = one_street([30, 5], 600)
    found = staged(network, ways, homes.people, capacity=per_hour, staging=MINUTE, options=AT_ONCE)
    assert abs(found.departures["h0"] - found.departures["h1"]) >= 60


@pytest.mark.parametrize("seed", range(5))
def test_waves_shorten_queues_and_cost_little(seed):
    network, people, made, ways = drafted(seed, households=900)
    per_hour = rates(network, 240)
    staging = Staging(interval_seconds=300, runs=5)
    found = staged(network, ways, people, capacity=per_hour, staging=staging, options=AT_ONCE)
    again = staged(network, ways, people, capacity=per_hour, staging=staging, options=AT_ONCE)
    assert found.waves.equals(again.waves)
    assert found.departures.equals(again.departures)
    clear = found.clearance.percentiles.median_seconds[1.0]
    once = found.at_once.percentiles.median_seconds[1.0]
    assert clear <= once + 2 * 300
    assert found.at_once.mean_wait_seconds > 100
    assert found.clearance.mean_wait_seconds < found.at_once.mean_wait_seconds / 2
    assert found.waves.index.equals(ways.index)
    assert (found.departures.groupby(found.waves).nunique() == 1).all()
    assert found.departures.groupby(found.waves).first().is_monotonic_increasing


def test_staging_that_means_nothing_is_refused():
    with pytest.raises(GeodataError, match="interval_seconds"):
        Staging(interval_seconds=0)
    with pytest.raises(GeodataError, match="per_wave"):
        Staging(per_wave=0)


def test_rain_night_and_a_lost_road():
    roads, homes, places, hazard = town(8, households=600)
    network = Network.from_roads(roads, "walk")
    made = draft(network, homes, places, hazard)
    setting = Setting(capacity=rates(network, 300), runs=5)
    found = table(network, homes, places, hazard, made.assignments, setting=setting)
    assert found.scenario.unique().tolist() == ["day", "night", "rain", "road_lost"]
    whole = found[found.share == 1.0].set_index("scenario")
    assert whole.median_seconds["rain"] > whole.median_seconds["day"]
    assert whole.median_seconds["night"] > whole.median_seconds["day"]
    people = homes.people.loc[made.assignments.index]
    assert (whole.people + whole.without_way == people.sum()).all()
    ways = evacuation_flow.followed_to(network, homes, places, hazard, made.assignments.shelter)
    day = estimate(network, ways, people, made.assignments.wave, setting.capacity, runs=5)
    assert whole.median_seconds["day"] == day.percentiles.median_seconds[1.0]
    lost = whole.loc["road_lost"]
    assert lost.edge == day.links.edge.iloc[0]
    assert whole.edge.isna().tolist() == [True, True, True, False]
    # by hand: both directions closed, the same shelters
    edges = network.edges
    one = edges.loc[lost.edge]
    same = edges.road == one.road
    ends = {one.from_node, one.to_node}
    twins = edges.index[same & edges.from_node.isin(ends) & edges.to_node.isin(ends)]
    opened = network.opened.copy()
    opened[twins] = False
    other = evacuation_flow.followed_to(
        network.reopened(opened), homes, places, hazard, made.assignments.shelter
    )
    assert not np.isin(other.edge, twins).any()
    gone = people[~np.isfinite(other.seconds)].sum()
    assert lost.without_way == gone
    again = estimate(network, other, people, made.assignments.wave, setting.capacity, runs=5)
    assert lost.median_seconds == again.percentiles.median_seconds[1.0]


def test_scenarios_of_ones_own_and_waves_called_by_the_minute():
    homes = homes_at(0, 500, people=[10, 20])
    network, made, ways = case([0, 500, 1000], homes)
    setting = Setting(
        {"fog": Scenario(speed=0.5, preparation=3)},
        rates(network, 3600),
        1,
        clearance=Options(60, 60),
    )
    shelter = made.loads.index[0]
    places = homes_at(1000, people=[0]).assign(capacity=99).set_index(pd.Index([shelter]))
    hazard = homes.union_all().buffer(300)
    assignments = made.assignments.assign(departure=[0.0, 1000.0])
    found = table(network, homes, places, hazard, assignments, setting=setting)
    assert found.scenario.unique().tolist() == ["fog"]
    assert found.median_seconds.iloc[-1] == pytest.approx(1000 + 180 + 720 + 20)
