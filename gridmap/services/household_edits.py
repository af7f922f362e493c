"""Putting households right: facts and needs with the day they were seen, on a known version."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.household import MOST_PEOPLE, fact_value, need_kind
from gridmap.model.problem import Problem, bad_input, not_found
from gridmap.problems import fault
from gridmap.services import households, masking
from gridmap.services.access import Viewer
from gridmap.services.masking import Place
from gridmap.store import event, household, visit
from gridmap.store.database import Database, Row, Transaction

NEEDS = "needs"


def edit(  # noqa: PLR0913 - whose what, to what
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    household_id: int,
    *,
    version: int,
    facts: Mapping[str, object],
    needs: Sequence[tuple[str, int]] = (),
) -> tuple[dict[str, Any], list[str]]:
    """Put facts and needs of a household right; give its card and the names of what changed.

    Raises
    ------
    Problem
        400 with the field that is wrong; 404 for no such household in the grids one looks after;
        409 when somebody has changed it since `version`, naming what.
    """
    values = checked(facts, needs)
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_VISIT, request_id)) as tx:
        row = household.read(tx, household_id, lock=True)
        if row is None:
            raise not_found(f"household {household_id}")
        if row["version"] != version:
            raise stale(tx, row, version)
        now = tx.value("SELECT now()")
        changed, _newer = apply(tx, row, values, needs, seen_at=now, source="edit", force=True)
        if changed:
            note_change(tx, row, changed)
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_VISIT, request_id)) as tx:
        fresh = household.read(tx, household_id)
        if fresh is None:  # moved out of these grids in this very moment
            raise not_found(f"household {household_id}")
        seen = masking.sight(viewer, fresh["area_code"], Place.CARD)
        return households.describe(tx, viewer, fresh, seen), changed


def checked(facts: Mapping[str, object], needs: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """Check facts and needs from outside; every fault with its place.

    Raises
    ------
    Problem
        400.
    """
    values, faults = examine(facts, needs)
    if faults:
        raise bad_input("This cannot be taken", faults)
    return values


def examine(
    facts: Mapping[str, object], needs: Sequence[tuple[str, int]]
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Give facts as they are stored, and every fault of facts and needs with its place."""
    faults: list[dict[str, str]] = []
    values: dict[str, Any] = {}
    for name, value in facts.items():
        try:
            values[name] = fact_value(name, value)
        except ValueError as error:
            faults.append(fault(f"fields.{name[:60]}", str(error)))
    for position, (kind, people) in enumerate(needs):
        try:
            need_kind(kind)
        except ValueError as error:
            faults.append(fault(f"needs.{position}.kind", str(error)))
        if not 0 <= people <= MOST_PEOPLE:
            faults.append(fault(f"needs.{position}.people", f"0 to {MOST_PEOPLE} are taken"))
    kinds = [kind for kind, _people in needs]
    if len(set(kinds)) != len(kinds):
        faults.append(fault("needs", "a kind is given more than once"))
    return values, faults


def stale(tx: Transaction, row: Row, version: int) -> Problem:
    """Say what has changed since the version an edit is based on."""
    names = household.changed_since(tx, row["id"], version)
    return Problem(
        409,
        "Changed meanwhile",
        "Somebody has changed this household; look at it again, then repeat your change",
        [fault(name, "changed meanwhile") for name in names],
        {"version": row["version"], "changed": names},
    )


def apply(  # noqa: PLR0913 - what to store, and how it was seen
    tx: Transaction,
    row: Row,
    facts: Mapping[str, Any],
    needs: Sequence[tuple[str, int]],
    *,
    seen_at: datetime,
    source: str,
    force: bool = False,
) -> tuple[list[str], list[str]]:
    """Store facts and needs of a locked household.

    Parameters
    ----------
    force
        True for an edit of what is on the screen: what stands there was looked at.

    Returns
    -------
    changed, newer
        Names of what differs now; names of facts left alone because somebody saw them later.
    """
    known = {} if force else household.facts(tx, row["id"])
    newer = [name for name in facts if name in known and known[name]["seen_at"] > seen_at]
    taken = {name: value for name, value in facts.items() if name not in newer}
    changed = sorted(name for name, value in taken.items() if row[name] != value)
    household.set_facts(tx, row["id"], {name: taken[name] for name in changed})
    household.note_seen(tx, row["id"], row["area_code"], taken, seen_at=seen_at, source=source)
    put = [
        household.put_need(
            tx, row["id"], row["area_code"], kind, people, seen_at=seen_at, source=source
        )
        for kind, people in needs
    ]
    if any(put):
        if not changed:
            household.next_version(tx, row["id"])
        changed.append(NEEDS)
    return changed, newer


def settle(
    database: Database, viewer: Viewer, request_id: str | None, household_id: int, conflict_id: int
) -> None:
    """Put away a visit's result that was kept but not taken.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_VISIT, request_id)) as tx:
        row = household.read(tx, household_id)
        if row is None or not visit.settle(tx, conflict_id, household_id):
            raise not_found(f"conflict {conflict_id}")
        event.record(
            tx,
            "visit.settled",
            area_code=row["area_code"],
            subject_id=household_id,
            payload={"conflict": conflict_id},
        )


def note_change(tx: Transaction, row: Row, names: Sequence[str]) -> None:
    """Leave a trace of a change: which facts, never what they say."""
    version = tx.value("SELECT version FROM household WHERE id = :id", id=row["id"])
    event.record(
        tx,
        "household.changed",
        area_code=row["area_code"],
        subject_id=row["id"],
        payload={"fields": list(names), "version": version},
    )
