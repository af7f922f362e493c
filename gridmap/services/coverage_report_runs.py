"""Which runs a report on an area tells of."""

from collections.abc import Sequence

from gridmap.store import coverage_report, coverage_standards, coverage_words
from gridmap.store.database import Row, Transaction


def chosen(tx: Transaction, area: str, keys: Sequence[str] | None) -> list[Row]:
    """Give one run for each standard: by the words that hold in the area, else the newest.

    A township with a standard of its own is not told of by its county's words because the county
    was computed later.

    Parameters
    ----------
    keys
        None for every standard.
    """
    found: dict[str, tuple[tuple[bool, bool, int], Row]] = {}
    for row in coverage_report.runs(tx, area, keys):
        key = str(row["standard_key"])
        now = coverage_words.of(coverage_standards.in_force(tx, key, area) or {})
        words = coverage_words.of(row["standard"])
        rank = (words == now, words[0] == now[0], int(row["id"]))
        if key not in found or rank > found[key][0]:
            found[key] = (rank, row)
    return [found[key][1] for key in sorted(found)]
