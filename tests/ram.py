"""Where servers of the tests keep their data: in memory, where the machine has enough of it.

Every test of the store clones a database of some 1,700 files: on a disk that takes ten times as
long. What has to outlive a crash (`tests/promises`) stays on the disk.
"""

import os
import re
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108
NEEDED = 3 << 30  # bytes: two demos and the clones of two workers take a third of it
OURS = re.compile(r"gridmap-test-[a-z]+-(\d+)-")


def folder(name: str) -> Path:
    """Make an empty folder of this process, on the disk where memory is short."""
    prefix = f"gridmap-test-{name}-{os.getpid()}-"
    return Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY if _has_room() else None))


def sweep() -> None:
    """Remove what runs have left behind that were killed: nobody gives memory back by himself."""
    for place in MEMORY.glob("gridmap-test-*"):
        owner = OURS.match(place.name)
        if owner and not Path("/proc", owner[1]).exists():
            shutil.rmtree(place, ignore_errors=True)


def _has_room() -> bool:
    if not os.access(MEMORY, os.W_OK | os.X_OK):
        return False
    room = os.statvfs(MEMORY)
    return min(room.f_bavail * room.f_frsize, _unused()) >= NEEDED


def _unused() -> int:
    """Give the bytes of memory that nobody needs."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    known = dict(line.split(":", 1) for line in lines)
    return int(known["MemAvailable"].split()[0]) * 1024
