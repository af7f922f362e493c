"""One operation on a scenario: checked, applied, measured, stored with its inverse, in one go."""

from collections.abc import Callable, Sequence
from typing import Any

from geodata import boundaries
from geodata.errors import GeodataError
from gridmap.model.access import Scope
from gridmap.model.problem import Problem, conflict, not_found
from gridmap.model.states import EDITABLE_SCENARIOS, ScenarioState
from gridmap.problems import bad_value, from_geodata
from gridmap.services import community_names, scenario_special, scenario_walks
from gridmap.services import scenario_operations as operations
from gridmap.services.scenario_done import Done
from gridmap.services.scenario_locks import check_free
from gridmap.services.scenario_operations import Edit
from gridmap.services.scenario_views import Aside, arc_features, faults_of, movable
from gridmap.store import event, scenario, scenario_grid, scenario_step
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.view import scenarios as view

__all__ = ["Edit", "apply"]

_NAMES = ("rename", "name_community")


def apply(
    database: Database, scope: Scope, scenario_id: int, edit: Edit, aside: Aside
) -> dict[str, Any]:
    """Apply one operation to a scenario.

    Raises
    ------
    Problem
        404 for a scenario that is not there; 409 in a state in which nothing is edited, when a
        touched grid has changed since the version named or is in another's hand, when there is
        nothing to undo; 400 where the ground does not allow it, with the place.
    """
    with database.transaction(scope) as tx:
        row = locked_for_edit(tx, scenario_id)
        if edit.base > row["version"]:
            raise bad_value("base", f"the scenario is at version {row['version']}")
        since = scenario_step.changed_since(tx, scenario_id, edit.base)
        if edit.kind in ("undo", "redo"):
            return _turned(tx, row, edit, since, aside)
        try:
            if edit.kind == "name_community":
                done = community_names.renamed(tx, row, edit)
            else:
                done = operations.done(tx, row, edit, since, aside)
        except GeodataError as error:
            raise _refused(edit, error) from error
        except Problem as problem:
            raise _saying_who(tx, row, edit.base, problem) from problem
        return _applied(tx, row, edit, done, aside)


def apply_made(  # noqa: PLR0913 - an operation that something else has made
    database: Database,
    scope: Scope,
    scenario_id: int,
    edit: Edit,
    make: Callable[[Transaction, Row, Sequence[str]], Done],
    aside: Aside,
) -> dict[str, Any]:
    """Apply an operation whose change is made by `make`; answers and Problems as of `apply`."""
    with database.transaction(scope) as tx:
        row = locked_for_edit(tx, scenario_id)
        if edit.base > row["version"]:
            raise bad_value("base", f"the scenario is at version {row['version']}")
        since = scenario_step.changed_since(tx, scenario_id, edit.base)
        try:
            done = make(tx, row, since)
        except GeodataError as error:
            raise _refused(edit, error) from error
        except Problem as problem:
            raise _saying_who(tx, row, edit.base, problem) from problem
        return _applied(tx, row, edit, done, aside)


def _applied(tx: Transaction, row: Row, edit: Edit, done: Done, aside: Aside) -> dict[str, Any]:
    """Store what an operation has changed, with its inverse."""
    check_free(tx, row, done.keys)
    version = row["version"] + 1
    scenario_grid.put(tx, row["id"], done.after, set(done.before) - set(done.after), version)
    seq = scenario_step.insert(
        tx,
        row["id"],
        area_code=row["area_code"],
        base=edit.base,
        kind=edit.kind,
        arguments=edit.arguments,
        keys=done.keys,
        before=done.before,
        after=done.after,
        figures=done.figures,
    )
    return _stored(tx, row, version, seq, ("do", edit.kind), done, aside)


def _saying_who(tx: Transaction, row: Row, base: int, problem: Problem) -> Problem:
    """Add to a conflict who has changed what since."""
    changed = problem.more.get("changed") if problem.status == 409 else None
    if changed:
        problem.more["by"] = [
            {
                "grid": each["grid"],
                "by": {"id": each["id"], "name": each["name"]},
                "at": each["at"].isoformat(),
            }
            for each in scenario_step.who_since(tx, row["id"], base, changed)
        ]
    return problem


def locked_for_edit(tx: Transaction, scenario_id: int) -> Row:
    """Give the head of a scenario and keep others from changing it until the end.

    Raises
    ------
    Problem
        404; 409 in a state in which nothing is edited.
    """
    row = scenario.lock(tx, scenario_id)
    if row is None:
        raise not_found(f"scenario {scenario_id}")
    if ScenarioState(row["state"]) not in EDITABLE_SCENARIOS:
        raise conflict(
            f"a scenario that is {row['state']} is not edited", version=row["version"], changed=[]
        )
    return row


