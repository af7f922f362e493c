"""How long work tells how far it is, and learns that nobody wants it any more."""

from typing import Protocol


class Progress(Protocol):
    """Told by a service between its steps."""

    def step(self, done: int, total: int, message: str = "") -> None:
        """Note that `done` of `total` parts are finished.

        Raises
        ------
        Cancelled
            If a person has cancelled the job.
        """


class Cancelled(Exception):  # noqa: N818 - a person's wish, not an error
    """A person has cancelled the work."""


class Silent:
    """Progress that nobody watches."""

    def step(self, done: int, total: int, message: str = "") -> None:
        """Do nothing."""
