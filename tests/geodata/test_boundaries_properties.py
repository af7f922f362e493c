"""Any sequence of operations keeps a valid coverage, and taking all of them back is the start."""

import numpy as np
import pytest
import shapely
from coverages import cells, check, images, outline_of, places
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata import boundaries
from geodata.border_errors import BorderError
from geodata.units import locate

share = st.floats(0.02, 0.98)
bend = st.floats(-0.6, 0.6)
pick = st.integers(0, 10_000)
move = st.tuples(st.just("move"), pick, st.lists(st.tuples(share, bend), min_size=0, max_size=5))
split = st.tuples(st.just("split"), pick, st.tuples(share, share, bend))
merge = st.tuples(st.just("merge"), pick, st.none())
hand = st.tuples(st.just("hand"), pick, st.tuples(share, share))
vertex = st.tuples(st.just("vertex"), pick, st.tuples(bend, bend))
sequences = st.lists(st.one_of(move, split, merge, hand, vertex), min_size=1, max_size=14)


def course(arc, points):
    """A line from end to end of an arc, bent at shares of its length."""
    old = shapely.get_coordinates(arc.geometry)
    first, last = old[0], old[-1]
    along = last - first
    across = np.array([-along[1], along[0]])
    inner = [first + where * along + aside * across for where, aside in sorted(points)]
    return shapely.LineString([first, *inner, last])


def attempt(frame, operation, number, homes):
    """Do one operation; None where the ground refuses it, which must leave everything alone."""
    kind, which, how = operation
    before = images(frame)
    try:
        return done(frame, kind, which, how, number, homes)
    except BorderError:
        assert images(frame) == before
        return None


def done(frame, kind, which, how, number, homes):
    arcs = boundaries.arcs(frame)
    shared = arcs[arcs["movable"]]
    arc = shared.iloc[which % len(shared)] if len(shared) else None
    key = frame.index[which % len(frame)]
    if kind == "split":
        west, south, east, north = frame.geometry[key].bounds
        low, high, aside = how
        middle = (low + high) / 2 + aside * 0.2
        line = shapely.LineString(
            [
                (west + low * (east - west), south - 0.1 * (north - south)),
                (west + middle * (east - west), (south + north) / 2),
                (west + high * (east - west), north + 0.1 * (north - south)),
            ]
        )
        return boundaries.split(frame, key, line, f"n{number}", homes)
    if arc is None:
        return None
    if kind == "vertex":
        points = shapely.get_coordinates(arc.geometry)
        west, south, east, north = arc.geometry.bounds
        place = points[which % len(points)]
        step = np.array(how) * max(east - west, north - south)
        return boundaries.move_vertex(frame, place, place + step)
    if kind == "move":
        return boundaries.move_edge(frame, arc, course(arc, how))
    if kind == "merge":
        return boundaries.merge(frame, [arc.left, arc.right], arc.left)
    west, south, east, north = frame.geometry[arc.right].bounds
    block = shapely.box(
        west, south, west + how[0] * (east - west), south + how[1] * (north - south)
    )
    return boundaries.hand_over(frame, [block], arc.left)


def keeps_a_valid_coverage(seed, operations):
    frame = cells(14, seed)
    outline, homes = outline_of(frame), places(frame, 300, seed)
    start = images(frame)
    taken_back = []
    for number, operation in enumerate(operations):
        change = attempt(frame, operation, number, homes)
        if change is None:
            continue
        check(change.grids, outline, homes)
        taken_back.append((change.inverse, images(frame)))
        frame = change.grids
    for inverse, before in reversed(taken_back):
        frame = inverse.apply(frame)
        assert images(frame) == before
    assert images(frame) == start


SLOW = [HealthCheck.too_slow]


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW, derandomize=True)
@given(seed=st.integers(0, 50), operations=sequences)
def test_any_sequence_of_operations_and_all_of_them_back(seed, operations):
    keeps_a_valid_coverage(seed, operations)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=1000, deadline=None, suppress_health_check=SLOW)
@given(seed=st.integers(0, 10_000), operations=sequences)
def test_a_thousand_sequences_of_operations_and_all_of_them_back(seed, operations):
    keeps_a_valid_coverage(seed, operations)


@settings(max_examples=20, deadline=None, suppress_health_check=SLOW, derandomize=True)
@given(seed=st.integers(0, 50), operations=sequences)
def test_arcs_hold_every_border_once(seed, operations):
    frame = cells(10, seed)
    homes = places(frame, 50, seed)
    for number, operation in enumerate(operations):
        change = attempt(frame, operation, number, homes)
        frame = frame if change is None else change.grids
    arcs = boundaries.arcs(frame)
    assert arcs.index.is_unique
    # every grid's border is that of its arcs, inner ones counted on both sides
    for key, shape in frame.geometry.items():
        mine = arcs[(arcs["left"] == key) | (arcs["right"] == key)]
        assert abs(shapely.length(mine.geometry.array).sum() - shape.length) < 1e-9 * shape.length
    # and those about some grids are the same arcs, whatever else is looked at
    some = list(frame.index[:2])
    about = boundaries.arcs(frame, only=some)
    wanted = arcs[arcs["left"].isin(some) | arcs["right"].isin(some)]
    assert set(about.index) == set(wanted.index)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(seed=st.integers(0, 50), which=pick, points=st.lists(st.tuples(share, bend), max_size=5))
def test_what_one_grid_gives_the_other_gets(seed, which, points):
    frame = cells(14, seed)
    homes = places(frame, 300, seed)
    arcs = boundaries.arcs(frame)
    shared = arcs[arcs["movable"]]
    arc = shared.iloc[which % len(shared)]
    try:
        change = boundaries.move_edge(frame, arc, course(arc, points))
    except BorderError:
        return
    both = [arc.left, arc.right]
    before, after = (
        shapely.area(grids.geometry.loc[both].array).sum() for grids in (frame, change.grids)
    )
    assert abs(before - after) <= 1e-12 * before
    owner = locate(homes, np.asarray(change.grids.geometry.array, dtype=object))
    others = [key for key in frame.index if key not in both]
    assert images(frame.loc[others]) == images(change.grids.loc[others])
    assert len(owner) == len(homes)
