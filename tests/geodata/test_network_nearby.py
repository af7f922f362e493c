"""The nearest line by samples is the nearest line."""

import numpy as np
import pytest
import shapely

from geodata.nearby import Lines


def laid(lines):
    """Return the vertices of lines end to end and where each line starts."""
    counts = [len(line) for line in lines]
    return np.vstack(lines).astype(float), np.concatenate([[0], np.cumsum(counts)])


def plain(lines, points, max_metres):
    away = np.array([shapely.distance(shapely.linestrings(line), points) for line in lines])
    least = away.min(axis=0)
    first = (away <= least + 1e-6).argmax(axis=0)
    near = least <= max_metres
    return np.where(near, first, -1), np.where(near, least, np.inf)


@pytest.mark.parametrize("seed", range(6))
def test_short_and_long_lines(seed):
    chance = np.random.default_rng(seed)
    lines = []
    for _ in range(250):
        steps = chance.normal(0, chance.choice([0.5, 10, 150]), (chance.integers(1, 4), 2))
        lines.append(chance.uniform(0, 600, 2) + np.vstack([[0, 0], np.cumsum(steps, axis=0)]))
    points = chance.uniform(-300, 900, (2_000, 2))
    line, metres = Lines(*laid(lines)).nearest(points, 120.0)
    want, least = plain(lines, shapely.points(points), 120.0)
    assert (line == want).all()
    assert metres == pytest.approx(least, abs=1e-9)
    assert (line == -1).any()


def test_a_long_line_hides_behind_many_short_ones():
    # the samples of the long line are 20 m away, those of thirty short ones 10 m
    short = [[(x / 10, 10), (x / 10 + 0.05, 10)] for x in range(-15, 15)]
    lines = [[(-20, 1), (20, 1)], [(20, 1), (60, 1)], *short]
    line, metres = Lines(*laid(lines)).nearest(np.array([[20.0, 0.0], [0.3, 4.0]]), 200.0)
    assert line.tolist() == [0, 0]
    assert metres.tolist() == [1.0, 3.0]


def test_lines_at_one_distance_and_lines_of_no_length():
    lines = [[(0, 50), (9, 50)], [(0, 0), (10, 0)], [(10, 0), (0, 0)], [(5, 0), (5, 0)]]
    line, metres = Lines(*laid(lines)).nearest(np.array([[5.0, 2.0], [5.0, 25.0]]), 200.0)
    assert line.tolist() == [1, 0]
    assert metres.tolist() == [2.0, 25.0]


def test_no_lines_and_no_points():
    nothing = Lines(np.empty((0, 2)), np.array([0]))
    assert nothing.nearest(np.array([[0.0, 0.0]]), 9.0)[0].tolist() == [-1]
    some = Lines(*laid([[(0, 0), (9, 0)]]))
    assert some.nearest(np.empty((0, 2)), 9.0)[0].tolist() == []
