"""Jobs that were lost on the way: waiting too long, or in the hands of a worker that has died."""

from gridmap.store import event
from gridmap.store.database import Row, Transaction


def overdue(tx: Transaction, queued_seconds: float = 15.0) -> list[Row]:
    """Give what the sweeper must enqueue again: waiting too long, or a lease that ran out."""
    return tx.all(
        "SELECT id, state FROM job WHERE"
        " (state = 'queued' AND (enqueued_at IS NULL"
        "   OR enqueued_at < clock_timestamp() - make_interval(secs => :seconds)))"
        " OR (state = 'running' AND lease_until < clock_timestamp())"
        " ORDER BY id LIMIT 500",
        seconds=queued_seconds,
    )


def reclaim(tx: Transaction, job_id: int) -> Row | None:
    """Give back a job whose lease ran out: to the queue, or failed after its last attempt."""
    row = tx.maybe(
        "UPDATE job SET lease_until = NULL, token = token + 1, enqueued_at = NULL,"
        " state = CASE WHEN cancel_requested THEN 'cancelled'"
        "   WHEN attempt >= max_attempts THEN 'failed' ELSE 'queued' END,"
        " ended_at = CASE WHEN cancel_requested OR attempt >= max_attempts"
        "   THEN clock_timestamp() END,"
        " error = CASE WHEN attempt >= max_attempts THEN coalesce(error, 'the worker died')"
        "   ELSE error END"
        " WHERE id = :id AND state = 'running' AND lease_until < clock_timestamp()"
        " RETURNING id, kind, area_code, state, arguments",
        id=job_id,
    )
    if row is not None and row["state"] != "queued":
        event.record(
            tx,
            f"job.{row['state']}",
            area_code=row["area_code"],
            subject_id=job_id,
            payload={"job": job_id, "kind": row["kind"]},
        )
    return row


def expire(tx: Transaction, job_id: int, token: int) -> bool:
    """End the lease of a run whose process is known to be dead, so nobody waits for it."""
    return (
        tx.execute(
            "UPDATE job SET lease_until = clock_timestamp() - interval '1 second'"
            " WHERE id = :id AND state = 'running' AND token = :token",
            id=job_id,
            token=token,
        )
        == 1
    )
