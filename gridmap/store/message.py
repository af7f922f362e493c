"""Messages: queued once for each recipient, held while they are sent, read."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from gridmap.store.database import Row, Transaction


def add(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Insert messages; give `id` and `channel` of the new ones.

    One that this recipient has been told already by this way, under this key, is left out.

    Parameters
    ----------
    rows
        Each with `area_code`, `key`, `about`, `kind`, `channel`, `recipient`, `to_user`,
        `to_name`, `language`, `subject`, `text`, `link`, `exercise`, `not_after` (ISO 8601).
    """
    if not rows:
        return []
    return tx.all(
        "INSERT INTO message (area_code, key, about, kind, channel, recipient, to_user, to_name,"
        " language, subject, text, link, linked, exercise, state, sent_at, not_after, queued_by)"
        " SELECT r.area_code, r.key, r.about, r.kind, r.channel, r.recipient, r.to_user, r.to_name,"
        " r.language, r.subject, r.text, r.link, r.link IS NOT NULL, r.exercise,"
        " CASE WHEN r.channel = 'inbox' THEN 'sent' ELSE 'queued' END,"
        " CASE WHEN r.channel = 'inbox' THEN clock_timestamp() END, r.not_after, :queued_by"
        " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(area_code text, key text, about text,"
        "  kind text, channel text, recipient text, to_user bigint, to_name text, language text,"
        "  subject text, text text, link text, exercise boolean, not_after timestamptz)"
        " ON CONFLICT (area_code, key, channel, recipient) DO NOTHING RETURNING id, channel",
        rows=json.dumps([dict(row) for row in rows], ensure_ascii=False),
        queued_by=tx.scope.user_id,
    )


def take(tx: Transaction, lease: timedelta, limit: int) -> list[Row]:
    """Hold what is due for this sender; what another one holds is left alone."""
    return tx.all(
        "UPDATE message SET held_until = now() + :lease, attempts = attempts + 1"
        " WHERE id IN (SELECT id FROM message WHERE state IN ('queued', 'not_configured')"
        "  AND next_at <= now() AND not_after > now() AND withdrawn_why IS NULL"
        "  AND (held_until IS NULL OR held_until < now())"
        "  ORDER BY next_at, id LIMIT :limit FOR UPDATE SKIP LOCKED)"
        " RETURNING id, area_code, about, channel, recipient, subject,"
        " concat_ws(E'\\n', text, link) AS text, exercise, token, attempts",
        lease=lease,
        limit=limit,
    )


def settle(  # noqa: PLR0913 - what came of a try
    tx: Transaction,
    message_id: int,
    *,
    state: str,
    why: str | None,
    reference: str | None,
    again_in: timedelta,
) -> bool:
    """Note what came of a try; False if it was settled meanwhile.

    One that is over meanwhile and has not gone out is not tried again but held back.
    """
    return bool(
        tx.execute(
            "WITH was AS (SELECT id, CASE WHEN :state IN ('queued', 'not_configured')"
            "  AND withdrawn_why IS NOT NULL THEN withdrawn_why END AS ended"
            "  FROM message WHERE id = :id FOR UPDATE),"
            " done AS (UPDATE message AS m SET reference = :reference,"
            " state = CASE WHEN w.ended IS NULL THEN :state ELSE 'cancelled' END,"
            " why = coalesce(w.ended, :why), revision = revision + 1,"
            # gone out or given up: whoever was meant has it, nobody else is to
            " link = CASE WHEN :state IN ('queued', 'not_configured') AND w.ended IS NULL"
            "  THEN link END,"
            " held_until = NULL, next_at = now() + :again_in,"
            " sent_at = CASE WHEN :state IN ('sent', 'delivered') THEN clock_timestamp() END"
            " FROM was AS w WHERE m.id = w.id AND m.state IN ('queued', 'not_configured')"
            " RETURNING m.id, m.area_code, m.state, m.why)"
            # a try is told by what came of it; one that waits for its next was in vain for now
            " INSERT INTO message_try (area_code, message_id, what, why) SELECT area_code, id,"
            "  CASE WHEN state = 'queued' THEN 'busy' ELSE state END, why FROM done",
            id=message_id,
            state=state,
            why=why,
            reference=reference,
            again_in=again_in,
        )
    )


def expire(tx: Transaction) -> list[Row]:
    """Give up what would now tell people something that is over."""
    return tx.all(
        "UPDATE message SET state = 'failed', why = CASE WHEN state = 'not_configured'"
        "  THEN 'not_configured' ELSE 'too_late' END, held_until = NULL, link = NULL,"
        " revision = revision + 1"
        " WHERE state IN ('queued', 'not_configured') AND not_after <= now()"
        " AND (held_until IS NULL OR held_until < now())"
        " RETURNING id, area_code, channel, about, exercise"
    )


def drop_withdrawn(tx: Transaction) -> int:
    """Hold back what is over and whose sender has died at it; give how many."""
    return tx.execute(
        "WITH done AS (UPDATE message SET state = 'cancelled', why = withdrawn_why, link = NULL,"
        "  held_until = NULL, revision = revision + 1 WHERE withdrawn_why IS NOT NULL"
        "  AND state IN ('queued', 'not_configured')"
        "  AND (held_until IS NULL OR held_until < now()) RETURNING id, area_code, why)"
        " INSERT INTO message_try (area_code, message_id, what, why)"
        "  SELECT area_code, id, 'cancelled', why FROM done"
    )


