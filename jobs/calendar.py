"""What happens because a time has come: grids come into force, streets and doors are open again."""

from datetime import datetime
from importlib import import_module
from zoneinfo import ZoneInfo

import structlog

from gridmap.model.access import system_scope
from gridmap.services import (
    call_climbing,
    closures,
    coverage_current,
    coverage_settled,
    drill_reminders,
    facilities,
    message_sending,
    returns,
)
from gridmap.services.response_task_climbing import climb_due as tasks_climb
from gridmap.services.whistles import climb_due as calls_climb
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


def facilities_on_duty(database: Database) -> int:
    """Put facilities on duty again whose time off duty has ended.

    Safe to run in several places at once.
    """
    opened = facilities.open_due(database)
    if opened:
        log.info("facilities.on_duty", count=opened)
    return opened


def turned_hours(database: Database) -> int:
    """Have coverage computed again where a facility has opened or closed by its hours.

    Safe to run in several places at once.
    """
    asked = coverage_current.ask_due(database)
    if asked:
        log.info("coverage.hours_turned", counties=asked)
    return asked


def unanswered_calls(database: Database) -> int:
    """Let call-outs that nobody answered in time climb to the next rung and the next level.

    Safe to run in several places at once, and after a pause.
    """
    climbed = call_climbing.climb(database)
    if climbed:
        log.info("call_outs.climbed", count=climbed)
    return climbed


def everybody_home(database: Database) -> int:
    """End the ways home on which the last household has been ticked home.

    Safe to run in several places at once.
    """
    return returns.end_due(database)


def messages_due(database: Database) -> int:
    """Ask a worker to send what waits for its next try.

    Safe to run in several places at once.
    """
    return message_sending.ask_due(database)


def run_out(database: Database) -> int:
    """Let tasks and calls for departments that nobody has met in time climb to the next level.

    Safe to run in several places at once.
    """
    climbed = tasks_climb(database) + calls_climb(database)
    if climbed:
        log.info("responses.climbed", count=climbed)
    return climbed


def proven_runs(database: Database) -> int:
    """Ask for the file that proves a coverage run which has stood for a while.

    Safe to run in several places at once.
    """
    return coverage_settled.ask_next(database)


def coming_drills(database: Database) -> int:
    """Remind offices of exercises that are due soon, or overdue.

    Safe to run in several places at once; each day of an exercise is told once.
    """
    return drill_reminders.remind_due(database)
