"""Which area a command means when none is named."""

from gridmap.model.access import system_scope
from gridmap.model.problem import bad_input
from gridmap.services import places
from gridmap.store.database import Database


def county(database: Database) -> str:
    """Give the one county there is.

    Raises
    ------
    Problem
        400 if there are none or several, naming them.
    """
    found = places.counties(database, system_scope())
    if len(found) == 1:
        return found[0]
    if not found:
        raise bad_input("there is no area yet: `gridmap import areas FILE` or `gridmap demo load`")
    raise bad_input(f"name the area, one of {', '.join(found)} or an area inside")
