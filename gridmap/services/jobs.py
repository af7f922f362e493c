"""Long work: ask for it, watch it, cancel it."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from gridmap.model.access import Permission, Scope
from gridmap.model.problem import Problem, conflict, forbidden, not_found
from gridmap.problems import too_many
from gridmap.services import coverage_needs, reading
from gridmap.services.access import Viewer
from gridmap.services.progress import Progress
from gridmap.store import job
from gridmap.store.database import OUTAGES, Database, Row

_POLL_SECONDS = 0.3
_PATIENCE_SECONDS = 900.0
_OUTAGE_SECONDS = 30.0

# Which queue serves which kind: an evacuation must not wait behind a night's coverage.
QUEUE_OF = {
    "evacuation.draft": "urgent",
    "evacuation.replan": "urgent",
    "evacuation.prices": "default",
    "coverage.run": "default",
    "care.match": "default",
    "coverage.part": "default",
    "coverage.certify": "slow",
    "coverage.refresh": "urgent",
    "coverage.what_if": "urgent",
    "coverage.sites": "default",
    "coverage.critical": "default",
    "coverage.report": "default",
    "incidents.dispatch": "urgent",
    "messages.send": "urgent",
    "papers.print": "default",
    "plans.print": "default",
    "grids.draw": "slow",
    "grids.micro": "slow",
    "scenarios.validate": "default",
    "scenarios.propose": "default",
    "scenarios.walks": "default",
    "exports.make": "default",
    "teams.cover": "urgent",
    "trail.verify": "slow",
    "uploads.read": "default",
    "uploads.take": "slow",
}
# Figures of a plan that tell of needs under names of their own.
_PLANS = ("evacuation.draft", "evacuation.replan")
_PLAN_NEEDS = frozenset({"needs", "waves", "reasons"})
_MOST_UNFINISHED = 20  # jobs of one person
_ROOM_SECONDS = 30

# Whose eyes a result is for, and whose business it is to stop one: everybody on the map may watch
# a job, but a result repeats figures of its subject, and an evacuation is not a planner's to stop.
_READ_WITH = {
    "evacuation.draft": Permission.PLAN_VIEW,
    "evacuation.replan": Permission.PLAN_VIEW,
    "evacuation.prices": Permission.PLAN_VIEW,
    "coverage.run": Permission.COVERAGE_VIEW,
    "care.match": Permission.COVERAGE_VIEW,
    "coverage.part": Permission.COVERAGE_VIEW,
    "coverage.certify": Permission.COVERAGE_VIEW,
    "coverage.refresh": Permission.COVERAGE_VIEW,
    "coverage.what_if": Permission.COVERAGE_VIEW,
    "coverage.sites": Permission.COVERAGE_VIEW,
    "coverage.critical": Permission.COVERAGE_VIEW,
    "coverage.report": Permission.COVERAGE_VIEW,
    "incidents.dispatch": Permission.INCIDENT_DISPATCH,
    "messages.send": Permission.INCIDENT_DISPATCH,
    "papers.print": Permission.GRID_VIEW,
    "plans.print": Permission.PLAN_VIEW,
    "grids.draw": Permission.GRID_VIEW,
    "grids.micro": Permission.GRID_VIEW,
    "scenarios.validate": Permission.GRID_DRAW,
    "scenarios.propose": Permission.GRID_DRAW,
    "scenarios.walks": Permission.GRID_DRAW,
    "exports.make": Permission.EXPORT_REQUEST,
    "teams.cover": Permission.INCIDENT_DISPATCH,
    "trail.verify": Permission.TRAIL_READ,
    "uploads.read": Permission.IMPORT_DATA,
    "uploads.take": Permission.IMPORT_DATA,
}
_ASKED_WITH = {
    "evacuation.draft": Permission.PLAN_DRAFT,
    "evacuation.replan": Permission.PLAN_DRAFT,
    "evacuation.prices": Permission.PLAN_DRAFT,
    "coverage.run": Permission.COVERAGE_RUN,
    "care.match": Permission.COVERAGE_RUN,
    "coverage.part": Permission.COVERAGE_RUN,
    "coverage.certify": Permission.COVERAGE_RUN,
    "coverage.refresh": Permission.COVERAGE_RUN,
    "coverage.what_if": Permission.COVERAGE_RUN,
    "coverage.sites": Permission.COVERAGE_RUN,
    "coverage.critical": Permission.COVERAGE_RUN,
    "coverage.report": Permission.COVERAGE_VIEW,
    "incidents.dispatch": Permission.INCIDENT_DISPATCH,
    "messages.send": Permission.SYSTEM_MANAGE,
    "papers.print": Permission.GRID_VIEW,
    "plans.print": Permission.PLAN_VIEW,
    "grids.draw": Permission.GRID_DRAW,
    "grids.micro": Permission.GRID_DRAW,
    "scenarios.validate": Permission.GRID_DRAW,
    "scenarios.propose": Permission.GRID_DRAW,
    "scenarios.walks": Permission.GRID_DRAW,
    "exports.make": Permission.EXPORT_APPROVE,
    "teams.cover": Permission.INCIDENT_DISPATCH,
    "trail.verify": Permission.TRAIL_READ,
    "uploads.read": Permission.IMPORT_DATA,
    "uploads.take": Permission.IMPORT_DATA,
}


def make_room(database: Database, viewer: Viewer) -> None:
    """Stop a person, or a script of theirs, who keeps everybody else's work waiting.

    Raises
    ------
    Problem
        429 while `_MOST_UNFINISHED` of their jobs have not ended.
    """
    with database.transaction(viewer.scope(Permission.JOB_VIEW)) as tx:
        waiting = job.unfinished(tx, viewer.id)
    if waiting >= _MOST_UNFINISHED:
        raise too_many("Too many of your jobs have not ended", _ROOM_SECONDS)


def show_to(
    database: Database, viewer: Viewer, request_id: str | None, job_id: int
) -> dict[str, Any]:
    """Give state and progress of a job; its result only to those who may read such results.

    Raises
    ------
    Problem
        404 if there is none in this person's area.
    """
    row = _read(database, viewer.scope(Permission.JOB_VIEW, request_id), job_id)
    found = describe(row)
    if not viewer.may(_READ_WITH.get(row["kind"], Permission.SYSTEM_MANAGE), row["area_code"]):
        return found | {"result": {}, "input_version": None}
    found["result"] = _readable(row, found["result"], reading.readable_needs(database, viewer))
    return found


def _readable(row: Row, result: dict[str, Any], needs_in: Sequence[str]) -> dict[str, Any]:
    """Give a result; of people with needs only what may be read in its area."""
    area = str(row["area_code"])
    if coverage_needs.weighs(row["arguments"]) and not coverage_needs.readable(area, needs_in):
        return {}
    told = coverage_needs.shown(result, area, needs_in)
    if row["kind"] in _PLANS and not coverage_needs.readable(area, needs_in):
        # the plan itself gives what of it may be read
        told = {name: value for name, value in told.items() if name not in _PLAN_NEEDS}
    return told


def cancel_for(
    database: Database, viewer: Viewer, request_id: str | None, job_id: int
) -> dict[str, Any]:
    """Cancel a job that the person may ask for as well, or any as system administrator.

    Raises
    ------
    Problem
        As `cancel`; 403 for a job of others' business.
    """
    scope = viewer.scope(Permission.JOB_CANCEL, request_id)
    row = _read(database, scope, job_id)
    needed = _ASKED_WITH.get(row["kind"], Permission.SYSTEM_MANAGE)
    if not any(viewer.may(one, row["area_code"]) for one in (needed, Permission.SYSTEM_MANAGE)):
        raise forbidden(needed.value)
    cancel(database, scope, job_id)
    return show_to(database, viewer, request_id, job_id)


def show(database: Database, scope: Scope, job_id: int) -> dict[str, Any]:
    """Give state and progress of a job.

    Raises
    ------
    Problem
        404 if there is none in this person's area.
    """
    return describe(_read(database, scope, job_id))


def _read(database: Database, scope: Scope, job_id: int) -> Row:
    with database.transaction(scope) as tx:
        row = job.read(tx, job_id)
    if row is None:
        raise not_found(f"job {job_id}")
    return row


def describe(row: Row) -> dict[str, Any]:
    """Say of a job row what a page shows."""
    done, total = row["done"], row["total"]
    fraction = 1.0 if row["state"] == "done" else (done / total if total else 0.0)
    return {
        "id": row["id"],
        "kind": row["kind"],
        "state": row["state"],
        "attempt": row["attempt"],
        "done": done,
        "total": total,
        "progress": round(min(fraction, 1.0), 4),
        "message": row["message"],
        "error": row["error"],
        "result": row["result"] or {},
        "input_version": row["input_version"],
        "cancel_requested": row["cancel_requested"],
        "created_at": row["created_at"].isoformat(),
        "ended_at": row["ended_at"].isoformat() if row["ended_at"] else None,
    }


def cancel(database: Database, scope: Scope, job_id: int) -> dict[str, Any]:
    """Cancel a waiting job at once, ask a running one to stop.

    Raises
    ------
    Problem
        404 if there is none in this person's area; 409 if it has ended.
    """
    with database.transaction(scope) as tx:
        row = job.read(tx, job_id)
        if row is None:
            raise not_found(f"job {job_id}")
        if job.ask_cancel(tx, job_id) is None:
            raise conflict(f"job {job_id} is {row['state']} already")
        after = job.read(tx, job_id)
    assert after is not None
    return describe(after)


def wait(  # noqa: PLR0913 - what to wait for, and how
    database: Database,
    scope: Scope,
    job_id: int,
    *,
    seconds: float = _PATIENCE_SECONDS,
    progress: Progress | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Wait for a job to end and give its result; for the command line and the demo.

    Raises
    ------
    Problem
        500 if it failed, 409 if it was cancelled, 503 if it has not ended in time.
    """
    deadline = time.monotonic() + seconds
    answered = time.monotonic()
    while True:
        try:
            found = show(database, scope, job_id)
        except OUTAGES:
            # the job outlives a database that restarts, and so does waiting for it
            if time.monotonic() > answered + _OUTAGE_SECONDS:
                raise
            sleep(_POLL_SECONDS)
            continue
        answered = time.monotonic()
        if progress is not None and found["total"]:
            progress.step(found["done"], found["total"], found["message"] or "")
        name = f"job {job_id} ({found['kind']})"
        match found["state"]:
            case "done":
                return dict(found["result"])
            case "failed":
                raise Problem(500, "The job failed", f"{name}: {found['error']}")
            case "cancelled":
                raise Problem(409, "The job was cancelled", name)
        if time.monotonic() > deadline:
            detail = f"{name} is {found['state']}; is a worker running? See `gridmap status`"
            raise Problem(503, "The job has not ended", detail)
        sleep(_POLL_SECONDS)
