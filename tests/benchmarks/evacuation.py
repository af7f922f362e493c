"""Evacuation drafts on real streets beside the flow OR-Tools takes for the same numbers.

`run` is what `gridmap bench evacuation` calls; it prints the table and returns it.
"""

import sys
import time
from pathlib import Path
from typing import Any, TextIO

import geopandas as gpd
import numpy as np
import shapely
from ortools.graph.python import min_cost_flow

import geodata.demo
from geodata.evacuation import Draft, draft
from geodata.network import Network

STREETS = Path(geodata.demo.__file__).parent / "guanggu_window.parquet"
HOUSEHOLDS, SHELTERS = 20_000, 40
REACH = 0.02  # radius of the hazard, degrees
ROOMS = (1.5, 1.1, 0.9)  # beds for each person affected


def run(
    households: int = HOUSEHOLDS,
    shelters: int = SHELTERS,
    rooms: tuple[float, ...] = ROOMS,
    out: TextIO = sys.stdout,
) -> dict[str, Any]:
    """Draft the evacuation of simulated households on the real streets of eastern Wuhan.

    Parameters
    ----------
    households, shelters
        How many.
    rooms
        Beds for each person affected, one draft each.
    out
        Where the table is printed.

    Returns
    -------
    dict
        `households`, `shelters` and `drafts`: one mapping each with `room`, `seconds` (network
        ready, routes included), `flow_seconds` (OR-Tools alone on the same times, splitting
        households), `ratio` of the two, `gap_percent` above the bound, `split` (households
        divided: always 0), `over_capacity` (always 0), `unserved`.
    """
    roads = gpd.read_parquet(STREETS)
    network = Network.from_roads(roads, "walk")
    homes, places, hazard = case(roads, network, households, shelters)
    print(f"{households} households, {shelters} shelters, {network.size} nodes", file=out)
    print(" room  draft s  flow s  ratio    gap %  unserved", file=out)
    # imports and indexes are not the time of a draft
    draft(network, homes.iloc[:50], places.assign(capacity=9), hazard)
    rows = []
    for room in rooms:
        row = measure(network, homes, places, hazard, room)
        rows.append(row)
        line = "%5.2f %8.2f %7.2f %6.2f %8.4f %9d"
        keys = ("room", "seconds", "flow_seconds", "ratio", "gap_percent", "unserved")
        print(line % tuple(row[key] for key in keys), file=out, flush=True)
    return {"households": households, "shelters": shelters, "drafts": rows}


def case(
    roads: gpd.GeoDataFrame, network: Network, households: int, shelters: int
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, shapely.Polygon]:
    """Scatter households along the streets in a round hazard and shelters outside it."""
    rng = np.random.default_rng(0)
    west, south, east, north = roads.total_bounds
    hazard = shapely.Point((west + east) / 2, (south + north) / 2).buffer(REACH)
    vertices = network.pieces.xy
    xy = vertices[rng.integers(0, len(vertices), 40 * households)]
    xy = xy + rng.normal(0, 5e-4, xy.shape)
    inside = shapely.contains_xy(hazard, *xy.T)
    far = ~shapely.contains_xy(hazard.buffer(1e-3), *xy.T)
    homes = gpd.GeoDataFrame(
        {
            "people": rng.integers(1, 7, households),
            "infant": rng.random(households) < 0.05,
        },
        geometry=gpd.points_from_xy(*xy[inside][:households].T),
        crs=roads.crs,
    )
    places = gpd.GeoDataFrame(
        {"share": rng.dirichlet(np.full(shelters, 5.0))},
        geometry=gpd.points_from_xy(*xy[far][:shelters].T),
        crs=roads.crs,
    )
    return homes, places, hazard


def measure(
    network: Network,
    homes: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    hazard: shapely.Polygon,
    room: float,
) -> dict[str, Any]:
    """Time a draft, then the flow alone on the same people, times and capacities."""
    beds = np.floor(places["share"] * homes["people"].sum() * room).astype(int)
    places = places.assign(capacity=beds)
    began = time.perf_counter()
    plan = draft(network, homes, places, hazard)
    took = time.perf_counter() - began
    people, seconds = _matrix(network, homes, places, plan)
    flow = plain_flow(people, seconds, beds.to_numpy())
    load = homes["people"].groupby(plan.assignments["shelter"]).sum()
    return {
        "room": room,
        "seconds": took,
        "flow_seconds": flow,
        "ratio": took / flow,
        "gap_percent": 100 * (plan.person_seconds / plan.bound - 1),
        "split": int(plan.assignments.index.duplicated().sum()),
        "over_capacity": int((load > beds.reindex(load.index)).sum()),
        "unserved": len(plan.unserved),
    }


def _matrix(
    network: Network, homes: gpd.GeoDataFrame, places: gpd.GeoDataFrame, plan: Draft
) -> tuple[np.ndarray, np.ndarray]:
    """Give people and times of the households served."""
    served = homes.loc[plan.assignments.index]
    seconds, _ = network.matrix(served.geometry, places.geometry)
    return served["people"].to_numpy(), seconds


def plain_flow(people: np.ndarray, seconds: np.ndarray, beds: np.ndarray) -> float:
    """Return the seconds OR-Tools takes for the flow over all shelters, arcs and all."""
    began = time.perf_counter()
    homes, places = seconds.shape
    sink = homes + places
    tail, head = np.nonzero(np.isfinite(seconds))
    flow = min_cost_flow.SimpleMinCostFlow()
    cost = np.rint(seconds[tail, head] * 1000).astype(np.int64)
    flow.add_arcs_with_capacity_and_unit_cost(tail, homes + head, people[tail], cost)
    flow.add_arcs_with_capacity_and_unit_cost(
        homes + np.arange(places), np.full(places, sink), beds, np.zeros(places, dtype=np.int64)
    )
    supply = np.concatenate([people, np.zeros(places, dtype=np.int64), [-people.sum()]])
    flow.set_nodes_supplies(np.arange(sink + 1), supply)
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("the flow alone was not solved")
    return time.perf_counter() - began


if __name__ == "__main__":
    run()
