"""Validation of a whole scenario by a worker: nothing is published that has not been through it."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.model.access import Scope
from gridmap.model.problem import not_found
from gridmap.model.states import ScenarioState
from gridmap.services import scenario_sizes, scenario_special
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.progress import Progress
from gridmap.services.scenario_faults import faults
from gridmap.services.scenario_measures import (
    Ground,
    homes_of,
    measured,
    read_ground,
    rules_of,
)
from gridmap.services.scenario_opening import found as topology_faults
from gridmap.services.scenarios import check_version, locked
from gridmap.store import (
    area,
    event,
    job,
    merged_community,
    publication,
    scenario,
    scenario_finding,
    scenario_grid,
    version,
)
from gridmap.store import publication_effects as effects
from gridmap.store.database import Database, Row, Transaction

KIND = "scenarios.validate"
INPUT_LAYERS = ("area", "building", "grid", "grid_member", "household", "road")
_ON = 1e-8  # degrees: a household this near to a grid is in it, a millimetre
_NAMED = 20  # households named in one finding


def request(database: Database, scope: Scope, scenario_id: int, seen: int | None = None) -> int:
    """Ask for a scenario to be validated; give the job's id, that under way when there is one.

    Raises
    ------
    Problem
        404; 409 in a state in which it cannot be, or for another version than the person saw.
    """
    with database.transaction(scope) as tx:
        row = scenario.lock(tx, scenario_id)
        if row is None:
            raise not_found(f"scenario {scenario_id}")
        if row["state"] == ScenarioState.VALIDATING:
            return int(row["job_id"])
        locked(tx, scenario_id, ScenarioState.VALIDATING)
        check_version(row, seen)
        job_id = job.request(
            tx,
            KIND,
            queue=QUEUE_OF[KIND],
            area_code=row["area_code"],
            arguments={"scenario": scenario_id, "version": row["version"]},
        )
        scenario.set_validating(tx, scenario_id, job_id)
    return job_id


def validate(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed job: look at community after community, save all in one transaction."""
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    scenario_id, wanted = row["arguments"]["scenario"], row["arguments"]["version"]
    with database.transaction(scope, snapshot=True) as tx:
        used = version.of(tx, INPUT_LAYERS)
        grids = scenario_grid.all_of(tx, scenario_id)
        communities = sorted(set(grids["community"]))
    found: list[tuple[str, list[dict[str, Any]]]] = []
    figures: dict[str, dict[str, Any]] = {}
    for position, code in enumerate(communities):
        progress.step(position, len(communities) + 1, code)
        own = grids[grids["community"] == code]
        with database.transaction(scope, snapshot=True) as tx:
            outline = area.communities(tx, code).geometry.iloc[0]
            ground = read_ground(tx, own.geometry)
            rules = rules_of(tx, [code])
            named = (code, *merged_community.flattened(tx, [code]))
            figures |= scenario_special.measure(tx, scenario_id, [code])
            over = scenario_special.faults(tx, scenario_id, code, outline)
        figures |= measured(own, list(own.index), ground, rules)
        wrong = topology_faults(own, outline) + homeless(own, ground, named) + over
        found.append((code, wrong))
    progress.step(len(communities), len(communities) + 1, "saving")
    with database.transaction(scope) as tx:
        result = _save(tx, scenario_id, wanted, found, figures)
        job.finish(tx, row["id"], row["token"], result, used)
        if not result["superseded"]:
            event.record(
                tx,
                "scenario.validated",
                area_code=row["area_code"],
                subject_id=scenario_id,
                payload={"scenario": scenario_id, "version": wanted, **result},
            )


