"""Reports on coverage in a worker: the service reads, the maps lay out, the service keeps."""

import os
from pathlib import Path
from typing import Any

from gridmap.maps import coverage_report as press
from gridmap.maps.sheet_words import Look, templates
from gridmap.services import coverage_book, coverage_report_jobs, coverage_report_words
from gridmap.services import coverage_reports as reports
from gridmap.services.progress import Progress
from gridmap.settings import Settings
from gridmap.store.database import Database, Row

_STATIC = Path(__file__).resolve().parent.parent / "static"


def run(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed order: read a snapshot, lay out with no connection held, keep in one go."""
    scope, wanted, form = coverage_report_jobs.ordered(row)
    zone = Settings.from_environment(os.environ).time_zone
    report = reports.report(database, scope, wanted, zone)
    gettext: Any = templates(wanted.language).globals["_"]
    words = coverage_report_words.words(gettext, english=wanted.language == "en")

    def step(done: int, parts: int) -> None:
        progress.step(done, parts, "printing")

    if form == "xlsx":
        content, pages = coverage_book.book(report, words, zone)
    else:
        look = Look(wanted.language, zone, _STATIC)
        content, pages = press.pdf(report, words, look, step)
    coverage_report_jobs.keep(database, scope, row, report, form=form, content=content, pages=pages)
