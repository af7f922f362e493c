"""Coverage on the real streets of Wuhan: promises S1, S2, S3 and S12, and three peers.

A run asks for the two nearest facilities of every simulated household from door to door, snapping
included; after a road has closed the same is asked again, from scratch and as an update, and both
must agree in every column. pgRouting and pandana get the same streets and facilities, PySAL access
the same table of ways. S2, from the database to the database, is measured by
``tests/benchmarks/_coverage_database.py``. `run` is what ``gridmap bench coverage`` calls.
"""

import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, TextIO

import geopandas as gpd
import numpy as np
import shapely

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from geodata import cover_update  # noqa: E402 - found by the line above
from geodata.catchment import SLOW, scores  # noqa: E402
from geodata.closest import within  # noqa: E402
from geodata.coverage import Standard, cover  # noqa: E402
from geodata.network import Network  # noqa: E402
from tests.benchmarks import _coverage_database as database  # noqa: E402
from tests.benchmarks import network as nearest_two  # noqa: E402
from tests.benchmarks._coverage_peers import solve  # noqa: E402
from tests.benchmarks._coverage_picture import picture  # noqa: E402

SIZES = (10_000, 31_623, 100_000)
FULL_SIZES = (*SIZES, 316_228, 1_000_000)
FACILITIES, CLOSURES = 20, 7
LIMIT = 300.0  # seconds for a peer
FIRE = Standard("fire", "drive", 300.0)
PROMISED_SHARE = 5.0  # per cent of a full run, S3
DEMAND = 20_000  # households scored by floating catchments


def run(
    full: bool = False,
    folder: Path | None = None,
    limit: float = LIMIT,
    out: TextIO = sys.stdout,
) -> dict[str, Any]:
    """Measure growth and updates, and the peers beside them.

    Parameters
    ----------
    full
        Up to 1,000,000 households, for which S2 is promised; otherwise up to 100,000.
    folder
        Where ``coverage.md`` and ``coverage.png`` are written; nowhere without one.
    limit
        Seconds for each peer.
    out
        Where the tables are printed.

    Returns
    -------
    dict
        ``growth`` (S3 and S12), ``database`` (S2), ``nearest`` (S1, pgRouting), ``pandana`` and
        ``access``.
    """
    network = Network.from_roads(nearest_two.wuhan_roads(), "drive")
    chance = np.random.default_rng(20)
    sources = np.sort(chance.choice(network.size, FACILITIES, replace=False))
    result: dict[str, Any] = {"nodes": network.size, "facilities": FACILITIES}
    result["growth"] = growth(network, sources, FULL_SIZES if full else SIZES)
    print(_growth_table(result["growth"]), file=out, flush=True)
    result["database"] = database.measure(max(FULL_SIZES if full else SIZES))
    print(database.table(result["database"]), file=out, flush=True)
    with tempfile.TemporaryDirectory() as place:
        result["pandana"] = beside_pandana(network, sources, Path(place), limit)
        result["access"] = beside_access(network, sources, Path(place), limit)
    result["nearest"] = nearest_two.run()
    print(_peer_table(result), file=out, flush=True)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "coverage.md").write_text(_markdown(result), encoding="utf-8")
        picture(result["growth"]["rows"], folder / "coverage.png")
        print(f"written: {folder / 'coverage.md'}, {folder / 'coverage.png'}", file=out)
    return result


def homes(network: Network, count: int) -> gpd.GeoDataFrame:
    """Put households beside the streets, some metres away from them."""
    chance = np.random.default_rng(count)
    piece = chance.integers(0, len(network.pieces.road), count)
    start = network.pieces.nodes[network.pieces.start[piece]]
    way = network.pieces.nodes[network.pieces.end[piece]] - start
    spot = start + chance.uniform(size=(count, 1)) * way + chance.normal(0, 20, (count, 2))
    people = chance.integers(1, 6, count)
    return gpd.GeoDataFrame({"people": people}, geometry=shapely.points(spot), crs=network.crs)


