"""Measures of the grids of a scenario: only of those that an operation has touched."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import districting
from geodata.units import locate
from gridmap.model.grid_rules import GridRule
from gridmap.services import grid_rules, scenario_burdens
from gridmap.services.grids import inner_point, measures_of, multi
from gridmap.services.scenario_burdens import Burdens
from gridmap.store import scenario_ground
from gridmap.store.database import Transaction

_CUT_AREA = 1.0  # square metres of a building on either side of a border: it is cut
_ON = 1e-8  # degrees: a household this near to a grid is in it, a millimetre
_SQUARE_DEGREE = 111_320.0**2


@dataclass(frozen=True)
class Ground:
    """What lies in and around some grids.

    Attributes
    ----------
    households
        `people`, `area_code`, `x`, `y`.
    roads
        Frame with `highway`.
    buildings
        Array of polygons.
    burdens
        What a member has to do with.
    """

    households: pd.DataFrame
    roads: gpd.GeoDataFrame
    buildings: Any
    burdens: Burdens = field(default_factory=Burdens)

    @cached_property
    def homes(self) -> Any:
        """Points of the households, in their order."""
        places = self.households[["x", "y"]].to_numpy(dtype=float)
        return shapely.points(places)


def read_ground(tx: Transaction, shapes: Collection[Any], *, buildings: bool = True) -> Ground:
    """Read what lies in and around some shapes; without buildings where they are not needed."""
    box = tuple(shapely.total_bounds(np.asarray(list(shapes), dtype=object)).tolist())
    return Ground(
        scenario_ground.households_near(tx, box),
        scenario_ground.roads_near(tx, box),
        scenario_ground.buildings_near(tx, box) if buildings else np.empty(0, dtype=object),
        scenario_burdens.read(tx, box),
    )


def homes_of(ground: Ground) -> Any:
    """Give the points of the households, in their order."""
    return ground.homes


def rules_of(tx: Transaction, communities: Sequence[str]) -> dict[str, GridRule]:
    """Give the rule of each community: the stored one of the nearest area, else the standard."""
    return grid_rules.rules_of(tx, communities)


def measured(
    local: gpd.GeoDataFrame,
    keys: Sequence[str],
    ground: Ground,
    rules: Mapping[str, GridRule],
) -> dict[str, dict[str, Any]]:
    """Measure some grids.

    Parameters
    ----------
    local
        The grids and all their neighbours, by key, with `community`.
    keys
        Which to measure.
    ground
        What lies in them.
    rules
        By community.

    Returns
    -------
    dict
        By key: `households`, `people`, `moved_households`, `moved_people`, `measures`, `notes`,
        `geom` and `label_point` in hexadecimal WKB.
    """
    if not len(keys):
        return {}
    local = local.sort_index()
    shapes = np.asarray(local.geometry.array, dtype=object)
    homes = ground.households
    points = homes_of(ground)
    owner = _owner(points, shapes)
    quality = _quality(local, keys, points[np.isin(owner, local.index.get_indexer(keys))], ground)
    cut = _cut_buildings(local, keys, ground.buildings)
    indexer = {key: local.index.get_loc(key) for key in keys}
    burdens = _burdens(local, keys, ground, points, owner)
    people, code = homes["people"].to_numpy(dtype=np.int64), homes["area_code"].to_numpy()
    today = _today(local)
    found = {}
    for key in keys:
        mine = owner == indexer[key]
        moved = mine & (code != today.get(key, key))
        shape = local.geometry[key]
        households = int(mine.sum())
        rule = rules[local.at[key, "community"]]
        found[key] = {
            "households": households,
            "people": int(people[mine].sum()),
            "moved_households": int(moved.sum()),
            "moved_people": int(people[moved].sum()),
            "measures": quality[key]
            | {"deviation": round(rule.deviation(households), 4)}
            | burdens[key],
            "notes": cut[key],
            "geom": shapely.to_wkb(multi(shape), hex=True),
            "label_point": shapely.to_wkb(inner_point(shape), hex=True),
        }
    return found


def _today(local: gpd.GeoDataFrame) -> dict[str, str]:
    """Tell of grids of a merged community which they are today: only their code is another.

    Of two that were one, the one that was there first is it; the other is new.
    """
    if "parent" not in local.columns:
        return {}
    found: dict[str, str] = {}
    for key in sorted(map(str, local.index), key=lambda key: (len(key), key)):
        parent, community = local.at[key, "parent"], local.at[key, "community"]
        if not isinstance(parent, str) or parent.startswith(str(community)):
            continue
        if parent not in found.values():
            found[key] = parent
    return found


def burdens_of(own: gpd.GeoDataFrame, ground: Ground) -> dict[str, dict[str, Any]]:
    """Measure what grids ask of their members, and what runs through them, by key."""
    own = own.sort_index()
    points = homes_of(ground)
    owner = _owner(points, np.asarray(own.geometry.array, dtype=object))
    return _burdens(own, list(own.index), ground, points, owner)


def _burdens(
    local: gpd.GeoDataFrame, keys: Sequence[str], ground: Ground, points: Any, owner: Any
) -> dict[str, dict[str, Any]]:
    return scenario_burdens.measured(
        {key: local.geometry[key] for key in keys},
        {key: points[owner == local.index.get_loc(key)] for key in keys},
        ground.burdens,
        ground.roads,
    )


def _owner(points: Any, shapes: Any) -> Any:
    """Find the grid of each household, -1 for none; on a border the first."""
    if not len(points) or not len(shapes):
        return np.full(len(points), -1, dtype=np.int64)
    owner = locate(points, shapes)
    owner[shapely.distance(points, shapes[owner]) > _ON] = -1
    return owner


def _quality(
    local: gpd.GeoDataFrame, keys: Sequence[str], points: Any, ground: Ground
) -> dict[str, dict[str, Any]]:
    """Measure shapes and ways among the grids of one community, as where they are drawn.

    Those that do not touch the wanted ones are left out.
    """
    found: dict[str, dict[str, Any]] = {}
    for code, asked in local.loc[list(keys)].groupby("community"):
        own = local[local["community"] == code]
        wanted = shapely.union_all(np.asarray(asked.geometry.array, dtype=object))
        beside = own[np.asarray(shapely.intersects(own.geometry.array, wanted))]
        homes = points[np.asarray(shapely.dwithin(points, wanted, _ON), dtype=bool)]
        placed = gpd.GeoDataFrame(geometry=gpd.GeoSeries(homes, crs=local.crs))
        table = districting.quality(beside, placed, ground.roads)
        found |= dict(zip(table.index, measures_of(table), strict=True))
    return found


def _cut_buildings(
    local: gpd.GeoDataFrame, keys: Sequence[str], buildings: Any
) -> dict[str, list[dict[str, Any]]]:
    """Find the buildings that the border of each grid runs through."""
    found: dict[str, list[dict[str, Any]]] = {key: [] for key in keys}
    if not len(buildings):
        return found
    shapes = np.asarray(local.geometry.loc[list(keys)].array, dtype=object)
    edges = shapely.boundary(shapes)
    number, building = shapely.STRtree(buildings).query(edges, predicate="crosses")
    inside = shapely.intersection(buildings[building], shapes[number])
    area = shapely.area(inside) * _SQUARE_DEGREE
    whole = shapely.area(buildings[building]) * _SQUARE_DEGREE
    for position in np.flatnonzero((area > _CUT_AREA) & (whole - area > _CUT_AREA)):
        middle = shapely.point_on_surface(buildings[building[position]])
        found[keys[number[position]]].append(
            {
                "kind": "building",
                "point": [round(middle.x, 6), round(middle.y, 6)],
                "area_m2": round(float(min(area[position], (whole - area)[position])), 1),
            }
        )
    return found
