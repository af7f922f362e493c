"""Proposals for a scenario: asked for, looked at, dismissed; a worker makes them."""

from collections.abc import Mapping
from typing import Any

import shapely

from gridmap.model.access import Scope
from gridmap.model.problem import conflict, not_found
from gridmap.problems import bad_value
from gridmap.services import community_names
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.scenario_edits import locked_for_edit
from gridmap.services.scenario_views import head
from gridmap.store import event, job, scenario_grid, scenario_proposal, scenario_step
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.view import scenarios as view

KIND = "scenarios.propose"
_MOST_WAITING = 5  # proposals of one scenario that are being made at once


def request(
    database: Database, scope: Scope, scenario_id: int, kind: str, arguments: Mapping[str, Any]
) -> dict[str, int]:
    """Ask for a proposal; give its id and that of the job that makes it.

    Raises
    ------
    Problem
        404; 409 in a state in which nothing is edited, or with five under way; 400 for grids or
        communities that are not in the scenario.
    """
    with database.transaction(scope) as tx:
        row = locked_for_edit(tx, scenario_id)
        if scenario_proposal.waiting(tx, scenario_id) >= _MOST_WAITING:
            raise conflict(f"{_MOST_WAITING} proposals are being made; wait for one of them")
        told = _checked(tx, row, kind, dict(arguments))
        proposal = scenario_proposal.insert(
            tx, scenario_id, row["area_code"], kind, told, row["version"]
        )
        job_id = job.request(
            tx,
            KIND,
            queue=QUEUE_OF[KIND],
            area_code=row["area_code"],
            arguments={"scenario": scenario_id, "proposal": proposal},
        )
        scenario_proposal.set_job(tx, proposal, job_id)
    return {"id": proposal, "job": job_id}


def _checked(tx: Transaction, row: Row, kind: str, told: dict[str, Any]) -> dict[str, Any]:
    """Check that what a proposal is about is in the scenario."""
    light = scenario_grid.light(tx, row["id"])
    keys = {grid["key"]: grid["area_code"] for grid in light if grid["kind"] == "comprehensive"}
    if "buildings" in told:
        told["grids"] = scenario_proposal.grids_of_buildings(tx, row["id"], told.pop("buildings"))
        if not told["grids"]:
            raise bad_value("buildings", "none of them stands in a grid of this scenario")
    for name in ("grid", "to"):
        if name in told and told[name] not in keys:
            raise bad_value(name, f"there is no grid {told[name]}")
    for key in told.get("grids", ()):
        if key not in keys:
            raise bad_value("grids", f"there is no grid {key}")
    if kind == "resign":
        _check_heir(told, keys)
    _check_communities(kind, told, set(keys.values()))
    if "name" in told:
        told["name"] = community_names.checked(tx, row, told["name"], told["communities"])
    return told


def _check_communities(kind: str, told: Mapping[str, Any], known: set[str]) -> None:
    named = told.get("communities") or ([told["community"]] if "community" in told else [])
    for code in named:
        if code not in known:
            place = "communities" if "communities" in told else "community"
            raise bad_value(place, f"no grid of {code} is in this scenario")
    if kind == "merge_communities":
        if len({code[:9] for code in named}) > 1:
            raise bad_value("communities", "communities of one township are merged")
        if len(set(named)) < len(named):
            raise bad_value("communities", "different communities are needed")


def _check_heir(told: Mapping[str, Any], keys: Mapping[str, str]) -> None:
    grid, to = told["grid"], told.get("to")
    if to == grid:
        raise bad_value("to", "another grid is needed")
    if to is not None and keys[to] != keys[grid]:
        raise bad_value("to", "a grid of the same community is needed")
    if sum(code == keys[grid] for code in keys.values()) < 2:
        raise bad_value("grid", "it is the only grid of its community")


def listing(database: Database, scope: Scope, scenario_id: int) -> list[dict[str, Any]]:
    """List the proposals of a scenario, the newest first.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope, snapshot=True) as tx:
        row = head(tx, scenario_id)
        found = scenario_proposal.listing(tx, scenario_id)
    return [
        _brief(each, row)
        | {
            "steps": each["steps"],
            "households_moved": (each["figures"] or {}).get("households_moved"),
            "reason": (each["figures"] or {}).get("reason"),
        }
        for each in found
    ]


def _brief(each: Row, row: Row) -> dict[str, Any]:
    person = (
        None if each["user_id"] is None else {"id": each["user_id"], "name": each["display_name"]}
    )
    return {
        "id": each["id"],
        "kind": each["kind"],
        "state": each["state"],
        "arguments": each["arguments"],
        "base": each["base"],
        "stale": each["base"] != row["version"],
        "by": person,
        "at": each["at"].isoformat(),
        "job": each["job_id"],
        "error": each["error"],
    }


def detail(database: Database, scope: Scope, scenario_id: int, proposal_id: int) -> dict[str, Any]:
    """Give a proposal with its figures, grids and steps; a step whose grids have changed is gone.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope, snapshot=True) as tx:
        row = head(tx, scenario_id)
        each = scenario_proposal.read(tx, scenario_id, proposal_id)
        if each is None:
            raise not_found(f"proposal {proposal_id}")
        there = view.labels(tx, scenario_id)
        changed = set(scenario_step.changed_since(tx, scenario_id, each["base"]))
        done = scenario_proposal.taken(tx, scenario_id, proposal_id)
    result = each["result"]
    steps = result.get("steps", ())
    own = {step[end] for step in steps if step["n"] in done for end in ("from", "to")}
    fresh = result.get("fresh", {})
    own |= {fresh.get(key, key) for key in own}
    labels = result.get("labels", {}) | there
    return _brief(each, row) | {
        "figures": result.get("figures"),
        "grids": [
            {**grid, "label": labels.get(grid["key"], grid["key"])}
            for grid in result.get("grids", ())
        ],
        "steps": [_step(step, step["n"] in done, changed - own, labels) for step in steps],
    }


def _step(
    step: dict[str, Any], taken: bool, changed: set[str], labels: Mapping[str, str]
) -> dict[str, Any]:
    shape = step.get("geom")
    gone = {step["from"], step["to"]} & changed
    return {
        **{name: value for name, value in step.items() if name not in ("geom", "rows")},
        "state": "taken" if taken else "gone" if gone else "open",
        "labels": [labels.get(key, key) for key in (step["from"], step["to"]) if key],
        "geometry": None if shape is None else _mapping(shape),
        "shapes": [
            {"key": key, "label": labels.get(key, key), "geometry": _mapping(each)}
            for key, each in step.get("rows", {}).items()
        ],
    }


def _mapping(wkb: str) -> dict[str, Any]:
    found: dict[str, Any] = shapely.geometry.mapping(
        shapely.set_precision(shapely.from_wkb(wkb), 1e-7)
    )
    return found


def dismiss(database: Database, scope: Scope, scenario_id: int, proposal_id: int) -> None:
    """Put a proposal aside; what was taken of it stays.

    Raises
    ------
    Problem
        404; 409 for one that is still being made.
    """
    with database.transaction(scope) as tx:
        row = head(tx, scenario_id)
        each = scenario_proposal.lock(tx, scenario_id, proposal_id)
        if each is None:
            raise not_found(f"proposal {proposal_id}")
        if each["state"] == "waiting":
            raise conflict("it is still being made; cancel its job first", job=each["job_id"])
        scenario_proposal.set_state(tx, proposal_id, "dismissed")
        event.record(
            tx,
            "scenario.proposal_dismissed",
            area_code=row["area_code"],
            subject_id=scenario_id,
            payload={"scenario": scenario_id, "proposal": proposal_id},
        )
