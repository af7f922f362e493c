"""Writing messages of CAP 1.2: elements in the order of the standard, always the same bytes."""

from collections.abc import Iterable
from datetime import datetime
from xml.sax.saxutils import escape

from gridmap.channels.cap import NAMESPACE, Area, Info, Message, Point, Reference

MEDIA = "application/cap+xml"


def write(message: Message) -> bytes:
    """Write a message as UTF-8 XML."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<alert xmlns="{NAMESPACE}">',
        *_text("identifier", message.identifier),
        *_text("sender", message.sender),
        *_text("sent", time(message.sent)),
        *_text("status", message.status),
        *_text("msgType", message.msg_type),
        *_text("scope", message.scope),
        *_text("note", message.note),
        *_text("references", " ".join(_named(each) for each in message.references)),
    ]
    for info in message.infos:
        lines += _info(info)
    lines.append("</alert>")
    return ("\n".join(lines) + "\n").encode()


def _named(each: Reference) -> str:
    return reference(each.sender, each.identifier, each.sent)


def reference(sender: str, identifier: str, sent: datetime) -> str:
    """Write how other messages refer to one."""
    return f"{sender},{identifier},{time(sent)}"


def time(value: datetime) -> str:
    """Write a time as the standard has it: to the second, with its offset, never Z."""
    text = value.replace(microsecond=0).isoformat()
    return text.replace("+00:00", "-00:00") if text.endswith("+00:00") else text


def _info(info: Info) -> list[str]:
    lines = ["<info>", *_text("language", info.language)]
    for category in info.categories:
        lines += _text("category", category)
    for name, value in (
        ("event", info.event),
        ("urgency", info.urgency),
        ("severity", info.severity),
        ("certainty", info.certainty),
        ("effective", _maybe(info.effective)),
        ("onset", _maybe(info.onset)),
        ("expires", _maybe(info.expires)),
        ("senderName", info.sender_name),
        ("headline", info.headline),
        ("description", info.description),
        ("instruction", info.instruction),
    ):
        lines += _text(name, value)
    lines += _pairs("parameter", info.parameters)
    for area in info.areas:
        lines += _area(area)
    return [*lines, "</info>"]


def _area(area: Area) -> list[str]:
    lines = ["<area>", *_text("areaDesc", area.description)]
    for ring in area.polygons:
        lines += _text("polygon", " ".join(_point(point) for point in ring))
    for point, kilometres in area.circles:
        lines += _text("circle", f"{_point(point)} {kilometres:g}")
    return [*lines, *_pairs("geocode", area.geocodes), "</area>"]


def _pairs(name: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    lines = []
    for key, value in pairs:
        lines += [f"<{name}>", *_text("valueName", key), f"<value>{escape(value)}</value>"]
        lines.append(f"</{name}>")
    return lines


def _point(point: Point) -> str:
    lon, lat = point
    return f"{_degrees(lat)},{_degrees(lon)}"


def _degrees(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _maybe(value: datetime | None) -> str:
    return "" if value is None else time(value)


def _text(name: str, value: str) -> list[str]:
    return [f"<{name}>{escape(value)}</{name}>"] if value else []
