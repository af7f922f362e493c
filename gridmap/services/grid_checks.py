"""Check the grids in force of an area, in figures."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from geodata import districting, topology
from gridmap.model.access import Scope
from gridmap.model.grid_rules import GridRule
from gridmap.model.problem import conflict
from gridmap.services import grid_rules, scenario_sizes
from gridmap.services.progress import Progress, Silent
from gridmap.store import area, grid, street
from gridmap.store.database import Database


def check(
    database: Database,
    scope: Scope,
    area_code: str,
    *,
    minimum: int | None = None,
    maximum: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Check the grids in force of an area: faults of topology and quality, in figures.

    Parameters
    ----------
    minimum, maximum
        Households of a grid; where they are not given, what the rule of each community says.

    Returns
    -------
    dict
        `grids`, `households`, `within` (count and share inside the rule of the community),
        `within_10_percent` of its middle,
        `contiguous`, `walkable`, means of `polsby_popper`, `reock`, `along_roads`, and `faults`
        (kind, grids, area_m2). `out_of_range` lists the grids outside their rule, with the
        reason of those whose community cannot be cut to them at all.
    """
    watch = progress or Silent()
    with database.transaction(scope, snapshot=True) as tx:
        communities = area.communities(tx, area_code)
        grids = grid.in_force(tx, area_code)
        rules = {
            code: GridRule(minimum or rule.minimum, maximum or rule.maximum, rule.source)
            for code, rule in grid_rules.rules_of(tx, list(communities.index)).items()
        }
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
        rule = rules[str(code)]
        table = districting.quality(
            own, households, roads, minimum=rule.minimum, maximum=rule.maximum
        )
        tables.append(table.assign(least=rule.minimum, most=rule.maximum))
    return _summary(pd.concat(tables), pd.concat(faults), rules)


def _summary(
    quality: pd.DataFrame, faults: pd.DataFrame, rules: Mapping[str, GridRule]
) -> dict[str, Any]:
    households = quality["households"]
    within = int(households.between(quality["least"], quality["most"]).sum())
    middle = (quality["least"] + quality["most"]) / 2
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
        "out_of_range": _outside(households, rules),
        "faults": [
            {
                "kind": fault["kind"],
                "grids": [str(code) for code in fault["grids"]],
                "area_m2": round(float(fault["area_m2"]), 2),
            }
            for fault in faults.drop(columns="geometry").to_dict("records")
        ],
    }


def _outside(households: "pd.Series[int]", rules: Mapping[str, GridRule]) -> list[dict[str, Any]]:
    of = households.index.astype(str).str[:12]
    totals = households.groupby(of).sum()
    return [
        {
            "grid": str(code),
            "households": int(count),
            **(
                scenario_sizes.of_community(int(totals[str(code)[:12]]), rules[str(code)[:12]])
                or {}
            ),
        }
        for code, count in households.items()
        if not rules[str(code)[:12]].fits(int(count))
    ]
