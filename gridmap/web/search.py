"""Search over the map."""

from typing import Annotated

from flask import Blueprint, Response, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import search
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.language import locale
from gridmap.web.permissions import permits

blueprint = Blueprint("search", __name__)


class Asked(inputs.Query):
    """Parameters of a search."""

    q: Annotated[inputs.Text, Field(max_length=80)]


@blueprint.get("/api/search")
@permits(Permission.MAP_VIEW)
def find() -> Response:
    """Find grids, addresses, facilities, places, incidents and hazards by text."""
    asked = inputs.query(Asked)
    found = []
    if asked.q:
        found = search.find(parts().database, viewer(), asked.q, english=locale() == "en")
    return jsonify(results=found)
