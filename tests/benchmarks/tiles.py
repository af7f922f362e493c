"""Promise S8: vector tiles of a dense town, and the same table served by tipg in one run.

Monaco, with its 23,000 real buildings, lies in a private PostgreSQL that this file starts and
throws away. First our whole base map is asked for as a browser does it: every tile cold (drawn
anew, because the version of the layer has just changed), then with the entity tag it was given.
Then only the buildings are left, and both servers draw the same tiles from that one table: one
process each, one at a time, the same clients, compressed, no cache of ours in the cold figure.

Run it with ``gridmap bench tiles`` or ``python tests/benchmarks/tiles.py``. tipg lives in an
environment of its own; without it the figures of our side are printed and the command to get the
rest is named.
"""

import http.client
import json
import math
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pandas as pd
import psycopg2
import shapely

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from own_postgres import migrated_server  # noqa: E402 - found by the line above

from geodata.readers import osm  # noqa: E402
from gridmap.local.child import wait_until  # noqa: E402
from gridmap.model.access import system_scope  # noqa: E402
from gridmap.services.sessions import token_hash  # noqa: E402
from gridmap.store import frames, town  # noqa: E402
from gridmap.store.database import Database  # noqa: E402
from tests.benchmarks._peers import INSTALL, PEER  # noqa: E402

EXTRACT = ROOT / "geodata" / "demo" / "monaco.osm.pbf"
COUNTY = "990101"
TOWN = (7.41, 43.726, 7.432, 43.742)  # west, south, east, north of the dense part
ZOOMS = (14, 15, 16)
DENSE = 200  # buildings that make a tile a dense one
ROUNDS, CLIENTS, SECONDS = 5, 8, 6.0
PROMISED = {"cold_ms": 50.0, "not_modified_ms": 5.0, "ratio": 2.0}


def dense_tiles(owner):
    """List the tiles of the town with many buildings."""
    connection = psycopg2.connect(owner)
    with connection, connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        found = []
        for z, x, y in tiles():
            cursor.execute(
                "SELECT count(*) FROM building"
                " WHERE geom && ST_Transform(ST_TileEnvelope(%s, %s, %s), 4326)",
                (z, x, y),
            )
            if cursor.fetchone()[0] >= DENSE:
                found.append((z, x, y))
    connection.close()
    return found


def tiles():
    """List the tiles that cover the town."""
    found = []
    west, south, east, north = TOWN
    for z in ZOOMS:
        side = 2**z
        columns = range(int((west + 180) / 360 * side), int((east + 180) / 360 * side) + 1)
        rows = range(_row(north, side), _row(south, side) + 1)
        found += [(z, x, y) for x in columns for y in rows]
    return found


def _row(latitude, side):
    return int((0.5 - math.asinh(math.tan(math.radians(latitude))) / math.tau) * side)


def fill(url):
    """Load Monaco, and open a session for a duty officer without a password."""
    database = Database(url, size=1)
    layers = osm.read(EXTRACT)
    token = secrets.token_urlsafe(32)
    with database.transaction(system_scope()) as tx:
        town.insert_roads(tx, layers.roads[["highway", "name", "bridge", "geometry"]], COUNTY)
        for table, frame in (("building", layers.buildings), ("water", layers.water)):
            insert(tx, table, frame)
        user = tx.value(
            "INSERT INTO app_user (name, display_name, password_hash)"
            " VALUES ('bench', 'Bench', 'x') RETURNING id"
        )
        tx.execute(
            "INSERT INTO user_role (user_id, role, area_code)"
            " VALUES (:user, 'duty_officer', :area)",
            user=user,
            area=COUNTY,
        )
        tx.execute(
            "INSERT INTO session (token_hash, user_id, expires_at)"
            " VALUES (:hash, :user, now() + interval '1 day')",
            hash=token_hash(token),
            user=user,
        )
    database.close()
    return token


