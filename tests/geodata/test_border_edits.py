"""A planner's day on real streets: edits are done, or refused for the ground, with the place."""

from functools import cache

import numpy as np
import pytest
import shapely
from border_edits import KINDS, OF_THE_GROUND, Planner
from coverages import images
from demo_towns import build
from drawn_towns import drawn, ground

from geodata import demo
from geodata.units import Site, build_units


@cache
def blocks_of(name):
    """The street blocks of each grid of a town, as a scenario has them."""
    frame, town, found = drawn(name), build(name), {}
    for key, shape in frame.geometry.items():
        site, roads = ground(name, shape)
        walls = site.buildings[shapely.is_valid(site.buildings)]
        found[key] = build_units(
            Site(shape, site.places, walls, site.crs), roads, town.water, 60
        ).shapes
    return found


def a_day(name, seed, edits):
    frame = drawn(name)
    planner = Planner(frame, blocks_of(name), lambda shape: ground(name, shape), seed)
    planner.work(edits)
    assert not planner.faults(), planner.refused
    assert all(place for _, _, place in planner.refused), planner.refused
    assert sum(planner.done.values()) > 0.6 * edits, (planner.done, planner.refused)
    for kind in KINDS:
        assert planner.done[kind] > planner.done.total() / 40, (kind, planner.refused)
    keeps_the_ground(frame, planner.grids)
    for change, before in reversed(planner.changes):
        touched = list(change.inverse.before.index)
        assert images(change.inverse.before) == images(before.loc[touched])
    assert images(planner.changes[0][1]) == images(frame)
    return planner


def keeps_the_ground(before, after):
    """Each community has the ground it had, and its grids share every vertex."""
    for code, own in after.groupby("community"):
        shapes = np.asarray(own.geometry.array, dtype=object)
        assert shapely.coverage_is_valid(shapes), code
        held = shapely.area(before.geometry[before["community"] == code].array).sum()
        assert abs(shapely.area(shapes).sum() - held) <= 1e-9 * held


@pytest.mark.parametrize("name", demo.names())
def test_a_planners_day_on_real_borders(name):
    a_day(name, 1, 8 * len(KINDS))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", demo.names())
def test_a_planners_year_on_real_borders(name, seed):
    planner = a_day(name, 100 + seed, 60 * len(KINDS))
    for kind in KINDS:
        refused = {why: n for (one, why, _), n in planner.refused.items() if one == kind}
        print(f"{name} {kind}: {planner.done[kind]} done, refused {refused or 'none'}")
        assert set(refused) - {"none to do"} <= OF_THE_GROUND[kind]
