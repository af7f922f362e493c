"""Seats for open event streams, counted over all processes of one web server.

The table lies in memory shared by fork, so this module must be imported before the workers are
forked (`gridmap.gunicorn_config` does) and imports nothing that gevent would have to patch.
"""

import fcntl
import mmap
import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_SEAT = struct.Struct("qq")  # process, user; process 0 is a free seat


class Seats:
    """A bounded number of seats, some of them for each person.

    Parameters
    ----------
    total
        Streams open at once.
    each
        Streams of one person.
    """

    def __init__(self, total: int = 500, each: int = 3) -> None:
        self.total = total
        self.each = each
        self._table = mmap.mmap(-1, total * _SEAT.size)
        # a record lock belongs to a process; within one, no greenlet switches while it is held
        self._lock, path = tempfile.mkstemp(prefix="gridmap-seats-")
        os.unlink(path)  # the open file is all that is needed

    def take(self, user: int) -> int | None:
        """Take a seat for a person; None when they have all theirs or the house is full."""
        with self._held():
            free = None
            mine = 0
            for seat, process, owner in self._rows():
                if process and not _alive(process):
                    self._write(seat, 0, 0)
                    process = 0  # noqa: PLW2901  the seat of a killed worker is free again
                if not process:
                    free = seat if free is None else free
                elif owner == user:
                    mine += 1
            if free is None or mine >= self.each:
                return None
            self._write(free, os.getpid(), user)
            return free

    def give_back(self, seat: int) -> None:
        """Free a seat."""
        with self._held():
            self._write(seat, 0, 0)

    def taken(self) -> int:
        """Count the seats in use."""
        with self._held():
            return sum(1 for _seat, process, _user in self._rows() if process)

    def _rows(self) -> Iterator[tuple[int, int, int]]:
        for seat in range(self.total):
            process, user = _SEAT.unpack_from(self._table, seat * _SEAT.size)
            yield seat, process, user

    def _write(self, seat: int, process: int, user: int) -> None:
        _SEAT.pack_into(self._table, seat * _SEAT.size, process, user)

    @contextmanager
    def _held(self) -> Iterator[None]:
        fcntl.lockf(self._lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._lock, fcntl.LOCK_UN)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


shared = Seats()
