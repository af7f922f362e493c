"""Grid drawing on real street blocks: METIS and gridmap side by side in one run.

`run` is what `gridmap bench districting` calls; it prints the table and returns it.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import geopandas as gpd
import numpy as np

from geodata.balance import Graph
from geodata.districting import partition
from geodata.partitioning import unit_graph
from geodata.starting import metis

BLOCKS = Path(__file__).parents[1] / "data" / "wuhan_blocks" / "blocks.parquet"
MINIMUM, MAXIMUM = 300, 500

COLUMNS = (
    ("method", "%-26s"),
    ("grids", "%5d"),
    ("within_limits", "%8.1f %%"),
    ("within_tenth", "%8.1f %%"),
    ("contiguous", "%6d"),
    ("polsby_popper", "%8.3f"),
    ("seconds", "%7.2f"),
)


def run(seeds: int = 1, out: TextIO = sys.stdout) -> dict[str, Any]:
    """Draw grids of 300-500 households on the blocks of central Wuhan by each method.

    Parameters
    ----------
    seeds
        Runs of gridmap, with seeds 0, 1, ...
    out
        Where the table is printed.

    Returns
    -------
    dict
        ``blocks``, ``households`` and ``methods``: one mapping a method with the names of
        `COLUMNS`; shares are percentages of the grids.
    """
    blocks = gpd.read_parquet(BLOCKS)
    graph = unit_graph(blocks, "households")
    total = int(blocks["households"].sum())
    count = round(total / ((MINIMUM + MAXIMUM) / 2))
    methods: list[tuple[str, Callable[[], Any]]] = [
        ("METIS recursive", lambda: metis(graph, count, 0, recursive=True)),
        ("METIS k-way, contiguous", lambda: metis(graph, count, 0, recursive=False)),
    ]
    for seed in range(seeds):
        methods.append((f"gridmap, seed {seed}", _gridmap(blocks, seed)))
    print(f"{len(blocks)} blocks, {total} households, {MINIMUM}-{MAXIMUM} a grid", file=out)
    print(
        "method                     grids  in limits  within 10 %  whole  Polsby-P. seconds",
        file=out,
    )
    rows = []
    for name, method in methods:
        began = time.perf_counter()
        labels = method()
        row = {"method": name, **measure(graph, labels), "seconds": time.perf_counter() - began}
        rows.append(row)
        print(" ".join(form % row[key] for key, form in COLUMNS), file=out, flush=True)
    return {"blocks": len(blocks), "households": total, "methods": rows}


def _gridmap(blocks: gpd.GeoDataFrame, seed: int) -> Callable[[], Any]:
    return lambda: partition(blocks, "households", MINIMUM, MAXIMUM, seed).to_numpy()


def measure(graph: Graph, labels: Any) -> dict[str, Any]:
    """Measure a partition; empty labels do not count as grids."""
    _, labels = np.unique(labels, return_inverse=True)
    weight = np.bincount(labels, graph.weight)
    pieces, piece = graph.pieces(labels)
    of_piece = np.zeros(pieces, dtype=np.int64)
    of_piece[piece] = labels
    inside = labels[graph.unit] == labels[graph.neighbour]
    inner = np.bincount(labels[graph.unit[inside]], graph.shared[inside], len(weight))
    perimeter = np.bincount(labels, graph.perimeter) - inner
    area = np.bincount(labels, graph.area)
    middle = (MINIMUM + MAXIMUM) / 2
    return {
        "grids": len(weight),
        "within_limits": 100 * float(((weight >= MINIMUM) & (weight <= MAXIMUM)).mean()),
        "within_tenth": 100 * float((np.abs(weight - middle) <= 0.1 * middle).mean()),
        "contiguous": int((np.bincount(of_piece) == 1).sum()),
        "polsby_popper": float((4 * np.pi * area / perimeter**2).mean()),
    }


if __name__ == "__main__":
    run(seeds=int(sys.argv[1]) if len(sys.argv) > 1 else 1)
