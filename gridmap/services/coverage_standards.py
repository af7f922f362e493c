"""Coverage standards as data: what a county starts with, and one version after the other."""

from collections.abc import Mapping
from typing import Any

from gridmap.model.access import Permission, Scope
from gridmap.model.coverage_seeds import SEEDS
from gridmap.model.facility import KINDS
from gridmap.services import versions
from gridmap.services.access import Viewer
from gridmap.store import area, event, user_area
from gridmap.store import coverage_standards as rows
from gridmap.store.database import Database, Row, Transaction

_ENGLISH = "en"
# as people look for them, the most urgent first; those of a county's own come last
_ORDER = {definition.key: number for number, definition in enumerate(SEEDS)}


def seed(tx: Transaction, county_code: str) -> None:
    """Give a county its first standards."""
    for definition in SEEDS:
        rows.insert(tx, county_code, 1, definition)


def start(tx: Transaction, county_code: str) -> list[str]:
    """Give a county the standards it lacks, and the last wording of those nobody has edited.

    What people have written or retired is never undone.

    Returns
    -------
    list of str
        The keys that got a version.
    """
    last = {row["key"]: row for row in rows.newest(tx) if row["area_code"] == county_code}
    made = []
    for definition in SEEDS:
        row = last.get(definition.key)
        if row is None:
            rows.insert(tx, county_code, 1, definition)
        elif row["created_by"] is None and rows.said(row) != definition.said():
            rows.insert(tx, county_code, row["version"] + 1, definition)
        else:
            continue
        made.append(definition.key)
    return made


def keys(tx: Transaction, area_code: str) -> list[str]:
    """Give the keys of an area's own standards that hold today."""
    return [row["key"] for row in rows.listing(tx) if row["area_code"] == area_code]


def start_all(database: Database, scope: Scope) -> None:
    """Bring the standards of every county in scope up to this release."""
    with database.transaction(scope) as tx:
        changed = [(code, key) for code in area.counties(tx) for key in start(tx, code)]
        for code, key in changed:
            _record(tx, code, key, {})


def _record(tx: Transaction, area_code: str, key: str, more: Mapping[str, Any]) -> None:
    event.record(
        tx,
        "coverage_standard.changed",
        area_code=area_code,
        subject_id=key,
        payload={"standard": key, **more},
    )


KIND = versions.Kind(
    noun="coverage standard",
    short="standard",
    right=Permission.COVERAGE_EDIT,
    same="nothing would change",
    rows=rows,
    record=_record,
)


def choices(database: Database, viewer: Viewer) -> dict[str, Any]:
    """Give what a form of a standard chooses from.

    Returns
    -------
    dict
        `places` whose standards the person may edit, `kinds` of facility.
    """
    with database.transaction(viewer.scope(Permission.COVERAGE_EDIT)) as tx:
        places = [dict(row) for row in user_area.places(tx, None)]
        return {"places": places, "kinds": sorted(KINDS | rows.kinds(tx))}


def listing(
    database: Database, scope: Scope, language: str, within: str = ""
) -> list[dict[str, Any]]:
    """List the standards that hold today, each with the version that will follow it.

    The most urgent come first; of one key the larger area's.

    Parameters
    ----------
    within
        Area whose own standards, and those above and below it, are listed; empty for all.
    """
    with database.transaction(scope) as tx:
        found = versions.listing(tx, KIND, _ORDER, within, english=language == _ENGLISH)
    return [{**plain(row, language), **more} for row, more in found]


def plain(row: Row, language: str) -> dict[str, Any]:
    """Give a version as programs and pages read it."""
    english = language == _ENGLISH
    return {
        "key": row["key"],
        "version": row["version"],
        "area": row["area_code"],
        "name": row["name_en"] if english else row["name_zh"],
        "name_zh": row["name_zh"],
        "name_en": row["name_en"],
        "area_type": row["area_type"],
        "facility_kinds": list(row["facility_kinds"]),
        "profile": row["profile"],
        "direction": row["direction"],
        "by": row["measure"],
        "limit": row["max_value"],
        "capacity": row["capacity"],
        "barriers": list(row["barriers"]),
        "bands": [
            {**band, "name": band["name_en"] if english else band["name_zh"]}
            for band in row["bands"]
        ],
        "area_rule": dict(row["area_rule"]),
        "scores": row["scores"],
        "slider": [row["slider_min"], row["slider_max"]],
        "source": row["source"],
        "valid_from": row["valid_from"].isoformat(),
    }


def history(
    database: Database, scope: Scope, key: str, area_code: str, language: str
) -> list[dict[str, Any]]:
    """List every version of an area's standard, the newest first.

    Returns
    -------
    list of dict
        As `plain`, with what `versions.history` says.

    Raises
    ------
    Problem
        404 for an area or a standard that is not there.
    """
    with database.transaction(scope) as tx:
        found = versions.history(tx, KIND, key, area_code)
    return [{**plain(row, language), **more} for row, more in found]
