"""How long everything takes that a plan says beside who goes where, on real streets of Wuhan.

`rows` is called by the benchmark of evacuations; `run` prints its table alone.
"""

import sys
import time
from collections.abc import Iterator
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
    evacuation_prices,
    pickups,
)
from geodata.evacuation import Options, draft  # noqa: E402
from geodata.evacuation_cuts_beds import beds_short  # noqa: E402
from geodata.network import Network  # noqa: E402

SIZES = ((5_000, True), (20_000, True), (50_000, False))
"""Households, and whether what is drafted once more for is measured too: prices, robust drafts."""

RUNS = 21
FETCHED, VEHICLES, SEATS = 0.02, 12, 16  # share of households that cannot walk, and what fetches
_COLUMNS = (
    ("ways", "edges of all ways"),
    ("clearance", "clearance, 21 runs"),
    ("waves", "waves"),
    ("cuts", "cuts"),
    ("beds", "beds short"),
    ("tours", "tours"),
    ("prices", "prices"),
    ("robust_shelter", "robust: shelter"),
    ("robust_road", "robust: road"),
)


def run(out: TextIO = sys.stdout) -> list[dict[str, Any]]:
    """Measure all sizes.

    Parameters
    ----------
    out
        Where the table is printed.

    Returns
    -------
    list of dict
        See `rows`.
    """
    from tests.benchmarks.evacuation import network_of  # it may call `rows`

    print("\n".join(heads()), file=out, flush=True)
    found = []
    for row in rows(*network_of("Wuhan"), sizes=SIZES):
        print(line(row), file=out, flush=True)
        found.append(row)
    return found


def rows(
    roads: gpd.GeoDataFrame, network: Network, sizes: tuple[tuple[int, bool], ...]
) -> Iterator[dict[str, Any]]:
    """Measure one size after the other, with 1.1 beds a person.

    Parameters
    ----------
    roads, network
        The streets of Wuhan, on foot.
    sizes
        As `SIZES`.

    Returns
    -------
    iterator of dict
        What `measure` gives, and `households`.
    """
    from tests.benchmarks.evacuation import REACH, case  # it may call `rows`

    drive = Network.from_roads(roads, "drive")
    warm()
    for households, more in sizes:
        homes, places, hazard = case(roads, network, households, REACH["Wuhan"])
        beds = np.floor(places["share"] * homes["people"].sum() * 1.1).astype(int)
        places = places.assign(capacity=beds)
        made = draft(network, homes, places, hazard)
        row = measure(network, homes, places, hazard, made.assignments)
        row |= _fetched(drive, homes, places, hazard, made.assignments)
        if more:
            row |= _again(network, homes, places, hazard, made.person_seconds)
        yield row | {"households": households}


def heads() -> list[str]:
    """Give the head of the table."""
    names = ["households", *(words for _, words in _COLUMNS), "all out", "mean wait", "tours leave"]
    return ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]


def line(row: dict[str, Any]) -> str:
    """Write one size down."""
    cells = [f"{row['households']:,}"]
    for key, _ in _COLUMNS:
        took = row.get(f"{key}_seconds")
        cells.append("–" if took is None else f"{took:.2f} s")
    wait, once = row["wait_seconds"] / 60, row["wait_at_once_seconds"] / 60
    cells += [f"{row['out_seconds'] / 3600:.1f} h", f"{once:.0f} > {wait:.1f} min"]
    cells.append(f"{row['left']} of {row['fetched']}")
    return "| " + " | ".join(cells) + " |"


def _fetched(
    drive: Network,
    homes: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    hazard: shapely.Polygon,
    assignments: pd.DataFrame,
) -> dict[str, float]:
    """Time the tours for every fiftieth household that is served."""
    some = assignments.index[:: round(1 / FETCHED)]
    depots = places.geometry.iloc[:VEHICLES]
    vehicles = gpd.GeoDataFrame({"seats": SEATS}, index=depots.index, geometry=depots)
    began = time.process_time()
    found = pickups.tours(
        drive, homes.loc[some, ["people", "geometry"]], places, assignments["shelter"].loc[some],
        vehicles, hazard,
    )  # fmt: skip
    took = time.process_time() - began
    return {"tours_seconds": took, "fetched": len(some), "left": len(found.left)}


def _again(
    network: Network,
    homes: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    hazard: shapely.Polygon,
    nominal: float,
) -> dict[str, float]:
    """Time the prices, with streets that are blocked, and drafts that survive a failure."""
    rim = np.array(hazard.exterior.coords)[:: len(hazard.exterior.coords) // 8][:8]
    blocked = shapely.union_all(shapely.points(rim)).buffer(0.0015)
    began = time.process_time()
    bought = evacuation_prices.prices(network, homes, places, hazard, blocked)
    found: dict[str, float] = {"prices_seconds": time.process_time() - began}
    found["priced_roads"] = int((bought["kind"] == "road").sum())
    for kind in ("shelter", "road"):
        began = time.process_time()
        safe = draft(network, homes, places, hazard, options=Options(robust=kind))
        found[f"robust_{kind}_seconds"] = time.process_time() - began
        found[f"robust_{kind}_price"] = safe.person_seconds - nominal
    return found


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
        took[f"{key}_seconds"] = time.process_time() - began

    read = evacuation_case.read(network, homes, places, hazard, None, Options())
    rows = read.households.index.get_indexer(assignments.index)
    columns = places.index.get_indexer(pd.Index(assignments["shelter"]))
    began = time.process_time()
    ways = evacuation_flow.followed(read, rows, columns)
    timed("ways", began)
    people = homes["people"].loc[assignments.index]
    began = time.process_time()
    clear = clearance.estimate(network, ways, people, assignments["wave"], runs=RUNS)
    timed("clearance", began)
    began = time.process_time()
    waves = clearance_staging.staged(
        network, ways, people, staging=clearance_staging.Staging(runs=RUNS)
    )
    timed("waves", began)
    began = time.process_time()
    cuts = evacuation_cuts.of_case(read, places.index, 1.0)
    timed("cuts", began)
    began = time.process_time()
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
