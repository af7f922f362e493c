"""Where to add a facility, and which one is least missed: asked as a job, proven in the answer."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from gridmap.model.access import Scope
from gridmap.model.coverage_sites import MOST_SITES, ROOMY, UNCOUNTED, Question
from gridmap.model.problem import conflict
from gridmap.problems import bad_values, fault
from gridmap.services import coverage_ground as ground
from gridmap.services import siting_certificates
from gridmap.services.coverage_siting_solving import solve
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.progress import Progress
from gridmap.store import job, nearby_name
from gridmap.store.database import Database, Row, Transaction

KIND = "coverage.sites"


def request(
    database: Database, scope: Scope, standard_key: str, area_code: str, question: Question
) -> int:
    """Ask where facilities would do most; give the id of the job that answers.

    Raises
    ------
    Problem
        As `coverage_ground.standard_for`; 400 if the question does not fit together, 409 if the
        method knows nothing of capacities and the standard has them.
    """
    with database.transaction(scope) as tx:
        standard = ground.standard_for(tx, standard_key, area_code, question.limit)
        _check(standard, question)
        return job.request(
            tx,
            KIND,
            queue=QUEUE_OF[KIND],
            area_code=area_code,
            arguments={
                "standard": standard_key,
                "area": area_code,
                "limit": question.limit,
                "question": question.stored(),
            },
        )


def _check(standard: Row, question: Question) -> None:
    faults = []
    if question.method in UNCOUNTED:
        if question.count is not None:
            faults.append(fault("count", "this method has no number to be given"))
    elif question.count is None or not 1 <= question.count <= MOST_SITES:
        faults.append(fault("count", f"must be 1 to {MOST_SITES}"))
    if standard["capacity"] and question.method not in ROOMY:
        raise conflict("this method knows no capacities, and the standard has them")
    if standard["capacity"] and question.capacity is None:
        faults.append(fault("capacity", "a number of people is needed"))
    if standard["capacity"] and question.weight != "people":
        faults.append(fault("weight", "a standard with capacity counts people"))
    if not standard["capacity"] and question.capacity is not None:
        faults.append(fault("capacity", "this standard has no capacity"))
    if faults:
        raise bad_values(faults)


def _name(tx: Transaction, sites: list[dict[str, Any]]) -> None:
    """Say of sites at streets without a name what is near them, in place."""
    bare = [site for site in sites if site["near"] is None]
    found = nearby_name.near(tx, [tuple(site["at"]) for site in bare])
    for site, row in zip(bare, found, strict=True):
        site["near"], site["near_en"] = row["name"], row["name_en"]


def run(database: Database, row: Row, progress: Progress) -> Callable[[], None]:
    """Answer a claimed question: the answer is the job's result.

    Returns
    -------
    afterwards
        Makes the file that proves the answer, for which nobody waits.
    """
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    started = time.monotonic()
    solved = solve(database, scope, row["arguments"], progress)
    with database.transaction(scope) as tx:
        _name(tx, solved.answer["sites"])
    result = solved.answer | {"seconds": round(time.monotonic() - started, 3)}
    with database.transaction(scope) as tx:
        job.finish(tx, row["id"], row["token"], result, solved.version)
    return partial(siting_certificates.keep, database, scope, row["id"], solved)
