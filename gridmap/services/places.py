"""What is where: the counties of a database."""

from gridmap.model.access import Scope
from gridmap.store import area
from gridmap.store.database import Database


def counties(database: Database, scope: Scope) -> list[str]:
    """Give the codes of the counties in scope, in order."""
    with database.transaction(scope) as tx:
        return area.counties(tx)
