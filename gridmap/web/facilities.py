"""Facilities and the teams that go out from them."""

from flask import Blueprint, Response

from gridmap.model.access import Permission
from gridmap.services.viewing import Layer
from gridmap.store.view import emergency
from gridmap.web import inputs, layers
from gridmap.web.language import locale
from gridmap.web.permissions import permits

blueprint = Blueprint("facilities", __name__)


@blueprint.get("/api/facilities")
@permits(Permission.MAP_VIEW)
def facilities() -> Response:
    """List the facilities."""
    layer = Layer(emergency.facilities(locale() == "en"), emergency.FACILITY_TABLES, {})
    return layers.answer(layer, inputs.query(inputs.Listing), inputs.path_number)


@blueprint.get("/api/responders")
@permits(Permission.MAP_VIEW)
def responders() -> Response:
    """List the teams at their last position."""
    layer = Layer(emergency.responders(locale() == "en"), emergency.RESPONDER_TABLES, {})
    return layers.answer(layer, inputs.query(inputs.Listing), inputs.path_number)
