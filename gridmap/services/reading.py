"""Readings of people: where they are allowed now, and the trace each leaves."""

from collections.abc import Sequence
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.household import Purpose
from gridmap.services import masking
from gridmap.services.access import Viewer
from gridmap.services.masking import Sight
from gridmap.store import break_glass, event
from gridmap.store.database import Database, Row, Transaction


def opened(tx: Transaction, viewer: Viewer) -> list[str]:
    """Give the areas an emergency has opened to a person now."""
    if not viewer.may(Permission.HOUSEHOLD_BREAK_GLASS):
        return []
    return break_glass.open_areas(tx, viewer.id)


def readable_needs(database: Database, viewer: Viewer) -> tuple[str, ...]:
    """Give the areas in which a person may read needs now."""
    if not viewer.may(Permission.HOUSEHOLD_BREAK_GLASS):
        return masking.needs_in(viewer)
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_BREAK_GLASS)) as tx:
        return masking.needs_in(viewer, opened(tx, viewer))


def note_reading(tx: Transaction, row: Row, purpose: Purpose, seen: Sight) -> None:
    """Leave a trace of a household that was opened."""
    payload: dict[str, Any] = {"personal": seen.names or seen.needs, "purpose": purpose.value}
    if seen.number and row["id_number"]:
        payload["id_number"] = True
    if seen.by_glass:
        payload["break_glass"] = True
    event.record(
        tx, "household.read", area_code=row["area_code"], subject_id=row["id"], payload=payload
    )


def note_listing(
    tx: Transaction,
    needs_in: Sequence[str],
    subject_id: object,
    rows: int,
    glass: Sequence[str] = (),
) -> None:
    """Leave a trace of a list that showed needs of households."""
    payload: dict[str, Any] = {"rows": rows, "areas": list(needs_in)}
    if glass:
        payload["break_glass"] = list(glass)
    event.record(
        tx,
        "household.listed",
        area_code=needs_in[0],
        subject_id=subject_id,
        payload=payload,
    )
