"""Facilities and the teams that go out from them."""

from typing import Annotated

from flask import Blueprint, Response, g
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import facilities as service
from gridmap.services.viewing import Layer
from gridmap.store.view import emergency
from gridmap.web import inputs, layers
from gridmap.web.context import parts, viewer
from gridmap.web.edits import if_match, versioned
from gridmap.web.language import locale
from gridmap.web.permissions import permits

blueprint = Blueprint("facilities", __name__)
_Clock = Annotated[inputs.Text, Field(max_length=5)]


class Span(inputs.Input):
    """When a facility is open: on these days of the week, from one time to another."""

    days: Annotated[list[int], Field(min_length=1, max_length=7)]
    begins: Annotated[_Clock, Field(alias="from")]
    ends: Annotated[_Clock, Field(alias="to")]


class Edit(inputs.Input):
    """Body of an edit; what is not named stays as it is."""

    open: bool = True
    crew: Annotated[inputs.Text, Field(min_length=1, max_length=80)] | None = None
    level: Annotated[inputs.Text, Field(min_length=1, max_length=20)] | None = None
    hours: Annotated[list[Span], Field(max_length=40)] | None = None
    capacity: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


@blueprint.get("/api/facilities")
@permits(Permission.MAP_VIEW)
def facilities() -> Response:
    """List the facilities."""
    layer = Layer(emergency.facilities(locale() == "en"), emergency.FACILITY_TABLES, {})
    return layers.answer(layer, inputs.query(inputs.Listing), inputs.path_number)


@blueprint.post("/api/facilities/<facility_id>")
@permits(Permission.FACILITY_EDIT)
def edit(facility_id: str) -> Response:
    """Say of a facility whether it is open, when, who goes out from it and for how many it is."""
    inputs.no_query()
    number = inputs.path_number(facility_id, "id")
    asked = inputs.body(Edit)
    seen = if_match()
    assert seen is not None
    changes = asked.model_dump(by_alias=True, exclude_unset=True)
    found = service.edit(parts().database, viewer(), g.request_id, number, changes, seen)
    return versioned(found, found["revision"])


@blueprint.get("/api/responders")
@permits(Permission.MAP_VIEW)
def responders() -> Response:
    """List the teams at their last position."""
    layer = Layer(emergency.responders(locale() == "en"), emergency.RESPONDER_TABLES, {})
    return layers.answer(layer, inputs.query(inputs.Listing), inputs.path_number)
