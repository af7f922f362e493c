"""Promise S5: one planner's edit among 500 grids, checked, measured and answered by the server.

A town of 500 grids lies in a private PostgreSQL that this file starts and throws away: streets
every 100 m, 24 buildings and 50 households a block, eight blocks a grid, two communities. One
scenario of all of it is edited through the application as a browser does it: borders moved, blocks
handed over, grids split by line and merged again, undone and done again. The time is that of the
whole request at the server. Before it: how long the scenario takes to be opened, to be shown, and
to be cut into street blocks, for which no map waits.

Run it with ``gridmap bench editing``.
"""

import re
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import psycopg2
import shapely
import structlog

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from own_postgres import migrated_server  # noqa: E402 - found by the line above

from gridmap.model.access import Role, system_scope  # noqa: E402
from gridmap.services import accounts  # noqa: E402
from gridmap.store import frames  # noqa: E402
from gridmap.store.database import Database  # noqa: E402

COUNTY, TOWNSHIP = "990101", "990101001"
SIDE = 0.001  # degrees: a block
COLUMNS, ROWS = 80, 50  # blocks; a grid is 4 x 2 of them
PER_BLOCK = 50
WEST, SOUTH = 114.40, 30.50
PASSWORD = "correct-horse-9"
ROUNDS = 30
MINE = "planner"


