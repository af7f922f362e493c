"""The grids a place has been in, day by day."""

from flask import Blueprint, Response, jsonify

from gridmap.model.access import Permission
from gridmap.services import grid_history
from gridmap.web import inputs
from gridmap.web.context import parts, scope
from gridmap.web.permissions import permits

blueprint = Blueprint("grid_history", __name__)


@blueprint.get("/api/grids/history")
@permits(Permission.GRID_VIEW)
def of_point() -> Response:
    """List the grids that have been around a point, the newest first."""
    asked = inputs.query(inputs.At)
    return jsonify(items=grid_history.of_point(parts().database, scope(), asked.lon, asked.lat))
