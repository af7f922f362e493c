"""What happens because a time has come: grids come into force, closed streets are open again."""

from datetime import datetime
from importlib import import_module
from zoneinfo import ZoneInfo

import structlog

from gridmap.model.access import system_scope
from gridmap.services import closures
from gridmap.store import publication
from gridmap.store.database import Database

log = structlog.get_logger("calendar")


def new_grids(database: Database, time_zone: str) -> int:
    """Bring published grids into force whose day has come where the deployment is.

    Safe to run in several places at once. The service is imported only when there is a day to
    keep: geography is heavy, and the scheduler lives long.
    """
    today = datetime.now(ZoneInfo(time_zone)).date()
    with database.transaction(system_scope()) as tx:
        waiting = publication.due(tx, today)
    if not waiting:
        return 0
    done = int(import_module("gridmap.services.publishing").take_effect(database, today))
    log.info("grids.in_force", scenarios=done)
    return done


def opened_streets(database: Database) -> int:
    """Note the closures whose end has come, so that open maps and coverage hear of it.

    Safe to run in several places at once.
    """
    ended = closures.end_due(database)
    if ended:
        log.info("roads.reopened", count=ended)
    return ended
