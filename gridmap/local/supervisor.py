"""All parts together: started in order, watched, restarted with back-off, stopped in reverse."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType

from gridmap.local.child import Child, Log, Part
from gridmap.local.console import readable, say
from gridmap.local.errors import LocalError
from gridmap.local.layout import Layout
from gridmap.local.machine import User
from gridmap.local.runfile import PartNote, RunNote, birth, write_note
from gridmap.logs import get

FIRST_PAUSE = 0.5
# People wait for it: a start every few seconds costs less than a map that stays away for longer.
LONGEST_PAUSE = 3.0
# A part that ran this long was well; its next end starts the pauses from the beginning.
WELL_AFTER = 60.0
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

log = get("gridmap.local")


class StopRequestedError(Exception):
    """Somebody asked the supervisor to end while it was still starting."""


@dataclass
class _Watched:
    child: Child
    pause: float = FIRST_PAUSE
    due: float | None = None
    born: float | None = None


@dataclass
class Supervisor:
    """The parts of one embedded default.

    Must be used from the main thread of its process: it owns the signal handlers, and the kernel
    ties children to the thread that started them.

    Parameters
    ----------
    layout : Layout
        The state folder.
    user : User
        Who runs the parts.
    note : RunNote
        What is told to other terminals; parts and stage are kept up to date.
    """

    layout: Layout
    user: User
    note: RunNote
    stopping: bool = False
    _watched: dict[str, _Watched] = field(default_factory=dict)
    _bell: tuple[socket.socket, socket.socket] = field(default_factory=socket.socketpair)
    _before: dict[int, object] = field(default_factory=dict)

    def __enter__(self) -> Supervisor:
        """Take the signals: ends of children and requests to stop wake the loop."""
        for end in self._bell:
            end.setblocking(False)
        signal.set_wakeup_fd(self._bell[1].fileno(), warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            self._before[number] = signal.signal(number, self._on_stop)
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything, whatever happened."""
        self.stop_all()
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        for end in self._bell:
            end.close()

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def start(self, part: Part) -> None:
        """Start a part and watch it from now on."""
        child = Child(part, self.user, Log(self.layout.logs / f"{part.name}.log", part.name))
        self._watched[part.name] = _Watched(child)
        self._launch(part.name)

    def _launch(self, name: str) -> None:
        watched = self._watched[name]
        watched.child.start()
        watched.due = None
        watched.born = birth(watched.child.pid)
        self._tell()

    def run_once(self, part: Part, seconds: float) -> list[str]:
        """Run a part to its end.

        Returns
        -------
        list of str
            Its last lines.

        Raises
        ------
        LocalError
            It failed or took too long; repeats its last lines.
        StopRequestedError
            The supervisor was asked to stop meanwhile.
        """
        child = Child(part, self.user, Log(self.layout.logs / f"{part.name}.log", part.name))
        child.start()
        try:
            in_time = self.wait_until(lambda: child.exit_code is not None, seconds)
            code = child.exit_code
        finally:
            child.stop()
        if not in_time:
            raise LocalError(f"{part.name} took longer than {seconds:.0f} s")
        if code != 0:
            raise LocalError(f"{part.name} failed (exit code {code}):\n{_last_lines(child)}")
        return list(child.log.tail)

    def wait_ready(self, name: str, is_ready: Callable[[], bool], seconds: float) -> None:
        """Wait until a started part says it is ready.

        Raises
        ------
        LocalError
            It was not in time, or ended three times; repeats its last lines.
        StopRequestedError
            The supervisor was asked to stop meanwhile.
        """
        child = self._watched[name].child
        in_time = self.wait_until(lambda: is_ready() or child.restarts >= 3, seconds)
        if not in_time or child.restarts >= 3:
            raise LocalError(f"{name} does not come up; its last lines:\n{_last_lines(child)}")

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Watch the parts until a condition holds; tell whether it did in time."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            self._watch(0.1)
            if self.stopping:
                raise StopRequestedError
        return True

    def watch(self) -> None:
        """Watch the parts until somebody asks to stop."""
        while not self.stopping:
            self._watch(self._until_next())

    def set_stage(self, stage: str) -> None:
        """Note how far the start has come."""
        self.note = replace(self.note, stage=stage)
        self._tell()

    def _watch(self, seconds: float | None) -> None:
        """Sleep until a signal or so many seconds, then look after every part."""
        select.select([self._bell[0]], [], [], seconds)
        try:
            while self._bell[0].recv(512):
                pass
        except BlockingIOError:
            pass
        if self.stopping:
            return
        now = time.monotonic()
        for name, watched in self._watched.items():
            if watched.due is not None:
                if now >= watched.due:
                    self._launch(name)
            elif watched.child.exit_code is not None:
                self._after_end(name, now)

    def _after_end(self, name: str, now: float) -> None:
        watched = self._watched[name]
        child = watched.child
        lived = time.time() - child.started_at
        if lived > WELL_AFTER:
            watched.pause = FIRST_PAUSE
        watched.due = now + watched.pause
        watched.pause = min(watched.pause * 2, LONGEST_PAUSE)
        child.restarts += 1
        log.warning("part.ended", which=name, exit_code=child.exit_code, lived=round(lived, 1))
        say(f"{name} ended (exit code {child.exit_code}); starting it again")
        child.stop()  # whatever it had started itself
        # A positive code is the program's own: it gave up, nobody killed it.
        folder = child.part.disposable
        if folder and (child.exit_code or 0) > 0:
            self._set_aside(name, folder)
        self._tell()

    def _set_aside(self, name: str, folder: Path) -> None:
        """Move data that a part may have refused out of its way; kept until the next time."""
        if folder.exists():
            damaged = folder.with_name(f"{folder.name}.damaged")
            shutil.rmtree(damaged, ignore_errors=True)
            folder.rename(damaged)
            log.error("part.data_set_aside", which=name, folder=str(damaged))
            say(f"{name} did not accept its data, which is now in {damaged}")

    def _until_next(self) -> float | None:
        dues = [each.due for each in self._watched.values() if each.due is not None]
        return max(0.0, min(dues) - time.monotonic()) if dues else None

    def _tell(self) -> None:
        parts = {
            name: PartNote(
                each.child.pid, each.born, each.child.started_at, restarts=each.child.restarts
            )
            for name, each in self._watched.items()
        }
        self.note = replace(self.note, parts=parts)
        write_note(self.layout, self.note)

    def stop_all(self) -> None:
        """Stop every part: the clients all at once, then their servers, the last started first."""
        self.stopping = True
        children = [watched.child for watched in self._watched.values()]
        self._watched.clear()
        log.info("stopping", parts=[child.part.name for child in children])
        clients = [child for child in children if not child.part.outlives_clients]
        with ThreadPoolExecutor(max_workers=max(1, len(clients))) as pool:
            list(pool.map(Child.stop, clients))
        for child in reversed(children):
            if child.part.outlives_clients:
                child.stop()
        self.layout.run_file.unlink(missing_ok=True)
        log.info("stopped")


def _last_lines(child: Child) -> str:
    return "\n".join(f"  {readable(line)}" for line in child.log.tail)


def new_note(address: str, demo: str | None) -> RunNote:
    """Return the note of the supervisor that this process is."""
    pid = os.getpid()
    return RunNote(pid, birth(pid) or 0.0, time.time(), address, demo, "starting")
