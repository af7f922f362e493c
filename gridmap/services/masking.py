"""What is shown of people: decided here, by role, area and purpose, and nowhere else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.household import FACTS, Purpose
from gridmap.services.access import Viewer, outermost

_HIDDEN_NAME = "某"
_NUMBER_END = 4  # characters of an identity number that tell two people apart
# Putting a record right and finding somebody in an emergency need the whole number; nothing else.
_NUMBER_PURPOSES = frozenset({Purpose.CORRECTION, Purpose.EMERGENCY})
_PHONES = ("phone", "carer_phone")
_NAMES = ("householder", "carer")


class Place(StrEnum):
    """Where people are shown: many at once, one in hand, or in a file."""

    LIST = "list"
    CARD = "card"
    FILE = "file"


@dataclass(frozen=True)
class Sight:
    """What somebody may see of one household.

    Attributes
    ----------
    names, phones
        Whole, rather than masked.
    needs
        Kinds of care, and everything else that is personal.
    number
        The whole identity number, rather than its end.
    by_glass
        True when needs or telephone numbers show only because an emergency opened them.
    """

    names: bool = False
    phones: bool = False
    needs: bool = False
    number: bool = False
    by_glass: bool = False


def sight(
    viewer: Viewer,
    area_code: str,
    place: Place,
    purpose: Purpose = Purpose.VIEW,
    opened: Iterable[str] = (),
) -> Sight:
    """Decide what a person may see of a household.

    Parameters
    ----------
    area_code
        Where the household is.
    purpose
        Why it is read.
    opened
        Areas whose needs and telephone numbers an emergency has opened to this person.
    """
    personal = viewer.may(Permission.HOUSEHOLD_PERSONAL, area_code)
    glass = any(area_code.startswith(area) for area in opened)
    whole = personal and place is not Place.LIST
    return Sight(
        names=whole,
        phones=whole or glass,
        needs=personal or glass,
        number=whole and purpose in _NUMBER_PURPOSES,
        by_glass=glass and not (personal and place is not Place.LIST),
    )


def needs_in(viewer: Viewer, opened: Sequence[str] = ()) -> tuple[str, ...]:
    """Give the areas in which a person may read needs, for lists and layers."""
    return outermost((*viewer.areas_for(Permission.HOUSEHOLD_PERSONAL), *opened))


def shown(row: Mapping[str, Any], seen: Sight) -> dict[str, Any]:
    """Give the facts of a household, each whole, masked or left out."""
    found: dict[str, Any] = {}
    for name, fact in FACTS.items():
        if name not in row:
            continue
        value = row[name]
        if name in _NAMES:
            value = value if seen.names else mask_name(value)
        elif name in _PHONES:
            value = value if seen.phones else mask_phone(value)
        elif fact.personal and not seen.needs:
            value = None
        found[name] = value
    if "id_number" in row:
        found["id_number"] = row["id_number"] if seen.number else mask_number(row["id_number"])
    return found


def hidden(seen: Sight) -> list[str]:
    """Name the facts that are left out, so that a page does not call them unknown."""
    if seen.needs:
        return []
    return [
        name
        for name, fact in FACTS.items()
        if fact.personal and name not in _NAMES and name not in _PHONES
    ]


def mask_name(name: str | None) -> str | None:
    """Leave the surname: 王某."""
    return None if not name else name[0] + _HIDDEN_NAME


def mask_phone(phone: str | None) -> str | None:
    """Leave three digits at the front and two at the end of a telephone number."""
    if not phone:
        return None
    return phone[:3] + "*" * max(4, len(phone) - 5) + phone[-2:] if len(phone) > 6 else "****"


def mask_number(number: str | None) -> str | None:
    """Leave the last four characters of an identity number; of a short one none."""
    if not number:
        return None
    if len(number) < 2 * _NUMBER_END:
        return "*" * 4
    return "*" * (len(number) - _NUMBER_END) + number[-_NUMBER_END:]