def run(rounds: int = ROUNDS, out: Any = sys.stdout) -> dict[str, Any]:
    """Edit a scenario of 500 grids and give the milliseconds of each kind of operation."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with migrated_server(durable=True) as (superuser, app):
        _town(app)
        _analyse(superuser)
        planner = _Planner(app)
        try:
            planner.work(rounds)
            return _report(planner, out)
        finally:
            planner.close()


def _analyse(url: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()


def _square(column: float, row: float, wide: float, high: float) -> Any:
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(west, south, west + wide * SIDE, south + high * SIDE)


def _noded(column: int, row: int, wide: int, high: int) -> Any:
    """A rectangle of blocks with a point at every corner of a block, as neighbours share them."""
    points = (
        [(column + x, row) for x in range(wide)]
        + [(column + wide, row + y) for y in range(high)]
        + [(column + wide - x, row + high) for x in range(wide)]
        + [(column, row + high - y) for y in range(high)]
    )
    placed = [(round(WEST + x * SIDE, 9), round(SOUTH + y * SIDE, 9)) for x, y in points]
    return shapely.Polygon(placed)


def _town(url: str) -> None:
    database = Database(url, size=2)
    half = COLUMNS // 2
    with database.transaction(system_scope()) as tx:
        whole = shapely.multipolygons([_noded(0, 0, COLUMNS, ROWS)])
        for code, level, parent, shape in (
            (COUNTY, "county", None, whole),
            (TOWNSHIP, "township", COUNTY, whole),
            (TOWNSHIP + "001", "community", TOWNSHIP, _half(0, half)),
            (TOWNSHIP + "002", "community", TOWNSHIP, _half(half, COLUMNS - half)),
        ):
            tx.execute(
                "INSERT INTO area (code, level, parent_code, name_zh, geom) VALUES (:code, :level,"
                " :parent, :code, ST_GeomFromWKB(:wkb, 4326))",
                code=code,
                level=level,
                parent=parent,
                wkb=shape.wkb,
            )
        grids = _grids(half)
        frames.insert(tx, "grid", grids)
        frames.insert(tx, "road", _roads())
        frames.insert(tx, "building", _buildings())
        frames.insert(tx, "household", _households(half))
        accounts.create_user(tx, MINE, PASSWORD, "Planner", [(Role.PLANNER, COUNTY)])
    database.close()


def _half(column: int, wide: int) -> Any:
    return shapely.multipolygons([_noded(column, 0, wide, ROWS)])


def _code(column: float, row: float, half: int) -> str:
    east = column >= half
    number = int(row // 2) * (half // 4) + int((column - half * east) // 4) + 1
    return f"{TOWNSHIP}{'002' if east else '001'}{number:03d}"


def _grids(half: int) -> gpd.GeoDataFrame:
    places = [(column, row) for row in range(0, ROWS, 2) for column in range(0, COLUMNS, 4)]
    shapes = [shapely.multipolygons([_noded(column, row, 4, 2)]) for column, row in places]
    codes = [_code(column, row, half) for column, row in places]
    return gpd.GeoDataFrame(
        {
            "code": codes,
            "area_code": [code[:12] for code in codes],
            "households": 8 * PER_BLOCK,
            "people": 20 * PER_BLOCK,
            "measures": '{"polsby_popper": 0.7, "reock": 0.5, "walkable": true,'
            ' "contiguous": true, "along_roads": 1, "deviation": 0}',
            "geom": np.array(shapes, dtype=object),
            "label_point": shapely.centroid(shapes),
        }
    )


def _roads() -> gpd.GeoDataFrame:
    lines = []
    for column in range(COLUMNS + 1):
        for row in range(ROWS):
            lines.append(((column, row), (column, row + 1)))
    for row in range(ROWS + 1):
        for column in range(COLUMNS):
            lines.append(((column, row), (column + 1, row)))
    places = np.array(lines, dtype=float) * SIDE + (WEST, SOUTH)
    return gpd.GeoDataFrame(
        {
            "area_code": COUNTY,
            "source_key": [f"w{number}" for number in range(len(lines))],
            "highway": "residential",
            "geom": shapely.linestrings(places.round(9)),
        }
    )


def _corners() -> Any:
    block = np.stack(np.meshgrid(np.arange(COLUMNS), np.arange(ROWS)), -1).reshape(-1, 2)
    inner = np.stack(np.meshgrid([0.1, 0.3, 0.5, 0.7], np.arange(6) * 0.14 + 0.1), -1)
    return (block[:, None] + inner.reshape(-1, 2)[None]).reshape(-1, 2)


def _buildings() -> gpd.GeoDataFrame:
    corner = _corners() * SIDE + (WEST, SOUTH)
    shapes = shapely.box(*corner.T, *(corner + (0.14 * SIDE, 0.09 * SIDE)).T)
    return gpd.GeoDataFrame(
        {
            "area_code": COUNTY,
            "source_key": [f"b{number}" for number in range(len(shapes))],
            "geom": shapely.multipolygons(shapes[:, None]),
        }
    )


def _households(half: int) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(0)
    blocks = np.stack(np.meshgrid(np.arange(COLUMNS), np.arange(ROWS)), -1).reshape(-1, 2)
    home = np.repeat(blocks, PER_BLOCK, axis=0) + rng.uniform(
        0.1, 0.9, (len(blocks) * PER_BLOCK, 2)
    )
    place = home * SIDE + (WEST, SOUTH)
    return gpd.GeoDataFrame(
        {
            "area_code": [_code(column, row, half) for column, row in home],
            "source_key": [f"h{number}" for number in range(len(home))],
            "address": "x",
            "people": rng.integers(1, 6, len(home)),
            "placed_by": "hand",
            "geom": shapely.points(place),
        }
    )


class _Planner:
    """A planner's browser, and a scenario of the whole township."""

    def __init__(self, url: str) -> None:
        from gridmap.app import create_app
        from gridmap.settings import Settings

        state = Path(tempfile.mkdtemp(prefix="gridmap-bench-state-"))
        settings = Settings.from_environment(
            {
                "GRIDMAP_DATABASE_URL": url,
                "GRIDMAP_SECRET_KEY": secrets.token_urlsafe(32),
                "GRIDMAP_BOUNDS": "114,30,115,31",
                "GRIDMAP_LOG_LEVEL": "error",
                "GRIDMAP_TOTP": "off",
            },
            state,
        )
        self.app = create_app(settings)
        self.client = self.app.test_client()
        self.token = self._token()
        self.client.post(
            "/sign-in", data={"csrf_token": self.token, "name": MINE, "password": PASSWORD}
        )
        self.token = self._token()
        started = time.perf_counter()
        answer = self.post("/api/scenarios", {"area": TOWNSHIP, "name": "bench"})
        self.opening = time.perf_counter() - started
        self.address = f"/api/scenarios/{answer.get_json()['id']}"
        self.shown, self.cut = self._looked(["", "/grids", "/arcs"]), self._looked(["/blocks"])
        self.version = 0
        self.seconds: dict[str, list[float]] = {}
        self.computed: dict[str, list[float]] = {}
        listed = self.client.get(f"{self.address}/grids").get_json()["features"]
        self.grids = len(listed)
        self.keys = [each["id"] for each in listed]
        blocks = self.client.get(f"{self.address}/blocks").get_json()["features"]
        self.blocks = {each["id"]: each["properties"]["grid"] for each in blocks}
        arcs = self.client.get(f"{self.address}/arcs").get_json()["features"]
        self.arcs = {each["id"]: each for each in arcs}

    def _looked(self, parts: list[str]) -> float:
        """Ask for parts of the scenario, one after another; gives the seconds."""
        started = time.perf_counter()
        for part in parts:
            assert self.client.get(self.address + part).status_code == 200
        return time.perf_counter() - started

    def _token(self) -> str:
        page = self.client.get("/about", headers={"Accept": "text/html"}).get_data(as_text=True)
        found = re.search(r'<meta name="csrf-token" content="([^"]+)"', page)
        assert found is not None
        return found[1]

    def post(self, address: str, content: Any) -> Any:
        answer = self.client.post(address, json=content, headers={"X-CSRFToken": self.token})
        assert answer.status_code in (200, 201), answer.get_json()
        return answer

    def operate(self, kind: str, label: str | None = None, **fields: Any) -> Any:
        """Send one operation, note its time, and keep up with what it changed."""
        body = {"base": self.version, "kind": kind, **fields}
        started, used = time.perf_counter(), time.process_time()
        answer = self.post(f"{self.address}/operations", body).get_json()
        self.seconds.setdefault(label or kind, []).append(time.perf_counter() - started)
        self.computed.setdefault(label or kind, []).append(time.process_time() - used)
        self.version = answer["version"]
        for gone in answer["removed_arcs"]:
            self.arcs.pop(gone, None)
        self.arcs |= {each["id"]: each for each in answer["arcs"]["features"]}
        self.blocks |= {each["id"]: each["grid"] for each in answer["blocks"]}
        return answer

    def work(self, rounds: int) -> None:
        """Do the work of a busy morning."""
        rng = np.random.default_rng(1)
        for number in range(rounds):
            key = self.keys[int(rng.integers(len(self.keys)))]
            self._move(key, rng)
            self._hand_over(key, rng)
            split = self.operate("split", grid=key, line=self._across(key))
            (new,) = [each["id"] for each in split["changed"]["features"] if each["id"] != key]
            self.operate("merge", grids=[key, new])
            for _ in range(2):
                self.operate("undo")
            self.operate("redo")
            if number % 5 == 0:
                self.operate("split", "split in parts", grid=new, parts=2)
                self.operate("undo")
            self.operate("undo")

    def _move(self, key: str, rng: Any) -> None:
        mine = [
            each
            for each in self.arcs.values()
            if each["properties"]["movable"]
            and key in (each["properties"]["left"], each["properties"]["right"])
        ]
        arc = mine[int(rng.integers(len(mine)))]
        points = np.array(arc["geometry"]["coordinates"])
        along = points[-1] - points[0]
        bend = points.mean(axis=0) + 0.15 * np.array([-along[1], along[0]])
        line = {
            "type": "LineString",
            "coordinates": [points[0].tolist(), bend.round(7).tolist(), points[-1].tolist()],
        }
        self.operate("move_edge", arc=arc["id"], line=line)

    def _hand_over(self, key: str, rng: Any) -> None:
        beside = {
            side
            for each in self.arcs.values()
            if each["properties"]["movable"]
            and key in (each["properties"]["left"], each["properties"]["right"])
            for side in (each["properties"]["left"], each["properties"]["right"])
        } - {key}
        for giver in sorted(beside):
            for block in [block for block, grid in self.blocks.items() if grid == giver]:
                answer = self.client.post(
                    f"{self.address}/operations",
                    json={
                        "base": self.version,
                        "kind": "hand_over",
                        "blocks": [block],
                        "to": key,
                    },
                    headers={"X-CSRFToken": self.token},
                )
                if answer.status_code == 200:
                    self.version = answer.get_json()["version"]
                    self.operate("undo")
                    self.operate("hand_over", blocks=[block], to=key)
                    return

    def _across(self, key: str) -> dict[str, Any]:
        found = self.client.get(f"{self.address}/grids").get_json()["features"]
        (shape,) = [shapely.geometry.shape(f["geometry"]) for f in found if f["id"] == key]
        west, south, east, north = shape.bounds
        middle = (west + east) / 2 + 0.0001
        return {
            "type": "LineString",
            "coordinates": [[middle, south - 0.001], [middle, north + 0.001]],
        }

    def close(self) -> None:
        held = self.app.extensions["gridmap"]
        held.feed.stop()
        held.database.close()


