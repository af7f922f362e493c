"""The demo of a test run: loaded once, by the first worker that asks; each works in a copy.

Loading takes a minute and a half of a processor's time, copying a second.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import ram
from running_site import Site

from gridmap.local.child import wait_until
from gridmap.model.access import system_scope
from gridmap.store.database import Database

SHELF = "TESTS_DEMO_SHELF"  # told to the workers by their environment
TOWN = "guanggu"
STATE = ".gridmap"
SECONDS = 600.0
CALM_SECONDS = 60.0


def open_shelf() -> None:
    """Make the folder in which the workers of this run find the loaded demo."""
    place = ram.folder("shelf")
    place.chmod(0o755)
    os.environ[SHELF] = str(place)


def shelf() -> Path:
    """Tell where it is."""
    return Path(os.environ[SHELF])


def clear_shelf() -> None:
    """Remove it with everything in it."""
    shutil.rmtree(os.environ.pop(SHELF, ""), ignore_errors=True)


def copied_to(folder: Path) -> Site:
    """Give a site in that folder that has not been started, with the demo loaded."""
    with (shelf() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shelf() / STATE).exists():
            _load(shelf())
    subprocess.run(["cp", "-a", str(shelf() / STATE), str(folder)], check=True)
    return Site(folder, GRIDMAP_DEMO=TOWN)


def _load(kept: Path) -> None:
    place = Path(tempfile.mkdtemp(dir=kept))
    place.chmod(0o755)
    site = Site(place, GRIDMAP_DEMO=TOWN)
    try:
        site.start(SECONDS)
        store = Database(site.settings.database_url)
        try:
            # what the loading has set off is done once, here; what is not goes on in the copies
            wait_until(lambda: not _at_work(store), CALM_SECONDS, 0.5)
        finally:
            store.close()
    finally:
        site.stop()
    (place / STATE).rename(kept / STATE)


def _at_work(store: Database) -> int:
    with store.transaction(system_scope()) as tx:
        return int(tx.value("SELECT count(*) FROM job WHERE state IN ('queued', 'running')"))