def stations(network: Network, sources: Any) -> gpd.GeoDataFrame:
    """Put the facilities at nodes."""
    places = shapely.points(network.pieces.nodes[sources])
    return gpd.GeoDataFrame({"capacity": 100 + 10 * sources % 90}, geometry=places, crs=network.crs)


def growth(network: Network, sources: Any, sizes: tuple[int, ...]) -> dict[str, Any]:
    """Run and update from few to many households: processor seconds of this process alone."""
    sites = stations(network, sources)
    few = homes(network, 100)
    cover(network, few, sites, FIRE)  # the machine code and the indexes are there
    kept = cover_update.start(network, few, sites, FIRE)
    cover_update.update(kept, network.close(few.geometry.iloc[0].buffer(50)))
    rows = [_once(network, sites, households) for households in sizes]
    size = np.array([row["households"] for row in rows], dtype=float)
    spent = np.log([row["seconds"] for row in rows])
    slope = float(np.polyfit(np.log(size), spent, 1)[0])
    bound = float(np.polyfit(np.log(size), np.log(size * np.log(size)), 1)[0])
    return {"rows": rows, "slope": slope, "slope_of_n_log_n": bound}


def _once(network: Network, sites: gpd.GeoDataFrame, households: int) -> dict[str, Any]:
    people = homes(network, households)
    full, updates, equal, changed = [], [], True, []
    chance = np.random.default_rng(households)
    state = cover_update.start(network, people, sites, FIRE)
    for turn in range(CLOSURES):
        # one road closes: a street between two junctions that somebody lives on
        piece = state.homes.places.piece[int(chance.integers(households))]
        middle = network.pieces.lines()[piece].interpolate(0.5, normalized=True)
        closed = network.close(middle.buffer(1.0))
        began = time.process_time()
        later, changes = cover_update.update(state, closed)
        updates.append(time.process_time() - began)
        changed.append(len(changes.changed))
        if turn < 2:  # a run from scratch takes long
            began = time.process_time()
            fresh = cover(closed, people, sites, FIRE)
            full.append(time.process_time() - began)
            equal &= later.frame().equals(fresh)
    run_seconds, update_seconds = statistics.median(full), statistics.median(updates)
    return {
        "households": households,
        "seconds": run_seconds,
        "update_seconds": update_seconds,
        "share": 100 * update_seconds / run_seconds,
        "changed": statistics.median(changed),
        "equal": bool(equal),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def beside_pandana(network: Network, sources: Any, folder: Path, limit: float) -> dict[str, Any]:
    """Ask for the two nearest facilities of every node, on both sides."""
    pieces = network.pieces
    np.savez(
        folder / "problem.npz",
        x=pieces.nodes[:, 0],
        y=pieces.nodes[:, 1],
        start=pieces.start,
        end=pieces.end,
        seconds=pieces.seconds,
        sources=sources,
    )
    network.nearest(sources, count=2)
    ours = []
    for _ in range(5):
        began = time.process_time()
        found = network.nearest(sources, count=2)
        ours.append(time.process_time() - began)
    theirs = solve("pandana", folder, limit)
    answer: dict[str, Any] = {"seconds": statistics.median(ours)}
    if isinstance(theirs, str):
        return {**answer, "none": theirs}
    mine = found[["seconds_1", "seconds_2"]].to_numpy()
    reached = np.isfinite(mine)
    apart = np.abs(np.where(reached, mine, 0.0) - np.where(reached, theirs["cost"], 0.0))
    return {
        **answer,
        "pandana_builds": float(theirs["built"]),
        "pandana_seconds": float(theirs["seconds"]),
        "most_apart": float(apart.max()),
    }


def beside_access(network: Network, sources: Any, folder: Path, limit: float) -> dict[str, Any]:
    """Score households by floating catchments; PySAL gets our ways, which are not timed."""
    people, sites = homes(network, DEMAND), stations(network, sources)
    reach = Standard("clinic", "drive", 900.0)
    began = time.process_time()
    mine = scores(network, people, sites, reach)
    seconds = time.process_time() - began
    places, doors = network.places(people), network.places(sites)
    pairs = within(network, places, doors, False, "seconds", reach.limit)
    np.savez(
        folder / "problem.npz",
        people=people["people"].to_numpy(),
        room=sites["capacity"].to_numpy(),
        origin=pairs.place,
        dest=pairs.site,
        cost=pairs.seconds,
        limits=reach.limit * np.arange(1, 1 + len(SLOW)) / len(SLOW),
        shares=np.array(SLOW),
    )
    theirs = solve("access", folder, limit)
    if isinstance(theirs, str):
        return {"seconds": seconds, "none": theirs}
    score = np.nan_to_num(mine.households["score"].to_numpy())
    return {
        "seconds": seconds,
        "access_seconds": float(theirs["seconds"]),
        "most_apart": float(np.abs(score - np.nan_to_num(theirs["score"])).max()),
    }


def _growth_table(result: dict[str, Any]) -> str:
    lines = [
        "S3 and S12: a run, and an update after one road has closed (processor seconds)",
        "",
        "| households | full run | update | share | households changed | equal | peak memory |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['households']:,} | {row['seconds']:.2f} s | {1000 * row['update_seconds']:.1f} ms "
        f"| {row['share']:.1f} % | {row['changed']:.0f} | {'yes' if row['equal'] else 'NO'} "
        f"| {row['megabytes']:.0f} MB |"
        for row in result["rows"]
    ]
    slope, bound = result["slope"], result["slope_of_n_log_n"]
    said = (
        f"slope {slope:.3f}; n log n has {bound:.3f}; promised share under {PROMISED_SHARE:.0f} %"
    )
    return "\n".join([*lines, "", said, ""])


def _peer_table(result: dict[str, Any]) -> str:
    nearest, built, scored = result["nearest"], result["pandana"], result["access"]
    theirs = built.get("none") or (
        f"{built['pandana_seconds']:.2f} s, after {built['pandana_builds']:.1f} s of contraction "
        f"(again after every closure); costs at most {built['most_apart']:.3f} s apart"
    )
    scores_of = scored.get("none") or (
        f"{scored['access_seconds']:.2f} s with the ways given; "
        f"scores at most {scored['most_apart']:.2g} apart"
    )
    lines = [
        f"{result['nodes']:,} nodes of Wuhan, {result['facilities']} facilities",
        "",
        "| question | gridmap | peer | peer's time |",
        "|---|---|---|---|",
        f"| nearest of every node | {nearest['nearest_ms']:.0f} ms | pgRouting, equicost "
        f"| {nearest['pgrouting_equicost_ms']:.0f} ms |",
        f"| nearest two | {nearest['nearest_two_ms']:.0f} ms | pgRouting "
        f"| {nearest['pgrouting_all_ms']:.0f} ms |",
        f"| nearest two | {1000 * built['seconds']:.0f} ms | pandana | {theirs} |",
        f"| catchment scores, {DEMAND:,} households | {scored['seconds']:.2f} s, ways included "
        f"| PySAL access | {scores_of} |",
    ]
    return "\n".join([*lines, ""])


def _markdown(result: dict[str, Any]) -> str:
    parts = [
        "# Coverage beside other programs",
        "",
        "The real streets of Wuhan, simulated households, everything in one run. Times are "
        "processor seconds, those of pgRouting seconds of its server, those of S2 seconds on the "
        "clock.",
        "",
    ]
    return "\n".join(
        [
            *parts,
            _growth_table(result["growth"]),
            database.table(result["database"]),
            _peer_table(result),
        ]
    )


if __name__ == "__main__":
    run()
