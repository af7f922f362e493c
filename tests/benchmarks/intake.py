"""Promise S9: reports taken with sign-in, row security, audit chain and idempotency.

A whole `gridmap up` with two web processes, durable as in production, runs in a temporary folder.
First 50 reports a second come from 50 signed-in tablets for a minute (ten with ``--full``), each
twentieth sent a second time as after a lost reply. Then as many as go through, and beside it, on
the same PostgreSQL in the same run, bare inserts of the same text with a hash chain and nothing
else: no web server, no rights, no places, no grids.

Run it with ``gridmap bench intake`` or ``gridmap bench intake --full``.
"""

import http.client
import json
import math
import multiprocessing
import secrets
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from running_site import Site  # noqa: E402 - found by the line above

from gridmap.model.access import system_scope  # noqa: E402
from gridmap.services.sessions import token_hash  # noqa: E402
from gridmap.store.database import Database  # noqa: E402

TABLETS, RATE, AGAIN = 50, 50, 20
SHORT, FULL = 60.0, 600.0
PEAK_SECONDS, PROCESSES, EACH = 10.0, 2, 12
GRID = "990101001001001"
PROMISED = {"p95_ms": 300.0, "share": 0.1}


def fill(site):
    """Load the small county and give each tablet a session."""
    owner = connect(site, "gridmap")
    with owner, owner.cursor() as cursor:
        cursor.execute((ROOT / "tests" / "web" / "town.sql").read_text(encoding="utf-8"))
    owner.close()
    database = Database(site.settings.database_url, size=1)
    tokens = [secrets.token_urlsafe(32) for _ in range(TABLETS)]
    with database.transaction(system_scope()) as tx:
        for number, token in enumerate(tokens):
            user = tx.value(
                "INSERT INTO app_user (name, display_name, password_hash)"
                " VALUES (:name, :name, 'x') RETURNING id",
                name=f"tablet{number}",
            )
            tx.execute(
                "INSERT INTO user_role VALUES (:user, 'grid_member', :area)", user=user, area=GRID
            )
            tx.execute(
                "INSERT INTO session (token_hash, user_id, expires_at)"
                " VALUES (:hash, :user, now() + interval '1 day')",
                hash=token_hash(token),
                user=user,
            )
    database.close()
    return tokens


def connect(site, database):
    """Connect to the site's PostgreSQL as its superuser."""
    known = site.secrets
    return psycopg2.connect(
        host=known["sockets"], user="postgres", password=known["postgres"], dbname=database
    )


def report():
    """Make the text of one report."""
    place = [114.4001 + 0.009 * secrets.randbelow(1000) / 1000, 30.51]
    return json.dumps(
        {
            "id": str(uuid.uuid4()),
            "category": "waterlogging",
            "title": "路口积水，水深到膝盖",
            "level": 3,
            "geometry": {"type": "Point", "coordinates": place},
            "accuracy_m": 8.5,
        }
    ).encode()


class Tablet:
    """One signed-in device with one connection."""

    def __init__(self, port, token):
        self.port = port
        self.headers = {"Cookie": f"gridmap_session={token}", "Content-Type": "application/json"}
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers["X-CSRFToken"] = self._csrf()

    def _csrf(self):
        self.line.request("GET", "/about", headers=self.headers | {"Accept": "text/html"})
        answer = self.line.getresponse()
        page = answer.read().decode()
        for each in answer.headers.get_all("Set-Cookie") or ():
            self.headers["Cookie"] += "; " + each.split(";")[0]
        return page.split('<meta name="csrf-token" content="', 1)[1].split('"', 1)[0]

    def send(self, text):
        """Send one report; give its status, 0 when the line broke."""
        try:
            self.line.request("POST", "/api/incidents", text, self.headers)
            answer = self.line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.line.close()
            return 0
        return answer.status


def steady(site, tokens, seconds):
    """Send at a fixed rate, late or not; give statuses and the time from when each was due."""
    statuses, times, lock = Counter(), [], threading.Lock()
    begin = time.perf_counter() + 1.0

    def work(number, token):
        tablet = Tablet(site.port, token)
        sent = 0
        while (due := begin + number / RATE + sent * TABLETS / RATE) < begin + seconds:
            time.sleep(max(0.0, due - time.perf_counter()))
            text = report()
            copies = 2 if (sent + number) % AGAIN == 0 else 1
            for _ in range(copies):
                status = tablet.send(text)
                with lock:
                    statuses[status] += 1
                    times.append(time.perf_counter() - due)
            sent += 1

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(tokens)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses, times


