"""N2: durable before acknowledged, as the kernel sees it."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import psycopg2
import pytest
from reports import Tablet, new_report
from running_site import Site

from gridmap.app import StartError, create_app
from gridmap.settings import Settings
from gridmap.store.database import Database

pytestmark = pytest.mark.database
# a call that another process interrupts in the trace ends on a line of its own
SENT = re.compile(r"^(\d+) +[\d.]+ sendto\((.*)")
SYNCED = re.compile(r"^(\d+) +[\d.]+ (?:<\.\.\. )?(?:fdatasync|fsync)\b.*= 0$")


def test_server_that_forgets_is_not_served(app_settings: Settings, fresh_database: object) -> None:
    """The servers of these tests do not wait for the disk: production refuses them."""
    create_app(app_settings)
    with pytest.raises(StartError, match="fsync is off"):
        create_app(app_settings, durable=True)


def test_embedded_server_is_durable(county: Site) -> None:
    from gridmap.services import checks

    store = Database(county.settings.database_url)
    assert checks.forgetful(store) == []
    store.close()


def test_a_database_set_to_forget_is_found(county: Site) -> None:
    """A setting of the role or the database counts as well as one of the server."""
    from gridmap.services import checks

    known = county.secrets
    owner = psycopg2.connect(
        host=known["sockets"], user="postgres", password=known["postgres"], dbname="gridmap"
    )
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute("ALTER ROLE gridmap_app SET synchronous_commit = off")
        try:
            store = Database(county.settings.database_url)
            assert checks.forgetful(store) == [
                "synchronous_commit is off: an acknowledged report could be lost"
            ]
            store.close()
        finally:
            cursor.execute("ALTER ROLE gridmap_app RESET synchronous_commit")
    owner.close()


def backends(site: Site) -> list[int]:
    return [child.pid for child in psutil.Process(site.pid("postgres")).children(recursive=True)]


def test_the_disk_is_asked_before_the_tablet_is_answered(county: Site, tmp_path: Path) -> None:
    """strace of every backend: INSERT, then fdatasync, and only then COMMIT."""
    assert shutil.which("strace"), "install strace: apt-get install strace"
    tablet = Tablet(county.port)
    tablet.sign_in()
    assert tablet.report(new_report()) == 201  # the pool has its connections now
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-ttt", "-s", "200", "-o", str(trace)]
    command += ["-e", "trace=fdatasync,fsync,sendto"]
    for pid in backends(county):
        command += ["-p", str(pid)]
    watcher = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        time.sleep(1.5)
        statuses = [tablet.report(new_report()) for _ in range(5)]
    finally:
        watcher.send_signal(signal.SIGINT)
        watcher.communicate(timeout=20)
        tablet.close()
    assert statuses == [201] * 5
    told = [commits(lines) for lines in by_process(trace).values()]
    writing = [durable for each in told for durable in each]
    assert len(writing) >= 5
    assert all(writing), "a report was acknowledged before it was on the disk"


def by_process(trace: Path) -> dict[str, list[str]]:
    """Give for each backend what it told its client, and where the disk had answered it."""
    found: dict[str, list[str]] = {}
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        if match := SYNCED.match(line):
            found.setdefault(match[1], []).append("synced")
        elif match := SENT.match(line):
            found.setdefault(match[1], []).append(match[2])
    return found


def commits(lines: list[str]) -> list[bool]:
    """Give for each transaction of a report whether the disk had answered before its COMMIT."""
    found, wrote, synced = [], False, False
    for text in lines:
        if text == "synced":
            synced = True
        elif "INSERT 0 1" in text:
            wrote, synced = True, False
        elif "COMMIT" in text:
            if wrote:
                found.append(synced)
            wrote = synced = False
    return found
