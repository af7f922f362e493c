"""What has changed in a scenario since a version: how a page keeps up with others at work on it."""

from typing import Any

from geodata import boundaries
from gridmap.model.access import Scope
from gridmap.problems import bad_value
from gridmap.services.scenario_views import Aside, arc_features, faults_of, head, movable
from gridmap.store import scenario_grid, scenario_step
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.view import scenarios as view


def since(
    database: Database, scope: Scope, scenario_id: int, version: int, aside: Aside
) -> dict[str, Any]:
    """Give all that differs between a version and now.

    Who deletes `removed`, puts `changed` in its place, deletes every arc with a side in `keys`
    and puts `arcs` in their place holds the same as who loads everything.

    Raises
    ------
    Problem
        404; 400 for a version that has not been yet.
    """
    with database.transaction(scope, snapshot=True) as tx:
        row = head(tx, scenario_id)
        if version > row["version"]:
            raise bad_value("since", f"the scenario is at version {row['version']}")
        return collected(tx, row, version, aside)


def collected(tx: Transaction, row: Row, version: int, aside: Aside) -> dict[str, Any]:
    """Collect within a transaction what differs between a version and `row`, the head of now."""
    scenario_id = row["id"]
    keys = scenario_grid.changed_after(tx, scenario_id, version)
    touched = scenario_step.changed_since(tx, scenario_id, version)
    removed = sorted(set(touched) - set(scenario_grid.existing(tx, scenario_id, touched)))
    wrong, figures = faults_of(tx, scenario_id)
    local = scenario_grid.around(tx, scenario_id, keys)
    arcs = aside(
        lambda: (
            arc_features(boundaries.arcs(movable(local), only=set(keys)), local)
            if set(keys) & set(local.index)
            else []
        )
    )
    blocks = scenario_grid.blocks_in(tx, scenario_id, keys) if keys else []
    return {
        "version": row["version"],
        "since": version,
        "changed": view.grids(tx, scenario_id, keys) if keys else [],
        "removed": removed,
        "keys": sorted({*keys, *removed}),
        "arcs": arcs,
        "blocks": [dict(block) for block in blocks],
        "faults": wrong,
        "summary": figures,
        **scenario_step.counts(tx, scenario_id),
        "steps": [_step(each) for each in scenario_step.steps_since(tx, scenario_id, version)],
    }


def _step(row: Row) -> dict[str, Any]:
    return {
        "version": row["version"],
        "verb": row["verb"],
        "kind": row["kind"],
        "seq": row["seq"],
        "keys": list(row["keys"]),
        "by": None
        if row["user_id"] is None
        else {"id": row["user_id"], "name": row["display_name"]},
        "at": row["at"].isoformat(),
    }
