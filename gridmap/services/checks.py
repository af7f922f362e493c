"""Is this installation sound? Rights, row security and durability, from the catalogue itself."""

from gridmap.model.access import system_scope
from gridmap.store import catalogue
from gridmap.store.database import Database


def findings(database: Database) -> list[str]:
    """Give what is wrong, each with what to do; an empty list is a sound installation."""
    with database.transaction(system_scope()) as tx:
        rights = catalogue.own_rights(tx)
        open_tables = catalogue.unprotected_tables(tx)
        views = catalogue.leaking_views(tx)
        durable = catalogue.durability(tx)
        marked = catalogue.index_usable(tx)
    found = []
    if rights["superuser"] or rights["bypasses"] or rights["owns_tables"]:
        found.append("the app's role is too strong: it may own no table and bypass no row security")
    found += [f"table {name} has no forced row-level security" for name in open_tables]
    found += [f"view {name} runs with its owner's rights" for name in views]
    found += [
        f"{name} is {value}: an acknowledged report could be lost"
        for name, value in durable.items()
        if value == "off"
    ]
    if not marked:
        found.append(
            "geometry_overlaps is not LEAKPROOF, maps will be slow: run `gridmap migrate`"
            " with a superuser, or ask for ALTER FUNCTION geometry_overlaps(geometry, geometry)"
            " LEAKPROOF"
        )
    return found
