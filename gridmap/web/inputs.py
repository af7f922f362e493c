"""Strict reading of what comes in: bodies, queries and path parts, every fault with its place."""

import hashlib
import re
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote_to_bytes
from uuid import UUID

from flask import Request, current_app, g, request
from pydantic import (
    AfterValidator,
    BaseModel,
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
from gridmap.web.input_kinds import (
    CONTROL,
    FIRST_MOMENT,
    INT64,
    INTEGER,
    LAST_MOMENT,
    MAX_LIMIT,
    AreaCode,
    BoundingBox,
    Box,
    ClientId,
    Clock,
    Count,
    Id,
    Key,
    Limit,
    Moment,
    Number,
    Sequence64,
    Slug,
    Text,
    as_uuid,
    plain,
)

__all__ = [
    "AreaCode",
    "At",
    "BoundingBox",
    "Box",
    "ClientId",
    "Clock",
    "Count",
    "FIRST_MOMENT",
    "INT64",
    "Id",
    "Input",
    "Key",
    "LAST_MOMENT",
    "Limit",
    "Listing",
    "MAX_BODY",
    "MAX_LIMIT",
    "MAX_QUERY",
    "Model",
    "Moment",
    "Number",
    "Query",
    "Sequence64",
    "Slug",
    "Text",
    "body",
    "body_sha256",
    "digits",
    "document",
    "geometry",
    "guard_address",
    "no_query",
    "path_code",
    "path_number",
    "path_uuid",
    "query",
]

MAX_BODY = 1_000_000  # bytes of a JSON document; files have their own door
MAX_QUERY = 4_096  # characters of a query string

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")

Model = TypeVar("Model", bound=BaseModel)


class Input(BaseModel):
    """Base of everything read from outside: unknown fields are refused, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


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
    cursor: Annotated[str, Field(max_length=60), AfterValidator(plain)] | None = None


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
    if CONTROL.search(text):
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
    if not INTEGER.fullmatch(value) or int(value) > most:
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
        found = as_uuid(value)
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
