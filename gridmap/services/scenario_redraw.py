"""One community drawn anew: proposed by a worker, taken as one operation with one undo."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment

from geodata.coverage_parts import united
from geodata.units import locate
from gridmap.model.access import Scope
from gridmap.model.grid_rules import GridRule
from gridmap.services.grid_rules import exceptions_of
from gridmap.services.grids import Inputs, draw_community, multi, out_of_range
from gridmap.services.scenario_measures import measured, read_ground, rules_of
from gridmap.store import grid, street
from gridmap.store.database import Database

_TOLD = ("households", "people", "deviation", "polsby_popper", "reock", "walkable", "round_metres")
_CRACK = 1e-6  # degrees, a decimetre


def proposed(
    database: Database, scope: Scope, told: Mapping[str, Any], grids: gpd.GeoDataFrame
) -> dict[str, Any]:
    """Draw a community anew within the outline of its grids, as the result of a proposal.

    A new grid keeps the key of the old one with which it shares most households; what is left
    over on either side is new, or goes.
    """
    code = told["community"]
    own = grids[grids["community"] == code]
    with database.transaction(scope, snapshot=True) as tx:
        rule = rules_of(tx, [code])[code]
        exceptions = exceptions_of(tx, code)
        homes = grid.households_of(tx, code)
        inputs = Inputs(
            code=code,
            outline=united(own.geometry),
            households=homes,
            roads=street.roads_of(tx, code),
            water=street.water_of(tx, code),
            buildings=grid.buildings_of(tx, code),
        )
        ground = read_ground(tx, own.geometry)
    minimum, maximum = told.get("minimum", rule.minimum), told.get("maximum", rule.maximum)
    drawn = draw_community(inputs, minimum, maximum, told.get("seed", 0), exceptions)
    shapes = np.asarray(drawn["geom"], dtype=object)
    points = np.asarray(homes.geometry.array, dtype=object)
    keys, moved = _matched(own, shapes, points)
    after = gpd.GeoDataFrame(
        {"community": code}, geometry=shapes, index=pd.Index(keys), crs=own.crs
    )
    measures = measured(after, keys, ground, {code: rule})
    before = measured(own, list(own.index), ground, {code: rule})
    names = sorted({*keys, *map(str, own.index)})
    rows: list[dict[str, Any]] = [
        {"key": key, "before": _flat(before.get(key)), "after": _flat(measures.get(key))}
        for key in names
    ]
    sides = [[row[side] for row in rows if row[side]] for side in ("before", "after")]
    ground_moved = _moved_ground(own, dict(zip(keys, shapes, strict=True)))
    whole = _asked(code, drawn, minimum, maximum, rule.source)
    reason = "rules_cannot_be_kept" if whole["reason"] else None
    if not moved and ground_moved is None:
        reason = reason or "nothing_to_do"
    step = {
        "n": 1,
        "kind": "redraw",
        "from": None,
        "to": None,
        "households": moved,
        "people": None,
        "needs": [],
        "state": "open",
        "community": code,
        "geom": None if ground_moved is None else shapely.to_wkb(ground_moved, hex=True),
        "rows": {
            key: shapely.to_wkb(shape, hex=True) for key, shape in zip(keys, shapes, strict=True)
        },
    }
    return {
        "figures": {
            "households_moved": moved,
            "bound": None,
            "proven": False,
            "grids": [len(own), len(keys)],
            "within": [sum(rule.fits(each["households"]) for each in side) for side in sides],
            "max_deviation": [
                max((each["deviation"] for each in side), key=abs, default=None) for side in sides
            ],
            "mean_polsby_popper": [
                round(float(np.mean([each["polsby_popper"] for each in side])), 4) for side in sides
            ],
            "asked": [whole],
            "reason": reason,
        },
        "grids": rows,
        "steps": [] if ground_moved is None and not moved else [step],
    }


def _asked(
    code: str, drawn: gpd.GeoDataFrame, minimum: int, maximum: int, source: str
) -> dict[str, Any]:
    """Say what was asked, and of the grid that misses it most what keeps it from the rule."""
    misses = out_of_range(drawn, GridRule(minimum, maximum, source))
    outside = [
        max(each["minimum"] - each["households"], each["households"] - each["maximum"])
        for each in misses
    ]
    worst = misses[int(np.argmax(outside))] if misses else {}
    return {
        "community": code,
        "grids": len(drawn),
        "households": int(drawn["households"].sum()),
        "minimum": minimum,
        "maximum": maximum,
        "outside": sum(outside),
        "reason": worst.get("reason", "blocks") if misses else None,
        **{name: worst[name] for name in ("whole", "fewest", "most", "largest") if name in worst},
    }


def _moved_ground(own: gpd.GeoDataFrame, shapes: dict[str, Any]) -> Any:
    """Give the ground that would lie in another grid, in one shape; None where nothing moves."""
    old = dict(zip(map(str, own.index), own.geometry, strict=True))
    moved = [
        shapely.difference(shape, old[key]) if key in old else shape
        for key, shape in shapes.items()
    ]
    # what rounding leaves between two drawings of one border is no ground
    found = shapely.buffer(shapely.buffer(shapely.union_all(moved), -_CRACK), _CRACK)
    return None if shapely.is_empty(found) else multi(found)


def _flat(row: dict[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    flat = {**row["measures"], "households": row["households"], "people": row["people"]}
    return {name: flat.get(name) for name in _TOLD}


def _matched(own: gpd.GeoDataFrame, shapes: Any, points: Any) -> tuple[list[str], int]:
    """Give each new shape the key of an old grid, or a number; and how many households move."""
    old = np.asarray(own.geometry.array, dtype=object)
    common = np.zeros((len(old), len(shapes)))
    if len(points):
        np.add.at(common, (locate(points, old), locate(points, shapes)), 1)
    rows, columns = linear_sum_assignment(common, maximize=True)
    keys: list[str | None] = [None] * len(shapes)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        keys[column] = str(own.index[row])
    fresh = iter(range(1, len(shapes) + 1))
    return [key or f"+{next(fresh)}" for key in keys], int(
        len(points) - common[rows, columns].sum()
    )
