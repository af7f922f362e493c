"""Points that take no more people than there is room: who is sent on, and who is left."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.assembly import Options
from geodata.assembly_rooms import shared
from geodata.errors import GeodataError
from geodata.network import Network

CRS = "EPSG:32650"
WEST, NORTH = 500_000.0, 3_000_000.0


def at(x: float, y: float) -> shapely.Point:
    return shapely.Point(WEST + x, NORTH + y)


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(WEST + x, NORTH + y) for x, y in points])


@pytest.fixture
def town() -> tuple[Network, gpd.GeoDataFrame, gpd.GeoDataFrame, shapely.Polygon, gpd.GeoDataFrame]:
    """One street out of a hazard to the east, with two places beside it and a shelter behind."""
    roads = gpd.GeoDataFrame(
        {"highway": ["residential"]}, geometry=[line((0, 0), (1500, 0))], crs=CRS
    )
    homes = gpd.GeoDataFrame(
        {"people": [3, 3, 3, 3]},
        geometry=[at(100 * k, 0) for k in range(1, 5)],
        index=[11, 12, 13, 14],
        crs=CRS,
    )
    places = gpd.GeoDataFrame(
        {"name": ["near", "far"]}, geometry=[at(600, 0), at(700, 0)], index=[1, 2], crs=CRS
    )
    shelters = gpd.GeoDataFrame({"capacity": [50]}, geometry=[at(1400, 0)], index=[7], crs=CRS)
    hazard = shapely.box(WEST - 50, NORTH - 50, WEST + 500, NORTH + 50)
    return Network.from_roads(roads, "walk"), homes, places, hazard, shelters


def shelter(homes: gpd.GeoDataFrame) -> "pd.Series[int]":
    return pd.Series(7, index=homes.index)


def test_a_full_point_keeps_the_nearest_and_sends_the_others_on(town) -> None:  # type: ignore[no-untyped-def]
    network, homes, places, hazard, shelters = town
    found = shared(network, homes, places, hazard, shelters, shelter(homes), most=6)
    met = found.assignment["point"]
    assert met.notna().all()
    assert sorted(met.value_counts().tolist()) == [2, 2]
    assert found.points["people"].tolist() == [6, 6]
    first = met.loc[[13, 14]].unique()
    assert len(first) == 1, "those nearest to a point share it"
    assert not len(found.left)


def test_who_finds_every_point_full_is_listed_with_that_reason(town) -> None:  # type: ignore[no-untyped-def]
    network, homes, places, hazard, shelters = town
    found = shared(network, homes, places, hazard, shelters, shelter(homes), most=3)
    assert found.points["people"].tolist() == [3, 3]
    assert found.left["reason"].tolist() == ["full", "full"]
    assert found.left["people"].sum() + found.points["people"].sum() == 12


def test_the_slow_meet_nearer_or_nowhere(town) -> None:  # type: ignore[no-untyped-def]
    """At 2.5 km/h 500 m take twelve minutes, at the usual 5 km/h six."""
    network, homes, places, hazard, shelters = town
    slow = homes.assign(walk_kmh=[2.5, np.nan, np.nan, np.nan])
    limit = Options(walk_seconds=420.0)
    quick = shared(network, homes, places, hazard, shelters, shelter(homes), None, limit, most=50)
    assert quick.assignment["seconds"].loc[11] == pytest.approx(500 / (5 / 3.6), rel=1e-3)
    late = shared(network, slow, places, hazard, shelters, shelter(homes), None, limit, most=50)
    assert late.left.to_dict("index") == {11: {"reason": "too_far", "people": 3}}


def test_a_point_for_nobody_is_refused(town) -> None:  # type: ignore[no-untyped-def]
    network, homes, places, hazard, shelters = town
    with pytest.raises(GeodataError, match="most"):
        shared(network, homes, places, hazard, shelters, shelter(homes), most=0)
