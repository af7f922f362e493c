"""What has been computed, as a page shows it: coverage runs and plans with their age."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gridmap.model import plan_options
from gridmap.model.access import Scope
from gridmap.model.problem import not_found
from gridmap.services import coverage_needs
from gridmap.services.plans import changed_layers
from gridmap.services.viewing import note_listing
from gridmap.store import coverage_hours
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.view import coverage as runs
from gridmap.store.view import feature
from gridmap.store.view import plans as rows
from gridmap.store.view.feature import Version

_ENGLISH = "en"
# a plan that is over is not drafted again, whatever changes
_MAY_BE_STALE = ("drafted", "approved", "active")


def coverage_runs(
    database: Database, scope: Scope, standard_key: str | None, needs_in: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """List the newest runs with their figures and whether they still hold.

    Parameters
    ----------
    needs_in
        Areas in which the person may read needs: of others no figure tells of them.
    """
    with database.transaction(scope) as tx:
        return [_run(tx, row, needs_in) for row in runs.runs(tx, standard_key)]


def _run(tx: Transaction, row: Row, needs_in: Sequence[str]) -> dict[str, Any]:
    started = row["started_at"] or row["created_at"]
    changed = coverage_hours.changed(tx, row)
    return {
        "id": row["id"],
        "standard": row["standard_key"],
        "definition": row["standard"],
        "area": row["area_code"],
        "state": "done",
        "job": row["job_id"],
        "started_at": started.isoformat(),
        "ended_at": row["created_at"].isoformat(),
        "input_version": row["input_version"],
        "stale": bool(changed),
        "changed": changed,
        "totals": coverage_needs.shown(row["totals"], row["area_code"], needs_in),
    }


def plans(
    database: Database, scope: Scope, language: str, personal_in: Sequence[str]
) -> list[dict[str, Any]]:
    """List the plans of the person's areas."""
    with database.transaction(scope) as tx:
        found = rows.newest(tx, language == _ENGLISH)
        return [_head(tx, row, personal_in) for row in found]


def plan(
    database: Database, scope: Scope, plan_id: int, language: str, personal_in: Sequence[str]
) -> dict[str, Any]:
    """Give a plan with what a page needs to show it.

    Parameters
    ----------
    personal_in
        Areas in which the person may read needs: a sum over a few doors tells them as well.

    Raises
    ------
    Problem
        404.
    """
    english = language == _ENGLISH
    with database.transaction(scope) as tx:
        head = _head(tx, _read(tx, plan_id, english), personal_in)
        return head | {
            "shelters": [dict(row) for row in rows.shelters(tx, plan_id, english)],
            "zones": [
                {**row, "shelters": list(row["shelters"])}
                for row in rows.zones(tx, plan_id, english, personal_in)
            ],
            "unserved": [dict(row) for row in rows.unserved(tx, plan_id, english, personal_in)],
        }


