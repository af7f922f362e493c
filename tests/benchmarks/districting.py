"""Grid drawing on real street blocks, by six methods in one run; promises S4 and S12 for drawing.

Every method gets the same graph of blocks: those of central Wuhan and those of Monaco. What a
method takes longer for than the limit counts as not found. `run` is what ``gridmap bench
districting`` calls; with ``--out FOLDER`` the tables are written there as Markdown and, with the
maps, as a picture.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any, TextIO

import geopandas as gpd
import numpy as np
import shapely

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from geodata.balance import Graph  # noqa: E402 - found by the line above
from geodata.limits import Limits  # noqa: E402
from geodata.partitioning import partition_graph, unit_graph  # noqa: E402
from tests.benchmarks._districting_peers import (  # noqa: E402
    MAXIMUM,
    METHODS,
    MINIMUM,
    TARGET,
    solve,
)
from tests.benchmarks._districting_picture import picture  # noqa: E402
from tests.benchmarks._street_mesh import mesh  # noqa: E402

BLOCKS = ROOT / "tests" / "data" / "wuhan_blocks" / "blocks.parquet"
LIMIT = 60.0  # processor seconds for one method; GerryChain found nothing on Wuhan's blocks in 350
SIZES = (10_000, 31_623, 100_000)
FULL_SIZES = (*SIZES, 316_228, 1_000_000)
COLUMNS = (
    ("method", "method", "%s"),
    ("grids", "grids", "%d"),
    ("within_limits", "within 300-500", "%.1f %%"),
    ("within_tenth", "within 10 % of 400", "%.1f %%"),
    ("contiguous", "contiguous", "%d"),
    ("polsby_popper", "mean Polsby-Popper", "%.3f"),
    ("seconds", "processor time", "%.2f s"),
    ("times_kahip", "of KaHIP's", "%.1f x"),
)


def run(
    full: bool = False,
    folder: Path | None = None,
    limit: float = LIMIT,
    out: TextIO = sys.stdout,
) -> dict[str, Any]:
    """Draw grids of 300-500 households on the blocks of Wuhan and Monaco by each method.

    Parameters
    ----------
    full
        Growth up to 1,000,000 households; otherwise up to 100,000.
    folder
        Where ``districting.md`` and ``districting.png`` are written; nowhere without one.
    limit
        Processor seconds for each method.
    out
        Where the tables are printed.

    Returns
    -------
    dict
        ``places``: for each its ``blocks``, ``households``, ``methods``; ``hundred_thousand``
        (S4) and ``growth`` (S12).
    """
    places, drawn = [], []
    for name, blocks in (("Wuhan", gpd.read_parquet(BLOCKS)), ("Monaco", monaco())):
        found, labels = compare(name, blocks, limit, out)
        places.append(found)
        drawn.append((found, blocks, labels))
    result = {
        "limit": limit,
        "places": places,
        "hundred_thousand": hundred_thousand(limit, out),
        "growth": growth(FULL_SIZES if full else SIZES, out),
    }
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "districting.md").write_text(_markdown(result), encoding="utf-8")
        picture(drawn, COLUMNS, folder / "districting.png")
        print(f"written: {folder / 'districting.md'}, {folder / 'districting.png'}", file=out)
    return result


def compare(
    name: str, blocks: gpd.GeoDataFrame, limit: float, out: TextIO
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run every method on some blocks: figures, and the labels of those that found any."""
    graph = unit_graph(blocks, "households")
    labels, rows = {}, []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _store(graph, folder)
        blocks.to_parquet(folder / "blocks.parquet")
        for method in METHODS:
            found = solve(method, folder, limit)
            if isinstance(found, str):
                rows.append({"method": method, "none": found})
            else:
                labels[method] = found[0]
                rows.append({"method": method, **measure(graph, found[0]), "seconds": found[1]})
    _beside_kahip(rows)
    place = {
        "name": name,
        "blocks": len(blocks),
        "households": int(graph.weight.sum()),
        "methods": rows,
    }
    print(_table(place), file=out, flush=True)
    return place, labels


def _store(graph: Graph, folder: Path) -> None:
    arrays = {name: getattr(graph, name) for name in Graph.__dataclass_fields__}
    np.savez(folder / "graph.npz", **arrays)


def _beside_kahip(rows: list[dict[str, Any]]) -> None:
    of = next((row.get("seconds") for row in rows if row["method"].startswith("KaHIP")), None)
    for row in rows:
        if of and "seconds" in row:
            row["times_kahip"] = row["seconds"] / of


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
    return {
        "grids": len(weight),
        "within_limits": 100 * float(((weight >= MINIMUM) & (weight <= MAXIMUM)).mean()),
        "within_tenth": 100 * float((np.abs(weight - TARGET) <= 0.1 * TARGET).mean()),
        "contiguous": int((np.bincount(of_piece) == 1).sum()),
        "polsby_popper": float((4 * np.pi * area / perimeter**2).mean()),
    }


