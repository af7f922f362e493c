"""Micro-grids: each comprehensive grid divided for who goes from door to door."""

from typing import Any

import geopandas as gpd
import pandas as pd

from geodata import districting
from gridmap.model.access import Scope
from gridmap.model.problem import conflict
from gridmap.services import grid_rules
from gridmap.services.progress import Progress, Silent
from gridmap.store import grid, street
from gridmap.store.database import Database


def draw(
    database: Database,
    scope: Scope,
    area_code: str,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[gpd.GeoDataFrame, list[dict[str, Any]]]:
    """Divide the comprehensive grids in force of an area; nothing is stored.

    Parameters
    ----------
    area_code
        6, 9, 12 or 15 digits.
    seed
        The same seed and data give the same bytes.

    Returns
    -------
    tuple
        By parent and number: ``parent`` (code of the grid), ``number`` (west to east and north to
        south in it), ``households``, ``people``, ``geometry``; those of one parent fill it. And
        what misses the rule for micro-grids, with the figures that say why.

    Raises
    ------
    Problem
        409 where no grids are in force.
    """
    watch = progress or Silent()
    with database.transaction(scope, snapshot=True) as tx:
        parents = grid.in_force(tx, area_code)
        rules = grid_rules.rules_of(tx, sorted(set(parents["area_code"])), "micro")
    if parents.empty:
        raise conflict(f"area {area_code} has no grids in force")
    tables, notes = [], []
    for position, (code, parent) in enumerate(parents.iterrows()):
        watch.step(position, len(parents), str(code))
        community = str(parent["area_code"])
        rule = rules[community]
        with database.transaction(scope, snapshot=True) as tx:
            inside = grid.households_of(tx, str(code))
            drawn = districting.draw_grids(
                parent.geometry,
                inside,
                street.roads_of(tx, community),
                street.water_of(tx, community),
                grid.buildings_of(tx, community),
                rule.minimum,
                rule.maximum,
                seed,
            )
        sizes = drawn.set_index("grid")["households"]
        notes += [
            {
                "parent": str(code),
                "number": number,
                "households": int(sizes[number]),
                "minimum": rule.minimum,
                "maximum": rule.maximum,
                "source": rule.source,
                **why,
            }
            for number, why in drawn.attrs["why"].items()
        ]
        # concat would compare what it cannot keep
        drawn.attrs.clear()
        tables.append(drawn.rename(columns={"grid": "number"}).assign(parent=str(code)))
    found = pd.concat(tables, ignore_index=True)
    return found[["parent", "number", "households", "people", "geometry"]], notes
