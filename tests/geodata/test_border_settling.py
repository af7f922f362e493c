"""Splits on real streets: in parts they succeed, by a line they name what the line does wrong."""

import numpy as np
import pytest
import shapely
from coverages import images
from drawn_towns import BESIDE, around, drawn, ground

from geodata import boundaries, demo
from geodata.border_errors import BorderError
from geodata.segments import outer
from geodata.settling import settled, straightened
from geodata.units import locate


@pytest.mark.parametrize("parts", [2, 3])
@pytest.mark.parametrize("name", demo.names())
def test_grids_of_a_town_are_split_in_parts(name, parts):
    split_in_parts(name, parts, every=3)


@pytest.mark.slow
@pytest.mark.parametrize("parts", [2, 3])
@pytest.mark.parametrize("name", demo.names())
def test_every_grid_of_a_town_is_split_in_parts(name, parts):
    split_in_parts(name, parts, every=1)


def split_in_parts(name, parts, every):
    frame = drawn(name)
    for key in frame.index[parts % every :: every]:  # others for another number of parts
        local = around(frame, key)
        site, roads = ground(name, local.geometry[key])
        names = [f"n{number}" for number in range(1, parts)]
        made = boundaries.divide(local, key, parts, names, site, roads)
        mine = np.asarray(made.grids.geometry.loc[[key, *names]].array, dtype=object)
        whole = local.geometry[key]
        assert abs(shapely.area(mine).sum() - whole.area) <= 1e-9 * whole.area
        # communities are drawn one by one: their grids share vertices, two communities' may not
        own = made.grids[made.grids["community"] == key[:12]]
        assert shapely.coverage_is_valid(np.asarray(own.geometry.array, dtype=object)), key
        held = np.bincount(locate(site.places, mine), minlength=parts)
        assert held.sum() == len(site.places)
        assert held.min() > 0
        assert images(made.inverse.apply(made.grids)) == images(local)


@pytest.mark.parametrize("name", demo.names())
def test_a_line_through_the_middle_of_a_grid_splits_it_or_leaves_it_on_the_way(name):
    frame = drawn(name)
    refused = []
    for key in frame.index:
        local = around(frame, key)
        west, south, east, north = local.geometry[key].bounds
        middle = local.geometry[key].representative_point()
        for line in (
            [(middle.x, south - BESIDE), (middle.x, north + BESIDE)],
            [(west - BESIDE, middle.y), (east + BESIDE, middle.y)],
        ):
            try:
                boundaries.split(local, key, shapely.LineString(line), "new")
            except BorderError as error:
                refused.append((error.kind, error.place is not None))
    assert set(refused) <= {("leaves", True)}
    assert len(refused) < 0.25 * 2 * len(frame)


def test_a_border_moved_by_rounding_is_taken_back():
    old = shapely.Polygon([(0, 0), (0.3, 0), (1, 0), (1, 1), (0.3, 1), (0, 1)])
    bit = 2.0**-52
    left = shapely.Polygon([(0, 0), (0.5, bit), (0.5, 1 + bit), (0.3 + bit, 1), (0, 1)])
    right = shapely.Polygon([(0.5, bit), (1, bit), (1, 1), (0.5, 1 + bit)])
    made = settled([old], {"left": left, "right": right})
    before, after = outer([old]), outer(made.values())
    corners = {segment[:2] for segment in before}
    assert corners <= {segment[:2] for segment in after}
    assert {segment[:2] for segment in after} - corners == {(0.5, bit), (0.5, 1 + bit)}
    assert abs(made["left"].area - 0.5) < 1e-9
    assert abs(made["right"].area - 0.5) < 1e-9


def test_ground_that_is_missing_is_not_rounding():
    old = shapely.box(0, 0, 1, 1)
    assert settled([old], {"left": shapely.box(0, 0, 0.5, 1 - 1e-6)}) is None


def test_areas_without_width_between_them_are_made_straight():
    """One area has a spike along the other's side, which has a slit there; a millionth aside."""
    bit = 1e-10
    low = shapely.Polygon([(0, 0), (1, 0), (1, 0.5), (0.8, 0.5), (0.2, 0.5 + bit), (0, 0.5)])
    assert straightened([low], {"low": low}) is None
    old = shapely.box(0, 0, 1, 1)
    wall = [(0.5, 0.5), (0.9, 0.5), (0.4, 0.5 + bit)]
    left = shapely.Polygon([(0, 0), (0.5, 0), *wall, (0.4, 1), (0, 1)])
    right = shapely.Polygon([(0.5, 0), (1, 0), (1, 1), (0.4, 1), *reversed(wall)])
    assert left.is_valid
    made = straightened([old], {"left": left, "right": right})
    assert all(each.is_valid for each in made.values())
    assert made["left"].length == pytest.approx(3)
    assert made["right"].length == pytest.approx(3.2)
    assert shapely.coverage_is_valid(list(made.values()))
