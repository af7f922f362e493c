"""The event table: audit trail, outbox and live feed in one."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.store.database import Row, Transaction

# One number for the whole product: whoever inserts events takes this lock first.
_EVENT_LOCK = 0x67726964


def record(  # noqa: PLR0913 - an event has these parts
    tx: Transaction,
    kind: str,
    *,
    area_code: str,
    subject_id: object,
    payload: Mapping[str, Any] | None = None,
    outbox: bool = False,
) -> int:
    """Insert an event; call it last in the transaction.

    The lock makes sequence numbers appear in the order of commit, so that a reader of
    "after my last number" never misses a late one. It is held until the transaction ends:
    nothing slow may follow.

    Parameters
    ----------
    kind
        `noun.verb`, such as `incident.reported`.
    area_code
        Where it happened; decides who may see it.
    subject_id
        Identity of the noun.
    payload
        Ids and figures, never personal data.
    outbox
        True if the relay has to act on it.

    Returns
    -------
    int
        The event's sequence number.
    """
    tx.execute("SELECT pg_advisory_xact_lock(:lock)", lock=_EVENT_LOCK)
    seq = tx.value(
        "INSERT INTO event (kind, area_code, subject, subject_id, payload, user_id, request_id,"
        " dispatched_at) VALUES (:kind, :area_code, :subject, :subject_id, CAST(:payload AS jsonb),"
        " :user_id, :request_id, CASE WHEN :outbox THEN NULL ELSE clock_timestamp() END)"
        " RETURNING seq",
        kind=kind,
        area_code=area_code,
        subject=kind.split(".", 1)[0],
        subject_id=str(subject_id),
        payload=json.dumps(dict(payload or {}), allow_nan=False),
        user_id=tx.scope.user_id,
        request_id=tx.scope.request_id,
        outbox=outbox,
    )
    return int(seq)


def after(tx: Transaction, seq: int, limit: int = 500) -> list[Row]:
    """Give the events this scope may see after a sequence number, in order."""
    return tx.all(
        "SELECT seq, kind, area_code, subject, subject_id, at FROM event"
        " WHERE seq > :seq ORDER BY seq LIMIT :limit",
        seq=seq,
        limit=limit,
    )


def newest(tx: Transaction) -> Row | None:
    """Give number and age of the newest event in scope, or None."""
    return tx.maybe(
        "SELECT seq, at, extract(epoch FROM clock_timestamp() - at)::float8 AS age_seconds"
        " FROM event ORDER BY seq DESC LIMIT 1"
    )


def undispatched(tx: Transaction, limit: int = 100) -> list[Row]:
    """Give, and lock, the events the relay has still to act on."""
    return tx.all(
        "SELECT seq, kind, payload FROM event WHERE dispatched_at IS NULL"
        " ORDER BY seq LIMIT :limit FOR UPDATE SKIP LOCKED",
        limit=limit,
    )


def mark_dispatched(tx: Transaction, seqs: Sequence[int]) -> None:
    """Note that the relay has acted on these events."""
    tx.execute(
        "UPDATE event SET dispatched_at = clock_timestamp() WHERE seq = ANY(:seqs)",
        seqs=list(seqs),
    )
