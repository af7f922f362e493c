"""One straight street for evacuation tests: every figure can be worked out by hand."""

import itertools

import geopandas as gpd
from evacuation_towns import CRS
from shapely import LineString, Point, box

# One straight street from west to east, 100 m between junctions; y is north.


def street(*xs, y=0.0, **columns):
    lines = [LineString([(a, y), (b, y)]) for a, b in itertools.pairwise(xs)]
    return gpd.GeoDataFrame({"geometry": lines, **columns}, crs=CRS).assign(highway="residential")


def moved(frame):
    return frame.set_geometry(frame.translate(500_000, 3_300_000))


def homes_at(*xy, **columns):
    return gpd.GeoDataFrame(
        {"people": [2] * len(xy), **columns},
        geometry=[Point(500_000 + x, 3_300_000 + y) for x, y in xy],
        crs=CRS,
    )


def places_at(*xy, **columns):
    frame = homes_at(*xy).drop(columns="people").assign(**({"capacity": 10} | columns))
    frame.index = [f"s{number}" for number in range(len(frame))]
    return frame


def area(west, south, east, north):
    return box(500_000 + west, 3_300_000 + south, 500_000 + east, 3_300_000 + north)


LINE = moved(street(0, 100, 200, 300, 400, 500))
