"""Rules of care: who is visited how often, which facts are kept fresh, who uses what."""

from collections.abc import Mapping
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.problem import not_found
from gridmap.services.access import Viewer
from gridmap.store import care_rule, event, visit
from gridmap.store.database import Database


def listing(database: Database, viewer: Viewer) -> dict[str, Any]:
    """List every rule and every fact's interval that a person may see."""
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_VIEW)) as tx:
        rules = visit.rules(tx, None)
        fields = care_rule.fields(tx)
    for row in rules:
        row.pop("shown", None)  # type: ignore[attr-defined]
    return {
        "rules": [{**row, "updated_at": row["updated_at"].isoformat()} for row in rules],
        "fields": [dict(row) for row in fields],
    }


def put(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    area_code: str,
    rule: Mapping[str, Any],
) -> None:
    """Store a rule of an area.

    Raises
    ------
    Problem
        404 for an area that is not there, or not this person's.
    """
    with database.transaction(viewer.scope(Permission.IMPORT_DATA, request_id)) as tx:
        mine = viewer.may(Permission.IMPORT_DATA, area_code)
        if not mine or not care_rule.area_exists(tx, area_code):
            raise not_found(f"area {area_code}")
        visit.put_rule(tx, {"area_code": area_code, **rule})
        event.record(
            tx,
            "visit_rule.changed",
            area_code=area_code,
            subject_id=rule["need"],
            payload={"interval_days": rule["interval_days"], "active": rule["active"]},
        )


def service_items(database: Database, viewer: Viewer, grid: str | None) -> list[dict[str, Any]]:
    """List what a grid is in charge of: who uses which fact, and on what legal basis."""
    with database.transaction(viewer.scope(Permission.GRID_VIEW)) as tx:
        rows = care_rule.service_items(tx, grid)
    return [
        {
            **row,
            "admitted_on": row["admitted_on"].isoformat(),
            "ends_on": row["ends_on"].isoformat() if row["ends_on"] else None,
        }
        for row in rows
    ]