def is_due(tx: Transaction) -> list[str]:
    """Give the counties in which something waits to be sent or given up."""
    rows = tx.all(
        "SELECT DISTINCT left(area_code, 6) AS code FROM message"
        " WHERE state IN ('queued', 'not_configured') AND (next_at <= now() OR not_after <= now())"
        " AND (held_until IS NULL OR held_until < now()) ORDER BY 1"
    )
    return [row["code"] for row in rows]


def inbox(tx: Transaction, user_id: int, *, after: int | None, limit: int) -> list[Row]:
    """List what a person was written, the newest first."""
    return tx.all(
        "SELECT m.id, m.about, m.text, m.exercise, m.queued_at, m.read_at,"
        " u.display_name AS by FROM message AS m LEFT JOIN app_user AS u ON u.id = m.queued_by"
        " WHERE m.to_user = :user AND (CAST(:after AS bigint) IS NULL OR m.id < :after)"
        " ORDER BY m.id DESC LIMIT :limit",
        user=user_id,
        after=after,
        limit=limit,
    )


def unread(tx: Transaction, user_id: int) -> int:
    """Count what a person has not opened yet."""
    return int(
        tx.value(
            "SELECT count(*) FROM message WHERE to_user = :user AND read_at IS NULL", user=user_id
        )
    )


def read(tx: Transaction, message_id: int, user_id: int) -> Row | None:
    """Note that a person has opened what was written to them; None if it is not theirs."""
    return tx.maybe(
        "UPDATE message SET read_at = coalesce(read_at, now()), state = 'delivered'"
        " WHERE id = :id AND to_user = :user RETURNING id, read_at",
        id=message_id,
        user=user_id,
    )


def languages(tx: Transaction, users: Sequence[int]) -> dict[int, str]:
    """Give the language of each of some accounts."""
    rows = tx.all("SELECT id, language FROM app_user WHERE id = ANY(:ids)", ids=list(users))
    return {int(row["id"]): str(row["language"]) for row in rows}


def people_of(tx: Transaction, area_code: str, roles: Sequence[str]) -> list[Row]:
    """Give the accounts that hold one of these roles in exactly this area."""
    return tx.all(
        "SELECT DISTINCT r.user_id, u.display_name, u.language FROM user_role AS r"
        " JOIN app_user AS u ON u.id = r.user_id"
        " WHERE r.area_code = :code AND r.role = ANY(:roles) AND u.active"
        " ORDER BY r.user_id",
        code=area_code,
        roles=list(roles),
    )


def withdraw(tx: Transaction, about: str, kinds: Sequence[str], why: str) -> list[Row]:
    """Hold back what waits about something because it is over; give to whom it was.

    What a sender is at just now may still go out by that try, and by no other.

    Returns
    -------
    list of Row
        `area_code`, `kind`, `channel`, `recipient`; also of what a sender is at.
    """
    return tx.all(
        "WITH w AS (SELECT id, coalesce(held_until >= now(), false) AS held FROM message"
        "  WHERE about = :about AND kind = ANY(:kinds)"
        "  AND state IN ('queued', 'not_configured') ORDER BY id FOR UPDATE),"
        " done AS (UPDATE message AS m SET"
        "  state = CASE WHEN w.held THEN m.state ELSE 'cancelled' END,"
        "  why = CASE WHEN w.held THEN m.why ELSE :why END,"
        "  link = CASE WHEN w.held THEN m.link END,"
        "  withdrawn_why = CASE WHEN w.held THEN :why END, revision = revision + 1"
        "  FROM w WHERE m.id = w.id"
        "  RETURNING m.id, m.area_code, m.kind, m.channel, m.recipient, w.held),"
        " noted AS (INSERT INTO message_try (area_code, message_id, what, why, user_id)"
        "  SELECT area_code, id, 'cancelled', :why, :user FROM done WHERE NOT held)"
        " SELECT area_code, kind, channel, recipient FROM done",
        about=about,
        kinds=list(kinds),
        why=why,
        user=tx.scope.user_id,
    )


def unreached(tx: Transaction, about: str, kinds: Sequence[str]) -> list[Row]:
    """Give whom something was to reach and has not: given up, or held back by hand.

    Left out is who was sent the same kind of message about it later.

    Returns
    -------
    list of Row
        `area_code`, `kind`, `channel`, `recipient`.
    """
    return tx.all(
        "SELECT DISTINCT m.area_code, m.kind, m.channel, m.recipient FROM message AS m"
        " WHERE m.about = :about AND m.kind = ANY(:kinds)"
        " AND (m.state = 'failed' OR m.state = 'cancelled' AND m.why = 'by_hand')"
        " AND NOT EXISTS (SELECT 1 FROM message AS l WHERE l.about = :about AND l.id > m.id"
        "  AND l.kind = m.kind AND l.area_code = m.area_code AND l.channel = m.channel"
        "  AND l.recipient = m.recipient AND l.state IN ('sent', 'delivered'))",
        about=about,
        kinds=list(kinds),
    )
