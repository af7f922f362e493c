"""N1: what has been acknowledged survives the death of any part, once and whole."""

from __future__ import annotations

import itertools
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest
from reports import Ledger, Tablet, new_report
from running_site import Site

from gridmap.local.child import wait_until
from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage
from gridmap.store.database import Database

pytestmark = [pytest.mark.database, pytest.mark.timeout(3600)]
TABLETS = 8
COUNTY = "990101"
HORSE = "worker-default horse"
SHORT = ("web", "web worker", "worker-default", "redis", "postgres")
PARTS = (*SHORT, HORSE, "postgres backend")


def kill(site: Site, part: str) -> bool:
    """Kill a part as a crash would, and go on at once; tell whether there was one to kill."""
    name, _, inner = part.partition(" ")
    pid = site.pid(name)
    if pid is None:
        return False
    try:
        if inner:
            children = [each for each in psutil.Process(pid).children() if inner_of(each, inner)]
            if not children:
                return False
            pid = random.choice(children).pid  # noqa: S311
        os.kill(pid, signal.SIGKILL)
    except (psutil.NoSuchProcess, ProcessLookupError):
        return False
    return True


def inner_of(process: psutil.Process, inner: str) -> bool:
    """Tell a backend that serves the application from PostgreSQL's own helpers."""
    if inner != "backend":
        return True
    try:
        return "gridmap_app" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def storm(site: Site, folder: Path, least: int, deaths: Callable[[], None]) -> Ledger:
    """Send reports from several tablets until all deaths have been died, and at least so many."""
    ledger = Ledger(folder / "ledger")
    tablets = [Tablet(site.port) for _ in range(TABLETS)]
    for tablet in tablets:
        tablet.sign_in()
    over, failed, sent = threading.Event(), [], itertools.count()

    def work(tablet: Tablet) -> None:
        try:
            while next(sent) < least or not over.is_set():
                tablet.deliver(new_report(), ledger)
                time.sleep(0.04)
        except AssertionError as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(tablet,)) for tablet in tablets]
    for thread in threads:
        thread.start()
    try:
        deaths()
    finally:
        over.set()
        for thread in threads:
            thread.join()
        for tablet in tablets:
            tablet.close()
    assert not failed, failed[0]
    return ledger


def check(store: Database, ledger: Ledger, least: int) -> int:
    """None lost, none doubled, none half: row, photo list and event, once each."""
    acknowledged = ledger.read()
    reports = len(acknowledged)
    assert len(set(acknowledged)) == reports >= least
    with store.transaction(system_scope()) as tx:
        found = tx.all(
            "SELECT i.id::text AS id, i.grid_code,"
            " (SELECT count(*) FROM incident_photo AS p WHERE p.incident_id = i.id) AS photos,"
            " (SELECT count(*) FROM event AS e WHERE e.kind = 'incident.reported'"
            "  AND e.subject_id = i.id::text) AS events"
            " FROM incident AS i WHERE i.id::text = ANY(:ids)",
            ids=acknowledged,
        )
        strays = tx.value(
            "SELECT count(*) FROM event AS e WHERE e.kind = 'incident.reported'"
            " AND NOT EXISTS (SELECT 1 FROM incident AS i WHERE i.id::text = e.subject_id)"
        )
    lost = set(acknowledged) - {row["id"] for row in found}
    assert not lost, f"{len(lost)} of {reports} acknowledged reports are lost"
    assert len(found) == reports
    half = [row for row in found if (row["photos"], row["events"]) != (1, 1)]
    assert not half, half[:3]
    assert all(row["grid_code"] == "990101001001001" for row in found)
    assert strays == 0
    return reports


def settle(site: Site) -> None:
    """Wait until every part is there again."""
    from gridmap import local
    from gridmap.local import asking

    def whole() -> bool:
        parts = local.status(site.settings)["parts"].values()
        return all(part["running"] for part in parts) and asking.is_ready(site.address)

    assert wait_until(whole, 120, 0.2), site.said


def test_acknowledged_reports_survive_the_death_of_every_part(
    county: Site, store: Database, tmp_path: Path
) -> None:
    def deaths() -> None:
        for part in SHORT:
            time.sleep(0.5)
            assert wait_until(partial(kill, county, part), 60, 0.2), part
        settle(county)

    ledger = storm(county, tmp_path, 220, deaths)
    settle(county)
    check(store, ledger, 220)


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_thirty_deaths_in_two_thousand_reports(
    county: Site, store: Database, tmp_path: Path, part: str
) -> None:
    """The long form: each part dies thirty times in the middle of 2,000 reports."""
    rng = random.Random(part)  # noqa: S311 - when a part dies is no secret

    def deaths() -> None:
        for _ in range(30):
            settle(county)
            time.sleep(rng.uniform(0.2, 1.5))
            if part == HORSE:  # there is one only while a job runs
                coverage.request(store, Scope((COUNTY,)), "fire", COUNTY)
            assert wait_until(partial(kill, county, part), 60, 0.02), part

    ledger = storm(county, tmp_path, 2000, deaths)
    settle(county)
    reports = check(store, ledger, 2000)
    print(f"{part}: {reports} acknowledged, 30 deaths, 0 lost, 0 doubled, 0 half")
