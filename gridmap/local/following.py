"""`gridmap logs`: the logs of all parts in one, readable."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gridmap.local.console import readable
from gridmap.local.errors import LocalError
from gridmap.local.layout import Layout
from gridmap.settings import Settings

PAUSE = 0.5
TAIL_BYTES = 64_000


@dataclass
class _Tail:
    """One log being read; notices when it has been turned over."""

    path: Path
    inode: int
    offset: int

    def read(self) -> Iterator[str]:
        found = self.path.stat()
        if found.st_ino != self.inode or found.st_size < self.offset:
            self.inode, self.offset = found.st_ino, 0
        with self.path.open("rb") as file:
            file.seek(self.offset)
            for line in file:
                if not line.endswith(b"\n"):
                    break  # still being written
                self.offset += len(line)
                yield line.decode("utf-8", "replace")


def follow_logs(settings: Settings, lines: int = 40, follow: bool = True) -> None:
    """Write the last lines of all logs to standard output, then new ones as they come.

    Parameters
    ----------
    settings : Settings
        Names the state folder.
    lines : int
        How many of the last lines to begin with.
    follow : bool
        Go on until Ctrl-C.

    Raises
    ------
    LocalError
        There are no logs, or they are not the caller's to read.
    """
    folder = Layout.of(settings.state).logs
    tails: dict[Path, _Tail] = {}
    try:
        _find(folder, tails, from_end=True)
        if not tails:
            raise LocalError(f"there are no logs in {folder}")
        found = _collect(tails)
        _show(found[max(0, len(found) - lines) :])
        while follow:
            time.sleep(PAUSE)
            _find(folder, tails, from_end=False)
            _show(_collect(tails))
    except PermissionError as error:
        raise LocalError(f"{folder} is not yours to look into; try as root") from error
    except (KeyboardInterrupt, BrokenPipeError):
        return


def _find(folder: Path, tails: dict[Path, _Tail], from_end: bool) -> None:
    for path in sorted(folder.glob("*.log")):
        if path not in tails:
            found = path.stat()
            start = max(0, found.st_size - TAIL_BYTES) if from_end else 0
            tails[path] = _Tail(path, found.st_ino, start)


def _collect(tails: dict[Path, _Tail]) -> list[str]:
    found = [(_time_of(line), line) for tail in tails.values() for line in tail.read()]
    return [line for _time, line in sorted(found, key=lambda pair: pair[0])]


def _time_of(line: str) -> str:
    try:
        return str(json.loads(line).get("timestamp", ""))
    except (ValueError, AttributeError):
        return ""


def _show(lines: list[str]) -> None:
    for line in lines:
        sys.stdout.write(readable(line) + "\n")
    sys.stdout.flush()
