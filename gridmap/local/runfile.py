"""The note a running supervisor keeps about itself, and the lock that says it still lives."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass, field
from typing import IO, Any

import psutil

from gridmap.local.errors import LocalError
from gridmap.local.layout import Layout
from gridmap.local.vault import write_private


@dataclass(frozen=True)
class PartNote:
    """One part as it was last seen: its pid and birth, or None while it is down."""

    pid: int | None
    born: float | None
    since: float
    restarts: int


@dataclass(frozen=True)
class RunNote:
    """One running embedded default."""

    pid: int
    born: float
    since: float
    address: str
    demo: str | None
    stage: str
    parts: dict[str, PartNote] = field(default_factory=dict)


def birth(pid: int | None) -> float | None:
    """Return when a living process was created, which tells it from a later one with its pid."""
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        # one that has ended and only waits for its parent to take notice is not alive
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None


def is_same(pid: int | None, born: float | None) -> bool:
    """Tell whether a noted process is still the one that was noted."""
    now = birth(pid)
    return now is not None and born is not None and abs(now - born) < 1.0


def write_note(layout: Layout, note: RunNote) -> None:
    """Replace the note."""
    write_private(layout.run_file, json.dumps(asdict(note)))


def read_note(layout: Layout) -> RunNote | None:
    """Return the last note, or None where there is none, or one that cannot be understood.

    Raises
    ------
    LocalError
        The state folder belongs to somebody else.
    """
    try:
        raw: dict[str, Any] = json.loads(layout.run_file.read_text(encoding="utf-8"))
        parts = {name: PartNote(**part) for name, part in raw.pop("parts").items()}
        return RunNote(**raw, parts=parts)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise LocalError(f"{layout.state} is not yours to look into; try as root") from error
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def take_lock(layout: Layout) -> IO[bytes] | None:
    """Take the lock of a state folder, kept until the returned file is closed.

    Returns
    -------
    file or None
        None when another process holds it.

    Raises
    ------
    LocalError
        The state folder belongs to somebody else.
    """
    try:
        descriptor = os.open(layout.lock, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise LocalError(f"{layout.state} is not yours to look into; try as root") from error
    if os.geteuid() == 0:
        owner = layout.state.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    file = os.fdopen(descriptor, "r+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
