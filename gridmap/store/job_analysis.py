"""Jobs that compute the same: one runs and one waits at most, and none is missed.

Whoever asks for a run and whoever takes one up does so under a lock of the analysis: a run that
is still waiting when somebody asks reads its input only after that person's change is stored.
"""

from gridmap.store import event
from gridmap.store.database import Row, Transaction


def lock(tx: Transaction, analysis: str) -> None:
    """Let nobody else ask for or take up a run of this analysis until the transaction ends."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(:analysis, 0))", analysis=analysis)


def of(tx: Transaction, job_id: int) -> str | None:
    """Give what a job computes, None for one of which any number may run."""
    found = tx.value("SELECT analysis FROM job WHERE id = :id", id=job_id)
    return None if found is None else str(found)


def waiting(tx: Transaction, analysis: str, area_code: str) -> Row | None:
    """Give the job that waits to compute this; call it under the lock."""
    found = tx.all(
        "SELECT id, kind, queue FROM job WHERE analysis = :analysis AND area_code = :area_code"
        " AND state = 'queued' AND NOT cancel_requested ORDER BY id LIMIT 1",
        analysis=analysis,
        area_code=area_code,
    )
    return found[0] if found else None


def hurry(tx: Transaction, job_id: int) -> None:
    """Let a waiting job be taken up by those who serve what is urgent."""
    touched = tx.maybe(
        # another token is another entry in the queues: the one in the slower queue finds it done
        "UPDATE job SET queue = 'urgent', token = token + 1, enqueued_at = NULL"
        " WHERE id = :id AND state = 'queued' AND queue <> 'urgent'"
        " RETURNING id, kind, area_code",
        id=job_id,
    )
    if touched is not None:
        wake(tx, touched)


def another_runs(tx: Transaction, job_id: int, analysis: str) -> bool:
    """Tell whether another job computes this right now; call it under the lock."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM job WHERE analysis = :analysis AND id <> :id"
            " AND state = 'running')",
            analysis=analysis,
            id=job_id,
        )
    )


def next_one(tx: Transaction, job_id: int) -> Row | None:
    """Give the job that waits for this one, to be taken up as soon as this one has ended."""
    return tx.maybe(
        "UPDATE job SET token = token + 1, enqueued_at = NULL WHERE id = (SELECT w.id FROM job AS e"
        " JOIN job AS w ON w.analysis = e.analysis AND w.state = 'queued' AND w.id <> e.id"
        " WHERE e.id = :id ORDER BY w.id LIMIT 1 FOR UPDATE OF w SKIP LOCKED)"
        " AND state = 'queued'"
        " RETURNING id, kind, area_code",
        id=job_id,
    )


def absorb(tx: Transaction, job_id: int, analysis: str) -> None:
    """End the jobs that wait to compute what one that has just been taken up computes.

    For analyses that people of several areas ask for, who do not see one another's jobs. Call it
    in the transaction of the claim, under its lock: what they were asked for after is stored.
    """
    rows = tx.all(
        "UPDATE job SET state = 'done', ended_at = clock_timestamp(),"
        " result = jsonb_build_object('done_by', CAST(:id AS bigint))"
        " WHERE analysis = :analysis AND id <> :id AND state = 'queued'"
        " RETURNING id, kind, area_code",
        id=job_id,
        analysis=analysis,
    )
    for row in rows:
        event.record(
            tx,
            "job.done",
            area_code=row["area_code"],
            subject_id=row["id"],
            payload={"job": row["id"], "kind": row["kind"]},
        )


def wake(tx: Transaction, row: Row) -> None:
    """Ask the relay to put a waiting job into its queue."""
    event.record(
        tx,
        "job.requested",
        area_code=row["area_code"],
        subject_id=row["id"],
        payload={"job": row["id"], "kind": row["kind"]},
        outbox=True,
    )
