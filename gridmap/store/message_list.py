"""Messages as people look at them: lists with sums, one with its tries, again and held back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from gridmap.store.database import Row, Transaction


@dataclass(frozen=True)
class Part:
    """What part of the list is looked at; None and nothing: all of it."""

    about: str | None = None
    kind: str | None = None
    channel: str | None = None
    states: Sequence[str] = ()

    @property
    def values(self) -> dict[str, object]:
        """Give the values of `WHERE`."""
        return {
            "about": self.about,
            "kind": self.kind,
            "channel": self.channel,
            "states": list(self.states),
        }


_WHERE = (
    "(CAST(:about AS text) IS NULL OR m.about = :about)"
    " AND (CAST(:kind AS text) IS NULL OR m.kind = :kind)"
    " AND (CAST(:channel AS text) IS NULL OR m.channel = :channel)"
    " AND (cardinality(CAST(:states AS text[])) = 0 OR m.state = ANY(:states))"
    # what was written to oneself from a wider area is no business of one's own area
    " AND m.area_code ^@ ANY ((SELECT my_areas())::text[])"
)
_SHOWN = (
    "m.id, m.area_code, m.about, m.kind, m.language, m.channel, m.recipient, m.to_name, m.text,"
    " m.exercise, m.state, m.why, m.attempts, m.queued_at, m.sent_at, m.read_at, m.next_at,"
    " m.not_after, m.revision, m.linked, m.withdrawn_why,"
    " m.held_until > now() AS held, u.display_name AS by"
    " FROM message AS m LEFT JOIN app_user AS u ON u.id = m.queued_by"
)

_OWN = "m.id = :id AND m.area_code ^@ ANY ((SELECT my_areas())::text[])"


def outbox(tx: Transaction, part: Part, *, after: int | None, limit: int) -> list[Row]:
    """List what went out of these areas or has not, the newest first."""
    return tx.all(
        f"SELECT {_SHOWN} WHERE {_WHERE} AND (CAST(:after AS bigint) IS NULL OR m.id < :after)"
        " ORDER BY m.id DESC LIMIT :limit",
        after=after,
        limit=limit,
        **part.values,
    )


def sums(tx: Transaction, part: Part) -> list[Row]:
    """Count messages by kind, way and state."""
    return tx.all(
        "SELECT m.kind, m.channel, m.state, m.why, count(*)::int AS messages,"
        " (count(*) FILTER (WHERE m.read_at IS NOT NULL))::int AS read FROM message AS m"
        f" WHERE {_WHERE} GROUP BY m.kind, m.channel, m.state, m.why"
        " ORDER BY m.kind, m.channel, m.state, m.why NULLS FIRST",
        **part.values,
    )


def plans(tx: Transaction, limit: int = 50) -> list[Row]:
    """Give the plans that messages are about, the newest first."""
    return tx.all(
        "SELECT p.id, p.hazard_id, p.version, h.name, h.name_en, h.exercise FROM plan AS p"
        " JOIN hazard AS h ON h.id = p.hazard_id"
        " WHERE EXISTS (SELECT 1 FROM message AS m WHERE m.about = 'plan:' || p.id)"
        " ORDER BY p.id DESC LIMIT :limit",
        limit=limit,
    )


_MATTERS = (
    "SELECT 'hazard:' || h.id AS about, h.name, h.name_en, h.exercise, h.declared_at AS at"
    " FROM hazard AS h WHERE h.state = 'declared'"
    " UNION ALL SELECT 'plan:' || p.id, 'P-' || p.hazard_id || '-' || p.version || ' ' || h.name,"
    "  'P-' || p.hazard_id || '-' || p.version || ' ' || h.name_en, h.exercise, p.created_at"
    " FROM plan AS p JOIN hazard AS h ON h.id = p.hazard_id WHERE p.state IN ('approved', 'active')"
    " UNION ALL SELECT 'response:' || r.id, r.matter, NULL, r.exercise, r.started_at"
    " FROM response AS r WHERE r.state = 'open'"
)


def matters(tx: Transaction, limit: int = 100) -> list[Row]:
    """Give what is going on that a message may be about, the newest first."""
    return tx.all(
        f"SELECT about, name, name_en, exercise FROM ({_MATTERS}) AS m"
        " ORDER BY at DESC LIMIT :limit",
        limit=limit,
    )


def is_exercise(tx: Transaction, about: str) -> bool | None:
    """Tell whether what a message is about is a drill; None for what is not going on."""
    row = tx.maybe(f"SELECT exercise FROM ({_MATTERS}) AS m WHERE about = :about", about=about)
    return None if row is None else bool(row["exercise"])


def hold(tx: Transaction, message_id: int) -> Row | None:
    """Give a message, held until the transaction ends; None where it is not one's own."""
    return tx.maybe(f"SELECT {_SHOWN} WHERE {_OWN} FOR UPDATE OF m", id=message_id)


