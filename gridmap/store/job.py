"""Job rows: the truth about long work, with lease and fencing token."""

import json
from collections.abc import Mapping
from typing import Any

from gridmap.store import event, job_analysis
from gridmap.store.database import Row, Transaction

LEASE_SECONDS = 30
# Analyses whose waiting jobs, asked for in different areas, are all done by one run.
ABSORBED = "coverage.refresh "


class LostLease(Exception):  # noqa: N818 - a fact about the run, not an error of the input
    """The run no longer owns its job: another has taken over, or it was cancelled."""


def request(  # noqa: PLR0913 - a job row has these parts
    tx: Transaction,
    kind: str,
    *,
    queue: str,
    area_code: str,
    arguments: Mapping[str, Any],
    max_attempts: int = 3,
    analysis: str | None = None,
) -> int:
    """Insert a queued job and the event that asks the relay to enqueue it.

    Nothing reaches Redis before the transaction has committed.

    Parameters
    ----------
    analysis
        What is computed, for kinds of which one runs and one waits at most: if one waits in this
        area, its id is given, and it will see what this transaction stores.
    """
    if analysis is not None:
        job_analysis.lock(tx, analysis)
        waits = job_analysis.waiting(tx, analysis, area_code)
        if waits is not None:
            if queue == "urgent":
                job_analysis.hurry(tx, waits["id"])
            return int(waits["id"])
    job_id = int(
        tx.value(
            "INSERT INTO job (kind, queue, area_code, arguments, max_attempts, analysis, user_id,"
            " request_id) VALUES (:kind, :queue, :area_code, CAST(:arguments AS jsonb),"
            " :max_attempts, :analysis, :user_id, :request_id) RETURNING id",
            kind=kind,
            queue=queue,
            area_code=area_code,
            arguments=json.dumps(dict(arguments), allow_nan=False),
            max_attempts=max_attempts,
            analysis=analysis,
            user_id=tx.scope.user_id,
            request_id=tx.scope.request_id,
        )
    )
    event.record(
        tx,
        "job.requested",
        area_code=area_code,
        subject_id=job_id,
        payload={"job": job_id, "kind": kind},
        outbox=True,
    )
    return job_id


def read(tx: Transaction, job_id: int) -> Row | None:
    """Give a job row, or None."""
    return tx.maybe(
        "SELECT id, kind, queue, area_code, arguments, input_version, state, attempt,"
        " max_attempts, token, cancel_requested, done, total, message, result, error, user_id,"
        " request_id, created_at, started_at, ended_at FROM job WHERE id = :id",
        id=job_id,
    )


def waiting(tx: Transaction, kind: str, area_code: str) -> int | None:
    """Give the id of a job of this kind and area that has not ended, or None."""
    found = tx.value(
        "SELECT id FROM job WHERE kind = :kind AND area_code = :area_code"
        " AND state IN ('queued', 'running') ORDER BY id LIMIT 1",
        kind=kind,
        area_code=area_code,
    )
    return None if found is None else int(found)


def newest(tx: Transaction, kind: str) -> Row | None:
    """Give the job of this kind in scope that was asked for last, or None."""
    found = tx.value("SELECT max(id) FROM job WHERE kind = :kind", kind=kind)
    return None if found is None else read(tx, int(found))


def unfinished(tx: Transaction, user_id: int) -> int:
    """Count the jobs in scope that a person has asked for and that have not ended."""
    return int(
        tx.value(
            "SELECT count(*) FROM job WHERE user_id = :user AND state IN ('queued', 'running')"
            " AND kind <> 'coverage.certify'",  # follows every run, and nobody has asked for it
            user=user_id,
        )
    )


def to_enqueue(tx: Transaction, job_id: int) -> Row | None:
    """Give queue and next attempt of a job that still waits, and note that it is being enqueued."""
    return tx.maybe(
        "UPDATE job SET enqueued_at = clock_timestamp() WHERE id = :id AND state = 'queued'"
        " RETURNING id, queue, attempt + 1 AS attempt, token",
        id=job_id,
    )


def claim(tx: Transaction, job_id: int) -> Row | None:
    """Take a queued job, or one whose lease ran out; None if it is somebody else's or done.

    The token grows with every claim: whoever held an older one can write nothing any more. One
    whose analysis another computes is left waiting: the end of that one wakes it.
    """
    analysis = job_analysis.of(tx, job_id)
    if analysis is not None:
        job_analysis.lock(tx, analysis)
        if job_analysis.another_runs(tx, job_id, analysis):
            return None
    row = tx.maybe(
        "UPDATE job SET state = 'running', attempt = attempt + 1, token = token + 1,"
        " lease_until = clock_timestamp() + make_interval(secs => :lease),"
        " started_at = coalesce(started_at, clock_timestamp()), done = 0, message = NULL"
        " WHERE id = :id AND NOT cancel_requested AND attempt < max_attempts"
        " AND (state = 'queued' OR (state = 'running' AND lease_until < clock_timestamp()))"
        " RETURNING id, kind, area_code, arguments, attempt, token, user_id, request_id",
        id=job_id,
        lease=LEASE_SECONDS,
    )
    if row is not None and analysis is not None and analysis.startswith(ABSORBED):
        job_analysis.absorb(tx, job_id, analysis)
    return row


