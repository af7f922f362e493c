"""What a coverage standard must be before it is stored: every fault named by its field."""

import math
import re
from collections.abc import Iterator

from gridmap.model import coverage_standard as known
from gridmap.model.coverage_standard import Band, Definition
from gridmap.model.facility import KINDS
from gridmap.problems import bad_value, bad_values, fault
from gridmap.store import coverage_standards as rows
from gridmap.store.database import Transaction

_KEY = re.compile(r"[a-z_]{2,40}", re.ASCII)
_CLASS = re.compile(r"\*|[a-z_]{2,40}", re.ASCII)
_LEVEL = re.compile(r"[a-z0-9_]{1,20}", re.ASCII)
_NAME, _SOURCE = 80, 1000  # characters
Fault = dict[str, str]


def check(definition: Definition) -> None:
    """Refuse what cannot be a standard.

    Raises
    ------
    Problem
        400 with every fault.
    """
    found = [
        *_words(definition),
        *_choices(definition),
        *_limits(definition),
        *_bands(definition),
        *_area_rule(definition),
    ]
    if found:
        raise bad_values(found)


def check_kinds(tx: Transaction, definition: Definition) -> None:
    """Refuse kinds of facility that nobody knows and the database has none of (400)."""
    unknown = sorted(set(definition.facility_kinds) - KINDS - rows.kinds(tx))
    if unknown:
        raise bad_value(
            "facility_kinds", f"no facility is of this kind: {', '.join(unknown)}; check the word"
        )


def _words(one: Definition) -> Iterator[Fault]:
    if not _KEY.fullmatch(one.key):
        yield fault("key", "2 to 40 small letters and _ are taken")
    for place, words in (("name_zh", one.name_zh), ("name_en", one.name_en)):
        if not 1 <= len(words.strip()) <= _NAME:
            yield fault(place, f"1 to {_NAME} characters are needed")
    if not 1 <= len(one.source.strip()) <= _SOURCE:
        yield fault("source", f"1 to {_SOURCE} characters are needed")


def _choices(one: Definition) -> Iterator[Fault]:
    for place, given, allowed in (
        ("profile", one.profile, known.PROFILES),
        ("direction", one.direction, known.DIRECTIONS),
        ("by", one.measure, known.MEASURES),
        ("area_type", one.area_type, known.AREA_TYPES),
        ("scores", one.scores, known.SCORES),
    ):
        if given not in allowed:
            yield fault(place, f"this is one of {', '.join(allowed)}")
    for barrier in sorted(set(one.barriers) - set(known.BARRIERS)):
        names = ", ".join(known.BARRIERS)
        yield fault("barriers", f"{barrier} is not one of {names}")
    if not 1 <= len(set(one.facility_kinds)) == len(one.facility_kinds) <= 20:
        yield fault("facility_kinds", "1 to 20 different kinds are needed")
    if len(set(one.barriers)) < len(one.barriers):
        yield fault("barriers", "given more than once")
    if one.barriers and one.profile == "walk":
        yield fault("barriers", "who walks goes by every street: leave them out")


def _limits(one: Definition) -> Iterator[Fault]:
    least, most = known.LIMITS.get(one.measure, (0.0, math.inf))
    if not least <= one.max_value <= most:
        yield fault("limit", f"must be {least:g} to {most:g}")
    low, high = one.slider
    if not (least <= low <= one.max_value <= high <= most and low < high):
        yield fault("slider", f"must be {least:g} to {most:g}, with the limit between its ends")


def _bands(one: Definition) -> Iterator[Fault]:
    if not 1 <= len(one.bands) <= known.MOST_BANDS:
        yield fault("bands", f"1 to {known.MOST_BANDS} are needed")
        return
    keys = [band.key for band in one.bands]
    if len(set(keys)) < len(keys):
        yield fault("bands", "given more than once")
    if one.measure == "metres" and len(one.bands) > 1:
        yield fault("bands", "a limit in metres does not change with speed: one is enough")
    for number, band in enumerate(one.bands):
        yield from _band(band, f"bands.{number}")


def _band(band: Band, place: str) -> Iterator[Fault]:
    if not _KEY.fullmatch(band.key):
        yield fault(f"{place}.key", "2 to 40 small letters and _ are taken")
    for name, words in (("name_zh", band.name_zh), ("name_en", band.name_en)):
        if not 1 <= len(words.strip()) <= _NAME:
            yield fault(f"{place}.{name}", f"1 to {_NAME} characters are needed")
    if "*" not in band.speeds:
        yield fault(f"{place}.speeds", "* is missing: the share for all other streets")
    for street, share in band.speeds.items():
        if not _CLASS.fullmatch(street):
            yield fault(f"{place}.speeds", "a class of street such as primary, or *, is needed")
        elif not 0 < share <= known.FASTEST:
            yield fault(f"{place}.speeds.{street}", f"more than 0, at most {known.FASTEST:g}")


def _area_rule(one: Definition) -> Iterator[Fault]:
    for level, km2 in one.area_rule.items():
        if not _LEVEL.fullmatch(level):
            yield fault("area_rule", "a level has up to 20 small letters, digits and _")
        elif not 0 < km2 <= known.MOST_KM2:
            yield fault(f"area_rule.{level}", f"more than 0, at most {known.MOST_KM2:g}")
