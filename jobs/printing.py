"""Printing in a worker: the service reads, the maps lay out, the service keeps."""

import os
from pathlib import Path

from gridmap.maps.sheet_words import Look
from gridmap.maps.sheets import pdf
from gridmap.services import sheet_jobs, sheets
from gridmap.services.progress import Progress
from gridmap.settings import Settings
from gridmap.store.database import Database, Row

_STATIC = Path(__file__).resolve().parent.parent / "static"


def run(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed print: read a snapshot, lay out with no connection held, keep in one go."""
    scope, asked = sheet_jobs.asked_by(row)
    booklet = sheets.booklet(database, scope, asked)
    zone = Settings.from_environment(os.environ).time_zone

    def step(done: int, pages: int) -> None:
        progress.step(done, pages, "printing")

    content, pages = pdf(booklet, Look(asked.language, zone, _STATIC), step)
    sheet_jobs.keep(
        database,
        scope,
        row,
        asked,
        content=content,
        pages=pages,
        households=sum(len(leaf.homes) for leaf in booklet.leaves),
        check=booklet.facts.check,
    )