def _crowd(port, tokens, until, out):
    counts, lock = Counter(), threading.Lock()

    def work(token):
        tablet = Tablet(port, token)
        while time.time() < until:
            status = tablet.send(report())
            with lock:
                counts[status] += 1

    threads = [threading.Thread(target=work, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out.put(dict(counts))


def _bare(dsn, until, out):
    """Insert the same text and a link of a chain, from as many connections."""
    counts, lock = [0], threading.Lock()

    def work():
        connection = psycopg2.connect(dsn)
        while time.time() < until:
            text = report()
            with connection, connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO bare_report VALUES (%s, %s)",
                    (json.loads(text)["id"], text.decode()),
                )
                cursor.execute("SELECT hash FROM bare_head FOR UPDATE")
                cursor.execute(
                    "WITH link AS (UPDATE bare_head SET hash = sha256(hash || %s::bytea)"
                    " RETURNING hash) INSERT INTO bare_chain (hash) SELECT hash FROM link",
                    (text,),
                )
            with lock:
                counts[0] += 1
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(EACH)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out.put({"done": counts[0]})


def crowd(target, arguments):
    """Run `target` in several processes for the same seconds; give the sum of their counts."""
    context = multiprocessing.get_context("fork")
    out = context.Queue()
    until = time.time() + PEAK_SECONDS
    workers = [context.Process(target=target, args=(*each, until, out)) for each in arguments]
    for worker in workers:
        worker.start()
    total = Counter()
    for _ in workers:
        total.update(out.get())
    for worker in workers:
        worker.join()
    return total


def peer(site):
    """Make the tables of the bare inserts, in a database of their own on the same server."""
    owner = connect(site, "postgres")
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute("CREATE DATABASE bare")
    owner.close()
    bare = connect(site, "bare")
    with bare, bare.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bare_report (id uuid PRIMARY KEY, body text NOT NULL);"
            "CREATE TABLE bare_chain (seq bigserial PRIMARY KEY, hash bytea NOT NULL);"
            "CREATE TABLE bare_head (hash bytea NOT NULL); INSERT INTO bare_head VALUES ('')"
        )
    dsn = bare.dsn
    bare.close()
    known = site.secrets
    return f"{dsn} password={known['postgres']}"


def stored(site):
    """Count the reports that are there, and their events."""
    owner = connect(site, "gridmap")
    with owner, owner.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM incident WHERE category = 'waterlogging'"
            " AND reported_by IS NOT NULL), (SELECT count(*) FROM event"
            " WHERE kind = 'incident.reported')"
        )
        found = cursor.fetchone()
    owner.close()
    return found


def percentile(times, share):
    """Give the time below which this share lies, in milliseconds."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] * 1000


def run(full=False):
    """Run the benchmark and print its figures as Markdown."""
    seconds = FULL if full else SHORT
    with tempfile.TemporaryDirectory(prefix="gridmap-intake-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        site = Site(folder, GRIDMAP_BOUNDS="114,30,115,31", GRIDMAP_WEB_WORKERS="2")
        try:
            site.start()
            tokens = fill(site)
            statuses, times = steady(site, tokens, seconds)
            rows, events = stored(site)
            share = TABLETS // PROCESSES
            chosen = [tokens[n * share : n * share + EACH] for n in range(PROCESSES)]
            ours = crowd(_crowd, [(site.port, each) for each in chosen])
            bare = crowd(_bare, [(peer(site),)] * 1)
        finally:
            site.stop()
    found = {
        "seconds": seconds,
        "sent": sum(statuses.values()),
        "new": statuses[201],
        "again": statuses[200],
        "refused": sum(n for status, n in statuses.items() if status not in (200, 201)),
        "rows": rows,
        "events": events,
        "p50_ms": statistics.median(times) * 1000,
        "p95_ms": percentile(times, 0.95),
        "p99_ms": percentile(times, 0.99),
        "peak": ours[201] / PEAK_SECONDS,
        "peak_failed": sum(n for status, n in ours.items() if status != 201),
        "bare": bare["done"] / PEAK_SECONDS,
    }
    found["share"] = found["peak"] / found["bare"]
    say(found)
    return found


def say(found):
    """Print the table."""
    lines = [
        "| figure | measured | promised |",
        "|---|---|---|",
        f"| reports sent at {RATE}/s for {found['seconds']:.0f} s | {found['sent']:,} | |",
        f"| acknowledged new / again / not | {found['new']:,} / {found['again']:,} /"
        f" {found['refused']} | all, no 5xx |",
        f"| rows, events | {found['rows']:,}, {found['events']:,} | as many as new |",
        f"| p50, p95, p99 | {found['p50_ms']:.0f}, {found['p95_ms']:.0f},"
        f" {found['p99_ms']:.0f} ms | p95 {PROMISED['p95_ms']:.0f} ms |",
        f"| peak, {PROCESSES * EACH} tablets at once | {found['peak']:,.0f}/s"
        f" ({found['peak_failed']} failed) | |",
        f"| bare inserts with a chain, {EACH} connections | {found['bare']:,.0f}/s | |",
        f"| share | {found['share']:.0%} | {PROMISED['share']:.0%} |",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    run("--full" in sys.argv)
