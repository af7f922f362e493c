"""The way home: not before the hazard is lifted, not before its day, not by one person alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from gridmap.model.access import Permission, system_scope
from gridmap.model.problem import Problem, bad_input, conflict, forbidden, not_found
from gridmap.problems import fault
from gridmap.services import return_messages
from gridmap.services.access import Viewer
from gridmap.store import event, plan_return
from gridmap.store.database import Database, Row, Transaction

_LONGEST_REASON = 500


def show(database: Database, viewer: Viewer, plan_id: int) -> dict[str, Any]:
    """Say how far the way home is, and what this person may do about it.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(viewer.scope(Permission.PLAN_VIEW)) as tx:
        row = plan_return.read(tx, plan_id)
        if row is None:
            raise not_found(f"plan {plan_id}")
        days, source = _hold(tx, row)
    hold = row["hold_until"] or (
        row["lifted_on"] + timedelta(days=days) if row["lifted_on"] else None
    )
    held = hold is not None and row["today"] < hold and row["released_at"] is None
    return {
        "plan": plan_id,
        "lifted_at": row["lifted_at"].isoformat() if row["lifted_at"] else None,
        "hold_days": days,
        "hold_until": hold.isoformat() if hold else None,
        "held": held,
        "source": source,
        "asked": _who(row, "asked"),
        "released": _who(row, "released"),
        "reason": row["release_reason"],
        "opened": _who(row, "opened"),
        "ended_at": row["ended_at"].isoformat() if row["ended_at"] else None,
        "away": row["away"],
        "home": row["home"],
        "can": _able(viewer, row, held=held),
    }


def _who(row: Row, what: str) -> dict[str, Any] | None:
    at = row[f"{what}_at"]
    return None if at is None else {"by": row[f"{what}_name"], "at": at.isoformat()}


def _able(viewer: Viewer, row: Row, *, held: bool) -> list[str]:
    code = row["area_code"]
    approves = viewer.may(Permission.PLAN_APPROVE, code)
    if row["hazard_state"] == "declared" or row["opened_at"] is not None or not row["away"]:
        return []
    if row["asked_at"] is None:
        return ["ask"] if viewer.may(Permission.HAZARD_DECLARE, code) else []
    able = ["release"] if approves and held else []
    if approves and not held and row["asked_by"] != viewer.id:
        able.append("open")
    return able


def _hold(tx: Transaction, row: Row) -> tuple[int, str]:
    rule = plan_return.rule(tx, row["area_code"], row["kind"])
    if rule is not None:
        return int(rule["hold_days"]), str(rule["source"])
    return 0, ""


def held_until(tx: Transaction, row: Row) -> tuple[int, date | None]:
    """Give for how many days nobody goes home after a hazard, and the first day they may.

    Parameters
    ----------
    row
        Of `plan_return.read`; None for the day while the hazard is in force.
    """
    days, _source = _hold(tx, row)
    lifted = row["lifted_on"]
    return days, None if lifted is None else lifted + timedelta(days=days)


@contextmanager
def _held(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    plan_id: int,
    permission: Permission,
) -> Iterator[tuple[Transaction, Row]]:
    with database.transaction(viewer.scope(permission, request_id)) as tx:
        row = plan_return.read(tx, plan_id, lock=True)
        if row is None or not viewer.may(permission, row["area_code"]):
            raise not_found(f"plan {plan_id}")
        if row["hazard_state"] == "declared":
            raise Problem(
                409, "Conflict", "The hazard of this plan is still in force: nobody goes home"
            )
        if row["opened_at"] is not None:
            raise conflict("The way home is open already")
        yield tx, row


def ask(database: Database, viewer: Viewer, request_id: str | None, plan_id: int) -> None:
    """Ask for the way home to be opened; a second person opens it.

    Raises
    ------
    Problem
        404; 409 while the hazard is in force, or once people go home.
    """
    with _held(database, viewer, request_id, plan_id, Permission.HAZARD_DECLARE) as (tx, row):
        days, _source = _hold(tx, row)
        plan_return.ask(tx, row, days)
        _record(tx, row, "return.asked", {"days": days})


def release(
    database: Database, viewer: Viewer, request_id: str | None, plan_id: int, reason: str
) -> None:
    """End the hold before its day, with a reason.

    Raises
    ------
    Problem
        As for `ask`; 400 without a reason.
    """
    if not 1 <= len(reason) <= _LONGEST_REASON:
        raise bad_input("reason: say why", [fault("reason", "say why")])
    with _held(database, viewer, request_id, plan_id, Permission.PLAN_APPROVE) as (tx, row):
        _asked(row)
        plan_return.release(tx, plan_id, reason)
        _record(tx, row, "return.released", {})


def open_(database: Database, viewer: Viewer, request_id: str | None, plan_id: int) -> None:
    """Open the way home: by somebody who did not ask for it, and not before its day.

    Raises
    ------
    Problem
        As for `ask`; 403 for who asked; 409 while it is held.
    """
    with _held(database, viewer, request_id, plan_id, Permission.PLAN_APPROVE) as (tx, row):
        _asked(row)
        if row["asked_by"] == viewer.id:
            raise forbidden("You asked for the way home: another person opens it")
        if row["today"] < row["hold_until"] and row["released_at"] is None:
            raise conflict(
                "Nobody goes home before its day", hold_until=row["hold_until"].isoformat()
            )
        plan_return.open_(tx, plan_id)
        return_messages.opened(tx, plan_id)
        _record(tx, row, "return.opened", {"households": row["away"]})


def tell_end(tx: Transaction, plan_id: int, area_code: str, *, exercise: bool) -> None:
    """Tell that the last household is home again; after all rows are written."""
    event.record(
        tx,
        "return.ended",
        area_code=area_code,
        subject_id=plan_id,
        payload={"plan": plan_id, "exercise": exercise},
    )


def end_due(database: Database) -> int:
    """End the ways home on which a member has just ticked the last household; give how many.

    A member sees their own grid alone and cannot tell. Safe to run in several places at once.
    """
    with database.transaction(system_scope()) as tx:
        ended = [row for row in plan_return.whole(tx) if plan_return.end(tx, row["plan_id"])]
        for row in ended:
            tell_end(tx, row["plan_id"], row["area_code"], exercise=row["exercise"])
    return len(ended)


def _asked(row: Row) -> None:
    if row["asked_at"] is None:
        raise conflict("Nobody has asked for the way home yet")


def _record(tx: Transaction, row: Row, kind: str, payload: dict[str, Any]) -> None:
    event.record(
        tx,
        kind,
        area_code=row["area_code"],
        subject_id=row["id"],
        payload={"plan": row["id"], "exercise": row["exercise"], **payload},
    )
