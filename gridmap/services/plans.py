"""Evacuation plans: asked for by an officer, drafted by a worker, decided by people."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import from_wkb
from shapely.geometry.base import BaseGeometry

from geodata import evacuation, evacuation_ways
from geodata.network import Network
from gridmap.model.access import Scope
from gridmap.model.problem import conflict, not_found
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.progress import Progress
from gridmap.store import event, hazard, job, plan, street, version
from gridmap.store.database import Database, Row, Transaction

KIND = "evacuation.draft"
# People on foot set the pace; the way by vehicle to the same shelter is for those who cannot walk.
PROFILE = "walk"
VEHICLE = "drive"


@dataclass(frozen=True)
class Inputs:
    """Everything one draft is computed from, as of one moment."""

    hazard_id: int
    shape: BaseGeometry
    blocked: list[BaseGeometry]
    households: gpd.GeoDataFrame
    shelters: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    version: str


def request(database: Database, scope: Scope, hazard_id: int) -> tuple[int, int]:
    """Ask for a draft; give the ids of the plan and of its job.

    Raises
    ------
    Problem
        404 if the hazard is not there or not for this person, 409 if it is lifted.
    """
    with database.transaction(scope) as tx:
        found = hazard.read(tx, hazard_id)
        if found is None:
            raise not_found(f"hazard {hazard_id}")
        if found["state"] != "declared":
            raise conflict(f"hazard {hazard_id} is {found['state']}")
        plan_id = plan.start(tx, hazard_id, found["area_code"], {"profile": PROFILE})
        job_id = job.request(
            tx,
            KIND,
            queue=QUEUE_OF[KIND],
            area_code=found["area_code"],
            arguments={"plan": plan_id, "hazard": hazard_id},
        )
        plan.set_job(tx, plan_id, job_id)
    return plan_id, job_id


def draft(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed draft: read a snapshot, compute with no connection held, save in one go."""
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    plan_id = int(row["arguments"]["plan"])
    progress.step(0, 5, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        inputs = _read(tx, int(row["arguments"]["hazard"]), row["area_code"])
    progress.step(1, 5, "network")
    network = Network.from_roads(inputs.roads, profile=PROFILE)
    progress.step(2, 5, "assigning")
    made = evacuation.draft(
        network,
        inputs.households,
        inputs.shelters,
        inputs.shape,
        blocked=inputs.blocked or None,
        options=evacuation.Options(profile=PROFILE),
    )
    progress.step(3, 5, "driving")
    driven = evacuation_ways.ways_to(
        Network.from_roads(inputs.roads, profile=VEHICLE),
        inputs.households,
        inputs.shelters,
        inputs.shape,
        made.assignments["shelter"],
        blocked=inputs.blocked or None,
    )
    progress.step(4, 5, "saving")
    routes = pd.concat([walked_rows(inputs, made), driven_rows(inputs, driven)])
    _save(database, scope, row, plan_id, inputs, made, routes)


def _read(tx: Transaction, hazard_id: int, area_code: str) -> Inputs:
    found = hazard.read(tx, hazard_id)
    if found is None:
        raise not_found(f"hazard {hazard_id}")
    roads = street.roads(tx, area_code)
    if roads.empty:
        raise conflict("there are no streets yet: run `gridmap import roads FILE` first")
    return Inputs(
        hazard_id=hazard_id,
        shape=from_wkb(bytes(found["wkb"])),
        blocked=street.closures(tx, area_code),
        households=plan.affected(tx, hazard_id),
        shelters=plan.shelters(tx, area_code, hazard_id),
        roads=roads,
        version=version.of(tx, plan.INPUT_LAYERS),
    )


def assignment_rows(inputs: Inputs, made: evacuation.Draft) -> pd.DataFrame:
    """Put served and unserved into one row per affected household, as the table wants them."""
    households = inputs.households
    needs = [name for name in evacuation.NEEDS if name in households.columns]
    urgent = households[needs].gt(0).any(axis=1) if needs else households["people"] < 0
    return pd.DataFrame(
        {
            "area_code": households["area_code"],
            "people": households["people"],
            "with_needs": urgent,
            "shelter_id": made.assignments["shelter"].reindex(households.index).astype("Int64"),
            "seconds": made.assignments["seconds"].reindex(households.index),
            "metres": made.assignments["metres"].reindex(households.index),
            "wave": made.assignments["wave"].reindex(households.index).astype("Int64"),
            "reason": made.unserved["reason"].reindex(households.index),
            "detail": _detail(made.unserved, inputs.shelters).reindex(households.index),
        },
        index=households.index,
    )


def _detail(unserved: pd.DataFrame, shelters: gpd.GeoDataFrame) -> "pd.Series[Any]":
    """Say how many beds are short, and where: a reason must be one that can be acted on."""
    text = [
        None
        if pd.isna(row["shelter"]) or pd.isna(row["beds"])
        else f"{int(row['beds'])} @ {shelters.at[row['shelter'], 'name']}"
        for row in unserved[["shelter", "beds"]].to_dict("records")
    ]
    return pd.Series(text, index=unserved.index, dtype=object)


def walked_rows(inputs: Inputs, made: evacuation.Draft) -> pd.DataFrame:
    """Give the way on foot of each served household, as the route table wants it."""
    ways = made.routes.assign(
        seconds=made.assignments["seconds"], metres=made.assignments["metres"]
    )
    return _route_rows(inputs, ways, PROFILE)


def driven_rows(inputs: Inputs, ways: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give the way by vehicle to the same shelter, where there is one."""
    return _route_rows(inputs, ways[ways.geometry.notna()], VEHICLE)


def _route_rows(inputs: Inputs, ways: gpd.GeoDataFrame, mode: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "area_code": inputs.households.loc[ways.index, "area_code"],
            "mode": mode,
            "seconds": ways["seconds"],
            "metres": ways["metres"],
            "geom": ways.geometry.to_numpy(dtype=object),
        },
        index=ways.index,
    )


def _save(  # noqa: PLR0913 - the parts of a draft
    database: Database,
    scope: Scope,
    row: Row,
    plan_id: int,
    inputs: Inputs,
    made: evacuation.Draft,
    routes: pd.DataFrame,
) -> None:
    summary = {"plan": plan_id, **made.totals}
    with database.transaction(scope) as tx:
        saved = plan.save(
            tx,
            plan_id,
            input_version=inputs.version,
            totals=made.totals,
            person_seconds=made.person_seconds,
            bound=made.bound,
            assignments=assignment_rows(inputs, made),
            routes=routes,
        )
        if not saved:
            raise conflict(f"plan {plan_id} is not being drafted any more")
        plan.supersede(tx, plan_id, inputs.hazard_id)
        job.finish(tx, row["id"], row["token"], summary, inputs.version)
        event.record(
            tx,
            "plan.drafted",
            area_code=row["area_code"],
            subject_id=plan_id,
            payload={"hazard": inputs.hazard_id},
        )


def show(database: Database, scope: Scope, plan_id: int) -> dict[str, Any]:
    """Give a plan with totals, loads of shelters, who is not served, and whether it is current.

    Raises
    ------
    Problem
        404 if there is none for this person.
    """
    with database.transaction(scope) as tx:
        row = plan.read(tx, plan_id)
        if row is None:
            raise not_found(f"plan {plan_id}")
        current = version.still(tx, row["input_version"])
        loads, unserved = plan.loads(tx, plan_id), plan.unserved(tx, plan_id)
    seconds, bound = row["person_seconds"], row["bound"]
    return {
        "id": row["id"],
        "hazard": row["hazard_id"],
        "area": row["area_code"],
        "version": row["version"],
        "state": row["state"],
        "job": row["job_id"],
        "input_version": row["input_version"],
        "stale": not current,
        "totals": row["totals"],
        "person_seconds": seconds,
        "bound": bound,
        "gap_percent": round(100 * (seconds / bound - 1), 4) if bound else None,
        "shelters": [dict(load) for load in loads],
        "unserved": [dict(reason) for reason in unserved],
        "created_at": row["created_at"].isoformat(),
    }
