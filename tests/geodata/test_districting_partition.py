from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import EAST, NORTH, ZONE, raster, tessellation

from geodata.adjacency import shared_borders
from geodata.annealing import anneal, improve
from geodata.balance import Goal, Graph, Plan
from geodata.districting import explain, partition
from geodata.errors import GeodataError
from geodata.partitioning import unit_graph
from geodata.parts import price
from geodata.random_numbers import below, seeded, uniform
from geodata.recombination import rescue
from geodata.starting import start, whole


def pieces_of(units, labels):
    """Count the pieces of each part, over borders of more than 1 m, independently of the code."""
    count = {}
    borders = {}
    for one, shape in enumerate(units.geometry):
        for other in range(one):
            if shape.boundary.intersection(units.geometry.iloc[other].boundary).length > 1:
                borders.setdefault(one, []).append(other)
                borders.setdefault(other, []).append(one)
    for label in set(labels):
        left = {position for position, found in enumerate(labels) if found == label}
        count[label] = 0
        while left:
            count[label] += 1
            walk = [left.pop()]
            while walk:
                for beyond in borders.get(walk.pop(), []):
                    if beyond in left:
                        left.remove(beyond)
                        walk.append(beyond)
    return count


@settings(max_examples=10, deadline=None)
@given(st.integers(2, 30), st.integers(0, 10_000), st.integers(1, 400), st.integers(0, 300))
def test_any_tessellation_is_partitioned_completely_into_whole_parts(count, seed, low, width):
    units = tessellation(count, seed)
    labels = partition(units, "households", low, low + width, seed=seed)
    assert labels.index.equals(units.index)
    assert labels.name == "partition"
    assert set(labels) == set(range(labels.max() + 1))
    assert set(pieces_of(units, labels.tolist()).values()) == {1}
    first = [labels.tolist().index(label) for label in range(labels.max() + 1)]
    assert first == sorted(first)
    again = partition(units, "households", low, low + width, seed=seed)
    pd.testing.assert_series_equal(labels, again)
    said = explain(units, "households", labels, low, low + width)
    assert said["households"].sum() == units["households"].sum()
    outside = ~said["households"].between(low, low + width)
    assert said["reason"].notna().tolist() == outside.tolist()


def test_forty_equal_squares_become_parts_of_exactly_the_target():
    units = raster(8, 5, 100)
    labels = partition(units, "households", 300, 500)
    assert labels.nunique() == 10
    assert units["households"].groupby(labels).sum().tolist() == [400] * 10


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_small_towns_stay_within_the_limits(seed):
    units = tessellation(120, seed, side=2000, most=100)
    labels = partition(units, "households", 300, 500, seed=seed)
    households = units["households"].groupby(labels).sum()
    assert households.between(300, 500).all()
    shapes = units.dissolve(labels).geometry
    assert (4 * np.pi * shapes.area / shapes.length**2).mean() > 0.5


def test_real_blocks_reach_what_the_project_promises():
    from tests.benchmarks import districting as benchmark

    blocks = gpd.read_parquet(benchmark.BLOCKS)
    labels = partition(blocks, "households", 300, 500)
    found = benchmark.measure(unit_graph(blocks, "households"), labels.to_numpy())
    assert found["contiguous"] == found["grids"]
    assert found["within_limits"] >= 99.5
    assert found["within_tenth"] >= 75
    assert found["polsby_popper"] >= 0.59


def test_the_caller_s_index_units_and_system_do_not_matter():
    units = tessellation(40, 3)
    labels = partition(units, "households", 300, 500)
    turned = units.set_axis([f"b{number}" for number in range(len(units))]).to_crs(4326)
    before = turned.copy()
    same = partition(turned, "households", 300, 500)
    assert same.tolist() == labels.tolist()
    assert same.index.equals(turned.index)
    pd.testing.assert_frame_equal(turned, before)


def apart(*frames):
    moved = [frame.translate(xoff=number * 5000) for number, frame in enumerate(frames)]
    return gpd.GeoDataFrame(
        {"households": pd.concat([frame["households"] for frame in frames]).to_numpy()},
        geometry=pd.concat(moved).to_numpy(),
        crs=ZONE,
    )


def test_islands_are_partitioned_each_on_its_own():
    units = apart(raster(4, 2, 100), raster(2, 2, 100))
    labels = partition(units, "households", 300, 500)
    assert labels.tolist()[8:] == [2] * 4
    assert sorted(set(labels[:8])) == [0, 1]


@pytest.mark.parametrize(
    ("units", "reasons"),
    [
        (raster(2, 2, 50), ["area_too_small"]),
        (raster(3, 1, [50, 700, 50]), ["unit_too_large"]),
        (raster(2, 1, 275), ["no_count_fits"]),
        (raster(3, 1, [260, 260, 260]), ["units_too_coarse"] * 2),
        (apart(raster(2, 2, 100), raster(1, 1, 20)), [None, "area_too_small"]),
    ],
)
def test_what_the_numbers_do_not_allow_is_said(units, reasons):
    labels = partition(units, "households", 300, 500)
    said = explain(units, "households", labels, 300, 500)
    assert list(said.columns) == ["label", "households", "reason"]
    assert [None if pd.isna(one) else one for one in said["reason"]] == reasons


