"""How many people an hour a street lets pass: figures, their sources, and a county's own."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString

from geodata import road_capacity
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.road_capacity import Rates, capacity


def network(*highways, profile="walk", **columns):
    lines = [LineString([(500_000 + 100 * at, 0), (500_100 + 100 * at, 0)]) for at in range(9)]
    roads = gpd.GeoDataFrame(
        {"highway": highways, **columns}, geometry=lines[: len(highways)], crs="EPSG:4546"
    )
    return Network.from_roads(roads.set_index(pd.Index(range(40, 40 + len(highways)))), profile)


def test_on_foot_the_width_counts_and_stairs_let_fewer_pass():
    walk = network("residential", "path", "steps", "corridor")
    found = capacity(walk)
    # two edges a street, one for each direction
    assert found.tolist() == [7200, 7200, 2400, 2400, 2400, 2400, 2400, 2400]
    assert found.index.tolist() == list(range(8))
    # 1.5 m of stairs pass as many as 1 m of path: 1,600 and 2,400 a metre


def test_by_vehicle_lanes_count_and_who_sits_in_them():
    drive = network("primary", "residential", profile="drive", oneway=[1, 0])
    # 700 an hour in ordinary traffic, 600 while all leave
    assert capacity(drive).tolist() == [2 * 600 * 3, 400 * 3, 400 * 3]
    assert capacity(drive, Rates(occupancy=1.5)).tolist() == [1800, 600, 600]
    assert capacity(drive, Rates(most_vehicles=900)).tolist() == [2 * 700 * 3, 1200, 1200]


def test_what_is_known_of_a_road_stands_before_its_class():
    walk = network("residential", "residential", "residential", "residential")
    known = pd.DataFrame(
        {"width_m": [2.0, None, 9.0], "per_hour": [None, 420.0, 500.0]}, index=[41, 42, 43]
    )
    found = capacity(walk, roads=known)
    assert found.tolist() == [7200, 7200, 4800, 4800, 420, 420, 500, 500]
    drive = network("residential", "residential", profile="drive")
    lanes = pd.DataFrame({"lanes": [3]}, index=[41])
    assert capacity(drive, roads=lanes).tolist() == [1200, 1200, 3600, 3600]


def test_closed_streets_keep_their_place():
    walk = network("residential", "path")
    closed = walk.close(walk.edges.geometry.iloc[0].buffer(1))
    assert capacity(closed).tolist() == capacity(walk).tolist()


def test_every_figure_has_a_source_or_says_that_it_has_none():
    listed = road_capacity.sources()
    assert listed.source.str.len().gt(0).all()
    figures = set(listed.figure)
    assert {f"widths.{name}" for name in road_capacity.WALK_WIDTH_M} <= figures
    assert {f"vehicles.{name}" for name in road_capacity.LANE_VEHICLES} <= figures
    assert {f"lanes.{name}" for name in road_capacity.LANES} <= figures
    assert listed.assumed[listed.figure == "widths.path"].item()
    assert not listed.assumed[listed.figure == "walkers_per_metre"].item()
    own = road_capacity.sources(Rates(occupancy=4.0)).set_index("figure")
    assert own.source["occupancy"] == "given by this deployment"
    assert (
        own.source.drop("occupancy") == listed.set_index("figure").source.drop("occupancy")
    ).all()


def test_figures_that_mean_nothing_are_named():
    with pytest.raises(GeodataError, match="occupancy"):
        Rates(occupancy=0)
    with pytest.raises(GeodataError, match=r"widths\.path"):
        Rates(widths={"path": float("nan")})
    walk = network("residential")
    with pytest.raises(GeodataError, match="99"):
        capacity(walk, roads=pd.DataFrame({"width_m": [2.0]}, index=[99]))
    with pytest.raises(GeodataError, match="width_m"):
        capacity(walk, roads=pd.DataFrame({"width_m": [-2.0]}, index=[40]))
    with pytest.raises(GeodataError, match="repeats"):
        capacity(walk, roads=pd.DataFrame({"width_m": [2.0, 3.0]}, index=[40, 40]))
