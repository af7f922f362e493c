"""Promise S2: a coverage run of a million households, from the database to the database.

A private PostgreSQL with every migration is filled with the streets of Wuhan and simulated
households. A worker of its own process, with the rights and the limits of a real one, does the
runs; the yardstick is plain COPY in the same server: the same rows out, the results in, into a
table without an index.

A worker keeps streets and the places where households meet them on its disk. A run is measured
with both there, and once more with the places gone, as if every household had moved.

``gridmap bench coverage`` calls it; alone it is
``python tests/benchmarks/_coverage_database.py [HOUSEHOLDS]``.
"""

import io
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import psycopg2
import shapely

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from own_postgres import migrated_server  # noqa: E402 - found by the line above

from gridmap.model.access import system_scope  # noqa: E402
from gridmap.services import (  # noqa: E402
    coverage,
    coverage_refresh,
    coverage_standards,
    network_folder,
)
from gridmap.services.progress import Silent  # noqa: E402
from gridmap.store import job, town  # noqa: E402
from gridmap.store.database import Database  # noqa: E402

COUNTY = "990101"
HOUSEHOLDS = 1_000_000
PER_GRID = 400
FACILITIES = {"fire_station": 20, "police": 40, "hospital": 20, "grid_station": 2_000}
STANDARDS = ("fire", "police", "medical", "member")
ROUNDS = 3
PROMISED = {"ratio": 3.0, "megabytes": 2048.0, "four": 2.0}


def streets():
    """Give the streets of Wuhan with the columns of a road."""
    folder = Path(os.environ.get("GRIDMAP_BENCH_DATA", ROOT.parent / "shared" / "data"))
    frame = gpd.read_parquet(folder / "wuhan_roads" / "original.parquet").to_crs("EPSG:4326")
    columns = {"oneway": 0, "bridge": False, "tunnel": False, "layer": 0}
    highway = frame["highway"].astype(str).replace("pedestrian", "living_street")
    return gpd.GeoDataFrame(
        {"highway": highway, **columns}, geometry=frame.geometry.to_numpy(), crs=frame.crs
    ).reset_index(drop=True)


def homes(roads, count, chance):
    """Place households beside streets, in grids of about four hundred next to one another."""
    lines = roads.geometry.to_numpy()
    length = shapely.length(lines)
    of = chance.choice(len(lines), count, p=length / length.sum())
    spots = shapely.get_coordinates(
        shapely.line_interpolate_point(lines[of], chance.random(count), normalized=True)
    )
    spots += chance.normal(0, 0.0003, spots.shape)
    # strips from west to east, each cut from south to north: grids of neighbours
    strips = max(1, round((count / PER_GRID) ** 0.5))
    strip = np.argsort(np.argsort(spots[:, 0])) * strips // count
    order = np.lexsort((spots[:, 1], strip))
    grid = np.empty(count, dtype=np.int64)
    grid[order] = np.arange(count) // PER_GRID
    codes = [
        f"{COUNTY}{1 + n // 250:03}{1 + n // 10 % 25:03}{1 + n % 10:03}"
        for n in range(grid.max() + 1)
    ]
    return spots, np.asarray(codes)[grid]


