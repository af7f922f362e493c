"""The demo towns with their grids drawn, each once for all tests, and the ground of a grid."""

from functools import cache

import geopandas as gpd
import numpy as np
import shapely
from demo_towns import build, community_of, of_level

from geodata import districting
from geodata.units import Site

BESIDE = 0.0005  # degrees: streets this far beyond a grid are read for it, as the server does


@cache
def drawn(name):
    """The grids of a demo town by key, drawn as its setup draws them."""
    town, shapes = build(name), {}
    communities, home = of_level(town, "community"), community_of(town)
    for area in communities.itertuples():
        households = town.households[home == area.code]
        grids = districting.draw_grids(
            area.geometry, households, town.roads, town.water, town.buildings
        )
        for number, shape in zip(grids["grid"], grids.geometry, strict=True):
            shapes[f"{area.code}{number:03d}"] = shape
    frame = gpd.GeoDataFrame(geometry=list(shapes.values()), index=list(shapes), crs=4326)
    return frame.assign(community=frame.index.str[:12])


def around(frame, key):
    near = shapely.intersects(
        shapely.envelope(np.asarray(frame.geometry.array)), shapely.envelope(frame.geometry[key])
    )
    return frame[near]


def ground(name, shape):
    town = build(name)
    places, walls, roads = (
        np.asarray(each.geometry.array, dtype=object)
        for each in (town.households, town.buildings, town.roads)
    )
    box = shapely.box(*shape.bounds)
    wide = shapely.buffer(box, BESIDE, join_style="mitre")
    site = Site(
        None,
        places[shapely.intersects(shape, places)],
        walls[shapely.intersects(box, walls)],
        town.roads.crs,
    )
    return site, town.roads[shapely.intersects(wide, roads)]
