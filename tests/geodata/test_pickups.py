"""Pick-up tours: every tour checked by hand, everybody accounted for, nothing left to chance."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from evacuation_towns import CRS
from hypothesis import given, settings
from hypothesis import strategies as st
from pickup_fleets import check, fleet, one_by_one
from shapely import LineString, Point, box

from geodata.errors import GeodataError
from geodata.network import Network
from geodata.pickup_inputs import _weights
from geodata.pickups import REASONS, Options, tours


@given(st.integers(0, 10_000), st.booleans(), st.sampled_from([None, 900, 2400]))
@settings(max_examples=8, deadline=None)
def test_every_tour_keeps_every_promise(seed, outside, clear_by):
    case = fleet(seed, outside=outside)
    network, homes, places, shelter, cars, hazard = case
    rng = np.random.default_rng(seed)
    homes["ready_s"] = rng.integers(0, 900, len(homes))
    homes["until_s"] = homes.ready_s + rng.integers(600, 7200, len(homes))
    west, south, east, north = network.nodes.total_bounds
    blocked = Point(*rng.uniform([west, south], [east, north])).buffer(50)
    options = Options(clear_by_seconds=clear_by, effort=3)
    found = tours(network, homes, places, shelter, cars, hazard, blocked, options)
    check(case, found, options, blocked)
    assert set(found.left.reason) <= set(REASONS)
    assert len(found.tours) == len(found.stops[["vehicle", "tour"]].drop_duplicates())


def test_the_same_input_gives_the_same_tours():
    case = fleet(3)
    first, second = (tours(*case, options=Options(effort=40)) for _ in range(2))
    assert first.stops.equals(second.stops)
    assert first.tours.geometry.to_wkb().equals(second.tours.geometry.to_wkb())
    assert first.left.equals(second.left)
    assert first.cost == second.cost


@pytest.mark.parametrize("seed", [1, 2, 5, 8])
def test_tours_are_never_worse_than_fetching_one_after_the_other(seed):
    case = fleet(seed, sizes=(8, 16))
    case[4]["wheelchairs"] = 3
    options = Options()
    waited, left = one_by_one(case, options)
    found = tours(*case, options=options)
    people = case[1].people
    assert people[found.left.index].sum() <= people[sorted(left)].sum()
    if not left:
        mine = (found.stops.people * found.stops.arrive_s).sum()
        assert mine <= waited * 1.001


def test_degrees_give_the_same_tours_as_metres():
    network, homes, places, shelter, cars, hazard = fleet(3)
    metres = tours(network, homes, places, shelter, cars, hazard, options=Options(effort=3))
    turned = [one.to_crs(4326) for one in (homes, places, cars)]
    area = gpd.GeoSeries([hazard], crs=CRS).to_crs(4326)
    degrees = tours(
        network, turned[0], turned[1], shelter, turned[2], area, options=Options(effort=3)
    )
    assert degrees.stops.household.tolist() == metres.stops.household.tolist()
    assert (degrees.stops.arrive_s - metres.stops.arrive_s).abs().max() <= 2
    assert degrees.tours.crs == turned[0].crs
    apart = degrees.tours.to_crs(CRS).geometry.hausdorff_distance(metres.tours.geometry)
    assert apart.max() < 1.0


def test_weights_of_thousands_stay_whole_numbers_of_63_bits():
    weight, worth = _weights(np.full(5000, 9), np.full(5000, 100.0), np.ones(5000))
    assert weight.min() >= 1
    assert float(worth.astype(float).sum()) < 2.0**63
    assert worth[0] > int(weight.sum()) * 2 * 86_400


def test_more_steps_never_cost_more():
    case = fleet(6, vehicles=3)
    costs = [tours(*case, options=Options(effort=effort)).cost for effort in (0, 10, 80)]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < costs[0]


MIDDLE = box(400, -300, 1600, 300)


def street(hazard=MIDDLE):
    """Make one street from west to east with a shelter in the west and a vehicle beside it."""
    lines = [LineString([(x, 0), (x + 100, 0)]) for x in range(0, 2000, 100)]
    roads = gpd.GeoDataFrame({"highway": ["residential"] * len(lines)}, geometry=lines, crs=CRS)
    moved = roads.set_geometry(roads.translate(500_000, 3_300_000))
    shelters = frame({"s": (100, 10)})
    vehicles = frame({"v": (200, 10)}).assign(seats=4, wheelchairs=0)
    return Network.from_roads(moved, "drive"), shelters, vehicles, shift(hazard)


def shift(shape):
    return gpd.GeoSeries([shape]).translate(500_000, 3_300_000).iloc[0]


def frame(points):
    shapes = [Point(x + 500_000, y + 3_300_000) for x, y in points.values()]
    return gpd.GeoDataFrame(geometry=shapes, index=list(points), crs=CRS)


def to(homes, shelter="s"):
    return pd.Series(shelter, index=homes.index)


def test_reasons_say_what_is_in_the_way():
    network, shelters, vehicles, hazard = street()
    homes = frame(
        {
            "near": (600, 10),
            "chair": (700, 10),
            "many": (800, 10),
            "behind": (1500, 10),
            "nowhere": (900, 250),
            "homeless": (650, 10),
        }
    )
    homes["people"] = [2, 1, 9, 2, 2, 2]
    homes["wheelchairs"] = [0, 1, 0, 0, 0, 0]
    blocked = shift(box(1200, -50, 1250, 50))
    found = tours(
        network,
        homes,
        shelters,
        to(homes).where(homes.index != "homeless"),
        vehicles,
        hazard,
        blocked,
    )
    assert found.stops.household.tolist() == ["near"]
    assert found.left.reason.to_dict() == {
        "chair": "no_wheelchair_place",
        "many": "too_many",
        "behind": "no_way_in",
        "nowhere": "not_snapped",
        "homeless": "no_shelter",
    }
    # one vehicle with nine seats and a wheelchair place would do for both that a vehicle can reach
    remedy = found.remedies.iloc[0]
    assert (remedy.kind, remedy["count"], remedy.seats, remedy.wheelchairs) == ("vehicle", 1, 9, 1)
    assert (remedy.households, remedy.people) == (2, 10)


def test_a_vehicle_more_or_minutes_more_are_found_by_trying():
    network, shelters, vehicles, hazard = street()
    homes = frame({f"h{number}": (600 + 50 * number, 10) for number in range(6)})
    homes["people"] = 4
    tight = Options(clear_by_seconds=900)
    found = tours(network, homes, shelters, to(homes), vehicles, hazard, options=tight)
    assert 0 < len(found.left) < 6
    assert set(found.left.reason) == {"no_time"}
    assert found.remedies.kind.tolist() == ["vehicle", "later"]
    vehicle, later = (found.remedies.iloc[row] for row in (0, 1))
    place = vehicles if vehicle.place == "vehicle" else shelters
    extra = gpd.GeoDataFrame(
        {"seats": vehicle.seats, "wheelchairs": 0},
        geometry=[place.geometry[vehicle["at"]]] * vehicle["count"],
        crs=CRS,
        index=[f"extra{number}" for number in range(vehicle["count"])],
    )
    with_more = pd.concat([vehicles, extra])
    assert tours(network, homes, shelters, to(homes), with_more, hazard, options=tight).left.empty
    longer = Options(clear_by_seconds=900 + later.seconds)
    assert tours(network, homes, shelters, to(homes), vehicles, hazard, options=longer).left.empty


def test_who_counts_more_is_fetched_and_fetched_first():
    network, shelters, vehicles, hazard = street()
    homes = frame({"near": (500, 10), "far": (1000, 10)}).assign(people=4)
    found = tours(network, homes, shelters, to(homes), vehicles, hazard)
    assert found.stops.household.tolist() == ["near", "far"]
    homes["priority"] = [1.0, 20.0]
    found = tours(network, homes, shelters, to(homes), vehicles, hazard)
    assert found.stops.household.tolist() == ["far", "near"]
    short = Options(clear_by_seconds=600)
    found = tours(network, homes, shelters, to(homes), vehicles, hazard, options=short)
    assert found.stops.household.tolist() == ["far"]
    assert found.left.index.tolist() == ["near"]


def test_people_aboard_are_never_driven_into_the_hazard_again():
    # two parts of a hazard on one street: fetched in two tours though one vehicle could hold all
    two = box(400, -300, 700, 300).union(box(1000, -300, 1300, 300))
    network, shelters, vehicles, hazard = street(hazard=two)
    homes = frame({"one": (500, 10), "other": (1200, 10)}).assign(people=1)
    found = tours(network, homes, shelters, to(homes), vehicles, hazard)
    # the other one's way west leads through the nearer part: no way out at all
    assert found.stops.household.tolist() == ["one"]
    assert found.left.reason.to_dict() == {"other": "no_way_in"}
    beyond = frame({"w": (1800, 10)}).assign(seats=4)
    found = tours(network, homes.loc[["other"]], shelters, to(homes), beyond, hazard)
    assert found.left.reason.to_dict() == {"other": "no_way_out"}
    east = frame({"s": (100, 10), "e": (1900, 10)})
    there = pd.Series({"one": "s", "other": "e"})
    cars = frame({"v": (200, 10), "w": (1800, 10)}).assign(seats=4)
    found = tours(network, homes, east, there, cars, hazard)
    assert found.left.empty
    assert sorted(found.stops.vehicle) == ["v", "w"]


def test_nobody_and_no_vehicle_are_no_faults():
    network, shelters, vehicles, hazard = street()
    homes = frame({"a": (600, 10)}).assign(people=2)
    nobody = tours(network, homes.iloc[:0], shelters, to(homes.iloc[:0]), vehicles, hazard)
    assert nobody.stops.empty
    assert nobody.tours.empty
    assert nobody.left.empty
    without = tours(network, homes, shelters, to(homes), vehicles.iloc[:0], hazard)
    assert without.left.reason.tolist() == ["no_vehicle"]
    assert without.remedies.kind.tolist()[0] == "vehicle"
    assert without.remedies.place.tolist()[0] == "shelter"
    assert without.tours.crs == homes.crs


def test_faults_are_named_together():
    network, shelters, vehicles, hazard = street()
    homes = frame({"a": (600, 10), "b": (700, 10)}).assign(people=[2, -1], ready_s=["x", 3])
    with pytest.raises(GeodataError) as caught:
        tours(network, homes, shelters, to(homes, "t"), vehicles.assign(seats=0.5), hazard)
    said = {(fault.row, fault.column) for fault in caught.value.faults}
    assert said >= {("b", "people"), ("a", "ready_s"), ("v", "seats"), ("a", "shelter")}


def test_who_was_told_of_a_vehicle_keeps_it():
    case = fleet(3)
    homes = case[1]
    free = tours(*case, options=Options(effort=20))
    by = free.stops.set_index("household")["vehicle"]
    other = dict(zip(by.unique(), by.unique()[::-1], strict=True))
    assert len(other) > 1
    mine = by.index[:3]
    homes["vehicle"] = by.loc[mine].map(other)
    told = tours(*case, options=Options(effort=20))
    check(case, told, Options(effort=20), None)
    now = told.stops.set_index("household")["vehicle"]
    assert now.loc[mine].equals(homes.loc[mine, "vehicle"].astype(now.dtype))
    assert now.loc[mine].ne(by.loc[mine]).any()
    assert len(told.left) == len(free.left)
    # one that is not there any more binds nobody
    homes["vehicle"] = "gone"
    gone = tours(*case, options=Options(effort=20))
    assert gone.stops.equals(free.stops)


def test_nobody_is_left_for_the_vehicle_that_others_know():
    """A small one that all know of does not fetch all in time; whom it leaves the other fetches."""
    network, shelters, cars, hazard = street()
    homes = frame({f"h{number}": (600 + 50 * number, 10) for number in range(6)})
    homes["people"] = 4
    small = Options(clear_by_seconds=900)
    assert len(tours(network, homes, shelters, to(homes), cars, hazard, options=small).left)
    more = pd.concat([cars, frame({"w": (200, 10)}).assign(seats=24, wheelchairs=0)])
    homes["vehicle"] = "v"
    found = tours(network, homes, shelters, to(homes), more, hazard, options=small)
    assert found.left.empty
    assert found.stops["vehicle"].value_counts().to_dict() == {"w": 4, "v": 2}
