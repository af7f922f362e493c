"""Rules of services: which needs want which, and how much time visits may ask of a grid."""

from collections.abc import Mapping
from typing import Any

from gridmap.model import care_words, service_words
from gridmap.model.access import Permission
from gridmap.model.problem import not_found
from gridmap.problems import bad_value
from gridmap.services.access import Viewer
from gridmap.store import care_rule, event, service_rule
from gridmap.store.database import Database


def listing(database: Database, viewer: Viewer) -> dict[str, Any]:
    """List the rules a person may see."""
    with database.transaction(viewer.scope(Permission.COVERAGE_VIEW)) as tx:
        rules, loads = service_rule.rules(tx), service_rule.loads(tx)
    return {
        "services": [{**row, "updated_at": row["updated_at"].isoformat()} for row in rules],
        "loads": [{**row, "updated_at": row["updated_at"].isoformat()} for row in loads],
    }


def put(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    area_code: str,
    rule: Mapping[str, Any],
) -> None:
    """Store which service a need wants in an area.

    Raises
    ------
    Problem
        400 for a need or service nobody knows; 404 for an area that is not this person's.
    """
    for place, known in (("need", care_words.NEEDS), ("service", service_words.SERVICES)):
        if rule[place] not in known:
            raise bad_value(place, f"{rule[place]} is not one of {', '.join(known)}")
    with database.transaction(viewer.scope(Permission.IMPORT_DATA, request_id)) as tx:
        mine = viewer.may(Permission.IMPORT_DATA, area_code)
        if not mine or not care_rule.area_exists(tx, area_code):
            raise not_found(f"area {area_code}")
        service_rule.put(tx, {"area_code": area_code, **rule})
        event.record(
            tx,
            "service_rule.changed",
            area_code=area_code,
            subject_id=f"{rule['need']}.{rule['service']}",
            payload={"active": rule["active"]},
        )


def put_load(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    area_code: str,
    rule: Mapping[str, Any],
) -> None:
    """Store how much time visits may ask of the members of an area's grids.

    Raises
    ------
    Problem
        404 for an area that is not this person's.
    """
    with database.transaction(viewer.scope(Permission.IMPORT_DATA, request_id)) as tx:
        mine = viewer.may(Permission.IMPORT_DATA, area_code)
        if not mine or not care_rule.area_exists(tx, area_code):
            raise not_found(f"area {area_code}")
        service_rule.put_load(tx, {"area_code": area_code, **rule})
        event.record(
            tx,
            "care_load_rule.changed",
            area_code=area_code,
            subject_id=area_code,
            payload={name: rule[name] for name in ("visit_minutes", "weekly_hours")},
        )