def test_a_part_in_two_pieces_is_said():
    units = raster(3, 1, 200)
    said = explain(units, "households", pd.Series([0, 1, 0]), 200, 500)
    assert said["reason"][0] == "not_contiguous"
    assert pd.isna(said["reason"][1])


def test_units_that_meet_in_a_point_or_a_metre_are_no_neighbours():
    corner = gpd.GeoDataFrame(
        {"households": [200, 200]},
        geometry=[shapely.box(0, 0, 100, 100), shapely.box(100, 100, 200, 200)],
        crs=ZONE,
    ).translate(EAST, NORTH)
    units = gpd.GeoDataFrame({"households": [200, 200]}, geometry=corner, crs=ZONE)
    assert partition(units, "households", 300, 500).tolist() == [0, 1]
    units.geometry = [
        shapely.box(EAST, NORTH, EAST + 100, NORTH + 100),
        shapely.box(EAST + 100, NORTH + 99.5, EAST + 200, NORTH + 200),
    ]
    assert partition(units, "households", 300, 500).tolist() == [0, 1]
    assert shared_borders(units).empty
    units.geometry = [
        shapely.box(EAST, NORTH, EAST + 100, NORTH + 100),
        shapely.box(EAST + 100, NORTH + 90, EAST + 200, NORTH + 200),
    ]
    assert partition(units, "households", 300, 500).tolist() == [0, 0]
    assert shared_borders(units)["metres"].tolist() == [pytest.approx(10)]


def test_borders_are_found_where_a_corner_meets_the_middle_of_a_side_in_degrees():
    units = gpd.GeoDataFrame(
        {"households": [1, 1, 1]},
        geometry=[
            shapely.Polygon([(EAST, NORTH), (EAST + 900, NORTH + 70), (EAST, NORTH + 500)]),
            shapely.Polygon([(EAST, NORTH), (EAST + 450, NORTH + 35), (EAST, NORTH - 500)]),
            shapely.Polygon(
                [(EAST + 900, NORTH + 70), (EAST + 450, NORTH + 35), (EAST + 900, NORTH - 500)]
            ),
        ],
        crs=ZONE,
    )
    found = shared_borders(units.to_crs(4326))
    assert found[["first", "second"]].to_numpy().tolist() == [[0, 1], [0, 2]]
    assert found["metres"].tolist() == pytest.approx([451.36, 451.36], rel=1e-3)


def test_no_units_have_no_labels_and_nobody_at_all_is_one_part():
    assert partition(raster(2, 2, 1).iloc[:0], "households", 300, 500).empty
    assert partition(raster(3, 2, 0), "households", 300, 500).tolist() == [0] * 6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="households"), "column 'households': the column is missing"),
        (
            lambda f: f.assign(households=[1, -1, np.nan, np.inf]),
            "row 1, column 'households'.*; row 2.*; row 3",
        ),
        (lambda f: f.assign(households=["1", "x", 1, 1]), "row 1, column 'households'"),
        (lambda f: f.set_crs(None, allow_override=True), "coordinate system"),
        (
            lambda f: f.set_geometry([*f.geometry[:3], shapely.Point(0, 0)], crs=ZONE),
            "row 3, column 'geometry': expected a valid polygon",
        ),
        (lambda f: f.set_geometry([*f.geometry[:3], None], crs=ZONE), "row 3.*valid polygon"),
    ],
)
def test_faulty_units_are_named(change, message):
    units = change(raster(2, 2, 100))
    with pytest.raises(GeodataError, match=message):
        partition(units, "households", 300, 500)


@pytest.mark.parametrize("limits", [(0, 500), (500, 300), (np.nan, 500), (300, np.inf), (-1, 1)])
def test_impossible_limits_are_refused(limits):
    with pytest.raises(GeodataError, match="limits"):
        partition(raster(2, 2, 100), "households", *limits)


def test_labels_of_other_units_are_refused():
    with pytest.raises(GeodataError, match="index"):
        explain(raster(2, 2, 100), "households", pd.Series([0, 0]), 300, 500)


def totals(graph, labels, goal):
    plan = Plan.of(graph, labels, goal)
    return np.stack([plan.weight, plan.area, plan.perimeter])


