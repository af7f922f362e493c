"""What a booklet says beside its sheets: what it rests on, what shelters need, whom to call."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Supply:
    """What people in a shelter need of one thing, with where the figure is from."""

    kind: str
    amount: float
    per: str
    unit: str
    source: str

    def needed(self, people: int) -> float:
        """Give how much so many people need: a day, or once."""
        if self.per == "people":
            return float(math.ceil(people / self.amount))
        return self.amount * people


@dataclass(frozen=True)
class Post:
    """Somebody of the call tree: an office of an area, or who looks after a grid."""

    code: str
    name: str
    phone: str | None


@dataclass(frozen=True)
class Version:
    """One plan of the hazard: a line of the change log."""

    number: str
    state: str
    drafted_at: datetime | None
    drafted_by: str | None
    approved_at: datetime | None
    approved_by: str | None
    replans: str | None
    reason: str | None
    check: str


@dataclass(frozen=True)
class Change:
    """A household that goes elsewhere than in the plan before."""

    grid: str
    address: str
    people: int
    before: str | None
    after: str | None
    why: str
    told: bool


@dataclass(frozen=True)
class Stop:
    """Where a vehicle fetches somebody, at the door or at a point, or why none comes.

    `seconds` are after the order; `phone` is that of the household.
    """

    grid: str
    address: str
    people: int
    shelter: str | None
    vehicle: str | None
    tour: int | None
    position: int | None
    seconds: float | None
    load: int | None
    reason: str | None
    point: int | None = None
    phone: str | None = None


@dataclass(frozen=True)
class More:
    """Everything of a booklet beside its sheets.

    Attributes
    ----------
    options
        What the plan was drafted with.
    supplies
        By id of a shelter what people in it need: the rules of where it is, one of each kind.
    parts
        What was computed beside the ways, by kind; see the table `plan_part`.
    without
        The shelters that the plan leaves out though they are open.
    named
        By language: `hazard`, `place` and `shelters`, what the messages to people call them.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    supplies: Mapping[int, tuple[Supply, ...]] = field(default_factory=dict)
    posts: tuple[Post, ...] = ()
    versions: tuple[Version, ...] = ()
    changes: tuple[Change, ...] = ()
    stops: tuple[Stop, ...] = ()
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    named: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    without: tuple[str, ...] = ()
