"""Whether a coverage run still holds: the data of a version, and the hours of an hour."""

from gridmap.model.access import system_scope
from gridmap.services import coverage_refresh
from gridmap.store import coverage_hours, job_analysis
from gridmap.store.database import Database


def ask_due(database: Database) -> int:
    """Ask that what an opening or a closing has overtaken be computed again.

    Safe to run in several places at once: of one turn one of them asks.

    Returns
    -------
    int
        Counties for which it was asked.
    """
    with database.transaction(system_scope()) as tx:
        counties = coverage_hours.due(tx, coverage_refresh.KIND)
    asked = 0
    for county in counties:
        with database.transaction(system_scope()) as tx:
            job_analysis.lock(tx, f"{coverage_refresh.KIND} {county}")
            # whoever held the lock before may have asked
            if county in coverage_hours.due(tx, coverage_refresh.KIND):
                coverage_refresh.ask(tx, county)
                asked += 1
    return asked
