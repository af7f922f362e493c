"""Those who stay together, room by area, and the pace of each: by hand and against every choice."""

import itertools

import numpy as np
import pandas as pd
import pytest
import shapely
from evacuation_lines import LINE, area, homes_at, places_at
from evacuation_towns import check, town
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import GeodataError
from geodata.evacuation import Options, draft
from geodata.network import Network

WALK = Network.from_roads(LINE, "walk")
HAZARD = area(100, -50, 200, 50)
PARTED = area(100, -50, 150, 50).union(area(160, -50, 200, 50))


def grouped(homes, hazard, rng, share=0.4):
    """Let neighbours and strangers belong together, some to a group of one."""
    label = np.full(len(homes), None, dtype=object)
    here = np.flatnonzero(shapely.intersects(hazard, homes.geometry.to_numpy()))
    for row in here[rng.random(len(here)) < share]:
        label[row] = f"kin {rng.integers(0, max(1, len(here) // 5))}"
    return homes.assign(group=label)


def check_groups(homes, draft):
    """Check that whoever is served of a group is served alike, the others for good reason."""
    served = draft.assignments.join(homes.group)
    together = served[served.group.notna()].groupby("group")
    assert (together.shelter.nunique() == 1).all()
    assert (together.wave.nunique() == 1).all()
    left = draft.unserved.join(homes.group)
    apart = left[left.group.isin(served.group.dropna())]
    assert set(apart.reason) <= {"not_snapped", "no_road", "no_exit", "cut_off"}
    for label, row in draft.groups.iterrows():
        mine = homes.index[homes.group == label]
        in_, out = mine.intersection(served.index), mine.intersection(left.index)
        assert row.households == len(in_) + len(out) > 1
        assert row.people == homes.people[in_.union(out)].sum()
        assert row.served == len(in_)
        if len(in_):
            assert set(served.shelter[in_]) == {row.shelter}
            assert set(served.wave[in_]) == {row.wave}
            assert row["apart"] == len(out)


@given(st.integers(0, 10_000), st.floats(0.5, 2.0))
@settings(max_examples=12, deadline=None)
def test_groups_areas_and_paces_keep_every_promise(seed, room):
    roads, homes, places, hazard = town(seed, households=200, room=room)
    rng = np.random.default_rng(seed)
    homes = grouped(homes, hazard, rng).assign(
        walk_kmh=rng.choice([2.0, 3.5, 5.0, np.nan], len(homes)),
        needs_vehicle=rng.random(len(homes)) < 0.05,
    )
    places = places.assign(area_m2=rng.choice([30.0, 200.0, np.nan, 0.0], len(places)))
    options = Options(m2_per_person=1.5, walk_limit_seconds=900, tolerance=3.0)
    network = Network.from_roads(roads, "walk")
    found = draft(network, homes, places, hazard, options=options)
    check(network, homes, places, hazard, found)
    check_groups(homes, found)
    walkers = ~homes.needs_vehicle[found.assignments.index]
    assert (found.assignments.seconds[walkers] <= 900).all()
    room = np.fmin(places.capacity, np.floor(places.area_m2 / 1.5))
    assert (found.loads.capacity == room).all()
    assert (found.loads.people <= room).all()


def every_choice(people, seconds, capacity, urgent, unit):
    """Try every way to send units to shelters or nowhere; give the best and a bound's claim."""
    units = sorted(set(unit))
    best = None
    for choice in itertools.product(range(-1, len(capacity)), repeat=len(units)):
        load = np.zeros(len(capacity))
        first = served = took = 0
        for number, place in zip(units, choice, strict=True):
            mine = np.flatnonzero(unit == number)
            if place < 0:
                continue
            load[place] += people[mine].sum()
            first += people[mine].sum() * urgent[mine].any()
            served += people[mine].sum()
            took += people[mine] @ seconds[mine, place]
        if (load > capacity).any() or np.isinf(took):
            continue
        key = (-first, -served, round(took, 3))
        if best is None or key < best:
            best = key
    return best


