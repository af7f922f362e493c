"""Warnings issued here: the eight fields the law asks for, their updates, and their end."""

import hashlib
from typing import Any

from gridmap.channels import cap, cap_writing
from gridmap.model.access import Scope
from gridmap.model.alert import class_of
from gridmap.model.problem import bad_input, conflict, forbidden, not_found
from gridmap.services import alerts, hazard_messages
from gridmap.services.alert_writing import Words, message_of, reference_to
from gridmap.store import alert, event, hazard
from gridmap.store import hazard_history as history
from gridmap.store.database import Database, Row, Transaction

__all__ = ["Words", "cancel", "issue", "update"]


def issue(database: Database, scope: Scope, hazard_id: int, words: Words) -> dict[str, Any]:
    """Issue the first warning of a hazard.

    Raises
    ------
    Problem
        400 naming which of the eight fields is missing, 403 beyond one's areas, 404, 409 if the
        hazard is lifted or has a warning in force already.
    """
    with database.transaction(scope) as tx:
        found = _declared(tx, hazard_id)
        if alert.of_hazard(tx, hazard_id) is not None:
            raise conflict("this hazard has a warning in force: update it")
        message = message_of(found, words, "Alert", ())
        alert_id = _save(tx, found, words, message, None)
        told = alerts.shown(tx, alert_id)
        hazard_messages.warned(tx, alert_id, "issued")
        event.record(
            tx,
            "alert.issued",
            area_code=found["area_code"],
            subject_id=alert_id,
            payload=_payload(found),
        )
    return told


def update(database: Database, scope: Scope, alert_id: int, words: Words) -> dict[str, Any]:
    """Issue another warning in place of one that is in force; area and level are the hazard's now.

    Raises
    ------
    Problem
        As `issue`; 409 if the warning was replaced or cancelled meanwhile.
    """
    if not (words.reason or "").strip():
        raise bad_input("reason: why it is updated")
    with database.transaction(scope) as tx:
        before = _own(tx, alert_id)
        found = _declared(tx, before["hazard_id"])
        message = message_of(found, words, "Update", (reference_to(before),))
        new_id = _save(tx, found, words, message, before)
        told = alerts.shown(tx, new_id)
        hazard_messages.warned(tx, new_id, "updated")
        event.record(
            tx,
            "alert.updated",
            area_code=found["area_code"],
            subject_id=new_id,
            payload=_payload(found),
        )
    return told


def cancel(database: Database, scope: Scope, alert_id: int, reason: str) -> dict[str, Any]:
    """Cancel a warning that was issued here; the message names what it cancels.

    Raises
    ------
    Problem
        404; 409 if it was replaced or cancelled meanwhile.
    """
    with database.transaction(scope) as tx:
        before = _own(tx, alert_id)
        found = hazard.read(tx, before["hazard_id"])
        if found is None:
            raise not_found(f"hazard {before['hazard_id']}")
        words = Words(
            headline=before["headline"],
            event=before["event"],
            description=before["description"],
            instruction=before["instruction"],
            issuer=before["issuer"],
            area_desc=before["area_desc"],
            starts_at=before["starts_at"],
            expires_at=before["expires_at"],
            reason=reason,
        )
        message = message_of(found, words, "Cancel", (reference_to(before),))
        new_id = _save(tx, found, words, message, before)
        told = alerts.shown(tx, new_id)
        hazard_messages.warned(tx, new_id, "cancelled")
        event.record(
            tx,
            "alert.cancelled",
            area_code=found["area_code"],
            subject_id=new_id,
            payload=_payload(found),
        )
    return told


def _own(tx: Transaction, alert_id: int) -> Row:
    row = alert.hold(tx, alert_id)
    if row is None:
        if alert.read(tx, alert_id) is not None:
            raise forbidden(f"warning {alert_id} is beyond your areas")
        raise not_found(f"warning {alert_id}")
    if row["direction"] != "issued":
        raise conflict("a warning from elsewhere is updated by who sent it")
    if row["state"] != "current" or row["msg_type"] == "Cancel":
        raise conflict("this warning was replaced or cancelled", followed=row["followed_by"])
    return row


def _declared(tx: Transaction, hazard_id: int) -> Row:
    # of two who issue at once, or one who lifts it meanwhile, the second sees what the first did
    history.hold(tx, hazard_id)
    found = hazard.read(tx, hazard_id)
    if found is None:
        raise not_found(f"hazard {hazard_id}")
    if found["state"] != "declared":
        raise conflict(f"hazard {hazard_id} is {found['state']}")
    if not any(found["area_code"].startswith(own) for own in tx.scope.areas):
        raise forbidden(f"a hazard in {found['area_code']} is beyond your areas")
    return found


def _payload(found: Row) -> dict[str, Any]:
    return {
        "hazard": found["id"],
        "severity": found["severity"],
        "exercise": bool(found["exercise"]),
    }


def _save(
    tx: Transaction, found: Row, words: Words, message: cap.Message, before: Row | None
) -> int:
    info = message.infos[0]
    data = cap_writing.write(message)
    alert_id = alert.insert(
        tx,
        {
            "area_code": found["area_code"],
            "direction": "issued",
            "identifier": message.identifier,
            "sender": message.sender,
            "sent": message.sent,
            "status": message.status,
            "msg_type": message.msg_type,
            "hazard_id": found["id"],
            "category": ", ".join(info.categories),
            "class": class_of(found["kind"]),
            "kind": found["kind"],
            "event": info.event,
            "severity": found["severity"],
            "starts_at": words.starts_at,
            "expires_at": words.expires_at,
            "headline": info.headline,
            "description": info.description,
            "instruction": info.instruction,
            "area_desc": words.area_desc.strip(),
            "issuer": info.sender_name,
            "refers_to": [
                cap_writing.reference(each.sender, each.identifier, each.sent)
                for each in message.references
            ],
            "reason": (words.reason or "").strip() or None,
            "sha256": hashlib.sha256(data).digest(),
            "document": data.decode(),
        },
        bytes(found["wkb"]),
        [],
    )
    if before is not None:
        state = "cancelled" if message.msg_type == "Cancel" else "superseded"
        alert.follow(tx, before["id"], state, alert_id)
    return alert_id
