"""A warning as it goes out: what the officer writes and what the hazard says, in CAP 1.2."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import shapely
from shapely import from_wkb

from gridmap.channels import cap
from gridmap.model.alert import CATEGORY_OF, SEVERITY_OF, class_of
from gridmap.model.problem import bad_input
from gridmap.store.database import Row

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


def message_of(
    found: Row, words: Words, msg_type: str, references: tuple[cap.Reference, ...]
) -> cap.Message:
    """Write a warning of a hazard (400 for one of the eight fields that is missing)."""
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


def reference_to(before: Row) -> cap.Reference:
    """Name a warning that was issued."""
    return cap.Reference(before["sender"], before["identifier"], before["sent"].astimezone())
