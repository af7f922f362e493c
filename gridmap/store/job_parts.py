"""Jobs that a job has asked for: parts of its own work."""

from datetime import datetime

from gridmap.store import days
from gridmap.store.database import Row, Transaction

# in the words of the index
OF_JOB = "arguments ->> 'for' = CAST(:id AS text) AND arguments ? 'for'"


def children(tx: Transaction, kind: str, job_id: int) -> list[Row]:
    """Give the jobs that another one has asked for, the oldest first."""
    return tx.all(
        "SELECT id, area_code, state, result, input_version FROM job WHERE kind = :kind"
        f" AND {OF_JOB} ORDER BY id",
        kind=kind,
        id=job_id,
    )


def began(tx: Transaction, job_id: int) -> datetime:
    """Give when a job was first taken up, on the wall of the site."""
    found = tx.value(
        f"SELECT started_at AT TIME ZONE current_setting('{days.SETTING}') FROM job WHERE id = :id",
        id=job_id,
    )
    assert isinstance(found, datetime)
    return found
