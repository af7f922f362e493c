"""Warnings issued here: the eight fields the law asks for, their updates, and their end."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import shapely
from shapely import from_wkb

from gridmap.channels import cap, cap_writing
from gridmap.model.access import Scope
from gridmap.model.alert import CATEGORY_OF, SEVERITY_OF, class_of
from gridmap.model.problem import bad_input, conflict, forbidden, not_found
from gridmap.services import alerts, hazard_messages
from gridmap.store import alert, event, hazard
from gridmap.store import hazard_history as history
from gridmap.store.database import Database, Row, Transaction

_LEVEL_WORDS = {"red": "红色", "orange": "橙色", "yellow": "黄色", "blue": "蓝色", None: ""}
_DRILL = "演练："
_DRILL_NOTE = "Exercise 演练：这不是真实事件 this is not real"


@dataclass(frozen=True)
class Words:
    """What the officer writes; class, level, area and whether it is an exercise are the hazard's.

    Attributes
    ----------
    headline
        One line.
    event
        What it is, in words: 暴雨, 山洪.
    description
        What is to be watched for (警示事项).
    instruction
        What is to be done (措施).
    issuer
        Who issues it (发布单位).
    area_desc
        The area in words (影响范围).
    starts_at, expires_at
        From when until when; it ends by itself for nobody, but it is not shown as in force then.
    reason
        Why it is updated; None for a first one.
    """

    headline: str
    event: str
    description: str
    instruction: str
    issuer: str
    area_desc: str
    starts_at: datetime
    expires_at: datetime
    reason: str | None = None


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
        message = _message(found, words, "Alert", ())
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
        message = _message(found, words, "Update", (_reference(before),))
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
        message = _message(found, words, "Cancel", (_reference(before),))
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


def _check(found: Row, words: Words) -> None:
    """Refuse a warning that lacks one of the eight fields; times and area are there by type."""
    faults = []
    if class_of(found["kind"]) is None:
        faults.append({"place": "class", "message": "this kind belongs to no class of the law"})
    elif found["severity"] is None and class_of(found["kind"]) != "security":
        faults.append({"place": "severity", "message": "adjust the hazard: it has no level"})
    for name in ("headline", "event", "description", "instruction", "issuer", "area_desc"):
        if not getattr(words, name).strip():
            faults.append({"place": name, "message": "is missing"})
    if words.expires_at <= max(words.starts_at, datetime.now(UTC)):
        faults.append({"place": "expires_at", "message": "a time to come"})
    if faults:
        raise bad_input("the law asks for all eight fields of a warning", faults)


def _message(
    found: Row, words: Words, msg_type: str, references: tuple[cap.Reference, ...]
) -> cap.Message:
    if msg_type != "Cancel":
        _check(found, words)
    drill = bool(found["exercise"])
    county = found["area_code"][:6]
    headline = words.headline.strip()
    if drill and not headline.startswith(_DRILL):
        headline = _DRILL + headline
    now = datetime.now(UTC).replace(microsecond=0).astimezone()
    info = cap.Info(
        event=words.event.strip(),
        categories=(CATEGORY_OF.get(found["kind"], "Other"),),
        urgency="Past" if msg_type == "Cancel" else "Immediate",
        severity=SEVERITY_OF[found["severity"]],
        certainty="Observed" if msg_type == "Cancel" else "Likely",
        language="zh-CN",
        effective=now,
        onset=words.starts_at,
        expires=words.expires_at,
        sender_name=words.issuer.strip(),
        headline=headline,
        description=words.description.strip(),
        instruction=words.instruction.strip(),
        parameters=_parameters(found),
        areas=(_area(found, words),),
    )
    reason = (words.reason or "").strip()
    return cap.Message(
        identifier=f"gridmap-{county}-{uuid.uuid4()}",
        sender=f"gridmap-{county}",
        sent=now,
        status="Exercise" if drill else "Actual",
        msg_type=msg_type,
        note="；".join(part for part in (_DRILL_NOTE if drill else "", reason) if part),
        references=references,
        infos=(info,),
    )


def _parameters(found: Row) -> tuple[tuple[str, str], ...]:
    level = _LEVEL_WORDS[found["severity"]]
    pairs = (("class", class_of(found["kind"]) or ""), ("level", level))
    return tuple((name, value) for name, value in pairs if value)


def _area(found: Row, words: Words) -> cap.Area:
    """Give every part of the hazard as a ring; a hole is warned as well, for CAP has none."""
    shape = from_wkb(bytes(found["wkb"]))
    rings = tuple(
        tuple((round(x, 6), round(y, 6)) for x, y in part.exterior.coords)
        for part in shapely.get_parts(shape)
    )
    return cap.Area(
        description=words.area_desc.strip(),
        polygons=rings,
        geocodes=(("GB/T 2260", found["area_code"][:6]),),
    )


def _reference(before: Row) -> cap.Reference:
    return cap.Reference(before["sender"], before["identifier"], before["sent"].astimezone())


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
