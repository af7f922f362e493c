"""Households: on the map, in hand, and those without a place."""

from typing import Any

from flask import Blueprint, Response, g, jsonify
from pydantic import model_validator
from shapely import Point

from gridmap.model.access import Permission
from gridmap.services import placing, viewing
from gridmap.services.viewing import Layer
from gridmap.store.view import households
from gridmap.web import inputs, layers
from gridmap.web.context import parts, scope, viewer
from gridmap.web.language import locale
from gridmap.web.permissions import permits

blueprint = Blueprint("households", __name__)


class Unplaced(inputs.Query):
    """Parameters of the list of households without a place."""

    area: inputs.AreaCode | None = None
    limit: inputs.Limit = 500
    cursor: inputs.Sequence64 = 0


class Place(inputs.Input):
    """Body of a placing: a point or a building."""

    geometry: dict[str, Any] | None = None
    building: inputs.Id | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "Place":
        if (self.geometry is None) == (self.building is None):
            raise ValueError("either geometry or building is needed")
        return self


@blueprint.get("/api/households")
@permits(Permission.HOUSEHOLD_VIEW)
def listing() -> Response:
    """List placed households; needs only where the person may read them."""
    needs_in = viewer().areas_for(Permission.HOUSEHOLD_PERSONAL)
    values = {"personal_in": list(needs_in)}
    layer = Layer(households.SOURCE, households.TABLES, values, needs_in)
    answer = layers.answer(layer, inputs.query(inputs.Listing), inputs.path_number)
    # addresses and needs stay out of the disk of a shared machine; a program may keep the tag
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/api/households/<household_id>")
@permits(Permission.HOUSEHOLD_VIEW)
def one(household_id: str) -> Response:
    """Give one household, masked by role; the reading is recorded."""
    inputs.no_query()
    number = inputs.path_number(household_id, "id")
    return jsonify(viewing.household(parts().database, viewer(), g.request_id, number))


@blueprint.get("/api/households/unplaced")
@permits(Permission.HOUSEHOLD_VIEW)
def unplaced() -> Response:
    """List the households that could not be matched to a building."""
    asked = inputs.query(Unplaced)
    with parts().database.transaction(scope()) as tx:
        rows = households.unplaced(
            tx,
            area=asked.area,
            cursor=asked.cursor,
            limit=asked.limit + 1,
            english=locale() == "en",
        )
        total = households.count_unplaced(tx)
    shown = rows[: asked.limit]
    after = shown[-1]["id"] if len(rows) > asked.limit else None
    return jsonify(households=shown, total=total, cursor=after)


@blueprint.post("/api/households/<household_id>/place")
@permits(Permission.HOUSEHOLD_PLACE)
def place(household_id: str) -> Response:
    """Place a household by hand, at a point or in a building."""
    inputs.no_query()
    number = inputs.path_number(household_id, "id")
    asked = inputs.body(Place)
    point = None
    if asked.geometry is not None:
        shape = inputs.geometry(asked.geometry, "geometry", ("Point",))
        assert isinstance(shape, Point)
        point = (shape.x, shape.y)
    return jsonify(
        placing.place(parts().database, scope(), number, point=point, building=asked.building)
    )


@blueprint.get("/api/buildings/at")
@permits(Permission.HOUSEHOLD_PLACE)
def building_at() -> Response:
    """Give the building around a point, for placing by a tap."""
    asked = inputs.query(inputs.At)
    with parts().database.transaction(scope()) as tx:
        found = households.building_at(tx, asked.lon, asked.lat)
    return jsonify(building=found)
