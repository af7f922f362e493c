"""Scenarios: a planner's copy of the grids in force, from opening to approval."""

from typing import Any

from gridmap.model.access import Scope
from gridmap.model.problem import bad_input, conflict, forbidden, not_found
from gridmap.model.states import SCENARIO_STEPS, ScenarioState
from gridmap.services import scenario_walks
from gridmap.services.ended_communities import refuse_ended
from gridmap.services.scenario_blocks import cut_anew
from gridmap.services.scenario_faults import summary
from gridmap.services.scenario_measures import rules_of
from gridmap.services.scenario_opening import prepare
from gridmap.services.scenario_views import Aside
from gridmap.store import (
    area,
    event,
    merged_community,
    publication,
    scenario,
    scenario_blank,
    scenario_finding,
    scenario_grid,
)
from gridmap.store import scenario_step as steps
from gridmap.store.database import Database, Row, Transaction

MOST_OPEN = 50  # scenarios of one area that are neither published nor discarded


def open_new(database: Database, scope: Scope, area_code: str, name: str, aside: Aside) -> int:
    """Open a scenario on the grids in force of an area and give its id.

    A community without grids comes as one grid of all its ground, to be divided.

    Raises
    ------
    Problem
        404 for an absent area, 400 for a name that is none, 409 where there are no communities.
    """
    name = name.strip()
    if not 1 <= len(name) <= 80:
        raise bad_input("a name of 1 to 80 characters is needed")
    with database.transaction(scope) as tx:
        _check_area(tx, scope, area_code)
        scenario_id = scenario.insert(tx, area_code, name)
        communities = list(area.communities(tx, area_code).index)
        if not communities:
            raise conflict(f"area {area_code} has no communities; import their outlines first")
        scenario_grid.copy_in_force(tx, scenario_id, communities)
        bare = scenario_blank.fill(tx, scenario_id, communities)
        prepare(tx, scenario_id, communities, aside)
        light = scenario_grid.light(tx, scenario_id)
        rules = rules_of(tx, sorted({row["area_code"] for row in light}))
        in_force = [row for row in light if row["area_code"] not in bare]
        scenario.set_base_summary(tx, scenario_id, summary(in_force, rules))
        scenario_walks.want(tx, {"id": scenario_id, "area_code": area_code})
        event.record(
            tx,
            "scenario.opened",
            area_code=area_code,
            subject_id=scenario_id,
            payload={"scenario": scenario_id, "grids": len(in_force), "bare": len(bare)},
        )
    return scenario_id


def _check_area(tx: Transaction, scope: Scope, area_code: str) -> None:
    area.read(tx, area_code)
    refuse_ended(tx, [area_code])
    # the whole county may be read, a scenario only be made where one may draw
    if not any(area_code.startswith(own) for own in scope.areas):
        raise not_found(f"area {area_code}")
    unfinished = scenario.unfinished(tx, area_code)
    if unfinished >= MOST_OPEN:
        raise conflict(f"area {area_code} has {unfinished} open scenarios; discard some first")


def locked(tx: Transaction, scenario_id: int, wanted: ScenarioState) -> Row:
    """Give the head of a scenario that may go to a state, kept from others until the end.

    Raises
    ------
    Problem
        404; 409 naming the state it is in and those it may go to.
    """
    row = scenario.lock(tx, scenario_id)
    if row is None:
        raise not_found(f"scenario {scenario_id}")
    steps_ = SCENARIO_STEPS[ScenarioState(row["state"])]
    if wanted not in steps_:
        raise conflict(
            f"a scenario that is {row['state']} cannot be {wanted.value}",
            version=row["version"],
            state=row["state"],
            possible=sorted(state.value for state in steps_),
        )
    return row


def check_version(row: Row, seen: int | None) -> None:
    """Stop when a person decides on a version that is no longer the scenario's.

    Raises
    ------
    Problem
        409.
    """
    if seen is not None and seen != row["version"]:
        raise conflict(
            f"the scenario is at version {row['version']}, not {seen}", version=row["version"]
        )


def refuse_editors(tx: Transaction, row: Row, what: str) -> None:
    """Stop a person who has made or edited a scenario from deciding about it.

    Raises
    ------
    Problem
        403.
    """
    if tx.scope.user_id in scenario.editors(tx, row["id"]):
        raise forbidden(f"who has made or edited a scenario cannot {what} it; a second person must")


