"""A plan made once more with the fewest changes: who was told stays where they were sent."""

from typing import Any

import geopandas as gpd
import pandas as pd

from gridmap.model.access import Scope
from gridmap.model.plan_options import read as options_of
from gridmap.model.problem import conflict, not_found
from gridmap.services import plan_inputs as reading
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.plan_computing import STEPS, Before, compute
from gridmap.services.plan_inputs import Inputs
from gridmap.services.plans import save, sign
from gridmap.services.progress import Progress
from gridmap.store import (
    event,
    hazard,
    job,
    plan,
    plan_difference,
    plan_part,
    plan_people,
    shelter_status,
    version,
)
from gridmap.store.database import Database, Row, Transaction

KIND = "evacuation.replan"
# what people may have been told to follow
_LIVE = ("drafted", "approved", "active")


def request(database: Database, scope: Scope, plan_id: int) -> tuple[int, int]:
    """Ask for a plan once more, from the data of now; give the ids of the new plan and its job.

    Asked twice while one is under way from the very same data it is that one.

    Raises
    ------
    Problem
        404 if the plan is not there or not for this person; 409 if it is over, or its hazard is.
    """
    with database.transaction(scope) as tx:
        row = plan.read(tx, plan_id)
        if row is None or not any(row["area_code"].startswith(own) for own in scope.areas):
            raise not_found(f"plan {plan_id}")
        if row["state"] not in _LIVE:
            raise conflict(f"plan {plan_id} is {row['state']}")
        found = hazard.read(tx, row["hazard_id"])
        if found is None or found["state"] != "declared":
            raise conflict(f"hazard {row['hazard_id']} is lifted")
        plan.hold_hazard(tx, row["hazard_id"])
        options = options_of(row["options"])
        told = len(plan_difference.told(tx, plan_id))
        full = shelter_status.full(tx, row["hazard_id"])
        data = f"{version.of(tx, plan.INPUT_LAYERS)}{sign(options)}"
        asked = f"{data} again {plan_id} told {told} full {full}"
        waiting = plan.under_way(tx, row["hazard_id"], asked)
        if waiting is not None:
            return int(waiting["id"]), int(waiting["job_id"])
        made = plan.start(
            tx, row["hazard_id"], row["area_code"], options.kept(), asked, replans=plan_id
        )
        job_id = job.request(
            tx,
            KIND,
            queue=QUEUE_OF[KIND],
            area_code=row["area_code"],
            arguments={"plan": made, "hazard": int(row["hazard_id"]), "before": plan_id},
        )
        plan.set_job(tx, made, job_id)
    return made, job_id


def run(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed re-plan: read a snapshot, compute with no connection held, save in one go."""
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    given = row["arguments"]
    plan_id, before_id = int(given["plan"]), int(given["before"])
    progress.step(0, STEPS, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        options = options_of((plan.read(tx, plan_id) or {}).get("options"))
        inputs = reading.read(tx, int(given["hazard"]), row["area_code"], options)
        before = _before(tx, before_id, plan_id)
        _fill(tx, inputs, before)
    made = compute(inputs, options, progress, before)
    progress.step(STEPS - 1, STEPS, "saving")
    changes = made.changes
    with database.transaction(scope) as tx:
        save(tx, row, plan_id, inputs, made)
        event.record(
            tx,
            "plan.replanned",
            area_code=row["area_code"],
            subject_id=plan_id,
            payload={
                "hazard": inputs.hazard_id,
                "before": before_id,
                "households": 0 if changes is None else len(changes),
                "told": 0 if changes is None else int(changes["told"].sum()),
                "exercise": hazard.is_exercise(tx, inputs.hazard_id),
            },
        )


def _before(tx: Transaction, plan_id: int, made: int) -> Before:
    """Read the plan that plan `made` changes, as people know it.

    Who was told keeps to the plan they were told of, which is an older one where that which is
    changed has never been ordered. Departures count from now: of those of a plan that has been
    ordered the time that has gone by is taken off.
    """
    told = pd.Series(plan_difference.told(tx, plan_id), dtype="int64")
    parts, points = [], []
    for other in sorted({*told, plan_id}, key=lambda each: (each == plan_id, each)):
        rows = plan_people.placed(tx, other)
        mine = told[told == other].index
        rows = rows[rows.index.isin(mine) | ((other == plan_id) & ~rows.index.isin(told.index))]
        since = plan_difference.gone_by(tx, made, other)
        parts.append(rows.assign(departs=(rows["departs"].astype(float) - since).clip(lower=0)))
        points.append(_points(plan_part.points(tx, other)))
    taken = points[0]
    for number, (rows, own) in enumerate(zip(parts[1:], points[1:], strict=True), start=1):
        # two plans made from nothing number their points apart: what was told is what holds
        both = own.index.intersection(taken.index)
        same = own.loc[both].geometry.geom_equals(taken.loc[both].geometry)
        parts[number] = rows.assign(
            assembly=rows["assembly"].mask(rows["assembly"].isin(both[~same.to_numpy()]))
        )
        taken = pd.concat([taken, own.drop(index=both)])
    placed = pd.concat(parts).sort_index()
    return Before(
        plan_id=plan_id,
        placed=placed.drop(columns="area_code"),
        areas=placed["area_code"],
        told=frozenset(int(label) for label in told.index),
        points=taken.sort_index(),
    )


def _points(found: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Give assembly points as they are kept with a plan: `name` and `kind`, by number."""
    rows = pd.DataFrame(found, columns=["number", "name", "kind", "lon", "lat"])
    return gpd.GeoDataFrame(
        rows[["name", "kind"]].astype(object),
        geometry=gpd.points_from_xy(rows["lon"], rows["lat"]),
        crs="EPSG:4326",
    ).set_axis(pd.Index(rows["number"], dtype="int64"))


def fill_from(tx: Transaction, inputs: Inputs, before_id: int) -> None:
    """Let full shelters take of the plan before only those who were told to come there."""
    _fill(tx, inputs, _before(tx, before_id, before_id))


def _fill(tx: Transaction, inputs: Inputs, before: Before) -> None:
    """Let a shelter that is full take those who were told to come there, and nobody else."""
    told = before.placed[before.placed.index.isin(sorted(before.told))]
    coming = inputs.households["people"].reindex(told.index).fillna(0).groupby(told["shelter"])
    people = coming.sum()
    for shelter in shelter_status.full(tx, inputs.hazard_id):
        if shelter in inputs.shelters.index:
            room = int(people.get(shelter, 0))
            held = int(str(inputs.shelters.at[shelter, "capacity"]))
            inputs.shelters.loc[shelter, "capacity"] = min(held, room)
