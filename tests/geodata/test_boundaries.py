"""Operations on borders: what each does, and what it refuses, with the place."""

import numpy as np
import pytest
import shapely
from coverages import check, images, line, outline_of, places, squares
from towns import Town

from geodata import boundaries
from geodata.border_errors import BorderError
from geodata.errors import GeodataError
from geodata.units import Site, locate


@pytest.fixture
def town():
    return squares(3, 2)


def between(frame, left, right):
    arcs = boundaries.arcs(frame)
    return arcs[(arcs["left"] == left) & (arcs["right"] == right)].iloc[0]


def refusal(kind, operation):
    with pytest.raises(BorderError) as caught:
        operation()
    assert caught.value.kind == kind
    return caught.value


def test_arcs_run_from_junction_to_junction(town):
    arcs = boundaries.arcs(town)
    assert len(arcs) == 17 - 4  # 17 sides of squares; the four corners join two of them each
    assert arcs["movable"].sum() == 7
    assert (arcs.loc[arcs["movable"], "metres"].between(95, 105)).all()
    arc = between(town, "g00", "g01")
    # the left grid lies on its left
    start, end = shapely.get_coordinates(arc.geometry)[[0, -1]]
    inner = shapely.get_coordinates(town.geometry["g00"].centroid)[0]
    along, aside = end - start, inner - start
    assert along[0] * aside[1] - along[1] * aside[0] > 0
    assert boundaries.sides(arc.name) == ("g00", "g01")


def test_moved_edge_changes_both_and_nobody_else(town):
    arc = between(town, "g00", "g01")
    start, end = shapely.get_coordinates(arc.geometry)[[0, -1]]
    bend = (start + end) / 2 + (2e-4, 0)
    change = boundaries.move_edge(town, arc, shapely.LineString([end, bend, start]))
    assert set(change.changed) == {"g00", "g01"}
    assert (change.noded, change.removed) == ((), ())
    check(change.grids, outline_of(town), places(town, 200, 0))
    assert change.grids.geometry["g00"].area > town.geometry["g00"].area
    assert images(change.inverse.apply(change.grids)) == images(town)


def test_ends_within_a_metre_are_taken_to_the_junction(town):
    arc = between(town, "g00", "g01")
    start, end = shapely.get_coordinates(arc.geometry)[[0, -1]]
    bend = (start + end) / 2 + (2e-4, 0)
    near = shapely.LineString([start + 4e-6, bend, end - 4e-6])
    change = boundaries.move_edge(town, arc, near)
    moved = between(change.grids, "g00", "g01")
    assert shapely.get_coordinates(moved.geometry)[[0, -1]].tolist() == [
        start.tolist(),
        end.tolist(),
    ]


def test_lines_that_cannot_be_borders(town):
    arc = between(town, "g00", "g01")
    start, end = shapely.get_coordinates(arc.geometry)[[0, -1]]
    middle = (start + end) / 2

    def move(*points):
        return lambda: boundaries.move_edge(town, arc, shapely.LineString(points))

    crossing = refusal(
        "crosses_itself",
        move(start, middle + (3e-4, 2e-4), middle + (3e-4, -2e-4), middle + (1e-4, 2e-4), end),
    )
    assert np.hypot(*(np.array(crossing.place) - middle)) < 1e-3
    assert refusal("ends_elsewhere", move(start, middle)).place == pytest.approx(end.tolist())
    left = refusal("leaves", move(start, middle + (0, -2e-3), middle + (1e-4, 0), end))
    assert left.place[1] < start[1]
    corners = shapely.get_coordinates(town.geometry["g01"])
    corner = corners[np.argmax(corners.sum(axis=1))]
    refusal("touches_outside", move(start, corner, middle + (1e-4, 0), end))
    refusal("not_a_line", lambda: boundaries.move_edge(town, arc, shapely.Point(start)))
    refusal("not_a_line", move(start, start))
    scribble = np.column_stack(
        [np.linspace(start[0], end[0], 10_001), np.linspace(start[1], end[1], 10_001)]
    )
    refusal("too_many_points", move(*scribble))
    outside = boundaries.arcs(town)
    outside = outside[~outside["movable"]].iloc[0]
    refusal("not_movable", lambda: boundaries.move_edge(town, outside, outside.geometry))


