"""Files that prove what stands: a run that followed a closure gets its own when calm returns.

A run that somebody asks for gets its file at once. A refresh computes every standard of a county
again, and at a flood one closure follows the other: files made then would hold the machine for
minutes, each of a state that nobody asks about any more. So the newest run gets its file once it
has stood for a while; until then `gridmap coverage certify` and `coverage verify` make it on
the spot, for what it was computed from is still there.
"""

from gridmap.model.access import system_scope
from gridmap.services import coverage_certificates
from gridmap.store import coverage_hours, coverage_unproven, job_analysis
from gridmap.store.database import Database

CALM_MINUTES = 10


def ask_next(database: Database) -> int:
    """Ask for the file of one run that has none, where nobody makes any; give how many it asked.

    One after the other: papers and exports that wait for the same workers come in between. Safe
    to run in several places at once.
    """
    kind = coverage_certificates.KIND
    with database.transaction(system_scope()) as tx:
        job_analysis.lock(tx, kind)
        if coverage_unproven.busy(tx, kind):
            return 0
        for run in coverage_unproven.settled(tx, kind, CALM_MINUTES):
            if coverage_hours.holds(tx, run):
                coverage_certificates.request(tx, run["standard_key"], run["area_code"])
                return 1
    return 0
