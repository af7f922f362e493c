"""What is to be told to whom: queued with the caller's change, unsent until sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gridmap.model.access import Permission, Role
from gridmap.model.problem import not_found
from gridmap.services.access import Viewer
from gridmap.services.jobs import QUEUE_OF
from gridmap.store import event, job, message
from gridmap.store.database import Database, Row, Transaction

KIND = "messages.send"
CHANNELS = ("inbox", "sms", "loudspeaker", "mail")
EXERCISE = "【演练】"
_LONGEST = 2000
# Told later than this, a call to leave would tell people something that is over.
_LASTS = timedelta(hours=6)
# States in which nothing has gone out; every page says so, with why.
UNSENT = ("queued", "not_configured", "failed")


@dataclass(frozen=True)
class Recipient:
    """Who is told, and by which way.

    Attributes
    ----------
    channel
        ``inbox``, ``sms``, ``loudspeaker`` or ``mail``.
    user
        Account of somebody with an inbox.
    address
        Number, mail address or loudspeaker for every other way.
    name
        What people call them.
    """

    channel: str
    user: int | None = None
    address: str | None = None
    name: str | None = None

    @property
    def key(self) -> str:
        """What tells this recipient from others of the same way."""
        return f"user:{self.user}" if self.channel == "inbox" else str(self.address).strip()

    def __post_init__(self) -> None:
        if self.channel not in CHANNELS:
            raise ValueError(f"no way out is called {self.channel!r}")
        if (self.channel == "inbox") != (self.user is not None):
            raise ValueError("an inbox belongs to an account, and nothing else does")
        if self.channel != "inbox" and not (self.address or "").strip():
            raise ValueError("an address is needed")


def queue(  # noqa: PLR0913 - what a message is
    tx: Transaction,
    *,
    area_code: str,
    key: str,
    about: str,
    text: str,
    to: Sequence[Recipient],
    exercise: bool,
    subject: str | None = None,
    link: str | None = None,
    lasts: timedelta = _LASTS,
) -> list[int]:
    """Queue one text to some people; give the ids of what is new.

    Call it just before the caller's own event: it records one itself. Nothing leaves before the
    transaction has committed. The same `key` tells the same recipient by the same way once,
    however often it is queued.

    Parameters
    ----------
    area_code
        Whose matter it is; inside the areas of the transaction.
    key
        What makes it this message and no other, such as ``plan-7-call-2``.
    about
        Noun and id of the matter, such as ``plan:7``: pages list messages by it.
    link
        Address of the recipient's own, put under the words as they go out and forgotten then; no
        list shows it. Never for an inbox.
    exercise
        True for a drill: 演练 is put in front of the words, and the database insists on it.
    lasts
        For how long it may still be sent.
    """
    words = told(text, exercise=exercise)
    added: list[int] = []
    ways: dict[str, int] = {}
    for each in to:
        found = message.add(
            tx,
            area_code=area_code,
            key=key,
            about=about,
            channel=each.channel,
            recipient=each.key,
            to_user=each.user,
            to_name=each.name,
            subject=subject,
            text=words,
            link=link,
            exercise=exercise,
            not_after=datetime.now(UTC) + lasts,
        )
        if found is not None:
            added.append(found)
            ways[each.channel] = ways.get(each.channel, 0) + 1
    if not added:
        return []
    if set(ways) - {"inbox"}:
        wake(tx, area_code)
    event.record(
        tx,
        "message.queued",
        area_code=area_code,
        subject_id=added[0],
        payload={"messages": len(added), "ways": ways, "about": about, "exercise": exercise},
    )
    return added


def told(text: str, *, exercise: bool) -> str:
    """Give the words as they go out; a drill says so before anything else."""
    words = text.strip()
    if exercise and not words.startswith(EXERCISE):
        words = EXERCISE + words
    return words[:_LONGEST]


def wake(tx: Transaction, area_code: str) -> int:
    """Ask a worker to send what waits; one that waits already sees this too."""
    county = area_code[:6]
    return job.request(
        tx,
        KIND,
        queue=QUEUE_OF[KIND],
        # the county's, where the transaction reaches that far
        area_code=county if county in tx.scope.areas or _everywhere(tx) else area_code,
        arguments={},
        max_attempts=5,
        analysis=KIND,
    )


def _everywhere(tx: Transaction) -> bool:
    return any(len(area) == 1 for area in tx.scope.areas)


def office(tx: Transaction, area_code: str, roles: Iterable[Role]) -> list[Recipient]:
    """Give the inboxes of those who hold a role in exactly this area, as far as one may see."""
    found = message.people_of(tx, area_code, [role.value for role in roles])
    return [Recipient("inbox", user=row["user_id"], name=row["display_name"]) for row in found]


def inbox(database: Database, viewer: Viewer, after: int | None, limit: int) -> dict[str, Any]:
    """List what a person was written."""
    with database.transaction(viewer.scope(None)) as tx:
        rows = message.inbox(tx, viewer.id, after=after, limit=limit + 1)
        unread = message.unread(tx, viewer.id)
        now = tx.value("SELECT now()")
    items = [
        {
            "id": row["id"],
            "about": row["about"],
            "text": row["text"],
            "exercise": row["exercise"],
            "at": row["queued_at"].isoformat(),
            "by": row["by"],
            "read_at": _time(row["read_at"]),
        }
        for row in rows[:limit]
    ]
    after = items[-1]["id"] if len(rows) > limit else None
    return {"items": items, "unread": unread, "next": after, "as_of": now.isoformat()}


def read(database: Database, viewer: Viewer, message_id: int) -> None:
    """Note that a person has opened a message of theirs.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(viewer.scope(None)) as tx:
        if message.read(tx, message_id, viewer.id) is None:
            raise not_found(f"message {message_id}")


def outbox(  # noqa: PLR0913 - what part of the list
    database: Database,
    viewer: Viewer,
    *,
    about: str | None = None,
    unsent: bool = False,
    after: int | None = None,
    limit: int = 100,
) -> dict[str, Any]:
    """List what has gone out of a person's areas and what has not, with sums by way and state."""
    with database.transaction(viewer.scope(Permission.INCIDENT_DISPATCH)) as tx:
        rows = message.outbox(tx, about=about, unsent=unsent, after=after, limit=limit + 1)
        sums = message.sums(tx, about)
        now = tx.value("SELECT now()")
    last = rows[limit - 1]["id"] if len(rows) > limit else None
    return {
        "items": [_sent(row) for row in rows[:limit]],
        "sums": sums,
        "next": last,
        "as_of": now.isoformat(),
    }


def _sent(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "area": row["area_code"],
        "about": row["about"],
        "channel": row["channel"],
        # a number is as personal here as on a card: its end is enough to tell two apart
        "to": row["to_name"] or _end(row["recipient"], row["channel"]),
        "text": row["text"],
        "exercise": row["exercise"],
        "state": row["state"],
        "unsent": row["state"] in UNSENT,
        "why": row["why"],
        "attempts": row["attempts"],
        "queued_at": row["queued_at"].isoformat(),
        "sent_at": _time(row["sent_at"]),
        "read_at": _time(row["read_at"]),
        "next_at": row["next_at"].isoformat() if row["state"] in UNSENT[:2] else None,
        "by": row["by"],
    }


def _end(recipient: str, channel: str) -> str:
    return recipient if channel == "loudspeaker" else f"*{recipient[-4:]}"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
