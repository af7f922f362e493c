"""Services: who offers which, which households want which, and the rules between needs and both."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field, JsonValue

from gridmap.model.access import Permission
from gridmap.services import service_offers, service_requests, service_rules
from gridmap.web import care_words, inputs
from gridmap.web.context import parts, viewer
from gridmap.web.edits import if_match, versioned
from gridmap.web.grids import Day, today
from gridmap.web.permissions import permits

blueprint = Blueprint("service_offers", __name__)
_Words = Annotated[inputs.Text, Field(min_length=1, max_length=80)]
_Source = Annotated[inputs.Text, Field(min_length=1, max_length=300)]


class Listed(inputs.Query):
    """Parameters of the list of offers."""

    area: inputs.AreaCode | None = None
    ended: Literal["0", "1"] = "0"


class Offer(inputs.Input):
    """Body of an offer: at a place with its reach on foot, or for the whole of an area."""

    provider: Literal["volunteers", "social_worker", "charity", "room", "market"]
    name: _Words
    contact: _Words | None = None
    services: Annotated[list[inputs.Key], Field(min_length=1, max_length=20)]
    capacity: Annotated[int, Field(ge=0, le=100_000)]
    geometry: JsonValue | None = None
    reach_metres: Annotated[int, Field(ge=50, le=20_000)] | None = None
    area: inputs.AreaCode | None = None
    hours: Annotated[inputs.Text, Field(min_length=1, max_length=200)] | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    source: _Source


class Wishes(inputs.Query):
    """Parameters of the list of wishes."""

    area: inputs.AreaCode | None = None
    state: Literal["open", "met", "withdrawn"] = "open"
    service: inputs.Key | None = None
    cursor: inputs.Sequence64 = 0
    limit: Annotated[inputs.Limit, Field(le=500)] = 100


class Wish(inputs.Input):
    """Body of a wish of a household, or of what was decided about one."""

    household: inputs.Id
    service: inputs.Key
    state: Literal["open", "met", "withdrawn"] = "open"
    source: Literal["visit", "resident"] = "visit"
    offer: inputs.Id | None = None
    version: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class Rule(inputs.Input):
    """Body of a rule: which service a need wants in an area."""

    area: inputs.AreaCode
    need: inputs.Key
    service: inputs.Key
    active: bool = True
    source: _Source


class Load(inputs.Input):
    """Body of a rule: how much time visits may ask of the members of an area's grids."""

    area: inputs.AreaCode
    visit_minutes: Annotated[int, Field(ge=1, le=480)]
    weekly_hours: Annotated[int, Field(ge=1, le=60)]
    source: _Source


@blueprint.get("/api/care/offers")
@permits(Permission.COVERAGE_VIEW)
def listing() -> Response:
    """List the offers of a county: in force and to come, or those that have ended."""
    asked = inputs.query(Listed)
    found = service_offers.listing(parts().database, viewer(), asked.area, ended=asked.ended == "1")
    return jsonify(offers=found)


@blueprint.post("/api/care/offers")
@permits(Permission.FACILITY_EDIT)
def add() -> tuple[Response, int]:
    """Write an offer down."""
    inputs.no_query()
    given = _given(inputs.body(Offer))
    found = service_offers.add(parts().database, viewer(), g.request_id, given)
    return versioned(found, found["version"]), 201


@blueprint.post("/api/care/offers/<offer_id>")
@permits(Permission.FACILITY_EDIT)
def edit(offer_id: str) -> Response:
    """Put an offer right: `If-Match` names the version that was read."""
    inputs.no_query()
    number = inputs.path_number(offer_id, "id")
    given = _given(inputs.body(Offer))
    found = service_offers.edit(
        parts().database, viewer(), g.request_id, number, given, if_match() or 0
    )
    return versioned(found, found["version"])


@blueprint.post("/api/care/offers/<offer_id>/end")
@permits(Permission.FACILITY_EDIT)
def end(offer_id: str) -> Response:
    """End an offer: `If-Match` names the version that was read."""
    inputs.no_query()
    number = inputs.path_number(offer_id, "id")
    found = service_offers.end(parts().database, viewer(), g.request_id, number, if_match() or 0)
    return versioned(found, found["version"])


def _given(asked: Offer) -> dict[str, Any]:
    place = None
    if asked.geometry is not None:
        place = inputs.geometry(asked.geometry, "geometry", ("Point",))
    values = asked.model_dump(exclude={"geometry"})
    area = asked.area or viewer().areas_for(Permission.FACILITY_EDIT)[0]
    values["valid_from"] = asked.valid_from or today()
    return {**values, "area": area, "place": place}


@blueprint.get("/api/care/requests")
@permits(Permission.HOUSEHOLD_PERSONAL)
def requests() -> Response:
    """List which households want which services, and by whom each could be met."""
    asked = inputs.query(Wishes)
    found = service_requests.listing(
        parts().database,
        viewer(),
        g.request_id,
        area_code=asked.area,
        state=asked.state,
        service=asked.service,
        after=asked.cursor,
        limit=asked.limit,
    )
    for each in found["items"]:
        each["needs"] = [
            {"kind": kind, "label": care_words.need_label(kind)} for kind in each["needs"]
        ]
    return jsonify(found)


@blueprint.post("/api/care/requests")
@permits(Permission.HOUSEHOLD_PERSONAL)
def decide() -> Response:
    """Write a wish of a household down, or say that it is met or not wanted."""
    inputs.no_query()
    asked = inputs.body(Wish)
    found = service_requests.decide(
        parts().database,
        viewer(),
        g.request_id,
        asked.household,
        asked.service,
        state=asked.state,
        source=asked.source,
        offer_id=asked.offer,
        seen=asked.version,
    )
    return jsonify(found)


@blueprint.get("/api/care/rules")
@permits(Permission.COVERAGE_VIEW)
def rules() -> Response:
    """List which needs want which services, and how much time visits may ask."""
    inputs.no_query()
    found = service_rules.listing(parts().database, viewer())
    for each in found["services"]:
        each["label"] = care_words.need_label(each["need"])
    return jsonify(found)


@blueprint.post("/api/care/rules")
@permits(Permission.IMPORT_DATA)
def put_rule() -> Response:
    """Store which service a need wants: new, or in place of what the area has."""
    inputs.no_query()
    values = inputs.body(Rule).model_dump()
    area = values.pop("area")
    service_rules.put(parts().database, viewer(), g.request_id, area, values)
    return jsonify({"area": area, **values})


@blueprint.post("/api/care/load-rules")
@permits(Permission.IMPORT_DATA)
def put_load() -> Response:
    """Store how much time visits may ask of the members of an area's grids."""
    inputs.no_query()
    values = inputs.body(Load).model_dump()
    area = values.pop("area")
    service_rules.put_load(parts().database, viewer(), g.request_id, area, values)
    return jsonify({"area": area, **values})