def insert(tx, table, frame):
    """Insert areas with their names."""
    shapes = list(frame.geometry)
    if table == "building":
        shapes = [shapely.MultiPolygon([s]) if s.geom_type == "Polygon" else s for s in shapes]
    rows = pd.DataFrame(
        {
            "area_code": COUNTY,
            "source_key": [str(label) for label in frame.index],
            "name": frame["name"].to_numpy(dtype=object),
            "geom": pd.Series(shapes, dtype=object).to_numpy(),
        }
    )
    frames.insert(tx, table, rows)


@contextmanager
def server(command, environment, path):
    """Run a web server until it answers, and stop it afterwards; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [part.replace("PORT", str(port)) for part in command],
            cwd=ROOT,
            env={**environment, "GRIDMAP_PORT": str(port)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            if not wait_until(lambda: _answers(port, path) or process.poll() is not None, 60):
                raise SystemExit(f"{command[0]} does not answer")
            if process.poll() is not None:
                log.seek(0)
                raise SystemExit(log.read().decode()[-3000:])
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _answers(port, path):
    try:
        return get(http.client.HTTPConnection("127.0.0.1", port, timeout=5), path)[0] == 200
    except OSError:
        return False


def plain_environment():
    """Give the environment without settings of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GRIDMAP_")}


def ours(url):
    """Say how our server is run: one gevent worker, as in production."""
    environment = plain_environment() | {
        "GRIDMAP_DATABASE_URL": url,
        "GRIDMAP_SECRET_KEY": secrets.token_urlsafe(32),
        "GRIDMAP_DEMO": "monaco",
        "GRIDMAP_WEB_WORKERS": "1",
        "GRIDMAP_LOG_LEVEL": "warning",
    }
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "gridmap/gunicorn_config.py",
        "gridmap.app:create_app()",
    ], environment


def theirs(owner):
    """Say how tipg is run: one uvicorn process, reading as a superuser past row security."""
    # its settings want the folder of the socket where a host stands
    address, _, folder = owner.partition("?host=")
    environment = plain_environment() | {
        "DATABASE_URL": address.replace("@/", f"@{folder}/"),
        "TIPG_DB_SCHEMAS": '["public"]',
        "TIPG_DB_TABLES": '["public.building"]',
        "TIPG_MAX_FEATURES_PER_TILE": "50000",
    }
    command = [str(PEER / "bin" / "python"), "-m", "uvicorn", "tipg.main:app", "--port", "PORT"]
    return [*command, "--log-level", "error"], environment


def get(connection, path, headers=None):
    """Ask for one address; give status, entity tag, bytes and milliseconds."""
    started = time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": "gzip", **(headers or {})})
    answer = connection.getresponse()
    content = answer.read()
    return answer.status, answer.getheader("ETag"), content, (time.perf_counter() - started) * 1000


def new_version(owner, table="building"):
    """Make every tile cold: one row is written as it was, and the layer has a new version."""
    connection = psycopg2.connect(owner)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET source_key = source_key WHERE id = (SELECT min(id) FROM {table})"
        )
        assert cursor.rowcount == 1
    connection.close()


