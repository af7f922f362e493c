"""Edits of coverage standards: each is another version, made by a person who has read the last."""

from datetime import date

from gridmap.model.access import Permission
from gridmap.model.coverage_standard import Band, Definition
from gridmap.model.problem import conflict
from gridmap.services import coverage_standard_checks as checks
from gridmap.services import versions
from gridmap.services.access import Viewer
from gridmap.services.coverage_standards import KIND
from gridmap.store import coverage_standards as rows
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.versioned import today


def put(  # noqa: PLR0913, PLR0917 - whose, where, what, and what was seen before
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    area_code: str,
    definition: Definition,
    seen: int | None,
) -> int:
    """Store the next version of an area's standard, or the first of a new one; give its number.

    Parameters
    ----------
    seen
        The last version that the person has read; None for a standard the area has none of.

    Raises
    ------
    Problem
        400 by field; 404 for an area that is not this person's; 409 if there is a later version
        or nothing would change.
    """
    checks.check(definition)
    with database.transaction(viewer.scope(Permission.COVERAGE_EDIT, request_id)) as tx:
        last = versions.last(tx, KIND, viewer, area_code, definition.key, seen)
        checks.check_kinds(tx, definition)
        versions.check_day(definition.valid_from, today(tx))
        if last is not None and not last["retired"] and _same(last, definition):
            raise conflict(KIND.same)
        return _write(tx, area_code, definition, seen)


def retire(  # noqa: PLR0913, PLR0917 - whose, where, which, and what was seen before
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    area_code: str,
    key: str,
    day: date,
    seen: int | None,
) -> int:
    """Let an area's standard end on a day, by a last version; give its number.

    Below a county, what the area above says holds again.

    Raises
    ------
    Problem
        As `put`; 404 for a standard the area has none of.
    """
    with database.transaction(viewer.scope(Permission.COVERAGE_EDIT, request_id)) as tx:
        last = versions.ending(tx, KIND, viewer, area_code, key, seen)
        versions.check_day(day, today(tx))
        return _write(tx, area_code, _definition(last, day), seen, retired=True)


def _write(
    tx: Transaction, area_code: str, definition: Definition, seen: int | None, retired: bool = False
) -> int:
    def insert(version: int) -> bool:
        return rows.insert(tx, area_code, version, definition, retired=retired)

    ends = {"retired": True} if retired else {}
    day = definition.valid_from
    return versions.write(tx, KIND, area_code, definition.key, day, seen, insert, **ends)


def _same(row: Row, definition: Definition) -> bool:
    return rows.said(row) == definition.said() and row["valid_from"] == definition.valid_from


def _definition(row: Row, day: date) -> Definition:
    return Definition(
        key=row["key"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        facility_kinds=tuple(row["facility_kinds"]),
        profile=row["profile"],
        direction=row["direction"],
        measure=row["measure"],
        max_value=row["max_value"],
        slider=(row["slider_min"], row["slider_max"]),
        source=row["source"],
        valid_from=day,
        capacity=row["capacity"],
        area_type=row["area_type"],
        barriers=tuple(row["barriers"]),
        bands=tuple(Band(**band) for band in row["bands"]),
        area_rule=row["area_rule"],
        scores=row["scores"],
    )
