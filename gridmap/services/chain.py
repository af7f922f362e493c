"""From one page of an emergency to the next: its hazard, plan, board, response and review."""

from typing import Any

from gridmap.model.access import Permission
from gridmap.services.access import Viewer
from gridmap.store import chain
from gridmap.store.database import Database, Row, Transaction


def around(
    database: Database,
    viewer: Viewer,
    *,
    hazard: int | None = None,
    plan: int | None = None,
    response: int | None = None,
) -> dict[str, Any]:
    """Give what belongs together and this person may open, by the id of one of them.

    Returns
    -------
    dict
        `hazard` (id, names, `exercise`, `declared`), `plan` (in force, else the newest), `board`
        (the plan people are called out by), `response`, `review` (the response once it has ended,
        for those who review); None for what there is none of.
    """
    with database.transaction(viewer.scope(Permission.MAP_VIEW)) as tx:
        number = hazard or chain.hazard_of(tx, plan=plan, response=response)
        row = None if number is None else chain.of_hazard(tx, number)
        return {
            **_of_hazard(viewer, row),
            **_of_response(tx, viewer, row, response),
        }


def _of_hazard(viewer: Viewer, row: Row | None) -> dict[str, Any]:
    if row is None:
        return {"hazard": None, "plan": None, "board": None}
    plans = viewer.may(Permission.PLAN_VIEW)
    names = {name: row[name] for name in ("id", "name", "name_en", "exercise")}
    return {
        "hazard": names | {"declared": row["state"] == "declared"},
        "plan": row["plan"] if plans else None,
        "board": row["board"] if plans else None,
    }


def _of_response(
    tx: Transaction, viewer: Viewer, row: Row | None, asked: int | None
) -> dict[str, Any]:
    """Give the response that was asked for, else that of the hazard."""
    number: int | None = asked if row is None or asked is not None else row["response"]
    ended = bool(row["ended"]) if row is not None and asked is None else False
    if asked is not None:
        ended = chain.ended(tx, asked)
    reviews = ended and viewer.may(Permission.INCIDENT_DISPATCH)
    return {"response": number, "review": number if reviews else None}