def homeless(
    own: gpd.GeoDataFrame, ground: Ground, communities: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Find the households of a community that lie in none of its grids, or in two.

    A community that is to be merged has those of the communities it is made of.

    One that is in none today either is a warning: the scenario has not lost it.
    """
    codes = np.asarray(ground.households["area_code"], dtype=object)
    mine = np.array([str(code).startswith(communities) for code in codes], dtype=bool)
    points = homes_of(ground)[mine]
    today = np.array([len(str(code)) == 15 for code in codes[mine]], dtype=bool)
    shapes = np.asarray(own.geometry.array, dtype=object)
    point, _ = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=_ON)
    within: Any = shapely.buffer(shapes, -_ON)
    inside = shapely.STRtree(within).query(points, predicate="intersects")[0]
    none = np.bincount(point, minlength=len(points)) == 0
    two = np.bincount(inside, minlength=len(points)) > 1
    rows = (
        ("error", "in_none", none & today),
        ("error", "in_two", two),
        ("warning", "in_none_today", none & ~today),
    )
    return [
        _household_finding(severity, reason, points[flag])
        for severity, reason, flag in rows
        if flag.any()
    ]


def _household_finding(severity: str, reason: str, points: Any) -> dict[str, Any]:
    return {
        "kind": "household",
        "severity": severity,
        "grids": [],
        "area_m2": None,
        "figures": {"households": len(points), "reason": reason},
        "geom": shapely.to_wkb(shapely.multipoints(points[:_NAMED]), hex=True),
    }


def _save(
    tx: Transaction,
    scenario_id: int,
    wanted: int,
    found: Sequence[tuple[str, list[dict[str, Any]]]],
    figures: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    """Store findings and the state they lead to, if the scenario is still the one looked at."""
    row = scenario.lock(tx, scenario_id)
    if row is None or row["version"] != wanted or row["state"] != ScenarioState.VALIDATING:
        return {"superseded": True}
    scenario_grid.set_measures(tx, scenario_id, figures)
    scenario_finding.forget(tx, scenario_id, validated=True)
    light = scenario_grid.light(tx, scenario_id)
    rules = rules_of(tx, sorted({grid["area_code"] for grid in light}))
    of = {grid["key"]: grid["area_code"] for grid in light}
    everything = {code: list(wrong) for code, wrong in found}
    why = scenario_sizes.reasons(tx, scenario_id, light, rules, few=None)
    for fault in _once(faults(light, rules, (), why)):
        everything[of[fault["grids"][0]]].append(_as_row(fault))
    for key in effects.without_member(tx, scenario_id):
        everything[of[key]].append(_plain("no_member", "warning", [key]))
    touched = publication.touched(tx, scenario_id)
    moved = [code for code in publication.stale_codes(tx, scenario_id) if code[:12] in touched]
    for code in moved:
        everything.setdefault(code[:12], []).append(_plain("stale", "error", [code]))
    for code, wrong in everything.items():
        scenario_finding.insert(tx, scenario_id, code, wrong, validated=True)
    errors = sum(each["severity"] == "error" for all_ in everything.values() for each in all_)
    warnings = sum(len(all_) for all_ in everything.values()) - errors
    scenario.set_validated(tx, scenario_id, wanted, errors == 0)
    return {"superseded": False, "errors": errors, "warnings": warnings}


def _once(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Name a building that two grids cut once, with both."""
    kept: dict[tuple[Any, ...], dict[str, Any]] = {}
    for fault in found:
        place = tuple(fault["point"] or ())
        key = (fault["kind"], place, *(() if fault["kind"] == "building" else fault["grids"]))
        if key in kept:
            kept[key]["grids"] = [*kept[key]["grids"], *fault["grids"]]
        else:
            kept[key] = dict(fault)
    return list(kept.values())


def _as_row(fault: dict[str, Any]) -> dict[str, Any]:
    point = fault["point"]
    return {
        **_plain(fault["kind"], fault["severity"], fault["grids"]),
        "figures": fault["figures"],
        "geom": None if point is None else shapely.to_wkb(shapely.Point(point), hex=True),
    }


def _plain(kind: str, severity: str, grids: Sequence[str]) -> dict[str, Any]:
    return {
        "kind": kind,
        "severity": severity,
        "grids": list(grids),
        "area_m2": None,
        "figures": {},
        "geom": None,
    }
