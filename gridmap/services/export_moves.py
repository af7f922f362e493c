"""The households that would change their grid, as a workbook: masked for the person who asked."""

from datetime import datetime
from typing import Any

from gridmap.model import care_words
from gridmap.model.access import Permission
from gridmap.model.care_words import word
from gridmap.model.household import Purpose
from gridmap.model.problem import not_found
from gridmap.services import comparisons, export_requests, masking, workbook
from gridmap.services.access import Viewer
from gridmap.services.export_files import watermark
from gridmap.services.masking import Place
from gridmap.store import comparison, scenario
from gridmap.store.database import Database, Row

FIELDS = ("id", "address", "householder", "phone", "people", "source", "target")


def request(  # noqa: PLR0913, PLR0917 - who asks for which list, and why
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    scenario_id: int,
    other: str,
    reason: str,
    needs: bool = False,
) -> dict[str, Any]:
    """Ask for the list of a comparison; somebody else decides.

    Raises
    ------
    Problem
        As `export_requests.request`; 404 for a scenario that is not there.
    """
    with database.transaction(viewer.scope(Permission.GRID_DRAW)) as tx:
        row = scenario.read(tx, scenario_id)
    if row is None:
        raise not_found(f"scenario {scenario_id}")
    return export_requests.request(
        database,
        viewer,
        request_id,
        kind="moves",
        area_code=row["area_code"],
        purpose=Purpose.EXPORT,
        reason=reason,
        fields=(*FIELDS, *(("needs",) if needs else ())),
        subject=f"{scenario_id} {other}",
    )


def written(database: Database, viewer: Viewer, asked: Row) -> tuple[bytes, int]:
    """Give the workbook of an approved request, and how many households are in it."""
    english = viewer.language == "en"
    number, _space, other = str(asked["subject"]).partition(" ")
    today = datetime.now(database.zone).date()
    found = comparisons.pair(database, viewer, int(number), other, today, lambda work: work())
    ids = [int(each) for each in found.found.moved.index]
    with database.transaction(viewer.scope(Permission.EXPORT_REQUEST)) as tx:
        people = comparison.people_of(tx, ids)
    rows: list[list[workbook.Cell]] = [
        [watermark(asked, database.zone, english=english)],
        [word(care_words.HEADINGS, name, english=english) for name in asked["fields"]],
        *(_line(viewer, row, found, asked, english=english) for row in people),
    ]
    return workbook.written([("gridmap", rows)]), len(people)


def _line(
    viewer: Viewer, row: Row, found: comparisons.Pair, asked: Row, *, english: bool
) -> list[workbook.Cell]:
    seen = masking.sight(viewer, row["area_code"], Place.FILE, Purpose(asked["purpose"]))
    source, target = (_end(found, row["id"], name) for name in ("source", "target"))
    joint = "; " if english else "；"
    kinds = (row["needs"] or "").split() if seen.needs else []
    known: dict[str, workbook.Cell] = {
        "id": row["id"],
        "address": row["address"],
        "people": row["people"],
        "householder": masking.shown(row, seen).get("householder"),
        "phone": masking.shown(row, seen).get("phone"),
        "needs": joint.join(word(care_words.NEEDS, kind, english=english) for kind in kinds)
        or None,
        "source": comparisons.label(found.before, source),
        "target": comparisons.label(found.after, target),
    }
    return [known[name] for name in asked["fields"]]


def _end(found: comparisons.Pair, household: int, name: str) -> str | None:
    label: Any = found.found.moved.at[household, name]
    return None if label is None else str(label)
