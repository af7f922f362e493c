"""What is to be told to whom: queued with the caller's change, unsent until sent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from gridmap.model.access import Role
from gridmap.model.message_words import DRILL, marked
from gridmap.services.jobs import QUEUE_OF
from gridmap.store import event, job, message
from gridmap.store.database import Transaction

KIND = "messages.send"
CHANNELS = ("inbox", "sms", "loudspeaker", "mail")
EXERCISE = DRILL["zh_CN"]
_LONGEST = 2000
_LONGEST_SUBJECT = 200
# Told later than this, a call to leave would tell people something that is over.
LASTS = timedelta(hours=6)


@dataclass(frozen=True)
class Recipient:
    """Who is told, by which way, in which language.

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
    language
        That of the account; None for the language of the deployment.
    """

    channel: str
    user: int | None = None
    address: str | None = None
    name: str | None = None
    language: str | None = None

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


@dataclass(frozen=True)
class Letter:
    """One text to one recipient.

    Attributes
    ----------
    key
        What makes it this message and no other: the same recipient gets it once.
    kind
        What is told, as in `model.message_texts.TEXTS`.
    area_code
        Whose matter it is, where that is not the whole of what it is queued with.
    about
        What it is about, where that is not what it is queued with.
    link
        Address of the recipient's own, put under the words as they go out and forgotten then.
    """

    to: Recipient
    key: str
    kind: str
    text: str
    area_code: str | None = None
    subject: str | None = None
    link: str | None = None
    about: str | None = None


def queue(  # noqa: PLR0913 - what a message is
    tx: Transaction,
    *,
    area_code: str,
    key: str,
    about: str,
    text: str | Mapping[str, str],
    to: Sequence[Recipient],
    exercise: bool,
    kind: str = "other",
    subject: str | None = None,
    link: str | None = None,
    lasts: timedelta = LASTS,
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
    text
        The words; by language (``zh_CN``, ``en``) where they are ours and no person's.
    link
        Address of the recipient's own, put under the words as they go out and forgotten then; no
        list shows it. Never for an inbox.
    exercise
        True for a drill: its mark is put in front of the words, and the database insists on it.
    lasts
        For how long it may still be sent.
    """
    unknown = [each.user for each in to if each.user is not None and each.language is None]
    spoken = message.languages(tx, unknown) if unknown else {}
    readers = [
        replace(each, language=spoken.get(each.user, each.language)) if each.user else each
        for each in to
    ]
    letters = [
        Letter(each, key, kind, _in(text, each.language or tx.language), None, subject, link)
        for each in readers
    ]
    return queue_each(
        tx, area_code=area_code, about=about, letters=letters, exercise=exercise, lasts=lasts
    )


def _in(text: str | Mapping[str, str], language: str) -> str:
    return text if isinstance(text, str) else text[language]


def queue_each(  # noqa: PLR0913 - what messages are
    tx: Transaction,
    *,
    area_code: str,
    about: str,
    letters: Sequence[Letter],
    exercise: bool,
    lasts: timedelta = LASTS,
) -> list[int]:
    """Queue a text of its own to each of many people, in one statement; give the ids of the new.

    As `queue`: just before the caller's own event, and each once.
    """
    until = (datetime.now(UTC) + lasts).isoformat()
    added = message.add(
        tx, [_row(tx, each, area_code, about, until, exercise=exercise) for each in letters]
    )
    if not added:
        return []
    ways: dict[str, int] = {}
    for row in added:
        ways[row["channel"]] = ways.get(row["channel"], 0) + 1
    if set(ways) - {"inbox"}:
        wake(tx, area_code)
    ids = sorted(int(row["id"]) for row in added)
    event.record(
        tx,
        "message.queued",
        area_code=area_code,
        subject_id=ids[0],
        payload={"messages": len(ids), "ways": ways, "about": about, "exercise": exercise},
    )
    return ids


def _row(  # noqa: PLR0913, PLR0917 - what a message is
    tx: Transaction, each: Letter, area_code: str, about: str, until: str, *, exercise: bool
) -> dict[str, object]:
    language = each.to.language or tx.language
    subject = each.subject and marked(each.subject, language, exercise=exercise)
    return {
        "area_code": each.area_code or area_code,
        "key": each.key,
        "about": each.about or about,
        "kind": each.kind,
        "channel": each.to.channel,
        "recipient": each.to.key,
        "to_user": each.to.user,
        "to_name": each.to.name,
        "language": language,
        "subject": subject and subject[:_LONGEST_SUBJECT],
        "text": told(each.text, exercise=exercise, language=language),
        "link": each.link,
        "exercise": exercise,
        "not_after": until,
    }


def told(text: str, *, exercise: bool, language: str = "zh_CN") -> str:
    """Give the words as they go out; a drill says so before anything else."""
    return marked(text, language, exercise=exercise)[:_LONGEST]


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
    return [
        Recipient("inbox", user=row["user_id"], name=row["display_name"], language=row["language"])
        for row in found
    ]