def latencies(owner, port, cookie, wanted):
    """Ask for every tile cold and again with its tag; milliseconds of both, and bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    cold, again, sizes, tags = [], [], [], set()
    for turn in range(ROUNDS + 1):
        new_version(owner)
        for z, x, y in wanted:
            path = f"/tiles/base/{z}/{x}/{y}.mvt"
            status, etag, content, first = get(connection, path, cookie)
            assert status == 200, status
            assert etag not in tags, "this tile is not cold"
            tags.add(etag)
            status, _etag, _content, second = get(
                connection, path, {**cookie, "If-None-Match": etag}
            )
            assert status == 304, status
            if turn:  # the first round warms both servers up
                cold.append(first)
                again.append(second)
                sizes.append(len(content))
    connection.close()
    return cold, again, sizes


def throughput(port, path, headers, wanted, before_round=None):
    """Give tiles a second over all clients; each goes through all tiles again and again."""
    todo, lock, done = [], threading.Lock(), [0]
    end = time.perf_counter() + SECONDS

    def work():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.perf_counter() < end:
            with lock:
                if not todo:
                    if before_round:
                        before_round()
                    todo.extend(wanted)
                z, x, y = todo.pop()
            status, _etag, _content, _ms = get(connection, path.format(z=z, x=x, y=y), headers)
            assert status in (200, 204), status
            with lock:
                done[0] += 1
        connection.close()

    started = time.perf_counter()
    clients = [threading.Thread(target=work) for _number in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return done[0] / (time.perf_counter() - started)


def only_buildings(owner):
    """Leave one table, so that both servers draw the same."""
    connection = psycopg2.connect(owner)
    with connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE road, water, green, place CASCADE")
        cursor.execute("SELECT count(*) FROM building")
        count = cursor.fetchone()[0]
    connection.close()
    return count


def features(content):
    """Count the features of a tile's only layer."""
    import gzip

    import mapbox_vector_tile

    raw = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    return sum(len(layer["features"]) for layer in mapbox_vector_tile.decode(raw).values())


def p95(values):
    """Give the 95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


def run():
    """Run the benchmark, print its figures and return them."""
    peer = (PEER / "bin" / "python").exists()
    with ExitStack() as held:
        owner, app = held.enter_context(migrated_server(durable=False))
        token = fill(app)
        cookie = {"Cookie": f"gridmap_session={token}"}
        port = held.enter_context(server(*ours(app), "/healthz"))
        wanted = dense_tiles(owner)
        cold, again, sizes = latencies(owner, port, cookie, wanted)
        figures = {
            "tiles": len(wanted),
            "kB_median": round(statistics.median(sizes) / 1000, 1),
            "cold_ms_median": round(statistics.median(cold), 1),
            "cold_ms_p95": round(p95(cold), 1),
            "not_modified_ms_median": round(statistics.median(again), 1),
            "not_modified_ms_p95": round(p95(again), 1),
            "buildings": only_buildings(owner),
        }
        ours_path = "/tiles/base/{z}/{x}/{y}.mvt"
        theirs_path = (
            "/collections/public.building/tiles/WebMercatorQuad/{z}/{x}/{y}"
            "?properties=name&limit=50000"
        )
        if peer:
            other = held.enter_context(server(*theirs(owner), "/healthz"))
            z, x, y = wanted[0]
            connection = http.client.HTTPConnection("127.0.0.1", other, timeout=60)
            status, _etag, content, _ms = get(connection, theirs_path.format(z=z, x=x, y=y))
            assert status == 200, content[:300]
            mine = get(
                http.client.HTTPConnection("127.0.0.1", port, timeout=60),
                ours_path.format(z=z, x=x, y=y),
                cookie,
            )[2]
            figures["features_of_one_tile"] = {"ours": features(mine), "tipg": features(content)}
        measured = {"cold": [], "kept": [], "tipg": []}
        for _turn in range(3):  # in turns, so that a noisy minute hits both
            measured["cold"].append(
                throughput(port, ours_path, cookie, wanted, lambda: new_version(owner))
            )
            measured["kept"].append(throughput(port, ours_path, cookie, wanted))
            if peer:
                measured["tipg"].append(throughput(other, theirs_path, {}, wanted))
        for name, values in measured.items():
            if values:
                figures[f"tiles_per_second_{name}"] = round(statistics.median(values), 1)
    if peer:
        for name in ("cold", "kept"):
            figures[f"ratio_{name}"] = round(
                figures[f"tiles_per_second_{name}"] / figures["tiles_per_second_tipg"], 2
            )
    else:
        figures["missing"] = f"tipg is not installed, so nothing was compared; get it by: {INSTALL}"
    figures["promised"] = PROMISED
    report(figures)
    return figures


def report(figures):
    """Say the figures on standard error, where a person reads them."""
    print(json.dumps(figures, indent=2, ensure_ascii=False), file=sys.stderr)


if __name__ == "__main__":
    run()
