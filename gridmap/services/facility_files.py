"""Facilities for a file, with a trace that it went out; no person is in it."""

from gridmap.model.access import Permission
from gridmap.services.access import Viewer
from gridmap.services.care_areas import chosen
from gridmap.store import event, facility
from gridmap.store.database import Database, Row


def rows(
    database: Database, viewer: Viewer, request_id: str | None, area_code: str | None
) -> tuple[str, list[Row]]:
    """Give the facilities in use of an area, and its code; the first of one's own unless named.

    Raises
    ------
    Problem
        404 for an area that is not this person's.
    """
    code = chosen(viewer, area_code, Permission.EXPORT_REQUEST)
    with database.transaction(viewer.scope(Permission.EXPORT_REQUEST, request_id)) as tx:
        found = facility.listing(tx, code)
        event.record(
            tx,
            "facility.exported",
            area_code=code,
            subject_id=code,
            payload={"format": "xlsx", "rows": len(found)},
        )
    return code, found
