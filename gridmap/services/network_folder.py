"""Where a worker keeps networks as arrays on disk; light enough to be imported by every job."""

from contextvars import ContextVar
from pathlib import Path

FOLDER: ContextVar[Path | None] = ContextVar("networks", default=None)
"""None: they are built anew in memory, as in a test."""
