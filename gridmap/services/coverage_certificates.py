"""Run files that prove a coverage run: made by a worker after it, kept, fetched, checked."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from geodata.certificates import certificate
from geodata.verifying import verify
from gridmap.model.access import Scope
from gridmap.model.problem import Problem, conflict, not_found
from gridmap.services import coverage_inputs, coverage_needs
from gridmap.services.coverage_answers import definition
from gridmap.services.progress import Progress
from gridmap.store import coverage as rows
from gridmap.store import coverage_certificate as kept
from gridmap.store import coverage_words, event, job, version
from gridmap.store.database import Database, Row, Transaction

KIND = "coverage.certify"
MOST_BYTES = 256 * 2**20
"""Larger files are not kept: they are made when somebody asks for one."""
PIECE = 2**20
"""Bytes of a file that a web process holds at once."""

_STEPS = 3
log = structlog.get_logger("coverage")


@dataclass(frozen=True)
class Made:
    """A run file, or why there is none.

    Attributes
    ----------
    run, area
        Id and area of the run.
    state
        `made`, `too_large` to be kept, or `changed`: what the run was computed from has changed.
    content
        The file, empty if there is none.
    households, altered
        Rows in it, and values that the checker could not prove.
    """

    run: int
    area: str
    state: str
    content: bytes = b""
    households: int = 0
    altered: int = 0

    @property
    def sha256(self) -> str:
        """Name of the file that nothing else has."""
        return hashlib.sha256(self.content).hexdigest()


def request(tx: Transaction, standard_key: str, area_code: str) -> int:
    """Ask for the file of the newest run; call it in the transaction that stores the run.

    Returns
    -------
    int
        Id of the job, which may have been waiting already.
    """
    return job.request(
        tx,
        KIND,
        queue="slow",
        area_code=area_code,
        arguments={"standard": standard_key, "area": area_code},
        analysis=f"{KIND} {standard_key} {area_code}",
    )


def run(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed job: make the file of the newest run and check it."""
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    key, area_code = str(row["arguments"]["standard"]), str(row["arguments"]["area"])
    with database.transaction(scope) as tx:
        newest = rows.latest(tx, key, area_code)
        done = newest is not None and kept.about(tx, newest["id"]) is not None
    result: dict[str, Any] = {"run": None if newest is None else newest["id"]}
    if newest is None or done:
        with database.transaction(scope) as tx:
            job.finish(tx, row["id"], row["token"], result, None)
        return
    made = _made(
        database, scope, int(newest["id"]), lambda at, what: progress.step(at, _STEPS, what)
    )
    with database.transaction(scope) as tx:
        job.keep(tx, row["id"], row["token"])
        result |= {"state": made.state, "altered": made.altered}
        # the file before the event of the ending: nobody else records any until this commits
        _keep(tx, made)
        job.finish(tx, row["id"], row["token"], result, newest["input_version"])


def make(database: Database, scope: Scope, run_id: int) -> Made:
    """Give the file of a run: the kept one, else a new one, which is kept.

    Raises
    ------
    Problem
        404 without such a run; 409 if what it was computed from has changed since.
    """
    with database.transaction(scope) as tx:
        row = _run(tx, run_id)
        about = kept.about(tx, run_id)
        content = kept.content(tx, run_id)
    if about is not None and content is not None:
        return Made(
            run_id, row["area_code"], "made", content, about["households"], about["altered"]
        )
    made = _made(database, scope, run_id, lambda _at, _what: None)
    if made.state == "changed":
        raise _gone(run_id)
    with database.transaction(scope) as tx:
        _keep(tx, made)
    return made


@dataclass(frozen=True)
class Kept:
    """The kept file of a run, to be read piece by piece: it may be larger than a web process."""

    run: int
    sha256: str
    size: int

    def pieces(self, database: Database, scope: Scope) -> Iterator[bytes]:
        """Give the file; no connection is held while a slow reader takes a piece.

        Raises
        ------
        FileGone
            If newer runs have taken its place meanwhile.
        """
        for start in range(0, self.size, PIECE):
            with database.transaction(scope) as tx:
                found = kept.piece(tx, self.run, self.sha256, start, PIECE)
            if not found:
                raise FileGone(f"run file of coverage run {self.run}")
            yield found


class FileGone(Exception):  # noqa: N818 - what has happened
    """A file that was being read is kept no longer: what has been given of it is not whole."""


