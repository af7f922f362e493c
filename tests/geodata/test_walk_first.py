"""Who walks although a seat is planned: never at the cost of those who cannot."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pickup_fleets import check, fleet
from shapely import box
from test_pickups import frame, street, to

from geodata import assembly, pickups
from geodata.network import Network
from geodata.walk_first import MODES, WHY, Options, plan

WEST = box(400, -300, 700, 300)
QUICK = pickups.Options(effort=3)


def on_foot(network):
    """Make the streets of a network once more, on foot."""
    edges = network.edges.drop_duplicates("road").reset_index(drop=True)
    roads = edges[["geometry"]].assign(highway="residential")
    return Network.from_roads(roads, "walk")


@given(st.integers(0, 10_000), st.sampled_from([None, 900]))
@settings(max_examples=4, deadline=None)
def test_nobody_more_is_left_and_nobody_walks_who_cannot(seed, clear_by):
    case = fleet(seed, vehicles=2, sizes=(4, 8))
    network, homes, places, shelter, cars, hazard = case
    rng = np.random.default_rng(seed)
    homes["can_walk"] = rng.random(len(homes)) < 0.5
    foot = on_foot(network)
    spots = assembly.candidates(foot, homes.geometry.iloc[:0].to_frame().pipe(_area, hazard))
    given_ = Options(
        pickups.Options(effort=3, clear_by_seconds=clear_by), walk_limit_seconds=1200, tried=3
    )
    found = plan(
        foot, network, homes, places, shelter, cars, hazard, spots.iloc[:12], options=given_
    )
    modes = found.modes
    assert modes.index.equals(homes.index)
    assert set(modes["mode"]) <= set(MODES)
    assert set(modes.why.dropna()) <= set(WHY)
    walks = modes["mode"].isin(["walk", "walk_then_vehicle"])
    assert homes.can_walk[walks].all()
    assert (modes.why.notna() >= (modes["mode"] == "walk")).all()
    people = homes.people
    left = modes.index[modes["mode"] == "left"]
    assert people[left].sum() <= found.before.left.people.sum()
    assert modes.arrive_s.isna().equals(modes["mode"] == "left")
    faster = modes[modes.why == "faster"]
    assert (faster.arrive_s <= faster.before_s - 59).all()
    assert found.person_seconds <= found.before_person_seconds + 1e-6
    riding = homes[modes["mode"].isin(["vehicle", "left"])]
    if not len(found.together):
        check((network, riding, places, shelter, cars, hazard), found.tours, given_.tours)
    stops = found.tours.stops
    together = found.together[found.together.index.isin(stops.household)]
    doors = stops.household[~stops.household.isin(together.index)]
    met = set(modes.index[modes["mode"] == "walk_then_vehicle"])
    assert set(together.household) == met
    assert set(doors) == set(modes.index[modes["mode"] == "vehicle"])


def _area(frame_, hazard):
    return type(frame_)(geometry=[hazard], crs=frame_.crs)


def test_who_is_there_sooner_on_foot_walks():
    network, shelters, vehicles, hazard = street()
    homes = frame({"edge": (420, 10), "deep": (1500, 10)}).assign(people=4, can_walk=True)
    late = vehicles.assign(ready_s=1500)
    found = plan(on_foot(network), network, homes, shelters, to(homes), late, hazard)
    assert found.modes["mode"].to_dict() == {"edge": "walk", "deep": "walk"}
    soon = plan(on_foot(network), network, homes, shelters, to(homes), vehicles, hazard)
    assert soon.modes["mode"]["deep"] == "vehicle"
    never = homes.assign(can_walk=False)
    none = plan(on_foot(network), network, never, shelters, to(homes), late, hazard)
    assert set(none.modes["mode"]) == {"vehicle"}


def test_a_seat_is_given_up_for_somebody_who_cannot_walk():
    network, shelters, vehicles, hazard = street()
    homes = frame({"able": (700, 10), "unable": (720, 10)}).assign(
        people=4, can_walk=[True, False], priority=[2.0, 1.0]
    )
    tight = Options(pickups.Options(clear_by_seconds=660, effort=3))
    found = plan(
        on_foot(network), network, homes, shelters, to(homes), vehicles, hazard, options=tight
    )
    assert found.before.left.index.tolist() == ["unable"]
    assert found.modes["mode"].to_dict() == {"able": "walk", "unable": "vehicle"}
    assert found.modes.why["able"] == "frees_a_seat"


def test_those_who_can_walk_to_one_point_are_one_stop():
    network, shelters, _, hazard = street(hazard=WEST)
    homes = frame({f"h{number}": (450 + 30 * number, 10) for number in range(4)})
    homes = homes.assign(people=2, can_walk=[True, True, True, False])
    point = frame({"square": (380, 10)})
    bus = frame({"bus": (200, 10)}).assign(seats=8)
    found = plan(
        on_foot(network),
        network,
        homes,
        shelters,
        to(homes),
        bus,
        hazard,
        point,
        options=Options(QUICK, walk_limit_seconds=100),
    )
    assert found.modes["mode"].tolist() == ["walk_then_vehicle"] * 3 + ["vehicle"]
    assert found.modes.point.dropna().tolist() == ["square"] * 3
    assert set(found.modes.why.dropna()) == {"one_stop_for_many"}
    assert found.person_seconds < found.before_person_seconds
    assert len(found.tours.stops) == 2
    # they are there before the bus leaves
    stop = found.tours.stops.set_index("household").loc[found.together.index[0]]
    assert stop.leave_s >= 170 / (5 / 3.6)


@pytest.mark.parametrize("number", [0, 3])
def test_nobody_is_no_fault(number):
    network, shelters, vehicles, hazard = street()
    homes = (
        frame({f"h{row}": (600, 10) for row in range(number)})
        if number
        else (frame({"x": (600, 10)}).iloc[:0])
    )
    homes = homes.assign(people=1)
    found = plan(on_foot(network), network, homes, shelters, to(homes), vehicles, hazard)
    assert len(found.modes) == number
    assert isinstance(found.together, pd.DataFrame)
