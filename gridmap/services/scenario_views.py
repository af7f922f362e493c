"""What is shown of a scenario: its head, its grids with their faults, its arcs and blocks."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import shapely

from geodata import boundaries
from geodata.grid_burdens import ROUND_SOURCE
from gridmap.model.access import Permission, Scope
from gridmap.model.problem import not_found
from gridmap.model.states import EDITABLE_SCENARIOS, ScenarioState
from gridmap.services import scenario_sizes
from gridmap.services.access import Viewer
from gridmap.services.scenario_faults import faults, summary
from gridmap.services.scenario_measures import rules_of
from gridmap.store import merged_community, publication, scenario, scenario_grid, scenario_step
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.view import scenarios as view

Aside = Callable[[Callable[[], Any]], Any]
_PLACES = 7  # decimals of degrees that are sent: a centimetre


@dataclass(frozen=True)
class Collection:
    """Features in text, and what else the collection says."""

    features: list[str]
    more: dict[str, Any]

    def text(self) -> str:
        """Write it as GeoJSON."""
        head = json.dumps({"type": "FeatureCollection", **self.more}, ensure_ascii=False)
        return head[:-1] + ', "features": [' + ",".join(self.features) + "]}"


def head(tx: Transaction, scenario_id: int) -> Row:
    """Give the head of a scenario.

    Raises
    ------
    Problem
        404 if there is none in this person's areas.
    """
    row = scenario.read(tx, scenario_id)
    if row is None:
        raise not_found(f"scenario {scenario_id}")
    return row


def listing(database: Database, scope: Scope, english: bool) -> list[dict[str, Any]]:
    """List the scenarios of a person's areas, the newest first."""
    with database.transaction(scope) as tx:
        rows = scenario.listing(tx)
    return [
        _brief(row, english) | {"grids": row["grids"], "operations": row["operations"]}
        for row in rows
    ]


def _brief(row: Row, english: bool) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "area": row["area_code"],
        "area_name": row["area_name_en" if english else "area_name_zh"],
        "state": row["state"],
        "version": row["version"],
        "created_by": _person(row["created_by"], row["created_name"]),
        "created_at": row["created_at"].isoformat(),
        "effective_from": row["effective_from"] and row["effective_from"].isoformat(),
    }


def _person(user_id: int | None, name: str | None) -> dict[str, Any] | None:
    return None if user_id is None else {"id": user_id, "name": name}


def detail(
    database: Database, viewer: Viewer, scope: Scope, scenario_id: int, english: bool
) -> dict[str, Any]:
    """Give everything about a scenario but its shapes.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope, snapshot=True) as tx:
        row = head(tx, scenario_id)
        grids = scenario_grid.light(tx, scenario_id)
        rules = rules_of(tx, sorted({grid["area_code"] for grid in grids}))
        counts = scenario_step.counts(tx, scenario_id)
        labels = view.labels(tx, scenario_id)
        operations = scenario_step.listing(tx, scenario_id)
        findings = view.findings(tx, scenario_id)
        stale = publication.stale_codes(tx, scenario_id)
        editors = scenario.editors(tx, scenario_id)
        bounds = view.bounds(tx, scenario_id)
        merged = merged_community.of_scenario(tx, scenario_id)
    limits = list(rules.values())
    return _brief(row, english) | {
        "base": row["base_version"],
        "minimum": min((rule.minimum for rule in limits), default=None),
        "maximum": max((rule.maximum for rule in limits), default=None),
        "rules": [
            {
                "community": code,
                "minimum": rule.minimum,
                "maximum": rule.maximum,
                "source": rule.source,
            }
            for code, rule in rules.items()
        ],
        "approved_by": _person(row["approved_by"], row["approved_name"]),
        "published_by": _person(row["published_by"], row["published_name"]),
        "applied": row["applied_at"] is not None,
        "job": row["job_id"],
        "stale": bool(stale) and row["applied_at"] is None,
        "stale_grids": [] if row["applied_at"] else stale,
        "can": can(viewer, row, editors, bool(stale)),
        "undo": counts["undo"],
        "redo": counts["redo"],
        "operations": [_operation(each, labels) for each in operations],
        "findings": [_finding(each) for each in findings if each["validated"]],
        "summary": summary(grids, rules),
        "base_summary": row["base_summary"],
        "sources": {"round": ROUND_SOURCE},
        "bounds": bounds,
        "merged": [
            {
                "code": each["code"],
                "name": each["name_zh"],
                "communities": list(each["communities"]),
                "outline": each["outline"],
            }
            for each in merged
        ],
    }


def _operation(row: Row, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "seq": row["seq"],
        "kind": row["kind"],
        "grids": [labels.get(key, _label(key)) for key in row["keys"]],
        "keys": list(row["keys"]),
        "at": row["at"].isoformat(),
        "by": _person(row["user_id"], row["display_name"]),
        "undone": row["undone"],
        "figures": row["figures"],
    }


def _label(key: str) -> str:
    """Name a grid that a scenario has no longer."""
    return f"{key[9:12]}-{key[12:]}" if len(key) == 15 else key


def _finding(row: Row) -> dict[str, Any]:
    return {
        "kind": row["kind"],
        "severity": row["severity"],
        "grids": list(row["grids"]),
        "area_m2": row["area_m2"],
        "figures": row["figures"],
        "point": None if row["lon"] is None else [row["lon"], row["lat"]],
        "geometry": row["geometry"],
    }


def can(viewer: Viewer, row: Row, editors: set[int], stale: bool) -> list[str]:
    """Name what a person may do with a scenario now."""
    state, area = ScenarioState(row["state"]), row["area_code"]
    found = []
    if viewer.may(Permission.GRID_DRAW, area):
        if state in EDITABLE_SCENARIOS:
            found += ["edit", "validate", "discard", *(["rebase"] if stale else [])]
        elif state is ScenarioState.APPROVED:
            found += ["discard", "reopen"]
        elif state is ScenarioState.DISCARDED:
            found.append("reopen")
    if viewer.may(Permission.GRID_PUBLISH, area):
        second = viewer.id not in editors
        if state is ScenarioState.VALID and second:
            found.append("approve")
        if state is ScenarioState.APPROVED and second:
            found.append("publish")
        if state is ScenarioState.PUBLISHED and row["applied_at"] is None:
            found.append("withdraw")
    return found


def grids(database: Database, scope: Scope, scenario_id: int) -> Collection:
    """Give the grids of a scenario with everything that is wrong with them.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope, snapshot=True) as tx:
        row = head(tx, scenario_id)
        features = view.grids(tx, scenario_id)
        wrong = faults_of(tx, scenario_id)[0]
    return Collection(features, {"version": row["version"], "faults": wrong})


