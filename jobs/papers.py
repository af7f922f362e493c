"""Papers about grids in a worker: the service reads, the maps lay out, the service keeps."""

import os
from pathlib import Path

from gridmap.maps import papers as press
from gridmap.maps.sheet_words import Look
from gridmap.services import paper_jobs, papers
from gridmap.services.progress import Progress
from gridmap.settings import Settings
from gridmap.store.database import Database, Row

_STATIC = Path(__file__).resolve().parent.parent / "static"


def run(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed order: read a snapshot, lay out with no connection held, keep in one go."""
    scope, order = paper_jobs.ordered(row)
    folder = papers.folder(database, scope, order.wanted)
    zone = Settings.from_environment(os.environ).time_zone
    make = press.bundle if order.form == "zip" else press.pdf

    def step(done: int, parts: int) -> None:
        progress.step(done, parts, "printing")

    content, pages = make(folder, order.kinds, Look(order.wanted.language, zone, _STATIC), step)
    paper_jobs.keep(database, scope, row, order, folder, content=content, pages=pages)
