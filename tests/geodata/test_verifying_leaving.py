"""The checker of how people leave: silent on what is right, red on every altered figure."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.verifying_evacuation_leaving import Leaving, verify_leaving

CRS = "EPSG:32650"
WEST, NORTH = 500_000.0, 3_000_000.0
HAZARD = shapely.box(WEST - 50, NORTH - 50, WEST + 500, NORTH + 50)
BLOCKED = shapely.box(WEST + 800, NORTH - 50, WEST + 900, NORTH + 50)
HOMES = 60


def at(x: float, y: float) -> shapely.Point:
    return shapely.Point(WEST + x, NORTH + y)


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(WEST + x, NORTH + y) for x, y in points])


ROADS = gpd.GeoDataFrame(
    {"highway": ["path"]}, geometry=[line((0, 0), (300, 0), (600, 0), (1500, 0))], crs=CRS
)


def town() -> tuple[gpd.GeoDataFrame, Leaving]:
    """Sixty households of ten on a path that lets 2,400 an hour pass: 400 in ten minutes."""
    homes = gpd.GeoDataFrame(
        {
            "people": 10,
            "walk_kmh": np.nan,
            "needs_vehicle": [True] + [False] * (HOMES - 1),
            "group": pd.array([1, 1] + [None] * (HOMES - 2), dtype="Int64"),
        },
        geometry=[at(100, 0)] * HOMES,
        index=pd.RangeIndex(1, HOMES + 1),
        crs=CRS,
    )
    wave = pd.Series([1] * 40 + [2] * 20, index=homes.index)
    rows = pd.DataFrame(
        {
            "wave": wave,
            "departs": (wave - 1) * 600.0,
            "travel": ["vehicle"] + ["walk"] * (HOMES - 1),
            "point": pd.array([None] + [1] * (HOMES - 1), dtype="Int64"),
            "walk": [np.nan] + [360.0] * (HOMES - 1),
        },
        index=homes.index,
    )
    points = gpd.GeoDataFrame(
        {"households": [59], "people": [590], "longest_seconds": [360.0]},
        geometry=[at(600, 0)],
        index=[1],
        crs=CRS,
    )
    ways = gpd.GeoDataFrame(
        geometry=[line((100, 0), (300, 0), (600, 0), (1200, 0))] * HOMES, index=homes.index, crs=CRS
    )
    stops = pd.DataFrame({"vehicle": [5], "tour": [1], "reason": [None]}, index=[1])
    vehicles = pd.DataFrame({"seats": [8], "wheelchairs": [2]}, index=[5])
    given = Leaving(
        rows, points, ways, stops, vehicles, 900.0, 600.0, 600.0, None, frozenset({1, 2})
    )
    return homes, given


def found(homes: gpd.GeoDataFrame, given: Leaving) -> set[str]:
    return {one.message for one in verify_leaving(ROADS, homes, HAZARD, BLOCKED, given)}


def test_what_is_right_is_silent() -> None:
    assert found(*town()) == set()


def cell(given: Leaving, name: str, label: int, value: object) -> Leaving:
    rows = given.rows.copy()
    rows.loc[label, name] = value
    return replace(given, rows=rows)


def moved(given: Leaving, place: shapely.Point) -> Leaving:
    return replace(given, points=given.points.set_geometry([place], crs=CRS))


ALTERED = {
    "the assembly point is in the hazard": lambda given: moved(given, at(400, 0)),
    "the assembly point is in what is blocked": lambda given: moved(given, at(850, 0)),
    "farther than the limit": lambda given: replace(given, walk_seconds=300.0),
    "shorter than the straight line": lambda given: cell(given, "walk", 9, 100.0),
    "not a time": lambda given: cell(given, "walk", 9, np.nan),
    "no such assembly point": lambda given: cell(given, "point", 9, 4),
    "more people than meet at one point": lambda given: replace(given, most=500.0),
    "not those who meet there": lambda given: replace(
        given, points=given.points.assign(people=[580])
    ),
    "nobody was to meet": lambda given: replace(given, walk_seconds=None),
    "cannot walk": lambda given: cell(given, "travel", 1, "walk"),
    "walks to no point": lambda given: cell(given, "travel", 1, "walk_then_vehicle"),
    "no stop": lambda given: replace(given, stops=None),
    "a stop": lambda given: replace(
        given, stops=pd.concat([given.stops, given.stops.set_axis([7])])
    ),
    "more people than seats": lambda given: replace(
        given, vehicles=given.vehicles.assign(seats=[7])
    ),
    "not the wave of its departure": lambda given: cell(given, "wave", 50, 3),
    "not that of the group": lambda given: cell(given, "departs", 2, 600.0),
    "more people than one wave takes": lambda given: replace(given, per_wave=300.0),
    "no such household": lambda given: replace(
        given, rows=given.rows.rename(index={9: 999}), ways=given.ways.rename(index={9: 999})
    ),
}


@pytest.mark.parametrize("message", sorted(ALTERED))
def test_each_alteration_is_found(message: str) -> None:
    homes, given = town()
    assert message in found(homes, ALTERED[message](given))


def test_more_at_once_than_the_street_takes_is_found() -> None:
    """Called together 600 people come to a path that lets 400 pass in the first ten minutes."""
    homes, given = town()
    together = replace(given, rows=given.rows.assign(wave=1, departs=0.0))
    assert found(homes, together) == {"more people than the street takes"}


def test_those_who_do_not_choose_a_wave_do_not_fill_it() -> None:
    homes, given = town()
    together = given.rows.assign(wave=1, departs=0.0)
    settled = replace(given, rows=together, settled=frozenset(range(1, 41)))
    assert found(homes, settled) == set()
