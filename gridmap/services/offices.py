"""Whom the papers of a grid tell people to call."""

import re

from gridmap.model.access import Scope
from gridmap.model.problem import bad_input, not_found
from gridmap.store import area, area_office, event
from gridmap.store.database import Database

_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,120}", re.ASCII)
_PHONE = re.compile(r"[0-9+() -]{3,30}", re.ASCII)


def put(
    database: Database,
    scope: Scope,
    area_code: str,
    *,
    name: str,
    phone: str | None,
    supervision_phone: str | None,
    mail: str | None = None,
) -> None:
    """Store the office of an area; the nearest area counts for a grid.

    Raises
    ------
    Problem
        400 for a name or a number that is none; 404 for an area that is not there or not theirs.
    """
    wanted = name.strip()
    if not 1 <= len(wanted) <= 80:
        raise bad_input("name: 1 to 80 characters are needed")
    for place, number in (("phone", phone), ("supervision_phone", supervision_phone)):
        _check(place, number)
    if mail is not None and not _MAIL.fullmatch(mail):
        raise bad_input("mail: a mail address is needed")
    with database.transaction(scope) as tx:
        area.read(tx, area_code)
        if not any(area_code.startswith(own) for own in scope.areas):
            raise not_found(f"area {area_code}")
        area_office.put(tx, area_code, wanted, phone, supervision_phone, mail)
        event.record(tx, "office.changed", area_code=area_code, subject_id=area_code)


def set_phone(  # noqa: PLR0913 - whose number, which, for whom
    database: Database, scope: Scope, grid_code: str, name: str, phone: str | None, *, public: bool
) -> None:
    """Note the telephone of who looks after a grid; public only where the posting says so.

    Raises
    ------
    Problem
        400 for a number that is none, or a public one that is not given; 404 for a member that is
        not there.
    """
    _check("phone", phone)
    if public and not phone:
        raise bad_input("phone: a number is needed to make it public")
    with database.transaction(scope) as tx:
        if not area_office.set_phone(tx, grid_code, name, phone, public):
            raise not_found(f"member of grid {grid_code}")
        event.record(
            tx,
            "member.phone_set",
            area_code=grid_code,
            subject_id=grid_code,
            payload={"public": public},
        )


def _check(place: str, number: str | None) -> None:
    if number is not None and not _PHONE.fullmatch(number):
        raise bad_input(f"{place}: 3 to 30 digits, spaces and + ( ) - are taken")
