"""Buildings of the town guanggu: their place, community, estate and address."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.demo import areas, blocks, estates, fabric, people, terrain, words
from geodata.demo.chance import stream
from geodata.demo.frames import GEOGRAPHIC
from geodata.demo.guanggu_ground import (
    LAKE_VILLAGE,
    METRIC,
    SLOPE,
    Ground,
    flat_point,
    simulated,
    to_geographic,
)

COUNTY = ("990101", "示范区", "Demonstration District")
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


def built(ground: Ground, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Put buildings into the blocks.

    Parameters
    ----------
    ground
        Streets, blocks, lake and hill.
    seed
        Seed of the town.

    Returns
    -------
    cells
        Columns of `fabric.cells` and township, x, y (metres, in the middle of the free ground),
        street (metres to the nearest), safe (far from lake and hill), first (built first, so that
        the hazards find somebody).
    buildings, uses
        As `estates.build` gives them.
    """
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
    village, slope = shapely.Point(flat_point(LAKE_VILLAGE)), shapely.Point(flat_point(SLOPE))
    near_lake, near_hill = points.distance(ground.lake), points.distance(ground.hill)
    cells["safe"] = (near_lake > 420) & (near_hill > 260)
    cells["first"] = ((near_lake < 330) & (points.distance(village) < 700)) | (
        (near_hill < 150) & (points.distance(slope) < 260)
    )
    raw, uses = estates.build(cells, grounds, streets, _MIXES, _BLOCK_CAP, seed)
    return cells, raw, uses


def communities(
    ground: Ground, raw: pd.DataFrame, seed: int
) -> tuple[NDArray[np.object_], dict[str, tuple[str, str]]]:
    """Group the blocks of each township into communities of about 800 homes.

    Parameters
    ----------
    ground
        Blocks and their townships.
    raw
        Buildings of `built`.
    seed
        Seed of the town.

    Returns
    -------
    code
        12-digit code of each block; communities of a township are numbered from west to east.
    names
        Chinese and English name by code of township and community.
    """
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


def addressed(
    raw: pd.DataFrame, community: NDArray[np.object_], names: dict[str, tuple[str, str]]
) -> gpd.GeoDataFrame:
    """Give buildings their community, estate, number, address and id.

    Parameters
    ----------
    raw
        Buildings of `built`.
    community
        Code of each block.
    names
        Names by area code.

    Returns
    -------
    frame
        Columns of `frames.BUILDING_COLUMNS` and homes, estate_en, address_en; EPSG:4326. The
        homes of a block are one estate; other buildings are numbered by use within their
        community.
    """
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
    frame["estate_en"] = named.str[1]
    frame["address_en"] = frame["estate_en"] + " No. " + number
    frame["id"] = [f"GG-B-{n:04d}" for n in range(1, len(frame) + 1)]
    shapes = to_geographic(frame["geometry"].to_numpy())
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


def empty_homes(buildings: gpd.GeoDataFrame, seed: int) -> NDArray[np.bool_]:
    """Choose the homes that nobody has.

    Parameters
    ----------
    buildings
        Columns community, levels, units, homes.
    seed
        Seed of the town.

    Returns
    -------
    empty
        For each of `people.homes` of the buildings with homes.
    """
    lived = buildings[buildings["homes"] > 0].reset_index(drop=True)
    doors = people.homes(lived)
    community = lived["community"].to_numpy()[doors["row"].to_numpy()]
    return areas.empty_homes(community, _LIVED_IN, stream(seed, "vacancy"))


def green(ground: Ground, cells: pd.DataFrame, uses: pd.Series) -> gpd.GeoDataFrame:
    """Plant the hill and the parks.

    Parameters
    ----------
    ground
        Streets, blocks, lake and hill.
    cells, uses
        Of `built`.

    Returns
    -------
    frame
        As `simulated` gives it.
    """
    rows = [("松山（模拟）", "Songshan Hill (simulated)", ground.hill)]
    keep_out = shapely.union_all([shapely.buffer(ground.lake, 15), ground.hill])
    planted = uses.index[uses.isin(["park", "square"])]
    outlines = ground.flat_blocks[np.unique(cells.loc[planted, "block"])]
    free = fabric.free_ground(outlines, ground.flat_roads, keep_out)
    for label in planted:
        cell = cells.loc[label]
        block = int(cell["block"])
        turned = fabric.turn(block, outlines[block], free[block])
        box = shapely.box(cell["west"] + 6, cell["south"] + 6, cell["east"] - 6, cell["north"] - 6)
        shape = turned.back(np.array([shapely.intersection(box, turned.free)], dtype=object))[0]
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        rows.append(("公园（模拟）", "Park (simulated)", terrain.largest(shapely.union_all(parts))))
    return simulated(rows)


def places(buildings: gpd.GeoDataFrame, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Name sub-districts and estates on the map.

    Parameters
    ----------
    buildings
        Of `addressed`.
    frame
        Areas.

    Returns
    -------
    places
        Columns of `frames.PLACE_COLUMNS`: townships as suburb, estates as neighbourhood.
    """
    townships = frame[frame["level"] == "township"]
    estates_of = buildings.dropna(subset="estate").dissolve("estate", sort=True, as_index=False)
    middle = shapely.centroid(np.asarray(estates_of.geometry.values))
    rows = {
        "kind": ["suburb"] * len(townships) + ["neighbourhood"] * len(estates_of),
        "name_zh": [*townships["name_zh"], *estates_of["estate"]],
        "name_en": [*townships["name_en"], *estates_of["estate_en"]],
    }
    points = [*shapely.point_on_surface(np.asarray(townships.geometry.values)), *middle]
    return gpd.GeoDataFrame(rows, geometry=points, crs=GEOGRAPHIC)
