"""What-if answers worth keeping: under a name, with the figures that were computed for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.model.access import Permission, Scope
from gridmap.model.coverage_changes import Addition, Changes
from gridmap.model.problem import bad_input, conflict, forbidden, not_found
from gridmap.problems import bad_value
from gridmap.services import coverage_needs, coverage_sites, coverage_what_if
from gridmap.store import coverage_hours, event, job
from gridmap.store import coverage_option as rows
from gridmap.store.database import Database, Row, Transaction

MOST_OPTIONS = 200  # of one area


def keep(  # noqa: PLR0913, PLR0917 - what is kept, and for whose eyes
    database: Database,
    scope: Scope,
    name: str,
    job_id: int,
    site: int | None = None,
    needs_in: Sequence[str] = (),
) -> dict[str, Any]:
    """Keep the answer of a job under a name.

    Parameters
    ----------
    needs_in
        Areas in which the person may read needs: of others no figure tells of them.
    site
        Of an answer about sites, the number of the one that is kept; of methods that choose
        several it is kept with those before it.

    Raises
    ------
    Problem
        404 for a job that is not there or not this person's area, 403 for an answer weighed by
        needs that the person may not read, 409 for one that has not
        answered, an area with enough options or a name that is taken, 400 for another number of
        a site than there is.
    """
    with database.transaction(scope) as tx:
        row = job.read(tx, job_id)
        if row is None or row["kind"] not in (coverage_what_if.KIND, coverage_sites.KIND):
            raise not_found(f"job {job_id}")
        if coverage_needs.weighs(row["arguments"]) and not coverage_needs.readable(
            row["area_code"], needs_in
        ):
            raise forbidden(Permission.HOUSEHOLD_PERSONAL.value)
        if row["state"] != "done":
            raise conflict(f"job {job_id} is {row['state']}")
        result: Mapping[str, Any] = row["result"]
        changes, after = _chosen(row, site)
        if rows.count(tx, row["area_code"]) >= MOST_OPTIONS:
            raise conflict(f"area {row['area_code']} has {MOST_OPTIONS} options; remove some first")
        option = rows.insert(
            tx,
            area_code=row["area_code"],
            name=name,
            standard=result["standard"],
            changes=changes.stored(),
            before=result["before"],
            after=after,
            input_version=result["input_version"],
            job_id=job_id,
        )
        if option is None:
            raise conflict(f"another option of {row['area_code']} is called {name} already")
        event.record(
            tx,
            "coverage_option.kept",
            area_code=row["area_code"],
            subject_id=option,
            payload={"option": option, "standard": result["standard"]["key"], "job": job_id},
        )
    return show(database, scope, option, needs_in)


def _chosen(row: Row, site: int | None) -> tuple[Changes, Mapping[str, Any]]:
    """Give what would be different, and the figures it would give."""
    result = row["result"]
    if row["kind"] == coverage_what_if.KIND:
        if site is not None:
            raise bad_value("site", "this answer has no sites")
        return Changes.read(result["changes"]), result["after"]
    sites = result["sites"]
    if not sites:
        raise bad_input("this answer has no sites")
    if site is None or not 1 <= site <= len(sites):
        raise bad_value("site", f"must be 1 to {len(sites)}")
    chosen = [sites[site - 1]] if result["method"] == "next" else sites[:site]
    capacity = row["arguments"]["question"]["capacity"]
    added = tuple(Addition((each["at"][0], each["at"][1]), capacity) for each in chosen)
    return Changes(added=added), chosen[-1]["after"]


def listing(
    database: Database,
    scope: Scope,
    standard_key: str | None,
    area_code: str | None,
    needs_in: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """List the options in a person's areas, the newest first."""
    with database.transaction(scope) as tx:
        return [_said(tx, row, needs_in) for row in rows.listing(tx, standard_key, area_code)]


def show(
    database: Database, scope: Scope, option_id: int, needs_in: Sequence[str] = ()
) -> dict[str, Any]:
    """Give one option.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope) as tx:
        row = rows.read(tx, option_id)
        if row is None:
            raise not_found(f"coverage option {option_id}")
        return _said(tx, row, needs_in)


def _said(tx: Transaction, row: Row, needs_in: Sequence[str]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "area": row["area_code"],
        "name": row["name"],
        "standard": row["standard_key"],
        "version": row["standard_version"],
        "definition": row["standard"],
        "changes": row["changes"],
        "before": coverage_needs.shown(row["totals_before"], row["area_code"], needs_in),
        "after": coverage_needs.shown(row["totals_after"], row["area_code"], needs_in),
        "input_version": row["input_version"],
        "stale": not coverage_hours.holds(tx, row),
        "job": row["job_id"],
        "by": row["by"],
        "created_at": row["created_at"].isoformat(),
    }


def remove(database: Database, scope: Scope, option_id: int) -> None:
    """Remove an option.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope) as tx:
        row = rows.delete(tx, option_id)
        if row is None:
            raise not_found(f"coverage option {option_id}")
        event.record(
            tx,
            "coverage_option.removed",
            area_code=row["area_code"],
            subject_id=option_id,
            payload={"option": option_id, "standard": row["standard_key"]},
        )