def plan_version(
    database: Database, scope: Scope, plan_id: int, language: str
) -> tuple[dict[str, Any], Version]:
    """Give the head of a plan and the version of the layer, cheaply.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope) as tx:
        row = _read(tx, plan_id, language == _ENGLISH)
        found = feature.version(tx, ("plan", "assignment"))
    return {"id": row["id"], "version": found.number}, found


def plan_lines(  # noqa: PLR0913, PLR0917 - which lines, and for whose eyes
    database: Database,
    scope: Scope,
    plan_id: int,
    language: str,
    mode: str = "walk",
    personal_in: Sequence[str] = (),
) -> list[str]:
    """Give the ways of a plan as GeoJSON features in text."""
    with database.transaction(scope) as tx:
        found = rows.lines(tx, plan_id, language == _ENGLISH, mode, list(personal_in))
    return [row["feature"] for row in found]


def assignments(  # noqa: PLR0913  the parts of one page of a list
    database: Database,
    scope: Scope,
    plan_id: int,
    *,
    after: int,
    limit: int,
    personal_in: Sequence[str],
    language: str,
    grid: str | None = None,
    only: str | None = None,
) -> dict[str, Any]:
    """Give a page of who goes where.

    Raises
    ------
    Problem
        404.
    """
    english = language == _ENGLISH
    with database.transaction(scope) as tx:
        _read(tx, plan_id, english)
        found = rows.assignments(
            tx,
            plan_id,
            after=after,
            limit=limit + 1,
            personal_in=list(personal_in),
            english=english,
            grid=grid,
            only=only,
        )
        shown = [dict(row) for row in found[:limit]]
        if any(row["needs"] is not None for row in shown):
            note_listing(tx, personal_in, f"plan-{plan_id}", len(shown))
    return {"rows": shown, "cursor": shown[-1]["household"] if len(found) > limit else None}


def household_way(database: Database, scope: Scope, plan_id: int, household_id: int) -> list[str]:
    """Give the ways of one household of a plan as GeoJSON features in text.

    Raises
    ------
    Problem
        404 for a plan or household that is not there or not for this person.
    """
    with database.transaction(scope) as tx:
        _read(tx, plan_id, False)
        found = [row["feature"] for row in rows.way(tx, plan_id, household_id)]
    if not found:
        raise not_found(f"way of household {household_id}")
    return found


def _read(tx: Transaction, plan_id: int, english: bool) -> Row:
    row = rows.read(tx, plan_id, english)
    # heads of plans are read all over the county, and belong to those in the plan's own area
    if row is None or not any(row["area_code"].startswith(own) for own in tx.scope.areas):
        raise not_found(f"plan {plan_id}")
    return row


def _head(tx: Transaction, row: Row, personal_in: Sequence[str]) -> dict[str, Any]:
    seconds, bound = row["person_seconds"], row["bound"]
    gap = None if not bound or seconds is None else round((seconds / bound - 1) * 100, 3)
    changed = changed_layers(tx, row) if row["state"] in _MAY_BE_STALE else []
    return {
        "id": row["id"],
        "area": row["area_code"],
        "hazard": row["hazard_id"],
        "hazard_name": row["hazard_name"],
        "hazard_kind": row["hazard_kind"],
        "hazard_severity": row["hazard_severity"],
        "version": row["version"],
        "state": row["state"],
        "job": row["job_id"],
        "created_at": row["created_at"].isoformat(),
        "drafted_at": row["drafted_at"].isoformat() if row["drafted_at"] else None,
        "approved_at": row["approved_at"].isoformat() if row["approved_at"] else None,
        "input_version": row["input_version"],
        "stale": bool(changed),
        "changed": changed,
        "totals": _totals(row, personal_in),
        "options": plan_options.read(row["options"]).kept(),
        "replans": row["replans"],
        "person_seconds": seconds,
        "bound": bound,
        "gap_percent": gap,
        "number": f"P-{row['hazard_id']}-{row['version']}",
        "revision": row["revision"],
        "check": row["check_hash"],
        "hazard_state": row["hazard_state"],
        "exercise": row["exercise"],
        "created_by": _person(row, "created"),
        "approved_by": _person(row, "approved"),
        "approval_reason": row["approval_reason"],
        "approved_stale": list(row["approved_stale"]),
        "clear_by": _moment(row["clear_by"]),
        "rejected_by": _person(row, "rejected"),
        "rejected_at": _moment(row["rejected_at"]),
        "rejection_reason": row["rejection_reason"],
        "activated_by": _person(row, "activated"),
        "activated_at": _moment(row["activated_at"]),
        "closed_by": _person(row, "closed"),
        "closed_at": _moment(row["closed_at"]),
        "superseded_by": row["superseded_by"],
        "replaces": [f"P-{number}" for number in row["replaces"]],
    }


def _totals(row: Row, personal_in: Sequence[str]) -> dict[str, Any] | None:
    """Give the figures of a plan; those that tell of needs only to who may read them there."""
    found: dict[str, Any] | None = row["totals"]
    if found is None or any(row["area_code"].startswith(own) for own in personal_in):
        return found
    shown = {name: value for name, value in found.items() if name not in ("needs", "waves")}
    if "reasons" in shown:
        shown["reasons"] = _without_needs(shown["reasons"])
    return shown


def _without_needs(reasons: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    summed: dict[str, dict[str, int]] = {}
    for reason, figures in reasons.items():
        known = "no_shelter" if reason == "no_accessible_shelter" else reason
        into = summed.setdefault(known, {})
        for name, value in figures.items():
            into[name] = into.get(name, 0) + value
    return summed


def _person(row: Row, step: str) -> dict[str, Any] | None:
    if row[f"{step}_by"] is None:
        return None
    return {"id": row[f"{step}_by"], "name": row[f"{step}_name"]}


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
