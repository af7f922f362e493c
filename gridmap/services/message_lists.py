"""Messages as people look at them: what one was written, what has gone out and what has not."""

from datetime import datetime
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.problem import not_found
from gridmap.services.access import Viewer
from gridmap.store import message, message_list
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.message_list import Part

_RIGHT = Permission.INCIDENT_DISPATCH
# States in which nothing has gone out; every page says so, with why.
UNSENT = ("queued", "not_configured", "failed")
_SENT = ("sent", "delivered")
# Why something was held back for good: what is so now was told instead.
ENDED = ("over", "superseded")


def inbox(
    database: Database, viewer: Viewer, after: int | None, limit: int, *, english: bool = False
) -> dict[str, Any]:
    """List what a person was written; `matter` names what a message of a drill is about."""
    with database.transaction(viewer.scope(None)) as tx:
        rows = message.inbox(tx, viewer.id, after=after, limit=limit + 1)
        unread = message.unread(tx, viewer.id)
        matters = _matters(tx, rows[:limit], english=english)
        now = tx.value("SELECT now()")
    items = [
        {
            "id": row["id"],
            "about": row["about"],
            "text": row["text"],
            "exercise": row["exercise"],
            "matter": matters.get(row["about"]),
            "at": row["queued_at"].isoformat(),
            "by": row["by"],
            "read_at": _time(row["read_at"]),
        }
        for row in rows[:limit]
    ]
    after = items[-1]["id"] if len(rows) > limit else None
    return {"items": items, "unread": unread, "next": after, "as_of": now.isoformat()}


def _matters(tx: Transaction, rows: list[Row], *, english: bool) -> dict[str, str]:
    found = message_list.names(tx, [row["about"] for row in rows if row["exercise"]])
    return {
        about: (row["name_en"] if english else None) or row["name"] for about, row in found.items()
    }


def read(database: Database, viewer: Viewer, message_id: int) -> None:
    """Note that a person has opened a message of theirs.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(viewer.scope(None)) as tx:
        if message.read(tx, message_id, viewer.id) is None:
            raise not_found(f"message {message_id}")


def outbox(
    database: Database,
    viewer: Viewer,
    part: Part,
    *,
    after: int | None = None,
    limit: int = 100,
    english: bool = False,
) -> dict[str, Any]:
    """List what has gone out of a person's areas and what has not.

    Returns
    -------
    dict
        `items`, those of a drill with `matter`, its name; `sums` by kind, way and state of all
        that the filter leaves; `plans`, those that messages are about; `next`, `as_of`.
    """
    with database.transaction(viewer.scope(_RIGHT)) as tx:
        rows = message_list.outbox(tx, part, after=after, limit=limit + 1)
        sums = message_list.sums(tx, part)
        plans = message_list.plans(tx)
        matters = _matters(tx, rows[:limit], english=english)
        now = tx.value("SELECT now()")
    last = rows[limit - 1]["id"] if len(rows) > limit else None
    return {
        "items": [shown(row) | {"matter": matters.get(row["about"])} for row in rows[:limit]],
        "sums": sums,
        "plans": [
            {
                "id": row["id"],
                "number": f"P-{row['hazard_id']}-{row['version']}",
                "hazard": (row["name_en"] if english else None) or row["name"],
                "exercise": row["exercise"],
            }
            for row in plans
        ],
        "next": last,
        "as_of": now.isoformat(),
    }


def show(database: Database, viewer: Viewer, message_id: int) -> dict[str, Any]:
    """Give one message with each try of it, and who sent it again or held it back.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(viewer.scope(_RIGHT)) as tx:
        row = message_list.one(tx, message_id)
        if row is None:
            raise not_found(f"message {message_id}")
        tries = message_list.tries(tx, message_id)
    return {
        **shown(row),
        "tries": [{**each, "at": each["at"].isoformat()} for each in tries],
    }


def of_plan(database: Database, viewer: Viewer, plan_id: int) -> dict[str, Any]:
    """Sum up what has gone out about a plan and what has not.

    Returns
    -------
    dict
        `plan`, `total`, `sent`, `read`, `unsent`, `cancelled`; `by_channel`, each with `channel`,
        `total`, `sent`, `unsent`, `failed`, `cancelled` and `why` (reasons with their number);
        `by_kind`, each with `kind`, `total`, `unsent`; `as_of`.
    """
    with database.transaction(viewer.scope(_RIGHT)) as tx:
        sums = message_list.sums(tx, Part(about=f"plan:{plan_id}"))
        now = tx.value("SELECT now()")
    channels = sorted({row["channel"] for row in sums})
    kinds = sorted({row["kind"] for row in sums})
    return {
        "plan": plan_id,
        **_counted(sums),
        "read": sum(row["read"] for row in sums),
        "by_channel": [
            {"channel": one, **_counted([row for row in sums if row["channel"] == one])}
            for one in channels
        ],
        "by_kind": [
            {"kind": one, **_counted([row for row in sums if row["kind"] == one])} for one in kinds
        ],
        "as_of": now.isoformat(),
    }


def _counted(sums: list[Row]) -> dict[str, Any]:
    def in_states(*states: str) -> int:
        return sum(row["messages"] for row in sums if row["state"] in states)

    why: dict[str, int] = {}
    for row in sums:
        if row["state"] in UNSENT and row["why"]:
            why[row["why"]] = why.get(row["why"], 0) + row["messages"]
    return {
        "total": sum(row["messages"] for row in sums),
        "sent": in_states(*_SENT),
        "unsent": in_states(*UNSENT),
        "failed": in_states("failed"),
        "cancelled": in_states("cancelled"),
        "why": why,
    }


def shown(row: Row) -> dict[str, Any]:
    """Give a message as lists show it; a number by its end alone."""
    state, linked = row["state"], row["linked"]
    waits = state in UNSENT[:2]
    so = row["withdrawn_why"] is None and not (state == "cancelled" and row["why"] in ENDED)
    return {
        "id": row["id"],
        "area": row["area_code"],
        "about": row["about"],
        "kind": row["kind"],
        "language": row["language"],
        "channel": row["channel"],
        # a number is as personal here as on a card: its end is enough to tell two apart
        "to": row["to_name"] or _end(row["recipient"], row["channel"]),
        "text": row["text"],
        "exercise": row["exercise"],
        "state": state,
        "unsent": state in UNSENT,
        "why": row["why"],
        "attempts": row["attempts"],
        "queued_at": row["queued_at"].isoformat(),
        "sent_at": _time(row["sent_at"]),
        "read_at": _time(row["read_at"]),
        "next_at": row["next_at"].isoformat() if waits else None,
        "by": row["by"],
        "version": row["revision"],
        "can": [
            *(["again"] if row["channel"] != "inbox" and (waits or not linked) and so else []),
            *(["hold"] if waits and not row["held"] else []),
        ],
    }


def _end(recipient: str, channel: str) -> str:
    return recipient if channel == "loudspeaker" else f"*{recipient[-4:]}"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
