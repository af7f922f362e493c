"""What can keep the embedded default from running."""

from __future__ import annotations


class LocalError(RuntimeError):
    """The embedded default cannot start or go on; the message says what a person can do."""
