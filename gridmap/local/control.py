"""Asking about, and stopping, the embedded default from another terminal."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import psutil

from gridmap.local import asking, runfile
from gridmap.local.child import wait_until
from gridmap.local.console import say
from gridmap.local.layout import Layout
from gridmap.settings import Settings

# The sum of what the parts are given to stop, and a little.
DOWN_SECONDS = 75.0


def status(settings: Settings) -> dict[str, Any]:
    """Tell what is up.

    Parameters
    ----------
    settings : Settings
        Names the state folder.

    Returns
    -------
    dict
        ``running`` (bool) and ``state`` (folder); when running also ``pid``, ``since`` (seconds
        since 1970), ``stage``, ``address``, ``demo``, ``memory_mb`` (proportional share of all
        parts), ``parts`` (name -> running, pid, since, restarts, memory_mb) and ``ready`` (what
        `/readyz` says, with the age of the feed; ``status`` is its HTTP status, 0 for no answer).

    Raises
    ------
    LocalError
        The state folder belongs to somebody else.
    """
    layout = Layout.of(settings.state)
    note = _running(layout)
    if note is None:
        return {"running": False, "state": str(layout.state), "parts": {}}
    parts = {
        name: {
            "running": runfile.is_same(part.pid, part.born),
            "pid": part.pid,
            "since": part.since,
            "restarts": part.restarts,
            "memory_mb": _memory_mb(part.pid),
        }
        for name, part in note.parts.items()
    }
    code, document = asking.readiness(note.address)
    total = sum(part["memory_mb"] or 0 for part in parts.values())
    return {
        "running": True,
        "state": str(layout.state),
        "pid": note.pid,
        "since": note.since,
        "stage": note.stage,
        "address": note.address,
        "demo": note.demo,
        "memory_mb": total + (_memory_mb(note.pid, alone=True) or 0),
        "parts": parts,
        "ready": {"status": code, **document},
    }


def down(settings: Settings) -> int:
    """Stop a running embedded default and wait until it has ended.

    Returns
    -------
    int
        0 when nothing runs any more, 1 when it would not end.

    Raises
    ------
    LocalError
        The state folder belongs to somebody else.
    """
    layout = Layout.of(settings.state)
    note = _running(layout)
    if note is None:
        say("gridmap is not running")
        return 0
    try:
        os.kill(note.pid, signal.SIGTERM)
    except ProcessLookupError:
        pass
    except PermissionError:
        say(f"gridmap runs as another user (process {note.pid}); try as root")
        return 1
    began = time.monotonic()
    if not wait_until(lambda: not runfile.is_same(note.pid, note.born), DOWN_SECONDS):
        say(f"process {note.pid} has not ended after {DOWN_SECONDS:.0f} s; kill -9 {note.pid}")
        return 1
    say(f"gridmap stopped after {time.monotonic() - began:.1f} s")
    return 0


def _running(layout: Layout) -> runfile.RunNote | None:
    """Return the note if the process that wrote it is alive and holds the lock."""
    note = runfile.read_note(layout)
    if note is None or not runfile.is_same(note.pid, note.born):
        return None
    lock = runfile.take_lock(layout)
    if lock is None:
        return note
    lock.close()
    return None


def _memory_mb(pid: int | None, alone: bool = False) -> int | None:
    """Return the proportional memory of a process and of what it started, in megabytes."""
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        family = [process] if alone else [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return None
    return round(sum(_share(each) for each in family) / 1e6)


def _share(process: psutil.Process) -> int:
    """Return the bytes of a process, shared pages counted by share where the kernel tells."""
    try:
        return int(process.memory_full_info().pss)
    except psutil.AccessDenied:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
