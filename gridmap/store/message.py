"""Messages: queued once for each recipient, held while they are sent, read."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from gridmap.store.database import Row, Transaction


def add(  # noqa: PLR0913 - the parts of a message
    tx: Transaction,
    *,
    area_code: str,
    key: str,
    about: str,
    channel: str,
    recipient: str,
    to_user: int | None,
    to_name: str | None,
    subject: str | None,
    text: str,
    link: str | None,
    exercise: bool,
    not_after: datetime,
) -> int | None:
    """Insert one; None when this recipient has been told the same by this way already."""
    found = tx.value(
        "INSERT INTO message (area_code, key, about, channel, recipient, to_user, to_name, subject,"
        " text, link, exercise, state, sent_at, not_after, queued_by)"
        " VALUES (:area_code, :key, :about, :channel, :recipient, :to_user, :to_name, :subject,"
        " :text, :link, :exercise, CASE WHEN :channel = 'inbox' THEN 'sent' ELSE 'queued' END,"
        " CASE WHEN :channel = 'inbox' THEN clock_timestamp() END, :not_after, :queued_by)"
        " ON CONFLICT (area_code, key, channel, recipient) DO NOTHING RETURNING id",
        area_code=area_code,
        key=key,
        about=about,
        channel=channel,
        recipient=recipient,
        to_user=to_user,
        to_name=to_name,
        subject=subject,
        text=text,
        link=link,
        exercise=exercise,
        not_after=not_after,
        queued_by=tx.scope.user_id,
    )
    return None if found is None else int(found)


def take(tx: Transaction, lease: timedelta, limit: int) -> list[Row]:
    """Hold what is due for this sender; what another one holds is left alone."""
    return tx.all(
        "UPDATE message SET held_until = now() + :lease, attempts = attempts + 1"
        " WHERE id IN (SELECT id FROM message WHERE state IN ('queued', 'not_configured')"
        "  AND next_at <= now() AND not_after > now()"
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
    """Note what came of a try; False if it was settled meanwhile."""
    return bool(
        tx.execute(
            "UPDATE message SET state = :state, why = :why, reference = :reference,"
            # gone out or given up: whoever was meant has it, nobody else is to
            " link = CASE WHEN :state IN ('queued', 'not_configured') THEN link END,"
            " held_until = NULL, next_at = now() + :again_in,"
            " sent_at = CASE WHEN :state IN ('sent', 'delivered') THEN clock_timestamp() END"
            " WHERE id = :id AND state IN ('queued', 'not_configured')",
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
        "  THEN 'not_configured' ELSE 'too_late' END, held_until = NULL, link = NULL"
        " WHERE state IN ('queued', 'not_configured') AND not_after <= now()"
        " AND (held_until IS NULL OR held_until < now())"
        " RETURNING id, area_code, channel, about"
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


def outbox(
    tx: Transaction, *, about: str | None, unsent: bool, after: int | None, limit: int
) -> list[Row]:
    """List what went out of these areas or has not, the newest first."""
    return tx.all(
        "SELECT m.id, m.area_code, m.about, m.channel, m.recipient, m.to_name, m.text, m.exercise,"
        " m.state, m.why, m.attempts, m.queued_at, m.sent_at, m.read_at, m.next_at,"
        " u.display_name AS by FROM message AS m LEFT JOIN app_user AS u ON u.id = m.queued_by"
        " WHERE (CAST(:about AS text) IS NULL OR m.about = :about)"
        " AND (NOT :unsent OR m.state IN ('queued', 'not_configured', 'failed'))"
        " AND (CAST(:after AS bigint) IS NULL OR m.id < :after)"
        " ORDER BY m.id DESC LIMIT :limit",
        about=about,
        unsent=unsent,
        after=after,
        limit=limit,
    )


def sums(tx: Transaction, about: str | None) -> list[Row]:
    """Count messages by way and state."""
    return tx.all(
        "SELECT channel, state, why, count(*)::int AS messages FROM message"
        " WHERE CAST(:about AS text) IS NULL OR about = :about"
        " GROUP BY channel, state, why ORDER BY channel, state, why NULLS FIRST",
        about=about,
    )


def people_of(tx: Transaction, area_code: str, roles: Sequence[str]) -> list[Row]:
    """Give the accounts that hold one of these roles in exactly this area."""
    return tx.all(
        "SELECT DISTINCT r.user_id, u.display_name FROM user_role AS r"
        " JOIN app_user AS u ON u.id = r.user_id"
        " WHERE r.area_code = :code AND r.role = ANY(:roles) AND u.active"
        " ORDER BY r.user_id",
        code=area_code,
        roles=list(roles),
    )
