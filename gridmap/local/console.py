"""What the person at the terminal is told, and how a line of a log reads."""

from __future__ import annotations

import json
import sys

# Shown first, or not worth a place on the line.
KNOWN = ("timestamp", "part", "level", "event", "logger", "places")


def say(text: str) -> None:
    """Tell the person at the terminal; standard output is left to `--json`."""
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
