"""Incidents: seen, reported, and what is done about them."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify, request
from flask_babel import gettext
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from shapely import Point

from gridmap.model.access import Permission
from gridmap.model.incident import Verb
from gridmap.model.problem import not_found
from gridmap.problems import bad_value
from gridmap.services import grid_days, incident_steps, incidents
from gridmap.services.viewing import Layer
from gridmap.store.view import incidents as view
from gridmap.web import edits, inputs, layers
from gridmap.web.context import parts, scope, viewer
from gridmap.web.grids import Day, today
from gridmap.web.language import locale
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("incidents", __name__)
_CLOCK: TypeAdapter[Any] = TypeAdapter(inputs.Clock)

MOST_AT_ONCE = 50  # ids of one look

Words = Annotated[inputs.Text, Field(min_length=1, max_length=2000)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Asked(inputs.Listing):
    """Parameters of the list of incidents.

    `as_of` asks for the grids of a day, `until` for what had been reported when a day was over.
    """

    as_of: Day | None = None
    until: Day | None = None
    sort: Literal["newest"] | None = None
    state: (
        Literal[
            "open",
            "reported",
            "verified",
            "assigned",
            "handling",
            "resolved",
            "closed",
            "evaluated",
            "dismissed",
            "merged",
            "objected",
        ]
        | None
    ) = None


class Some(inputs.Query):
    """Parameters of a look at a few incidents."""

    ids: Annotated[str, Field(max_length=MOST_AT_ONCE * 37)]


class Mine(inputs.Query):
    """Parameters of the list of one's own reports."""

    since: inputs.Moment | None = None


def _each_once(found: list[str]) -> list[str]:
    if len(set(found)) < len(found):
        raise ValueError("each photo once")
    return found


class New(inputs.Input):
    """Body of a report."""

    id: inputs.ClientId
    category: inputs.Key
    title: Annotated[inputs.Text, Field(min_length=1, max_length=200)]
    level: Annotated[int, Field(ge=1, le=4)] | None
    geometry: dict[str, Any]
    accuracy_m: Annotated[inputs.Number, Field(ge=0, le=100_000)] | None = None
    placed_by: Literal["gps", "finger", "address"] | None = None
    note: Words | None = None
    device_time: inputs.Clock | None = None
    device_sequence: inputs.Id | None = None
    photos: Annotated[
        list[Digest], Field(max_length=incidents.MOST_PHOTOS), AfterValidator(_each_once)
    ] = []


class Act(inputs.Input):
    """Body of a step; which fields it needs depends on the step."""

    reason: Words | None = None
    text: Words | None = None
    level: Annotated[int, Field(ge=1, le=4)] | None = None
    assignee: inputs.Id | None = None
    into: inputs.ClientId | None = None


@blueprint.get("/incidents")
@permits(Permission.MAP_VIEW)
def listing_page() -> Response:
    """Show all incidents, with the grid that is around each today or was on a day."""
    return page("incidents.html")


@blueprint.get("/api/incidents")
@permits(Permission.MAP_VIEW)
def listing() -> Response:
    """List incidents: all, the open ones, or those in one state."""
    asked = inputs.query(Asked)
    values = incident_steps.layer_values(viewer())
    if asked.state not in (None, "open"):
        values["state"] = asked.state
    tables: tuple[str, ...] = view.TABLES
    if asked.as_of is not None:
        grid_days.check_past(asked.as_of, today())
        values["day"] = asked.as_of
        tables = (*tables, "grid")
    if asked.until is not None:
        values["until"] = asked.until
    source = view.source(
        locale() == "en",
        asked.state,
        dated=asked.as_of is not None,
        area=asked.area,
        until=asked.until is not None,
        newest=asked.sort == "newest",
    )
    return layers.answer(Layer(source, tables, values), asked, inputs.path_uuid)


@blueprint.get("/api/incidents/some")
@permits(Permission.MAP_VIEW)
def some() -> Response:
    """Give the incidents with these ids as they are now: what a map fetches after a change."""
    ids = [inputs.path_uuid(each, "ids") for each in inputs.query(Some).ids.split(",")]
    values = incident_steps.layer_values(viewer()) | {"ids": ids}
    source = view.source(locale() == "en", None, chosen=True)
    ask = inputs.Listing(limit=MOST_AT_ONCE)
    return layers.answer(Layer(source, view.TABLES, values), ask, inputs.path_uuid)


@blueprint.post("/api/incidents")
@permits(Permission.INCIDENT_REPORT)
def report() -> tuple[Response, int]:
    """Take a report: 201 when it is new, 200 when it has come before."""
    inputs.no_query()
    sent_at = _clock()
    new = inputs.body(New)
    point = inputs.geometry(new.geometry, "geometry", ("Point",))
    assert isinstance(point, Point)
    receipt, created = incidents.report(
        parts().database,
        scope(),
        incidents.Report(
            id=new.id,
            category=new.category,
            title=new.title,
            level=new.level,
            lon=point.x,
            lat=point.y,
            accuracy_m=new.accuracy_m,
            placed_by=new.placed_by,
            note=new.note,
            device_time=new.device_time,
            device_sequence=new.device_sequence,
            photos=tuple(new.photos),
        ),
        sent_at,
    )
    _in_words(receipt["photos"])
    return jsonify(receipt | {"body_sha256": inputs.body_sha256()}), 201 if created else 200


@blueprint.get("/api/incidents/mine")
@permits(Permission.INCIDENT_REPORT)
def mine() -> Response:
    """List one's own reports and what has become of them."""
    asked = inputs.query(Mine)
    found = incidents.mine(parts().database, scope(), asked.since, locale() == "en")
    for each in found["items"]:
        _in_words(each["photos"])
    return jsonify(found)


@blueprint.get("/api/incidents/<incident_id>")
@permits(Permission.MAP_VIEW)
def one(incident_id: str) -> Response:
    """Give one incident with its history, photos and what may be the same thing close by."""
    inputs.no_query()
    key = inputs.path_uuid(incident_id, "id")
    found = incident_steps.detail(parts().database, viewer(), g.request_id, key, locale() == "en")
    _in_words(found["properties"]["photos"])
    return edits.versioned(found, found["properties"]["version"])


@blueprint.post("/api/incidents/<incident_id>/<action>")
@permits(Permission.INCIDENT_REPORT)
def act(incident_id: str, action: str) -> Response:
    """Take one step with an incident."""
    inputs.no_query()
    key = inputs.path_uuid(incident_id, "id")
    if action not in {verb.value for verb in Verb}:
        raise not_found("this step")
    seen = edits.if_match()
    assert seen is not None
    asked = inputs.body(Act)
    if asked.reason is not None and asked.text is not None:
        raise bad_value("text", "either reason or text")
    found = incident_steps.act(
        parts().database,
        viewer(),
        g.request_id,
        key,
        incident_steps.Act(
            verb=Verb(action),
            seen=seen,
            reason=asked.reason or asked.text,
            level=asked.level,
            assignee=asked.assignee,
            into=asked.into,
        ),
        locale() == "en",
    )
    return edits.versioned(found, found["properties"]["version"])


def _in_words(photos: list[dict[str, Any]]) -> None:
    """Say why a photo was refused in the language of the person."""
    for each in photos:
        if each["reason"] is not None:
            each["reason"] = gettext(each["reason"])


def _clock() -> Any:
    """Read what the clock of the device said as it sent, so that a wrong one is noticed."""
    given = request.headers.get("X-Device-Time")
    if given is None:
        return None
    try:
        return _CLOCK.validate_python(given)
    except ValidationError:
        raise bad_value("X-Device-Time", "a time with its offset is needed") from None
