"""How far households are from their member on foot: measured by a worker, grid by grid.

Until it has come to a grid, that grid says that its ways are being measured; never an old figure.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.grid_walks import walks
from geodata.network import Network
from gridmap.model.access import Scope
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.progress import Progress
from gridmap.services.scenario_faults import WALK_MINUTES
from gridmap.store import event, frames, job, scenario_ground, scenario_walk
from gridmap.store.database import Database, Row, Transaction

KIND = "scenarios.walks"
_AROUND = 0.004  # degrees beyond a grid and its member, about 400 m: ways may lead round outside
_FARTHEST = 0.1  # degrees: a member farther off does not walk
_BATCH = 10  # grids that are saved together


def want(tx: Transaction, row: Row) -> None:
    """Have a worker measure what has changed in a scenario, unless one is about to begin."""
    if scenario_walk.queued(tx, KIND, row["id"]):
        return
    # nobody has asked for it, so it counts among nobody's jobs
    own = Transaction(tx.connection, replace(tx.scope, user_id=None))
    job.request(
        own,
        KIND,
        queue=QUEUE_OF[KIND],
        area_code=row["area_code"],
        arguments={"scenario": row["id"]},
    )


def measure(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed job: measure the ways in every grid where that has not been done."""
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    scenario_id = row["arguments"]["scenario"]
    with database.transaction(scope, snapshot=True) as tx:
        waiting = scenario_walk.pending(tx, scenario_id)
    done = 0
    for start in range(0, len(waiting), _BATCH):
        batch = waiting[start : start + _BATCH]
        progress.step(start, len(waiting), batch[0]["key"])
        found = [_measured(database, scope, each) for each in batch]
        with database.transaction(scope) as tx:
            saved = scenario_walk.save(tx, scenario_id, found)
            done += len(saved)
            event.record(
                tx,
                "scenario.measured",
                area_code=row["area_code"],
                subject_id=scenario_id,
                payload={"scenario": scenario_id, "grids": saved},
            )
    with database.transaction(scope) as tx:
        job.finish(tx, row["id"], row["token"], {"grids": done}, "")


def _measured(database: Database, scope: Scope, grid: Row) -> dict[str, Any]:
    """Measure one grid; a member without a place, or too far off to walk, gives no figure."""
    shape = shapely.from_wkb(bytes(grid["geom"]))
    made: dict[str, Any] = {"state": "none"}
    if grid["lon"] is not None:
        member = shapely.Point(grid["lon"], grid["lat"])
        box = shapely.union(shape, member).bounds
        if max(box[2] - box[0], box[3] - box[1]) <= _FARTHEST:
            made = {"state": "current"} | _ways(database, scope, shape, member)
    made |= {"member": grid["member_id"], "as_of": datetime.now(UTC).isoformat()}
    return {"key": grid["key"], "version": grid["version"], "walk": made}


def _ways(database: Database, scope: Scope, shape: Any, member: Any) -> dict[str, Any]:
    west, south, east, north = shapely.union(shape, member).bounds
    around = (west - _AROUND, south - _AROUND, east + _AROUND, north + _AROUND)
    with database.transaction(scope, snapshot=True) as tx:
        roads = scenario_walk.roads(tx, around)
        homes = scenario_ground.households_near(tx, shape.bounds)
    places: Any = shapely.points(homes["x"].to_numpy(dtype=float), homes["y"].to_numpy(dtype=float))
    shapely.prepare(shape)
    inside = places[np.asarray(shapely.intersects(shape, places), dtype=bool)]
    network = Network.from_roads(roads, profile="walk")
    return walks(
        network,
        gpd.GeoSeries([member], crs=frames.CRS),
        gpd.GeoSeries(inside, crs=frames.CRS),
        60.0 * WALK_MINUTES,
    )