def fill(owner, app, count):
    """Put everything into the database."""
    chance = np.random.default_rng(20)
    roads = streets()
    spots, codes = homes(roads, count, chance)
    west, south, east, north = roads.total_bounds.tolist()
    store = Database(app)
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO area (code, level, name_zh, geom) VALUES (:code, 'county', :code,"
            " ST_Multi(ST_MakeEnvelope(:west, :south, :east, :north, 4326)))",
            code=COUNTY,
            west=west - 0.01,
            south=south - 0.01,
            east=east + 0.01,
            north=north + 0.01,
        )
        town.insert_roads(tx, roads, COUNTY)
        coverage_standards.seed(tx, COUNTY)
    store.close()
    people = chance.integers(1, 6, count)
    connection = psycopg2.connect(owner)
    with connection, connection.cursor() as cursor:
        rows = io.StringIO(
            "".join(
                f"{code}\th{at}\tx\t{each}\thand\tSRID=4326;POINT({x} {y})\n"
                for at, (code, each, (x, y)) in enumerate(
                    zip(codes.tolist(), people.tolist(), spots.tolist(), strict=True)
                )
            )
        )
        cursor.copy_expert(
            "COPY household (area_code, source_key, address, people, placed_by, geom) FROM STDIN",
            rows,
        )
        cursor.execute(
            "INSERT INTO household_need (household_id, area_code, kind, people)"
            " SELECT id, area_code, 'wheelchair', 1 FROM household WHERE id % 20 = 0"
        )
        for kind, wanted in FACILITIES.items():
            for at, (x, y) in enumerate(spots[chance.choice(count, wanted)].tolist()):
                cursor.execute(
                    "INSERT INTO facility (area_code, source_key, kind, geom) VALUES (%s, %s, %s,"
                    " ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
                    (COUNTY, f"{kind}{at}", kind, x, y),
                )
    connection.close()
    settle(owner)


def settle(owner):
    """Leave nothing for the server to do on the side while something is timed."""
    connection = psycopg2.connect(owner)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    connection.close()


def plain(owner):
    """Time plain COPY: the rows of the households out, the results of the newest run in."""
    connection = psycopg2.connect(owner)
    connection.autocommit = True
    rows, results = io.StringIO(), io.StringIO()
    out = "COPY (SELECT id, area_code, people, ST_X(geom), ST_Y(geom) FROM household) TO STDOUT"
    columns = (
        "run_id, household_id, area_code, covered, facility_id, seconds, metres,"
        " second_facility_id, second_seconds, reason"
    )
    with connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.copy_expert(out, rows)
        took = time.perf_counter() - began
        cursor.copy_expert(
            f"COPY (SELECT {columns} FROM coverage_result"
            " WHERE run_id = (SELECT max(id) FROM coverage_run)) TO STDOUT",
            results,
        )
        cursor.execute(f"CREATE TABLE plain AS SELECT {columns} FROM coverage_result WITH NO DATA")
        results.seek(0)
        began = time.perf_counter()
        cursor.copy_expert("COPY plain FROM STDIN", results)
        into = time.perf_counter() - began
        cursor.execute("DROP TABLE plain")
    connection.close()
    return took, into


class Steps(Silent):
    """Progress that remembers when each step began."""

    def __init__(self):
        self.began = [("claimed", time.perf_counter())]

    def step(self, done, total, message=""):
        self.began.append((message, time.perf_counter()))

    def took(self):
        ends = [moment for _name, moment in self.began[1:]] + [time.perf_counter()]
        return {
            name: round(end - moment, 2)
            for (name, moment), end in zip(self.began, ends, strict=True)
        }


def worker(app, networks, keys):
    """Do one run in this process and print how long it took and how much memory."""
    resource.setrlimit(resource.RLIMIT_DATA, (2 * 1024**3, 2 * 1024**3))
    network_folder.FOLDER.set(Path(networks))
    store = Database(app, size=2)
    if len(keys) == 1:
        job_id = coverage.request(store, system_scope(), keys[0], COUNTY)
        does = coverage.run
    else:
        with store.transaction(system_scope()) as tx:
            job_id = coverage_refresh.ask(tx, COUNTY)
        does = coverage_refresh.run
    with store.transaction(system_scope()) as tx:
        row = job.claim(tx, job_id)
    steps = Steps()
    began = time.perf_counter()
    does(store, row, steps)
    seconds = time.perf_counter() - began
    store.close()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "megabytes": most, "steps": steps.took()}))


