"""Wishes and offers: equal to trying everything, whole, within reach, each remainder explained."""

import itertools
import math

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_streets import CRS, at, roads_frame
from shapely.geometry import Point

from geodata.care_matching import match
from geodata.errors import GeodataError
from geodata.network import Network

# one street of 2 km, and a second one that nothing leads to
STREETS = Network.from_roads(
    roads_frame([([(0, 0), (2000, 0)], {}), ([(0, 900), (500, 900)], {})]), "walk"
)
GRID = "990101001001001"


def wishes(*rows):
    """Make wishes from (metres along the street or None, service[, area])."""
    shapes = [None if x is None else at(x, 10) if np.isscalar(x) else at(*x) for x, *_ in rows]
    return gpd.GeoDataFrame(
        {
            "service": [row[1] for row in rows],
            "area_code": [row[2] if len(row) > 2 else GRID for row in rows],
        },
        geometry=shapes,
        crs=CRS,
        index=range(100, 100 + len(rows)),
    )


def offers(*rows):
    """Make offers from (metres along the street or None, services, capacity, reach[, area])."""
    shapes = [None if x is None else at(x, -10) if np.isscalar(x) else at(*x) for x, *_ in rows]
    return gpd.GeoDataFrame(
        {
            "services": [list(row[1]) for row in rows],
            "capacity": [row[2] for row in rows],
            "reach_metres": [row[3] for row in rows],
            "area_code": [row[4] if len(row) > 4 else GRID for row in rows],
        },
        geometry=shapes,
        crs=CRS,
        index=[f"o{number}" for number in range(len(rows))],
    )


def test_each_remainder_says_why():
    found = match(
        STREETS,
        wishes((100, "meals"), (120, "meals"), (1900, "meals"), (100, "repairs"), (None, "meals")),
        offers(
            (100, ["meals"], 1, 500),
            (1000, ["company"], 3, 2000),
            ((1000, 700), ["meals"], 2, 2000),
            (1500, ["meals"], 2, 100),
        ),
    )
    assert found.requests["reason"].tolist() == [None, "full", "too_far", "nobody", "no_street"]
    assert found.requests["offer"].tolist() == ["o0", None, None, None, None]
    assert found.requests["metres"].iloc[0] == pytest.approx(20, abs=0.01)
    assert found.offers["used"].tolist() == [1, 0, 0, 0]
    assert found.offers["reason"].tolist() == [None, "nobody_wants", "no_street", "out_of_reach"]


def test_as_many_as_possible_comes_before_the_way():
    # the near one alone could take both; then the one far off would get nothing
    found = match(
        STREETS,
        wishes((500, "meals"), (900, "meals")),
        offers((800, ["meals"], 1, 350), (300, ["meals"], 1, 300)),
    )
    assert found.requests["offer"].tolist() == ["o1", "o0"]
    assert found.offers["reason"].tolist() == [None, None]


def test_who_comes_to_a_whole_area_is_asked_last_and_knows_no_distance():
    found = match(
        STREETS,
        wishes((100, "meals"), (200, "meals"), (None, "meals"), (1900, "meals", "990102001001001")),
        offers((100, ["meals"], 1, 500), (None, ["meals"], 9, None, "990101")),
    )
    assert found.requests["offer"].tolist() == ["o0", "o1", "o1", None]
    assert found.requests["metres"].isna().tolist() == [False, True, True, True]
    assert found.requests["reason"].iloc[3] == "too_far"
    assert found.offers["left"].tolist() == [0, 7]
    assert found.offers["reason"].tolist() == [None, "enough"]


def test_nothing_wanted_and_nothing_offered():
    none = match(STREETS, wishes((1, "meals")).iloc[:0], offers((1, ["meals"], 2, 500)))
    assert none.offers["reason"].tolist() == ["nobody_wants"]
    assert none.requests.empty
    alone = match(STREETS, wishes((1, "meals")), offers((1, ["meals"], 2, 500)).iloc[:0])
    assert alone.requests["reason"].tolist() == ["nobody"]
    shut = match(STREETS, wishes((1, "meals")), offers((1, ["meals"], 0, 500)))
    assert shut.requests["reason"].tolist() == ["full"]


def test_those_who_come_first_of_equals_are_served_first():
    found = match(STREETS, wishes(*[(100, "meals")] * 5), offers((150, ["meals"], 3, 500)))
    assert found.requests["reason"].tolist() == [None, None, None, "full", "full"]


@pytest.mark.parametrize("row", [(1, ["meals"], -1, 500), (1, ["meals"], 1, 0)])
def test_what_makes_no_sense_is_named(row):
    with pytest.raises(GeodataError, match="o0"):
        match(STREETS, wishes((1, "meals")), offers(row))


def best(asked, given_):
    """Try every way to deal wishes to offers: most met, then the least way."""
    ways = np.full((len(asked), len(given_)), math.inf)
    for (i, wish), (j, offer) in itertools.product(enumerate(asked), enumerate(given_)):
        if wish[1] in offer[1]:
            ways[i, j] = abs(wish[0] - offer[0]) + 20
            ways[i, j] = ways[i, j] if ways[i, j] <= offer[3] else math.inf
    found = (0, 0.0)
    for choice in itertools.product(range(-1, len(given_)), repeat=len(asked)):
        load = [choice.count(j) for j in range(len(given_))]
        if any(n > offer[2] for n, offer in zip(load, given_, strict=True)):
            continue
        way = sum(ways[i, j] for i, j in enumerate(choice) if j >= 0)
        if math.isfinite(way):
            met = sum(j >= 0 for j in choice)
            found = max(found, (met, -way))
    return found


spots = st.integers(0, 20).map(lambda n: 100 * n)
kinds = st.sampled_from(["meals", "company", "repairs"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(spots, kinds), min_size=1, max_size=5),
    st.lists(
        st.tuples(
            spots, st.sets(kinds, min_size=1), st.integers(0, 3), st.sampled_from([350, 750])
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_equals_trying_everything(asked, given_):
    found = match(STREETS, wishes(*asked), offers(*given_))
    met = found.requests["reason"].isna()
    most, way = best(asked, given_)
    assert int(met.sum()) == most
    assert float(found.requests.loc[met, "metres"].sum()) == pytest.approx(-way, abs=0.05)
    assert (found.offers["used"] + found.offers["left"] == [each[2] for each in given_]).all()
    assert (found.offers["left"] >= 0).all()
    # room is left only where every wish in reach is met
    unmet = [wish for wish, fine in zip(asked, met, strict=True) if not fine]
    for offer, left in zip(given_, found.offers["left"], strict=True):
        if left:
            assert not any(
                kind in offer[1] and abs(x - offer[0]) + 20 <= offer[3] for x, kind in unmet
            )


def test_a_missing_point_is_a_shape_too():
    asked = wishes((100, "meals"), (None, "meals"))
    asked.geometry = gpd.GeoSeries([asked.geometry.iloc[0], Point()], crs=CRS, index=asked.index)
    found = match(STREETS, asked, offers((100, ["meals"], 5, 500)))
    assert found.requests["reason"].tolist() == [None, "no_street"]
