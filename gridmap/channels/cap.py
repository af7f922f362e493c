"""Warnings as CAP 1.2: read strictly, every info, polygon and circle kept; written in its order.

Nothing is fetched and nothing is expanded: a document type, and with it every entity, is refused.
Shapes are given as they stand; whether a ring closes is for whoever makes an area of it.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from gridmap.channels import cap_tree
from gridmap.channels.cap_tree import CapError, Node

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
TYPES = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPES = ("Public", "Restricted", "Private")
CATEGORIES = (
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra",
    "CBRNE", "Other",
)  # fmt: skip
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d|Z)", re.ASCII)
# of an identifier, a sender, a reference: no white space, comma, < or &
_NAME = re.compile(r"[^\s,<&]{1,200}")
_NUMBER = re.compile(r"[+-]?\d{1,4}(\.\d{1,20})?", re.ASCII)
_MOST_POINTS = 200_000
_FIRST_YEAR, _LAST_YEAR = 1969, 2201  # no warning is of these years or beyond

Point = tuple[float, float]  # longitude, latitude
Shape = TypeVar("Shape")


@dataclass(frozen=True)
class Reference:
    """A message that another one follows."""

    sender: str
    identifier: str
    sent: datetime


@dataclass(frozen=True)
class Area:
    """One area of an info: words, and any number of rings and circles (with kilometres)."""

    description: str
    polygons: tuple[tuple[Point, ...], ...] = ()
    circles: tuple[tuple[Point, float], ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Info:
    """What is told in one language."""

    event: str
    categories: tuple[str, ...]
    urgency: str = "Unknown"
    severity: str = "Unknown"
    certainty: str = "Unknown"
    language: str = "en-US"
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True)
class Message:
    """One message of CAP 1.2."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    scope: str = "Public"
    note: str = ""
    references: tuple[Reference, ...] = ()
    infos: tuple[Info, ...] = ()


def read(data: bytes) -> Message:
    """Read a message.

    Raises
    ------
    CapError
        Everything wrong with it, by place; XML that is none, or that would reach elsewhere.
    """
    root = cap_tree.parse(data, NAMESPACE)
    reader = _Reader()
    message = reader.message(root)
    if reader.faults or message is None:
        raise CapError(reader.faults)
    return message


