"""Warnings from elsewhere: received as CAP 1.2, shown, and declared as a hazard by a person."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geodata.shapes import WORLD
from gridmap.channels import cap, cap_writing
from gridmap.channels.cap_tree import CapError
from gridmap.model.access import Scope
from gridmap.model.alert import class_of, kind_of, level_of
from gridmap.model.hazard import WITHOUT_LEVEL
from gridmap.model.problem import bad_input, conflict
from gridmap.services import alert_shapes
from gridmap.services.alert_views import DECLARABLE, document, head, listing, show, shown
from gridmap.store import alert, area, event
from gridmap.store.database import Database, Row, Transaction

__all__ = [
    "DECLARABLE",
    "Read",
    "around",
    "document",
    "head",
    "listing",
    "read",
    "receive",
    "show",
    "shown",
]

_FOLLOWS = {"Update": "superseded", "Cancel": "cancelled"}


@dataclass(frozen=True)
class Read:
    """A message that has been read, with its area.

    Attributes
    ----------
    data
        Its bytes as they came.
    message
        What they say.
    made
        Its area, and what was put right.
    """

    data: bytes
    message: cap.Message
    made: alert_shapes.Made


def read(data: bytes, bounds: alert_shapes.Bounds | None) -> Read:
    """Read a message of CAP 1.2 and make its area; nothing here touches the database.

    Raises
    ------
    Problem
        400 naming every place that is wrong.
    """
    try:
        message = cap.read(data)
        _follows_something(message)
        return Read(data, message, alert_shapes.make(message.infos, bounds))
    except CapError as error:
        raise _refused(error) from error


def receive(database: Database, scope: Scope, come: Read) -> tuple[dict[str, Any], bool]:
    """Take a message that was read in; the same message sent again is the same row.

    Returns
    -------
    dict, bool
        The warning as `show` gives it, and whether it is new.

    Raises
    ------
    Problem
        409 for other content under a known name.
    """
    data, message, made = come.data, come.message, come.made
    home = min(scope.areas, key=len)
    digest = hashlib.sha256(data).digest()
    with database.transaction(scope) as tx:
        alert.hold_names(tx, home[:6])
        before = alert.same(tx, home[:6], message.sender, message.identifier)
        if before is not None:
            if bytes(before["sha256"]) != digest:
                raise conflict("another message has this sender and identifier", id=before["id"])
            return shown(tx, before["id"]), False
        notes = list(made.notes)
        old = _referred(tx, home[:6], message, notes)
        found = None if made.shape is None else area.smallest_around(tx, made.shape.wkb)
        inside = found is not None and any(found.startswith(own) for own in scope.areas)
        values = _values(message, data, digest) | {
            "area_code": found if inside else home,
            "hazard_id": _declared_before(message, old),
        }
        wkb = None if made.shape is None else made.shape.wkb
        alert_id = alert.insert(tx, values, wkb, notes)
        _link(tx, home[:6], message, alert_id, old)
        told = shown(tx, alert_id)
        event.record(
            tx,
            "alert.received",
            area_code=values["area_code"],
            subject_id=alert_id,
            payload={
                "status": message.status,
                "verb": message.msg_type,
                "severity": values["severity"],
                "exercise": message.status == "Exercise",
            },
        )
    return told, True


def around(
    database: Database, scope: Scope, bounds: tuple[float, ...] | None
) -> alert_shapes.Bounds:
    """Give the box a warning has to meet: that of the deployment, else that of the county."""
    if bounds is not None and tuple(bounds) != WORLD:
        west, south, east, north = bounds
        return west, south, east, north
    with database.transaction(scope, snapshot=True) as tx:
        return area.box(tx, min(scope.areas, key=len)[:6])


def _refused(error: CapError) -> Exception:
    faults = [{"place": place, "message": message} for place, message in error.faults[:20]]
    return bad_input("the message is no CAP 1.2 that can be taken", faults)


def _follows_something(message: cap.Message) -> None:
    if message.msg_type in ("Cancel", "Ack", "Error") and not message.references:
        raise CapError([("references", "a message of this type names what it follows")])
    if message.msg_type in ("Alert", "Update") and not message.infos:
        raise CapError([("info", "is missing")])


def _referred(
    tx: Transaction, county: str, message: cap.Message, notes: list[dict[str, Any]]
) -> list[Row]:
    """Give the messages it follows; what it names and is not here, or is not its own, is noted."""
    if message.msg_type == "Update" and not message.references:
        notes.append({"kind": "follows_nothing", "place": "references"})
    names = [(each.sender, each.identifier) for each in message.references]
    found = alert.followed(tx, county, names) if names else []
    known = {(row["sender"], row["identifier"]) for row in found}
    for name in names:
        if name not in known:
            notes.append({"kind": "not_here", "place": name[1]})
    foreign = [row for row in found if not _may_follow(message, row)]
    for row in foreign:
        notes.append({"kind": "not_its_own", "place": row["identifier"]})
    return [row for row in found if row not in foreign]


def _may_follow(message: cap.Message, row: Row) -> bool:
    """Tell whether a message may end another: an exercise never ends what is real."""
    if message.msg_type in ("Ack", "Error"):
        return True
    return bool(row["status"] == message.status and row["sender"] == message.sender)


def _declared_before(message: cap.Message, old: Sequence[Row]) -> int | None:
    """Give the hazard that was declared because of what a message follows, while it is declared.

    An update never makes a second hazard over the first: a person adjusts that one, or lifts it.
    """
    if message.msg_type not in _FOLLOWS:
        return None
    return next((row["hazard_id"] for row in old if row["hazard_state"] == "declared"), None)


def _link(
    tx: Transaction, county: str, message: cap.Message, alert_id: int, old: Sequence[Row]
) -> None:
    state = _FOLLOWS.get(message.msg_type)
    for row in old:
        if state is not None:
            alert.follow(tx, row["id"], state, alert_id)
    for later in alert.overtaking(tx, county, message.sender, message.identifier, message.status):
        alert.follow(tx, alert_id, _FOLLOWS[later["msg_type"]], later["id"])


def _values(message: cap.Message, data: bytes, digest: bytes) -> dict[str, Any]:
    infos = sorted(message.infos, key=lambda info: not info.language.lower().startswith("zh"))
    info = infos[0] if infos else cap.Info(event=message.msg_type, categories=("Other",))
    kind = kind_of(info.event, info.categories)
    colours = [value for _name, value in info.parameters] + [info.headline, info.event]
    level = None if kind in WITHOUT_LEVEL else level_of(info.severity, colours)
    starts = info.onset or info.effective or message.sent
    expires = info.expires if info.expires is None or info.expires >= starts else starts
    places = [each.description for each in info.areas]
    return {
        "direction": "received",
        "identifier": message.identifier,
        "sender": message.sender,
        "sent": message.sent,
        "status": message.status,
        "msg_type": message.msg_type,
        "category": ", ".join(info.categories),
        "class": class_of(kind),
        "kind": kind,
        "event": info.event[:200],
        "severity": level,
        "starts_at": starts,
        "expires_at": expires,
        "headline": info.headline or info.event,
        "description": info.description,
        "instruction": info.instruction,
        "area_desc": "、".join(places) or "–",
        "issuer": info.sender_name or message.sender,
        "refers_to": [
            cap_writing.reference(each.sender, each.identifier, each.sent)
            for each in message.references
        ],
        "sha256": digest,
        "document": _text(message, data),
    }


def _text(message: cap.Message, data: bytes) -> str:
    """Give a message as it came; one in another encoding is written again."""
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return cap_writing.write(message).decode()
