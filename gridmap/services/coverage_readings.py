"""A coverage run read in other ways: at another limit, by area, beside another run, over time."""

from collections.abc import Sequence
from typing import Any

from gridmap.model.access import Scope
from gridmap.model.problem import conflict, not_found
from gridmap.services import coverage_needs
from gridmap.store import coverage_hours
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.view import coverage as runs
from gridmap.store.view import coverage_readings as rows

LEVELS = {"community": 12, "township": 9}
MOST_RUNS = 200  # of a history: years of one a day would be no chart
_ENGLISH = "en"


def show(
    database: Database, scope: Scope, run_id: int, needs_in: Sequence[str] = ()
) -> dict[str, Any]:
    """Give one run.

    Parameters
    ----------
    needs_in
        Areas in which the person may read needs; here and below, its figures of others tell of
        none.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope) as tx:
        found = _run(tx, run_id)
        return _told(found, needs_in) | {
            "input_version": found["input_version"],
            "stale": not coverage_hours.holds(tx, found),
        }


def by_grid(
    database: Database, scope: Scope, run_id: int, limit: float | None
) -> list[dict[str, Any]]:
    """Sum a run up by grid; with a limit as if that were the standard's.

    Raises
    ------
    Problem
        404; 409 for another limit where capacity counts, for then others would find room, and
        for a run so old that only its sums are kept.
    """
    with database.transaction(scope) as tx:
        found = _whole(tx, run_id)
        standard = found["standard"]
        if limit is None or limit == standard["max_value"]:
            return [dict(row) for row in runs.by_grid(tx, run_id)]
        if standard.get("capacity"):
            raise conflict("with capacity another limit needs a run of its own")
        return [dict(row) for row in rows.at_limit(tx, run_id, standard["measure"], limit)]


def by_area(  # noqa: PLR0913, PLR0917 - which sums, and for whose eyes
    database: Database,
    scope: Scope,
    run_id: int,
    level: str,
    language: str,
    personal_in: Sequence[str],
) -> list[dict[str, Any]]:
    """Sum a run up by community or township, the worst first.

    Parameters
    ----------
    personal_in
        Areas in which the person may read needs: a sum over a few doors tells them as well.

    Raises
    ------
    Problem
        404; 409 for a run so old that only its sums are kept.
    """
    with database.transaction(scope) as tx:
        _whole(tx, run_id)
        return [
            _area(row, language, personal_in) for row in rows.by_area(tx, run_id, LEVELS[level])
        ]


def _area(row: Row, language: str, personal_in: Sequence[str]) -> dict[str, Any]:
    found = dict(row)
    english = found.pop("name_en")
    if language == _ENGLISH and english:
        found["label"] = english
    return coverage_needs.shown(found, found["code"], personal_in)


def compare(
    database: Database, scope: Scope, before: int, after: int, needs_in: Sequence[str] = ()
) -> dict[str, Any]:
    """Say which households are reached in one of two runs only, by grid.

    Raises
    ------
    Problem
        404; 409 if of one only its sums are kept.
    """
    with database.transaction(scope) as tx:
        first, second = _whole(tx, before), _whole(tx, after)
        grids = [dict(row) for row in rows.differences(tx, before, after)]
    return {
        "before": _told(first, needs_in),
        "after": _told(second, needs_in),
        "lost": sum(row["lost"] for row in grids),
        "gained": sum(row["gained"] for row in grids),
        "grids": grids,
    }


def history(
    database: Database,
    scope: Scope,
    standard_key: str,
    area_code: str | None,
    needs_in: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Give the sums of a standard's runs, the oldest first."""
    with database.transaction(scope) as tx:
        found = rows.history(tx, standard_key, area_code, MOST_RUNS)
    return [_told(row, needs_in) for row in reversed(found)]


def _run(tx: Transaction, run_id: int) -> Row:
    found = rows.run(tx, run_id)
    if found is None:
        raise not_found(f"coverage run {run_id}")
    return found


def _whole(tx: Transaction, run_id: int) -> Row:
    """Give a run that still has what it found of every household."""
    found = _run(tx, run_id)
    if found["totals"].get("households") and not rows.has_parts(tx, run_id):
        raise conflict("of this run only its sums are kept")
    return found


def _told(row: Row, needs_in: Sequence[str]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "standard": row["standard_key"],
        "definition": row["standard"],
        "area": row["area_code"],
        "ended_at": row["created_at"].isoformat(),
        "totals": coverage_needs.shown(row["totals"], row["area_code"], needs_in),
    }
