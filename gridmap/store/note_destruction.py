"""Notes that can name residents, of responses and calls for departments: emptied in their time."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.store import days
from gridmap.store.database import Row, Transaction

# What is emptied; the rows stay.
# Table, which of its rows are not empty yet, and how they are emptied. `{whistles}` is which calls
# for departments are meant.
GONE = "–"
NOTES: dict[str, tuple[str, str]] = {
    "response_task": ("note <> '' AND response_id = ANY(:responses)", "note = ''"),
    "whistle_call": (
        f"(reason NOT IN ('', '{GONE}') OR words <> '')"
        " AND whistle_id IN (SELECT w.id FROM whistle AS w WHERE {whistles})",
        f"reason = CASE state WHEN 'cannot' THEN '{GONE}' ELSE '' END, words = ''",
    ),
    "whistle": (
        "destroyed_at IS NULL AND id IN (SELECT w.id FROM whistle AS w WHERE {whistles})",
        f"matter = '{GONE}', place = '{GONE}', geom = NULL, destroyed_at = now(),"
        " state = 'closed', closed_at = coalesce(closed_at, now())",
    ),
}
_OF_RESPONSES = "w.response_id = ANY(:responses)"
# A call for departments of no response is over when it is closed, or long after it was made.
_LOOSE = (
    "w.response_id IS NULL AND w.destroyed_at IS NULL AND coalesce(w.closed_at,"
    " w.blown_at + interval '14 days') < now() - make_interval(days => :days)"
)


def of_hazard(tx: Transaction, hazard_id: int) -> list[int]:
    """Give the responses to a hazard."""
    found = tx.all("SELECT id FROM response WHERE hazard_id = :id ORDER BY id", id=hazard_id)
    return [int(row["id"]) for row in found]


def counts(tx: Transaction, responses: Sequence[int]) -> dict[str, int]:
    """Count the notes of responses that would be destroyed, by table."""
    found = {
        table: int(
            tx.value(
                f"SELECT count(*) FROM {table} WHERE {which.format(whistles=_OF_RESPONSES)}",
                responses=list(responses),
            )
        )
        for table, (which, _how) in NOTES.items()
    }
    return {table: number for table, number in found.items() if number}


def forget(tx: Transaction, responses: Sequence[int]) -> dict[str, int]:
    """Empty the notes of responses; give how many rows of which table."""
    return _empty(tx, _OF_RESPONSES, responses=list(responses))


def _empty(tx: Transaction, whistles: str, **values: Any) -> dict[str, int]:
    found = {}
    for table, (which, how) in NOTES.items():
        if table == "response_task" and "responses" not in values:
            continue
        found[table] = tx.execute(
            f"UPDATE {table} SET {how} WHERE {which.format(whistles=whistles)}", **values
        )
    return {table: number for table, number in found.items() if number}


def due(tx: Transaction, keep_days: int, limit: int = 200) -> list[Row]:
    """Give responses of no hazard whose notes are to be destroyed now; locked."""
    return tx.all(
        "SELECT id, area_code, exercise FROM response WHERE hazard_id IS NULL"
        " AND state = 'ended' AND destroyed_at IS NULL"
        " AND ended_at < now() - make_interval(days => :days)"
        " ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED",
        days=keep_days,
        limit=limit,
    )


def keep(tx: Transaction, response_id: int, gone: Mapping[str, int]) -> None:
    """Note on a response of no hazard what was destroyed of it."""
    tx.execute(
        "UPDATE response SET destroyed_at = now(),"
        " figures = figures || jsonb_build_object('gone', CAST(:gone AS jsonb)) WHERE id = :id",
        id=response_id,
        gone=json.dumps(dict(gone)),
    )


def day_of(tx: Transaction, response_id: int, keep_days: int) -> Row:
    """Say of a response of no hazard when its notes go, and what has gone."""
    return tx.one(
        f"SELECT {days.day('ended_at + make_interval(days => :days)')} AS due_on, destroyed_at,"
        " coalesce(figures -> 'gone', '{}') AS gone FROM response WHERE id = :id",
        id=response_id,
        days=keep_days,
    )


def forget_loose(tx: Transaction, keep_days: int) -> list[Row]:
    """Empty calls for departments of no response whose time is over; give county and exercise."""
    found = tx.all(
        f"SELECT w.id, w.area_code, w.exercise FROM whistle AS w WHERE {_LOOSE}"
        " ORDER BY w.id LIMIT 200 FOR UPDATE SKIP LOCKED",
        days=keep_days,
    )
    _empty(tx, "w.id = ANY(:ids)", ids=[row["id"] for row in found])
    return found
