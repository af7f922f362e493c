"""Figures of care for a file: what the page shows, with a trace that it went out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gridmap.model.access import Permission
from gridmap.services import care_matches, care_sums
from gridmap.services.access import Viewer
from gridmap.services.care_areas import chosen
from gridmap.store import event
from gridmap.store.database import Database


@dataclass(frozen=True)
class Figures:
    """What a file holds: sums as the page has them; without a run no services and no offers."""

    area: str
    level: str
    at: datetime
    visits: dict[str, Any]
    loads: dict[str, Any]
    services: dict[str, Any] | None
    offers: dict[str, Any] | None


def figures(  # noqa: PLR0913 - for whom, of what, in which words
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    area_code: str | None,
    level: str,
    *,
    english: bool,
) -> Figures:
    """Give the figures of an area as somebody may see them, and leave a trace.

    Raises
    ------
    Problem
        404 for an area that is not this person's.
    """
    area = chosen(viewer, area_code, Permission.COVERAGE_VIEW)
    run = care_matches.newest(database, viewer, area)["run"]
    visits = care_sums.visits(database, viewer, area, level, english=english)
    found = Figures(
        area=area,
        level=level,
        at=datetime.fromisoformat(visits["as_of"]),
        visits=visits,
        loads=care_sums.loads(database, viewer, area, level, english=english),
        services=run and care_matches.areas(database, viewer, run["id"], level, english=english),
        offers=run and care_matches.unused(database, viewer, run["id"]),
    )
    with database.transaction(viewer.scope(Permission.COVERAGE_VIEW, request_id)) as tx:
        event.record(
            tx,
            "care.exported",
            area_code=area,
            subject_id=area,
            payload={
                "run": run and run["id"],
                "level": level,
                "format": "xlsx",
                "rows": len(visits["rows"]),
                # small figures of needs are in it only for who may read needs
                "personal": viewer.may(Permission.HOUSEHOLD_PERSONAL, area),
            },
        )
    return found
