"""What a scenario gets when it is opened: measures, faults of what is in force, blocks."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import boundaries, topology
from geodata.coverage_parts import united
from geodata.errors import GeodataError
from geodata.units import Site, build_units, locate
from gridmap.services import scenario_special
from gridmap.services.scenario_measures import (
    Ground,
    burdens_of,
    homes_of,
    measured,
    read_ground,
    rules_of,
)
from gridmap.services.scenario_views import Aside
from gridmap.store import area, scenario_finding, scenario_grid
from gridmap.store.database import Transaction

_BLOCK_HOUSEHOLDS = 60  # a block with more is divided between its buildings
_EXACT = 1e-9  # of a grid's ground: blocks that miss more of it lie in other grids too
_ON = 1e-8  # degrees: a household this near to a block is in it, a millimetre


def prepare(tx: Transaction, scenario_id: int, communities: Sequence[str], aside: Aside) -> None:
    """Measure, check and cut into blocks what has been copied of some communities.

    All of them at once: a county has hundreds, and what is asked of the database and of the
    ground costs the same for one as for all.
    """
    scenario_grid.set_measures(
        tx, scenario_id, scenario_special.measure(tx, scenario_id, communities)
    )
    grids = scenario_grid.all_of(tx, scenario_id)
    own = grids[grids["community"].isin(communities)]
    if own.empty:
        return
    ground = read_ground(tx, own.geometry)
    bare = [key for key, measures in own["measures"].items() if "polsby_popper" not in measures]
    _measure(tx, scenario_id, own, bare, ground, aside)
    kept = own.drop(index=bare)
    if not kept.empty:
        scenario_grid.add_measures(tx, scenario_id, aside(lambda: burdens_of(kept, ground)))
    _check(tx, scenario_id, own, aside)
    blocks = aside(lambda: _blocks(own, ground))
    number = scenario_grid.most_block(tx, scenario_id)
    blocks["id"] = np.arange(number + 1, number + 1 + len(blocks))
    scenario_grid.insert_blocks(tx, blocks.assign(scenario_id=scenario_id))


def _check(tx: Transaction, scenario_id: int, own: gpd.GeoDataFrame, aside: Aside) -> None:
    """Find what is wrong in each community with what is in force."""
    outlines = area.outlines(tx, sorted(set(own["community"])))
    faults = aside(
        lambda: {code: found(each, outlines[code]) for code, each in own.groupby("community")}
    )
    for code, each in faults.items():
        scenario_finding.insert(tx, scenario_id, code, each, validated=False)


def _measure(  # noqa: PLR0913, PLR0917 - what is measured, and what lies there
    tx: Transaction,
    scenario_id: int,
    own: gpd.GeoDataFrame,
    bare: Sequence[str],
    ground: Ground,
    aside: Aside,
) -> None:
    """Measure grids that came into force without measures."""
    if not bare:
        return
    rules = rules_of(tx, sorted(set(own["community"])))
    new = aside(lambda: measured(own, bare, ground, rules))
    images = scenario_grid.images(tx, scenario_id, bare)
    kept = ("measures", "notes")
    scenario_grid.put(
        tx,
        scenario_id,
        {key: images[key] | {name: new[key][name] for name in kept} for key in bare},
        (),
    )


def found(own: gpd.GeoDataFrame, outline: Any) -> list[dict[str, Any]]:
    """Find faults of topology among the grids of a community, as rows of findings."""
    faults = topology.find_faults(own, outline)
    return [
        {
            "kind": row["kind"],
            "severity": "error",
            "grids": [str(key) for key in row["grids"]],
            "area_m2": round(float(row["area_m2"]), 2),
            "figures": {},
            "geom": shapely.to_wkb(row["geometry"], hex=True),
        }
        for row in faults.to_dict("records")
    ]


def _blocks(own: gpd.GeoDataFrame, ground: Ground) -> gpd.GeoDataFrame:
    """Cut each grid along its streets; no block lies in two grids."""
    points = homes_of(ground)
    people = ground.households["people"].to_numpy(dtype=np.int64)
    water = ground.burdens.water
    by_grid = blocks_by_grid(own, ground, own.iloc[:0] if water is None else water)
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
