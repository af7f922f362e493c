"""Imported grids made to fill their communities: every change said, nothing taken silently."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from coverages import cells, check, images, outline_of, places, squares
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import affinity

from geodata import topology
from geodata.errors import GeodataError
from geodata.grid_changes import sizes
from geodata.grid_repair import repair

DEGREE = 111_320.0


def outlines(frame):
    codes = sorted(set(frame["community"]))
    shapes = [outline_of(frame[frame["community"] == code]) for code in codes]
    return gpd.GeoDataFrame(geometry=shapes, index=codes, crs=4326)


def drawn(shapes, **more):
    index = [str(number) for number in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame(more, geometry=list(shapes), index=index, crs=4326)


def kinds(found):
    return [change.kind for change in found.changes]


def only(found, kind):
    (change,) = [each for each in found.changes if each.kind == kind]
    return change


def proven(found, communities, homes=()):
    """Fail unless the result is a coverage of every community that has a grid."""
    for code in sorted(set(found.grids["community"])):
        own = found.grids[found.grids["community"] == code]
        outline = communities.geometry[code]
        inside = shapely.intersects(homes, outline) if len(homes) else []
        check(own, outline, np.asarray(homes, dtype=object)[inside])
        assert topology.find_faults(own, outline).empty


def balanced(given_, found):
    """Fail unless every grid has the ground it had, but for what the changes say."""
    area = {name: sizes([shape])[0][0] for name, shape in given_.geometry.items()}
    for change in found.changes:
        for name, metres in change.delta.items():
            area[name] = area.get(name, 0.0) + metres
    made = {name: sizes([shape])[0][0] for name, shape in found.grids.geometry.items()}
    for name, expected in area.items():
        now = made.get(name, 0.0)
        assert now == pytest.approx(expected, abs=max(1.0, 2e-3 * expected)), name


@pytest.fixture
def town():
    """Six squares of a hectare in one community."""
    return squares(3, 2)


def test_sound_grids_stay_as_they_are(town):
    found = repair(drawn(town.geometry), outlines(town))
    assert found.changes == ()
    assert [shapely.normalize(shape).wkb for shape in town.geometry] == [
        shape.wkb for shape in found.grids.geometry
    ]


def test_overlap_is_given_to_one_and_said(town):
    shapes = list(town.geometry)
    west, south, east, north = shapes[0].bounds
    shapes[0] = shapely.box(west, south, east + 0.4 * (east - west), north)
    homes = shapely.points([(east + 0.1 * (east - west), (south + north) / 2)])
    found = repair(drawn(shapes), outlines(town), homes)
    change = only(found, "overlap")
    assert change.grids == ("1", "2")
    assert set(change.choices) == {"1", "2"}
    assert change.area_m2 == pytest.approx(4000, rel=0.02)
    assert change.figures["households"] == 1
    assert change.ask
    proven(found, outlines(town), homes)
    balanced(drawn(shapes), found)
    for choice in ("1", "2"):
        other = repair(drawn(shapes), outlines(town), homes, decisions={change.id: choice})
        assert only(other, "overlap").choice == choice
        assert other.grids.geometry[choice].contains(homes[0])
        proven(other, outlines(town), homes)
        balanced(drawn(shapes), other)


def test_gap_goes_to_the_longest_neighbour_or_becomes_a_grid(town):
    shapes = list(town.geometry)
    west, south, east, north = shapes[1].bounds
    shapes[1] = shapely.box(west + 0.2 * (east - west), south, east, north)
    found = repair(drawn(shapes), outlines(town))
    change = only(found, "gap")
    assert change.choices[-1] == "new"
    assert {"1", "2"} <= set(change.choices)
    proven(found, outlines(town))
    balanced(drawn(shapes), found)
    own = repair(drawn(shapes), outlines(town), decisions={change.id: "new"})
    assert len(own.grids) == 7
    proven(own, outlines(town))


def test_hole_is_named_and_filled(town):
    shapes = list(town.geometry)
    shapes[0] = shapes[0].difference(shapes[0].centroid.buffer(0.0002, quad_segs=2))
    found = repair(drawn(shapes), outlines(town))
    assert kinds(found) == ["hole"]
    assert only(found, "hole").choices == ("1", "new")
    proven(found, outlines(town))


def test_outline_with_a_hole_is_not_filled():
    town = squares(3, 3)
    ring = town.drop(index="g04")
    found = repair(drawn(town.geometry), outlines(ring))
    cut = only(found, "outside")
    assert cut.grids == ("5",)
    assert "5" not in found.grids.index
    proven(found, outlines(ring))


def test_vertices_within_the_tolerance_are_put_together(town):
    rng = np.random.default_rng(4)
    loose = [shaken(shape, 0.3 / DEGREE, rng) for shape in town.geometry]
    found = repair(drawn(loose), outlines(town), metres=1.0)
    assert set(kinds(found)) <= {"snap", "node", "rounding"}
    assert all(
        0 < change.figures["metres"] <= 1.0 for change in found.changes if change.kind == "snap"
    )
    proven(found, outlines(town))
    balanced(drawn(loose), found)
    assert set(found.grids.index) == set(drawn(loose).index)
    left = repair(drawn(loose), outlines(town), metres=1.0, decisions={"snap-1": "leave"})
    assert [change.choice for change in left.changes if change.id == "snap-1"] == ["leave"]
    proven(left, outlines(town))


def test_borders_get_the_vertices_of_their_neighbours(town):
    shapes = list(town.geometry)
    whole = shapely.union_all(shapes[:2])
    west, south, east, north = whole.bounds
    south_grid = shapely.box(west, south, east, north)  # no vertex where two meet above it
    given_ = drawn([south_grid, *shapes[2:]])
    found = repair(given_, outlines(town))
    assert kinds(found) == ["node"] or kinds(found) == ["rounding"]
    proven(found, outlines(town))
    assert shapely.coverage_is_valid(np.asarray(found.grids.geometry.array))


def test_outside_is_cut_and_across_a_border_too():
    town = squares(4, 1)
    town["community"] = ["A", "A", "B", "B"]
    west, south, east, north = town.total_bounds
    quarter = (east - west) / 4
    shapes = [
        shapely.box(west - quarter / 2, south, west + quarter, north),
        shapely.box(west + quarter, south, west + 2.3 * quarter, north),
        shapely.box(west + 2.3 * quarter, south, west + 3 * quarter, north),
        shapely.box(west + 3 * quarter, south, east, north),
        affinity.translate(shapely.box(west, south, east, north), 5, 0),
    ]
    found = repair(drawn(shapes), outlines(town))
    assert set(kinds(found)) - {"node", "rounding"} == {"crossing", "gap", "outside"}
    assert only(found, "crossing").grids == ("2",)
    assert {change.grids for change in found.changes if change.kind == "outside"} == {
        ("1",),
        ("5",),
    }
    proven(found, outlines(town))
    balanced(drawn(shapes), found)


def test_pieces_of_a_grid_go_to_the_neighbour(town):
    shapes = list(town.geometry)
    west, south, east, north = shapes[5].bounds
    island = shapely.box(west + 0.4 * (east - west), south + 0.4 * (north - south), east, north)
    shapes[5] = shapes[5].difference(island)
    shapes[0] = shapely.union_all([shapes[0], island])
    found = repair(drawn(shapes), outlines(town))
    change = only(found, "multipart")
    assert change.grids == ("1",)
    assert change.choices == ("6", "new")
    proven(found, outlines(town))
    balanced(drawn(shapes), found)
    own = repair(drawn(shapes), outlines(town), decisions={change.id: "new"})
    assert len(own.grids) == 7
    proven(own, outlines(town))


def test_same_grid_twice_leaves_one(town):
    shapes = [*town.geometry, town.geometry.iloc[0]]
    found = repair(drawn(shapes), outlines(town))
    assert sorted(kinds(found)) == ["empty", "overlap"]
    assert only(found, "empty").ask
    proven(found, outlines(town))


def test_nothing_in_the_area_is_refused(town):
    away = [affinity.translate(shape, 3, 3) for shape in town.geometry]
    with pytest.raises(GeodataError, match="none of these grids lies"):
        repair(drawn(away), outlines(town))


@pytest.mark.parametrize("metres", [-1, 5.1, float("nan")])
def test_tolerance_that_is_none_is_refused(town, metres):
    with pytest.raises(GeodataError, match="tolerance"):
        repair(drawn(town.geometry), outlines(town), metres=metres)


def test_decisions_nobody_can_take_are_said(town):
    found = repair(drawn(town.geometry), outlines(town), decisions={"overlap-0": "1"})
    assert found.unknown == ("overlap-0",)


def shaken(shape, near, rng):
    """Move every vertex of a ring by itself."""
    points = shapely.get_coordinates(shape.exterior)[:-1]
    return shapely.Polygon(points + rng.uniform(-near, near, points.shape))


def damaged(frame, seed):
    """Grids as people draw them: each vertex for itself, some grown, some shrunk, one twice."""
    rng = np.random.default_rng(seed)
    shapes = []
    for shape in frame.geometry:
        loose = shaken(
            shapely.segmentize(shape, rng.choice([1.0, 0.0007])),
            rng.choice([0.0, 1e-7, 3e-6, 3e-5]),
            rng,
        )
        size = rng.choice([1.0, 1.0, 0.97, 1.05, 1.4])
        made = shapely.make_valid(affinity.scale(loose, size, size), method="structure")
        parts = [p for p in shapely.get_parts(made) if p.geom_type == "Polygon"]
        shapes.append(max(parts, key=lambda part: part.area))
    return drawn(shapes)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 10_000), count=st.integers(2, 9), metres=st.sampled_from([0.0, 0.5, 2.0])
)
def test_whatever_is_drawn_becomes_a_coverage(seed, count, metres):
    town = cells(count, seed)
    communities, given_, homes = outlines(town), damaged(town, seed), places(town, 50, seed)
    found = repair(given_, communities, homes, metres=metres)
    proven(found, communities, homes)
    balanced(given_, found)
    # the same bytes again, and nothing left to repair
    again = repair(given_, communities, homes, metres=metres)
    assert images(again.grids) == images(found.grids)
    assert [change.id for change in again.changes] == [change.id for change in found.changes]
    twice = repair(
        found.grids, communities.loc[sorted(set(found.grids["community"]))], homes, metres=0.0
    )
    assert twice.changes == ()
    # whatever a person decides
    rng = np.random.default_rng(seed)
    decisions = {change.id: str(rng.choice(change.choices)) for change in found.changes}
    decided = repair(given_, communities, homes, metres=metres, decisions=decisions)
    proven(decided, communities, homes)
    balanced(given_, decided)