class _Reader:
    """Reads parts of a message and collects what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[tuple[str, str]] = []
        self.points = 0

    def wrong(self, place: str, message: str) -> None:
        self.faults.append((place, message))

    def text(self, node: Node, name: str, place: str, *, needed: bool = False) -> str:
        found = node.texts(name)
        if len(found) > 1:
            self.wrong(f"{place}{name}", "given more than once")
        value = found[0] if found else ""
        if needed and not value:
            self.wrong(f"{place}{name}", "is missing")
        return value

    def one_of(self, node: Node, name: str, place: str, known: tuple[str, ...]) -> str:
        value = self.text(node, name, place, needed=True)
        if value and value not in known:
            self.wrong(f"{place}{name}", f"one of {', '.join(known)}")
        return value

    def name(self, node: Node, name: str) -> str:
        value = self.text(node, name, "", needed=True)
        if value and not _NAME.fullmatch(value):
            self.wrong(name, "no white space, comma, < or & and at most 200 characters")
        return value

    def time(self, node: Node, name: str, place: str, *, needed: bool = False) -> datetime | None:
        value = self.text(node, name, place, needed=needed)
        if not value:
            return None
        found = _time(value)
        if found is None:
            self.wrong(f"{place}{name}", "a time such as 2026-06-18T14:05:00+08:00")
        return found

    def message(self, root: Node) -> Message | None:
        sent = self.time(root, "sent", "", needed=True)
        infos = tuple(self.info(each, i) for i, each in enumerate(root.named("info"), 1))
        identifier, sender = self.name(root, "identifier"), self.name(root, "sender")
        if sent is None:
            return None
        return Message(
            identifier=identifier,
            sender=sender,
            sent=sent,
            status=self.one_of(root, "status", "", STATUSES),
            msg_type=self.one_of(root, "msgType", "", TYPES),
            scope=self.one_of(root, "scope", "", SCOPES),
            note=self.text(root, "note", ""),
            references=self.references(self.text(root, "references", "")),
            infos=infos,
        )

    def references(self, text: str) -> tuple[Reference, ...]:
        found = []
        for each in text.split():
            parts = each.split(",")
            sent = _time(parts[2]) if len(parts) == 3 else None
            if sent is None or not parts[0] or not parts[1]:
                self.wrong("references", "sender,identifier,sent with a blank between two of them")
                break
            found.append(Reference(parts[0], parts[1], sent))
        return tuple(found)

    def info(self, node: Node, number: int) -> Info:
        place = f"info {number}, "
        categories = tuple(node.texts("category"))
        if not categories or not set(categories) <= set(CATEGORIES):
            self.wrong(f"{place}category", f"one of {', '.join(CATEGORIES)}")
        return Info(
            event=self.text(node, "event", place, needed=True),
            categories=categories,
            urgency=self.one_of(node, "urgency", place, URGENCIES),
            severity=self.one_of(node, "severity", place, SEVERITIES),
            certainty=self.one_of(node, "certainty", place, CERTAINTIES),
            language=self.text(node, "language", place) or "en-US",
            effective=self.time(node, "effective", place),
            onset=self.time(node, "onset", place),
            expires=self.time(node, "expires", place),
            sender_name=self.text(node, "senderName", place),
            headline=self.text(node, "headline", place),
            description=self.text(node, "description", place),
            instruction=self.text(node, "instruction", place),
            parameters=self.pairs(node, "parameter", place),
            areas=tuple(
                self.area(each, f"{place}area {i}, ")
                for i, each in enumerate(node.named("area"), 1)
            ),
        )

    def pairs(self, node: Node, name: str, place: str) -> tuple[tuple[str, str], ...]:
        return tuple(
            (
                self.text(each, "valueName", f"{place}{name}, ", needed=True),
                self.text(each, "value", f"{place}{name}, "),
            )
            for each in node.named(name)
        )

    def area(self, node: Node, place: str) -> Area:
        return Area(
            description=self.text(node, "areaDesc", place, needed=True),
            polygons=tuple(self.each(node, "polygon", place, self.ring)),
            circles=tuple(self.each(node, "circle", place, self.circle)),
            geocodes=self.pairs(node, "geocode", place),
        )

    def each(
        self, node: Node, name: str, place: str, read_one: Callable[[str, str], Shape | None]
    ) -> list[Shape]:
        found = []
        for number, text in enumerate(node.texts(name), 1):
            shape = read_one(text, f"{place}{name} {number}")
            if shape is not None:
                found.append(shape)
        return found

    def ring(self, text: str, place: str) -> tuple[Point, ...] | None:
        points = []
        for number, each in enumerate(text.split(), 1):
            point = _point(each)
            if point is None:
                self.wrong(f"{place}, point {number}", "latitude,longitude as numbers")
                return None
            points.append(point)
        self.points += len(points)
        if self.points > _MOST_POINTS:
            raise CapError([(place, f"more than {_MOST_POINTS:,} points in one message")])
        return tuple(points)

    def circle(self, text: str, place: str) -> tuple[Point, float] | None:
        parts = text.split()
        point = _point(parts[0]) if len(parts) == 2 else None
        if point is None or not _NUMBER.fullmatch(parts[1]) or float(parts[1]) < 0:
            self.wrong(place, "latitude,longitude and a radius in kilometres")
            return None
        return point, float(parts[1])


def _point(text: str) -> Point | None:
    parts = text.split(",")
    if len(parts) != 2 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    lat, lon = (float(part) for part in parts)
    return (lon, lat) if math.isfinite(lon) and math.isfinite(lat) else None


def _time(text: str) -> datetime | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    # compared as it stands: what lies beyond has no UTC of its own
    return found if _FIRST_YEAR < found.year < _LAST_YEAR else None
