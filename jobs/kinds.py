"""Which service does which kind of job; heavy libraries are imported only when one runs."""

from collections.abc import Callable
from importlib import import_module

from gridmap.services.progress import Progress
from gridmap.store.database import Database, Row

Handler = Callable[[Database, Row, Progress], Callable[[], None] | None]
"""May give what is left to be done once the job has ended: nobody waits for it."""

_HANDLERS = {
    "care.match": ("gridmap.services.care_matches", "run"),
    "coverage.certify": ("gridmap.services.coverage_certificates", "run"),
    "coverage.report": ("jobs.reports", "run"),
    "coverage.refresh": ("gridmap.services.coverage_refresh", "run"),
    "coverage.part": ("gridmap.services.coverage_split", "make"),
    "coverage.run": ("gridmap.services.coverage", "run"),
    "coverage.critical": ("gridmap.services.coverage_critical", "run"),
    "coverage.sites": ("gridmap.services.coverage_sites", "run"),
    "coverage.what_if": ("gridmap.services.coverage_what_if", "run"),
    "evacuation.draft": ("gridmap.services.plans", "draft"),
    "evacuation.prices": ("gridmap.services.plan_prices", "run"),
    "evacuation.replan": ("gridmap.services.plan_again", "run"),
    "exports.make": ("gridmap.services.export_files", "make"),
    "grids.draw": ("gridmap.services.grids", "draw"),
    "grids.micro": ("gridmap.services.micro_grids", "draw"),
    "incidents.dispatch": ("gridmap.services.dispatching", "run"),
    "messages.send": ("jobs.messages", "run"),
    "papers.print": ("jobs.papers", "run"),
    "plans.print": ("jobs.printing", "run"),
    "scenarios.propose": ("gridmap.services.scenario_proposing", "make"),
    "scenarios.walks": ("gridmap.services.scenario_walks", "measure"),
    "scenarios.validate": ("gridmap.services.scenario_validation", "validate"),
    "teams.cover": ("gridmap.services.dispatching", "count_loan"),
    "trail.verify": ("gridmap.services.trail", "run"),
    "uploads.read": ("gridmap.services.upload_work", "read"),
    "uploads.take": ("gridmap.services.upload_work", "bring_in"),
}


def handler(kind: str) -> Handler:
    """Give the service function of a kind of job.

    It takes the database, the claimed job row and a progress, and saves its results in one
    transaction that ends the job with its fencing token.
    """
    module, name = _HANDLERS[kind]
    found: Handler = getattr(import_module(module), name)
    return found


def kinds() -> list[str]:
    """Give every kind of job there is."""
    return sorted(_HANDLERS)