def run(app, networks, *keys):
    """Let a process of its own do a run of these standards."""
    command = [sys.executable, __file__, "--worker", app, networks, *keys]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def forget(owner, *, runs):
    """Make the next run write everything, or the next refresh compute everything, anew."""
    connection = psycopg2.connect(owner)
    with connection, connection.cursor() as cursor:
        if runs:
            cursor.execute("DELETE FROM coverage_run; DELETE FROM coverage_part")
        else:
            cursor.execute("DELETE FROM coverage_run_part; DELETE FROM coverage_part")
            cursor.execute("UPDATE facility SET name = 'x' WHERE kind = 'police'")
    connection.close()
    settle(owner)


def measure(households=HOUSEHOLDS, rounds=ROUNDS):
    """Give the figures of S2."""
    found = {"households": households, "runs": [], "moved": [], "four": [], "copies": []}
    with tempfile.TemporaryDirectory() as networks, migrated_server(durable=True) as (owner, app):
        fill(owner, app, households)
        found["first"] = run(app, networks, "fire")  # builds the network, and keeps it
        for key in STANDARDS[1:]:
            run(app, networks, key)
        for _ in range(rounds):
            forget(owner, runs=False)
            found["four"].append(run(app, networks, *STANDARDS))
            found["copies"].append(plain(owner))
        for _ in range(rounds):
            forget(owner, runs=True)
            found["runs"].append(run(app, networks, "fire"))
            found["copies"].append(plain(owner))
            forget(owner, runs=True)
            for places in Path(networks).glob("*/places"):
                shutil.rmtree(places)
            found["moved"].append(run(app, networks, "fire"))
            found["copies"].append(plain(owner))
    copied = statistics.median(out + into for out, into in found["copies"])
    one = statistics.median(each["seconds"] for each in found["runs"])
    moved = statistics.median(each["seconds"] for each in found["moved"])
    four = statistics.median(each["seconds"] for each in found["four"])
    every = [*found["runs"], *found["moved"], *found["four"]]
    most = max(each["megabytes"] for each in every)
    return found | {
        "copy_seconds": copied,
        "seconds": one,
        "moved_seconds": moved,
        "four_seconds": four,
        "ratio": one / copied,
        "moved_ratio": moved / copied,
        "four_ratio": four / one,
        "megabytes": most,
        "kept": one / copied <= PROMISED["ratio"]
        and most <= PROMISED["megabytes"]
        and four / one < PROMISED["four"],
    }


def table(found):
    """Give the figures as Markdown."""
    lines = [
        f"S2: from the database to the database, {found['households']:,} households, streets of "
        "Wuhan (seconds, medians)",
        "",
        "| work | time | beside |",
        "|---|---|---|",
        f"| plain COPY, rows out and results in | {found['copy_seconds']:.2f} s | |",
        f"| one run | {found['seconds']:.2f} s | {found['ratio']:.2f} times COPY |",
        f"| one run, every household moved | {found['moved_seconds']:.2f} s "
        f"| {found['moved_ratio']:.2f} times COPY |",
        f"| four standards in one pass | {found['four_seconds']:.2f} s "
        f"| {found['four_ratio']:.2f} times one |",
        f"| the very first run, streets built | {found['first']['seconds']:.2f} s | |",
        "",
        f"most memory {found['megabytes']:.0f} MB; promised for {HOUSEHOLDS:,} households: at most "
        f"{PROMISED['ratio']:.0f} times COPY, under {PROMISED['megabytes']:.0f} MB, four under "
        f"{PROMISED['four']:.0f} times one: " + ("kept here" if found["kept"] else "NOT kept here"),
        "",
    ]
    return "\n".join(lines)


def main():
    """Print the figures of S2."""
    if sys.argv[1:2] == ["--worker"]:
        worker(sys.argv[2], sys.argv[3], sys.argv[4:])
        return
    found = measure(*map(int, sys.argv[1:2]))
    print(table(found))
    print(f"steps of one run: {found['runs'][-1]['steps']}")


if __name__ == "__main__":
    main()