@pytest.mark.parametrize(
    "improve",
    [
        lambda graph, labels, goal: rescue(
            graph, labels, goal, np.random.default_rng(0), np.ones(11, dtype=bool)
        ),
        lambda graph, labels, goal: anneal(graph, labels, goal, 0, 20_000),
        lambda graph, labels, goal: anneal(graph, labels, goal, 0, 20_000, heat=(20.0, 10.0)),
    ],
)
def test_each_search_keeps_parts_whole_and_its_own_books_right(improve):
    units = tessellation(80, 5)
    graph = unit_graph(units, "households")
    goal = Goal(400, 100)
    labels = start(graph, 11, 0)
    before = labels.copy()
    found = improve(graph, labels, goal)
    assert np.array_equal(labels, before)
    assert not np.array_equal(labels, found)
    assert set(pieces_of(units, found.tolist()).values()) == {1}
    assert len(set(found.tolist())) == 11
    shapes = units.dissolve(found)
    expected = [units["households"].groupby(found).sum(), shapes.area, shapes.length]
    counted, area, perimeter = totals(graph, found, goal)
    assert counted == pytest.approx(expected[0])
    assert area == pytest.approx(expected[1])
    assert perimeter == pytest.approx(expected[2], abs=2.0)  # less than 1 m is no border


def test_the_search_keeps_its_own_books_right():
    graph = unit_graph(tessellation(80, 5), "households")
    goal = Goal(400, 100)
    plan = Plan.of(graph, start(graph, 11, 0), goal)
    for seed, heat in enumerate([(20.0, 10.0), (0.1, 0.004)]):
        improve(graph, plan, goal, seed, 20_000, heat)
        fresh = Plan.of(graph, plan.labels, goal)
        for name in ("weight", "area", "perimeter", "units", "cost"):
            assert getattr(plan, name) == pytest.approx(getattr(fresh, name)), name


def test_the_search_lowers_the_cost_and_cold_steps_never_raise_it():
    graph = unit_graph(tessellation(80, 6), "households")
    goal = Goal(400, 100)
    cost = [Plan.of(graph, start(graph, 11, 0), goal).cost.sum()]
    labels = start(graph, 11, 0)
    for seed in range(20):
        labels = anneal(graph, labels, goal, seed, 300, heat=(1e-9, 1e-9))
        cost.append(Plan.of(graph, labels, goal).cost.sum())
    assert all(after <= before + 1e-9 for before, after in pairwise(cost))
    assert cost[-1] < 0.8 * cost[0]


@given(st.floats(0, 2000), st.floats(1, 1e6), st.floats(100, 1e5), st.floats(0, 9))
def test_compiled_loops_know_the_same_price_as_the_goal(weight, area, perimeter, strictness):
    goal = Goal(400, 100, strictness=strictness)
    expected = goal.cost(np.array([weight]), np.array([area]), np.array([perimeter]))
    assert price((weight, area, perimeter), goal.numbers) == pytest.approx(expected[0], rel=1e-9)


def test_random_numbers_fill_their_range_evenly_and_differ_by_seed():
    drawn = {}
    for seed in (0, 1, 2**63):
        seeds = seeded(seed)
        drawn[seed] = [below(seeds, 10) for _ in range(10_000)]
        assert set(drawn[seed]) == set(range(10))
        assert all(900 < count < 1100 for count in np.bincount(drawn[seed]))
        shares = [uniform(seeds) for _ in range(10_000)]
        assert 0 <= min(shares) < 0.01 < 0.99 < max(shares) < 1
        assert np.mean(shares) == pytest.approx(0.5, abs=0.02)
    assert len({tuple(numbers) for numbers in drawn.values()}) == 3


def test_a_part_that_two_neighbours_cannot_help_is_helped_by_a_third():
    units = raster(9, 1, [100, 100, 90, 100, 100, 100, 110, 100, 100])
    graph = unit_graph(units, "households")
    labels = np.repeat([0, 1, 2], [2, 3, 4])
    goal = Goal(300, 20)
    outside = np.array([True, False, True])
    found = rescue(graph, labels, goal, np.random.default_rng(0), outside)
    households = units["households"].groupby(found).sum()
    assert sorted(households) == [290, 300, 310]


def test_scattered_labels_are_made_whole_and_empty_ones_filled():
    units = raster(6, 6, 10)
    graph = unit_graph(units, "households")
    scattered = np.arange(36) % 3
    assert set(pieces_of(units, whole(graph, scattered).tolist()).values()) == {1}
    for count in (1, 2, 20, 35, 36):
        labels = start(graph, count, 0)
        assert len(set(labels.tolist())) == count
        assert set(pieces_of(units, labels.tolist()).values()) == {1}


def test_units_without_weight_are_divided_all_the_same():
    units = raster(4, 4, [0] * 12 + [400] * 4)
    labels = partition(units, "households", 300, 500)
    assert units["households"].groupby(labels).sum().tolist() == [400] * 4
    graph = Graph.from_borders(
        np.zeros(2), np.ones(2), np.full(2, 4.0), (np.array([0]), np.array([1]), np.ones(1))
    )
    assert start(graph, 2, 0).tolist() == [0, 1]
