"""A county's run shared among workers: a job for each township, joined by the one that asked."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage_grounds, coverage_saving
from gridmap.services.coverage_answers import answer
from gridmap.services.coverage_inputs import Inputs, read, read_all, within
from gridmap.services.held_job import Held
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.progress import Cancelled, Progress
from gridmap.store import coverage as rows
from gridmap.store import coverage_homes, coverage_standards, job, job_parts, version
from gridmap.store import coverage_part as parts
from gridmap.store.database import Database, Row, Transaction

KIND = "coverage.part"
SPLIT_HOUSEHOLDS = 200_000  # fewer are done sooner by one worker than shared
_ROUNDS = 3
_LOOK_SECONDS = 0.2


class NotJoined(Exception):  # noqa: N818 - what has happened
    """The parts are of different data, or one of them could not be made."""


def townships(tx: Transaction, key: str, area_code: str) -> list[str]:
    """Give the townships a run is shared by; none if one worker does it all.

    A capacity is shared by all households, and so is what scores tell of: such a standard is not
    split.
    """
    standard = coverage_standards.in_force(tx, key, area_code)
    if standard is None or len(area_code) != 6:
        return []
    if standard["capacity"] or standard["scores"] != "none":
        return []
    found = coverage_homes.townships(tx, area_code)
    if sum(found.values()) <= SPLIT_HOUSEHOLDS:
        return []
    return list(found) if len(found) > 1 and all(len(code) == 9 for code in found) else []


def run(
    database: Database, row: Row, shared: Sequence[str], progress: Progress
) -> coverage_saving.Saved:
    """Do a claimed run by its parts, and join and end it.

    Whoever calls this works as well: with no other worker free it makes every part itself. A
    part that somebody dies with comes back by the sweeper.

    Raises
    ------
    NotJoined
        If the data kept changing, or a part could not be made.
    """
    county, key = str(row["arguments"]["area"]), str(row["arguments"]["standard"])
    scope = Scope((county,), None, f"job-{row['id']}")
    seen = Seen()
    try:
        with database.transaction(scope) as tx:
            # parts of an earlier attempt count only where they saw what is there now
            wanted: str | None = version.of(tx, rows.INPUT_LAYERS)
        for _ in range(_ROUNDS):
            ended = _ended(database, scope, row, key, shared, progress, wanted, seen)
            wanted = None
            if len({part["input_version"] for part in ended}) == 1:
                return _join(database, row, ended, seen)
    except Cancelled:
        with database.transaction(scope) as tx:
            for part in job_parts.children(tx, KIND, row["id"]):
                job.ask_cancel(tx, part["id"])
        raise
    raise NotJoined("the data changed while the townships were computed")


def _ended(  # noqa: PLR0913, PLR0917 - whose parts, of what
    database: Database,
    scope: Scope,
    row: Row,
    key: str,
    shared: Sequence[str],
    progress: Progress,
    wanted: str | None,
    seen: "Seen",
) -> list[Row]:
    """Ask for the parts that are not there, help with them, wait for the others."""
    with database.transaction(scope) as tx:
        now = _newest(tx, row)
        versions = [str(part["input_version"]) for part in now.values() if part["state"] == "done"]
        newest = wanted or max(versions, key=_age, default=None)
        for code in shared:
            part = now.get(code)
            fine = part is not None and (
                part["state"] in ("queued", "running")
                or (part["state"] == "done" and part["input_version"] == newest)
            )
            if not fine:
                _request(tx, row, key, code)
    while True:
        with database.transaction(scope) as tx:
            now = _newest(tx, row)
        states = [now[code]["state"] for code in shared]
        if any(state in ("failed", "cancelled") for state in states):
            raise NotJoined("a township could not be computed")
        progress.step(states.count("done"), len(states), "reaching")
        if states.count("done") == len(states):
            return [now[code] for code in shared]
        waiting = [now[code]["id"] for code in shared if now[code]["state"] == "queued"]
        if not waiting or not _help(database, waiting, seen):
            time.sleep(_LOOK_SECONDS)


def _age(input_version: str) -> int:
    return sum(int(part.rpartition(".")[2]) for part in input_version.split())


def _newest(tx: Transaction, row: Row) -> dict[str, Row]:
    """Give the last part job of each township that belongs to a run's job."""
    return {part["area_code"]: part for part in job_parts.children(tx, KIND, row["id"])}


