"""Which column of a table is which field: headings in Chinese or English, or told by the caller."""

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geodata.errors import Fault, GeodataError
from geodata.readers.schemas import Schema

_BRACKETED = re.compile(r"[(\[【].*?[)\]】]")
_NOISE = re.compile(r"[\s_*:：\-./、，,]+")


@dataclass(frozen=True)
class Columns:
    """Where the fields of a table stand.

    Attributes
    ----------
    places
        Field name -> position of its column.
    headings
        Field name -> its heading as written in the file.
    ignored
        Headings of columns nobody asked for.
    """

    places: Mapping[str, int]
    headings: Mapping[str, str]
    ignored: tuple[str, ...]


def plain(heading: object) -> str:
    """Reduce a heading to what distinguishes it: width, case, spaces, remarks in brackets go."""
    text = unicodedata.normalize("NFKC", str(heading or "")).strip().lower()
    return _NOISE.sub("", _BRACKETED.sub("", text) or text)


def score(row: Sequence[object], schema: Schema, mapping: Mapping[str, str]) -> int:
    """Count the fields a row would name if it were the heading row."""
    names = _names(schema, mapping)
    return len({names[key] for cell in row if (key := plain(cell)) in names})


def find(row: Sequence[object], schema: Schema, mapping: Mapping[str, str]) -> Columns:
    """Assign columns to fields.

    Parameters
    ----------
    row
        The headings as written.
    schema
        The fields wanted.
    mapping
        Heading -> field name, where the caller knows better; wins over every alias.

    Raises
    ------
    GeodataError
        A mapped heading or field that does not exist, a required field without a column (with
        the nearest heading found), two columns for one field: all of them together.
    """
    names = _names(schema, mapping)
    places: dict[str, int] = {}
    faults = _unknown(row, schema, mapping)
    for place, cell in enumerate(row):
        field = names.get(plain(cell))
        if field is None:
            continue
        if field in places and (field not in mapping.values() or _told(cell, mapping)):
            faults.append(Fault(f"a second column for {field!r}", column=str(cell)))
        elif field not in mapping.values() or _told(cell, mapping):
            places[field] = place
    faults += [
        Fault(_missing(one.name, row, schema), column=one.name)
        for one in schema.fields
        if one.required and one.name not in places
    ]
    if not faults and schema.either and not any(set(g) <= set(places) for g in schema.either):
        ways = " or ".join(" + ".join(group) for group in schema.either)
        faults.append(Fault(f"no column says where: {ways} is needed"))
    if faults:
        raise GeodataError(faults)
    headings = {field: str(row[place]) for field, place in places.items()}
    taken = set(places.values())
    ignored = tuple(str(c) for i, c in enumerate(row) if i not in taken and plain(c))
    return Columns(places, headings, ignored)


def _told(cell: object, mapping: Mapping[str, str]) -> bool:
    return plain(cell) in {plain(heading) for heading in mapping}


def _names(schema: Schema, mapping: Mapping[str, str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for field in schema.fields:
        for alias in (field.name, *field.aliases):
            names.setdefault(plain(alias), field.name)
    return names | {plain(heading): field for heading, field in mapping.items()}


def _unknown(row: Sequence[object], schema: Schema, mapping: Mapping[str, str]) -> list[Fault]:
    found, known = {plain(cell) for cell in row}, {field.name for field in schema.fields}
    faults = [
        Fault(f"no column has this heading (asked for as {field!r})", column=heading)
        for heading, field in mapping.items()
        if plain(heading) not in found
    ]
    faults += [
        Fault(f"{field!r} is no field of {schema.name}: {', '.join(sorted(known))}", column=heading)
        for heading, field in mapping.items()
        if field not in known
    ]
    return faults


def _missing(name: str, row: Sequence[object], schema: Schema) -> str:
    words = [plain(word) for word in (name, *schema[name].aliases)]
    headings = [str(cell) for cell in row if plain(cell)]

    def likeness(heading: str) -> float:
        return max(difflib.SequenceMatcher(None, plain(heading), w).ratio() for w in words)

    nearest = max(headings, key=likeness, default=None)
    hint = f"; the nearest heading found is {nearest[:40]!r}" if nearest else ""
    examples = ", ".join(schema[name].aliases[:3])
    return f"the required column is missing (also known as {examples}){hint}"
