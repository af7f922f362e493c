"""Rules of care: who is visited how often, which facts are kept fresh, who uses what."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from gridmap.model import care_words
from gridmap.model.access import Permission
from gridmap.model.problem import not_found
from gridmap.problems import bad_value
from gridmap.services.access import Viewer
from gridmap.store import care_rule, event, user_area, visit
from gridmap.store.database import Database, Transaction


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
        400 for a need nobody knows; 404 for an area that is not there, or not this person's.
    """
    _check("need", [rule["need"]], care_words.NEEDS)
    with _area(database, viewer, request_id, area_code) as tx:
        visit.put_rule(tx, {"area_code": area_code, **rule})
        event.record(
            tx,
            "visit_rule.changed",
            area_code=area_code,
            subject_id=rule["need"],
            payload={"interval_days": rule["interval_days"], "active": rule["active"]},
        )


def put_field(  # noqa: PLR0913, PLR0917 - who says of which fact where how long
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    area_code: str,
    name: str,
    stale_days: int,
) -> None:
    """Store for how many days a fact stays fresh in an area.

    Raises
    ------
    Problem
        400 for a fact nobody knows; 404 for an area that is not there, or not this person's.
    """
    _check("name", [name], care_words.FACTS)
    with _area(database, viewer, request_id, area_code) as tx:
        care_rule.put_field(tx, area_code, name, stale_days)
        event.record(
            tx,
            "fact_rule.changed",
            area_code=area_code,
            subject_id=name,
            payload={"stale_days": stale_days},
        )


def put_item(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    area_code: str,
    item: Mapping[str, Any],
) -> None:
    """Store what the grids of an area are in charge of.

    Raises
    ------
    Problem
        400 for facts or needs nobody knows, or an end before the beginning; 404 for an area that
        is not there, or not this person's.
    """
    _check("fields", item["fields"], care_words.FACTS)
    _check("needs", item["needs"], care_words.NEEDS)
    if item["ends_on"] is not None and item["ends_on"] < item["admitted_on"]:
        raise bad_value("ends_on", "this is before the day on which it begins")
    with _area(database, viewer, request_id, area_code) as tx:
        number = care_rule.put_service_item(tx, {"area_code": area_code, **item})
        event.record(tx, "service_item.changed", area_code=area_code, subject_id=number)


def places(database: Database, viewer: Viewer) -> list[dict[str, Any]]:
    """List the areas for which the person may set rules, by code."""
    if not viewer.may(Permission.IMPORT_DATA):
        return []
    with database.transaction(viewer.scope(Permission.IMPORT_DATA)) as tx:
        return [dict(row) for row in user_area.places(tx, None)]


def _check(place: str, given: Sequence[str], known: Mapping[str, Any]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise bad_value(place, f"{', '.join(unknown)} is not one of {', '.join(sorted(known))}")


@contextmanager
def _area(
    database: Database, viewer: Viewer, request_id: str | None, area_code: str
) -> Iterator[Transaction]:
    """Open a transaction that changes the rules of an area; 404 where that is not theirs."""
    with database.transaction(viewer.scope(Permission.IMPORT_DATA, request_id)) as tx:
        mine = viewer.may(Permission.IMPORT_DATA, area_code)
        if not mine or not care_rule.area_exists(tx, area_code):
            raise not_found(f"area {area_code}")
        yield tx


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
