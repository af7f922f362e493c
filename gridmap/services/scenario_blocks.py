"""The street blocks of a scenario: cut when somebody first wants them, then kept."""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import boundaries
from geodata.coverage_parts import united
from geodata.errors import GeodataError
from geodata.units import Site, build_units, locate
from gridmap.model.access import Scope
from gridmap.services.scenario_measures import Ground, homes_of, read_ground
from gridmap.services.scenario_views import Aside, Collection, head
from gridmap.store import area, merged_community, scenario_grid
from gridmap.store.database import Database, Transaction
from gridmap.store.view import scenarios as view

_BLOCK_HOUSEHOLDS = 60  # a block with more is divided between its buildings
_EXACT = 1e-9  # of a grid's ground: blocks that miss more of it lie in other grids too
_ON = 1e-8  # degrees: a household this near to a block is in it, a millimetre


def listing(database: Database, scope: Scope, scenario_id: int, aside: Aside) -> Collection:
    """Give the blocks of a scenario, each with the grid it lies in.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope) as tx:
        head(tx, scenario_id)
        cut_once(tx, scenario_id, aside)
    with database.transaction(scope, snapshot=True) as tx:
        row = head(tx, scenario_id)
        features = view.blocks(tx, scenario_id)
    return Collection(features, {"version": row["version"]})


def cut_once(tx: Transaction, scenario_id: int, aside: Aside) -> None:
    """Cut the grids of a scenario into blocks, unless it has been done.

    It takes as long as all the rest of an opening, and a planner who looks at the map, or moves
    a border, needs none of them yet.
    """
    if scenario_grid.most_block(tx, scenario_id):
        return
    scenario_grid.cut_in_turn(tx, scenario_id)
    if not scenario_grid.most_block(tx, scenario_id):
        _cut(tx, scenario_id, scenario_grid.all_of(tx, scenario_id), aside)


def cut_anew(tx: Transaction, scenario_id: int, communities: Sequence[str], aside: Aside) -> None:
    """Cut the grids of some communities anew, in a scenario that has been cut."""
    if scenario_grid.most_block(tx, scenario_id):
        grids = scenario_grid.all_of(tx, scenario_id)
        _cut(tx, scenario_id, grids[grids["community"].isin(communities)], aside)


def _cut(tx: Transaction, scenario_id: int, own: gpd.GeoDataFrame, aside: Aside) -> None:
    if own.empty:
        return
    ground = read_ground(tx, own.geometry)
    water = ground.burdens.water
    blocks = aside(lambda: _blocks(own, ground, own.iloc[:0] if water is None else water))
    for made in merged_community.of_scenario(tx, scenario_id):
        # a block stays with the community in force on whose ground it lies
        outlines = area.outlines(tx, made["communities"])
        mine = np.flatnonzero(blocks["area_code"] == made["code"])
        blocks.loc[mine, "area_code"] = _community_of(blocks["point"].iloc[mine], outlines)
    number = scenario_grid.most_block(tx, scenario_id)
    blocks["id"] = np.arange(number + 1, number + 1 + len(blocks))
    scenario_grid.insert_blocks(tx, blocks.assign(scenario_id=scenario_id))


def _community_of(points: Any, outlines: Mapping[str, Any]) -> Any:
    codes = np.array(sorted(outlines), dtype=object)
    shapes = np.array([outlines[code] for code in codes], dtype=object)
    return codes[locate(np.asarray(points, dtype=object), shapes)]


def _blocks(own: gpd.GeoDataFrame, ground: Ground, water: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut each grid along its streets; no block lies in two grids."""
    points = homes_of(ground)
    people = ground.households["people"].to_numpy(dtype=np.int64)
    by_grid = blocks_by_grid(own, ground, water)
    community = np.repeat(own["community"].to_numpy(), [len(pieces) for pieces in by_grid])
    shapes = np.array([piece for pieces in by_grid for piece in pieces], dtype=object)
    block = locate(points, shapes) if len(points) else np.empty(0, dtype=np.int64)
    # a household on the border of two communities, or beyond it, is counted where it belongs
    near = shapely.distance(points, shapes[block]) <= _ON if len(points) else block == -1
    households = np.bincount(block[near], minlength=len(shapes))
    whole = [shapely.multipolygons(shapely.get_parts(shape)) for shape in shapes]
    return gpd.GeoDataFrame(
        {
            "area_code": community,
            "households": households,
            "people": np.bincount(block[near], people[near], len(shapes)).astype(int),
            "geom": np.array(whole, dtype=object),
            "point": shapely.point_on_surface(shapes),
        }
    )


