"""Random towns: every household gets what loops over all pairs of places give it."""

import math

import numpy as np
import pandas as pd
import pytest
from chance_streets import BOX, PLACES, TOWN, plain
from hypothesis import given
from hypothesis import strategies as st
from plain_streets import CRS, dijkstra, edge_arcs, graph, places, roads_frame

from geodata.coverage import Standard, cover
from geodata.nearest_sources import nearest
from geodata.network import Network

CREWS = st.sampled_from(["A", "A", "B", None])
SITES = st.lists(st.tuples(PLACES, st.booleans(), st.integers(0, 6), CREWS), max_size=6)


@plain
@given(
    TOWN,
    BOX,
    st.lists(st.tuples(PLACES, st.integers(1, 4)), min_size=1, max_size=8),
    SITES,
    st.sampled_from(["seconds", "metres"]),
    st.sampled_from(["to_household", "to_facility"]),
    st.booleans(),
)
def test_random_towns(roads, area, homes, sites, by, direction, capacity):
    network = Network.from_roads(roads)
    closed = network.close(area)
    limit = 30.0 if by == "seconds" else 250.0
    standard = Standard("s", "drive", limit, by, direction, capacity, max_metres=60.0)
    people = places([home[0] for home in homes], people=[home[1] for home in homes])
    shelters = places(
        [site[0] for site in sites],
        open=[site[1] for site in sites],
        capacity=[site[2] for site in sites],
        crew=[site[3] for site in sites],
    ).set_crs(CRS, allow_override=True)
    frame = cover(closed, people, shelters, standard)
    value, other = tables(closed, people, shelters, standard)
    unclosed, _ = tables(network, people, shelters, standard)
    snapped = network.snap(people, 60.0).edge.notna()
    for row, home in enumerate(frame.itertuples()):
        check_home(home, row, frame, value, other, unclosed, shelters, standard, snapped[row])
    if capacity:
        held = people.people[frame.covered].groupby(frame.facility[frame.covered]).sum()
        assert all(shelters.capacity[site] >= number for site, number in held.items())
        check_full(frame, people, shelters, value, standard)


def tables(network, people, shelters, standard):
    """Return the measured and the other table (households, facilities)."""
    asked = {"by": standard.by, "max_metres": standard.max_metres}
    if standard.direction == "to_facility":
        seconds, metres = network.matrix(people, shelters, **asked)
    else:
        seconds, metres = (table.T for table in network.matrix(shelters, people, **asked))
    return (seconds, metres) if standard.by == "seconds" else (metres, seconds)


def check_home(home, row, frame, value, other, unclosed, shelters, standard, snapped):
    opened = [site for site in shelters.index if shelters.open[site]]
    ranked = sorted((value[row, site], site) for site in opened if value[row, site] < math.inf)
    best = ranked[0][0] if ranked else math.inf
    if home.covered:
        site = home.facility
        assert site in opened
        assert value[row, site] <= standard.limit
        assert home.reason is frame.reason.dtype.na_value
    else:
        site = ranked[0][1] if ranked else None
        assert home.reason == plain_reason(row, value, unclosed, shelters, standard, snapped, best)
    if not standard.capacity:
        assert home.covered == (best <= standard.limit)
        assert site is None or site == ranked[0][1]
    if site is None:
        assert home.facility is pd.NA
        assert home.seconds == home.metres == math.inf
        assert math.isnan(home.slack)
    else:
        assert home.facility == site
        got = (home.seconds, home.metres)
        want = (value[row, site], other[row, site])
        assert (got if standard.by == "seconds" else got[::-1]) == want
        assert home.slack == standard.limit - want[0]
    check_second(home, ranked, site, shelters.crew, standard, (value[row], other[row]))


def check_second(home, ranked, site, crew, standard, measured):
    """The second is the nearest of another crew; without a crew's name each is its own."""
    rest = [
        pair[1]
        for pair in ranked
        if pair[1] != site and (crew[site] is None or crew[pair[1]] != crew[site])
    ]
    got = (home.second_seconds, home.second_metres)
    if rest:
        assert home.second_facility == rest[0]
        want = tuple(table[rest[0]] for table in measured)
        assert (got if standard.by == "seconds" else got[::-1]) == want
    else:
        assert home.second_facility is pd.NA
        assert got == (math.inf, math.inf)


def plain_reason(row, value, unclosed, shelters, standard, snapped, best):
    shut = [value[row, site] for site in shelters.index if not shelters.open[site]]
    nearest_shut = min(shut, default=math.inf)
    if not snapped:
        return "not_snapped"
    if best <= standard.limit:
        return "full"
    if nearest_shut <= standard.limit or (best == math.inf and nearest_shut < math.inf):
        return "closed"
    if best < math.inf:
        return "too_far"
    return "cut_off" if np.isfinite(unclosed[row]).any() else "no_road"


def check_full(frame, people, shelters, value, standard):
    """Nobody is left out who would still fit, or who is nearer than one of no more people."""
    covered = frame.covered.to_numpy(dtype=bool)
    for row in np.flatnonzero((frame.reason == "full").fillna(False)):
        for site in shelters.index[shelters.open]:
            if value[row, site] > standard.limit:
                continue
            inside = [other for other in np.flatnonzero(covered) if frame.facility[other] == site]
            left = shelters.capacity[site] - people.people.iloc[inside].sum()
            assert people.people[row] > left


@pytest.mark.parametrize("seed", range(12))
def test_the_second_of_another_group_in_a_town_of_ties(seed):
    chance = np.random.default_rng(seed)
    side, rows = 7, []
    for x in range(side):
        for y in range(side):
            rows.append(([(100 * x, 100 * y), (100 * x + 100, 100 * y)], {}))
            rows.append(([(100 * x, 100 * y), (100 * x, 100 * y + 100)], {"oneway": x % 2}))
    network = Network.from_roads(roads_frame([rows[at] for at in chance.permutation(len(rows))]))
    sources = np.sort(chance.choice(network.size, 8, replace=False))
    groups = chance.integers(0, 3, 8)
    first, second = nearest(network.graph(), sources, 2, other=True, groups=groups)
    net = graph(edge_arcs(network.edges))
    reached = [dijkstra(net, source) for source in sources.tolist()]
    for node in range(network.size):
        ranked = sorted(
            (costs[node], source, group)
            for costs, source, group in zip(reached, sources.tolist(), groups, strict=True)
            if node in costs
        )
        rest = [found for found in ranked if found[2] != ranked[0][2]]
        for rank, want in ((first, ranked[:1]), (second, rest[:1])):
            got = (rank.cost[node], rank.source[node])
            assert got == (want[0][:2] if want else (math.inf, -1))
