"""Road closures: seen, made, changed, ended."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import closures
from gridmap.services.viewing import Layer
from gridmap.store.view import emergency
from gridmap.web import inputs, layers
from gridmap.web.context import parts, scope
from gridmap.web.permissions import permits

blueprint = Blueprint("closures", __name__)
_SHAPES = ("Point", "LineString", "Polygon", "MultiPolygon")
_Reason = Annotated[inputs.Text, Field(min_length=1, max_length=200)]


class New(inputs.Input):
    """Body of a closure."""

    geometry: dict[str, Any]
    reason: _Reason
    closes: Literal["ground", "bridges", "all"] | None = None
    ends_at: inputs.Moment | None = None


class Change(inputs.Input):
    """Body of a change: why it is closed and until when, both said again."""

    reason: _Reason
    ends_at: inputs.Moment | None = None


@blueprint.get("/api/road-closures")
@permits(Permission.MAP_VIEW)
def listing() -> Response:
    """List the closures in force."""
    layer = Layer(emergency.closures(), emergency.CLOSURE_TABLES, {})
    return layers.answer(layer, inputs.query(inputs.Listing), inputs.path_number)


@blueprint.post("/api/road-closures")
@permits(Permission.HAZARD_DECLARE)
def close() -> tuple[Response, int]:
    """Close a street."""
    inputs.no_query()
    new = inputs.body(New)
    shape = inputs.geometry(new.geometry, "geometry", _SHAPES)
    made = closures.close(
        parts().database,
        scope(),
        closures.NewClosure(shape, new.reason, new.closes, new.ends_at),
    )
    return jsonify(made), 201


@blueprint.post("/api/road-closures/<closure_id>")
@permits(Permission.HAZARD_DECLARE)
def change(closure_id: str) -> Response:
    """Change why and how long a street is closed."""
    inputs.no_query()
    asked = inputs.body(Change)
    number = inputs.path_number(closure_id, "id")
    closures.change(parts().database, scope(), number, asked.reason, asked.ends_at)
    return Response(status=204)


@blueprint.post("/api/road-closures/<closure_id>/reopen")
@permits(Permission.HAZARD_DECLARE)
def reopen(closure_id: str) -> Response:
    """Open a street again."""
    inputs.no_query()
    closures.reopen(parts().database, scope(), inputs.path_number(closure_id, "id"))
    return Response(status=204)
