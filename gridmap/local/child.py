"""One child process: started as its user, tied to its parent's life, its output in a log."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psutil

from gridmap.local.machine import User

LOG_BYTES = 10_000_000
LOGS_KEPT = 3
LONGEST_LINE = 16_384


class Log:
    """A log of JSON lines that turns itself over at a size.

    Parameters
    ----------
    path : Path
        The newest file; older ones are `path.1`, `path.2`, ...
    part : str
        Put on lines that are not JSON yet (those of PostgreSQL and Redis).
    """

    def __init__(self, path: Path, part: str) -> None:
        self.path = path
        self.part = part
        self.tail: deque[str] = deque(maxlen=12)
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None

    def close(self) -> None:
        """Close the file; the next line opens it again."""
        with self._lock:
            if self._file:
                self._file.close()
            self._file = None

    def write(self, line: bytes) -> None:
        """Append one line of a child's output."""
        text = line[:LONGEST_LINE].decode("utf-8", "replace").strip()
        if not text:
            return
        self.tail.append(text)
        if not (text.startswith("{") and text.endswith("}")):
            text = _as_event(self.part, text)
        with self._lock:
            if self._file is None:
                self._file = self.path.open("ab")
            self._file.write(text.encode() + b"\n")
            self._file.flush()
            if self._file.tell() > LOG_BYTES:
                self._file.close()
                self._file = None
                self._turn_over()

    def _turn_over(self) -> None:
        for number in range(LOGS_KEPT - 1, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            if older.exists():
                older.replace(self.path.with_name(f"{self.path.name}.{number + 1}"))
        self.path.replace(self.path.with_name(f"{self.path.name}.1"))


def _as_event(part: str, text: str) -> str:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    event = {"event": text, "part": part, "timestamp": now.replace("+00:00", "Z")}
    return json.dumps(event, ensure_ascii=False)


@dataclass(frozen=True)
class Part:
    """What to run, and how to end it.

    Parameters
    ----------
    name : str
        Name of the part and of its log.
    argv : sequence of str
        Program and arguments; never a shell.
    environment : mapping
        Its whole environment.
    folder : Path
        Where it runs.
    stops : tuple of (signal, seconds)
        Asked in this order, each given its seconds; SIGKILL for it and its descendants follows.
    when_parent_dies : str
        Signal it gets from the kernel if the supervisor is killed.
    outlives_clients : bool
        A server, stopped after the parts that use it.
    disposable : Path or None
        Data it can be without: moved aside when it refuses to start with it.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    stops: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 10.0),)
    when_parent_dies: str = "KILL"
    outlives_clients: bool = False
    disposable: Path | None = None


@dataclass
class Child:
    """A running part.

    The thread that calls `start` must outlive the child: the kernel takes the end of that thread
    for the end of the parent.
    """

    part: Part
    user: User
    log: Log
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restarts: int = 0
    _pump: threading.Thread | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start the process in a session of its own, so that Ctrl-C reaches only its parent."""
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", self.part.when_parent_dies, "--", *self.part.argv],
            env=dict(self.part.environment),
            cwd=self.part.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
            **self.user.popen(),
        )
        self.started_at = time.time()
        assert self.process.stdout is not None
        self._pump = threading.Thread(
            target=_pump, args=(self.process.stdout, self.log), daemon=True
        )
        self._pump.start()

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self.process.pid if self.process and self.process.poll() is None else None

    @property
    def exit_code(self) -> int | None:
        """How it ended, negative for a signal; None while it runs or before it was started."""
        return self.process.poll() if self.process else None

    def stop(self) -> None:
        """End the process and whatever it started, gently at first."""
        process = self.process
        if process is None:
            return
        descendants = descendants_of(process.pid)
        for number, seconds in self.part.stops:
            if process.poll() is not None:
                break
            process.send_signal(number)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
        if process.poll() is None:
            descendants += descendants_of(process.pid)
            process.kill()
            process.wait()
        kill_all(descendants)
        if self._pump:
            self._pump.join(2)
        self.log.close()


def descendants_of(pid: int) -> list[psutil.Process]:
    """Return the processes that a process has started, and those that these have."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def kill_all(processes: Sequence[psutil.Process], gently: float = 0.0) -> None:
    """End processes: SIGTERM and so many seconds first if asked for, then SIGKILL."""
    if gently and _living(processes):
        for process in _living(processes):
            _signal(process, signal.SIGTERM)
        wait_until(lambda: not _living(processes), gently)
    for process in _living(processes):
        _signal(process, signal.SIGKILL)
    wait_until(lambda: not _living(processes), 5.0)


def _living(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Return those that run; not those that have ended and wait for a parent that never looks."""
    return [each for each in processes if _lives(each)]


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return


def _pump(stream: IO[bytes], log: Log) -> None:
    with stream:
        while line := stream.readline(LONGEST_LINE):
            log.write(line)


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Wait for a condition; tell whether it came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


def base_environment(home: Path) -> dict[str, str]:
    """Return the environment every child gets: nothing of the caller's but path and language.

    Parameters
    ----------
    home : Path
        A folder the child may write to; libraries that keep caches find it.

    Returns
    -------
    dict of str to str
    """
    result = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    for name in ("LANG", "LC_ALL", "LANGUAGE", "TZ", "PROJ_DATA", "PYTHONWARNINGS"):
        if os.environ.get(name):
            result[name] = os.environ[name]
    result.setdefault("LANG", "C.UTF-8")
    result["HOME"] = str(home)
    result["XDG_CACHE_HOME"] = str(home)
    result["MPLCONFIGDIR"] = str(home)
    result["PYTHONUNBUFFERED"] = "1"
    # The C library would otherwise keep an arena a thread: hundreds of megabytes in the workers.
    result["MALLOC_ARENA_MAX"] = "2"
    return result
