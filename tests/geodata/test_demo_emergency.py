"""The demo towns hold enough trouble, and not too much, for the plans that are shown on them."""

from functools import cache

import pytest
from demo_towns import build

from geodata import demo, districting, evacuation
from geodata.network import Network


@cache
def draft(name, kind):
    town = build(name)
    hazard = town.hazards[town.hazards["kind"] == kind].iloc[0]
    shelters = town.facilities[town.facilities["kind"] == "shelter"].set_index("id")
    return evacuation.draft(
        Network.from_roads(town.roads, "walk"),
        town.households.set_index("id")[["people", "geometry"]],
        shelters[["capacity", "geometry"]],
        hazard.geometry,
        hazard["blocked"],
    )


@pytest.mark.parametrize("name", demo.names())
@pytest.mark.parametrize("profile", ["walk", "drive"])
def test_every_household_and_facility_is_near_a_street(name, profile):
    town = build(name)
    network = Network.from_roads(town.roads, profile)
    for frame in (town.households, town.facilities, town.responders):
        assert network.snap(frame.geometry)["edge"].notna().all()


@pytest.mark.parametrize("name", demo.names())
def test_the_flood_fills_the_nearest_shelters_and_cuts_a_few_off(name):
    plan = draft(name, "flood")
    affected = len(plan.assignments) + len(plan.unserved)
    assert len(plan.unserved) < 0.2 * affected
    assert set(plan.unserved["reason"]) == {"cut_off"}
    used = plan.loads[plan.loads["people"] > 0]
    assert len(used) >= 3
    assert (used["people"] <= used["capacity"]).all()
    # The nearest is full to the last family: whole households only.
    assert (used["people"] >= used["capacity"] - 5).any()


@pytest.mark.parametrize("name", demo.names())
def test_the_landslide_can_be_cleared_completely(name):
    plan = draft(name, "landslide")
    assert len(plan.assignments) >= 20
    assert len(plan.unserved) == 0


def test_communities_of_guanggu_can_be_cut_into_whole_grids():
    town = build("guanggu")
    code = town.households["building"].map(town.buildings.set_index("id")["community"])
    for area in town.areas[town.areas["level"] == "community"].itertuples():
        if area.code.endswith("1"):
            grids = districting.draw_grids(
                area.geometry, town.households[code == area.code], town.roads
            )
            assert grids["households"].between(300, 500).all(), area.name_zh
