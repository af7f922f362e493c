"""Directions read off a drawn line, and the way that most others meet."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.errors import GeodataError
from geodata.line_steps import turns_along
from geodata.main_ways import main_ways
from geodata.network import Network

X, Y, D = 114.30, 30.50, 0.001


def at(col: float, row: float) -> tuple[float, float]:
    return (round(X + D * col, 7), round(Y + D * row, 7))


def streets(names: bool = True) -> gpd.GeoDataFrame:
    """A lattice of three by three streets, those to the east named."""
    lines, called = [], []
    for k in range(3):
        lines.append(shapely.LineString([at(c, k) for c in range(3)]))
        called.append(f"东西{k}路" if names else None)
        lines.append(shapely.LineString([at(k, r) for r in range(3)]))
        called.append(f"南北{k}路" if names else None)
    return gpd.GeoDataFrame(
        {"highway": "residential", "name": called}, geometry=lines, crs="EPSG:4326"
    )


# door south of the first street, east along it, north, and to a door beside the last one
WAY = shapely.LineString(
    [at(0.5, -0.1), at(0.5, 0), at(1, 0), at(2, 0), at(2, 1), at(2, 1.5), at(2.2, 1.5)]
)


def test_steps_name_the_streets_and_turn_where_the_line_turns() -> None:
    turns = turns_along(WAY, streets(), 600.0)
    assert [(t.step.turn, t.step.name) for t in turns] == [
        ("depart", "东西0路"),
        ("left", "南北2路"),
        ("arrive", None),
    ]
    assert (turns[1].lon, turns[1].lat) == at(2, 0)
    assert turns[0].step.bearing == pytest.approx(90, abs=2)


def test_steps_add_up_to_the_line() -> None:
    turns = turns_along(WAY, streets(), 600.0)
    length = gpd.GeoSeries([WAY], crs="EPSG:4326").to_crs("EPSG:4547").length.iloc[0]
    assert sum(t.step.metres for t in turns) == pytest.approx(length, rel=2e-4)
    assert sum(t.step.seconds for t in turns) == pytest.approx(600.0)
    # the straight leg to the door is the arrival's
    assert turns[-1].step.metres == pytest.approx(0.2 * D * 95_900, rel=0.01)


def test_without_names_a_turn_is_a_step() -> None:
    crossing = shapely.LineString([at(0.5, -0.1), at(0.5, 0), at(1, 0), at(1, 1), at(1, 1.5)])
    turns = turns_along(crossing, streets(names=False), 600.0)
    assert [t.step.turn for t in turns] == ["depart", "left", "arrive"]
    # a corner where no other street leaves is a bend, as for the network
    assert len(turns_along(WAY, streets(names=False), 600.0)) == 2
    assert {t.step.name for t in turns} == {None}


def test_they_are_the_steps_of_the_network() -> None:
    """A route the network finds has the same directions when read off its line."""
    roads = streets()
    network = Network.from_roads(roads, profile="walk")
    route = network.route(shapely.Point(at(0.4, -0.05)), shapely.Point(at(1.7, 2.02)))
    turns = turns_along(route.geometry, roads, route.seconds)
    assert [(t.step.turn, t.step.name) for t in turns] == [(s.turn, s.name) for s in route.steps]
    for mine, theirs in zip(turns, route.steps, strict=True):
        assert mine.step.metres == pytest.approx(theirs.metres, abs=0.5)


def test_a_corner_cut_in_two_is_one_turn() -> None:
    short = 0.0001  # ten metres of slip road between the two streets
    a, b = at(1, 0), (round(X + D + short, 7), round(Y + short, 7))
    north = (b[0], round(Y + D, 7))
    roads = gpd.GeoDataFrame(
        {"highway": ["tertiary", "tertiary_link", "tertiary", "residential"]},
        geometry=[
            shapely.LineString([at(0, 0), a, at(2, 0)]),
            shapely.LineString([a, b]),
            shapely.LineString([(b[0], Y), b, north]),
            shapely.LineString([b, at(2, 0.3)]),
        ],
        crs="EPSG:4326",
    )
    turns = turns_along(shapely.LineString([at(0, 0), a, b, north]), roads, 100.0)
    assert len(turns) == 3
    assert turns[1].step.turn in ("left", "slight_left")


def test_a_line_far_from_every_street_is_one_step() -> None:
    turns = turns_along(
        shapely.LineString([(115.0, 31.0), (115.001, 31.0)]), streets().iloc[:0], 60.0
    )
    assert [t.step.turn for t in turns] == ["depart", "arrive"]


def test_no_length_is_a_fault() -> None:
    with pytest.raises(GeodataError):
        turns_along(shapely.LineString([at(0, 0), at(0, 0)]), streets(), 1.0)


def test_inputs_are_not_changed() -> None:
    roads = streets()
    before = roads.copy()
    turns_along(WAY, roads, 600.0)
    pd.testing.assert_frame_equal(roads, before)


def ways(*lines: list[tuple[float, float]], people: list[int]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"people": people},
        index=range(10, 10 + len(lines)),
        geometry=[shapely.LineString(line) for line in lines],
        crs="EPSG:4326",
    )


def test_the_main_way_is_the_one_most_people_meet() -> None:
    trunk = [at(1, 0), at(2, 0)]
    found = main_ways(
        ways([at(0, 0), *trunk], [at(1, 1), *trunk], trunk, people=[3, 40, 1]),
        pd.Series(["a", "a", "a"], index=[10, 11, 12]),
    )
    assert found.to_dict() == {"a": 11}


def test_each_group_has_its_own_and_ties_go_to_the_lower() -> None:
    line = [at(0, 0), at(1, 0)]
    found = main_ways(
        ways(line, line, [at(0, 1), at(1, 1)], people=[1, 1, 1]),
        pd.Series(["b", "b", "a"], index=[10, 11, 12]),
    )
    assert found.to_dict() == {"a": 12, "b": 10}
    assert list(found.index) == ["a", "b"]


def test_no_ways_give_none() -> None:
    assert main_ways(ways(people=[]), pd.Series(dtype=object)).empty
