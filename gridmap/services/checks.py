"""Is this installation sound? Rights, row security and durability, from the catalogue itself."""

from gridmap import queue
from gridmap.model.access import system_scope
from gridmap.services.accounts import demo_accounts_exist
from gridmap.settings import Settings
from gridmap.store import catalogue
from gridmap.store.database import Database

# fewer different characters than this are a row of one letter or a word, not a secret
LEAST_CHARACTERS = 8


def findings(database: Database, settings: Settings) -> list[str]:
    """Give what is wrong, each with what to do; an empty list is a sound installation."""
    found = configuration(settings) + _of_database(database)
    if settings.demo is None and demo_accounts_exist(database):
        found.append("there are demo accounts, whose password everybody knows: use a new database")
    return found


def configuration(settings: Settings) -> list[str]:
    """Give what is wrong with the settings, whatever the database holds."""
    found = []
    if settings.debug:
        found.append("GRIDMAP_DEBUG is on: take it away")
    if settings.secret_key is None:
        found.append("GRIDMAP_SECRET_KEY is missing: set the same 32 characters on every machine")
    elif len(set(settings.secret_key)) < LEAST_CHARACTERS:
        found.append("GRIDMAP_SECRET_KEY can be guessed: make one with `openssl rand -hex 32`")
    if settings.redis_url is None:
        found.append("GRIDMAP_REDIS_URL is missing: no job will ever run")
    elif queue.is_open(settings.redis_url):
        found.append("Redis lets everybody in: give it a password (requirepass, or an ACL)")
    elif not queue.alive(settings.redis_url):
        found.append("Redis does not answer at GRIDMAP_REDIS_URL: no job will run until it does")
    return found


def _of_database(database: Database) -> list[str]:
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
