"""Files that prove answers about sites: made after the answer, kept as long, fetched, checked."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from geodata.verifying import Altered, Verdict, verify
from gridmap.model.access import Permission, Scope
from gridmap.model.problem import conflict, forbidden, not_found
from gridmap.services.coverage_needs import readable, weighs
from gridmap.services.coverage_siting_file import content
from gridmap.services.coverage_siting_solving import Solved, solve
from gridmap.services.progress import Silent
from gridmap.store import event, job
from gridmap.store import siting_certificate as kept
from gridmap.store.database import Database, Row, Transaction

KIND = "coverage.sites"
MOST_BYTES = 64 * 2**20
"""Larger files are not kept."""

log = structlog.get_logger("coverage")


@dataclass(frozen=True)
class Made:
    """The file of an answer.

    Attributes
    ----------
    job, area
        Id and area of the job that gave the answer.
    content
        The file.
    spots, sites
        Rows of demand and of sites in it.
    altered
        Values that the checker could not prove.
    """

    job: int
    area: str
    content: bytes
    spots: int
    sites: int
    altered: int

    @property
    def sha256(self) -> str:
        """Name of the file that nothing else has."""
        return hashlib.sha256(self.content).hexdigest()


def keep(database: Database, scope: Scope, job_id: int, solved: Solved) -> None:
    """Make the file of an answer that has been given, check it and keep it."""
    if solved.choice is None:
        return
    with database.transaction(scope) as tx:
        row = _answered(tx, job_id)
    made = _made(row, solved)
    if len(made.content) > MOST_BYTES:
        log.warning("siting.certificate_too_large", job=job_id, bytes=len(made.content))
        return
    with database.transaction(scope) as tx:
        _keep(tx, made)


def make(database: Database, scope: Scope, job_id: int) -> Made:
    """Give the file of an answer: the kept one, else a new one, which is kept.

    Raises
    ------
    Problem
        404 without such an answer; 409 if nothing was chosen, or what it was computed from has
        changed since.
    """
    with database.transaction(scope) as tx:
        row = _answered(tx, job_id)
        found = kept.read(tx, job_id)
    if found is not None:
        content = bytes(found["content"])
        area = str(found["area_code"])
        return Made(job_id, area, content, found["spots"], found["sites"], found["altered"])
    # doors that have turned since make another answer: the file is of the hour it was given
    at = datetime.fromisoformat(row["result"]["standard"]["at"])
    solved = solve(database, scope, row["arguments"], Silent(), at)
    if solved.version != row["input_version"]:
        raise conflict(
            f"what job {job_id} was computed from has changed: it cannot be certified any more"
        )
    if solved.choice is None:
        raise conflict(f"job {job_id} has chosen nothing that could be proven")
    made = _made(row, solved)
    with database.transaction(scope) as tx:
        _keep(tx, made)
    return made


def fetch(
    database: Database, scope: Scope, job_id: int, needs_in: Sequence[str]
) -> tuple[bytes, str]:
    """Give the kept file of an answer and its hash, and record that it leaves the program.

    Raises
    ------
    Problem
        403 if it is weighed by needs and they may not be read there (`needs_in`); 404 without such
        an answer, or while its file has not been made.
    """
    with database.transaction(scope) as tx:
        row = _answered(tx, job_id)
        if weighs(row["arguments"]) and not readable(row["area_code"], needs_in):
            raise forbidden(Permission.HOUSEHOLD_PERSONAL.value)
        found = kept.read(tx, job_id)
        if found is None:
            raise not_found(f"certificate of job {job_id}")
        event.record(
            tx,
            "coverage.sites_downloaded",
            area_code=row["area_code"],
            subject_id=job_id,
            payload={"job": job_id, "spots": found["spots"]},
        )
    return bytes(found["content"]), str(found["sha256"])


def verified(database: Database, scope: Scope, job_id: int) -> Verdict:
    """Check the file of an answer, and that it says what the answer says.

    Raises
    ------
    Problem
        As `make`.
    """
    made = make(database, scope, job_id)
    verdict = verify(made.content)
    with database.transaction(scope) as tx:
        result, found = _answered(tx, job_id)["result"], kept.read(tx, job_id)
    altered = list(verdict.altered)
    if found is not None and found["sha256"] != made.sha256:
        what = f"the kept file is {made.sha256}, not the one that was made"
        altered.append(Altered("siting_certificate", None, str(job_id), "sha256", what))
    said = verdict.stated["stated"]
    sites = {site["number"]: site for site in said.get("sites", ())}
    for site in result["sites"]:
        written = sites.get(site["number"], {})
        for name in ("at", "households", "people"):
            if site[name] != written.get(name):
                what = f"{site[name]}, the file has {written.get(name)}"
                altered.append(Altered("job", None, f"site {site['number']}", name, what))
    return Verdict(tuple(altered), verdict.more, verdict.counts, verdict.stated)


def _answered(tx: Transaction, job_id: int) -> Row:
    row = job.read(tx, job_id)
    if row is None or row["kind"] != KIND or row["state"] != "done":
        raise not_found(f"answered question about sites {job_id}")
    return row


def _made(row: Row, solved: Solved) -> Made:
    """Make the file of an answer and check it, with no connection held."""
    assert solved.choice is not None
    case, answer = solved.case, solved.answer
    stated: Mapping[str, Any] = {
        "job": row["id"],
        "area": answer["area"],
        "standard": answer["standard"],
        "input_version": solved.version,
        "candidates": answer["candidates"],
        "demand": answer["demand"],
        "sites": [
            {name: site[name] for name in ("number", "at", "households", "people")}
            for site in answer["sites"]
        ],
    }
    file = content(case, solved.choice, stated)
    verdict = verify(file)
    altered = len(verdict.altered) + verdict.more
    if altered:
        log.error(
            "siting.not_proven", job=row["id"], altered=altered, first=str(verdict.altered[0])
        )
    return Made(int(row["id"]), row["area_code"], file, len(case.demand), len(case.sites), altered)


def _keep(tx: Transaction, made: Made) -> None:
    new = kept.keep(
        tx,
        made.job,
        made.area,
        spots=made.spots,
        sites=made.sites,
        altered=made.altered,
        sha256=made.sha256,
        content=made.content,
    )
    if new:
        event.record(
            tx,
            "coverage.sites_certified",
            area_code=made.area,
            subject_id=made.job,
            payload={"job": made.job, "spots": made.spots, "altered": made.altered},
        )