def fetch(database: Database, scope: Scope, run_id: int) -> Kept:
    """Give the kept file of a run and its hash, and record that it leaves the program.

    Raises
    ------
    Problem
        404 without such a run, or while its file has not been made; 409 if it cannot be any more.
    """
    with database.transaction(scope) as tx:
        row = _run(tx, run_id)
        about = kept.about(tx, run_id)
        if about is None:
            raise not_found(f"certificate of coverage run {run_id}")
        if about["state"] == "too_large":
            raise conflict(
                f"the certificate of coverage run {run_id} is too large to be kept;"
                " make it with `gridmap coverage certify`"
            )
        if about["state"] != "made":
            raise _gone(run_id)
        event.record(
            tx,
            "coverage.certificate_downloaded",
            area_code=row["area_code"],
            subject_id=run_id,
            payload={"run": run_id, "households": about["households"]},
        )
    return Kept(run_id, str(about["sha256"]), int(about["bytes"]))


def about(tx: Transaction, run_id: int) -> dict[str, Any] | None:
    """Say of a run whether its file is there and what the checker said; None: not yet."""
    found = kept.about(tx, run_id)
    if found is None:
        return None
    return {name: found[name] for name in ("state", "households", "altered", "sha256", "bytes")}


def _made(database: Database, scope: Scope, run_id: int, step: Callable[[int, str], None]) -> Made:
    """Make the file of a run and check it, with no connection held."""
    step(0, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        row = _run(tx, run_id)
        inputs = _inputs(tx, row)
        answers = None if inputs is None else kept.answers(tx, run_id)
    if inputs is None or answers is None:
        return Made(run_id, row["area_code"], "changed")
    step(1, "network")
    streets = coverage_inputs.networks(inputs)
    if not answers.index.equals(inputs.households.index):
        # what is missing stands there as not covered, and the checker names it
        answers = answers.reindex(inputs.households.index)
        answers["covered"] = answers["covered"].eq(True)
    content = certificate(
        next(iter(streets.values())),
        inputs.households,
        inputs.facilities,
        definition(inputs.standard),
        answers,
        bands=streets,
        stated=_stated(row),
        # the file is for more people than those who may read needs, and proves none of them
        totals=coverage_needs.without(row["totals"]),
        single=True,
    )
    step(2, "checking")
    verdict = verify(content)
    altered = len(verdict.altered) + verdict.more
    if altered:
        first = str(verdict.altered[0])
        log.error("coverage.not_proven", run=run_id, altered=altered, first=first)
    state = "made" if len(content) <= MOST_BYTES else "too_large"
    return Made(run_id, row["area_code"], state, content, len(answers), altered)


def _inputs(tx: Transaction, row: Row) -> coverage_inputs.Inputs | None:
    """Read what a run was computed from; None if it is no more what it was."""
    if not version.still(tx, row["input_version"]):
        return None
    try:
        at = row["standard"].get("at")
        moment = None if at is None else datetime.fromisoformat(at)
        found = coverage_inputs.read(tx, row["standard_key"], row["area_code"], moment)
    except Problem:
        return None
    # a version of the standard may begin on a day without any change in the tables
    if found.version != row["input_version"]:
        return None
    return found if coverage_words.hold(tx, row["area_code"], row["standard"]) else None


def _stated(row: Row) -> dict[str, Any]:
    return {
        "run": row["id"],
        "area": row["area_code"],
        "standard": row["standard"],
        "input_version": row["input_version"],
        "computed_at": row["created_at"].isoformat(),
    }


def _keep(tx: Transaction, made: Made) -> None:
    """Keep a file, or why there is none; records what happened, last in its transaction."""
    if made.state == "made":
        kept.keep(
            tx,
            made.run,
            made.area,
            households=made.households,
            altered=made.altered,
            sha256=made.sha256,
            content=made.content,
        )
    else:
        kept.without(tx, made.run, made.area, made.state)
    event.record(
        tx,
        "coverage.certified",
        area_code=made.area,
        subject_id=made.run,
        payload={"run": made.run, "state": made.state, "altered": made.altered},
    )


def _run(tx: Transaction, run_id: int) -> Row:
    row = rows.read_run(tx, run_id)
    if row is None:
        raise not_found(f"coverage run {run_id}")
    return row


def _gone(run_id: int) -> Problem:
    return conflict(
        f"what coverage run {run_id} was computed from has changed: it cannot be certified any more"
    )
