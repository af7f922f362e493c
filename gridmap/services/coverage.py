"""Who is reached, by whom, how fast, and why not: asked for as a job, answered per household."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from gridmap.model.access import Scope
from gridmap.model.problem import not_found
from gridmap.services import (
    coverage_certificates,
    coverage_grounds,
    coverage_kept,
    coverage_refresh,
    coverage_saving,
    coverage_split,
)
from gridmap.services.coverage_inputs import networks, read
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.progress import Progress
from gridmap.store import area, coverage_hours, coverage_standards, job
from gridmap.store import coverage as rows
from gridmap.store.database import Database, Row

log = structlog.get_logger("coverage")

KIND = "coverage.run"
_STEPS = 4


def request(
    database: Database, scope: Scope, standard_key: str, area_code: str, *, urgent: bool = False
) -> int:
    """Ask for a run, or for the one that waits already; give the id of its job.

    Parameters
    ----------
    urgent
        Somebody on duty waits for it: it goes before what is computed for plans.

    Raises
    ------
    Problem
        404 if the area or the standard is not there, or not for this person.
    """
    with database.transaction(scope) as tx:
        area.read(tx, area_code)
        if coverage_standards.in_force(tx, standard_key, area_code) is None:
            raise not_found(f"coverage standard {standard_key}")
        return job.request(
            tx,
            KIND,
            queue="urgent" if urgent else QUEUE_OF[KIND],
            area_code=area_code,
            arguments={"standard": standard_key, "area": area_code},
            analysis=f"{KIND} {standard_key} {area_code}",
        )


def run(database: Database, row: Row, progress: Progress) -> Callable[[], None]:
    """Do a claimed run: read a snapshot, compute with no connection held, save in one go.

    Returns
    -------
    function
        What is left to do once the job has ended, and its lease with it.
    """
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    arguments: Mapping[str, str] = row["arguments"]
    progress.step(0, _STEPS, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        shared = coverage_split.townships(tx, arguments["standard"], arguments["area"])
    if shared:
        try:
            coverage_split.run(database, row, shared, progress)
        except coverage_split.NotJoined as why:
            log.warning("coverage.not_joined", job_id=row["id"], why=str(why))
        else:
            return lambda: _overtaken(database, scope, arguments)
    with database.transaction(scope, snapshot=True) as tx:
        inputs = read(tx, arguments["standard"], arguments["area"])
        stamped = coverage_kept.stamp(tx)
        county = coverage_grounds.outline(tx, inputs.standard, arguments["area"])
    progress.step(1, _STEPS, "network")
    networks(inputs)
    progress.step(2, _STEPS, "reaching")
    answered = coverage_kept.answer(inputs, stamped, mend=False)
    found = coverage_grounds.measured(coverage_saving.ready(inputs, answered.results), county)
    progress.step(3, _STEPS, "saving")
    answered.keep()  # before the job ends: its lease stops whatever goes on after that
    with database.transaction(scope) as tx:
        saved = coverage_saving.save(tx, found, row["id"])
        result = {"run": saved.run, **saved.totals}
        job.finish(tx, row["id"], row["token"], result, inputs.version)
        coverage_saving.tell(tx, saved)
    return lambda: _overtaken(database, scope, arguments)


def _overtaken(database: Database, scope: Scope, arguments: Mapping[str, str]) -> None:
    """Ask for a refresh where the newest run has just been saved from data of before.

    A street closed while it was computed has had its refresh, which may have ended sooner: what
    was saved last would stand as the newest. In a transaction of its own, for locks of analyses
    are taken before any event is recorded.
    """
    with database.transaction(scope) as tx:
        newest = rows.latest(tx, arguments["standard"], arguments["area"])
        if newest is not None and not coverage_hours.holds(tx, newest):
            coverage_refresh.ask(tx, arguments["area"])


def show(database: Database, scope: Scope, run_id: int) -> dict[str, Any]:
    """Give a run with its definition, totals, input version and whether that is still current.

    Raises
    ------
    Problem
        404 if there is none in this person's area.
    """
    with database.transaction(scope) as tx:
        row = rows.read_run(tx, run_id)
        if row is None:
            raise not_found(f"coverage run {run_id}")
        changed = coverage_hours.changed(tx, row)
        certificate = coverage_certificates.about(tx, run_id)
    return {
        "id": row["id"],
        "area": row["area_code"],
        "standard": row["standard"],
        "totals": row["totals"],
        "input_version": row["input_version"],
        "stale": bool(changed),
        "changed": changed,
        "certificate": certificate,
        "created_at": row["created_at"].isoformat(),
    }
