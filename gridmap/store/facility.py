"""Facilities as people keep them: open or not, whose crew, which level, when, for how many."""

import json
from collections.abc import Mapping
from typing import Any

from gridmap.store.database import Row, Transaction


def read(tx: Transaction, facility_id: int, *, lock: bool = False) -> Row | None:
    """Read a facility, or None; the capacity of a shelter is that of its shelter."""
    return tx.maybe(
        "SELECT f.id, f.area_code, f.kind, f.name, f.name_en, f.open, f.crew, f.level, f.hours,"
        " coalesce(s.capacity, f.capacity) AS capacity, f.revision"
        " FROM facility AS f LEFT JOIN shelter AS s ON s.facility_id = f.id WHERE f.id = :id"
        + (" FOR UPDATE OF f" if lock else ""),
        id=facility_id,
    )


def update(tx: Transaction, facility_id: int, values: Mapping[str, Any]) -> None:
    """Store what a person says of a facility, as its next revision.

    Parameters
    ----------
    values
        `open`, `crew`, `level`, `hours`, `capacity`.
    """
    tx.execute(
        "UPDATE facility SET open = :open, crew = :crew, level = :level,"
        " hours = CAST(:hours AS jsonb), revision = revision + 1,"
        " capacity = CASE WHEN kind = 'shelter' THEN capacity ELSE :capacity END WHERE id = :id",
        id=facility_id,
        **{
            **values,
            "hours": None if values["hours"] is None else json.dumps(values["hours"]),
        },
    )
    if values["capacity"] is not None:
        tx.execute(
            "UPDATE shelter SET capacity = :capacity"
            " WHERE facility_id = :id AND capacity <> :capacity",
            id=facility_id,
            capacity=values["capacity"],
        )
