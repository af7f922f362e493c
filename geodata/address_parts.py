"""The parts of a standard address: taken from text or from columns, written in one form."""

import re
from dataclasses import dataclass, fields, replace

from geodata.address_forms import Pieces, chinese, is_chinese, latin, number, tidy

_MOST = 300  # characters: longer is no address
_ESTATE_ENDING = re.compile("(?:住宅)?小区$")
_MARKS = re.compile("(?:号楼|号栋|号幢|栋|幢|座|楼|单元|门|室|房间|房|户|号|#)+$")
_NUMBERED = ("building", "unit", "room")


@dataclass(frozen=True)
class Address:
    """The parts of an address, None where unsaid.

    Attributes
    ----------
    estate
        Named compound, village or group, without the ending 小区.
    building
        Number or letter of the building in its estate or at its house number.
    unit, floor, room
        Entrance, storey and dwelling.
    street, housenumber
        Where the address is one of a street; lanes keep their mark (100弄).
    """

    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    floor: str | None = None
    street: str | None = None
    housenumber: str | None = None


def parse(address: str) -> Address:
    """Take a written address apart.

    Understands 3栋2单元501室, 3号楼二单元501, 3-2-501, ３幢２门５０１, street numbers and lanes,
    places of the state before them, ``Bldg 3 Unit 2 Room 501`` and ``12 Rue Grimaldi``.

    Parameters
    ----------
    address
        As written, in any width and with Chinese or Arabic numbers.

    Returns
    -------
    Address
        Empty where nothing is understood; never an error.
    """
    text = tidy(str(address)[:_MOST])
    pieces = chinese(text) if is_chinese(text) else latin(text)
    return _cleaned(pieces)


def from_parts(
    address: str = "",
    *,
    estate: str = "",
    building: str = "",
    unit: str = "",
    room: str = "",
    street: str = "",
    housenumber: str = "",
) -> Address:
    """Put an address together from the columns of a table.

    Parameters
    ----------
    address
        The whole as written.
    estate, building, unit, room, street, housenumber
        Parts in columns of their own, with or without their marks (``３#``, ``三号楼``, ``A座``);
        they win over what *address* says. Empty for none.
    """
    whole = parse(address) if address else Address()
    if street and housenumber:
        number_first = f"{housenumber} {street}"
        bare = housenumber.removesuffix("号")
        tagged = parse(f"{street}{bare}号" if is_chinese(street) else number_first)
        whole = replace(whole, street=tagged.street, housenumber=tagged.housenumber)
    if estate:
        whole = replace(whole, estate=parse(estate).estate or _plain("estate", tidy(estate)))
    told = {"building": building, "unit": unit, "room": room}
    return replace(whole, **{key: _bare(key, text) for key, text in told.items() if text})


def _cleaned(pieces: Pieces) -> Address:
    clean = {key: _plain(key, value) for key, value in pieces.items()}
    return Address(**{key: value for key, value in clean.items() if value})


def _tidied(address: Address) -> Address:
    told = {one.name: getattr(address, one.name) for one in fields(Address)}
    return Address(
        **{
            key: (_bare(key, text) if key in _NUMBERED else _plain(key, tidy(text))) or None
            for key, text in told.items()
            if text
        }
    )


def _bare(key: str, text: str) -> str:
    """Read a cell that names only the building, unit or room."""
    bare = _MARKS.sub("", tidy(text).upper().replace(" ", "")).removeprefix("第")
    return _plain(key, number(bare))


def _plain(key: str, value: str) -> str:
    if key == "estate":
        return _ESTATE_ENDING.sub("", value).strip(" -")
    if key == "floor":
        return re.sub("^(?:负|地下|-)0*", "-", value).lstrip("0")
    if key in _NUMBERED:
        return value.upper().lstrip("0")
    return value


def standardise(address: str | Address) -> str:
    """Write an address in the one standard form; equal addresses give equal text.

    Parameters
    ----------
    address
        Written, or its parts in any writing (building ``3栋`` is ``3``).

    Returns
    -------
    str
        Such as ``松山里3栋2单元501室`` or ``rue grimaldi 12``; empty if nothing is understood.
        Standardising it again changes nothing.
    """
    a = parse(address) if isinstance(address, str) else _tidied(address)
    if not is_chinese(f"{a.street or ''}{a.estate or ''}"):
        inner = (("bldg", a.building), ("unit", a.unit), ("floor", a.floor), ("room", a.room))
        words = [a.street, a.housenumber, a.estate]
        return " ".join([*filter(None, words), *(f"{w} {v}" for w, v in inner if v)])
    text = a.street or ""
    if a.housenumber:
        text += a.housenumber if a.housenumber.endswith("弄") else f"{a.housenumber}号"
    text += a.estate or ""
    floor = (a.floor or "").replace("-", "负")
    for part, mark in ((a.building, "栋"), (a.unit, "单元"), (floor, "层"), (a.room, "室")):
        text += f"{part}{mark}" if part else ""
    return text