def written(tx: Transaction, key: str) -> list[Row]:
    """Give what a person has written under a key: to whom, by which way, about what."""
    return tx.all(
        "SELECT channel, recipient, about, exercise, text FROM message"
        " WHERE kind = 'free' AND key = :key",
        key=key,
    )


_NAMES = {
    "hazard": "SELECT id::text AS id, name, name_en FROM hazard",
    "plan": "SELECT p.id::text AS id, h.name, h.name_en FROM plan AS p"
    " JOIN hazard AS h ON h.id = p.hazard_id",
    "alert": "SELECT a.id::text AS id, coalesce(h.name, a.headline) AS name, h.name_en"
    " FROM alert AS a LEFT JOIN hazard AS h ON h.id = a.hazard_id",
    "response": "SELECT id::text AS id, matter AS name, NULL AS name_en FROM response",
    "incident": "SELECT id::text AS id, number::text AS name, NULL AS name_en FROM incident",
}


def names(tx: Transaction, abouts: Sequence[str]) -> dict[str, Row]:
    """Give what matters are called, `name` and `name_en` or None; nothing for one without name."""
    found: dict[str, Row] = {}
    for noun, rows in _NAMES.items():
        ids = sorted({one.partition(":")[2] for one in abouts if one.startswith(f"{noun}:")})
        if ids:
            for row in tx.all(f"SELECT * FROM ({rows}) AS m WHERE id = ANY(:ids)", ids=ids):
                found[f"{noun}:{row['id']}"] = row
    return found


def one(tx: Transaction, message_id: int) -> Row | None:
    """Give a message of these areas, or None."""
    return tx.maybe(f"SELECT {_SHOWN} WHERE {_OWN}", id=message_id)


def tries(tx: Transaction, message_id: int) -> list[Row]:
    """List what was done with a message, the oldest first."""
    return tx.all(
        "SELECT t.what, t.why, t.at, u.display_name AS by FROM message_try AS t"
        " LEFT JOIN app_user AS u ON u.id = t.user_id WHERE t.message_id = :id ORDER BY t.id",
        id=message_id,
    )


def again(tx: Transaction, message: Row, lasts: timedelta) -> None:
    """Let a message be tried at once.

    One that has gone out or was given up gets a new token: the gateway would not send it twice
    under the old one. What waits keeps its own, for a try of it may be on its way.
    """
    tx.execute(
        "UPDATE message SET state = 'queued', why = NULL, reference = NULL, sent_at = NULL,"
        " attempts = CASE WHEN state IN ('queued', 'not_configured') THEN attempts ELSE 0 END,"
        " token = CASE WHEN state IN ('queued', 'not_configured') THEN token"
        "  ELSE gen_random_uuid() END,"
        " withdrawn_why = NULL,"
        " next_at = now(), not_after = greatest(not_after, now() + :lasts),"
        " revision = revision + 1 WHERE id = :id",
        id=message["id"],
        lasts=lasts,
    )
    _note(tx, message, "again", None)


def cancel(tx: Transaction, message: Row, why: str) -> None:
    """Hold a message back."""
    tx.execute(
        "UPDATE message SET state = 'cancelled', why = :why, link = NULL,"
        " revision = revision + 1 WHERE id = :id",
        id=message["id"],
        why=why,
    )
    _note(tx, message, "cancelled", why)


def _note(tx: Transaction, message: Row, what: str, why: str | None) -> None:
    tx.execute(
        "INSERT INTO message_try (area_code, message_id, what, why, user_id)"
        " VALUES (:area, :id, :what, :why, :user)",
        area=message["area_code"],
        id=message["id"],
        what=what,
        why=why,
        user=tx.scope.user_id,
    )