def _refused(edit: Edit, error: GeodataError) -> Exception:
    place = {
        "move_edge": "line",
        "move_vertex": "place",
        "split": "line" if edit.line is not None else "parts",
        "hand_over": "buildings" if edit.buildings else "blocks",
        "draw_special": "buildings" if edit.buildings else "outline",
        "move_special": "buildings" if edit.buildings else "outline",
    }
    problem = from_geodata(error, place.get(edit.kind, "grids"))
    point = getattr(error, "place", None)
    problem.more = {
        "kind": getattr(error, "kind", None),
        "point": point,
        "geometry": point and {"type": "Point", "coordinates": point},
    }
    return problem


def _turned(
    tx: Transaction, row: Row, edit: Edit, since: Sequence[str], aside: Aside
) -> dict[str, Any]:
    """Undo the last operation, or do again the last one undone: its rows, byte for byte."""
    if edit.base != row["version"]:
        problem = conflict(
            f"the scenario is at version {row['version']}: look at it before you {edit.kind}",
            version=row["version"],
            changed=list(since),
        )
        raise _saying_who(tx, row, edit.base, problem)
    undo = edit.kind == "undo"
    found = (scenario_step.to_undo if undo else scenario_step.to_redo)(tx, row["id"])
    if found is None:
        raise conflict(f"there is nothing to {edit.kind}", version=row["version"], changed=[])
    old, new = (found["after"], found["before"]) if undo else (found["before"], found["after"])
    check_free(tx, row, found["keys"])
    version = row["version"] + 1
    local = scenario_grid.around(tx, row["id"], list(old))
    scenario_grid.put(tx, row["id"], new, set(old) - set(new), version)
    scenario_step.set_undone(tx, row["id"], found["seq"], undo)
    after = scenario_grid.around(tx, row["id"], list(new))
    done = Done(list(found["keys"]), old, new, (local, after), {})
    return _stored(tx, row, version, found["seq"], (edit.kind, found["kind"]), done, aside)


def _stored(  # noqa: PLR0913 - what an answer is made of
    tx: Transaction,
    row: Row,
    version: int,
    seq: int,
    verb: tuple[str, str],
    done: Done,
    aside: Aside,
) -> dict[str, Any]:
    """Note the step, say what has changed, and record the event last."""
    scenario_id = row["id"]
    scenario.set_version(tx, scenario_id, version)
    scenario_step.record(
        tx,
        scenario_id,
        version,
        area_code=row["area_code"],
        verb=verb[0],
        seq=seq,
        keys=done.keys,
    )
    changed = [key for key in done.keys if key in done.after]
    # neighbours that have got, or lost, a point on their border
    noded = sorted(set(done.after) - set(done.keys))
    removed = [key for key in done.keys if key not in done.after]
    wrong, figures = faults_of(tx, scenario_id)
    counts = scenario_step.counts(tx, scenario_id)
    features = view.grids(tx, scenario_id, changed)
    beside = view.grids(tx, scenario_id, noded) if noded else []
    still = verb[1] in (*_NAMES, "appoint", "set_kind", *scenario_special.OPERATIONS)
    blocks = [] if still else scenario_grid.blocks_in(tx, scenario_id, changed)
    arcs, gone = aside(lambda: _arc_changes(done))
    if verb[1] not in (*_NAMES, *scenario_special.OPERATIONS):
        scenario_walks.want(tx, row)
    event.record(
        tx,
        "scenario.changed",
        area_code=row["area_code"],
        subject_id=scenario_id,
        payload={
            "scenario": scenario_id,
            "version": version,
            "verb": verb[0],
            "kind": verb[1],
            "seq": seq,
            "grids": done.keys,
        },
    )
    return {
        "version": version,
        "operation": {"seq": seq, "kind": verb[1], "verb": verb[0], "figures": done.figures},
        "changed": features,
        "noded": beside,
        "removed": removed,
        "arcs": arcs,
        "removed_arcs": gone,
        "blocks": [dict(block) for block in blocks],
        "faults": wrong,
        "summary": figures,
        "undo": counts["undo"],
        "redo": counts["redo"],
    }


def _arc_changes(done: Done) -> tuple[list[str], list[str]]:
    """Give the arcs of the changed grids, and the ids of those that are gone."""
    # a border is called after its two sides in the order in which they are stored
    before, after = (movable(frame).sort_index() for frame in done.local)
    keys = set(done.keys)
    if before.empty and after.empty:
        return [], []  # special grids alone, which have no arcs
    old = boundaries.arcs(before, only=keys & set(before.index)).index
    arcs = boundaries.arcs(after, only=keys & set(after.index))
    return arc_features(arcs, after), sorted(set(old) - set(arcs.index))
