"""Sending what waits: one try at a time, more time between tries, never for ever."""

from collections.abc import Mapping
from datetime import timedelta

import structlog

from gridmap.channels.base import Channel, Outcome, Outgoing, Receipt
from gridmap.model.access import system_scope
from gridmap.services import messages
from gridmap.store import event, message
from gridmap.store.database import Database, Row

_LEASE = timedelta(minutes=3)  # longer than a gateway may take over the few held at once
_HELD = 10
_PAUSES = (15, 30, 60, 120, 300, 600)  # seconds; the last one until it is too late
_NOT_CONFIGURED = timedelta(minutes=5)  # somebody may set the gateway up meanwhile
_ROUNDS = 200

log = structlog.get_logger("messages")


def pause(attempts: int) -> timedelta:
    """Give how long to wait after so many tries."""
    return timedelta(seconds=_PAUSES[min(max(attempts, 1), len(_PAUSES)) - 1])


def send_due(database: Database, channels: Mapping[str, Channel]) -> int:
    """Send all that is due; give how many went out.

    A message is held for a while before it is tried, so that two senders never try it at once;
    one whose sender died is tried again with the same token, by which a gateway knows it.
    """
    _give_up(database)
    sent = 0
    for _round in range(_ROUNDS):
        with database.transaction(system_scope()) as tx:
            held = message.take(tx, _LEASE, _HELD)
        if not held:
            break
        for row in held:
            sent += _send(database, channels, row)
    return sent


def _send(database: Database, channels: Mapping[str, Channel], row: Row) -> bool:
    channel = channels.get(row["channel"])
    receipt = _tried(channel, row)
    state, wait = _after(receipt, row["attempts"])
    with database.transaction(system_scope()) as tx:
        settled = message.settle(
            tx,
            row["id"],
            state=state,
            why=receipt.why,
            reference=receipt.reference,
            again_in=wait,
        )
        if settled and state in ("sent", "delivered", "failed"):
            payload = {
                "way": row["channel"],
                "about": row["about"],
                "attempts": row["attempts"],
                "exercise": bool(row["exercise"]),
            }
            if state == "failed":
                event.record(
                    tx,
                    "message.failed",
                    area_code=row["area_code"],
                    subject_id=row["id"],
                    payload=payload | {"why": receipt.why},
                )
            else:
                event.record(
                    tx,
                    "message.sent",
                    area_code=row["area_code"],
                    subject_id=row["id"],
                    payload=payload,
                )
    return settled and state in ("sent", "delivered")


def _tried(channel: Channel | None, row: Row) -> Receipt:
    if channel is None:
        return Receipt(Outcome.NOT_CONFIGURED, why="not_configured")
    try:
        given = Outgoing(
            row["token"], row["recipient"], row["text"], row["exercise"], row["subject"]
        )
    except ValueError:  # a drill that does not say so stays here, whoever stored it
        return Receipt(Outcome.FAILED, why="no_drill_mark")
    return channel.send(given)


def _after(receipt: Receipt, attempts: int) -> tuple[str, timedelta]:
    """Give the state a try leads to, and how long to wait for the next one."""
    match receipt.outcome:
        case Outcome.NOT_CONFIGURED:
            return "not_configured", _NOT_CONFIGURED
        case Outcome.FAILED if receipt.again:
            return "queued", pause(attempts)
        case outcome:
            return outcome.value, timedelta()


def _give_up(database: Database) -> None:
    with database.transaction(system_scope()) as tx:
        message.drop_withdrawn(tx)
        for row in message.expire(tx):
            event.record(
                tx,
                "message.failed",
                area_code=row["area_code"],
                subject_id=row["id"],
                payload={
                    "way": row["channel"],
                    "about": row["about"],
                    "why": "too_late",
                    "exercise": bool(row["exercise"]),
                },
            )


def ask_due(database: Database) -> int:
    """Ask a worker where something waits; give how many counties were asked for.

    Safe to run in several places at once: one waiting job is enough.
    """
    with database.transaction(system_scope()) as tx:
        counties = message.is_due(tx)
        for code in counties:
            messages.wake(tx, code)
    return len(counties)
