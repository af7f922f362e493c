"""What is said of a facility, checked field by field before it is stored."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from geodata import opening
from geodata.errors import GeodataError
from gridmap.model.facility import KINDS
from gridmap.problems import bad_value, bad_values, fault

_LEVEL = re.compile(r"[a-z0-9_]{1,20}", re.ASCII)
_MOST = 1_000_000
_LONGEST = {
    **{"name": 100, "name_en": 100, "address": 200, "crew": 80, "closed_why": 200},
    "keeper": 80,
}
_PHONE = re.compile(r"[0-9+-]{5,20}", re.ASCII)
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,120}", re.ASCII)
_OFF_AT_MOST = timedelta(days=366)


def check(said: Mapping[str, Any]) -> None:
    """Stop for values that make no sense by themselves; what is not there is not looked at.

    Raises
    ------
    Problem
        400 by field.
    """
    faults = [*_words(said), *_figures(said), *_hours(said.get("hours")), *_reached(said)]
    if faults:
        raise bad_values(faults)


def check_kind(kind: str, used: set[str]) -> None:
    """Stop for a kind that nobody knows.

    Raises
    ------
    Problem
        400.
    """
    if kind not in KINDS | used:
        raise bad_value("kind", f"no facility is of this kind: {kind}; check the word")


def check_shelter(values: Mapping[str, Any]) -> None:
    """Stop for a shelter without room.

    Raises
    ------
    Problem
        400.
    """
    if values["kind"] == "shelter" and values["capacity"] is None:
        raise bad_value("capacity", "a shelter says how many people it takes")


def check_change(
    was: Mapping[str, Any], values: Mapping[str, Any], changes: Mapping[str, Any]
) -> None:
    """Stop for what one facility cannot become, and for half of a time off duty.

    Parameters
    ----------
    was, values
        Everything that was said before, and is now.
    changes
        What of it the person has named.

    Raises
    ------
    Problem
        400 by field.
    """
    faults = []
    if (was["kind"] == "shelter") != (values["kind"] == "shelter"):
        faults.append(fault("kind", "a shelter stays one: retire it and add the other"))
    if was["name"] is not None and values["name"] is None:
        faults.append(fault("name", "a name is needed"))
    if values["retired"] and changes.get("open"):
        faults.append(fault("open", "what is retired is off duty: bring it back as well"))
    if values["open"]:
        faults += [
            fault(name, "only what is off duty has this")
            for name in ("closed_why", "closed_until")
            if values[name] is not None
        ]
    # an end that has been stored before may have come meanwhile
    if values["closed_until"] != was["closed_until"]:
        faults += _end(values["closed_until"])
    if faults:
        raise bad_values(faults)


def _end(until: datetime | None) -> Iterator[dict[str, str]]:
    now = datetime.now(UTC)
    if until is None:
        return
    if until <= now:
        yield fault("closed_until", "a time to come")
    elif until > now + _OFF_AT_MOST:
        yield fault("closed_until", "within a year")


def _words(said: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name, most in _LONGEST.items():
        words = said.get(name)
        if words is not None and not 1 <= len(words.strip()) <= most:
            yield fault(name, f"1 to {most} characters are needed")
        elif words is not None and any(unicodedata.category(one) == "Cf" for one in words):
            # a crew that looks like another one would be another one
            yield fault(name, "characters that nobody can see are not taken")
    level = said.get("level")
    if level is not None and not _LEVEL.fullmatch(level):
        yield fault("level", "a level has up to 20 small letters, digits and _")


def _reached(said: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    phone, mail = said.get("keeper_phone"), said.get("keeper_mail")
    if phone is not None and not _PHONE.fullmatch(phone):
        yield fault("keeper_phone", "5 to 20 digits, + and - are needed")
    if mail is not None and not _MAIL.fullmatch(mail):
        yield fault("keeper_mail", "a mail address is needed")


def _figures(said: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    capacity = said.get("capacity")
    if capacity is not None and not 0 <= capacity <= _MOST:
        yield fault("capacity", f"must be 0 to {_MOST}")


def _hours(hours: object) -> Iterator[dict[str, str]]:
    try:
        opening.check(hours)
    except GeodataError as error:
        for each in error.faults:
            place = [str(part) for part in ("hours", each.row, each.column) if part is not None]
            yield fault(".".join(place), each.message)
