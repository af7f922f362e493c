"""Runs that bring services wanted and offered together: totals stay, details are the newest's."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gridmap.store import frames
from gridmap.store.database import Row, Transaction

INPUT_LAYERS = (
    "road",
    "road_closure",
    "hazard",
    "household",
    "household_need",
    "service_offer",
    "service_request",
    "service_rule",
)
_COLUMNS = "id, area_code, input_version, totals, offers, created_at"


def save(  # noqa: PLR0913 - the parts of a run
    tx: Transaction,
    *,
    area_code: str,
    job_id: int,
    input_version: str,
    totals: Mapping[str, Any],
    offers: Sequence[Mapping[str, Any]],
    matches: pd.DataFrame,
) -> int:
    """Insert a finished run; the details of the run before it in this area go."""
    run_id = int(
        tx.value(
            "INSERT INTO care_run (area_code, job_id, input_version, totals, offers, created_by)"
            " VALUES (:area_code, :job_id, :input_version, CAST(:totals AS jsonb),"
            " CAST(:offers AS jsonb), :user_id) RETURNING id",
            area_code=area_code,
            job_id=job_id,
            input_version=input_version,
            totals=json.dumps(dict(totals), allow_nan=False),
            offers=json.dumps([dict(each) for each in offers], allow_nan=False),
            user_id=tx.scope.user_id,
        )
    )
    tx.execute(
        "DELETE FROM care_match AS m USING care_run AS r WHERE r.id = m.run_id"
        " AND r.area_code = :code AND r.id <> :id",
        code=area_code,
        id=run_id,
    )
    frames.insert(tx, "care_match", matches.assign(run_id=run_id))
    return run_id


def latest(tx: Transaction, area_code: str) -> Row | None:
    """Give the newest run of exactly this area."""
    return tx.maybe(
        f"SELECT {_COLUMNS} FROM care_run WHERE area_code = :code ORDER BY id DESC LIMIT 1",
        code=area_code,
    )


def read(tx: Transaction, run_id: int) -> Row | None:
    """Give one run, or None."""
    return tx.maybe(f"SELECT {_COLUMNS} FROM care_run WHERE id = :id", id=run_id)


def is_newest(tx: Transaction, run: Row) -> bool:
    """Tell whether a run still has its details."""
    return not tx.value(
        "SELECT EXISTS (SELECT 1 FROM care_run WHERE area_code = :code AND id > :id)",
        code=run["area_code"],
        id=run["id"],
    )


def by_area(tx: Transaction, run_id: int, length: int) -> list[Row]:
    """Sum a run up by area (so many digits of its code) and service."""
    return tx.all(
        "SELECT left(area_code, :length) AS code, service, count(*)::int AS open,"
        " count(offer_id)::int AS could,"
        " count(*) FILTER (WHERE reason = 'nobody')::int AS nobody,"
        " count(*) FILTER (WHERE reason = 'no_street')::int AS no_street,"
        " count(*) FILTER (WHERE reason = 'too_far')::int AS too_far,"
        " count(*) FILTER (WHERE reason = 'full')::int AS full"
        " FROM care_match WHERE run_id = :run GROUP BY 1, 2 ORDER BY 1, 2",
        run=run_id,
        length=length,
    )


def proposals(tx: Transaction, run_id: int, households: Sequence[int]) -> list[Row]:
    """Give what a run found for some households: by whom each wish could be met, or why not."""
    return tx.all(
        "SELECT m.household_id, m.service, m.offer_id, o.name AS offer, m.metres, m.reason"
        " FROM care_match m LEFT JOIN service_offer o ON o.id = m.offer_id"
        " WHERE m.run_id = :run AND m.household_id = ANY(:households)",
        run=run_id,
        households=list(households),
    )