@pytest.mark.parametrize("seed", range(25))
def test_small_towns_get_the_best_of_all_choices(seed):
    rng = np.random.default_rng(seed)
    count, shelters = 7, 3
    homes = homes_at(
        *((float(x), float(y)) for x, y in rng.uniform([101, -9], [199, 9], (count, 2))),
        group=rng.choice(["a", "b", None], count, p=[0.35, 0.35, 0.3]),
        infant=rng.random(count) < 0.3,
        walk_kmh=rng.choice([2.0, 5.0], count),
    ).assign(people=rng.integers(1, 6, count))
    spots = [(float(x), 5.0) for x in (20, 240, 390)]
    places = places_at(*spots, capacity=rng.integers(2, 14, shelters).tolist())
    found = draft(WALK, homes, places, HAZARD)
    check_groups(homes, found)
    seconds = (
        WALK.matrix(homes.geometry, places.geometry)[0] * (5 / homes.walk_kmh.to_numpy())[:, None]
    )
    alone = np.array([f"alone {row}" for row in range(count)])
    unit = np.where(homes.group.notna(), homes.group.astype(str), alone)
    people, urgent = homes.people.to_numpy(), homes.infant.to_numpy()
    first, served, took = every_choice(people, seconds, places.capacity.to_numpy(), urgent, unit)
    here = found.assignments.index
    kind = pd.Series(urgent).groupby(unit).transform("any")
    assert homes.people[here][kind[here].to_numpy()].sum() == -first
    assert found.totals["served_people"] == -served
    assert found.person_seconds == pytest.approx(took, abs=0.01)
    assert found.bound <= took + 0.01


def test_a_group_goes_where_there_is_room_for_all_of_it():
    homes = homes_at((190, 0), (195, 0), group="kin")
    shelters = places_at((210, 0), (400, 0), capacity=[3, 4])
    assert draft(WALK, homes, shelters, HAZARD).assignments.shelter.tolist() == ["s1", "s1"]
    apart = draft(WALK, homes.drop(columns="group"), shelters, HAZARD)
    assert sorted(apart.assignments.shelter) == ["s0", "s1"]


@pytest.mark.parametrize(
    ("change", "reason", "beds"),
    [
        ({"capacity": [3, 3]}, "too_large", 1),
        ({"accessible": [False] * 2, "wheelchair": [True, False]}, "no_accessible_shelter", None),
        ({"limit": 60}, "too_far", None),
        ({"hazard": PARTED}, "no_common_shelter", None),
    ],
)  # fmt: skip
def test_why_a_group_is_not_served_is_told_of_each_of_it(change, reason, beds):
    homes = homes_at((110, 0), (190, 0), group="kin", wheelchair=change.get("wheelchair", False))
    shelters = places_at(
        (50, 0), (250, 0),
        capacity=change.get("capacity", [9, 9]),
        accessible=change.get("accessible", [True, True]),
    )  # fmt: skip
    found = draft(
        WALK, homes, shelters, change.get("hazard", HAZARD),
        options=Options(walk_limit_seconds=change.get("limit")),
    )  # fmt: skip
    assert found.unserved.reason.tolist() == [reason, reason]
    if beds is not None:
        assert found.unserved.beds.tolist() == [beds, beds]
    assert found.groups.loc["kin", "reason"] == reason
    assert found.groups.loc["kin", "served"] == 0


def test_whoever_has_no_way_at_all_keeps_nobody_back():
    homes = homes_at((110, 0), (190, 0), (150, 900), group="kin")
    found = draft(WALK, homes, places_at((300, 0)), area(100, -50, 200, 950))
    assert found.assignments.index.tolist() == [0, 1]
    assert found.unserved.reason.to_dict() == {2: "not_snapped"}
    row = found.groups.loc["kin"]
    assert (row.households, row.served, row["apart"], row.reason) == (3, 2, 1, "not_snapped")


def test_a_group_leaves_with_the_first_of_it():
    homes = homes_at((110, 0), (150, 0), (190, 0), group=["kin", None, "kin"], infant=[1, 0, 0])
    found = draft(WALK, homes, places_at((300, 0)), HAZARD)
    assert found.assignments.wave.to_dict() == {0: 1, 1: 2, 2: 1}


def test_the_smaller_of_beds_and_area_is_the_room():
    homes = homes_at(*[(150, y) for y in range(-5, 5)])
    shelters = places_at((300, 0), (350, 0), (400, 0), capacity=[9, 4, 90]).assign(
        area_m2=[10.5, 100, None]
    )
    found = draft(WALK, homes, shelters, HAZARD, options=Options(m2_per_person=2.1))
    assert found.loads.capacity.tolist() == [5, 4, 90]
    assert found.loads.beds.tolist() == [9, 4, 90]
    assert found.loads.binds.tolist() == ["area", "beds", "beds"]
    assert found.loads.room_by_area.tolist() == [5, 47, pd.NA]
    assert found.loads.people.tolist() == [4, 4, 12]
    plain = draft(WALK, homes, shelters, HAZARD)
    assert plain.loads.capacity.tolist() == [9, 4, 90]
    assert plain.loads.room_by_area.isna().all()
    none = draft(
        WALK, homes, shelters.assign(area_m2=1.0), HAZARD, options=Options(m2_per_person=2.1)
    )
    assert set(none.loads.out) == {"no_capacity"}
    assert set(none.unserved.reason) == {"no_shelter"}


