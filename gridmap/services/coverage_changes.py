"""Who has just lost cover, and who still is without: for the people on duty."""

from collections.abc import Mapping
from typing import Any

from gridmap.model.access import Scope
from gridmap.model.problem import bad_input, not_found
from gridmap.store import coverage, coverage_change
from gridmap.store.database import Database, Row, Transaction

MOST = 5000  # households of one answer; the count is always the whole one


def listing(database: Database, scope: Scope, since: int, language: str) -> dict[str, Any]:
    """List the changes of cover of the last day, and what of it still holds.

    Returns
    -------
    dict
        `items`: one for each run that changed anybody's cover, the newest first: seq, at, area,
        standard, name, run, before, lost, gained, people_lost, with_needs_lost.
        `standing`: for each standard and area, who was covered before the first of those changes
        and is not by the newest run: area, standard, name, since, before, run, lost, people_lost,
        with_needs_lost; the most people first, nobody left out, nothing where all is well again.
    """
    with database.transaction(scope) as tx:
        rows = coverage_change.recent(tx, 0)
        first: dict[tuple[str, str], Row] = {}
        for row in rows:  # the newest first: what stays is the earliest
            first[row["area_code"], row["payload"]["standard"]] = row
        standing = [_standing(tx, code, key, row, language) for (code, key), row in first.items()]
        names = {(one["area"], one["standard"]): one["name"] for one in standing if one}
    found = [one for one in standing if one and one["lost"]]
    return {
        "items": [_item(row, names) for row in rows if row["seq"] > since],
        "standing": sorted(found, key=lambda one: (-one["people_lost"], one["standard"])),
    }


def _item(row: Row, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    payload = row["payload"]
    key = payload["standard"]
    return {
        "seq": row["seq"],
        "at": row["at"].isoformat(),
        "area": row["area_code"],
        "name": names.get((row["area_code"], key), key),
        **payload,
    }


def _standing(
    tx: Transaction, area_code: str, key: str, row: Row, language: str
) -> dict[str, Any] | None:
    run = coverage.latest(tx, key, area_code)
    first = coverage.read_run(tx, int(row["payload"]["before"]))
    if run is None or first is None:
        return None
    if run["standard"].get("version") != first["standard"].get("version"):
        return None  # another definition changes figures, and nobody's cover
    before = int(first["id"])
    return {
        "area": area_code,
        "standard": key,
        "name": run["standard"]["name_en" if language == "en" else "name_zh"],
        "since": row["at"].isoformat(),
        "before": before,
        "run": run["id"],
        **coverage_change.sums(tx, coverage_change.lost(tx, before, run["id"])),
    }


def lost(database: Database, scope: Scope, run_id: int, before: int) -> dict[str, Any]:
    """Give the households that a run no longer covers and an earlier one did, as GeoJSON.

    Raises
    ------
    Problem
        404 if one of the runs is not there or not for this person, 400 if they answer different
        questions.
    """
    with database.transaction(scope) as tx:
        runs = {number: coverage.read_run(tx, number) for number in (run_id, before)}
        for number, found in runs.items():
            if found is None:
                raise not_found(f"coverage run {number}")
        one, other = runs[run_id], runs[before]
        assert one is not None
        assert other is not None
        if (one["standard_key"], one["area_code"]) != (other["standard_key"], other["area_code"]):
            raise bad_input(
                "the runs are of different standards or areas",
                [{"place": "than", "message": "a run of the same standard and area"}],
            )
        gone = coverage_change.lost(tx, before, run_id)
        counted = coverage_change.sums(tx, gone)
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
