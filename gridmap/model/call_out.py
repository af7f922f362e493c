"""Where a household stands in an evacuation: what all steps that people noted come to.

Steps come late, twice and out of order from tablets without a network. What counts is worked out
from all of them together, by the clocks of those who noted them: the same steps give the same
standing, in whatever order they arrive.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class CallState(StrEnum):
    """From the first call to the door of the shelter."""

    WAITING = "waiting"
    CALLED = "called"
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    REFUSED = "refused"
    NOT_FOUND = "not_found"


# Nobody has said yes, and nobody has said no: the five minutes run.
UNANSWERED = frozenset({CallState.WAITING, CallState.CALLED, CallState.NO_ANSWER})
CHANNELS = ("phone", "door", "gong", "loudspeaker", "inbox")
RUNGS = ("phone", "door", "gong")
LEVELS = ("village", "township", "county")
KINDS = (
    "called",
    "answered",
    "no_answer",
    "departed",
    "arrived",
    "refused",
    "not_found",
    "help",
    "undone",
    "home",
)
ANSWER_WITHIN = timedelta(minutes=5)
# What can no more be said of somebody who is on the way, or there.
_ON_THE_WAY = frozenset({CallState.DEPARTED, CallState.ARRIVED})
_BEFORE_LEAVING = {
    "called": CallState.CALLED,
    "answered": CallState.ANSWERED,
    "no_answer": CallState.NO_ANSWER,
}
_BEFORE_ARRIVAL = {
    "departed": CallState.DEPARTED,
    "refused": CallState.REFUSED,
    "not_found": CallState.NOT_FOUND,
}


@dataclass(frozen=True)
class Step:
    """One thing somebody noted about a household.

    Attributes
    ----------
    id
        Made where it was noted.
    kind
        One of `KINDS`.
    at
        When, by the clock of who noted it.
    seq
        In which order it came here; decides between steps of the same moment.
    channel
        How the household was called.
    people
        How many arrived.
    all_in
        True when nobody more is to come, whatever the roster says.
    undoes
        The step that this one takes back.
    """

    id: Any
    kind: str
    at: datetime
    seq: int
    channel: str | None = None
    people: int | None = None
    all_in: bool = False
    undoes: Any = None


@dataclass(frozen=True)
class Standing:
    """Where a household stands.

    Attributes
    ----------
    state, at
        The state, and since when; None for one nobody has called.
    channel
        Of the last call.
    attempts
        How often somebody called without having an answer yet.
    arrived
        People who are there.
    counted
        Steps of arrival that count, with the people of each.
    clashes
        Steps that do not fit the others: kept and shown, not counted.
    help
        True while somebody asked for a hand there.
    called_at, answered_at, home_at
        Times of the first call, of the answer and of coming home.
    """

    state: CallState = CallState.WAITING
    at: datetime | None = None
    channel: str | None = None
    attempts: int = 0
    arrived: int = 0
    counted: tuple[tuple[Any, int], ...] = ()
    clashes: frozenset[Any] = frozenset()
    help: bool = False
    called_at: datetime | None = None
    answered_at: datetime | None = None
    home_at: datetime | None = None


class _Folding:
    """The standing while step after step is looked at."""

    def __init__(self, people: int, home_from: datetime | None) -> None:
        self.people = max(people, 1)
        self.home_from = home_from
        self.state = CallState.WAITING
        self.at: datetime | None = None
        self.channel: str | None = None
        self.attempts = 0
        self.counted: list[tuple[Any, int]] = []
        self.help = False
        self.called_at: datetime | None = None
        self.answered_at: datetime | None = None
        self.home_at: datetime | None = None

    @property
    def arrived(self) -> int:
        return sum(people for _step, people in self.counted)

    def take(self, step: Step) -> bool:
        """Take a step; False if it does not fit what others have said."""
        if step.kind in _BEFORE_LEAVING:
            return self._called(step)
        if step.kind in _BEFORE_ARRIVAL:
            return self._moved(step)
        if step.kind == "arrived":
            return self._arrived(step)
        if step.kind == "home":
            if not self.counted or self.home_from is None or step.at < self.home_from:
                return False
            self.home_at = step.at
            return True
        self.help = self.state not in _ON_THE_WAY
        return True

    def _called(self, step: Step) -> bool:
        if self.state in _ON_THE_WAY:
            return False
        self.called_at = self.called_at or step.at
        if step.kind == "answered":
            self.answered_at = self.answered_at or step.at
        else:
            self.attempts += 1
            self.channel = step.channel or self.channel
        if not (step.kind == "called" and self.state is CallState.ANSWERED):
            self._to(_BEFORE_LEAVING[step.kind], step)
        return True

    def _moved(self, step: Step) -> bool:
        if self.counted:
            return False
        if step.kind == "departed":
            self.answered_at = self.answered_at or step.at
            self.help = False
        self._to(_BEFORE_ARRIVAL[step.kind], step)
        return True

    def _arrived(self, step: Step) -> bool:
        if self.state is CallState.ARRIVED:
            return False  # ticked by the member and scanned at the door: they came once
        people = step.people or self.people - self.arrived
        if self.counted:
            people = min(people, self.people - self.arrived)
        self.counted.append((step.id, people))
        self.answered_at = self.answered_at or step.at
        self.help = False
        whole = step.all_in or self.arrived >= self.people
        self._to(CallState.ARRIVED if whole else CallState.DEPARTED, step)
        return True

    def _to(self, state: CallState, step: Step) -> None:
        self.state, self.at = state, step.at


def fold(steps: Iterable[Step], people: int, home_from: datetime | None = None) -> Standing:
    """Work out where a household of so many people stands.

    Nobody is home again before the way home was opened at `home_from`; with None it is not.
    """
    known = list(steps)
    undone = {step.undoes for step in known if step.kind == "undone"}
    folding = _Folding(people, home_from)
    clashes = set()
    for step in sorted(known, key=lambda each: (each.at, each.seq)):
        if step.kind != "undone" and step.id not in undone and not folding.take(step):
            clashes.add(step.id)
    return Standing(
        state=folding.state,
        at=folding.at,
        channel=folding.channel,
        attempts=folding.attempts,
        arrived=folding.arrived,
        counted=tuple(folding.counted),
        clashes=frozenset(clashes),
        help=folding.help,
        called_at=folding.called_at,
        answered_at=folding.answered_at,
        home_at=folding.home_at,
    )


def due(standing: Standing, begun: datetime) -> datetime | None:
    """Give until when an answer is waited for; None where there is one."""
    if standing.state not in UNANSWERED:
        return None
    return (standing.at or begun) + ANSWER_WITHIN


def rung_after(channel: str | None, rung: str) -> str:
    """Give the rung that comes after a call by this channel that nobody answered."""
    at = RUNGS.index(channel) if channel in RUNGS else RUNGS.index(rung)
    return RUNGS[max(min(at + 1, len(RUNGS) - 1), RUNGS.index(rung))]