def measures(
    database: Database, scope: Scope, scenario_id: int, keys: Sequence[str] | None
) -> dict[str, Any]:
    """Give the figures of all grids of a scenario, or of some, without their shapes.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope, snapshot=True) as tx:
        row = head(tx, scenario_id)
        items = view.measures(tx, scenario_id, keys)
        wrong, figures = faults_of(tx, scenario_id)
    return {"version": row["version"], "items": items, "summary": figures, "faults": wrong}


def faults_of(tx: Transaction, scenario_id: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Give the faults and the summary of a whole scenario."""
    light = scenario_grid.light(tx, scenario_id)
    rules = rules_of(tx, sorted({grid["area_code"] for grid in light}))
    stored = [each for each in view.findings(tx, scenario_id) if not each["validated"]]
    why = scenario_sizes.reasons(tx, scenario_id, light, rules)
    return faults(light, rules, stored, why), summary(light, rules)


def arcs(database: Database, scope: Scope, scenario_id: int, aside: Aside) -> Collection:
    """Give the borders of a scenario, each once; Problem 404."""
    with database.transaction(scope, snapshot=True) as tx:
        row = head(tx, scenario_id)
        frame = scenario_grid.all_of(tx, scenario_id)
    features = aside(lambda: arc_features(boundaries.arcs(movable(frame)), frame))
    return Collection(features, {"version": row["version"]})


def movable(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave of a frame what arcs are made of."""
    return frame[["community", "geometry"]]


def arc_features(arcs_: gpd.GeoDataFrame, frame: gpd.GeoDataFrame) -> list[str]:
    """Write arcs as features; a border between two communities cannot be moved."""
    found = []
    community = frame["community"].to_dict()
    for arc_id, left, right, metres, line in zip(
        arcs_.index,
        arcs_["left"],
        arcs_["right"],
        arcs_["metres"],
        arcs_.geometry,
        strict=True,
    ):
        points = shapely.get_coordinates(line).round(_PLACES).tolist()
        found.append(
            json.dumps(
                {
                    "type": "Feature",
                    "id": arc_id,
                    "geometry": {"type": "LineString", "coordinates": points},
                    "properties": {
                        "left": left,
                        "right": right,
                        "movable": right is not None and community[left] == community[right],
                        "metres": round(float(metres), 1),
                    },
                }
            )
        )
    return found


def shown(keys: Sequence[str]) -> str:
    """Name grids in a sentence."""
    return ", ".join(_label(key) for key in keys[:20])
