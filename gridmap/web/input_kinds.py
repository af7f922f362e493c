"""Kinds of values that are taken from outside, each as strict as its columns."""

import math
import re
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

MAX_LIMIT = 5_000  # rows of one page of a listing
INT64 = 2**63 - 1
FIRST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MOMENT = datetime(2200, 12, 31, tzinfo=UTC)
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
INTEGER = re.compile(r"[0-9]{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,4}(\.[0-9]{1,20})?", re.ASCII)
_AREA = re.compile(r"[0-9]{6}([0-9]{3}([0-9]{3}([0-9]{3})?)?)?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T", re.ASCII)
_KEY = re.compile(r"[a-z_]{2,40}", re.ASCII)
_SLUG = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)
Box = tuple[float, float, float, float]


def _integer(value: object) -> object:
    if isinstance(value, str):
        if not INTEGER.fullmatch(value):
            raise ValueError("a whole number is needed")
        return int(value)
    return value


def _number(value: object) -> object:
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            raise ValueError("a number is needed")
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number is needed")
    # compared before it is converted: an integer of JSON may be too long for a double
    if not (-1e15 <= value <= 1e15 and math.isfinite(value)):
        raise ValueError("a finite number is needed")
    return float(value)


def _box(value: object) -> object:
    if not isinstance(value, str):
        return value
    parts = value.split(",")
    if len(parts) != 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise ValueError("four numbers are needed: west,south,east,north")
    west, south, east, north = (float(part) for part in parts)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError("west < east within 180 degrees and south < north within 90 are needed")
    return (west, south, east, north)


def plain(value: str) -> str:
    """Give text without spaces around; ValueError for what is no text of people."""
    if CONTROL.search(value.replace("\n", " ").replace("\t", " ")):
        raise ValueError("control characters are not taken")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("half of a surrogate pair") from None
    return value.strip()


def _matching(pattern: re.Pattern[str], what: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(what)
        return value

    return AfterValidator(check)


def as_uuid(value: object) -> object:
    """Read text as a UUID (ValueError); what is no text is left for others to refuse."""
    if isinstance(value, str):
        try:
            found = UUID(value)
        except ValueError:
            found = None
        if found is None or str(found) != value.lower():
            raise ValueError("a UUID in its 36 characters is needed")
        return found
    return value


def _moment(value: object) -> object:
    # digits alone would be taken for seconds since 1970
    if value is None or (isinstance(value, str) and _DATE.match(value)):
        return value
    raise ValueError("a time as text is needed, with its offset")


def _in_reach(value: datetime) -> datetime:
    # what the database takes and no program reads again: the year 10000 in its own time zone
    if not FIRST_MOMENT <= value <= LAST_MOMENT:
        raise ValueError("a time between 1970 and 2200 is needed")
    return value


def _held_in_reach(value: datetime) -> datetime:
    return min(max(value, FIRST_MOMENT), LAST_MOMENT)


Count = Annotated[int, BeforeValidator(_integer)]
BoundingBox = Annotated[Box, BeforeValidator(_box)]
Limit = Annotated[int, BeforeValidator(_integer), Field(ge=1, le=MAX_LIMIT)]
Id = Annotated[int, Field(ge=0, le=INT64)]  # of a body: a number of JSON, and no text
Sequence64 = Annotated[int, BeforeValidator(_integer), Field(ge=0, le=INT64)]
AreaCode = Annotated[str, _matching(_AREA, "an area code has 6, 9, 12 or 15 digits")]
Slug = Annotated[str, _matching(_SLUG, "small letters, digits, - and _ are taken")]
Key = Annotated[str, _matching(_KEY, "2 to 40 small letters and _ are taken")]
Text = Annotated[str, AfterValidator(plain)]
Number = Annotated[float, BeforeValidator(_number)]
Moment = Annotated[
    AwareDatetime, BeforeValidator(_moment), AfterValidator(_in_reach), Field(strict=False)
]
# what a device believes the time to be: what it reports is not lost for an empty battery
Clock = Annotated[
    AwareDatetime, BeforeValidator(_moment), AfterValidator(_held_in_reach), Field(strict=False)
]
ClientId = Annotated[UUID, BeforeValidator(as_uuid)]
