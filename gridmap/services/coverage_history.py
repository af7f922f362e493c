"""How long the rows of coverage runs are kept; their figures stay for good."""

from gridmap.model.access import system_scope
from gridmap.store import coverage_part
from gridmap.store.database import Database

KEEP_RUNS = 12
KEEP_WEEK = 7  # days of which every run keeps its rows; of the days before each one's last run
KEEP_DAYS = 400  # a run of the same day last year can still be laid beside today's


def forget(database: Database) -> int:
    """Let go of the rows of old runs; give how many parts are gone.

    Safe to run in several places at once.
    """
    with database.transaction(system_scope()) as tx:
        return coverage_part.forget(tx, KEEP_RUNS, KEEP_WEEK, KEEP_DAYS)
