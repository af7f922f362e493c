"""What is known of a household: its facts, what each looks like, and why somebody reads it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

RESIDENCES = ("resident", "floating", "left_behind", "away")
MOST_PEOPLE = 50
# Digits with what people write between them; a short number such as 110 is one too.
_PHONE = re.compile(r"\+?[0-9](?:[0-9 ()-]{1,30})[0-9]", re.ASCII)
_NEED = re.compile(r"[a-z_]{2,40}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


class Purpose(StrEnum):
    """Why somebody reads what is known of people; written into the trail."""

    VIEW = "view"
    VISIT = "visit"
    EMERGENCY = "emergency"
    CORRECTION = "correction"
    EXPORT = "export"


@dataclass(frozen=True)
class Fact:
    """One fact of a household.

    Attributes
    ----------
    name
        Column of the household.
    kind
        ``text``, ``number``, ``choice``, ``yesno`` or ``phone``: how a form asks for it.
    longest
        Most characters of a text.
    personal
        True for what only those may read who look after these people.
    choices
        Values of a choice.
    needed
        True where the fact cannot be left empty.
    """

    name: str
    kind: str
    longest: int = 80
    personal: bool = True
    choices: tuple[str, ...] = ()
    needed: bool = False


FACTS: dict[str, Fact] = {
    fact.name: fact
    for fact in (
        Fact("people", "number", personal=False, needed=True),
        Fact("phone", "phone", longest=40),
        Fact("householder", "text"),
        Fact("residence", "choice", personal=False, choices=RESIDENCES, needed=True),
        Fact("registered_at", "text", longest=200),
        Fact("carer", "text"),
        Fact("carer_phone", "phone", longest=40),
        Fact("needs_help", "yesno"),
    )
}


def fact_value(name: str, value: object) -> Any:
    """Check one fact and give it as it is stored; None is "not known".

    Raises
    ------
    ValueError
        With what is wanted, in words for a person.
    """
    fact = FACTS.get(name)
    if fact is None:
        raise ValueError("there is no such fact")
    if value is None or value == "":
        if fact.needed:
            raise ValueError("this cannot be left empty")
        return None
    return _CHECKS[fact.kind](fact, value)


def _number(_fact: Fact, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_PEOPLE:
        raise ValueError(f"a whole number from 0 to {MOST_PEOPLE} is needed")
    return value


def _text(fact: Fact, value: object) -> str | None:
    if not isinstance(value, str) or _CONTROL.search(value) or _broken(value):
        raise ValueError("a text of one line is needed")
    kept = value.strip()
    if len(kept) > fact.longest:
        raise ValueError(f"at most {fact.longest} characters are taken")
    return kept or None


def _phone(fact: Fact, value: object) -> str | None:
    kept = _text(fact, value)
    if kept is not None and not _PHONE.fullmatch(kept):
        raise ValueError("a telephone number is needed: digits, spaces, - and brackets")
    return kept


def _choice(fact: Fact, value: object) -> str:
    if not isinstance(value, str) or value not in fact.choices:
        raise ValueError("one of " + ", ".join(fact.choices) + " is needed")
    return value


def _yesno(_fact: Fact, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is needed")
    return value


_CHECKS = {"number": _number, "text": _text, "phone": _phone, "choice": _choice, "yesno": _yesno}


def _broken(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False


def need_kind(value: str) -> str:
    """Check the key of a kind of need.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not _NEED.fullmatch(value):
        raise ValueError("2 to 40 small letters and _ are taken")
    return value
