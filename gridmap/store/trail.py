"""The chain of events as the trail of who did what: read, walked through, its end."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gridmap.store.database import Row, Transaction

# What the hash covers, as text in the form in which it was hashed.
_HASHED = (
    '"position", seq, kind, area_code, subject, subject_id, payload::text AS payload,'
    " coalesce(user_id::text, '') AS user_id, coalesce(request_id, '') AS request_id,"
    " (extract(epoch FROM at) * 1000000)::bigint AS microseconds, hash"
)


@dataclass(frozen=True)
class Wanted:
    """Which part of the trail is asked for; None leaves a condition out.

    Attributes
    ----------
    kind
        Start of the event's name, such as `incident` or `incident.merged`.
    subject_id
        Identity of the noun.
    person
        Sign-in name of who did it.
    area
        Area code; what lies inside counts.
    since, until
        Days (ISO), both included, as they are in `zone`.
    before
        Only events before this sequence number: the cursor.
    """

    kind: str | None = None
    subject_id: str | None = None
    person: str | None = None
    area: str | None = None
    since: str | None = None
    until: str | None = None
    zone: str = "UTC"
    before: int | None = None


def read(tx: Transaction, wanted: Wanted, limit: int) -> list[Row]:
    """Read events, the newest first, with the name of who did them."""
    return tx.all(
        "SELECT e.seq, e.kind, e.area_code, e.subject, e.subject_id, e.payload, e.at,"
        " e.request_id, u.name AS person, u.display_name FROM event e"
        " LEFT JOIN app_user u ON u.id = e.user_id WHERE"
        " (CAST(:kind AS text) IS NULL OR starts_with(e.kind, :kind))"
        " AND (CAST(:subject_id AS text) IS NULL OR e.subject_id = :subject_id)"
        " AND (CAST(:person AS text) IS NULL OR u.name = :person)"
        " AND (CAST(:area AS text) IS NULL OR e.area_code ^@ :area)"
        " AND (CAST(:since AS date) IS NULL"
        "  OR e.at >= CAST(:since AS date)::timestamp AT TIME ZONE :zone)"
        " AND (CAST(:until AS date) IS NULL"
        "  OR e.at < (CAST(:until AS date) + 1)::timestamp AT TIME ZONE :zone)"
        " AND (CAST(:before AS bigint) IS NULL OR e.seq < :before)"
        " ORDER BY e.seq DESC LIMIT :limit",
        kind=wanted.kind,
        subject_id=wanted.subject_id,
        person=wanted.person,
        area=wanted.area,
        since=wanted.since,
        until=wanted.until,
        zone=wanted.zone,
        before=wanted.before,
        limit=limit,
    )


def head(tx: Transaction) -> Row:
    """Give the end of the chain: position, seq and hash."""
    return tx.one('SELECT "position", seq, hash FROM event_head')


def walk(tx: Transaction, batch: int = 5000) -> Iterator[dict[str, Any]]:
    """Give every event in the order of its position, as it was hashed.

    A position can stand there twice only where somebody took the index away; seq decides then.
    """
    position, seq = -1, -1
    while True:
        rows = tx.all(
            f'SELECT {_HASHED} FROM event WHERE ("position", seq) > (:position, :seq)'
            ' ORDER BY "position", seq LIMIT :batch',
            position=position,
            seq=seq,
            batch=batch,
        )
        for row in rows:
            yield dict(row)
        if len(rows) < batch:
            return
        position, seq = rows[-1]["position"], rows[-1]["seq"]


def hash_at(tx: Transaction, position: int) -> Row | None:
    """Give number and hash of the event at a position of the chain."""
    return tx.maybe('SELECT seq, hash FROM event WHERE "position" = :position', position=position)
