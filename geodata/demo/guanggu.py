"""The town guanggu: real streets of eastern Wuhan, everything on them simulated."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geodata.demo import (
    areas,
    blocks,
    estates,
    fabric,
    guanggu_facilities,
    incidents,
    people,
    services,
    terrain,
    words,
)
from geodata.demo.chance import stream
from geodata.demo.frames import BUILDING_COLUMNS, GEOGRAPHIC, ROAD_COLUMNS, Town

COUNTY = ("990101", "示范区", "Demonstration District")
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
_LAKE_VILLAGE = (114.3868, 30.4928)
_HILL = (114.3912, 30.5045)
_SLOPE = (114.3893, 30.5032)
_COMMUNITIES = (9, 9, 10)
_BLOCK_CAP = 460
_LIVED_IN = 0.95
_MIXES = (
    estates.Mix(
        7400,
        {"slab5": 0.45, "slab11": 0.30, "tower": 0.10, "house": 0.15},
        {"school": 4, "market": 1, "square": 3, "service": 2},
    ),
    estates.Mix(
        7400,
        {"house": 0.35, "slab5": 0.45, "slab11": 0.20},
        {"school": 3, "market": 2, "square": 2, "service": 2},
    ),
    estates.Mix(
        7900,
        {"slab5": 0.40, "slab11": 0.32, "tower": 0.28},
        {"school": 4, "market": 1, "square": 3, "service": 3, "hospital": 1},
    ),
)


@dataclass(frozen=True)
class _Ground:
    """Streets, blocks and simulated terrain; `flat` parts are in metres."""

    roads: gpd.GeoDataFrame
    flat_roads: gpd.GeoDataFrame
    blocks: gpd.GeoSeries
    flat_blocks: gpd.GeoSeries
    shared: csr_array
    township: NDArray[np.int64]
    lake: shapely.Polygon
    hill: shapely.Polygon


def build(seed: int) -> Town:
    """Build the town.

    Parameters
    ----------
    seed
        Of everything simulated.

    Returns
    -------
    town
        The same bytes for the same seed.
    """
    ground = _ground(seed)
    cells, raw, uses = _built(ground, seed)
    community, names = _communities(ground, raw, seed)
    at = pd.Series(community[cells["block"].to_numpy(int)], index=cells.index)
    frame = areas.area_frame(ground.blocks, community, COUNTY, names)
    standing = _addressed(raw, community, names)
    empty = _empty_homes(standing, seed)
    lived = standing[standing["homes"] > 0].reset_index(drop=True)
    households = people.households(lived, empty, people.CHINESE, seed)
    hazards = _hazards(ground, households)
    first = raw.drop_duplicates("cell").set_index("cell")["geometry"]
    public = cells.assign(use=uses, code=at, building=first.reindex(cells.index))
    facilities = guanggu_facilities.facilities(public, names, METRIC, seed)
    county = frame.geometry.iloc[0]
    west, south, east, north = county.bounds
    return Town(
        name="guanggu",
        title_zh="光谷示范区",
        title_en="Guanggu demonstration district",
        notice_zh="街道为真实数据（© OpenStreetMap contributors，ODbL），其余为模拟",
        notice_en=(
            "Streets are real (© OpenStreetMap contributors, ODbL); everything else is simulated"
        ),
        center=(round(county.centroid.x, 5), round(county.centroid.y, 5)),
        bounds=(west, south, east, north),
        county_code=COUNTY[0],
        attribution="© OpenStreetMap contributors (ODbL)",
        areas=frame,
        roads=ground.roads,
        water=_green_or_water([("望湖（模拟）", "Wanghu Lake (simulated)", ground.lake)]),
        green=_green(ground, cells, uses),
        buildings=standing[list(BUILDING_COLUMNS)],
        households=households,
        needs=people.needs(households, seed),
        facilities=facilities,
        responders=services.responders(
            facilities,
            {"fire": 4, "medical": 4, "police": 3, "grid": 4, "volunteer": 3},
            "GG-R-",
            seed,
            chinese=True,
        ),
        members=services.members(sorted(set(community)), 4, "GG-M-", people.CHINESE, seed),
        hazards=hazards,
        incidents=incidents.first_incidents("guanggu", standing, hazards, METRIC, seed),
    )


def _flat_point(place: tuple[float, float]) -> tuple[float, float]:
    """Give a longitude and latitude in metres."""
    point = gpd.GeoSeries([shapely.Point(place)], crs=GEOGRAPHIC).to_crs(METRIC).iloc[0]
    return point.x, point.y


def _to_geographic(shapes: list[shapely.Geometry] | NDArray[np.object_]) -> gpd.GeoSeries:
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


def _ground(seed: int) -> _Ground:
    """Cut blocks from the streets and put a lake and a hill where no street passes."""
    roads = _roads()
    merged = blocks.merge_slivers(blocks.street_faces(roads.geometry, _SELECTED), METRIC)
    flat_roads, flat = roads.to_crs(METRIC), merged.to_crs(METRIC)
    inner = merged.representative_point()
    township = np.where(inner.y > _NORTH_OF, 1, np.where(inner.x < _WEST_OF, 0, 2))
    shared = blocks.shared_metres(merged, METRIC)
    size = flat.area.to_numpy().astype(np.int64)
    township = blocks.rejoin(shared, township.astype(np.int64), size)
    near_streets = shapely.union_all(shapely.buffer(flat_roads.geometry.values, 30, quad_segs=2))
    shapes = []
    for place, radius, purpose in ((_LAKE, 560.0, "lake"), (_HILL, 170.0, "hill")):
        shape = terrain.blob(_flat_point(place), radius, seed, purpose)
        shapes.append(terrain.dry_shape(shape, near_streets))
    return _Ground(roads, flat_roads, merged, flat, shared, township, *shapes)


def _built(ground: _Ground, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Put buildings into the blocks: cells, buildings, and the use of each cell."""
    taken = shapely.union_all([shapely.buffer(ground.lake, 30), shapely.buffer(ground.hill, 12)])
    free = fabric.free_ground(ground.flat_blocks, ground.flat_roads, taken)
    grounds = {n: fabric.turn(n, outline, free[n]) for n, outline in enumerate(ground.flat_blocks)}
    found = [fabric.cells(one) for one in grounds.values() if not shapely.is_empty(one.free)]
    cells = pd.concat(found, ignore_index=True)
    points = gpd.GeoSeries(fabric.middles(cells, grounds), crs=METRIC)
    open_to_cars = ground.flat_roads[ground.flat_roads["highway"] != "pedestrian"]
    streets = np.asarray(open_to_cars.geometry.values)
    cells["x"], cells["y"] = points.x, points.y
    cells["street"] = points.distance(shapely.union_all(streets))
    cells["township"] = ground.township[cells["block"].to_numpy(int)]
    village, slope = shapely.Point(_flat_point(_LAKE_VILLAGE)), shapely.Point(_flat_point(_SLOPE))
    near_lake, near_hill = points.distance(ground.lake), points.distance(ground.hill)
    cells["safe"] = (near_lake > 420) & (near_hill > 260)
    cells["first"] = ((near_lake < 330) & (points.distance(village) < 700)) | (
        (near_hill < 150) & (points.distance(slope) < 260)
    )
    raw, uses = estates.build(cells, grounds, streets, _MIXES, _BLOCK_CAP, seed)
    return cells, raw, uses


