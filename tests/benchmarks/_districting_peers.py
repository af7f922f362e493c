"""The methods of the districting benchmark, each run in a process of its own.

Run as a program: ``_districting_peers.py METHOD BLOCKS RESULT LIMIT`` reads the graph from the
folder BLOCKS, and writes labels and seconds. Only the method is timed, in processor seconds, which
other work on the machine hardly changes: imports and reading are not counted, and gridmap's machine
code is loaded first, as it is where grids are drawn every day.
"""

import importlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from geodata.balance import Graph
from tests.benchmarks._peers import ROOT, python

MINIMUM, MAXIMUM, TARGET = 300, 500, 400
IMBALANCE = 0.25  # of the target: 300-500
_STRONG = 2  # KaHIP's mode


def graph_of(folder: Path) -> Graph:
    """Read the graph of a set of blocks."""
    stored = np.load(folder / "graph.npz")
    return Graph(*(stored[name] for name in Graph.__dataclass_fields__))


def _parts(graph: Graph) -> int:
    return round(float(graph.weight.sum()) / TARGET)


def _metis_recursive(graph: Graph, _: Path) -> Any:
    from geodata.starting import metis

    return metis(graph, _parts(graph), 0, recursive=True)


def _metis_kway(graph: Graph, _: Path) -> Any:
    from geodata.starting import metis

    return metis(graph, _parts(graph), 0, recursive=False)


def _kahip(graph: Graph, _: Path) -> Any:
    import kahip

    borders = np.maximum(graph.shared, 1.0).astype(int).tolist()
    weight = graph.weight.round().astype(int).tolist()
    return kahip.kaffpa(
        weight,
        graph.start.tolist(),
        borders,
        graph.neighbour.tolist(),
        _parts(graph),
        IMBALANCE,
        True,
        0,
        _STRONG,
    )[1]


def _maxp(graph: Graph, folder: Path) -> Any:
    import geopandas as gpd
    from libpysal.weights import W
    from spopt.region import MaxPHeuristic

    blocks = gpd.read_parquet(folder / "blocks.parquet")
    middle = blocks.geometry.centroid
    blocks["x"], blocks["y"] = middle.x, middle.y
    ends = graph.start.tolist()
    beside = {u: graph.neighbour[ends[u] : ends[u + 1]].tolist() for u in range(graph.size)}
    np.random.seed(0)  # noqa: NPY002 - the library draws from here
    model = MaxPHeuristic(
        blocks, W(beside, silence_warnings=True), ["x", "y"], "households", MINIMUM, top_n=2
    )
    model.solve()
    return model.labels_


def _gerrychain(graph: Graph, _: Path) -> Any:
    import random
    from functools import partial

    import networkx as nx
    from gerrychain import Graph as Dual
    from gerrychain.tree import bipartition_tree, recursive_tree_part

    random.seed(0)
    net = nx.Graph()
    for unit, weight in enumerate(graph.weight.tolist()):
        net.add_node(unit, households=weight)
    net.add_edges_from(zip(graph.unit.tolist(), graph.neighbour.tolist(), strict=True))
    found = recursive_tree_part(
        Dual.from_networkx(net),
        range(_parts(graph)),
        float(graph.weight.sum()) / _parts(graph),
        "households",
        IMBALANCE,
        method=partial(bipartition_tree, max_attempts=10**9),
    )
    return [found[unit] for unit in range(graph.size)]


def _gridmap(graph: Graph, _: Path) -> Any:
    from geodata.limits import Limits
    from geodata.partitioning import partition_graph

    return partition_graph(graph, Limits(MINIMUM, MAXIMUM), 0)


METHODS: dict[str, Callable[[Graph, Path], Any]] = {
    "METIS recursive": _metis_recursive,
    "METIS k-way, contiguous": _metis_kway,
    "KaHIP strong, 25 %": _kahip,
    "spopt MaxP, threshold 300": _maxp,
    "GerryChain recursive tree, 25 %": _gerrychain,
    "gridmap": _gridmap,
}

# What each imports, before the clock is started.
LIBRARIES = {
    "METIS recursive": "geodata.starting",
    "METIS k-way, contiguous": "geodata.starting",
    "KaHIP strong, 25 %": "kahip",
    "spopt MaxP, threshold 300": "spopt.region",
    "GerryChain recursive tree, 25 %": "gerrychain.tree",
    "gridmap": "geodata.partitioning",
}


def solve(method: str, folder: Path, limit: float) -> tuple[Any, float] | str:
    """Run one method in a process: labels and seconds, or why there are none."""
    result = folder / "result.npz"
    result.unlink(missing_ok=True)
    command = [python(), "-P", __file__, method, str(folder), str(result), str(limit)]
    paths = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=paths)
    if ended.returncode == -signal.SIGXCPU:
        return f"none found in {limit:.0f} s"
    if ended.returncode:
        last = (ended.stderr.strip().splitlines() or ["ended without a word"])[-1]
        if "ModuleNotFoundError" in last:
            return "not installed (make bench installs it)"
        return f"none found: {last[:80]}"
    found = np.load(result)
    return found["labels"], float(found["seconds"])


def _warm() -> None:
    """Load gridmap's machine code, or make it."""
    from geodata.limits import Limits
    from geodata.partitioning import partition_graph

    row = (np.arange(8), np.arange(1, 9), np.ones(8))
    chain = Graph.from_borders(np.full(9, 100.0), np.ones(9), np.full(9, 4.0), row)
    partition_graph(chain, Limits(MINIMUM, MAXIMUM), 0)


def main(method: str, folder: Path, result: Path, limit: float) -> None:
    """Run one method here and write what it found."""
    graph = graph_of(folder)
    importlib.import_module(LIBRARIES[method])
    if method == "gridmap":
        _warm()
    began = time.process_time()
    most = int(began + limit + 1)
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
    labels = METHODS[method](graph, folder)
    seconds = time.process_time() - began
    np.savez(result, labels=np.asarray(labels, dtype=np.int64), seconds=seconds)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4]))
