"""Who has just lost cover, and who still is without: for the people on duty."""

from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.model.access import Permission, Scope, system_scope
from gridmap.model.problem import bad_input, not_found
from gridmap.services import reading
from gridmap.services.access import Viewer
from gridmap.store import coverage, coverage_change, coverage_words
from gridmap.store.database import Database, Row, Transaction

MOST = 5000  # households of one answer; the count is always the whole one


def listing(database: Database, viewer: Viewer, since: int, language: str) -> dict[str, Any]:
    """List the changes of cover of the last day, and what of it still holds.

    Returns
    -------
    dict
        `items`: one for each run that changed anybody's cover, the newest first: seq, at, area,
        standard, name, run, before, worse (whether anybody lost cover by it).
        `standing`: for each standard and area, who was covered before the first of those changes
        and is not by the newest run: area, standard, name, since, before, run, lost, people_lost,
        with_needs_lost; the most people first, nobody left out, nothing where all is well again.

        A run of a county is told to the people of its townships too, with the households of
        their own areas alone; what the run of a township says as well is said once.
        `with_needs_lost` is None for who may not read needs there.
    """
    scope = viewer.scope(Permission.COVERAGE_VIEW)
    needs_in = reading.readable_needs(database, viewer)
    with database.transaction(scope) as tx:
        changes = coverage_change.recent(tx, 0)
    first: dict[tuple[str, str], Row] = {}
    for row in changes:  # the newest first: what stays is the earliest
        first[row["area_code"], row["payload"]["standard"]] = row
    found, stated = [], {}
    for (code, key), row in first.items():
        runs = _runs(database, code, key, int(row["payload"]["before"]))
        if runs is None:
            continue
        before, run = runs
        stated[code, key] = coverage_words.of(run["standard"])
        with database.transaction(scope) as tx:
            sums = _sums(tx, before["id"], run["id"], code, needs_in)
        found.append(
            {
                "area": code,
                "standard": key,
                "name": run["standard"]["name_en" if language == "en" else "name_zh"],
                "since": row["at"].isoformat(),
                "before": before["id"],
                "run": run["id"],
                **sums,
            }
        )
    names = {(one["area"], one["standard"]): one["name"] for one in found}
    standing = [one for one in found if one["lost"] and not _said(one, found, stated)]
    return {
        "items": [
            {
                "seq": row["seq"],
                "at": row["at"].isoformat(),
                "area": row["area_code"],
                "standard": row["payload"]["standard"],
                "name": names.get(
                    (row["area_code"], row["payload"]["standard"]), row["payload"]["standard"]
                ),
                "run": row["payload"]["run"],
                "before": row["payload"]["before"],
                "worse": row["payload"]["lost"] > 0,
            }
            for row in changes
            if row["seq"] > since
        ],
        "standing": sorted(standing, key=lambda one: (-one["people_lost"], one["standard"])),
    }


def _said(
    one: Mapping[str, Any],
    found: Sequence[Mapping[str, Any]],
    stated: Mapping[tuple[str, str], object],
) -> bool:
    """Tell whether a run of more ground, by the same words, tells of the same households."""
    code, key = one["area"], one["standard"]
    return any(
        len(other["area"]) < len(code)
        and code.startswith(other["area"])
        and other["standard"] == key
        and other["lost"] >= one["lost"]
        and stated[other["area"], key] == stated[code, key]
        for other in found
    )


def _runs(database: Database, area_code: str, key: str, before: int) -> tuple[Row, Row] | None:
    """Give the run before and the newest one; None where they answer different questions.

    Their words alone, whatever the area of who asks: a township hears of its county's runs.
    """
    with database.transaction(system_scope()) as tx:
        first, run = coverage.read_run(tx, before), coverage.latest(tx, key, area_code)
    if first is None or run is None:
        return None
    # another definition changes figures, and nobody's cover
    same = coverage_words.of(first["standard"]) == coverage_words.of(run["standard"])
    return (first, run) if same else None


def _sums(
    tx: Transaction, before: int, run: int, area_code: str, needs_in: Sequence[str]
) -> dict[str, Any]:
    counted = dict(coverage_change.sums(tx, coverage_change.lost(tx, before, run)))
    # what is counted lies in the area of the run and in one's own
    counted_in = [
        max(own, area_code, key=len)
        for own in tx.scope.areas
        if own.startswith(area_code) or area_code.startswith(own)
    ]
    if not all(any(code.startswith(area) for area in needs_in) for code in counted_in):
        counted["with_needs_lost"] = None
    return counted


def lost(database: Database, viewer: Viewer, run_id: int, before: int) -> dict[str, Any]:
    """Give the households that a run no longer covers and an earlier one did, as GeoJSON.

    Of a county's run somebody of a township gets the households of their own areas.

    Raises
    ------
    Problem
        404 if one of the runs is not there or not for this person, 400 if they answer different
        questions.
    """
    scope = viewer.scope(Permission.COVERAGE_VIEW)
    with database.transaction(system_scope()) as tx:
        one, other = coverage.read_run(tx, run_id), coverage.read_run(tx, before)
    for number, run in ((run_id, one), (before, other)):
        if run is None or not _around(scope, run["area_code"]):
            raise not_found(f"coverage run {number}")
    assert one is not None
    assert other is not None
    if (one["standard_key"], one["area_code"]) != (other["standard_key"], other["area_code"]):
        raise bad_input(
            "the runs are of different standards or areas",
            [{"place": "than", "message": "a run of the same standard and area"}],
        )
    needs_in = reading.readable_needs(database, viewer)
    with database.transaction(scope) as tx:
        gone = coverage_change.lost(tx, before, run_id)
        counted = _sums(tx, before, run_id, one["area_code"], needs_in)
        rows = coverage_change.places(tx, run_id, gone[:MOST])
    return {
        "type": "FeatureCollection",
        **counted,
        "features": [
            {
                "type": "Feature",
                "id": row["id"],
                "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
                "properties": {
                    "id": row["id"],
                    "people": row["people"],
                    "reason": row["reason"],
                },
            }
            for row in rows
        ],
    }


def _around(scope: Scope, area_code: str) -> bool:
    return any(area_code.startswith(own) or own.startswith(area_code) for own in scope.areas)
