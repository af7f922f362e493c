"""Coverage kept current: what is asked for when a street closes, and what a worker does then."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from geodata.errors import GeodataError
from gridmap.model.access import Scope
from gridmap.services import coverage_inputs, coverage_kept, coverage_saving
from gridmap.services.progress import Progress
from gridmap.store import coverage as rows
from gridmap.store import coverage_standards, job, version
from gridmap.store.database import Database, Row, Transaction

log = structlog.get_logger("coverage")

KIND = "coverage.refresh"
# Whose loss is told first; the others follow in the order of their names.
_FIRST = ("fire", "micro_fire", "medical", "medical_rural", "police", "shelter", "member")


def ask(tx: Transaction, area_code: str) -> int:
    """Ask that everything computed in a county be computed again if it has changed.

    Call it in the transaction that changes a closure, a hazard or a facility, before that
    records its own event: the run sees what this transaction stores.

    Parameters
    ----------
    area_code
        Where it has changed. Streets lead on: the whole county is looked at.

    Returns
    -------
    int
        Id of the job, which may have been waiting already.
    """
    county = area_code[:6]
    return job.request(
        tx,
        KIND,
        queue="urgent",
        area_code=area_code,
        arguments={"area": county},
        analysis=f"{KIND} {county}",
    )


def run(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed refresh: every newest run of the county whose input has changed."""
    county = str(row["arguments"]["area"])[:6]
    # a street closed by a township changes what the whole county is told
    scope = Scope((county,), row["user_id"], f"job-{row['id']}")
    with database.transaction(scope, snapshot=True) as tx:
        due = _due(tx, county)
    total = sum(map(len, due.values()))
    runs: list[int] = []
    faults: list[str] = []
    for area_code, keys in due.items():
        progress.step(len(runs), total, "reading")
        with database.transaction(scope, snapshot=True) as tx:
            every = coverage_inputs.read_all(tx, sorted(keys, key=_turn), area_code)
            stamped = coverage_kept.stamp(tx)
        for inputs in every:
            progress.step(len(runs), total, "reaching")
            try:
                found = coverage_saving.ready(inputs, coverage_kept.answer(inputs, stamped))
            except GeodataError as error:
                # one standard that cannot be computed keeps the others from nobody
                faults.append(f"{inputs.standard['key']}: {error}")
                log.warning("coverage.not_refreshed", job_id=row["id"], why=faults[-1])
                continue
            with database.transaction(scope) as tx:
                # whoever has lost the job meanwhile stores nothing
                job.keep(tx, row["id"], row["token"])
                saved = coverage_saving.save(tx, found, row["id"])
                coverage_saving.tell(tx, saved)
            runs.append(saved.run)
    if faults:
        raise GeodataError("; ".join(faults))
    with database.transaction(scope) as tx:
        job.finish(tx, row["id"], row["token"], {"runs": runs}, None)


def _due(tx: Transaction, county: str) -> Mapping[str, Sequence[str]]:
    """Give the standards to compute again, by area."""
    found: dict[str, list[str]] = defaultdict(list)
    for run in rows.newest(tx, county):
        holds: Any = coverage_standards.in_force(tx, run["standard_key"], run["area_code"])
        if holds is None:
            continue
        # a version edited before comes into force on its day, when no layer changes
        other = holds["version"] != run["version"]
        if other or not version.still(tx, run["input_version"]):
            found[run["area_code"]].append(run["standard_key"])
    return found


def _turn(key: str) -> tuple[int, str]:
    return (_FIRST.index(key) if key in _FIRST else len(_FIRST), key)
