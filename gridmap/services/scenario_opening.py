"""What a scenario gets when it is opened: measures, and the faults of what is in force."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import shapely

from geodata import topology
from gridmap.services import scenario_special
from gridmap.services.scenario_measures import (
    Ground,
    burdens_of,
    measured,
    read_ground,
    rules_of,
)
from gridmap.services.scenario_views import Aside
from gridmap.store import area, scenario_finding, scenario_grid
from gridmap.store.database import Transaction


def prepare(tx: Transaction, scenario_id: int, communities: Sequence[str], aside: Aside) -> None:
    """Measure and check what has been copied of some communities.

    All of them at once: a county has hundreds, and what is asked of the database and of the
    ground costs the same for one as for all. Blocks are cut when somebody wants them.
    """
    scenario_grid.set_measures(
        tx, scenario_id, scenario_special.measure(tx, scenario_id, communities)
    )
    grids = scenario_grid.all_of(tx, scenario_id)
    own = grids[grids["community"].isin(communities)]
    if own.empty:
        return
    bare = [key for key, measures in own["measures"].items() if "polsby_popper" not in measures]
    ground = read_ground(tx, own.geometry, buildings=bool(bare))
    _measure(tx, scenario_id, own, bare, ground, aside)
    kept = own.drop(index=bare)
    if not kept.empty:
        scenario_grid.add_measures(tx, scenario_id, aside(lambda: burdens_of(kept, ground)))
    _check(tx, scenario_id, own, aside)


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
