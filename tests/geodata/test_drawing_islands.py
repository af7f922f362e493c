"""Islands and small mountain settlements, as the rules for them say."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from towns import EAST, NORTH, ZONE, Town

from geodata.districting import Rare, draw_grids
from geodata.topology import find_faults


def box(west, south, east, north):
    """Blocks of 200 m, from the south-west."""
    return shapely.box(*(np.array([west, south, east, north]) * 200 + [EAST, NORTH] * 2))


def lake_town(homes):
    """A lake with an island of one block; as many homes are left on it."""
    town = Town(7)
    island, lake = box(3, 3, 4, 4), box(2, 2, 5, 5)
    water = shapely.difference(lake, island)
    wet = shapely.buffer(lake, 1).difference(shapely.buffer(island, -1))
    town.roads = town.roads[~town.roads.within(shapely.buffer(lake, -1))]
    town.buildings = town.buildings[~town.buildings.intersects(wet)]
    inside = town.households[town.households.within(island)].iloc[:homes].assign(people=1)
    outside = town.households[~town.households.intersects(lake)]
    town.households = pd.concat([outside, inside], ignore_index=True)
    return town, gpd.GeoDataFrame(geometry=[water], crs=ZONE), island


def drawn(town, water=None, outline=None, rare=None):
    outline = town.outline if outline is None else outline
    grids = draw_grids(
        outline, town.households, town.roads, water, town.buildings, rare=rare or Rare()
    )
    assert find_faults(grids, outline).empty
    assert grids["households"].sum() == len(town.households)
    return grids


def test_an_island_with_fifty_people_has_a_grid_of_its_own():
    town, water, island = lake_town(60)
    grids = drawn(town, water)
    of = grids[grids.intersects(island.centroid)].iloc[0]
    assert of["households"] == 60
    note = {"kind": "island_own", "grids": [of["grid"]], "households": 60, "people": 60}
    assert grids.attrs["notes"] == [note | {"metres": 0}]
    why = grids.attrs["why"][of["grid"]]
    assert (why["reason"], why["whole"]) == ("area_too_small", 60)


def test_a_smaller_island_joins_other_ground_and_says_how_far_it_is():
    town, water, island = lake_town(30)
    grids = drawn(town, water)
    of = grids[grids.intersects(island.centroid)].iloc[0]
    assert of["households"] >= 300
    note = {"kind": "island_joined", "grids": [of["grid"]], "households": 30, "people": 30}
    assert grids.attrs["notes"] == [note | {"metres": 200}]


def test_a_bridge_makes_it_no_island():
    town, water, island = lake_town(60)
    pier = [(EAST + 700, NORTH + 600), (EAST + 700, NORTH + 500), (EAST + 700, NORTH + 400)]
    bridge = gpd.GeoDataFrame(
        {"highway": ["footway", "footway"]},
        geometry=[shapely.LineString(pier[:2]), shapely.LineString(pier[1:])],
        crs=ZONE,
    )
    town.roads = pd.concat([town.roads, bridge], ignore_index=True)
    grids = drawn(town, water)
    assert grids.attrs["notes"] == []
    assert grids[grids.intersects(island.centroid)].iloc[0]["households"] >= 300


@pytest.mark.parametrize(("people", "kind"), [(1, "island_joined"), (2, "island_own")])
def test_an_island_outside_the_outline_s_main_part_counts_by_its_people(people, kind):
    town = Town(4)
    island = shapely.box(EAST + 1000, NORTH + 200, EAST + 1200, NORTH + 400)
    rng = np.random.default_rng(1)
    points = rng.uniform((EAST + 1010, NORTH + 210), (EAST + 1190, NORTH + 390), (40, 2))
    there = gpd.GeoDataFrame({"people": [people] * 40}, geometry=shapely.points(points), crs=ZONE)
    town.households = pd.concat([town.households, there], ignore_index=True)
    outline = shapely.union_all([town.outline, island])
    grids = drawn(town, outline=outline)
    of = grids[grids.intersects(island.centroid)].iloc[0]
    note = {"kind": kind, "grids": [of["grid"]], "households": 40, "people": 40 * people}
    joined = kind == "island_joined"
    assert grids.attrs["notes"] == [note | {"metres": 200 if joined else 0}]
    assert (of["households"] > 40) == joined
    assert (of.geometry.geom_type == "MultiPolygon") == joined
    assert grids.loc[grids["grid"] != of["grid"], "households"].between(300, 500).all()


def hamlets(count, homes):
    """Settlements far from each other, each over the corner of four blocks."""
    town = Town(12)
    rng = np.random.default_rng(3)
    corners = [(x, y) for x in range(2, 12, 3) for y in range(2, 12, 3)][:count]
    points = np.concatenate([rng.normal(0, 25, (homes, 2)) + np.array(c) * 200 for c in corners])
    town.households = gpd.GeoDataFrame(
        {"people": [3] * len(points)}, geometry=shapely.points(points + (EAST, NORTH)), crs=ZONE
    )
    return town, np.repeat(np.arange(count), homes)


def test_a_small_settlement_stays_whole_with_the_ground_around_it():
    town, of = hamlets(16, 14)
    town.buildings = None
    parted = draw_grids(town.outline, town.households, town.roads, minimum=30, maximum=50)
    ruled = draw_grids(
        town.outline, town.households, town.roads, minimum=30, maximum=50, rare=Rare(settlement=15)
    )
    assert parted.attrs["notes"] == []
    assert _torn(parted, town, of) > 0
    assert _torn(ruled, town, of) == 0
    assert find_faults(ruled, town.outline).empty
    assert [note["households"] for note in ruled.attrs["notes"]] == [14] * 16
    assert {note["kind"] for note in ruled.attrs["notes"]} == {"settlement_whole"}
    for note, place in zip(ruled.attrs["notes"], town.households.geometry[::14], strict=True):
        assert ruled.set_index("grid").geometry[note["grids"][0]].intersects(place)


def _torn(grids, town, of):
    """Count the settlements that lie in more than one grid."""
    home, grid = shapely.STRtree(np.asarray(grids.geometry.array)).query(
        np.asarray(town.households.geometry.array), predicate="within"
    )
    return int((pd.Series(grid).groupby(of[home]).nunique() > 1).sum())
