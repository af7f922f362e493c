"""Candidates are what they are called, thinned evenly, and demand loses nobody."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from towns import EAST, NORTH, ZONE, Town

from geodata import candidates, demand, site_gains, street_names
from geodata.errors import GeodataError
from geodata.network import Network


@pytest.fixture(scope="module")
def town():
    return Town(blocks=4)


@pytest.fixture(scope="module")
def network(town):
    names = [
        f"{int(line.centroid.x)}街" if n % 3 else None for n, line in enumerate(town.roads.geometry)
    ]
    return Network.from_roads(town.roads.assign(name=names), "walk")


def xy(found):
    return shapely.get_coordinates(found.points.array)


def test_crossings_are_where_three_ends_of_streets_meet(town, network):
    inner = town.outline.buffer(-50)
    found = candidates.crossings(network, inner, 100)
    expected = {(EAST + 200 * x, NORTH + 200 * y) for x in (1, 2, 3) for y in (1, 2, 3)}
    assert {tuple(np.round(each, 3)) for each in xy(found)} == expected
    assert (found.found, len(found), found.spacing) == (9, 9, 0.0)
    # stubs of 20 m end outside the town, the corners inside it have four ends
    assert candidates.crossings(network, town.outline.buffer(30), 100).found == 25


@pytest.mark.parametrize("most", [1, 2, 7, 24])
def test_thinning_keeps_few_enough_one_of_each_square(town, network, most):
    found = candidates.crossings(network, town.outline.buffer(30), most)
    assert 1 <= len(found) <= most
    assert found.found == 25
    assert found.spacing > 0
    every = xy(candidates.crossings(network, town.outline.buffer(30), 100))
    corner = every.min(axis=0)
    squares = np.unique(np.floor((every - corner) / found.spacing), axis=0)
    kept = np.floor((xy(found) - corner) / found.spacing)
    assert np.unique(kept, axis=0).tolist() == squares.tolist()
    assert len(kept) == len(squares)
    # a finer lattice would have kept too many
    finer = np.unique(np.floor((every - corner) / (found.spacing / 1.25)), axis=0)
    assert len(finer) > most


def test_the_best_of_a_square_stays(town):
    points = shapely.points([(EAST + x, NORTH) for x in (0, 1, 2, 500, 501)])
    found = candidates.thinned(points, np.array([2.0, 1.0, 1.0, 5.0, 4.0]), 2, ZONE)
    assert shapely.get_x(found.points.array).tolist() == [EAST + 1, EAST + 501]
    with pytest.raises(GeodataError, match="at most 0"):
        candidates.thinned(points, np.zeros(5), 0, ZONE)


def test_buildings_stand_inside_large_enough_and_unlived_ones_come_first(town):
    shed = shapely.box(EAST + 300, NORTH + 300, EAST + 305, NORTH + 305)
    outside = shapely.box(EAST - 200, NORTH, EAST - 100, NORTH + 100)
    frame = gpd.GeoDataFrame(
        {"lived_in": [True] * len(town.buildings) + [False, False]},
        geometry=[*town.buildings.geometry, shed, outside],
        crs=ZONE,
    )
    frame.loc[5, "lived_in"] = False
    every = candidates.buildings(frame, town.outline, 1000)
    assert every.found == len(town.buildings)
    one = candidates.buildings(frame, town.outline, 1)
    assert shapely.within(one.points.iloc[0], frame.geometry.iloc[5])
    assert candidates.buildings(frame.iloc[:0], town.outline, 5).found == 0


def test_blocks_give_one_point_each_and_none_in_a_lake(town):
    found = candidates.parcels(town.outline, town.roads, None, 100)
    assert found.found == 16
    lake = shapely.box(EAST - 10, NORTH - 10, EAST + 396, NORTH + 196)
    water = gpd.GeoDataFrame(geometry=[lake], crs=ZONE)
    dry = candidates.parcels(town.outline, town.roads, water, 100)
    assert dry.found == 14
    assert not shapely.intersects(lake, np.asarray(dry.points.array)).any()


def test_demand_at_one_spot_is_one_and_a_lattice_loses_nobody(town):
    homes = town.households.assign(with_needs=town.households["people"] > 3)
    twice = gpd.GeoDataFrame(
        {name: list(homes[name]) * 2 for name in ("people", "with_needs")},
        geometry=[*homes.geometry] * 2,
        crs=ZONE,
    )
    exact = demand.demand(twice, 10_000)
    assert (len(exact), exact.side) == (homes.geometry.nunique(), 0.0)
    few = demand.demand(twice, 50)
    assert 1 <= len(few) <= 50
    assert few.side > 0
    spots = {point.wkb for point in exact.points}
    assert {point.wkb for point in few.points} <= spots
    at = shapely.get_coordinates(exact.points.array)
    cells = [tuple(cell) for cell in np.floor((at - at.min(axis=0)) / few.side)]
    most = {}
    for cell, people, point in zip(cells, exact.people, exact.points, strict=True):
        if people > most.get(cell, (0, None))[0]:
            most[cell] = (people, point.wkb)
    assert {point.wkb for point in few.points} == {wkb for _, wkb in most.values()}
    for found in (exact, few):
        assert found.households.sum() == len(twice)
        assert found.people.sum() == twice["people"].sum()
        assert found.weight("needs").sum() == twice["with_needs"].sum()
    missing = twice.set_geometry([None] * 10 + [*twice.geometry[10:]], crs=ZONE)
    assert demand.demand(missing, 10_000).households.sum() == len(twice) - 10
    assert len(demand.demand(missing.iloc[:10], 5)) == 0
    with pytest.raises(GeodataError, match="at most 0"):
        demand.demand(twice, 0)


def test_sites_are_opened_by_what_they_add_like_trying_each():
    draw = np.random.default_rng(3)
    for _ in range(50):
        costs = draw.integers(0, 20, (12, 6)).astype(float)
        costs[draw.random(costs.shape) < 0.3] = np.inf
        weights = draw.integers(0, 5, 12).astype(float)
        found = site_gains.in_order(costs, weights, [0], [2, 3, 5], 8)
        assert sorted(each.site for each in found) == [2, 3, 5]
        missed = ~(costs[:, [0]] <= 8).any(axis=1)
        for place, each in enumerate(found):
            added = {
                other.site: weights[(costs[:, other.site] <= 8) & missed].sum()
                for other in found[place:]
            }
            assert added[each.site] == max(added.values())
            assert weights[each.rows].sum() == added[each.site]
            missed &= costs[:, each.site] > 8
    with pytest.raises(GeodataError, match="limit"):
        site_gains.in_order(costs, weights, [0], [1], np.nan)
    assert site_gains.in_order(costs, weights, [0], [], 5) == []


def test_the_name_is_that_of_the_nearest_street_that_has_one(town, network):
    roads = gpd.GeoDataFrame(
        {"highway": ["service", "residential"], "name": [None, "书院路"]},
        geometry=[
            shapely.LineString([(EAST, NORTH), (EAST + 100, NORTH)]),
            shapely.LineString([(EAST, NORTH + 300), (EAST + 100, NORTH + 300)]),
        ],
        crs=ZONE,
    )
    streets = Network.from_roads(roads, "drive")
    at = gpd.GeoSeries(
        [shapely.Point(EAST + 50, NORTH + y) for y in (0, 299, -400)] + [None], crs=ZONE
    )
    assert street_names.nearest_names(streets, at) == ["书院路", "书院路", None, None]
    nameless = Network.from_roads(roads.drop(columns="name"), "drive")
    assert street_names.nearest_names(nameless, at) == [None] * 4