def test_no_grid_is_left_as_a_strip(town):
    arc = between(town, "g00", "g01")
    start, end = shapely.get_coordinates(arc.geometry)[[0, -1]]
    west = town.geometry["g00"].bounds[0]
    strip = shapely.LineString(
        [start, (west + 3e-6, start[1] + 1e-6), (west + 3e-6, end[1] - 1e-6), end]
    )
    assert refusal("sliver", lambda: boundaries.move_edge(town, arc, strip)).place is not None


def test_split_along_a_line(town):
    homes = places(town, 300, 1)
    change = boundaries.split(town, "g00", line(town, (0.1, -0.2), (0.1, 0.7)), "new", homes)
    assert set(change.changed) == {"g00", "new"}
    assert change.noded == ("g03",)  # a point on its border, no other ground
    check(change.grids, outline_of(town), homes)
    # the side with more households keeps the key
    owner = locate(homes, np.asarray(change.grids.geometry.array, dtype=object))
    count = dict(zip(change.grids.index, np.bincount(owner, minlength=7), strict=True))
    assert count["g00"] > count["new"]
    assert change.grids.at["new", "community"] == "A"
    assert images(change.inverse.apply(change.grids)) == images(town)


def test_splits_that_are_none(town):
    def split(*points, key="g00"):
        return lambda: boundaries.split(town, key, line(town, *points), "new")

    refusal("misses", split((0.8, 0.8), (0.9, 0.9)))
    refusal("ends_elsewhere", split((0.1, -0.1), (0.1, 0.25)))
    back = ((0.1, -0.1), (0.1, 0.15), (-0.1, 0.15), (-0.1, 0.35), (0.1, 0.35), (0.1, 0.7))
    refusal("leaves", split(*back))
    refusal("crosses_itself", split((0.1, -0.1), (0.2, 0.3), (0.05, 0.3), (0.2, 0.2), (0.1, 0.7)))
    refusal("sliver", split((0.001, -0.1), (0.001, 0.7)))
    refusal("no_such_grid", split((0.1, -0.1), (0.1, 0.7), key="g99"))
    # along the border itself
    refusal("misses", split((0, 0), (0, 0.5)))


def test_split_of_a_grid_with_a_hole():
    frame = squares(1, 1)
    west, south, east, north = frame.total_bounds
    step = (east - west) / 4
    island = shapely.box(west + step, south + step, east - step, north - step)
    frame.loc["isle"] = {"geometry": island, "community": "A"}
    frame.loc["g00", "geometry"] = frame.geometry["g00"].difference(island)
    # a closed border without a junction can be moved as a ring
    arcs = boundaries.arcs(frame)
    ring = arcs[arcs["movable"]].iloc[0]
    assert ring.geometry.is_ring
    smaller = shapely.Polygon(shapely.get_coordinates(ring.geometry)).buffer(-step / 4)
    change = boundaries.move_edge(frame, ring, smaller.exterior)
    check(change.grids, outline_of(frame), places(frame, 50, 0))
    # from outside to the hole does not part it
    cut = shapely.LineString(
        [(west - step, south + 1.5 * step), (west + 1.5 * step, south + 1.5 * step)]
    )
    refusal("does_not_part", lambda: boundaries.split(frame, "g00", cut, "new"))