def _communities(
    ground: _Ground, raw: pd.DataFrame, seed: int
) -> tuple[NDArray[np.object_], dict[str, tuple[str, str]]]:
    """Group the blocks of each township into communities; codes by block and names by code."""
    homes = (raw["levels"] * raw["units"] * raw["homes"]).groupby(raw["block"]).sum()
    weight = homes.reindex(range(len(ground.blocks)), fill_value=0).to_numpy(np.int64)
    code = np.empty(len(ground.blocks), dtype=object)
    names: dict[str, tuple[str, str]] = {}
    for number, parts in enumerate(_COMMUNITIES):
        here = np.flatnonzero(ground.township == number)
        township = f"{COUNTY[0]}{number + 1:03d}"
        names[township] = words.TOWNSHIPS[number]
        label = blocks.group(ground.shared[here][:, here], weight[here], parts, seed)
        label = areas.number_parts(ground.blocks.iloc[here], label)
        for part, (zh, en) in zip(range(parts), words.COMMUNITIES[number], strict=False):
            names[f"{township}{part + 1:03d}"] = (f"{zh}社区", f"{en} Community")
        code[here] = [f"{township}{part + 1:03d}" for part in label]
    return code, names


_OTHER_ADDRESS = {
    "school": "学校",
    "market": "市场",
    "hospital": "医院",
    "office": "办公楼",
    "industry": "厂房",
    "campus": "教学楼",
    "service": "服务用房",
}


def _addressed(
    raw: pd.DataFrame, community: NDArray[np.object_], names: dict[str, tuple[str, str]]
) -> gpd.GeoDataFrame:
    """Give buildings their community, estate, number, address and id."""
    frame = raw.assign(community=community[raw["block"].to_numpy(int)])
    lived = frame["homes"] > 0
    frame["use"] = np.where(lived, "residential", frame["kind"])
    frame = frame.sort_values(["community", "block"], kind="stable", ignore_index=True)
    lived = frame["homes"] > 0
    homes_of = frame[lived].drop_duplicates("block")
    township = homes_of["community"].str[6:9].astype(int)
    pools = [iter(_estate_names(number)) for number in range(len(words.TOWNSHIPS))]
    estate_of = {
        block: next(pools[number - 1])
        for block, number in zip(homes_of["block"], township, strict=True)
    }
    named = frame["block"].map(estate_of)
    frame["estate"] = named.str[0].where(lived, None)
    group = frame["estate"].where(lived, frame["community"] + frame["use"])
    number = (frame.groupby(group).cumcount() + 1).astype(str)
    frame["building"] = number.where(lived, None)
    zh = frame["community"].map({code: name[0] for code, name in names.items()})
    elsewhere = zh + frame["use"].map(_OTHER_ADDRESS) + number + "号楼"
    frame["address"] = (frame["estate"] + number + "栋").where(lived, elsewhere)
    frame["address_en"] = named.str[1] + " No. " + number
    frame["id"] = [f"GG-B-{n:04d}" for n in range(1, len(frame) + 1)]
    shapes = _to_geographic(frame["geometry"].to_numpy())
    plain = frame.drop(columns="geometry")
    for column in ("estate", "building"):
        plain[column] = plain[column].astype(object).where(lived, None)
    return gpd.GeoDataFrame(plain, geometry=shapes.to_numpy(), crs=GEOGRAPHIC)