def approve(database: Database, scope: Scope, scenario_id: int, seen: int | None) -> None:
    """Approve a valid scenario.

    Raises
    ------
    Problem
        404; 409 in another state or version; 403 for whoever has made or edited it.
    """
    with database.transaction(scope) as tx:
        row = locked(tx, scenario_id, ScenarioState.APPROVED)
        if row["state"] != ScenarioState.VALID:
            raise conflict(f"a scenario that is {row['state']} cannot be approved")
        check_version(row, seen)
        refuse_editors(tx, row, "approve")
        scenario.set_approved(tx, scenario_id)
        event.record(tx, "scenario.approved", **_about(row))


def discard(database: Database, scope: Scope, scenario_id: int, seen: int | None) -> None:
    """Discard a scenario; it can be opened again. Problems 404, 409."""
    with database.transaction(scope) as tx:
        row = locked(tx, scenario_id, ScenarioState.DISCARDED)
        check_version(row, seen)
        scenario.set_state(tx, scenario_id, ScenarioState.DISCARDED)
        event.record(tx, "scenario.discarded", **_about(row))


def reopen(database: Database, scope: Scope, scenario_id: int, seen: int | None) -> None:
    """Take an approved or discarded scenario back to work. Problems 404, 409."""
    with database.transaction(scope) as tx:
        row = locked(tx, scenario_id, ScenarioState.OPEN)
        if row["state"] not in (ScenarioState.APPROVED, ScenarioState.DISCARDED):
            raise conflict(f"a scenario that is {row['state']} is at work already")
        check_version(row, seen)
        scenario.set_state(tx, scenario_id, ScenarioState.OPEN)
        scenario_finding.forget(tx, scenario_id, validated=True)
        event.record(tx, "scenario.reopened", **_about(row))


def rebase(
    database: Database, scope: Scope, scenario_id: int, seen: int | None, aside: Aside
) -> list[str]:
    """Copy anew the communities whose grids have moved on and in which nothing was changed.

    Returns
    -------
    list
        The communities copied.

    Raises
    ------
    Problem
        404; 409 where grids have moved on that the scenario changes too, naming the communities.
    """
    with database.transaction(scope) as tx:
        row = scenario.lock(tx, scenario_id)
        if row is None:
            raise not_found(f"scenario {scenario_id}")
        if row["state"] not in (ScenarioState.OPEN, ScenarioState.VALID, ScenarioState.INVALID):
            raise conflict(f"a scenario that is {row['state']} is not edited")
        check_version(row, seen)
        moved = sorted({code[:12] for code in publication.stale_codes(tx, scenario_id)})
        if not moved:
            raise conflict("the grids in force are still those the scenario was copied from")
        gone = merged_community.ended(tx, moved)
        if not all(code.startswith(row["area_code"]) for code in gone.values()):
            raise conflict(
                f"{', '.join(sorted(gone))} have become part of other communities;"
                " open a new scenario there",
                version=row["version"],
            )
        both = sorted(set(moved) & set(publication.touched(tx, scenario_id)))
        if both:
            raise conflict(
                f"the scenario has changed grids of {', '.join(both)}, where others are in force"
                " now; open a new one there",
                version=row["version"],
                communities=both,
            )
        now = sorted((set(moved) - set(gone)) | set(gone.values()))
        _copy_anew(tx, row, sorted({*moved, *now}), now, aside)
    return now


def _copy_anew(
    tx: Transaction, row: Row, old: list[str], communities: list[str], aside: Aside
) -> None:
    scenario_id, version = row["id"], row["version"] + 1
    keys = [
        grid["key"] for grid in scenario_grid.light(tx, scenario_id) if grid["area_code"] in old
    ]
    steps.cut_all(tx, scenario_id, keys)
    # who is cutting the old grids into blocks ends first, or their blocks would stay
    scenario_grid.cut_in_turn(tx, scenario_id)
    scenario_grid.forget(tx, scenario_id, old)
    scenario_finding.forget(tx, scenario_id, validated=False, communities=old)
    scenario_grid.copy_in_force(tx, scenario_id, communities)
    prepare(tx, scenario_id, communities, aside)
    cut_anew(tx, scenario_id, communities, aside)
    scenario_grid.touch(tx, scenario_id, communities, version)
    scenario.set_version(tx, scenario_id, version)
    steps.record(
        tx,
        scenario_id,
        version,
        area_code=row["area_code"],
        verb="rebase",
        seq=None,
        keys=keys,
    )
    scenario_walks.want(tx, row)
    event.record(tx, "scenario.changed", **_about({**row, "version": version}))


def _about(row: Row) -> dict[str, Any]:
    """Say of an event which scenario it is about."""
    return {
        "area_code": row["area_code"],
        "subject_id": row["id"],
        "payload": {"scenario": row["id"], "version": row["version"]},
    }
