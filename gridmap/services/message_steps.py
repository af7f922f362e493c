"""What people do with messages that went out or wait: sent again, held back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.problem import conflict, not_found
from gridmap.services import messages
from gridmap.services.access import Viewer
from gridmap.services.message_lists import ENDED, shown
from gridmap.store import event, message_list, message_truth
from gridmap.store.database import Database, Row, Transaction

_RIGHT = Permission.INCIDENT_DISPATCH
_LASTS = timedelta(hours=6)
WAITING = ("queued", "not_configured")
# What is over with the plan: nobody is told to leave by one that has ended.
ORDERS = (
    *("plan_members", "plan_changed", "plan_shelters", "plan_shelters_changed"),
    *("plan_public", "plan_offices"),
)
# What is over with the hazard, or once it is another one.
OF_HAZARD = ("hazard_declared", "hazard_adjusted", "hazard_public")
_WAIT = ("plan_lifted", "plan_lifted_public")
_KNOWN = {
    "plan": message_truth.plan,
    "hazard": message_truth.hazard,
    "alert": message_truth.alert,
}


def again(
    database: Database, viewer: Viewer, request_id: str | None, message_id: int, seen: int
) -> dict[str, Any]:
    """Try a message at once; what went out or was given up goes out once more.

    Raises
    ------
    Problem
        404; 409 for a newer version than was read, an inbox, a message whose own link is gone, or
        what is not so any more: an order to leave by a plan that is no more in force, a hazard
        that is lifted or another one, a warning that was replaced, a wait that is over.
    """
    with _held(database, viewer, request_id, message_id, seen) as (tx, row):
        if row["channel"] == "inbox":
            raise conflict("what lies in an inbox is there already")
        if row["linked"] and row["state"] not in WAITING:
            raise conflict("the link it went with is gone: call again")
        _still_true(tx, row)
        message_list.again(tx, row, _LASTS)
        messages.wake(tx, row["area_code"])
        event.record(
            tx,
            "message.again",
            area_code=row["area_code"],
            subject_id=message_id,
            payload=_payload(row),
        )
        return _now(tx, message_id)


def hold_back(
    database: Database, viewer: Viewer, request_id: str | None, message_id: int, seen: int
) -> dict[str, Any]:
    """Hold back a message that waits.

    Raises
    ------
    Problem
        404; 409 for a newer version than was read, or one that has gone out or is on its way.
    """
    with _held(database, viewer, request_id, message_id, seen) as (tx, row):
        if row["state"] not in WAITING:
            raise conflict("only what waits can be held back", state=row["state"])
        if row["held"]:
            raise conflict("it is on its way just now")
        message_list.cancel(tx, row, "by_hand")
        event.record(
            tx,
            "message.cancelled",
            area_code=row["area_code"],
            subject_id=message_id,
            payload=_payload(row),
        )
        return _now(tx, message_id)


@contextmanager
def _held(
    database: Database, viewer: Viewer, request_id: str | None, message_id: int, seen: int
) -> Iterator[tuple[Transaction, Row]]:
    with database.transaction(viewer.scope(_RIGHT, request_id)) as tx:
        row = message_list.hold(tx, message_id)
        if row is None:
            raise not_found(f"message {message_id}")
        if row["revision"] != seen:
            raise conflict(
                "something has come of this message meanwhile",
                version=row["revision"],
                state=row["state"],
            )
        yield tx, row


def _still_true(tx: Transaction, row: Row) -> None:
    """Refuse to tell once more what is not so any more."""
    kind = row["kind"]
    noun, _, number = row["about"].partition(":")
    known = _KNOWN.get(noun)
    now = {} if known is None else known(tx, int(number), row["queued_at"])
    if kind in ORDERS and not now.get("active"):
        raise conflict("its plan is no more in force: nobody is told to leave by it")
    if kind in {"plan_closed", "plan_closed_public"} and now.get("newer"):
        raise conflict("a newer plan is in force: people leave by that one")
    if kind in _WAIT and now.get("opened"):
        raise conflict("the way home is open meanwhile")
    if kind in OF_HAZARD and not now.get("same"):
        raise conflict("the hazard is lifted or was adjusted since")
    if kind in {"alert_issued", "alert_updated"} and not now.get("current"):
        raise conflict("the warning was replaced or cancelled, or is over")
    if row["state"] == "cancelled" and row["why"] in ENDED:
        raise conflict("it is over: what is so now was told instead")


def _payload(row: Row) -> dict[str, Any]:
    return {"way": row["channel"], "about": row["about"], "exercise": bool(row["exercise"])}


def _now(tx: Transaction, message_id: int) -> dict[str, Any]:
    found = message_list.one(tx, message_id)
    assert found is not None
    return shown(found)
