"""Outlines laid over communities: an answer that holds, or a refusal that names its place."""

from __future__ import annotations

import random
from collections import Counter

import geopandas as gpd
import pytest
import shapely

from geodata.border_errors import BorderError
from geodata.overlays import laid_over, site_of, site_over

COMMUNITIES = gpd.GeoDataFrame(
    geometry=[shapely.box(114.40, 30.50, 114.41, 30.51), shapely.box(114.41, 30.50, 114.42, 30.51)],
    index=["west", "east"],
    crs="EPSG:4326",
)
OTHERS = gpd.GeoDataFrame(
    geometry=[shapely.box(114.402, 30.502, 114.405, 30.505)], index=["n1"], crs="EPSG:4326"
)


def wild(chance: random.Random) -> shapely.Polygon:
    size = chance.choice([1e-9, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2])
    x, y = 114.395 + chance.random() * 0.03, 30.495 + chance.random() * 0.02
    points = [
        (x + chance.uniform(-size, size), y + chance.uniform(-size, size))
        for _ in range(chance.randrange(3, 9))
    ]
    if chance.random() < 0.3:
        points = [(round(a, 4), round(b, 4)) for a, b in points]
    return shapely.Polygon(points)


def test_wild_outlines_are_laid_whole_or_refused_with_a_place() -> None:
    chance = random.Random(1)  # noqa: S311 - chance that can be repeated
    kinds: Counter[str] = Counter()
    placeless = 0
    for _ in range(800):
        outline = wild(chance)
        ways = [laid_over, *([site_over] if outline.is_valid and outline.area else [])]
        for way in ways:
            try:
                laid = way(outline, COMMUNITIES, OTHERS)
            except BorderError as error:
                kinds[error.kind] += 1
                placeless += error.place is None
                continue
            kinds["laid"] += 1
            assert laid.shape.is_valid
            assert laid.shape.area > 0
            assert COMMUNITIES.geometry[laid.community].buffer(1e-9).contains(laid.shape)
            assert laid.shape.intersection(OTHERS.geometry["n1"]).area < 1e-12
    assert placeless == 0
    assert set(kinds) == {"laid", "crosses_itself", "outside", "empty", "sliver", "overlap"}


def test_most_of_it_says_which_community_and_a_pen_over_the_edge_is_told() -> None:
    over = shapely.box(114.408, 30.506, 114.41001, 30.508)  # a metre into the eastern one
    laid = laid_over(over, COMMUNITIES, OTHERS)
    assert laid.community == "west"
    assert laid.trimmed_m2 == pytest.approx(0.96 * 222, rel=0.02)
    with pytest.raises(BorderError, match="leaves its community") as refused:
        laid_over(shapely.box(114.408, 30.506, 114.4105, 30.508), COMMUNITIES, OTHERS)
    assert refused.value.place is not None
    assert refused.value.place[0] == pytest.approx(114.41025, abs=1e-4)


def test_a_site_runs_around_its_buildings_and_fills_what_lies_between() -> None:
    houses = [
        shapely.box(114.4150 + 0.0003 * n, 30.505, 114.4151 + 0.0003 * n, 30.5052) for n in range(4)
    ]
    site = site_of(houses, COMMUNITIES.crs)
    assert site.geom_type == "Polygon"
    assert all(site.contains(house) for house in houses)
    far = [houses[0], shapely.box(114.418, 30.508, 114.4181, 30.5082)]
    assert all(site_of(far, COMMUNITIES.crs).contains(house) for house in far)
    assert site_over(site, COMMUNITIES, OTHERS).community == "east"
