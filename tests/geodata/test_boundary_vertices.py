"""One vertex of shared borders moved: everybody who has it moves along."""

import pytest
import shapely
from coverages import cells, check, images, outline_of, places, squares
from pyproj import CRS

from geodata import boundaries
from geodata.border_errors import BorderError
from geodata.building_ground import ground_of

CRS_ = CRS(4326)


@pytest.fixture
def town():
    return squares(3, 2)


def refusal(kind, operation):
    with pytest.raises(BorderError) as caught:
        operation()
    assert caught.value.kind == kind
    return caught.value


def corner(frame, *keys):
    """The point that some grids share."""
    sets = [set(map(tuple, shapely.get_coordinates(frame.geometry[key]).tolist())) for key in keys]
    (found,) = set.intersection(*sets)
    return found


def shifted(point, east=0.0, north=0.0):
    return (point[0] + east, point[1] + north)


def test_where_four_grids_meet_all_four_move(town):
    meeting = corner(town, "g00", "g01", "g03", "g04")
    homes = places(town, 200, 1)
    # named to a metre, as a finger or seven decimals do
    change = boundaries.move_vertex(town, shifted(meeting, 3e-6), shifted(meeting, 2e-4, 1e-4))
    assert set(change.changed) == {"g00", "g01", "g03", "g04"}
    check(change.grids, outline_of(town), homes)
    assert corner(change.grids, "g00", "g01", "g03", "g04") != meeting
    assert images(change.inverse.apply(change.grids)) == images(town)


def test_vertices_that_stay(town):
    outer = min(map(tuple, shapely.get_coordinates(town.geometry["g00"]).tolist()))
    found = refusal(
        "not_movable", lambda: boundaries.move_vertex(town, outer, shifted(outer, 1e-4))
    )
    assert found.place == pytest.approx(list(outer))
    meeting = corner(town, "g00", "g01", "g03", "g04")
    refusal("nothing_to_do", lambda: boundaries.move_vertex(town, meeting, meeting))
    away = shifted(meeting, 5e-5)
    refusal("no_such_vertex", lambda: boundaries.move_vertex(town, away, meeting))
    refusal("no_such_vertex", lambda: boundaries.move_vertex(town, (float("nan"), 30.0), meeting))
    refusal("not_a_line", lambda: boundaries.move_vertex(town, meeting, (float("inf"), 30.0)))


def test_a_vertex_is_not_taken_past_its_neighbours(town):
    meeting = corner(town, "g00", "g01", "g03", "g04")
    before = images(town)
    found = refusal(
        "crosses_itself", lambda: boundaries.move_vertex(town, meeting, shifted(meeting, 4e-3))
    )
    assert found.place is not None
    assert images(town) == before


def test_a_vertex_between_communities_stays():
    frame = cells(14, 3)
    both = boundaries.arcs(frame)
    community = frame["community"]
    arc = next(
        row
        for row in both[both["movable"]].itertuples()
        if community[row.left] != community[row.right]
    )
    place = shapely.get_coordinates(arc.geometry)[0]
    with pytest.raises(BorderError) as caught:
        boundaries.move_vertex(frame, place, shifted(place, 1e-5))
    assert caught.value.kind in ("other_community", "not_movable")


def test_the_ground_of_a_building_stops_halfway_to_the_next():
    block = shapely.box(114.400, 30.500, 114.402, 30.501)
    west = shapely.box(114.4002, 30.5003, 114.4004, 30.5007)
    east = shapely.box(114.4016, 30.5003, 114.4018, 30.5007)
    (ground,) = ground_of([block], [west], [east], CRS_)
    assert shapely.covers(ground, west)
    assert shapely.disjoint(ground, east)
    assert ground.bounds[2] == pytest.approx(114.4010, abs=1e-5)
    (other,) = ground_of([block], [east], [west], CRS_)
    # what one takes the other leaves, to the width of a wall
    assert shapely.area(shapely.intersection(ground, other)) < 1e-4 * block.area
    assert ground.area + other.area == pytest.approx(block.area, rel=1e-3)


def test_a_block_with_no_other_building_goes_whole():
    block = shapely.box(114.400, 30.500, 114.402, 30.501)
    one = shapely.box(114.4002, 30.5003, 114.4004, 30.5007)
    assert ground_of([block], [one], [], CRS_)[0].equals(block)
    assert not len(ground_of([block], [shapely.box(114.41, 30.5, 114.42, 30.51)], [], CRS_))


def test_buildings_wall_to_wall_part_at_the_wall():
    block = shapely.box(114.400, 30.500, 114.402, 30.501)
    row = [
        shapely.box(114.4002 + n * 4e-4, 30.5003, 114.4006 + n * 4e-4, 30.5007) for n in range(4)
    ]
    (ground,) = ground_of([block], row[:2], row[2:], CRS_)
    for house in row[:2]:
        assert shapely.area(shapely.difference(house, ground)) == 0
    for house in row[2:]:
        assert shapely.area(shapely.intersection(house, ground)) < 1e-6 * house.area
