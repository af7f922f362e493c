"""Check the grids in force of an area, in figures."""

from typing import Any

import pandas as pd

from geodata import districting, topology
from gridmap.model.access import Scope
from gridmap.model.grid_rules import GridRule
from gridmap.model.problem import conflict
from gridmap.services import scenario_sizes
from gridmap.services.grids import MAXIMUM, MINIMUM
from gridmap.services.progress import Progress, Silent
from gridmap.store import area, grid, street
from gridmap.store.database import Database


def check(
    database: Database,
    scope: Scope,
    area_code: str,
    *,
    minimum: int = MINIMUM,
    maximum: int = MAXIMUM,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Check the grids in force of an area: faults of topology and quality, in figures.

    Returns
    -------
    dict
        `grids`, `households`, `within` (count and share inside the limits), `within_10_percent`,
        `contiguous`, `walkable`, means of `polsby_popper`, `reock`, `along_roads`, and `faults`
        (kind, grids, area_m2). `out_of_range` lists the grids outside the limits, with the
        reason of those whose community cannot be cut to them at all.
    """
    watch = progress or Silent()
    with database.transaction(scope, snapshot=True) as tx:
        communities = area.communities(tx, area_code)
        grids = grid.in_force(tx, area_code)
    if grids.empty:
        raise conflict(f"area {area_code} has no grids in force")
    faults, tables = [], []
    for position, (code, community) in enumerate(communities.iterrows()):
        watch.step(position, len(communities), str(code))
        own = grids[grids["area_code"] == code]
        if own.empty:
            continue
        faults.append(topology.find_faults(own, community.geometry))
        with database.transaction(scope, snapshot=True) as tx:
            households, roads = grid.households_of(tx, str(code)), street.roads_of(tx, str(code))
        tables.append(districting.quality(own, households, roads, minimum=minimum, maximum=maximum))
    return _summary(pd.concat(tables), pd.concat(faults), minimum, maximum)


def _summary(
    quality: pd.DataFrame, faults: pd.DataFrame, minimum: int, maximum: int
) -> dict[str, Any]:
    households = quality["households"]
    within = int(households.between(minimum, maximum).sum())
    middle = (minimum + maximum) / 2
    return {
        "grids": len(quality),
        "households": int(households.sum()),
        "within": within,
        "within_share": round(within / len(quality), 4),
        "within_10_percent": int(households.between(0.9 * middle, 1.1 * middle).sum()),
        "contiguous": int(quality["contiguous"].sum()),
        "walkable": int(quality["walkable"].sum()),
        "mean_polsby_popper": round(float(quality["polsby_popper"].mean()), 4),
        "mean_reock": round(float(quality["reock"].mean()), 4),
        "mean_along_roads": round(float(quality["along_roads"].mean()), 4),
        "out_of_range": _outside(households, GridRule(minimum, maximum, "")),
        "faults": [
            {
                "kind": fault["kind"],
                "grids": [str(code) for code in fault["grids"]],
                "area_m2": round(float(fault["area_m2"]), 2),
            }
            for fault in faults.drop(columns="geometry").to_dict("records")
        ],
    }


def _outside(households: "pd.Series[int]", rule: GridRule) -> list[dict[str, Any]]:
    of = households.index.astype(str).str[:12]
    totals = households.groupby(of).sum()
    return [
        {
            "grid": str(code),
            "households": int(count),
            **(scenario_sizes.of_community(int(totals[str(code)[:12]]), rule) or {}),
        }
        for code, count in households.items()
        if not rule.fits(int(count))
    ]