def _request(tx: Transaction, row: Row, key: str, code: str) -> None:
    job.request(
        tx,
        KIND,
        queue=QUEUE_OF[KIND],
        area_code=code,
        # opening hours are asked for one moment in all of them
        arguments={
            "standard": key,
            "area": code,
            "for": row["id"],
            "at": job_parts.began(tx, row["id"]).isoformat(),
        },
    )


def _help(database: Database, waiting: Sequence[int], seen: "Seen") -> bool:
    """Do one of the parts that wait; False if others have taken all of them."""
    for job_id in waiting:
        with database.transaction(system_scope()) as tx:
            part = job.claim(tx, job_id)
        if part is not None:
            # one that took so long that somebody else has it now is that one's to end
            with suppress(job.LostLease), Held(database, part):
                make(database, part, seen=seen)
            return True
    return False


class Seen:
    """What one worker has read of a county, for the parts of it that it makes after one another."""

    def __init__(self) -> None:
        self._last: Inputs | None = None

    def read(self, tx: Transaction, key: str, county: str, at: datetime) -> Inputs:
        """Read what a run of the county is computed from, as far as it has changed."""
        known = () if self._last is None else (self._last,)
        self._last = read_all(tx, [key], county, at, known=known)[0]
        return self._last


def make(
    database: Database, row: Row, progress: Progress | None = None, seen: Seen | None = None
) -> None:
    """Do a claimed part: compute a township and store its rows, which no run has yet.

    Parameters
    ----------
    seen
        Who makes more than one part reads the county once; else only the township is read.
    """
    code, key = str(row["arguments"]["area"]), str(row["arguments"]["standard"])
    county = code[:6]
    scope = Scope((county,), None, f"job-{row['id']}")
    if progress is not None:
        progress.step(0, 2, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        # the county's own definition, whatever the township says for itself
        at = datetime.fromisoformat(str(row["arguments"]["at"]))
        if seen is None:
            inputs = read(tx, key, county, at, within=code)
        else:
            inputs = within(tx, seen.read(tx, key, county, at), code)
    if progress is not None:
        progress.step(1, 2, "reaching")
    found = coverage_saving.ready(inputs, answer(inputs))
    with database.transaction(scope) as tx:
        before = rows.latest(tx, key, county)
        known = {} if before is None else parts.known(tx, before["id"])
        kept = coverage_saving.keep(tx, found.parts, known)
        result = {
            "parts": kept,
            "totals": found.totals,
            "definition": coverage_saving.definition(inputs),
        }
        job.finish(tx, row["id"], row["token"], result, inputs.version)


def _join(database: Database, row: Row, ended: Sequence[Row], seen: Seen) -> coverage_saving.Saved:
    county = str(row["arguments"]["area"])
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    version = str(ended[0]["input_version"])
    totals = _summed([part["result"]["totals"] for part in ended])
    joined = coverage_saving.Joined(
        county,
        ended[0]["result"]["definition"],
        version,
        {**totals, **_grounds(database, scope, row, ended[0], version, seen)},
        [number for part in ended for number in part["result"]["parts"]],
    )
    with database.transaction(scope) as tx:
        saved = coverage_saving.join(tx, joined, row["id"])
        result = {"run": saved.run, **saved.totals}
        job.finish(tx, row["id"], row["token"], result, joined.input_version)
        coverage_saving.tell(tx, saved)
    return saved


def _grounds(  # noqa: PLR0913, PLR0917 - whose ground, of which data
    database: Database, scope: Scope, row: Row, part: Row, version: str, seen: Seen
) -> dict[str, Any]:
    """Measure the ground of facilities, which no township can; nothing if the data has changed."""
    county, key = str(row["arguments"]["area"]), str(row["arguments"]["standard"])
    with database.transaction(scope, snapshot=True) as tx:
        outline = coverage_grounds.outline(tx, part["result"]["definition"], county)
        if outline is None:
            return {}
        inputs = seen.read(tx, key, county, job_parts.began(tx, row["id"]))
    return coverage_grounds.totals(inputs, outline) if inputs.version == version else {}


def _summed(every: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Add figures up; what is a fact of the whole, such as that there is no facility, stays."""
    found: dict[str, Any] = {}
    for totals in every:
        for name, value in totals.items():
            if isinstance(value, Mapping):
                found[name] = _summed([found.get(name, {}), value])
            elif isinstance(value, bool):
                found[name] = value and found.get(name, True)
            else:
                found[name] = found.get(name, 0) + value
    if found.get("households"):
        found.pop("no_household", None)
    return found