def test_split_into_equal_parts_cuts_no_building():
    town = Town(blocks=4, seed=3, per_block=60)
    frame = squares(1, 1).iloc[:1].to_crs(town.roads.crs)
    frame = frame.set_geometry([town.outline])
    homes = np.asarray(town.households.geometry.array, dtype=object)
    walls = np.asarray(town.buildings.geometry.array, dtype=object)
    site = Site(None, homes, walls, town.roads.crs)
    change = boundaries.divide(frame, "g00", 3, ["n1", "n2"], site, town.roads)
    shapes = np.asarray(change.grids.geometry.array, dtype=object)
    assert len(shapes) == 3
    assert shapely.coverage_is_valid(shapes)
    count = np.bincount(locate(homes, shapes))
    assert (np.abs(count / count.mean() - 1) <= 0.4).all()
    assert not shapely.crosses(walls[:, None], shapely.boundary(shapes)[None]).any()
    for parts in (1, 51, 10**6):
        with pytest.raises(BorderError):
            boundaries.divide(frame, "g00", parts, [], site, town.roads)


def test_merge_keeps_to_one_community_and_one_piece(town):
    change = boundaries.merge(town, ["g00", "g01", "g04"], "g01")
    assert (set(change.removed), change.changed) == ({"g00", "g04"}, ("g01",))
    check(change.grids, outline_of(town), places(town, 100, 0))
    assert images(change.inverse.apply(change.grids)) == images(town)
    # corner to corner is no border
    assert refusal("apart", lambda: boundaries.merge(town, ["g00", "g04"], "g00")).place
    refusal("apart", lambda: boundaries.merge(town, ["g00", "g02"], "g00"))
    refusal("wrong_number", lambda: boundaries.merge(town, ["g00", "g00"], "g00"))
    refusal("no_such_grid", lambda: boundaries.merge(town, ["g00", "g77"], "g00"))
    town.loc["g01", "community"] = "B"
    refusal("other_community", lambda: boundaries.merge(town, ["g00", "g01"], "g00"))


def test_hand_over_follows_the_edges_of_blocks(town):
    west, south, east, north = town.geometry["g01"].bounds
    block = shapely.box(west, south, (west + east) / 2, north)
    change = boundaries.hand_over(town, [block], "g00")
    assert set(change.changed) == {"g00", "g01"}
    check(change.grids, outline_of(town), places(town, 100, 0))
    assert change.grids.geometry["g00"].covers(block.centroid)
    assert images(change.inverse.apply(change.grids)) == images(town)
    again = change.grids
    refusal("nothing_to_do", lambda: boundaries.hand_over(again, [block], "g00"))
    whole = town.geometry["g01"]
    refusal("empty", lambda: boundaries.hand_over(town, [whole], "g00"))
    refusal(
        "apart", lambda: boundaries.hand_over(town, [town.geometry["g02"].buffer(-1e-4)], "g00")
    )
    middle = shapely.box(west, south + (north - south) * 0.3, east, south + (north - south) * 0.6)
    assert refusal("pieces", lambda: boundaries.hand_over(town, [middle], "g00")).place
    refusal("wrong_number", lambda: boundaries.hand_over(town, [], "g00"))
    town.loc["g01", "community"] = "B"
    refusal("other_community", lambda: boundaries.hand_over(town, [block], "g00"))


def test_a_block_across_a_moved_border_goes_whole(town):
    west, south, east, north = town.geometry["g01"].bounds
    across = shapely.box(west - 2e-4, south, west + 2e-4, north)
    taken = boundaries.hand_over(town, [across], "g01")
    assert taken.grids.geometry["g01"].covers(across.intersection(town.geometry["g00"]).centroid)
    check(taken.grids, outline_of(town), places(town, 100, 0))


def test_a_fault_is_a_geodata_error_with_words_and_place(town):
    error = refusal(
        "misses", lambda: boundaries.split(town, "g00", line(town, (2, 2), (3, 3)), "n")
    )
    assert isinstance(error, GeodataError)
    assert f"near {error.place[0]:.6f}, {error.place[1]:.6f}" in str(error)
