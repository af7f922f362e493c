"""Areas: counties, townships, communities."""

from typing import Literal

from flask import Blueprint, Response

from gridmap.model.access import Permission
from gridmap.services.viewing import Layer
from gridmap.store.view import areas
from gridmap.web import inputs, layers
from gridmap.web.language import locale
from gridmap.web.permissions import permits

blueprint = Blueprint("areas", __name__)


class Asked(inputs.Listing):
    """Parameters of the list of areas."""

    level: Literal["county", "township", "community"] = "community"


def code(value: str, place: str) -> str:
    """Read an area code as cursor."""
    return inputs.digits(value, place, (6, 9, 12))


@blueprint.get("/api/areas")
@permits(Permission.MAP_VIEW)
def listing() -> Response:
    """List the areas of one level."""
    asked = inputs.query(Asked)
    source = areas.source(locale() == "en")
    return layers.answer(Layer(source, areas.TABLES, {"level": asked.level}), asked, code)
