"""Ground of the town guanggu: real streets and their blocks, a simulated lake, hill and hazards."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geodata.demo import blocks, terrain
from geodata.demo.frames import GEOGRAPHIC, HAZARD_COLUMNS, ROAD_COLUMNS

METRIC = "EPSG:4547"  # CGCS2000, 3-degree zone at 114 E
_SELECTED = shapely.Polygon(
    [
        (114.3705, 30.4812), (114.4050, 30.4812), (114.4050, 30.4946), (114.4165, 30.4946),
        (114.4165, 30.5245), (114.3985, 30.5245), (114.3930, 30.5100), (114.3730, 30.5085),
    ]
)  # fmt: skip
_NORTH_OF = 30.5087  # the trunk road in the north
_WEST_OF = 114.3915  # the primary road from south to north
_LAKE = (114.3783, 30.4893)
LAKE_VILLAGE = (114.3868, 30.4928)
_DIP = (114.3835, 30.4932)  # the low end of a lane by the shore
_HILL = (114.3912, 30.5045)
SLOPE = (114.3893, 30.5032)


@dataclass(frozen=True)
class Ground:
    """Streets, blocks and simulated terrain.

    Attributes
    ----------
    roads, flat_roads
        All streets of the window, in EPSG:4326 and in metres.
    blocks, flat_blocks
        A coverage of street blocks, index 0..n-1, in EPSG:4326 and in metres.
    shared
        Metres of border between blocks.
    township
        0..2 for each block.
    lake, hill
        Simulated, in metres; no street within 30 m.
    """

    roads: gpd.GeoDataFrame
    flat_roads: gpd.GeoDataFrame
    blocks: gpd.GeoSeries
    flat_blocks: gpd.GeoSeries
    shared: csr_array
    township: NDArray[np.int64]
    lake: shapely.Polygon
    hill: shapely.Polygon


def flat_point(place: tuple[float, float]) -> tuple[float, float]:
    """Give a longitude and latitude in metres."""
    point = gpd.GeoSeries([shapely.Point(place)], crs=GEOGRAPHIC).to_crs(METRIC).iloc[0]
    return point.x, point.y


def to_geographic(shapes: Sequence[shapely.Geometry] | NDArray[np.object_]) -> gpd.GeoSeries:
    """Give metric shapes in degrees."""
    return gpd.GeoSeries(shapes, crs=METRIC).to_crs(GEOGRAPHIC)


def _roads() -> gpd.GeoDataFrame:
    """Read the real streets; what the source does not know stays unknown."""
    with files("geodata.demo").joinpath("guanggu_window.parquet").open("rb") as file:
        source = gpd.read_parquet(file)
    frame = gpd.GeoDataFrame(
        {"highway": source["highway"].to_numpy(), "geometry": source.geometry.to_numpy()},
        crs=GEOGRAPHIC,
    )
    frame["name"] = None
    frame["oneway"] = 0
    for column in ("maxspeed_kmh", "maxheight_m", "maxweight_t", "maxwidth_m"):
        frame[column] = np.nan
    frame["bridge"] = False
    frame["tunnel"] = False
    frame["layer"] = 0
    return frame[list(ROAD_COLUMNS)]


def lay_out(seed: int) -> Ground:
    """Cut blocks from the streets and put a lake and a hill where no street passes.

    Parameters
    ----------
    seed
        Seed of the shapes of lake and hill; streets and blocks do not depend on it.

    Returns
    -------
    ground
        Blocks without slivers, each in one township.
    """
    roads = _roads()
    merged = blocks.merge_slivers(blocks.street_faces(roads.geometry, _SELECTED), METRIC)
    flat_roads, flat = roads.to_crs(METRIC), merged.to_crs(METRIC)
    inner = merged.representative_point()
    township = np.where(inner.y > _NORTH_OF, 1, np.where(inner.x < _WEST_OF, 0, 2))
    shared = blocks.shared_metres(merged, METRIC)
    size = flat.area.to_numpy().astype(np.int64)
    township = blocks.rejoin(shared, township.astype(np.int64), size)
    lines = np.asarray(flat_roads.geometry.values)
    shapes = []
    for place, radius, purpose in ((_LAKE, 560.0, "lake"), (_HILL, 170.0, "hill")):
        shape = terrain.blob(flat_point(place), radius, seed, purpose)
        verge = shapely.buffer(lines[shapely.dwithin(lines, shape, 40)], 30, quad_segs=2)
        shapes.append(terrain.dry_shape(shape, shapely.union_all(verge)))
    return Ground(roads, flat_roads, merged, flat, shared, township, *shapes)


def simulated(rows: Sequence[tuple[str, str, shapely.Geometry]]) -> gpd.GeoDataFrame:
    """Make a frame of simulated water or green.

    Parameters
    ----------
    rows
        Chinese name, English name, shape in metres.

    Returns
    -------
    frame
        Columns name_zh, name_en, simulated, geometry; EPSG:4326.
    """
    return gpd.GeoDataFrame(
        {
            "name_zh": [zh for zh, _, _ in rows],
            "name_en": [en for _, en, _ in rows],
            "simulated": True,
        },
        geometry=to_geographic([shape for _, _, shape in rows]).to_numpy(),
        crs=GEOGRAPHIC,
    )


def hazards(ground: Ground, households: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Flood the eastern shore of the lake and loosen the slope of the hill.

    Parameters
    ----------
    ground
        With lake and hill.
    households
        Points; the hazards grow until they touch about 480 and 40 of them.

    Returns
    -------
    frame
        Columns of `frames.HAZARD_COLUMNS`, EPSG:4326. Of the flood the edge of the water and a
        low lane cannot be passed.
    """
    doors = shapely.MultiPoint(np.asarray(households.to_crs(METRIC).geometry.values))
    shore = shapely.Point(flat_point(LAKE_VILLAGE)).buffer(620)
    floods = [
        shapely.intersection(shapely.buffer(ground.lake, metres), shore).buffer(-60).buffer(60)
        for metres in range(100, 560, 20)
    ]
    flood = terrain.grow_until(floods, doors, 480)
    reach = 100 + 20 * next(n for n, shape in enumerate(floods) if shape.equals(flood))
    dip = shapely.Point(flat_point(_DIP))
    ditch = shapely.buffer(shapely.shortest_line(ground.lake, dip), 35)
    water_edge = shapely.union(shapely.buffer(ground.lake, 0.19 * reach), ditch)
    deep = terrain.largest(shapely.intersection(water_edge, flood))
    foot = shapely.Point(flat_point(SLOPE))
    slides = [
        shapely.convex_hull(
            shapely.union(
                shapely.intersection(ground.hill, foot.buffer(metres + 120)), foot.buffer(metres)
            )
        )
        for metres in range(40, 360, 8)
    ]
    slide = terrain.grow_until(slides, doors, 40)
    shapes = [terrain.largest(flood), terrain.largest(slide)]
    frame = gpd.GeoDataFrame(
        {
            "id": ["GG-Z-1", "GG-Z-2"],
            "kind": ["flood", "landslide"],
            "name_zh": ["望湖东岸漫水", "松山南坡滑坡隐患"],
            "name_en": ["Flood on the eastern shore of Wanghu", "Landslide risk below Songshan"],
            "severity": ["orange", "yellow"],
            "starts_hours_ago": [2.0, 9.0],
            "blocked": pd.Series([to_geographic([deep]).iloc[0], None], dtype=object),
        },
        geometry=to_geographic(shapes).to_numpy(),
        crs=GEOGRAPHIC,
    )
    return frame[list(HAZARD_COLUMNS)]
