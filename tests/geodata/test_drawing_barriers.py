"""Main roads and water are kept between grids, where balance and shape allow."""

import dataclasses

import geopandas as gpd
import numpy as np
import shapely
from towns import EAST, NORTH, ZONE, Town, raster, tessellation

from geodata.adjacency import border_lengths
from geodata.annealing import anneal
from geodata.balance import Goal, added
from geodata.barriers import barrier_lines, metres_along
from geodata.partitioning import unit_graph
from geodata.starting import start


def test_a_barrier_is_inside_fewer_parts_where_it_costs_something():
    severed = {0.0: 0.0, Goal(400, 100).severance: 0.0}
    for seed in range(4):
        units = tessellation(300, seed, side=2000, most=80)
        graph = unit_graph(units, "households")
        east = units.geometry.centroid.x.to_numpy() > EAST + 700
        across = east[graph.unit] != east[graph.neighbour]
        graph = dataclasses.replace(graph, barrier=np.where(across, graph.shared, 0.0))
        count = round(graph.weight.sum() / 400)
        for severance in severed:
            goal = Goal(400, 100, severance=severance)
            labels = anneal(graph, start(graph, count, seed), goal, seed, 15_000 * count)
            weight = added(labels, graph.weight)
            assert ((weight >= 300) & (weight <= 500)).all()
            severed[severance] += graph.severed(labels)
    free, priced = severed.values()
    assert priced < 0.7 * free


def test_metres_along_a_main_road_are_those_that_two_pieces_share():
    units = raster(3, 2, 100)
    first, second, _ = border_lengths(units.geometry.array, units.crs)
    road = shapely.linestrings([(EAST + 101, NORTH - 10), (EAST + 101, NORTH + 150)])
    found = metres_along(np.asarray(units.geometry.array), first, second, np.array([road, road]))
    pairs = {(int(a), int(b)): round(m) for a, b, m in zip(first, second, found, strict=True)}
    assert pairs[0, 1] == 100  # both stand at it
    assert pairs[3, 4] == 50  # it ends halfway
    assert pairs[1, 2] == pairs[4, 5] == 0
    assert pairs[1, 4] < 5  # it only begins there


def test_barriers_are_main_roads_on_the_ground_shores_and_rivers():
    town = Town(2)
    kinds = ["primary", "trunk"] + ["residential"] * (len(town.roads) - 2)
    roads = town.roads.assign(highway=kinds, tunnel=[False, True] + [False] * (len(kinds) - 2))
    lake = shapely.box(EAST + 50, NORTH + 50, EAST + 90, NORTH + 90)
    river = shapely.linestrings([(EAST, NORTH + 10), (EAST + 400, NORTH + 30)])
    water = gpd.GeoDataFrame(geometry=[lake, river], crs=ZONE)
    lines = barrier_lines(roads, water, ZONE)
    assert len(lines) == 3
    street = float(town.roads.length.iloc[0])
    assert shapely.length(lines).round().tolist() == [street, 160.0, 400.0]
