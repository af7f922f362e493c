"""What an operation has changed: measured, with the rows before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import shapely

from geodata import boundaries
from gridmap.services.grids import multi
from gridmap.services.scenario_measures import measured, read_ground, rules_of
from gridmap.services.scenario_views import Aside
from gridmap.store import scenario_grid
from gridmap.store.database import Row, Transaction


@dataclass(frozen=True)
class Done:
    """What an operation has changed.

    Attributes
    ----------
    keys
        Grids with other ground or another name, new and removed ones included.
    before, after
        Rows by key as they were and are, neighbours with a new point on their border included.
    local
        Shapes of the place before and after.
    """

    keys: list[str]
    before: dict[str, Any]
    after: dict[str, Any]
    local: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]
    figures: dict[str, Any]


def measured_done(
    tx: Transaction, row: Row, local: gpd.GeoDataFrame, operation: Any, aside: Aside
) -> Done:
    """Run an operation, measure what it has changed, and make the rows before and after."""
    made: boundaries.Change = aside(operation)
    after_shapes = [made.grids.geometry[key] for key in made.changed]
    ground = read_ground(tx, after_shapes)
    rules = rules_of(tx, sorted(set(made.grids["community"])))
    found = aside(lambda: measured(made.grids, list(made.changed), ground, rules))
    touched = [key for key in (*made.changed, *made.removed, *made.noded) if key in local.index]
    before = scenario_grid.images(tx, row["id"], touched)
    after = {}
    for key in made.changed:
        source = before.get(key) or _newborn(key, made, before)
        after[key] = source | found[key] | {"changed": True}
    for key in made.noded:
        shape = made.grids.geometry[key]
        after[key] = before[key] | {"geom": shapely.to_wkb(multi(shape), hex=True)}
    keys = sorted({*made.changed, *made.removed})
    return Done(keys, before, after, (local, made.grids), _figures(before, after, keys))


def _newborn(
    key: str, made: boundaries.Change, before: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """Begin the row of a new grid: it inherits the member of the grid it came from."""
    mine = made.grids.geometry[key]
    old = max(
        (before[one] for one in sorted(before) if one in (*made.changed, *made.removed)),
        key=lambda image: _common(image, mine),
    )
    return old | {
        "key": key,
        "code": None,
        "name": None,
        "base_id": None,
        "member_id": None,
        "parent": old["code"] or old["parent"],
    }


def _common(image: dict[str, Any], shape: Any) -> float:
    """Measure how much ground a grid had of what another has now."""
    old = shapely.from_wkb(bytes.fromhex(image["geom"]))
    return float(shapely.area(shapely.intersection(old, shape)))


def _figures(before: dict[str, Any], after: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """Say what an operation has moved: households in each grid before and after."""
    return {
        "households": {
            key: [
                before[key]["households"] if key in before else None,
                after[key]["households"] if key in after else None,
            ]
            for key in keys
        }
    }
