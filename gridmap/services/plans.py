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
from gridmap.services.plan_ways import way_rows
from gridmap.services.progress import Progress
from gridmap.store import (
    closure,
    event,
    hazard,
    job,
    plan,
    plan_inputs,
    plan_order,
    street,
    version,
)
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
    closures: gpd.GeoDataFrame
    households: gpd.GeoDataFrame
    shelters: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    version: str
    prints: dict[str, str]
    times: dict[str, str]


def request(database: Database, scope: Scope, hazard_id: int) -> tuple[int, int]:
    """Ask for a draft; give the ids of the plan and of its job.

    While one is under way from the very same data, asking again gives that one: two people who
    press at once have one plan, and nobody waits for the same figures twice.

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
        plan.hold_hazard(tx, hazard_id)
        asked = version.of(tx, plan.INPUT_LAYERS)
        waiting = plan.under_way(tx, hazard_id, asked)
        if waiting is not None:
            return int(waiting["id"]), int(waiting["job_id"])
        options = {"profile": PROFILE}
        plan_id = plan.start(tx, hazard_id, found["area_code"], options, asked)
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
    progress.step(0, 6, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        inputs = _read(tx, int(row["arguments"]["hazard"]), row["area_code"])
    progress.step(1, 6, "network")
    network = _network(inputs, PROFILE)
    progress.step(2, 6, "assigning")
    made = evacuation.draft(
        network,
        inputs.households,
        inputs.shelters,
        inputs.shape,
        blocked=_blocked(inputs),
        options=evacuation.Options(profile=PROFILE),
    )
    progress.step(3, 6, "driving")
    driven = evacuation_ways.ways_to(
        _network(inputs, VEHICLE),
        inputs.households,
        inputs.shelters,
        inputs.shape,
        made.assignments["shelter"],
        blocked=_blocked(inputs),
    )
    progress.step(4, 6, "directions")
    walked = walked_rows(inputs, made)
    ways = way_rows(
        inputs.households,
        made.assignments["shelter"],
        gpd.GeoDataFrame(walked, geometry="geom", crs=inputs.households.crs),
        inputs.roads,
    )
    progress.step(5, 6, "saving")
    routes = pd.concat([walked, driven_rows(inputs, driven)])
    _save(database, scope, row, plan_id, inputs, made, routes, ways)


def _network(inputs: Inputs, profile: str) -> Network:
    """Build the streets without the bridges and tunnels that are closed themselves."""
    closures = inputs.closures
    return Network.from_roads(inputs.roads, profile=profile).close(
        closures[closures["closes"] != "ground"].assign(closes="bridges")
    )


def _blocked(inputs: Inputs) -> list[BaseGeometry] | None:
    """Give the ground nobody can pass; what spans it by a bridge stays open."""
    closures = inputs.closures
    return list(closures.geometry[closures["closes"] != "bridges"]) or None


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
        closures=closure.in_force(tx, area_code),
        households=plan.affected(tx, hazard_id),
        shelters=plan.shelters(tx, area_code, hazard_id),
        roads=roads,
        version=version.of(tx, plan.INPUT_LAYERS),
        prints=plan_inputs.prints(tx, hazard_id, area_code),
        times=plan_inputs.times(tx),
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
    ways: pd.DataFrame,
) -> None:
    summary = {"plan": plan_id, **made.totals}
    with database.transaction(scope) as tx:
        saved = plan.save(
            tx,
            plan_id,
            input_version=inputs.version,
            inputs=inputs.prints,
            input_times=inputs.times,
            totals=made.totals,
            person_seconds=made.person_seconds,
            bound=made.bound,
            assignments=assignment_rows(inputs, made),
            routes=routes,
            ways=ways,
        )
        if not saved:
            raise conflict(f"plan {plan_id} is not being drafted any more")
        plan_order.seal(tx, plan_id)
        plan.supersede(tx, plan_id, inputs.hazard_id)
        job.finish(tx, row["id"], row["token"], summary, inputs.version)
        event.record(
            tx,
            "plan.drafted",
            area_code=row["area_code"],
            subject_id=plan_id,
            payload={"hazard": inputs.hazard_id},
        )


def changed_layers(tx: Transaction, row: Row) -> list[str]:
    """Give the layers that would give a plan other data now than it was drafted from.

    Versions of layers tell at once when nothing at all has changed. When something has, the data
    of this very plan decide: a household at the other end of the county makes no plan stale.
    """
    if not row["inputs"] or not any(row["area_code"].startswith(own) for own in tx.scope.areas):
        return version.changed(tx, row["input_version"])
    return plan_inputs.changed(tx, int(row["hazard_id"]), row["area_code"], row["inputs"])


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
        changed = changed_layers(tx, row)
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
        "stale": bool(changed),
        "changed": changed,
        "totals": row["totals"],
        "person_seconds": seconds,
        "bound": bound,
        "gap_percent": round(100 * (seconds / bound - 1), 4) if bound else None,
        "shelters": [dict(load) for load in loads],
        "unserved": [dict(reason) for reason in unserved],
        "created_at": row["created_at"].isoformat(),
    }
