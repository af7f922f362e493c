"""Coverage kept current: what is asked for when a street closes, and what a worker does then."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial

import structlog

from geodata.errors import GeodataError
from gridmap.model.access import Scope
from gridmap.services import coverage_grounds, coverage_inputs, coverage_kept, coverage_saving
from gridmap.services.progress import Progress
from gridmap.store import coverage as rows
from gridmap.store import coverage_followed, coverage_hours, coverage_standards, job, job_analysis
from gridmap.store.database import Database, Row, Transaction

log = structlog.get_logger("coverage")

KIND = "coverage.refresh"
# A township or community is followed for so long after somebody has asked about it; afterwards its
# last run says that it is of before. Each one followed makes every closure dearer, and the county,
# which always is, tells of its households as well.
FOLLOWED_DAYS = 30
_MOST_HELD = 50_000  # households of an answer that waits to be kept until all are told
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
        analysis=_analysis(county),
    )


def hold(tx: Transaction, area_code: str) -> None:
    """Let nobody else ask meanwhile, so that `ask` may come after other requests of jobs.

    `ask` records an event, after which everybody waits for this transaction: what takes its time
    belongs before it. Locks of analyses are taken before any event is recorded, though; a
    transaction that asks for another job as well takes this one first.
    """
    job_analysis.lock(tx, _analysis(area_code))


def _analysis(area_code: str) -> str:
    return f"{KIND} {area_code[:6]}"


def ask_computed(tx: Transaction, where: str | None) -> None:
    """Ask for every county of an area, or for all, in which anything has been computed."""
    for county in rows.counties(tx):
        if where is None or where.startswith(county):
            ask(tx, county)


class _Telling:
    """Writes and tells one standard while the next is computed, for the database works alone.

    No more than these two are in memory.
    """

    def __init__(self, writer: Executor) -> None:
        self._writer = writer
        self._under_way: Future[None] | None = None

    def begin(self, what: Callable[[], None]) -> None:
        """Do something once what was begun before is done."""
        self.wait()
        self._under_way = self._writer.submit(copy_context().run, what)

    def wait(self) -> None:
        """Wait until what was begun is done, and raise what it has raised."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()


@dataclass(frozen=True)
class _Work:
    """A claimed refresh while it is done: runs saved, standards that failed, answers to keep."""

    database: Database
    row: Row
    scope: Scope
    progress: Progress
    total: int
    telling: _Telling
    runs: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    unkept: list[coverage_kept.Answered] = field(default_factory=list)

    def step(self, what: str) -> None:
        self.progress.step(len(self.runs), self.total, what)

    def do(
        self, keys: Sequence[str], area_code: str, known: Sequence[coverage_inputs.Inputs] = ()
    ) -> Sequence[coverage_inputs.Inputs]:
        """Compute standards of an area from one snapshot, and tell of each what it has changed.

        What has been read before is given back, so that nobody reads it a second time.
        """
        self.step("reading")
        with self.database.transaction(self.scope, snapshot=True) as tx:
            every = coverage_inputs.read_all(tx, keys, area_code, known=known)
            stamped = coverage_kept.stamp(tx)
        for inputs in every:
            self.step("reaching")
            found = self._found(inputs, stamped)
            if found is not None:
                self.telling.begin(partial(self._told, *found))
                if len(inputs.homes) <= _MOST_HELD:
                    self.telling.wait()  # nothing is to be gained, and who is told waits for less
            del found
        return every

    def _found(
        self, inputs: coverage_inputs.Inputs, stamped: coverage_kept.Stamp
    ) -> tuple[coverage_saving.Answer, coverage_kept.Answered] | None:
        try:
            answered = coverage_kept.answer(inputs, stamped)
            found = coverage_saving.ready(inputs, answered.results)
        except GeodataError as error:
            # one standard that cannot be computed keeps the others from nobody
            self.faults.append(f"{inputs.standard['key']}: {error}")
            log.warning("coverage.not_refreshed", job_id=self.row["id"], why=self.faults[-1])
            return None
        return found, answered

    def _told(self, found: coverage_saving.Answer, answered: coverage_kept.Answered) -> None:
        self._tell(found)
        if len(found.inputs.homes) > _MOST_HELD:
            answered.keep()
        else:
            self.unkept.append(answered)

    def _tell(self, found: coverage_saving.Answer) -> None:
        with self.database.transaction(self.scope) as tx:
            # whoever has lost the job meanwhile stores nothing
            job.keep(tx, self.row["id"], self.row["token"])
            carried = coverage_grounds.carried(tx, found)
            saved = coverage_saving.save(tx, carried, self.row["id"], prove=False)
            coverage_saving.tell(tx, saved)
        self.runs.append(saved.run)


def run(database: Database, row: Row, progress: Progress) -> Callable[[], None]:
    """Do a claimed refresh: every newest run of the county whose input has changed.

    Returns
    -------
    function
        What is left to do once the job has ended, and its lease with it.
    """
    county = str(row["arguments"]["area"])[:6]
    # a street closed by a township changes what the whole county is told
    scope = Scope((county,), row["user_id"], f"job-{row['id']}")
    with database.transaction(scope, snapshot=True) as tx:
        due = _due(tx, county)
    with ThreadPoolExecutor(1, "telling") as writer:
        total = sum(map(len, due.values()))
        work = _Work(database, row, scope, progress, total, _Telling(writer))
        for area_code, keys in due.items():
            first, *others = sorted(keys, key=turn)
            # whoever is told first waits for nobody else's reading
            known = work.do([first], area_code)
            if others:
                work.do(others, area_code, known)
        work.telling.wait()
    for answered in work.unkept:  # everybody has been told; what follows is for the next time
        progress.step(work.total, work.total, "saving")
        answered.keep()
    if work.faults:
        raise GeodataError("; ".join(work.faults))
    with database.transaction(scope) as tx:
        job.finish(tx, row["id"], row["token"], {"runs": work.runs}, None)

    def overtaken() -> None:
        # what somebody has had computed from newer data meanwhile may have been saved sooner: the
        # newest run is then of before. In a transaction of its own, for locks of analyses are
        # taken before any event is recorded
        with database.transaction(scope) as tx:
            if work.runs and _due(tx, county):
                ask(tx, str(row["area_code"]))

    return overtaken


def followed(tx: Transaction, county: str) -> Mapping[str, Sequence[str]]:
    """Give the standards that are kept current, by area."""
    found: dict[str, list[str]] = defaultdict(list)
    for run in coverage_followed.newest(tx, county, KIND, FOLLOWED_DAYS):
        found[run["area_code"]].append(run["standard_key"])
    return found


def _due(tx: Transaction, county: str) -> Mapping[str, Sequence[str]]:
    """Give the standards to compute again, by area."""
    found: dict[str, list[str]] = defaultdict(list)
    for run in coverage_followed.newest(tx, county, KIND, FOLLOWED_DAYS):
        if coverage_standards.in_force(tx, run["standard_key"], run["area_code"]) is None:
            continue
        if not coverage_hours.holds(tx, run):
            found[run["area_code"]].append(run["standard_key"])
    return found


def turn(key: str) -> tuple[int, str]:
    """Tell whose loss is told first: sort standards by it."""
    return (_FIRST.index(key) if key in _FIRST else len(_FIRST), key)
