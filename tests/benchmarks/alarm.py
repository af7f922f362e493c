"""Issue 5, point 3: from the closure of a street to the word of who has lost cover by it.

A private, durable PostgreSQL with the streets of Wuhan and simulated households, a private Redis,
our own scheduler and one urgent worker are started and thrown away. Streets around fire stations
are closed one after the other and opened again; the time runs from the commit of the closure to
the notice that `coverage.changed` has been committed. The first one comes right after the start.

Run it with ``gridmap bench alarm`` or ``python tests/benchmarks/alarm.py [HOUSEHOLDS]``; it takes
two minutes, most of them to fill the database.
"""

import json
import os
import secrets
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import shapely

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "benchmarks")]

from _coverage_database import COUNTY, STANDARDS, fill  # noqa: E402 - found by the line above
from own_postgres import migrated_server  # noqa: E402

from gridmap.local import machine  # noqa: E402
from gridmap.local.child import Child, Log, wait_until  # noqa: E402
from gridmap.local.redis_server import RedisServer  # noqa: E402
from gridmap.model.access import Scope, system_scope  # noqa: E402
from gridmap.services import closures, coverage  # noqa: E402
from gridmap.store.database import Database  # noqa: E402

HOUSEHOLDS = 21_000  # as many as the demo town has
CLOSURES = 12
REACH = 0.0012  # degrees around a station: nobody gets out
PROMISED = {"median_s": 1.0}
_ENDED = ("done", "failed", "cancelled")


@contextmanager
def private_redis():
    """Run a Redis of our own; gives its address."""
    user = machine.runner()
    folder = Path(tempfile.mkdtemp(prefix="gmr"))
    os.chown(folder, user.uid, user.gid)
    server = RedisServer(folder / "data", folder, secrets.token_urlsafe(16))
    child = Child(server.part(user), user, Log(folder / "log", "redis"))
    child.start()
    try:
        if not wait_until(server.is_ready, 30):
            raise SystemExit("Redis did not start: " + "\n".join(child.log.tail))
        yield server.url
    finally:
        child.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def process(environment, log, *module):
    """Run one of our own processes."""
    running = subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=log,
    )
    try:
        yield running
    finally:
        running.terminate()
        running.wait(30)


def computed(store):
    """Have every standard computed once, as a county does before its first flood."""
    jobs = [coverage.request(store, system_scope(), key, COUNTY, urgent=True) for key in STANDARDS]

    def ended():
        with store.transaction(system_scope()) as tx:
            states = tx.all("SELECT state FROM job WHERE id = ANY(:jobs)", jobs=jobs)
        return all(row["state"] in _ENDED for row in states)

    if not wait_until(ended, 600):
        raise SystemExit("the standards were not computed")


def rings(store):
    """Give the ground around fire stations."""
    with store.transaction(system_scope()) as tx:
        found = tx.all(
            "SELECT ST_X(geom) AS x, ST_Y(geom) AS y FROM facility"
            " WHERE kind = 'fire_station' ORDER BY id"
        )
    return [shapely.Point(row["x"], row["y"]).buffer(REACH, cap_style="square") for row in found]


class Ear:
    """Hears of what has been committed."""

    def __init__(self, store, connection):
        self.store, self.connection = store, connection
        self.last = self.newest()

    def newest(self):
        with self.store.transaction(system_scope()) as tx:
            return tx.value("SELECT coalesce(max(seq), 0) FROM event")

    def hear(self, kind, subject=None, seconds=120.0):
        """Wait for an event of this kind; give how long it took."""
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            with self.store.transaction(system_scope()) as tx:
                found = tx.value(
                    "SELECT min(seq) FROM event WHERE seq > :last AND kind = :kind"
                    " AND (CAST(:subject AS text) IS NULL OR payload ->> 'kind' = :subject)",
                    last=self.last,
                    kind=kind,
                    subject=subject,
                )
            if found is not None:
                self.last = found
                return time.perf_counter() - began
            select.select([self.connection], [], [], 1.0)
            self.connection.poll()
            self.connection.notifies.clear()
        raise SystemExit(f"no {kind} came")


def measure(store):
    """Close streets one after the other; give seconds to the first word and to the last."""
    first, whole = [], []
    around = rings(store)
    with store.listen("gridmap_event") as connection:
        ear = Ear(store, connection)
        for number in range(CLOSURES):
            new = closures.NewClosure(around[number % len(around)], "积水", "all")
            ear.last = ear.newest()
            made = closures.close(store, Scope((COUNTY,)), new)
            told = ear.hear("coverage.changed")
            first.append(told)
            whole.append(told + ear.hear("job.done", "coverage.refresh"))
            closures.reopen(store, Scope((COUNTY,)), made["id"])
            ear.hear("job.done", "coverage.refresh")
    return first, whole


def processor(log):
    """Give the processor seconds of each refresh, which others on the machine do not change."""
    log.seek(0)
    said = [json.loads(line) for line in log.read().decode().splitlines() if line[:1] == "{"]
    return [
        one["processor_seconds"]
        for one in said
        if one.get("event") == "job.ended" and one["kind"] == "coverage.refresh"
    ]


def run(households=HOUSEHOLDS):
    """Give the figures and print them."""
    with ExitStack() as stack:
        owner, app = stack.enter_context(migrated_server(durable=True))
        redis_url = stack.enter_context(private_redis())
        fill(owner, app, households)
        state = stack.enter_context(tempfile.TemporaryDirectory())
        environment = {
            **{name: value for name, value in os.environ.items() if "GRIDMAP_" not in name},
            "GRIDMAP_DATABASE_URL": app,
            "GRIDMAP_REDIS_URL": redis_url,
            "GRIDMAP_STATE": state,
            "GRIDMAP_LOG_LEVEL": "info",
        }
        store = Database(app, size=2)
        stack.callback(store.close)
        log = stack.enter_context(tempfile.TemporaryFile())
        for module in (("jobs.scheduler",), ("jobs.worker", "urgent")):
            stack.enter_context(process(environment, log, *module))
        computed(store)
        first, whole = measure(store)
        busy = processor(log)
    found = {
        "households": households,
        "standards": len(STANDARDS),
        "first_s": first[0],
        "median_s": statistics.median(first),
        "worst_s": max(first),
        "all_median_s": statistics.median(whole),
        "processor_s": statistics.median(busy),
    }
    found["kept"] = found["median_s"] <= PROMISED["median_s"]
    print(f"{households:,} households, {len(STANDARDS)} standards, streets of Wuhan,"
          f" {CLOSURES} closures")  # fmt: skip
    print(f"first closure      {found['first_s']:6.2f} s until somebody is told")
    print(f"median, worst      {found['median_s']:6.2f} s {found['worst_s']:6.2f} s")
    print(f"all standards told {found['all_median_s']:6.2f} s")
    print(f"a refresh takes    {found['processor_s']:6.2f} s of a processor")
    print("promise kept" if found["kept"] else "promise NOT kept")
    return found


if __name__ == "__main__":
    run(*map(int, sys.argv[1:2]))
