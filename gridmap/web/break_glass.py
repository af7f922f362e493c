"""Breaking the glass: needs and phone numbers of an area in a declared emergency."""

from datetime import datetime
from typing import Annotated

from flask import Blueprint, Response, g, jsonify
from flask_babel import format_time
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import break_glass
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.permissions import permits, signed_in

blueprint = Blueprint("break_glass", __name__)


class New(inputs.Input):
    """Body of an opening."""

    hazard: inputs.Id
    area: inputs.AreaCode
    reason: Annotated[inputs.Text, Field(max_length=500)]


@blueprint.app_template_filter("clock")
def clock(moment: str) -> str:
    """Write a moment as the time of day of the page's zone."""
    return str(format_time(datetime.fromisoformat(moment), "HH:mm"))


@blueprint.post("/api/households/break-glass")
@permits(Permission.HOUSEHOLD_BREAK_GLASS)
def open_area() -> tuple[Response, int]:
    """Open the needs and phone numbers of an area for two hours at most."""
    inputs.no_query()
    new = inputs.body(New)
    found = break_glass.open_area(
        parts().database,
        viewer(),
        g.request_id,
        hazard_id=new.hazard,
        area_code=new.area,
        reason=new.reason,
    )
    return jsonify(found), 201


@blueprint.post("/api/households/break-glass/<glass_id>/close")
@permits(Permission.HOUSEHOLD_BREAK_GLASS)
def close_area(glass_id: str) -> Response:
    """End an opening of one's own."""
    inputs.no_query()
    number = inputs.path_number(glass_id, "id")
    break_glass.close_area(parts().database, viewer(), g.request_id, number)
    return Response(status=204)


@blueprint.get("/api/households/break-glass")
@signed_in
def listing() -> Response:
    """List openings: one's own; everybody's for auditor and security administrator."""
    inputs.no_query()
    return jsonify(items=break_glass.listing(parts().database, viewer()))