def blocks_by_grid(
    own: gpd.GeoDataFrame, ground: Ground, water: gpd.GeoDataFrame
) -> list[list[Any]]:
    """Give the blocks of each grid, in the order of the grids.

    All grids are cut at once, with their borders as streets; where a block came to lie in two
    grids after all, these are cut one by one.
    """
    grids = np.asarray(own.geometry.array, dtype=object)
    found: list[list[Any]] = [[] for _ in grids]
    for piece, number in zip(*_at_once(own, ground, water), strict=True):
        found[number].append(piece)
    held = np.array([sum(piece.area for piece in pieces) for pieces in found])
    whole = shapely.area(grids)
    wrong = np.flatnonzero(np.abs(held - whole) > _EXACT * whole)
    if len(wrong):
        nearby = Nearby(homes_of(ground), ground, water, own.crs)
        for number in wrong.tolist():
            found[number] = list(nearby.pieces(grids[number])[1])
    return found


def _at_once(
    own: gpd.GeoDataFrame, ground: Ground, water: gpd.GeoDataFrame
) -> tuple[list[Any], list[int]]:
    """Cut all grids together; nothing where they cannot be cut so."""
    grids = np.asarray(own.geometry.array, dtype=object)
    lines = boundaries.arcs(own[["geometry"]]).geometry.to_numpy()
    borders = gpd.GeoDataFrame(
        {"highway": ["residential"] * len(lines)}, geometry=lines, crs=own.crs
    )
    roads = pd.concat(
        [ground.roads[["highway", "tunnel", "geometry"]], borders.assign(tunnel=False)]
    )
    buildings = ground.buildings
    valid = buildings[shapely.is_valid(buildings)] if len(buildings) else buildings
    outline = united(grids)
    points = homes_of(ground)
    shapely.prepare(outline)
    inside = points[np.asarray(shapely.intersects(outline, points), dtype=bool)]
    site = Site(outline, inside, valid, own.crs)
    try:
        pieces = build_units(site, gpd.GeoDataFrame(roads), water, _BLOCK_HOUSEHOLDS).shapes
    except (GeodataError, shapely.errors.GEOSException):
        return [], []
    return list(pieces), locate(shapely.point_on_surface(pieces), grids).tolist()


class Nearby:
    """What lies near each grid of a community, looked up in trees that are built once."""

    def __init__(self, points: Any, ground: Ground, water: gpd.GeoDataFrame, crs: Any) -> None:
        buildings = ground.buildings
        self._buildings = buildings[shapely.is_valid(buildings)] if len(buildings) else buildings
        self._points, self._roads, self._water, self._crs = points, ground.roads, water, crs
        self._trees = [
            shapely.STRtree(np.asarray(each, dtype=object))
            for each in (points, self._buildings, ground.roads.geometry.array, water.geometry.array)
        ]

    def pieces(self, shape: Any) -> tuple[Any, Any]:
        """Give the positions of the households of a grid, and its blocks."""
        inside, walls, roads, water = (
            np.sort(tree.query(shape, predicate="intersects")) for tree in self._trees
        )
        site = Site(shape, self._points[inside], self._buildings[walls], self._crs)
        near = self._roads.iloc[roads], self._water.iloc[water]
        try:
            return inside, build_units(site, *near, _BLOCK_HOUSEHOLDS).shapes
        except (GeodataError, shapely.errors.GEOSException):
            # a grid that cannot be cut is one block: it can still be merged or split by hand
            return inside, np.array([shape], dtype=object)
