"""On ground that slides one goes to the sides or uphill, with it only where nothing else is."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from evacuation_lines import area
from evacuation_towns import CRS, check, town
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from shapely import LineString, Point

from geodata.errors import GeodataError
from geodata.evacuation import Options, draft
from geodata.network import Network
from geodata.verifying_evacuation import verify

SOUTH = Options(slide_bearing=180)


def slid(lines, hazard, bearing):
    """Measure how much of lines in the hazard points less than 45 degrees from a bearing."""
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    inner = owner[1:] == owner[:-1]
    legs = np.stack([xy[:-1][inner], xy[1:][inner]], axis=1)
    of = owner[1:][inner]
    step = legs[:, 1] - legs[:, 0]
    turn = (np.degrees(np.arctan2(*step.T)) - bearing + 180) % 360 - 180
    metres = shapely.length(shapely.intersection(shapely.linestrings(legs), hazard))
    ends = np.flatnonzero((np.diff(of, prepend=-1) != 0) | (np.diff(of, append=-1) != 0))
    metres[ends] = 0.0  # straight legs between doors and streets
    return np.bincount(of, weights=metres * (np.abs(turn) < 45), minlength=len(lines))


def streets(*lines):
    return gpd.GeoDataFrame(
        {"highway": ["residential"] * len(lines)},
        geometry=[LineString([(500_000 + x, 3_300_000 + y) for x, y in line]) for line in lines],
        crs=CRS,
    )


def points(*xy, **columns):
    return gpd.GeoDataFrame(
        columns, geometry=[Point(500_000 + x, 3_300_000 + y) for x, y in xy], crs=CRS
    )


# A cross of streets on a slope that slides to the south; the shelter below is the nearest.
CROSS = streets([(0, 0), (0, -150)], [(0, 0), (400, 0)], [(0, 0), (0, 500)], [(0, 0), (-600, 0)])
HOME = points((0, 20), people=[3])
SHELTERS = points((5, -140), (395, 5), (5, 490), (-590, 5), capacity=[9] * 4)
SLOPE = area(-100, -100, 100, 100)


def goes(shelters, options=SOUTH, homes=HOME, roads=CROSS, hazard=SLOPE):
    network = Network.from_roads(roads, "walk")
    made = draft(network, homes, shelters, hazard, options=options)
    assert verify(roads, homes, shelters, hazard, made, options=options).sound
    return made.assignments


def test_the_way_leads_to_the_side_or_uphill_though_below_is_nearer():
    home = HOME.set_geometry([Point(500_000 + 30, 3_300_000 + 2)])
    assert goes(SHELTERS, Options(), home).shelter.tolist() == [0]
    found = goes(SHELTERS, SOUTH, home)
    assert found.shelter.tolist() == [1]
    assert found.along_slide.tolist() == [False]
    assert found.slide_metres.tolist() == [0]
    full = SHELTERS.assign(capacity=[9, 0, 9, 0])
    assert goes(full, SOUTH, home).shelter.tolist() == [2]
    for bearing, shelter in ((180, 1), (90, 0), (0, 0), (270, 1), (225.1, 1), (45, 0)):
        assert goes(SHELTERS, Options(slide_bearing=bearing), home).shelter.tolist() == [shelter]


def test_even_the_first_steps_from_home_lead_along_no_slide():
    # the house lies 40 m above the crossing: only uphill is left
    home = HOME.set_geometry([Point(500_000 + 3, 3_300_000 + 40)])
    found = goes(SHELTERS, SOUTH, home)
    assert found.shelter.tolist() == [2]
    assert not found.along_slide.any()


def test_with_the_slide_only_where_nothing_else_is_and_then_it_is_said():
    below = SHELTERS.assign(capacity=[9, 0, 0, 0])
    home = HOME.set_geometry([Point(500_000 + 30, 3_300_000 + 2)])
    found = goes(below, SOUTH, home)
    assert found.shelter.tolist() == [0]
    assert found.along_slide.tolist() == [True]
    assert found.slide_metres.tolist() == pytest.approx([100])
    # a shelter that does not suit is no other way
    steps = SHELTERS.assign(accessible=[True, False, False, False])
    found = goes(steps, SOUTH, home.assign(wheelchair=True))
    assert (found.shelter.tolist(), found.along_slide.tolist()) == ([0], [True])
    far = goes(SHELTERS, Options(slide_bearing=180, walk_limit_seconds=200), home)
    assert (far.shelter.tolist(), far.along_slide.tolist()) == ([0], [True])


def test_of_ways_that_all_lead_along_the_slide_the_one_that_does_least_is_taken():
    roads = streets(
        [(0, 90), (0, -150)],
        [(0, 90), (60, 90)], [(60, 90), (60, 70)], [(60, 70), (150, 70)],
        [(150, 70), (150, -150)], [(150, -150), (0, -150)],
    )  # fmt: skip
    home, shelter = points((2, 90), people=[1]), points((2, -150), capacity=[9])
    found = goes(shelter, SOUTH, home, roads)
    assert found.along_slide.tolist() == [True]
    assert found.slide_metres.tolist() == pytest.approx([20])
    assert found.metres.tolist() == pytest.approx([58 + 20 + 90 + 220 + 148], abs=3)
    assert goes(shelter, Options(), home, roads).metres.tolist() == pytest.approx([244], abs=3)


def test_a_bend_in_a_street_to_the_side_does_not_close_it():
    for dip, along in ((8, False), (30, True)):
        roads = streets([(0, 0), (40, 0), (40, -dip), (300, -dip)], [(0, 0), (0, -300)])
        home, shelters = points((1, 0), people=[1]), points((290, -dip), (0, -300), capacity=[9, 9])
        found = goes(shelters.iloc[:1], SOUTH, home, roads)
        assert found.along_slide.tolist() == [along]
        assert found.slide_metres.tolist() == pytest.approx([dip])


def test_a_group_goes_along_the_slide_only_together():
    homes = points((30, 2), (2, -60), people=[1, 1], group=["kin", "kin"])
    found = goes(SHELTERS, SOUTH, homes)
    # the lower one reaches the crossing uphill and then a side; nobody has to go down
    assert found.shelter.nunique() == 1
    assert found.shelter.iloc[0] != 0
    assert not found.along_slide.any()


@given(st.integers(0, 10_000), st.sampled_from([0, 37.5, 90, 180, 300]))
@settings(max_examples=12, deadline=None)
def test_towns_keep_every_promise_on_a_slope(seed, bearing):
    roads, homes, places, hazard = town(seed, households=200, room=2.0)
    network = Network.from_roads(roads, "walk")
    options = Options(slide_bearing=bearing)
    made = draft(network, homes, places, hazard, options=options)
    check(network, homes, places, hazard, made)
    assert verify(roads, homes, places, hazard, made, options=options).sound
    found = made.assignments
    legs = slid(made.routes.geometry.to_numpy(), hazard, bearing)
    assert legs == pytest.approx(found.slide_metres.to_numpy(), abs=0.1)
    # whoever is not served without the rule is not served with it, and nobody more
    plain = draft(network, homes, places, hazard)
    reasons = {"not_snapped", "no_road", "no_exit", "no_shelter", "no_accessible_shelter"}
    for reason in reasons:
        mine, other = (
            set(each.unserved.index[each.unserved.reason == reason]) for each in (made, plain)
        )
        assert mine == other


def lattice_of(seed, side=7, step=60.0):
    """Make a straight lattice with a few streets missing, slid to the south."""
    rng = np.random.default_rng(seed)
    lines = []
    for i in range(side):
        for j in range(side):
            for to in ((i + 1, j), (i, j + 1)):
                if max(to) < side and rng.random() < 0.8:
                    lines.append([(i * step, j * step), (to[0] * step, to[1] * step)])
    return streets(*lines), rng


@pytest.mark.parametrize("seed", range(10))
def test_whoever_is_said_to_have_no_other_way_has_none(seed):
    """Search the lattice without its streets downhill, and compare."""
    side, step = 7, 60.0
    roads, rng = lattice_of(seed)
    hazard = area(50, 50, 310, 310)  # leaves the outer ring of junctions outside
    inside = [(i, j) for i in range(1, 6) for j in range(1, 6)]
    chosen = [inside[number] for number in rng.choice(len(inside), 8, replace=False)]
    homes = points(*((i * step, j * step) for i, j in chosen), people=[1] * 8)
    outside = [(0, 3), (6, 2), (3, 6), (2, 0)]
    shelters = points(*((i * step, j * step) for i, j in outside), capacity=[99] * 4)
    found = draft(Network.from_roads(roads, "walk"), homes, shelters, hazard, options=SOUTH)

    def number(i, j, layer):
        return layer * side * side + round(i) * side + round(j)

    def inner(node):
        return bool((np.abs(np.array(node) * step - 180) < 130).all())

    tail, head = [], []
    for line in roads.geometry:
        xy = (shapely.get_coordinates(line) - [500_000, 3_300_000]) / step
        for one, other in (xy, xy[::-1]):
            if inner(one) and other[1] < one[1]:
                continue  # leads down
            if inner(other) and not inner(one):
                continue  # leads in
            tail.append(number(*one, not inner(one)))
            head.append(number(*other, not inner(other)))
    size = 2 * side * side
    graph = csr_array((np.ones(len(tail)), (tail, head)), shape=(size, size))
    starts = [number(i, j, 0) for i, j in chosen]
    reached = np.isfinite(dijkstra(graph, indices=starts))
    ring = [number(i, j, 1) for i, j in outside]
    other_way = reached[:, ring].any(axis=1)
    for row, other in enumerate(other_way):
        if row in found.assignments.index:
            assert found.assignments.along_slide[row] != other, (row, chosen[row])
        else:
            assert not other


def test_bearings_that_mean_nothing_are_refused():
    for wrong in (-1, 361, float("nan")):
        with pytest.raises(GeodataError, match="slide_bearing"):
            Options(slide_bearing=wrong)


def test_metres_along_the_slide_that_are_not_walked_are_found():
    below = SHELTERS.assign(capacity=[9, 0, 0, 0])
    network = Network.from_roads(CROSS, "walk")
    made = draft(network, HOME, below, SLOPE, options=SOUTH)
    for columns in ({"slide_metres": 90.0}, {"slide_metres": np.nan}):
        rows = made.assignments.assign(**columns)
        changed = replace(made, assignments=rows)
        assert not verify(CROSS, HOME, below, SLOPE, changed, options=SOUTH).sound
    changed = replace(made, assignments=made.assignments.drop(columns="slide_metres"))
    assert not verify(CROSS, HOME, below, SLOPE, changed, options=SOUTH).sound
