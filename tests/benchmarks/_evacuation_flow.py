"""How long clearance, waves, cuts and prices take on the real streets of eastern Wuhan.

`run` prints a table; `measure` is called by the benchmark of evacuations for a draft it has made.
"""

import sys
import time
from pathlib import Path
from typing import Any, TextIO

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from geodata import (  # noqa: E402 - found by the line above
    clearance,
    clearance_staging,
    evacuation_case,
    evacuation_cuts,
    evacuation_flow,
)
from geodata.evacuation import Options, draft  # noqa: E402
from geodata.evacuation_cuts_beds import beds_short  # noqa: E402
from geodata.network import Network  # noqa: E402

SIZES = (5_000, 20_000, 50_000)
RUNS = 21
_KEYS = ("ways", "clearance", "waves", "cuts", "beds")


def run(sizes: tuple[int, ...] = SIZES, room: float = 1.1, out: TextIO = sys.stdout) -> list[Any]:
    """Measure all sizes.

    Parameters
    ----------
    sizes
        Households.
    room
        Beds for each person affected.
    out
        Where the table is printed.

    Returns
    -------
    list of dict
        What `measure` gives, and `households`.
    """
    from tests.benchmarks.evacuation import REACH, case, network_of  # it may call `measure`

    roads, network = network_of("Wuhan")
    warm()
    print("households   ways s  clear s  waves s   cuts s   beds s  out h  wait min", file=out)
    rows = []
    for households in sizes:
        homes, places, hazard = case(roads, network, households, REACH["Wuhan"])
        beds = np.floor(places["share"] * homes["people"].sum() * room).astype(int)
        places = places.assign(capacity=beds)
        made = draft(network, homes, places, hazard)
        row = measure(network, homes, places, hazard, made.assignments) | {"households": households}
        rows.append(row)
        took = " ".join(f"{row[f'{key}_seconds']:8.2f}" for key in _KEYS)
        wait, once = row["wait_seconds"] / 60, row["wait_at_once_seconds"] / 60
        hours = row["out_seconds"] / 3600
        print(
            f"{households:10d} {took} {hours:6.2f} {once:5.0f} > {wait:.1f}", file=out, flush=True
        )
    return rows


def warm() -> None:
    """Load and compile everything once, on one street: that is not the time of a plan."""
    street = gpd.GeoDataFrame(
        {"highway": ["residential"]},
        geometry=[shapely.LineString([(0, 0), (0.01, 0)])],
        crs="EPSG:4326",
    )
    network = Network.from_roads(street, "walk")
    homes = gpd.GeoDataFrame(
        {"people": [1, 2, 3]}, geometry=gpd.points_from_xy([0.001] * 3, [0] * 3), crs=street.crs
    )
    places = gpd.GeoDataFrame(
        {"capacity": [9]}, geometry=gpd.points_from_xy([0.009], [0]), crs=street.crs
    )
    hazard = shapely.box(-1, -1, 0.005, 1)
    made = draft(network, homes, places, hazard)
    measure(network, homes, places, hazard, made.assignments)


def measure(
    network: Network,
    homes: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    hazard: shapely.Polygon,
    assignments: pd.DataFrame,
) -> dict[str, float]:
    """Time everything a plan says about one draft.

    Parameters
    ----------
    network, homes, places, hazard
        What the draft was made from, without closures.
    assignments
        Its `shelter` and `wave`.

    Returns
    -------
    dict
        `ways_seconds` (edges of all ways), `clearance_seconds` (21 runs), `waves_seconds` (waves
        chosen and estimated beside calling all at once), `cuts_seconds`, `beds_seconds`;
        `out_seconds` (when all are out, median), `wait_seconds` and `wait_at_once_seconds` (mean
        wait of a person in queues), `cuts`, `beds`.
    """
    took: dict[str, float] = {}

    def timed(key: str, began: float) -> None:
        took[f"{key}_seconds"] = time.perf_counter() - began

    read = evacuation_case.read(network, homes, places, hazard, None, Options())
    rows = read.households.index.get_indexer(assignments.index)
    columns = places.index.get_indexer(pd.Index(assignments["shelter"]))
    began = time.perf_counter()
    ways = evacuation_flow.followed(read, rows, columns)
    timed("ways", began)
    people = homes["people"].loc[assignments.index]
    began = time.perf_counter()
    clear = clearance.estimate(network, ways, people, assignments["wave"], runs=RUNS)
    timed("clearance", began)
    began = time.perf_counter()
    waves = clearance_staging.staged(
        network, ways, people, staging=clearance_staging.Staging(runs=RUNS)
    )
    timed("waves", began)
    began = time.perf_counter()
    cuts = evacuation_cuts.of_case(read, places.index, 1.0)
    timed("cuts", began)
    began = time.perf_counter()
    beds = beds_short(read)
    timed("beds", began)
    return took | {
        "out_seconds": float(clear.percentiles["median_seconds"].iloc[-1]),
        "wait_seconds": waves.clearance.mean_wait_seconds,
        "wait_at_once_seconds": waves.at_once.mean_wait_seconds,
        "cuts": len(cuts),
        "beds": beds.total,
    }


if __name__ == "__main__":
    run()
