"""The bad input of an evacuation: everybody is listed with a reason, and no way is invented."""

import numpy as np
import pytest
import shapely
from evacuation_lines import LINE, area, homes_at, places_at
from evacuation_towns import check, town
from test_evacuation_groups import grouped

from geodata.evacuation import Options, draft
from geodata.network import Network
from geodata.verifying_evacuation import verify

WALK = Network.from_roads(LINE, "walk")
HAZARD = area(100, -50, 200, 50)
EVERYTHING = Options(
    m2_per_person=1.5, slide_bearing=200, robust="shelter", tolerance=2.0, tolerance_price=True,
    walk_limit_seconds=1500, per_wave=50,
)  # fmt: skip


def whole(bounds, wide=500):
    return shapely.box(*bounds).buffer(wide)


def island(case):
    """Leave out every street that leads out of the hazard."""
    shut = case["hazard"].boundary.buffer(0.5)
    roads = case["roads"][~case["roads"].intersects(shut)]
    inner = roads.within(case["hazard"])
    homes = case["homes"]
    nearer = homes.distance(roads[inner].union_all()) < homes.distance(roads[~inner].union_all())
    return case | {"roads": roads, "homes": homes[nearer | ~homes.intersects(case["hazard"])]}


CHANGES = {
    "the hazard covers everything": (
        lambda case: case | {"hazard": whole(case["roads"].total_bounds)}, {"no_shelter"},
    ),
    "no shelter at all": (lambda case: case | {"places": case["places"].iloc[:0]}, {"no_shelter"}),
    "every shelter closed": (
        lambda case: case | {"places": case["places"].assign(open=False)}, {"no_shelter"},
    ),
    "no room anywhere": (
        lambda case: case | {"places": case["places"].assign(capacity=0)}, {"no_shelter"},
    ),
    "no area anywhere": (
        lambda case: case | {"places": case["places"].assign(area_m2=0.0)}, {"no_shelter"},
    ),
    "all roads closed": (
        lambda case: case | {"blocked": whole(case["roads"].total_bounds)}, {"cut_off"},
    ),
    "no road near": (
        lambda case: case | {"roads": case["roads"].set_geometry(
            case["roads"].translate(50_000, 0))}, {"not_snapped"},
    ),
    "the hazard is an island": (island, {"no_road", "not_snapped", "cut_off"}),
    "wheelchairs, no accessible shelter": (
        lambda case: case
        | {"homes": case["homes"].assign(wheelchair=True),
           "places": case["places"].assign(accessible=False)},
        {"no_accessible_shelter", "no_exit", "no_road", "no_common_shelter", "not_snapped"},
    ),
    "too far for everybody": (
        lambda case: case | {"homes": case["homes"].assign(walk_kmh=0.1)},
        {"too_far", "no_exit", "no_road", "not_snapped", "no_common_shelter",
         "no_accessible_shelter"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("options", [Options(), EVERYTHING], ids=["plain", "everything"])
@pytest.mark.parametrize("name", CHANGES)
def test_everybody_is_listed_with_a_reason(name, options):
    change, reasons = CHANGES[name]
    if name in {"no area anywhere", "too far for everybody"} and options is not EVERYTHING:
        options = Options(m2_per_person=1.5, walk_limit_seconds=1500)
    roads, homes, places, hazard = town(3, households=250)
    homes = grouped(homes, hazard, np.random.default_rng(3), 0.2)
    case = change(
        {"roads": roads, "homes": homes, "places": places, "hazard": hazard, "blocked": None}
    )
    network = Network.from_roads(case["roads"], "walk")
    inputs = case["homes"], case["places"], case["hazard"]
    found = draft(network, *inputs, case["blocked"], options)
    affected = case["homes"].index[case["homes"].intersects(case["hazard"])]
    assert len(affected) > 5
    assert found.assignments.empty
    assert found.routes.empty
    assert found.unserved.index.tolist() == affected.tolist()
    assert set(found.unserved.reason) <= reasons
    assert found.unserved.reason.isin(reasons).sum() == found.totals["unserved_households"]
    assert found.person_seconds == found.bound == 0.0
    assert verify(case["roads"], *inputs, found, case["blocked"], options).sound
    assert found.alternates.empty
    assert found.not_robust.empty


def test_a_hazard_with_a_hole_keeps_whoever_is_in_the_hole_out_of_the_draft():
    roads, homes, places, hazard = town(6, households=300, room=3.0)
    middle = hazard.representative_point()
    holed = hazard.difference(middle.buffer(60))
    network = Network.from_roads(roads, "walk")
    found = draft(network, homes, places, holed, options=EVERYTHING)
    check(network, homes, places, holed, found)
    assert verify(roads, homes, places, holed, found, options=EVERYTHING).sound
    spared = homes.index[homes.within(middle.buffer(59))]
    assert not set(spared) & {*found.assignments.index, *found.unserved.index}


def test_one_household_without_a_road_changes_nothing_for_the_others():
    homes = homes_at((150, 0), (150, 900), (160, 0))
    hazard = area(100, -50, 200, 950)
    found = draft(WALK, homes, places_at((300, 0)), hazard)
    assert found.unserved.reason.to_dict() == {1: "not_snapped"}
    rest = draft(WALK, homes.drop(index=1), places_at((300, 0)), hazard)
    assert rest.assignments.equals(found.assignments)


def test_a_capacity_of_nothing_takes_only_its_shelter_out():
    found = draft(WALK, homes_at((150, 0)), places_at((210, 0), (300, 0), capacity=[0, 2]), HAZARD)
    assert found.loads.out.fillna("").tolist() == ["no_capacity", ""]
    assert found.assignments.shelter.tolist() == ["s1"]


def test_streets_in_two_parts_send_nobody_across():
    parted = LINE.drop(index=LINE.index[1])  # nothing between 100 and 200
    network = Network.from_roads(parted, "walk")
    homes, shelters = homes_at((90, 0), (210, 0)), places_at((10, 0), (400, 0), capacity=2)
    found = draft(network, homes, shelters, area(50, -50, 250, 50))
    assert found.assignments.shelter.tolist() == ["s0", "s1"]
    only = draft(network, homes, shelters.iloc[:1], area(50, -50, 250, 50))
    assert only.unserved.reason.to_dict() == {1: "no_road"}
