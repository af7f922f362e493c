"""Starts the caged process, waits, and looks at what it hands back as at anything from outside."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geodata.errors import Fault, GeodataError

ROOT = Path(__file__).resolve().parents[2]
_MEGABYTE = 1024**2
_MOST_FAULTS = 1000
_MOST_ANSWER = 4 * _MEGABYTE
_MOST_WORDS = 500


@dataclass(frozen=True)
class Limits:
    """What a caged process may use.

    Attributes
    ----------
    memory
        Bytes of address space.
    seconds
        Processor time.
    patience
        Seconds by the clock, after which it is killed.
    file_bytes
        Most bytes of one file it writes.
    """

    memory: int = 3 * 1024 * _MEGABYTE
    seconds: int = 240
    patience: float = 300.0
    file_bytes: int = 1024 * _MEGABYTE


PHOTO = Limits(memory=1536 * _MEGABYTE, seconds=20, patience=30.0, file_bytes=64 * _MEGABYTE)


class CageError(RuntimeError):
    """The cage cannot be closed, or broke for no fault of what was in it."""


@contextmanager
def folder() -> Iterator[Path]:
    """Make the one folder that a caged process may write, and take it away afterwards."""
    with tempfile.TemporaryDirectory(prefix="gridmap-cage-") as name:
        yield Path(name)


def run(
    task: str,
    place: Path,
    arguments: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Do a task in a process that has no network, no files but `place`, and bounds.

    Parameters
    ----------
    task
        One of `gridmap.sandbox.child.TASKS`.
    place
        A folder with what is to be read; results appear in it.
    arguments
        Plain values for the task.

    Returns
    -------
    dict
        What the task says: plain values, to be checked like any input.

    Raises
    ------
    GeodataError
        What is wrong with the input; too much memory or time needed for it is wrong with it.
    CageError
        The process could not be locked in: nothing has been read.
    """
    limits = limits or Limits()
    asked = {
        "task": task,
        "place": str(place),
        "arguments": dict(arguments or {}),
        "limits": [limits.memory, limits.seconds, limits.file_bytes],
        "parent": os.getpid(),
    }
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", "gridmap.sandbox.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=place,
        # nothing of ours: the environment holds passwords of the database
        env={"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
        close_fds=True,
    )
    try:
        said, _ = process.communicate(json.dumps(asked).encode(), timeout=limits.patience)
    except subprocess.TimeoutExpired:
        raise GeodataError("reading this took too long and was stopped") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    return _answer(said, process.returncode)


def _answer(said: bytes, code: int) -> dict[str, Any]:
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise GeodataError("reading this took too long or too much memory and was stopped")
    if code == -signal.SIGXFSZ:
        raise GeodataError("what is in the file grows too large")
    if code < 0:
        raise GeodataError("reading this broke the reader: the file is damaged or hostile")
    try:
        found = json.loads(said[:_MOST_ANSWER])
    except ValueError:
        raise CageError(f"the caged process ended with {code} and said nothing") from None
    if not isinstance(found, dict):
        raise CageError("the caged process said something that is no answer")
    if "cage" in found:
        raise CageError(str(found["cage"])[:_MOST_WORDS])
    if "faults" in found:
        raise GeodataError([_fault(each) for each in list(found["faults"])[:_MOST_FAULTS]])
    return found


def _fault(each: Any) -> Fault:
    row, column = each.get("row"), each.get("column")
    return Fault(
        str(each.get("message", ""))[:_MOST_WORDS],
        row=row if isinstance(row, int) else None,
        column=None if column is None else str(column)[:_MOST_WORDS],
    )
