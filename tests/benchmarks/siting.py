"""Siting beside plain HiGHS and spopt on OR-Library's p-medians in one run; promise S7.

Every method gets the same costs. HiGHS solves the classic program to the optimum with a stop at the
limit, spopt the same program by CBC. `run` is what ``gridmap bench siting`` calls; with
``--out FOLDER`` the tables are written there as Markdown, and as a picture.
"""

import math
import sys
import tempfile
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks._siting_peers import METHODS, solve  # noqa: E402 - found by the line above
from tests.benchmarks._siting_picture import picture  # noqa: E402
from tests.benchmarks._siting_problems import (  # noqa: E402
    PLAIN,
    WITH_ROOM,
    Problem,
    plain,
    with_room,
)

LIMIT, FULL_LIMIT = 20.0, 300.0  # seconds for one method and problem
SHORT = (1, 2, 5, 6, 10, 15, 20)
SHORT_WITH_ROOM = (1, 2)
PROMISED = 0.5  # percent above the optimum


def run(
    full: bool = False,
    folder: Path | None = None,
    limit: float | None = None,
    out: TextIO = sys.stdout,
) -> dict[str, Any]:
    """Choose sites for p-medians whose optimum is published by each method.

    Parameters
    ----------
    full
        All of pmed 1-20 and pmedcap 1-10 and a stop at 300 s; otherwise a few and 20 s.
    folder
        Where ``siting.md`` and ``siting.png`` are written; nowhere without one.
    limit
        Another stop in seconds.
    out
        Where the tables are printed.

    Returns
    -------
    dict
        ``limit`` and, for ``plain`` (S7) and ``with_room``: ``rows`` with what each method found,
        ``total`` seconds and ``worst`` percent above the optimum by method.
    """
    limit = limit or (FULL_LIMIT if full else LIMIT)
    parts = {
        "plain": [plain(number) for number in (PLAIN if full else SHORT)],
        "with_room": [with_room(number) for number in (WITH_ROOM if full else SHORT_WITH_ROOM)],
    }
    result: dict[str, Any] = {"limit": limit}
    for part, problems in parts.items():
        result[part] = compare(problems, limit, out)
        print(_table(part, result[part]), file=out, flush=True)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "siting.md").write_text(_markdown(result), encoding="utf-8")
        picture(result, tuple(METHODS), folder / "siting.png")
        print(f"written: {folder / 'siting.md'}, {folder / 'siting.png'}", file=out)
    return result


def compare(problems: list[Problem], limit: float, out: TextIO) -> dict[str, Any]:
    """Solve some problems by every method, and sum up."""
    rows = []
    for problem in problems:
        row: dict[str, Any] = {
            "name": problem.name,
            "size": len(problem.costs),
            "count": problem.count,
            "best": problem.best,
        }
        with tempfile.TemporaryDirectory() as place:
            for method in METHODS:
                found = solve(method, problem, Path(place), limit)
                row[method] = {"none": found} if isinstance(found, str) else found
                _measure(row[method], problem.best)
        rows.append(row)
        print(_line(row), file=out, flush=True)
    return {
        "rows": rows,
        "total": {method: _sum(rows, method, limit) for method in METHODS},
        "worst": {method: max(row[method]["above"] for row in rows) for method in METHODS},
    }


def _measure(found: dict[str, Any], best: float) -> None:
    """Add percent above the published value, and percent between value and bound."""
    value, bound = found.get("value", math.inf), found.get("bound", -math.inf)
    found["above"] = round(100 * (value / best - 1), 6) + 0.0  # no -0.00
    found["gap"] = 100 * (1 - bound / value) if math.isfinite(value) else math.inf


def _sum(rows: list[dict[str, Any]], method: str, limit: float) -> float:
    """Sum the seconds; a method that found nothing in time spent the limit.

    Without a figure (not a number) where it is not there or broke down.
    """
    none = [row[method].get("none", "") for row in rows]
    if any(why and not why.startswith("none found in ") for why in none):
        return math.nan
    return sum(row[method].get("seconds", limit) for row in rows)


def _cells(found: dict[str, Any]) -> list[str]:
    if "none" in found:
        return [found["none"], "", ""]
    above = f"{found['above']:.2f} %" if math.isfinite(found["above"]) else "none found"
    gap = f"{found['gap']:.2f} %" if math.isfinite(found["gap"]) else "not proven"
    return [above, gap, f"{found['seconds']:.2f} s"]


def _line(row: dict[str, Any]) -> str:
    parts = [f"{row[name]}" for name in ("name", "size", "count")] + [f"{row['best']:.0f}"]
    for method in METHODS:
        parts += _cells(row[method])
    return "| " + " | ".join(parts) + " |"


def _table(part: str, result: dict[str, Any]) -> str:
    """Format one comparison as a Markdown table, with the sums and the promise."""
    title = {
        "plain": "S7: p-median, OR-Library pmed",
        "with_room": "p-median with capacities, demand kept whole, OR-Library pmedcap",
    }[part]
    heads = ["problem", "demand = sites", "open", "published"]
    for method in METHODS:
        heads += [f"{method}: above it", "gap to its bound", "processor time"]
    lines = [title, "", "| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += [_line(row) for row in result["rows"]]
    total = [f"{method} {result['total'][method]:.2f} s" for method in METHODS]
    lines += ["", "In all: " + ", ".join(total) + "."]
    if part == "plain":
        kept = result["worst"]["gridmap"] <= PROMISED
        faster = result["total"]["gridmap"] < result["total"]["HiGHS"]
        lines.append(
            f"Promised: within {PROMISED} % on all ({'kept' if kept else 'missed'}, worst "
            f"{result['worst']['gridmap']:.2f} %), in less time than HiGHS "
            f"({'kept' if faster else 'missed'})."
        )
    return "\n".join([*lines, ""])


def _markdown(result: dict[str, Any]) -> str:
    parts = [
        "# Siting beside other solvers",
        "",
        "All methods got the same costs in one run, each in a process of its own. Times are "
        f"processor seconds; stop for one method and problem: {result['limit']:.0f} s. A stopped "
        "method shows the best it had. Whole demands are assigned where sites have capacities.",
        "",
    ]
    return "\n".join([*parts, *(_table(part, result[part]) for part in ("plain", "with_room"))])


if __name__ == "__main__":
    run()
