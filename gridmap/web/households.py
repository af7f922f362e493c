"""Households: on the map, in hand, and those without a place."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field, JsonValue, model_validator
from shapely import Point

from gridmap.model.access import Permission
from gridmap.model.household import Purpose
from gridmap.services import care_rules, grid_days, household_edits, placing, reading
from gridmap.services import households as cards
from gridmap.services.viewing import Layer
from gridmap.store.view import households
from gridmap.web import care_words, inputs, layers
from gridmap.web.context import parts, scope, viewer
from gridmap.web.edits import if_match, versioned
from gridmap.web.grids import Day, today
from gridmap.web.language import locale
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("households", __name__)


class Unplaced(inputs.Query):
    """Parameters of the list of households without a place."""

    area: inputs.AreaCode | None = None
    limit: inputs.Limit = 500
    cursor: inputs.Sequence64 = 0


class Listed(inputs.Query):
    """Parameters of the list of households."""

    grid: inputs.AreaCode | None = None
    q: Annotated[inputs.Text, Field(max_length=100)] | None = None
    needs: inputs.Key | None = None
    unplaced: Literal["yes", "no"] = "no"
    as_of: Day | None = None
    limit: Annotated[inputs.Limit, Field(le=500)] = 100
    cursor: inputs.Sequence64 = 0


class Reading(inputs.Query):
    """Why a household is read."""

    purpose: Literal["view", "visit", "emergency", "correction"] = "view"


class ServiceItems(inputs.Query):
    """Parameters of the list of what a grid is in charge of."""

    grid: inputs.AreaCode | None = None


class Need(inputs.Input):
    """A kind of need and how many have it; 0 says that nobody has any more."""

    kind: inputs.Key
    people: Annotated[int, Field(ge=0, le=50)]


class Edit(inputs.Input):
    """Body of an edit; what is absent stays as it is."""

    fields: Annotated[dict[str, JsonValue], Field(max_length=40)] = {}
    needs: Annotated[list[Need], Field(max_length=40)] = []


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
    needs_in = reading.readable_needs(parts().database, viewer())
    values = {"personal_in": list(needs_in)}
    layer = Layer(households.SOURCE, households.TABLES, values, needs_in)
    answer = layers.answer(layer, inputs.query(inputs.Listing), inputs.path_number)
    # addresses and needs stay out of the disk of a shared machine; a program may keep the tag
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/households")
@permits(Permission.HOUSEHOLD_VIEW)
def listing_page() -> Response:
    """Show the households of a grid."""
    return page("households.html")


@blueprint.get("/households/<household_id>")
@permits(Permission.HOUSEHOLD_VIEW)
def card_page(household_id: str) -> Response:
    """Show the card of a household; what is on it comes by the API, where reading is recorded."""
    number = inputs.path_number(household_id, "id")
    with parts().database.transaction(scope()) as tx:
        households.must_exist(tx, number)
    return page("household.html", layers=("communities", "grids"), household_id=number)


@blueprint.get("/api/households/list")
@permits(Permission.HOUSEHOLD_VIEW)
def listed() -> Response:
    """List the households of a grid, of today or a day, by address or need, surnames only."""
    asked = inputs.query(Listed)
    if asked.as_of is not None:
        grid_days.check_past(asked.as_of, today())
    found = cards.find(
        parts().database,
        viewer(),
        g.request_id,
        grid=asked.grid,
        words=asked.q or None,
        need=asked.needs,
        unplaced=asked.unplaced == "yes",
        day=asked.as_of,
        after=asked.cursor,
        limit=asked.limit,
    )
    return jsonify(found)


@blueprint.get("/api/households/<household_id>")
@permits(Permission.HOUSEHOLD_VIEW)
def one(household_id: str) -> Response:
    """Give one household, masked by role and purpose; the reading is recorded."""
    number = inputs.path_number(household_id, "id")
    purpose = Purpose(inputs.query(Reading).purpose)
    found = cards.card(parts().database, viewer(), g.request_id, number, purpose)
    return versioned(_worded(found), found["version"])


@blueprint.post("/api/households/<household_id>")
@permits(Permission.HOUSEHOLD_VISIT)
def edit(household_id: str) -> Response:
    """Put facts and needs right; 409 says what somebody else has changed meanwhile."""
    inputs.no_query()
    number = inputs.path_number(household_id, "id")
    new = inputs.body(Edit)
    version = if_match()
    assert version is not None
    found, changed = household_edits.edit(
        parts().database,
        viewer(),
        g.request_id,
        number,
        version=version,
        facts=new.fields,
        needs=[(each.kind, each.people) for each in new.needs],
    )
    return versioned({**_worded(found), "changed": changed}, found["version"])


@blueprint.post("/api/households/<household_id>/conflicts/<conflict_id>/settle")
@permits(Permission.HOUSEHOLD_VISIT)
def settle(household_id: str, conflict_id: str) -> Response:
    """Put away a result of a visit that was kept but not taken."""
    inputs.no_query()
    number = inputs.path_number(household_id, "id")
    conflict = inputs.path_number(conflict_id, "conflict")
    household_edits.settle(parts().database, viewer(), g.request_id, number, conflict)
    return Response(status=204)


def _worded(found: dict[str, Any]) -> dict[str, Any]:
    for each in found["facts"]:
        each["label"] = care_words.fact_label(each["name"])
        each["choices"] = [
            {"value": value, "label": care_words.choice_label(value)} for value in each["choices"]
        ]
    return found


@blueprint.get("/api/service-items")
@permits(Permission.GRID_VIEW)
def service_items() -> Response:
    """List what a grid is in charge of: which office uses which fact, on what legal basis."""
    asked = inputs.query(ServiceItems)
    return jsonify(items=care_rules.service_items(parts().database, viewer(), asked.grid))


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
