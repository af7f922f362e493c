"""One way out to people: what is handed to it, and what it says came of it.

A way out that is not set up says so; nothing is ever called sent because it was tried.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from gridmap.model.message_words import DRILL


class Outcome(StrEnum):
    """What a way out says of one message."""

    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True)
class Outgoing:
    """One message to one recipient.

    Attributes
    ----------
    token
        The same with every try: a gateway that knows it sends once.
    to
        Number, mail address or name of a loudspeaker, as the way out wants it.
    text
        The words, with the mark of a drill in front where it is an exercise.
    exercise
        True for a drill, for gateways that keep drills apart.
    subject
        Heading of a mail.

    Raises
    ------
    ValueError
        For an exercise whose text or subject does not begin with the mark of a drill.
    """

    token: UUID
    to: str
    text: str
    exercise: bool
    subject: str | None = None

    def __post_init__(self) -> None:
        marks = tuple(DRILL.values())
        said = self.text.startswith(marks) and (self.subject or marks[0]).startswith(marks)
        if self.exercise and not said:
            raise ValueError("an exercise that does not say so goes out by no way")


@dataclass(frozen=True)
class Receipt:
    """What came of one try.

    Attributes
    ----------
    outcome
        What has happened.
    reference
        Under which number the gateway knows it.
    why
        What stood in the way, as a word of ours: never an answer of a foreign server.
    again
        True where trying later may help.
    """

    outcome: Outcome
    reference: str | None = None
    why: str | None = None
    again: bool = False


class Channel(Protocol):
    """A way out: the inbox, a gateway, a loudspeaker, mail."""

    name: str

    def send(self, message: Outgoing) -> Receipt:
        """Try once, within a few seconds; raises nothing for a gateway that is away."""
        ...


def not_configured() -> Receipt:
    """Say that nobody has set this way out up."""
    return Receipt(Outcome.NOT_CONFIGURED, why="not_configured")
