"""Strict reading of what comes in: bodies, queries and path parts, every fault with its place."""

import hashlib
import math
import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote_to_bytes
from uuid import UUID

from flask import Request, current_app, g, request
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from shapely.geometry.base import BaseGeometry

from geodata import json_gate, shapes
from geodata.errors import GeodataError
from gridmap.model.problem import Problem
from gridmap.problems import bad_value, bad_values, fault, from_geodata, too_large
from gridmap.web.context import aside, in_time

MAX_BODY = 1_000_000  # bytes of a JSON document; files have their own door
MAX_QUERY = 4_096  # characters of a query string
MAX_LIMIT = 5_000  # rows of one page of a listing
INT64 = 2**63 - 1
FIRST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MOMENT = datetime(2200, 12, 31, tzinfo=UTC)

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_INTEGER = re.compile(r"[0-9]{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,4}(\.[0-9]{1,20})?", re.ASCII)
_AREA = re.compile(r"[0-9]{6}([0-9]{3}([0-9]{3}([0-9]{3})?)?)?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T", re.ASCII)
_KEY = re.compile(r"[a-z_]{2,40}", re.ASCII)
_SLUG = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)

Model = TypeVar("Model", bound=BaseModel)
Box = tuple[float, float, float, float]


class Input(BaseModel):
    """Base of everything read from outside: unknown fields are refused, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


def _integer(value: object) -> object:
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value):
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


def _plain(value: str) -> str:
    if _CONTROL.search(value.replace("\n", " ").replace("\t", " ")):
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


def _uuid(value: object) -> object:
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
Text = Annotated[str, AfterValidator(_plain)]
Number = Annotated[float, BeforeValidator(_number)]
Moment = Annotated[
    AwareDatetime, BeforeValidator(_moment), AfterValidator(_in_reach), Field(strict=False)
]
# what a device believes the time to be: what it reports is not lost for an empty battery
Clock = Annotated[
    AwareDatetime, BeforeValidator(_moment), AfterValidator(_held_in_reach), Field(strict=False)
]
ClientId = Annotated[UUID, BeforeValidator(_uuid)]


class Query(Input):
    """Base of the parameters of one address."""


class At(Query):
    """A point as parameters."""

    lon: Annotated[Number, Field(ge=-180, le=180)]
    lat: Annotated[Number, Field(ge=-90, le=90)]


class Listing(Query):
    """Parameters of every list of places."""

    bbox: BoundingBox | None = None
    area: AreaCode | None = None
    limit: Limit = MAX_LIMIT
    cursor: Annotated[str, Field(max_length=60), AfterValidator(_plain)] | None = None


def guard_address(incoming: Request) -> None:
    """Refuse an address that is no clean text (400): broken escapes, NUL, foreign encodings.

    Raises
    ------
    Problem
        400, naming ``path`` or ``query``.
    """
    raw_query = incoming.query_string
    if len(raw_query) > MAX_QUERY:
        raise bad_value("query", f"at most {MAX_QUERY:,} characters are taken")
    raw_path = incoming.environ.get("PATH_INFO", "").encode("latin-1", "replace")
    _clean("path", raw_path)
    if _BAD_ESCAPE.search(raw_query):
        raise bad_value("query", "a % is not followed by two hexadecimal digits")
    _clean("query", unquote_to_bytes(raw_query))
    raw_address = incoming.environ.get("RAW_URI", "").partition("?")[0]
    if _BAD_ESCAPE.search(raw_address.encode("latin-1", "replace")):
        raise bad_value("path", "a % is not followed by two hexadecimal digits")


def _clean(place: str, raw: bytes) -> None:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise bad_value(place, "the text is not UTF-8") from None
    if _CONTROL.search(text):
        raise bad_value(place, "control characters are not taken")


def query(model: type[Model]) -> Model:
    """Read the query string as `model`.

    Raises
    ------
    Problem
        400 with every parameter that is unknown, repeated, missing or out of range.
    """
    faults = [
        fault(key, "given more than once") for key, found in request.args.lists() if len(found) > 1
    ]
    if faults:
        raise bad_values(faults)
    return _validated(model, request.args.to_dict())


def no_query() -> None:
    """Refuse parameters where an address takes none (400)."""
    if request.args:
        raise bad_values(fault(key, "unknown parameter") for key in request.args)


def document(max_bytes: int = MAX_BODY) -> object:
    """Read the request's body as strict JSON.

    Raises
    ------
    Problem
        413 over `max_bytes`, 415 for another media type, 400 with line and column otherwise.
    """
    if request.mimetype != "application/json":
        raise Problem(415, "Not JSON", "Send application/json")
    if (request.content_length or 0) > max_bytes:
        raise too_large(max_bytes)
    with in_time():
        sent = request.get_data(cache=False)
    g.body_sha256 = hashlib.sha256(sent).hexdigest()
    try:
        return json_gate.loads(sent, max_bytes=max_bytes)
    except GeodataError as error:
        raise from_geodata(error, "body") from error


def body_sha256() -> str:
    """Give the SHA-256 of the body that was read: a tablet deletes what comes back like this."""
    return str(g.body_sha256)


def body(model: type[Model], max_bytes: int = MAX_BODY) -> Model:
    """Read the request's body as `model`; Problems as `document`, and 400 with every fault."""
    return _validated(model, document(max_bytes))


def geometry(
    data: object, place: str, kinds: tuple[str, ...], *, valid: bool = True
) -> BaseGeometry:
    """Read a GeoJSON geometry that lies inside the deployment's bounds.

    Parameters
    ----------
    valid
        False lets a border cross itself, for one who says where it does.

    Raises
    ------
    Problem
        400, naming `place`.
    """
    bounds = current_app.config["BOUNDS"]  # the thread that checks knows of no application
    try:
        return aside(lambda: shapes.parse_geometry(data, kinds=kinds, bounds=bounds, valid=valid))
    except GeodataError as error:
        raise from_geodata(error, place) from error


def path_number(value: str, place: str, most: int = INT64) -> int:
    """Read a whole number out of the path (400 naming `place`)."""
    if not _INTEGER.fullmatch(value) or int(value) > most:
        raise bad_value(place, f"a whole number up to {most} is needed")
    return int(value)


def path_code(value: str, place: str) -> str:
    """Read a 15-digit grid code out of the path (400 naming `place`)."""
    return digits(value, place, (15,))


def digits(value: str, place: str, lengths: tuple[int, ...]) -> str:
    """Read a code of so many digits (400 naming `place`)."""
    if not (len(value) in lengths and value.isascii() and value.isdigit()):
        wanted = " or ".join(str(length) for length in lengths)
        raise bad_value(place, f"{wanted} digits are needed")
    return value


def path_uuid(value: str, place: str) -> UUID:
    """Read a UUID out of the path (400 naming `place`)."""
    try:
        found = _uuid(value)
    except ValueError as error:
        raise bad_value(place, str(error)) from None
    assert isinstance(found, UUID)
    return found


def _validated(model: type[Model], data: object) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise bad_values(_faults(error)) from None


def _faults(error: ValidationError) -> list[dict[str, str]]:
    return [_fault(dict(each)) for each in error.errors(include_url=False, include_input=False)]


def _fault(each: dict[str, Any]) -> dict[str, str]:
    place = ".".join(str(part)[:60] for part in each["loc"]) or "body"
    return fault(place, str(each["msg"]).removeprefix("Value error, "))