def test_slow_walkers_take_longer_by_the_same_way_and_limits_know_it():
    homes = homes_at((150, 10), (150, 20), (150, 30), walk_kmh=[5.0, 2.5, None])
    found = draft(WALK, homes, places_at((350, 0)), HAZARD)
    plain = draft(WALK, homes.drop(columns="walk_kmh"), places_at((350, 0)), HAZARD)
    ratio = found.assignments.seconds / plain.assignments.seconds
    assert ratio.tolist() == pytest.approx([1, 2, 1])
    assert found.assignments.metres.equals(plain.assignments.metres)
    assert found.routes.geometry.equals(plain.routes.geometry)
    limit = Options(walk_limit_seconds=200)
    near = draft(WALK, homes, places_at((350, 0)), HAZARD, options=limit)
    assert near.unserved.reason.to_dict() == {1: "too_far"}
    carried = homes.assign(needs_vehicle=[False, True, False])
    driven = draft(WALK, carried, places_at((350, 0)), HAZARD, options=limit)
    assert driven.unserved.empty
    assert driven.assignments.wave.tolist() == [2, 1, 2]


def test_by_vehicle_nobody_is_slower():
    homes = homes_at((150, 10), walk_kmh=[1.0])
    drive = Network.from_roads(LINE, "drive")
    found = draft(drive, homes, places_at((350, 0)), HAZARD)
    plain = draft(drive, homes.drop(columns="walk_kmh"), places_at((350, 0)), HAZARD)
    assert found.assignments.seconds.equals(plain.assignments.seconds)


def test_bridges_over_water_are_kept_or_closed_as_asked():
    roads = LINE.assign(bridge=[False, False, True, False, False])
    network = Network.from_roads(roads, "walk")
    homes, shelters, water = homes_at((150, 0)), places_at((450, 0)), area(220, -90, 280, 90)
    kept = draft(network, homes, shelters, HAZARD, water=water)
    assert kept.unserved.empty
    closed = Options(bridges="closed")
    found = draft(network, homes, shelters, HAZARD, options=closed, water=water)
    assert found.unserved.reason.tolist() == ["cut_off"]
    dry = area(320, -90, 380, 90)  # under a street on the ground: water in a pipe closes nothing
    assert draft(network, homes, shelters, HAZARD, options=closed, water=dry).unserved.empty
    assert draft(network, homes, shelters, HAZARD, options=closed, water=[]).unserved.empty
    with pytest.raises(GeodataError, match="water is missing"):
        draft(network, homes, shelters, HAZARD, options=closed)


def test_new_columns_and_options_that_mean_nothing_are_named():
    homes = homes_at((150, 0), (160, 0), walk_kmh=[0, 4])
    shelters = places_at((350, 0)).assign(area_m2=-1)
    with pytest.raises(GeodataError, match=r"row 0.*walk_kmh.*row s0.*area_m2|not a number"):
        draft(WALK, homes, shelters, HAZARD)
    for wrong in ({"m2_per_person": 0}, {"m2_per_person": np.nan}, {"bridges": "blown up"}):
        with pytest.raises(GeodataError):
            Options(**wrong)


def test_a_tolerance_says_its_price_when_asked():
    homes = homes_at((110, 0), (120, 0), (190, 0))
    shelters = places_at((90, 0), (300, 0), (500, 0), capacity=[2, 2, 9])
    free = draft(WALK, homes, shelters, HAZARD)
    assert free.totals["served_people"] == 6
    options = Options(tolerance=1.5, tolerance_price=True)
    fair = draft(WALK, homes, shelters, HAZARD, options=options)
    price = fair.totals["tolerance"]
    assert price["without"]["person_seconds"] == pytest.approx(free.person_seconds)
    assert price["without"]["longest_seconds"] == free.totals["longest_seconds"]
    assert price["without"]["served_people"] == 6
    assert price["with"]["person_seconds"] == pytest.approx(fair.person_seconds)
    assert price["with"]["served_people"] == fair.totals["served_people"] < 6
    assert price["with"]["unserved_people"] == fair.totals["unserved_people"]
    difference = fair.person_seconds - free.person_seconds
    assert price["price_person_seconds"] == pytest.approx(difference)
    assert (
        "tolerance" not in draft(WALK, homes, shelters, HAZARD, options=Options(tolerance=2)).totals
    )
    assert "tolerance" not in free.totals
