"""Grids by day: which one was somewhere, on which days they changed, which days may be asked."""

from datetime import date
from typing import Any

from gridmap.model.access import Scope
from gridmap.model.problem import Problem, bad_input, not_found
from gridmap.services.grid_history import told
from gridmap.store import grid, publication
from gridmap.store.database import Database


def grid_at(database: Database, scope: Scope, lon: float, lat: float, day: date) -> dict[str, Any]:
    """Say which grid a point was in on a day.

    Raises
    ------
    Problem
        404 where there was none.
    """
    with database.transaction(scope) as tx:
        row = grid.at_day(tx, lon, lat, day)
    if row is None:
        raise not_found(f"a grid around {lon}, {lat} on {day}")
    return told(row) | {"as_of": day.isoformat()}


def check_day(database: Database, scope: Scope, day: date, today: date) -> None:
    """Refuse a day to come, naming what is published for it: until then it may be withdrawn.

    Raises
    ------
    Problem
        400 with `scheduled`: the scenarios that will change grids by that day.
    """
    if day <= today:
        return
    with database.transaction(scope) as tx:
        rows = publication.scheduled(tx, day)
    found = [
        {
            "scenario": row["id"],
            "name": row["name"],
            "area": row["area_code"],
            "effective_from": row["effective_from"].isoformat(),
        }
        for row in rows
    ]
    named = ", ".join(
        f"scenario {each['scenario']} from {each['effective_from']}" for each in found
    )
    then = f"may still be withdrawn: {named}" if found else "nothing is published by then"
    detail = f"as_of: a day up to {today} is needed; {then}"
    raise Problem(
        400, "Bad input", detail, [{"place": "as_of", "message": detail}], more={"scheduled": found}
    )


def check_past(day: date, today: date) -> None:
    """Refuse a day to come: what is published for it may still be withdrawn (400)."""
    if day > today:
        raise bad_input(f"as_of: a day up to {today} is needed; what comes later is in a scenario")


def versions(database: Database, scope: Scope) -> list[dict[str, Any]]:
    """List the days on which grids changed, the newest first."""
    with database.transaction(scope) as tx:
        rows = grid.days(tx)
    return [{**row, "date": row["date"].isoformat()} for row in rows]
