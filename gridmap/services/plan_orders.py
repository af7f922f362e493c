"""The order to leave: approved by a second person, set going, ended; never silently.

An evacuation takes two people by construction: the one who asked for the draft and the commander
who approves it. The database refuses everything else as well.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.problem import Problem, bad_input, conflict, not_found
from gridmap.model.states import PLAN_STEPS, PlanState
from gridmap.services import call_outs, plan_messages
from gridmap.services.access import Viewer
from gridmap.services.plans import changed_layers
from gridmap.store import event, plan_order, plan_part
from gridmap.store.database import Database, Row, Transaction


@dataclass(frozen=True)
class Approval:
    """What a commander decides on, and how.

    Attributes
    ----------
    revision
        Of the plan as it was read.
    check
        Hash of its content as it was read.
    reason
        Why; needed when data have changed since the draft.
    clear_by
        When the area has to be empty; None for at once.
    """

    revision: int
    check: str
    reason: str | None = None
    clear_by: datetime | None = None


def _moved(row: Row, what: str, **more: Any) -> Problem:
    """Make the problem of a plan that is no more what the person decided on."""
    return conflict(what, version=int(row["revision"]), state=str(row["state"]), **more)


def steps_of(viewer: Viewer, head: dict[str, Any]) -> list[str]:
    """Give what a person may do with a plan now, in the words of the API."""
    code, state = head["area"], PlanState(head["state"])
    able = []
    if viewer.may(Permission.PLAN_DRAFT, code) and head["hazard_state"] == "declared":
        able.append("draft")
    if not viewer.may(Permission.PLAN_APPROVE, code):
        return able
    asked = head["created_by"]
    # what the independent check has found wrong nobody can approve
    faults = (head.get("verdict") or {}).get("altered")
    second = asked is not None and asked["id"] != viewer.id
    for name, to in (
        ("approve", PlanState.APPROVED),
        ("reject", PlanState.REJECTED),
        ("activate", PlanState.ACTIVE),
        ("close", PlanState.CLOSED),
    ):
        declared = head["hazard_state"] == "declared" or name in ("reject", "close")
        fit = name != "approve" or (second and not faults)
        if to in PLAN_STEPS[state] and declared and fit:
            able.append(name)
    return able


def approve(
    database: Database, viewer: Viewer, request_id: str | None, plan_id: int, given: Approval
) -> int:
    """Make a draft an order; give its new revision. Approved older plans are superseded.

    Raises
    ------
    Problem
        404 if there is none for this person; 403 if they asked for the draft themselves; 409 if
        the plan is no more what they read, its hazard is lifted, the checker found what cannot
        be right in it, or data have changed and no reason was given.
    """
    with _held(database, viewer, request_id, plan_id, given.revision) as (tx, row):
        _step(row, PlanState.APPROVED)
        if row["created_by"] is None:
            raise Problem(
                409, "Conflict", "Nobody asked for this draft in person: draft it again first"
            )
        if row["created_by"] == viewer.id:
            raise Problem(
                403, "Not allowed", "You asked for this draft: another commander approves it"
            )
        _in_force(row)
        found = plan_order.content_hash(tx, plan_id)
        if row["check_hash"] != found:
            raise Problem(
                409, "Conflict", "The content of this plan is not what was drafted: draft it again"
            )
        altered = plan_part.verdict(tx, plan_id).get("altered")
        if altered:
            raise Problem(
                409,
                "Conflict",
                "The independent check found faults in this draft: draft it again",
                more={
                    "version": row["revision"],
                    "state": row["state"],
                    "altered": [one["message"] for one in altered],
                },
            )
        if given.check != found:
            raise _moved(row, "The check does not belong to this plan: read it again")
        stale = changed_layers(tx, row)
        if stale and not given.reason:
            raise Problem(
                409,
                "Conflict",
                "Data have changed since the draft: draft it again, or say why all the same",
                more={"version": row["revision"], "state": row["state"], "changed": stale},
            )
        revision = plan_order.approve(
            tx, plan_id, reason=given.reason, stale=stale, clear_by=given.clear_by
        )
        replaced = plan_order.replace(tx, row["hazard_id"], plan_id, "approved")
        _superseded(tx, row, replaced)
        payload = {"check": found, "stale": stale, "replaces": replaced}
        _record(tx, row, "plan.approved", payload)
    return revision


def reject(  # noqa: PLR0913 - who, what, and on which reading
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    plan_id: int,
    revision: int,
    reason: str,
) -> int:
    """Send a draft back with a reason; give its new revision.

    Raises
    ------
    Problem
        404, 409 as for `approve`; 400 without a reason.
    """
    if not reason:
        raise bad_input("reason: say why", [{"place": "reason", "message": "say why"}])
    with _held(database, viewer, request_id, plan_id, revision) as (tx, row):
        _step(row, PlanState.REJECTED)
        found = plan_order.reject(tx, plan_id, reason)
        _record(tx, row, "plan.rejected", {})
    return found


def activate(
    database: Database, viewer: Viewer, request_id: str | None, plan_id: int, revision: int
) -> int:
    """Set an approved plan going; the one that went before it is superseded.

    Raises
    ------
    Problem
        404, 409 as for `approve`.
    """
    with _held(database, viewer, request_id, plan_id, revision) as (tx, row):
        _step(row, PlanState.ACTIVE)
        _in_force(row)
        found = plan_order.activate(tx, plan_id)
        replaced = plan_order.replace(tx, row["hazard_id"], plan_id, "active")
        called = call_outs.begin(tx, plan_id, int(row["hazard_id"]))
        plan_messages.activated(tx, plan_id, replaced)
        _superseded(tx, row, replaced)
        _record(tx, row, "plan.activated", {"replaces": replaced, "households": called})
    return found


def close(
    database: Database, viewer: Viewer, request_id: str | None, plan_id: int, revision: int
) -> int:
    """End a plan.

    Raises
    ------
    Problem
        404, 409 as for `approve`.
    """
    with _held(database, viewer, request_id, plan_id, revision) as (tx, row):
        _step(row, PlanState.CLOSED)
        found = plan_order.close(tx, plan_id)
        plan_messages.closed(tx, plan_id, was_active=row["state"] == "active")
        _record(tx, row, "plan.closed", {})
    return found


@contextmanager
def _held(
    database: Database, viewer: Viewer, request_id: str | None, plan_id: int, revision: int
) -> Iterator[tuple[Transaction, Row]]:
    """Hold a plan and its hazard, as read by the person, until the step is done."""
    scope = viewer.scope(Permission.PLAN_APPROVE, request_id)
    with database.transaction(scope) as tx:
        row = plan_order.lock(tx, plan_id)
        if row is None or not viewer.may(Permission.PLAN_APPROVE, row["area_code"]):
            raise not_found(f"plan {plan_id}")
        if row["revision"] != revision:
            raise _moved(row, f"The plan has gone on: it is {row['state']} now")
        yield tx, row


def _step(row: Row, to: PlanState) -> None:
    if to not in PLAN_STEPS[PlanState(row["state"])]:
        possible = ", ".join(sorted(PLAN_STEPS[PlanState(row["state"])])) or "nothing"
        raise _moved(row, f"A plan that is {row['state']} can become: {possible}")


def _in_force(row: Row) -> None:
    if row["hazard_state"] != "declared":
        raise Problem(
            409, "Conflict", "The hazard of this plan is lifted: nobody has to leave any more"
        )


def _superseded(tx: Transaction, row: Row, replaced: list[int]) -> None:
    for old in replaced:
        event.record(
            tx,
            "plan.superseded",
            area_code=row["area_code"],
            subject_id=old,
            payload={
                "by": int(row["id"]),
                "hazard": int(row["hazard_id"]),
                "exercise": bool(row["exercise"]),
            },
        )


def _record(tx: Transaction, row: Row, kind: str, payload: dict[str, Any]) -> None:
    event.record(
        tx,
        kind,
        area_code=row["area_code"],
        subject_id=row["id"],
        payload={"hazard": int(row["hazard_id"]), "exercise": bool(row["exercise"]), **payload},
    )
