"""What can go wrong for a caller, with the HTTP status it maps to; no Flask here."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Problem(Exception):  # noqa: N818 - named as in RFC 9457
    """A refusal that a person or program can act on.

    Attributes
    ----------
    status
        HTTP status that fits (the command line exits 2 below 500, 1 from 500 on).
    title
        Short, stable, English name of the kind of problem.
    detail
        What happened, what is kept, what to do next.
    faults
        Places in the input and what is wrong there.
    more
        What a program needs to go on, beside the words: the version in force, the steps possible.
    """

    status: int
    title: str
    detail: str = ""
    faults: list[dict[str, str]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.title}: {self.detail}" if self.detail else self.title


def not_found(what: str) -> Problem:
    """Say that something is absent or not for this person: the two look the same."""
    return Problem(404, "Not found", what)


def forbidden(what: str) -> Problem:
    """Say that a role does not allow something."""
    return Problem(403, "Not allowed", what)


def conflict(what: str, **more: Any) -> Problem:
    """Say that the state of a noun does not allow something; `more` goes into the answer."""
    return Problem(409, "Conflict", what, more=more)


def bad_input(what: str, faults: list[dict[str, str]] | None = None) -> Problem:
    """Say what is wrong with an input, and where."""
    return Problem(400, "Bad input", what, faults or [])
