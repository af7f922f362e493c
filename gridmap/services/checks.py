"""Is this installation sound? Rights, row security and durability, from the catalogue itself."""

from geodata.errors import GeodataError
from gridmap import queue
from gridmap.model.access import system_scope
from gridmap.sandbox import cage
from gridmap.services.accounts import demo_accounts_exist
from gridmap.settings import Settings
from gridmap.store import catalogue
from gridmap.store.database import Database, Row

# fewer different characters than this are a row of one letter or a word, not a secret
LEAST_CHARACTERS = 8
LOOPBACK = ("127.0.0.1", "::1", "localhost")
DEBUG = "GRIDMAP_DEBUG is on: take it away"
GUESSABLE = "GRIDMAP_SECRET_KEY can be guessed: make one with `openssl rand -hex 32`"
TOO_STRONG = "the app's role is too strong: it may own no table and bypass no row security"


def findings(database: Database, settings: Settings) -> list[str]:
    """Give what is wrong, each with what to do; an empty list is a sound installation."""
    found = configuration(settings) + _of_database(database) + _of_cage()
    if settings.demo is None and demo_accounts_exist(database):
        found.append("there are demo accounts, whose password everybody knows: use a new database")
    return found


def configuration(settings: Settings) -> list[str]:
    """Give what is wrong with the settings, whatever the database holds."""
    found = []
    if settings.debug:
        found.append(DEBUG)
    if settings.secret_key is None:
        found.append("GRIDMAP_SECRET_KEY is missing: set the same 32 characters on every machine")
    elif _guessable(settings.secret_key):
        found.append(GUESSABLE)
    if settings.host not in LOOPBACK and not settings.https:
        found.append(
            f"GRIDMAP_HOST is {settings.host} and GRIDMAP_HTTPS is off: passwords and cookies"
            " cross the network in the clear, and tablets keep nothing offline"
        )
    if settings.demo is None and settings.totp == "off":
        found.append("GRIDMAP_TOTP is off: a password alone opens an office account")
    if settings.proxies and settings.public_url is None:
        found.append(
            "GRIDMAP_PROXIES is set and GRIDMAP_PUBLIC_URL is missing: links on sheets and in"
            " /ogc/ take the name that a request brings"
        )
    return found + _of_redis(settings)


def refuse_to_serve(database: Database, settings: Settings) -> list[str]:
    """Give what must be mended before anything is served at all.

    Debugging, a secret that can be guessed, a role that row security does not bind.
    """
    found = []
    if settings.debug and settings.demo is None:
        found.append(DEBUG)
    if settings.secret_key is not None and _guessable(settings.secret_key):
        found.append(GUESSABLE)
    with database.transaction(system_scope()) as tx:
        rights = catalogue.own_rights(tx)
    return found + ([TOO_STRONG] if _too_strong(rights) else [])


def _of_cage() -> list[str]:
    """Give what a process that reads a stranger's file could still reach on this machine."""
    try:
        with cage.folder() as place:
            tried = cage.run("probe", place, limits=cage.PHOTO)
    except (cage.CageError, GeodataError) as error:
        return [f"no photo and no uploaded file is taken here: {error}"]
    found = []
    if tried["connects"] or tried["local_socket"]:
        found.append("a process that reads uploaded files can reach the network: look at seccomp")
    if tried["reads"] or tried["writes_outside"]:
        found.append(
            "a process that reads uploaded files can open other files of this user: the kernel"
            " has no Landlock (Linux 5.13 or newer has)"
        )
    return found


def forgetful(database: Database) -> list[str]:
    """Give what would let the database forget what has been acknowledged."""
    with database.transaction(system_scope()) as tx:
        durable = catalogue.durability(tx)
    return [
        f"{name} is {value}: an acknowledged report could be lost"
        for name, value in durable.items()
        if value == "off"
    ]


def _of_redis(settings: Settings) -> list[str]:
    found = []
    if settings.redis_url is None:
        found.append("GRIDMAP_REDIS_URL is missing: no job will ever run")
    elif queue.is_open(settings.redis_url):
        found.append("Redis lets everybody in: give it a password (requirepass, or an ACL)")
    elif not queue.alive(settings.redis_url):
        found.append("Redis does not answer at GRIDMAP_REDIS_URL: no job will run until it does")
    elif (policy := queue.eviction(settings.redis_url)) not in (None, "noeviction"):
        found.append(f"Redis throws away what it holds (maxmemory-policy {policy}): noeviction")
    return found


def _guessable(secret_key: str) -> bool:
    return len(set(secret_key)) < LEAST_CHARACTERS


def _too_strong(rights: Row) -> bool:
    return bool(rights["superuser"] or rights["bypasses"] or rights["owns_tables"])


def _of_database(database: Database) -> list[str]:
    with database.transaction(system_scope()) as tx:
        rights = catalogue.own_rights(tx)
        open_tables = catalogue.unprotected_tables(tx)
        views = catalogue.leaking_views(tx)
        marked = catalogue.index_usable(tx)
    found = []
    if _too_strong(rights):
        found.append(TOO_STRONG)
    found += [f"table {name} has no forced row-level security" for name in open_tables]
    found += [f"view {name} runs with its owner's rights" for name in views]
    found += forgetful(database)
    if not marked:
        found.append(
            "geometry_overlaps is not LEAKPROOF, maps will be slow: run `gridmap migrate`"
            " with a superuser, or ask for ALTER FUNCTION geometry_overlaps(geometry, geometry)"
            " LEAKPROOF"
        )
    return found
