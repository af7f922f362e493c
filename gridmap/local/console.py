"""What the person at the terminal is told, and how a line of a log reads."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import Any

# Shown first, or not worth a place on the line.
KNOWN = ("timestamp", "part", "level", "event", "logger", "places")


def say(text: str) -> None:
    """Tell the person at the terminal; standard output is left to `--json`."""
    # A terminal that was closed must not keep the servers from being stopped.
    with suppress(OSError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def readable(line: str) -> str:
    """Return one JSON line of a log as a person reads it.

    Parameters
    ----------
    line : str
        As it is in the file; a first line cut in half is given back as it is.

    Returns
    -------
    str
        Time of day (UTC), part, event, then the other fields as ``name=value``.
    """
    try:
        event = json.loads(line)
        clock = str(event["timestamp"])[11:19]
    except (ValueError, KeyError, TypeError):
        return line.strip()
    level = str(event.get("level", ""))
    loud = f"{level.upper()} " if level in ("warning", "error", "critical") else ""
    rest = [f"{name}={event[name]}" for name in event if name not in KNOWN]
    rest += [f"at {event['places'][-1]}"] if event.get("places") else []
    start = f"{clock} {event.get('part', ''):15} {loud}{event.get('event', '')}"
    return f"{start} {' '.join(rest)}".rstrip()


def described(status: Mapping[str, Any]) -> list[str]:
    """Return the lines that tell a person what `gridmap.local.status` found.

    Parameters
    ----------
    status : mapping
        As `gridmap.local.status` returns it.

    Returns
    -------
    list of str
        A line for the whole, one a part, one for the feed.
    """
    if not status["running"]:
        return [f"gridmap is not running in {status['state']}"]
    since = datetime.fromtimestamp(status["since"]).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    stage = "" if status["stage"] == "up" else f", starting: {status['stage']}"
    lines = [
        f"{status['address']}  process {status['pid']}, since {since}, "
        f"{status['memory_mb']} MB{stage}"
    ]
    for name, part in status["parts"].items():
        state = f"up, process {part['pid']}, {part['memory_mb']} MB" if part["running"] else "DOWN"
        restarts = f", restarted {part['restarts']} times" if part["restarts"] else ""
        lines.append(f"  {name:15} {state}{restarts}")
    return [*lines, _readiness(status["ready"])]


def _readiness(ready: Mapping[str, Any]) -> str:
    if not ready["status"]:
        return "  the web server does not answer"
    missing = [name for name in ("database", "redis") if ready.get(name) is False]
    verdict = "ready" if ready["status"] == HTTPStatus.OK else "NOT READY"
    age = (ready.get("feed") or {}).get("age_seconds")
    feed = "no event yet" if age is None else f"last event {age:.0f} s ago"
    return f"  {verdict}{': no ' + ', no '.join(missing) if missing else ''}; {feed}"
