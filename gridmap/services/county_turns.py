"""What ends by the clock, county by county, with coverage asked for wherever anything has."""

from collections.abc import Callable, Sequence

from gridmap.model.access import system_scope
from gridmap.services import coverage_refresh
from gridmap.store.database import Database, Row, Transaction


def turned(
    database: Database,
    due: Callable[[Transaction], Sequence[str]],
    turn: Callable[[Transaction, str], Sequence[Row]],
    tell: Callable[[Transaction, Row], None],
) -> int:
    """Let end what is due; give how many rows that were. Safe to run in several places at once.

    Parameters
    ----------
    due
        Gives the counties with anything due.
    turn
        Lets it end in one of them, and gives the rows.
    tell
        Records what happened to a row.
    """
    with database.transaction(system_scope()) as tx:
        counties = due(tx)
    count = 0
    for county in counties:  # one transaction each: locks of two counties are never held together
        with database.transaction(system_scope()) as tx:
            ended = turn(tx, county)
            if ended:
                coverage_refresh.ask(tx, county)
            for row in ended:
                tell(tx, row)
        count += len(ended)
    return count
