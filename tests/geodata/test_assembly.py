"""Assembly points: outside the hazard, within the walk, on the way, as few as can be."""

import itertools

import geopandas as gpd
import numpy as np
import pytest
from evacuation_towns import CRS, town
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.assembly import REASONS, Options, candidates, points
from geodata.errors import GeodataError
from geodata.evacuation import draft
from geodata.network import Network


def met(seed, limit=600.0, **more):
    """Make a town, its draft, and where people could meet."""
    roads, homes, places, hazard = town(seed, households=120, room=2.0, **more)
    network = Network.from_roads(roads.assign(oneway=0), "walk")
    found = draft(network, homes, places, hazard)
    spots = candidates(network, gpd.GeoSeries([hazard], crs=CRS), apart=120.0)
    spots.index = [f"p{number}" for number in range(len(spots))]
    return network, homes, places, hazard, found, spots, Options(walk_seconds=limit)


@given(st.integers(0, 10_000), st.sampled_from([300.0, 900.0]))
@settings(max_examples=10, deadline=None)
def test_everybody_who_can_has_a_point_that_is_safe_near_and_on_the_way(seed, limit):
    network, homes, places, hazard, found, spots, options = met(seed, limit)
    shelter = found.assignments.shelter
    made = points(network, homes, spots, hazard, places, shelter, options=options)
    affected = homes.index[homes.intersects(hazard)]
    has = made.assignment.point.notna()
    assert made.assignment.index.equals(affected)
    assert sorted([*made.assignment.index[has], *made.left.index]) == sorted(affected)
    assert set(made.left.reason) <= set(REASONS)
    assert not made.points.intersects(hazard).any()
    assert made.points.people.sum() == homes.people[made.assignment.index[has]].sum()
    assert made.points.households.sum() == has.sum()
    free = network.matrix(homes.geometry, spots.geometry)[0]
    onward = network.matrix(spots.geometry, places.geometry)[0]
    for row, point, seconds in made.assignment[has].itertuples():
        at = spots.index.get_loc(point)
        assert seconds <= limit
        assert seconds >= free[homes.index.get_loc(row), at] - 1e-6
        if row in shelter.index:
            there = places.index.get_loc(shelter[row])
            most = options.detour * found.assignments.seconds[row]
            assert seconds + onward[at, there] <= most + 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_no_fewer_points_would_do(seed):
    network, homes, places, hazard, _, spots, options = met(seed, 420.0, side=6)
    spots = spots.iloc[:9]
    made = points(network, homes, spots, hazard, options=options)
    reach = {
        label: set(_within(network, homes, spots.loc[[label]], hazard, options))
        for label in spots.index
    }
    everybody = set().union(*reach.values())
    assert set(made.assignment.index[made.assignment.point.notna()]) == everybody
    fewest = next(
        count
        for count in range(len(reach) + 1)
        if any(
            set().union(*(reach[label] for label in choice)) == everybody
            for choice in itertools.combinations(reach, count)
        )
    )
    assert len(made.points) == fewest


def _within(network, homes, spot, hazard, options):
    one = points(network, homes, spot, hazard, options=options)
    return one.assignment.index[one.assignment.point.notna()]


def test_a_point_takes_no_more_people_than_it_holds():
    network, homes, places, hazard, _, spots, _ = met(2)
    wide = Options(walk_seconds=3600)
    one = points(network, homes, spots, hazard, options=wide)
    assert len(one.points) == 1
    spots["capacity"] = int(one.points.people.sum() // 2)
    two = points(network, homes, spots, hazard, options=wide)
    assert len(two.points) >= 2
    assert (two.points.people <= spots.capacity.loc[two.points.index]).all()


def test_points_in_the_hazard_are_out_and_nobody_is_dropped():
    network, homes, places, hazard, _, spots, options = met(3)
    inside = spots.copy()
    inside["geometry"] = [hazard.representative_point()] * len(inside)
    made = points(network, homes, inside, hazard, options=options)
    assert made.points.empty
    assert len(made.left) == homes.intersects(hazard).sum()
    assert set(made.left.reason) == {"no_way"}


def test_candidates_are_crossings_and_known_places_apart_from_one_another():
    network, homes, places, hazard, _, spots, _ = met(5)
    area = gpd.GeoSeries([hazard], crs=CRS)
    known = gpd.GeoDataFrame(
        {"kind": ["school"], "name": ["第一小学"]},
        geometry=[spots.geometry.iloc[0]],
        crs=CRS,
    )
    found = candidates(network, area, known, apart=100.0)
    assert found.kind.iloc[0] == "school"
    assert found.name.iloc[0] == "第一小学"
    assert set(found.kind) == {"school", "crossing"}
    at = np.column_stack([found.geometry.x, found.geometry.y])
    gaps = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) + np.eye(len(at)) * 1e9
    assert gaps.min() > 100.0
    assert not found.intersects(hazard).any()
    assert found.distance(hazard).max() <= 400.0


def test_faults_are_named():
    network, homes, places, hazard, _, spots, _ = met(1)
    with pytest.raises(GeodataError, match="capacity"):
        points(network, homes, spots.assign(capacity=-1), hazard)
    with pytest.raises(GeodataError, match="detour"):
        Options(detour=0.5)