def monaco() -> gpd.GeoDataFrame:
    """Cut Monaco into the blocks its grids are drawn from; the largest group that touches."""
    from geodata import demo
    from geodata.crs import metric_crs
    from geodata.units import Site, build_units, locate

    town = demo.town("monaco")
    outline = shapely.union_all(town.areas.geometry[town.areas["level"] == "community"].to_numpy())
    places = np.asarray(town.households.geometry.array, dtype=object)
    walls = np.asarray(town.buildings.geometry.array, dtype=object)
    walls = walls[shapely.is_valid(walls)]
    site = Site(outline, places, walls, town.households.crs)
    units = build_units(site, town.roads, town.water, 0.4 * MAXIMUM)
    count = np.bincount(locate(places, units.shapes), minlength=len(units.shapes))
    blocks = gpd.GeoDataFrame({"households": count}, geometry=units.shapes, crs=units.crs)
    blocks = blocks.to_crs(metric_crs(blocks))
    graph = unit_graph(blocks, "households")
    group = graph.pieces(np.zeros(graph.size, np.int64))[1]
    return blocks[group == np.bincount(group).argmax()].reset_index(drop=True)


def hundred_thousand(limit: float, out: TextIO) -> dict[str, Any]:
    """Promise S4: grids for 100,000 households, and KaHIP on the same blocks."""
    graph = mesh(100_000)
    rows = []
    with tempfile.TemporaryDirectory() as place:
        _store(graph, Path(place))
        for method in ("KaHIP strong, 25 %", "gridmap"):
            found = solve(method, Path(place), limit)
            if isinstance(found, str):
                rows.append({"method": method, "none": found})
            else:
                rows.append({"method": method, **measure(graph, found[0]), "seconds": found[1]})
    _beside_kahip(rows)
    result = {
        "name": "S4: simulated streets",
        "blocks": graph.size,
        "households": int(graph.weight.sum()),
        "methods": rows,
    }
    print(_table(result), file=out, flush=True)
    return result


def growth(sizes: tuple[int, ...], out: TextIO) -> dict[str, Any]:
    """Promise S12: seconds from few to many households, and the slope beside n log n."""
    partition_graph(mesh(2_000), Limits(MINIMUM, MAXIMUM), 0)  # the machine code is there
    rows = []
    for households in sizes:
        graph = mesh(households)
        began = time.process_time()  # of this process alone: others on the machine count less
        labels = partition_graph(graph, Limits(MINIMUM, MAXIMUM), 0)
        seconds = time.process_time() - began
        within = measure(graph, labels)["within_limits"]
        rows.append({"households": households, "seconds": seconds, "within_limits": within})
    size = np.array([row["households"] for row in rows], dtype=float)
    spent = np.log([row["seconds"] for row in rows])
    slope = float(np.polyfit(np.log(size), spent, 1)[0])
    bound = float(np.polyfit(np.log(size), np.log(size * np.log(size)), 1)[0])
    result = {"rows": rows, "slope": slope, "slope_of_n_log_n": bound}
    print(_growth_table(result), file=out, flush=True)
    return result


def _table(place: dict[str, Any]) -> str:
    """Format a comparison as a Markdown table under its title."""
    lines = [
        f"{place['name']}: {place['blocks']:,} blocks, {place['households']:,} households",
        "",
        "| " + " | ".join(title for _, title, _ in COLUMNS) + " |",
        "|" + "---|" * len(COLUMNS),
    ]
    for row in place["methods"]:
        cells = [row["method"], row["none"]] if "none" in row else []
        cells += [""] * (len(COLUMNS) - len(cells)) if cells else []
        cells = cells or [form % row[key] if key in row else "" for key, _, form in COLUMNS]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def _growth_table(result: dict[str, Any]) -> str:
    lines = [
        "S12: growth on simulated streets (processor seconds)",
        "",
        "| households | seconds | within 300-500 |",
        "|---|---|---|",
    ]
    lines += [
        f"| {row['households']:,} | {row['seconds']:.2f} | {row['within_limits']:.1f} % |"
        for row in result["rows"]
    ]
    slope, bound = result["slope"], result["slope_of_n_log_n"]
    return "\n".join([*lines, "", f"slope {slope:.3f}; n log n has {bound:.3f}", ""])


def _markdown(result: dict[str, Any]) -> str:
    parts = [
        "# Grid drawing beside other methods",
        "",
        "All methods got the same blocks in one run, each in a process of its own. "
        f"Times are processor seconds; limit for one method: {result['limit']:.0f} s.",
        "",
    ]
    parts += [_table(place) for place in [*result["places"], result["hundred_thousand"]]]
    return "\n".join([*parts, _growth_table(result["growth"])])


if __name__ == "__main__":
    run()
