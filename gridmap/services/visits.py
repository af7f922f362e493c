"""Visits: which are due, what their form asks, and what came of them; taken once, as reports are.

Nothing here counts what a member does: no quota, no check-in, no photo, no position.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from gridmap.model.access import Permission, system_scope
from gridmap.model.household import FACTS, Purpose
from gridmap.model.problem import not_found
from gridmap.services import masking, reading
from gridmap.services.access import Viewer
from gridmap.store import care_rule, event, household, visit
from gridmap.store.database import Database, Row, Transaction

_LONGEST_NOTE = 1000
_OLDEST = timedelta(days=90)  # a tablet that was off for longer has a wrong clock


def due(  # noqa: PLR0913 - what part of the list
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    *,
    state: str = "planned",
    grid: str | None = None,
    after: tuple[int, str, int] | None = None,
    limit: int = 500,
) -> dict[str, Any]:
    """List visits; those that have become due are planned by this reading.

    Whoever is visited has a need, so the list is of the areas whose needs may be read.
    """
    readable = reading.readable_needs(database, viewer)
    mine = viewer.scope(Permission.HOUSEHOLD_VIEW, request_id)
    scope = replace(mine, areas=readable)
    if state == "planned" and after is None and readable:
        with database.transaction(scope) as tx:
            plan(tx, scope.areas, grid)
    with database.transaction(scope) as tx:
        opened = reading.opened(tx, viewer) if readable else []
        rows = visit.due(tx, state=state, grid=grid, after=after, limit=limit + 1)
        listed = [_listed(row) for row in rows[:limit]]
        if listed:
            reading.note_listing(tx, readable, "visits", len(listed), opened)
        now = tx.value("SELECT now()")
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "items": listed,
        "as_of": now.isoformat(),
        "next": None
        if last is None
        else f"{last['priority']}.{last['due_on'] or 'infinity'}.{last['id']}",
    }


def plan(tx: Transaction, areas: tuple[str, ...], grid: str | None = None) -> int:
    """Plan what has become due; leaves an event when there was anything."""
    count = visit.plan(tx, grid)
    if count:
        where = grid if grid is not None else (areas[0] if len(areas[0]) >= 6 else None)
        if where is not None:
            event.record(
                tx,
                "visit.planned",
                area_code=where,
                subject_id="due",
                payload={"visits": count},
            )
    return count


def plan_everywhere(database: Database) -> int:
    """Plan what has become due in every county; for the scheduler."""
    with database.transaction(system_scope()) as tx:
        counties = care_rule.counties(tx)
    count = 0
    for code in counties:
        with database.transaction(system_scope()) as tx:
            count += plan(tx, (code,), code)
    return count


def _listed(row: Row) -> dict[str, Any]:
    code = row["area_code"]
    return {
        "id": row["id"],
        "household": row["household_id"],
        "address": row["address"],
        "grid": code if len(code) == 15 else None,
        "state": row["state"],
        "due_on": row["due_on"].isoformat() if row["due_on"] else None,
        "priority": row["priority"],
        "needs": list(row["kinds"]),
        "householder": masking.mask_name(row["householder"]),
        "people": row["people"],
        "lon": None if row["lon"] is None else round(row["lon"], 6),
        "lat": None if row["lat"] is None else round(row["lat"], 6),
        "last_done": row["last_done"].isoformat() if row["last_done"] else None,
        "ended_at": row["ended_at"].isoformat() if row["ended_at"] else None,
    }


def form(
    database: Database, viewer: Viewer, request_id: str | None, visit_id: int
) -> dict[str, Any]:
    """Give the form of a visit, filled in; only what is stale or not known is to be asked.

    Raises
    ------
    Problem
        404 if there is no such visit in this person's grids.
    """
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_VISIT, request_id)) as tx:
        row = read(tx, visit_id)
        home = household.read(tx, row["household_id"])
        if home is None:
            raise not_found(f"visit {visit_id}")
        code = home["area_code"]
        known = household.facts(tx, home["id"])
        fresh = household.fields(tx, code)
        stale = {each["need"]: int(each["stale_days"]) for each in visit.rules(tx, code)}
        needs = household.needs(tx, home["id"])
        now = tx.value("SELECT now()")
        reading.note_reading(tx, home, Purpose.VISIT, masking.Sight(names=True, needs=True))
    return {
        "visit": visit_id,
        "state": row["state"],
        "due_on": row["due_on"].isoformat() if row["due_on"] else None,
        "household": home["id"],
        "version": home["version"],
        "address": home["address"],
        "fields": [_field(name, home, known.get(name), days, now) for name, days in fresh.items()],
        "needs": [_need(each, stale, now) for each in needs],
        "need_kinds": sorted(set(stale) | {each["kind"] for each in needs}),
    }


def _field(name: str, home: Row, known: Row | None, days: int, now: datetime) -> dict[str, Any]:
    fact = FACTS[name]
    value, seen_at = home[name], known["seen_at"] if known else None
    found: dict[str, Any] = {
        "name": name,
        "kind": fact.kind,
        "value": value,
        "seen_at": seen_at.isoformat() if seen_at else None,
        "ask": seen_at is None or seen_at < now - timedelta(days=days),
        "needed": fact.needed,
    }
    if fact.choices:
        found["choices"] = list(fact.choices)
    return found


def _need(row: Row, stale: dict[str, int], now: datetime) -> dict[str, Any]:
    days = stale.get(row["kind"])
    return {
        "kind": row["kind"],
        "people": row["people"],
        "seen_at": row["seen_at"].isoformat(),
        "ask": days is not None and row["seen_at"] < now - timedelta(days=days),
    }


def read(tx: Transaction, visit_id: int, *, lock: bool = False) -> Row:
    """Read a visit of these grids.

    Raises
    ------
    Problem
        404.
    """
    row = visit.read(tx, visit_id, lock=lock)
    if row is None:
        raise not_found(f"visit {visit_id}")
    return row
