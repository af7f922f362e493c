"""A small town on a lattice of streets, and real worker processes to work on it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from gridmap.model.access import system_scope
from gridmap.services import coverage_standards
from gridmap.store import frames, town
from gridmap.store.database import Database

COUNTY = "990101"
WEST, SOUTH, STEP = 114.3, 30.5, 0.002
SIZE = 12


def lattice() -> gpd.GeoDataFrame:
    """Give a town's streets: a square lattice, 190 m by 220 m."""
    lines = []
    for row in range(SIZE):
        points = [(WEST + STEP * col, SOUTH + STEP * row) for col in range(SIZE)]
        lines.append(shapely.LineString(points))
        lines.append(
            shapely.LineString([(WEST + STEP * row, SOUTH + STEP * col) for col in range(SIZE)])
        )
    return gpd.GeoDataFrame(
        {"highway": "residential", "oneway": 0, "bridge": False, "tunnel": False, "layer": 0},
        index=range(len(lines)),
        geometry=lines,
        crs="EPSG:4326",
    )


def load_town(store: Database, households: int = 400) -> None:
    """Load areas, streets, households, a fire station, two shelters and a flood."""
    edge = STEP * SIZE
    outline = shapely.box(WEST - 0.001, SOUTH - 0.001, WEST + edge, SOUTH + edge)
    with store.transaction(system_scope()) as tx:
        for code, level, parent in (
            (COUNTY, "county", None),
            (f"{COUNTY}001", "township", COUNTY),
            (f"{COUNTY}001001", "community", f"{COUNTY}001"),
        ):
            tx.execute(
                "INSERT INTO area (code, level, parent_code, name_zh, geom) VALUES (:code, :level,"
                " :parent, :code, ST_Multi(ST_GeomFromWKB(:wkb, 4326)))",
                code=code,
                level=level,
                parent=parent,
                wkb=outline.wkb,
            )
        town.insert_roads(tx, lattice(), COUNTY)
        spots = [
            shapely.Point(
                WEST + 0.0003 + 0.00005 * (n % SIZE) + STEP * (n % (SIZE - 1)),
                SOUTH + 0.0002 + STEP * (n // SIZE % (SIZE - 1)),
            )
            for n in range(households)
        ]
        frames.insert(
            tx,
            "household",
            pd.DataFrame(
                {
                    "area_code": f"{COUNTY}001001",
                    "source_key": [f"h{n}" for n in range(households)],
                    "address": "x",
                    "people": [1 + n % 4 for n in range(households)],
                    "placed_by": "hand",
                    "geom": spots,
                }
            ),
        )
        _facilities(tx)
        coverage_standards.seed(tx, COUNTY)


def _facilities(tx: Any) -> None:
    for key, kind, col, row in (
        ("f", "fire_station", 1, 1),
        ("s1", "shelter", 1, 10),
        ("s2", "shelter", 10, 10),
    ):
        tx.execute(
            "INSERT INTO facility (area_code, source_key, kind, geom) VALUES (:area, :key, :kind,"
            " ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))",
            area=COUNTY,
            key=key,
            kind=kind,
            lon=WEST + STEP * col + 0.0001,
            lat=SOUTH + STEP * row,
        )
    tx.execute(
        "INSERT INTO shelter (facility_id, area_code, capacity, accessible)"
        " SELECT id, area_code, 200, true FROM facility WHERE kind = 'shelter'"
    )
    tx.execute(
        "INSERT INTO hazard (area_code, kind, name, severity, geom) VALUES (:area, 'flood', '水',"
        " 'orange', ST_Multi(ST_MakeEnvelope(:west, :south, :east, :north, 4326)))",
        area=f"{COUNTY}001",
        west=WEST + 3.2 * STEP,
        south=SOUTH + 3.2 * STEP,
        east=WEST + 6.3 * STEP,
        north=SOUTH + 6.3 * STEP,
    )


class Processes:
    """Real `python -m jobs...` processes, ended by their own pids."""

    def __init__(self, database_url: str, redis_url: str, folder: Path) -> None:
        self._environment = {
            **os.environ,
            "GRIDMAP_DATABASE_URL": database_url,
            "GRIDMAP_REDIS_URL": redis_url,
            "GRIDMAP_STATE": str(folder),
        }
        self._running: list[subprocess.Popen[bytes]] = []
        self._log = folder / "jobs.log"

    def start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        self._running.append(process)
        return process

    def stop(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait(10)

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8") if self._log.exists() else ""


def until(condition: Callable[[], Any], seconds: float = 60.0, what: str = "") -> Any:
    """Wait for something to become true and give it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")
