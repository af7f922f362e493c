"""Volunteers and organisations: who has offered to help, with what, and where."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.problem import conflict, forbidden, not_found
from gridmap.model.volunteer import SKILLS
from gridmap.problems import bad_value
from gridmap.services.access import Viewer
from gridmap.store import event
from gridmap.store import volunteer as rows
from gridmap.store.database import Database, Row

_MAY = Permission.INCIDENT_DISPATCH
_PHONE = re.compile(r"[0-9+-]{5,20}", re.ASCII)


def listing(
    database: Database, viewer: Viewer, area: str | None, skills: Sequence[str]
) -> dict[str, Any]:
    """List volunteers with the ends of their numbers, and the skills there are words for."""
    known(skills)
    with database.transaction(viewer.scope(_MAY)) as tx:
        found = rows.listing(tx, area, skills)
    return {"items": [_shown(row) for row in found], "skills": list(SKILLS)}


def add(
    database: Database, viewer: Viewer, request_id: str, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Write somebody down who has offered to help.

    Raises
    ------
    Problem
        400 by field; 403 beyond one's areas; 409 for one who stands there.
    """
    values = dict(values)
    _check(values)
    if values["kind"] == "person" and values["people"] != 1:
        raise bad_value("people", "a person is one")
    if not values.pop("consented"):
        raise bad_value("consented", "nobody is written down without their consent")
    if values["kind"] == "organisation" and values["organisation"]:
        raise bad_value("organisation", "an organisation is of no other")
    if not viewer.may(_MAY, values["area"]):
        raise forbidden(f"{values['area']} is beyond your areas")
    with database.transaction(viewer.scope(_MAY, request_id)) as tx:
        number = rows.add(tx, values)
        if number is None:
            raise conflict("somebody of this name and number is there already")
        found = rows.one(tx, number)
        assert found is not None
        event.record(
            tx,
            "volunteer.added",
            area_code=found["area_code"],
            subject_id=number,
            payload={"volunteer": number},
        )
    return _shown(found)


def change(
    database: Database,
    viewer: Viewer,
    request_id: str,
    volunteer_id: int,
    seen: int,
    values: Mapping[str, Any],
) -> dict[str, Any]:
    """Change what somebody can do, how they are written to, or whether they are asked.

    Raises
    ------
    Problem
        400 by field; 404; 409 where somebody was faster.
    """
    _check(values)
    with database.transaction(viewer.scope(_MAY, request_id)) as tx:
        before = rows.one(tx, volunteer_id)
        if before is None:
            raise not_found(f"volunteer {volunteer_id}")
        if before["kind"] == "person" and values.get("people", 1) != 1:
            raise bad_value("people", "a person is one")
        if before["kind"] == "organisation" and values.get("organisation"):
            raise bad_value("organisation", "an organisation is of no other")
        found = rows.change(tx, volunteer_id, seen, values)
        if found is None:
            raise conflict("Somebody was faster. Look at it again, then decide")
        event.record(
            tx,
            "volunteer.changed",
            area_code=found["area_code"],
            subject_id=volunteer_id,
            payload={"volunteer": volunteer_id, "fields": sorted(values)},
        )
    return _shown(found)


def _check(values: Mapping[str, Any]) -> None:
    if "skills" in values:
        known(values["skills"])
        if not values["skills"]:
            raise bad_value("skills", "one skill at least is needed")
    phone = values.get("phone")
    if phone is not None and not _PHONE.fullmatch(phone):
        raise bad_value("phone", "5 to 20 digits, + and - are needed")


def known(skills: Sequence[str]) -> None:
    """Stop for skills there are no words for.

    Raises
    ------
    Problem
        400.
    """
    unknown = sorted(set(skills) - set(SKILLS))
    if unknown:
        raise bad_value("skills", f"there is no skill {unknown[0]}")
    if len(set(skills)) < len(skills):
        raise bad_value("skills", "each once")


def _shown(row: Row) -> dict[str, Any]:
    names = ("id", "kind", "name", "organisation", "skills", "people", "active", "revision")
    return {
        **{name: row[name] for name in names},
        "area": row["area_code"],
        "phone": end(row["phone_end"]),
        "consented_on": row["consented_on"] and row["consented_on"].isoformat(),
        "left_at": row["left_at"] and row["left_at"].isoformat(),
    }


def end(digits: str | None) -> str | None:
    """Give a number as lists show it: its end tells two apart."""
    return None if digits is None else f"*{digits}"
