"""What others make of the same evacuation: OR-Tools' flow, the nearest shelter, pgRouting."""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
from ortools.graph.python import min_cost_flow

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from own_postgres import empty_server  # noqa: E402 - found by the line above

from geodata.evacuation_case import Case  # noqa: E402

_TICK = 1000  # flow costs are whole milliseconds


def flow(people: np.ndarray, seconds: np.ndarray, beds: np.ndarray) -> dict[str, float]:
    """Return the processor seconds of OR-Tools' flow over all shelters, and its total time."""
    began = time.process_time()
    homes, places = seconds.shape
    sink = homes + places
    tail, head = np.nonzero(np.isfinite(seconds))
    solver = min_cost_flow.SimpleMinCostFlow()
    cost = np.rint(seconds[tail, head] * _TICK).astype(np.int64)
    solver.add_arcs_with_capacity_and_unit_cost(tail, homes + head, people[tail], cost)
    solver.add_arcs_with_capacity_and_unit_cost(
        homes + np.arange(places), np.full(places, sink), beds, np.zeros(places, dtype=np.int64)
    )
    supply = np.concatenate([people, np.zeros(places, dtype=np.int64), [-people.sum()]])
    solver.set_nodes_supplies(np.arange(sink + 1), supply)
    if solver.solve() != solver.OPTIMAL:
        raise RuntimeError("the flow alone was not solved")
    sent = solver.flows(np.arange(len(tail)))
    split = np.bincount(tail[sent > 0], minlength=homes) > 1
    return {
        "flow_seconds": time.process_time() - began,
        "flow_person_seconds": solver.optimal_cost() / _TICK,
        "flow_split": int(split.sum()),
    }


def nearest(people: np.ndarray, seconds: np.ndarray, beds: np.ndarray) -> dict[str, float]:
    """Send everybody to the nearest shelter, however full: how many have no bed there?"""
    place = seconds.argmin(axis=1)
    load = np.bincount(place, weights=people, minlength=len(beds))
    return {
        "nearest_person_seconds": float(people @ seconds.min(axis=1)),
        "nearest_without_bed": int(np.maximum(load - beds, 0).sum()),
        "nearest_overfull": int((load > beds).sum()),
        "nearest_worst_percent": float(100 * (load / np.maximum(beds, 1)).max()),
    }


def pgrouting(case: Case, rows: np.ndarray, places: np.ndarray) -> dict[str, Any]:
    """Find the same ways by pgRouting: 40 trees of costs, and the ways of all pairs.

    It gets the graph of two layers in which a way that has left the hazard cannot enter it
    again, as pgRouting itself has no such rule; each shelter is searched from once.
    """
    escape = case.escape
    graph, _ = escape._graph(escape.network.opened, case.used)
    starts = escape.starts(escape.network.opened)
    end = case.ways.leave[rows, places].astype(int)
    state = starts.state[rows, end]
    wanted = np.unique(np.column_stack([2 * escape.stretches.nodes + places, state]), axis=0)
    with empty_server(durable=False) as (cluster, password):
        connection = psycopg2.connect(cluster.url(password), options="-c work_mem=256MB")
        try:
            return _searched(connection, graph, wanted)
        finally:
            connection.close()


def _searched(connection: Any, graph: Any, wanted: np.ndarray) -> dict[str, Any]:
    arcs = "SELECT id, source, target, cost FROM arc"
    roots = np.unique(wanted[:, 0]).tolist()
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION postgis; CREATE EXTENSION pgrouting")
        cursor.execute("CREATE TABLE arc (id int, source int, target int, cost float8)")
        cursor.execute("CREATE TABLE pair (source int, target int)")
        number = np.arange(len(graph.tail))
        _copy(cursor, "arc", [number, graph.tail, graph.head, graph.cost])
        _copy(cursor, "pair", [wanted[:, 0], wanted[:, 1]])
        cursor.execute("ANALYZE arc; ANALYZE pair")
        began = time.perf_counter()
        cursor.execute(
            f"SELECT count(*) FROM pgr_drivingDistance('{arcs}', %s::int[], 1e9, true)", (roots,)
        )
        trees = time.perf_counter() - began
        began = time.perf_counter()
        cursor.execute(
            f"CREATE TABLE way AS SELECT start_vid, end_vid, edge, agg_cost"
            f" FROM pgr_dijkstra('{arcs}', 'SELECT source, target FROM pair', true)"
        )
        ways = time.perf_counter() - began
        cursor.execute("SELECT start_vid, end_vid, agg_cost FROM way WHERE edge = -1")
        cost = {(start, end): seconds for start, end, seconds in cursor}
    return {"trees_seconds": trees, "ways_seconds": ways, "pairs": len(wanted), "cost": cost}


def _copy(cursor: Any, table: str, columns: list[np.ndarray]) -> None:
    with tempfile.TemporaryFile("w+") as file:
        for row in zip(*(column.tolist() for column in columns), strict=True):
            file.write("\t".join(repr(value) for value in row) + "\n")
        file.seek(0)
        cursor.copy_expert(f"COPY {table} FROM STDIN", file)