def keep(
    tx: Transaction,
    job_id: int,
    token: int,
    done: int | None = None,
    total: int | None = None,
    message: str | None = None,
) -> bool:
    """Extend the lease and note progress; True if the job is to be cancelled.

    Raises
    ------
    LostLease
        If another run owns the job now.
    """
    row = tx.maybe(
        "UPDATE job SET lease_until = clock_timestamp() + make_interval(secs => :lease),"
        " done = coalesce(:done, done), total = coalesce(:total, total),"
        " message = coalesce(:message, message)"
        " WHERE id = :id AND token = :token AND state = 'running' RETURNING cancel_requested",
        id=job_id,
        token=token,
        lease=LEASE_SECONDS,
        done=done,
        total=total,
        message=message,
    )
    if row is None:
        raise LostLease(f"job {job_id}")
    return bool(row["cancel_requested"])


def finish(
    tx: Transaction, job_id: int, token: int, result: Mapping[str, Any], input_version: str | None
) -> None:
    """End a job well, in the transaction that saves its results.

    Raises
    ------
    LostLease
        If another run owns the job now: the caller's transaction must roll back.
    """
    _end(tx, job_id, token, "done", result=result, input_version=input_version)


def fail(tx: Transaction, job_id: int, token: int, error: str) -> None:
    """End a job that cannot succeed."""
    _end(tx, job_id, token, "failed", error=error)


def give_up(tx: Transaction, job_id: int, token: int) -> None:
    """End a job that a person has cancelled."""
    _end(tx, job_id, token, "cancelled")


def release(tx: Transaction, job_id: int, token: int, error: str) -> None:
    """Put a job back into the queue for another attempt; one that is to be cancelled ends."""
    touched = tx.execute(
        "UPDATE job SET state = 'queued', lease_until = NULL, enqueued_at = NULL, error = :error"
        " WHERE id = :id AND token = :token AND state = 'running' AND NOT cancel_requested",
        id=job_id,
        token=token,
        error=error,
    )
    if touched != 1:
        # nobody takes up what somebody has asked to stop: it would wait for ever
        give_up(tx, job_id, token)


def _end(  # noqa: PLR0913 - the parts of an ending
    tx: Transaction,
    job_id: int,
    token: int,
    state: str,
    *,
    result: Mapping[str, Any] | None = None,
    error: str | None = None,
    input_version: str | None = None,
) -> None:
    row = tx.maybe(
        "UPDATE job SET state = :state, lease_until = NULL, ended_at = clock_timestamp(),"
        " result = CAST(:result AS jsonb), error = :error,"
        " done = CASE WHEN :state = 'done' THEN coalesce(total, done) ELSE done END,"
        " input_version = coalesce(:input_version, input_version)"
        " WHERE id = :id AND token = :token AND state = 'running' RETURNING area_code, kind",
        id=job_id,
        token=token,
        state=state,
        result=None if result is None else json.dumps(dict(result), allow_nan=False),
        error=error,
        input_version=input_version,
    )
    if row is None:
        raise LostLease(f"job {job_id}")
    # rows first, then events: whoever takes the lock of the events waits for nobody any more
    waits = job_analysis.next_one(tx, job_id)
    event.record(
        tx,
        f"job.{state}",
        area_code=row["area_code"],
        subject_id=job_id,
        payload={"job": job_id, "kind": row["kind"]},
    )
    if waits is not None:
        job_analysis.wake(tx, waits)


def ask_cancel(tx: Transaction, job_id: int) -> Row | None:
    """Cancel a waiting job at once, ask a running one to stop; None if it has ended."""
    row = tx.maybe(
        "UPDATE job SET cancel_requested = true,"
        " state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,"
        " ended_at = CASE state WHEN 'queued' THEN clock_timestamp() ELSE ended_at END"
        " WHERE id = :id AND state IN ('queued', 'running')"
        " RETURNING id, kind, area_code, state, arguments",
        id=job_id,
    )
    if row is not None and row["state"] == "cancelled":
        event.record(
            tx,
            "job.cancelled",
            area_code=row["area_code"],
            subject_id=job_id,
            payload={"job": job_id, "kind": row["kind"]},
        )
    return row


def counts(tx: Transaction) -> list[Row]:
    """Give the number of jobs by state."""
    return tx.all("SELECT state, count(*) AS jobs FROM job GROUP BY state ORDER BY state")


def beat(tx: Transaction, name: str, queue: str) -> None:
    """Note that a worker or the scheduler is alive."""
    tx.execute(
        "INSERT INTO worker_seen (name, queue) VALUES (:name, :queue)"
        " ON CONFLICT (name) DO UPDATE SET seen_at = clock_timestamp(), queue = excluded.queue",
        name=name,
        queue=queue,
    )
    tx.execute("DELETE FROM worker_seen WHERE seen_at < clock_timestamp() - interval '1 hour'")


def workers(tx: Transaction) -> list[Row]:
    """Give who has been seen, and how long ago."""
    return tx.all(
        "SELECT name, queue, extract(epoch FROM clock_timestamp() - seen_at)::float8"
        " AS seen_seconds_ago FROM worker_seen ORDER BY queue, name"
    )
