"""What is where: the counties of a database."""

from gridmap.model.access import Scope
from gridmap.model.problem import not_found
from gridmap.store import area
from gridmap.store.database import Database


def counties(database: Database, scope: Scope) -> list[str]:
    """Give the codes of the counties in scope, in order."""
    with database.transaction(scope) as tx:
        return area.counties(tx)


def known(database: Database, scope: Scope, code: str) -> str:
    """Give the code back if an area in scope has it.

    Raises
    ------
    Problem
        404 if none has.
    """
    with database.transaction(scope) as tx:
        return str(area.read(tx, code)["code"])


def held_in(database: Database, scope: Scope, code: str) -> None:
    """Refuse a code in which nobody can hold a role: it is neither an area nor a grid.

    Raises
    ------
    Problem
        404 if there is no such place: a slip of one digit would give an account that sees nothing.
    """
    with database.transaction(scope) as tx:
        if not area.is_place(tx, code):
            raise not_found(f"area or grid {code!r}; `gridmap import areas FILE` comes first")