def _report(planner: _Planner, out: Any) -> dict[str, Any]:
    """Print what an operation takes: by the clock, and of the processor of the web process."""
    rows = {}
    kinds = {**planner.seconds, "all": [one for all_ in planner.seconds.values() for one in all_]}
    used = {**planner.computed, "all": [one for all_ in planner.computed.values() for one in all_]}
    for label, all_ in kinds.items():
        rows[label] = {
            "times": len(all_),
            "median_ms": round(statistics.median(all_) * 1000, 1),
            "p95_ms": round(float(np.percentile(all_, 95)) * 1000, 1),
            "processor_p95_ms": round(float(np.percentile(used[label], 95)) * 1000, 1),
        }
    print(
        f"{planner.grids} grids; opened in {planner.opening:.1f} s, shown in {planner.shown:.2f} s"
        f" more, street blocks cut in {planner.cut:.1f} s while the map is looked at",
        file=out,
    )
    for label, row in rows.items():
        print(
            f"{label:16} {row['times']:5d} times  median {row['median_ms']:7.1f} ms"
            f"  p95 {row['p95_ms']:7.1f} ms  (processor {row['processor_p95_ms']:6.1f} ms)",
            file=out,
        )
    return {
        "grids": planner.grids,
        "opening_s": round(planner.opening, 2),
        "showing_s": round(planner.shown, 2),
        "cutting_s": round(planner.cut, 2),
        "operations": rows,
    }


if __name__ == "__main__":
    run()
