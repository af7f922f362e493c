"""Edits of plan templates: each is another version, made by a person who has read the last."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from gridmap.model.access import Permission
from gridmap.model.plan_template import AREA_TYPES, Content, key_of
from gridmap.model.problem import bad_input, conflict
from gridmap.problems import bad_values, fault
from gridmap.services import lessons, plan_templates, versions
from gridmap.services.access import Viewer
from gridmap.services.plan_templates import KIND
from gridmap.store import area
from gridmap.store import plan_templates as rows
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.versioned import today

_KIND = re.compile(r"[a-z_]{2,30}", re.ASCII)
_NAME, _SOURCE = 80, 1000  # characters
_FIELDS = ("hazard_kind", "area_type", "name_zh", "name_en", "content", "source")


@dataclass(frozen=True)
class Version:
    """A version as somebody has written it."""

    hazard_kind: str
    area_type: str
    name_zh: str
    name_en: str
    source: str
    content: Content
    valid_from: date

    @property
    def key(self) -> str:
        """Give the key of its template."""
        return key_of(self.hazard_kind, self.area_type)

    def said(self) -> dict[str, Any]:
        """Give what is stored of it beside number and day."""
        return {name: getattr(self, name) for name in _FIELDS if name != "content"} | {
            "content": self.content.model_dump()
        }


def read(document: object, day: date) -> Version:
    """Read a version from a document as an export gives it.

    Raises
    ------
    Problem
        400 with every fault.
    """
    if not isinstance(document, Mapping):
        raise bad_input("an object with the fields of a template is needed")
    texts = {name: document.get(name) for name in _FIELDS if name != "content"}
    missing = [name for name, value in texts.items() if not isinstance(value, str)]
    if missing:
        raise bad_values(fault(name, "a text is needed") for name in missing)
    try:
        content = Content.model_validate(document.get("content"))
    except ValidationError as error:
        raise bad_values(
            fault(".".join(("content", *map(str, each["loc"]))), str(each["msg"]))
            for each in error.errors(include_url=False, include_input=False)
        ) from None
    return Version(**texts, content=content, valid_from=day)  # type: ignore[arg-type]


def check(version: Version) -> None:
    """Refuse what cannot be a template (400 with every fault)."""
    found = []
    if not _KIND.fullmatch(version.hazard_kind):
        found.append(fault("hazard_kind", "2 to 30 small letters and _ are taken"))
    if version.area_type not in AREA_TYPES:
        found.append(fault("area_type", f"this is one of {', '.join(AREA_TYPES)}"))
    for place, words, most in (
        ("name_zh", version.name_zh, _NAME),
        ("name_en", version.name_en, _NAME),
        ("source", version.source, _SOURCE),
    ):
        if not 1 <= len(words.strip()) <= most:
            found.append(fault(place, f"1 to {most} characters are needed"))
    found += [fault(f"content.{place}", why) for place, why in version.content.loose_ends()]
    if found:
        raise bad_values(found)


def put(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    area_code: str,
    version: Version,
    seen: int | None,
    lesson: int | None = None,
) -> int:
    """Store the next version of an area's template, or the first of a new one; give its number.

    Parameters
    ----------
    seen
        The last version that the person has read; None for a template the area has none of.
    lesson
        Lesson of a response that the version came of.

    Raises
    ------
    Problem
        400 by field; 404 for an area that is not this person's; 409 if there is a later version
        or nothing would change.
    """
    check(version)
    with database.transaction(viewer.scope(Permission.PLAN_APPROVE, request_id)) as tx:
        last = versions.last(tx, KIND, viewer, area_code, version.key, seen)
        versions.check_day(version.valid_from, today(tx))
        if last is not None and not last["retired"] and _same(last, version):
            raise conflict(KIND.same)
        took: list[Row] = []

        def insert(number: int) -> bool:
            made = _insert(tx, area_code, version.key, version.said(), version.valid_from, number)
            if made and lesson is not None:
                took.append(lessons.take(tx, viewer, lesson, area_code, version.key, number))
            return made

        more = {} if lesson is None else {"lesson": lesson}
        number = versions.write(
            tx, KIND, area_code, version.key, version.valid_from, seen, insert, **more
        )
        for row in took:
            lessons.taken(tx, row, version.key, number)
    return number


def bring(database: Database, scope: Any, area_code: str, version: Version) -> int | None:
    """Store what a file says as the next version; None where it says nothing new.

    For the command line: whoever runs it has the server in hand.
    """
    check(version)
    with database.transaction(scope) as tx:
        area.read(tx, area_code)
        found = rows.versions(tx, version.key, area_code)
        last = found[0] if found else None
        if last and not last["retired"] and plan_templates.said(last) == version.said():
            return None
        versions.check_day(version.valid_from, today(tx))
        seen = last["version"] if last else None
        key, said, day = version.key, version.said(), version.valid_from
        return versions.write(
            tx, KIND, area_code, key, day, seen,
            lambda number: _insert(tx, area_code, key, said, day, number),
        )  # fmt: skip


def retire(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    area_code: str,
    key: str,
    day: date,
    seen: int | None,
) -> int:
    """Let an area's template end on a day, by a last version; give its number.

    Below a county, what the area above says holds again.

    Raises
    ------
    Problem
        As `put`; 404 for a template the area has none of.
    """
    with database.transaction(viewer.scope(Permission.PLAN_APPROVE, request_id)) as tx:
        last = versions.ending(tx, KIND, viewer, area_code, key, seen)
        versions.check_day(day, today(tx))
        said = plan_templates.said(last)
        return versions.write(
            tx, KIND, area_code, key, day, seen,
            lambda number: _insert(tx, area_code, key, said, day, number, retired=True),
            retired=True,
        )  # fmt: skip


def _insert(  # noqa: PLR0913, PLR0917 - where, what, from when
    tx: Transaction, area_code: str, key: str, said: Mapping[str, Any], day: date, version: int,
    retired: bool = False,
) -> bool:  # fmt: skip
    return rows.insert(
        tx, area_code=area_code, key=key, version=version, said=said, valid_from=day,
        retired=retired,
    )  # fmt: skip


def _same(row: Row, version: Version) -> bool:
    return plan_templates.said(row) == version.said() and row["valid_from"] == version.valid_from
