"""Evacuation plans: asked for by an officer, drafted by a worker, decided by people."""

import hashlib
import json
from typing import Any

from gridmap.model.access import Scope
from gridmap.model.plan_options import PlanOptions
from gridmap.model.plan_options import read as options_of
from gridmap.model.problem import conflict, not_found
from gridmap.services import plan_inputs as reading
from gridmap.services import plan_said_anew
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.plan_computing import STEPS, Made, compute
from gridmap.services.plan_inputs import Inputs
from gridmap.services.progress import Progress
from gridmap.store import (
    event,
    hazard,
    job,
    plan,
    plan_inputs,
    plan_order,
    plan_part,
    shelter_status,
    version,
)
from gridmap.store.database import Database, Row, Transaction

KIND = "evacuation.draft"
PRICES = "evacuation.prices"
_PLAIN = PlanOptions()


def request(
    database: Database, scope: Scope, hazard_id: int, options: PlanOptions = _PLAIN
) -> tuple[int, int]:
    """Ask for a draft; give the ids of the plan and of its job.

    While one is under way from the very same data and options, asking again gives that one: two
    people who press at once have one plan, and nobody waits for the same figures twice.

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
        asked = version.of(tx, plan.INPUT_LAYERS) + sign(options)
        waiting = plan.under_way(tx, hazard_id, asked)
        if waiting is not None:
            return int(waiting["id"]), int(waiting["job_id"])
        plan_id = plan.start(tx, hazard_id, found["area_code"], options.kept(), asked)
        job_id = job.request(
            tx,
            KIND,
            queue=QUEUE_OF[KIND],
            area_code=found["area_code"],
            arguments={"plan": plan_id, "hazard": hazard_id},
        )
        plan.set_job(tx, plan_id, job_id)
    return plan_id, job_id


def sign(options: PlanOptions) -> str:
    """Tell drafts apart that are asked for from the same data with other options."""
    if options == _PLAIN:
        return ""
    text = json.dumps(options.kept(), sort_keys=True)
    return f" {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def draft(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed draft: read a snapshot, compute with no connection held, save in one go."""
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    plan_id = int(row["arguments"]["plan"])
    progress.step(0, STEPS, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        options = options_of((plan.read(tx, plan_id) or {}).get("options"))
        inputs = reading.read(tx, int(row["arguments"]["hazard"]), row["area_code"], options)
        full_are_closed(tx, inputs)
    made = compute(inputs, options, progress)
    progress.step(STEPS - 1, STEPS, "saving")
    with database.transaction(scope) as tx:
        save(tx, row, plan_id, inputs, made)
        event.record(
            tx,
            "plan.drafted",
            area_code=row["area_code"],
            subject_id=plan_id,
            payload={
                "hazard": inputs.hazard_id,
                "exercise": hazard.is_exercise(tx, inputs.hazard_id),
            },
        )


def full_are_closed(tx: Transaction, inputs: Inputs) -> None:
    """Close shelters that are full: made from nothing a plan keeps nobody's place in them."""
    full = shelter_status.full(tx, inputs.hazard_id)
    inputs.shelters.loc[inputs.shelters.index.isin(full), "open"] = False


def save(tx: Transaction, row: Row, plan_id: int, inputs: Inputs, made: Made) -> None:
    """Save what a job has computed, and end the job: both or neither, once.

    Raises
    ------
    Problem
        409 for a plan that is not being drafted any more.
    """
    saved = plan.save(
        tx,
        plan_id,
        input_version=inputs.version,
        inputs=inputs.prints,
        input_times=inputs.times,
        totals=made.totals,
        person_seconds=made.draft.person_seconds,
        bound=made.draft.bound,
        assignments=made.assignments,
        routes=made.routes,
        ways=made.ways,
    )
    if not saved:
        raise conflict(f"plan {plan_id} is not being drafted any more")
    parts = dict(made.parts)
    again = parts.pop("replan", None)
    plan_part.save(tx, plan_id, row["area_code"], parts)
    if again is not None and made.before is not None:
        again = plan_said_anew.part_of(tx, plan_id, made.before, again)
        plan_part.save(tx, plan_id, row["area_code"], {"replan": again})
    if made.changes is not None:
        plan_part.save_rows(tx, "plan_change", plan_id, made.changes)
    if made.stops is not None:
        plan_part.save_rows(tx, "plan_stop", plan_id, made.stops)
    plan_inputs.keep_others(tx, plan_id, inputs.dangers)
    plan_order.seal(tx, plan_id)
    plan.supersede(tx, plan_id, inputs.hazard_id)
    # what a bed or a street more would buy takes longer than people should wait for the draft
    job.request(
        tx,
        PRICES,
        queue=QUEUE_OF[PRICES],
        area_code=row["area_code"],
        arguments={"plan": plan_id},
    )
    job.finish(tx, row["id"], row["token"], {"plan": plan_id, **made.totals}, inputs.version)


def changed_layers(tx: Transaction, row: Row) -> list[str]:
    """Give the layers that would give a plan other data now than it was drafted from.

    Versions of layers tell at once when nothing at all has changed. When something has, the data
    of this very plan decide: a household at the other end of the county makes no plan stale.
    """
    if not row["inputs"] or not any(row["area_code"].startswith(own) for own in tx.scope.areas):
        return version.changed(tx, row["input_version"])
    return plan_inputs.changed(
        tx, int(row["id"]), int(row["hazard_id"]), row["area_code"], row["inputs"]
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
        "options": options_of(row["options"]).kept(),
        "totals": row["totals"],
        "person_seconds": seconds,
        "bound": bound,
        "gap_percent": round(100 * (seconds / bound - 1), 4) if bound else None,
        "shelters": [dict(load) for load in loads],
        "unserved": [dict(reason) for reason in unserved],
        "created_at": row["created_at"].isoformat(),
    }
