"""A scenario of imported grids: exactly those shown, whole or not at all."""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.model.access import Scope
from gridmap.model.problem import conflict, not_found
from gridmap.services import grid_import_special
from gridmap.services.grid_imports import check_current
from gridmap.services.grids import multi
from gridmap.services.progress import Progress
from gridmap.services.scenario_faults import summary
from gridmap.services.scenario_measures import measured, read_ground, rules_of
from gridmap.services.scenario_opening import prepare
from gridmap.services.scenarios import MOST_OPEN
from gridmap.store import (
    area,
    event,
    grid_import,
    job,
    scenario,
    scenario_blank,
    scenario_grid,
    upload,
)
from gridmap.store.database import Database, Row, Transaction


def take(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed job: make the scenario, all of it in one transaction."""
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    upload_id = row["arguments"]["upload"]
    progress.step(0, 2, "reading")
    with database.transaction(scope) as tx:
        held = upload.hold(tx, upload_id)
        told = grid_import.read(tx, upload_id, hold=True)
        if held is None or told is None:
            raise not_found(f"import of grids {upload_id}")
        if told["version"] != row["arguments"]["version"] or told["undecided"]:
            raise conflict("somebody has decided since; look at the import again")
        check_current(tx, told)
        if scenario.unfinished(tx, told["area_code"]) >= MOST_OPEN:
            raise conflict(f"area {told['area_code']} has {MOST_OPEN} open scenarios")
        progress.step(1, 2, "saving")
        scenario_id, figures = _scenario(tx, told)
        grid_import.taken(tx, upload_id, scenario_id)
        upload.end(tx, upload_id, "taken")
        result = {"upload": upload_id, "state": "taken", "scenario": scenario_id}
        job.finish(tx, row["id"], row["token"], result, told["input_version"])
        event.record(
            tx,
            "scenario.opened",
            area_code=told["area_code"],
            subject_id=scenario_id,
            payload={"scenario": scenario_id, "grids": figures["grids"], "upload": upload_id},
        )


def _scenario(tx: Transaction, told: Row) -> tuple[int, dict[str, Any]]:
    """Copy what is in force, then put the imported grids in the place of their communities'."""
    scenario_id = scenario.insert(tx, told["area_code"], told["name"])
    communities = list(area.communities(tx, told["area_code"]).index)
    scenario_grid.copy_in_force(tx, scenario_id, communities)
    before = scenario_grid.light(tx, scenario_id)
    rules = rules_of(tx, communities)
    scenario.set_base_summary(tx, scenario_id, summary(before, rules))
    grids = grid_import.grids(tx, told["upload_id"])
    new = sum(grid["code"] is None for grid in grids)
    numbers = scenario.take_numbers(tx, scenario_id, new) if new else []
    if numbers != [grid["key"] for grid in grids if grid["code"] is None]:
        raise conflict("the numbers of new grids are not those shown")
    in_force = grid_import.in_force(tx, told["area_code"])
    over = [grid for grid in grids if grid.get("kind") == "special"]
    grids = [grid for grid in grids if grid.get("kind") != "special"]
    mine = sorted({grid["community"] for grid in grids})
    grid_import.replace_in_scenario(tx, scenario_id, mine)
    for code in mine:
        own = [grid for grid in grids if grid["community"] == code]
        scenario_grid.put(tx, scenario_id, _rows(tx, own, in_force, rules), ())
    # a special grid lies over ground that is in a comprehensive one
    scenario_blank.fill(tx, scenario_id, sorted({grid["community"] for grid in over}))
    grid_import_special.put(tx, scenario_id, over)
    prepare(tx, scenario_id, communities, lambda work: work())
    light = scenario_grid.light(tx, scenario_id)
    return scenario_id, summary(light, rules)


def _rows(
    tx: Transaction,
    grids: Sequence[Mapping[str, Any]],
    in_force: gpd.GeoDataFrame,
    rules: Mapping[str, Any],
) -> dict[str, dict[str, Any]]:
    """Make the rows of a community's grids, measured."""
    keys = [grid["key"] for grid in grids]
    shapes = shapely.from_wkb([grid["geom"] for grid in grids])
    local = gpd.GeoDataFrame(
        {"community": [grid["community"] for grid in grids]},
        index=keys,
        geometry=gpd.GeoSeries(np.asarray(shapes, dtype=object), index=keys, crs=in_force.crs),
    )
    found = measured(local, keys, read_ground(tx, local.geometry), rules)
    rows = {}
    for grid, shape in zip(grids, shapes, strict=True):
        base = in_force.loc[grid["code"]] if grid["code"] else None
        name = grid["name"] or (None if base is None else base["name"])
        rows[grid["key"]] = {
            "key": grid["key"],
            "area_code": grid["community"],
            "code": grid["code"],
            "parent": grid["parent"],
            "base_id": None if base is None else int(base["id"]),
            "name": name,
            "changed": base is None or name != base["name"] or not _same(shape, base.geometry),
            **found[grid["key"]],
        }
    return rows


def _same(one: Any, other: Any) -> bool:
    """Tell whether a grid has the ground that it has in force, but for points on its border."""
    return bool(shapely.equals(multi(one), multi(other)))