def _estate_names(township: int) -> list[tuple[str, str]]:
    """Give the estate names of a township in both languages: its own words first."""
    roots = list(words.ESTATE_ROOTS.items())
    own = roots[12 * township : 12 * township + 12]
    rest = roots[36 + 4 * township : 40 + 4 * township]
    return [
        (root + kind, f"{root_en} {kind_en}")
        for kind, kind_en in words.ESTATE_KINDS.items()
        for root, root_en in (*own, *rest)
    ]


def _empty_homes(buildings: gpd.GeoDataFrame, seed: int) -> NDArray[np.bool_]:
    """Choose the homes that nobody has."""
    lived = buildings[buildings["homes"] > 0].reset_index(drop=True)
    doors = people.homes(lived)
    community = lived["community"].to_numpy()[doors["row"].to_numpy()]
    return areas.empty_homes(community, _LIVED_IN, stream(seed, "vacancy"))


def _green_or_water(rows: Sequence[tuple[str, str, shapely.Geometry]]) -> gpd.GeoDataFrame:
    """Make a frame of simulated water or green from names and metric shapes."""
    return gpd.GeoDataFrame(
        {
            "name_zh": [zh for zh, _, _ in rows],
            "name_en": [en for _, en, _ in rows],
            "simulated": True,
        },
        geometry=_to_geographic([shape for _, _, shape in rows]).to_numpy(),
        crs=GEOGRAPHIC,
    )


def _green(ground: _Ground, cells: pd.DataFrame, uses: pd.Series) -> gpd.GeoDataFrame:
    """Plant the hill and the parks."""
    rows = [("松山（模拟）", "Songshan Hill (simulated)", ground.hill)]
    keep_out = shapely.union_all([shapely.buffer(ground.lake, 15), ground.hill])
    free = fabric.free_ground(ground.flat_blocks, ground.flat_roads, keep_out)
    for label in uses.index[uses.isin(["park", "square"])]:
        cell = cells.loc[label]
        block = int(cell["block"])
        turned = fabric.turn(block, ground.flat_blocks[block], free[block])
        box = shapely.box(cell["west"] + 6, cell["south"] + 6, cell["east"] - 6, cell["north"] - 6)
        shape = turned.back(np.array([shapely.intersection(box, turned.free)], dtype=object))[0]
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        largest = max(parts, key=lambda part: part.area)
        rows.append(("公园（模拟）", "Park (simulated)", largest))
    return _green_or_water(rows)


def _hazards(ground: _Ground, households: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Flood the eastern shore of the lake and loosen the slope of the hill."""
    doors = shapely.MultiPoint(np.asarray(households.to_crs(METRIC).geometry.values))
    shore = shapely.Point(_flat_point(_LAKE_VILLAGE)).buffer(620)
    floods = [
        shapely.intersection(shapely.buffer(ground.lake, metres), shore).buffer(-60).buffer(60)
        for metres in range(100, 560, 20)
    ]
    flood = terrain.grow_until(floods, doors, 480)
    reach = 100 + 20 * next(n for n, shape in enumerate(floods) if shape.equals(flood))
    deep = shapely.intersection(shapely.buffer(ground.lake, 0.35 * reach), flood)
    foot = shapely.Point(_flat_point(_SLOPE))
    slides = [
        shapely.convex_hull(
            shapely.union(
                shapely.intersection(ground.hill, foot.buffer(metres + 120)), foot.buffer(metres)
            )
        )
        for metres in range(40, 360, 8)
    ]
    slide = terrain.grow_until(slides, doors, 40)
    shapes = [max(shapely.get_parts(shape), key=lambda part: part.area) for shape in (flood, slide)]
    return gpd.GeoDataFrame(
        {
            "id": ["GG-Z-1", "GG-Z-2"],
            "kind": ["flood", "landslide"],
            "name_zh": ["望湖东岸漫水", "松山南坡滑坡隐患"],
            "name_en": ["Flood on the eastern shore of Wanghu", "Landslide risk below Songshan"],
            "severity": ["orange", "yellow"],
            "starts_hours_ago": [2.0, 9.0],
            "blocked": [_to_geographic([deep]).iloc[0], None],
        },
        geometry=_to_geographic(shapes).to_numpy(),
        crs=GEOGRAPHIC,
    )[["id", "kind", "name_zh", "name_en", "severity", "starts_hours_ago", "blocked", "geometry"]]
