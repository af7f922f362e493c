"""How long jobs are kept once they have ended."""

from gridmap.model.access import system_scope
from gridmap.store import job_history
from gridmap.store.database import Database

KEEP_DAYS = 90
# Questions are read when they are answered, and what is worth keeping gets a name; the others are
# steps of work that has its own rows.
BRIEF = (
    "coverage.what_if",
    "coverage.sites",
    "coverage.critical",
    "coverage.part",
    "coverage.refresh",
    "coverage.certify",
    "coverage.report",
    "incidents.dispatch",
)
BRIEF_DAYS = 7


def forget(database: Database, days: int = KEEP_DAYS) -> int:
    """Let go of jobs that ended long ago; give how many.

    Safe to run in several places at once. What a plan, a run or a file points to stays.
    """
    gone = 0
    while True:
        with database.transaction(system_scope()) as tx:
            found = job_history.forget(tx, days, BRIEF, BRIEF_DAYS)
        gone += found
        if not found:
            return gone
