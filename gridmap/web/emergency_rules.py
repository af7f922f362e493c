"""Rules of emergencies on one page: sensors, vehicles, walking speeds, supplies, the way home."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field, JsonValue

from gridmap.model import care_words as known
from gridmap.model.access import Permission
from gridmap.model.emergency_rule import SUPPLY_KINDS
from gridmap.services import emergency_rules, plan_vehicles
from gridmap.store.emergency_rule import HOLDS, SPEEDS, SUPPLIES
from gridmap.web import care_words, inputs
from gridmap.web.context import parts, viewer
from gridmap.web.edits import if_match, versioned
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("emergency_rules", __name__)
_LAYERS = ("communities", "grids", "facilities")
_Source = Annotated[inputs.Text, Field(min_length=1, max_length=300)]
_Degrees = Annotated[inputs.Number, Field(ge=-180, le=180)]
# times of a week, checked whole by `geodata.opening`, which counts them from 1 as people do
_Hours = Annotated[
    list[JsonValue],
    Field(max_length=40, description="Each {days: 1 Monday to 7 Sunday, from, to}; null: always"),
]


class Speed(inputs.Input):
    """Body of a walking speed: of whom, in which area; 0 for who cannot walk."""

    area: inputs.AreaCode
    need: inputs.Key
    kmh: Annotated[inputs.Number, Field(ge=0, le=8)]
    source: _Source


class Supply(inputs.Input):
    """Body of a supply: how much of what, for a person a day, a person once, or so many people."""

    area: inputs.AreaCode
    kind: inputs.Key
    amount: Annotated[inputs.Number, Field(gt=0, le=10_000)]
    per: Literal["person_day", "person", "people"]
    source: _Source


class Hold(inputs.Input):
    """Body of a rule of return: for how many days after which kind of hazard."""

    area: inputs.AreaCode
    kind: inputs.Key
    days: Annotated[int, Field(ge=0, le=60)]
    source: _Source


class Vehicle(inputs.Input):
    """Body of a vehicle; in an edit what is not named stays as it is."""

    name: Annotated[inputs.Text, Field(min_length=1, max_length=80)] = ""
    seats: Annotated[int, Field(ge=1, le=100)] = 1
    wheelchairs: Annotated[int, Field(ge=0, le=20)] = 0
    ready_minutes: Annotated[int, Field(ge=0, le=600)] = 15
    lon: _Degrees = 0.0
    lat: Annotated[inputs.Number, Field(ge=-90, le=90)] = 0.0
    hours: _Hours | None = None
    contact: Annotated[inputs.Text, Field(min_length=1, max_length=80)] | None = None
    in_use: bool = True


class NewVehicle(Vehicle):
    """Body that writes a vehicle down."""

    name: Annotated[inputs.Text, Field(min_length=1, max_length=80)]
    seats: Annotated[int, Field(ge=1, le=100)]
    lon: _Degrees
    lat: Annotated[inputs.Number, Field(ge=-90, le=90)]


@blueprint.get("/emergency-rules")
@permits(Permission.PLAN_VIEW)
def show() -> Response:
    """Show the rules of emergencies; each is changed here by whoever may."""
    needs = [{"name": name, "label": care_words.need_label(name)} for name in known.NEEDS]
    places = emergency_rules.places(parts().database, viewer())
    return page(
        "emergency_rules.html",
        layers=_LAYERS,
        data={"needs": needs, "places": places, "supplies": dict(SUPPLY_KINDS)},
    )


@blueprint.get("/api/walking-speeds")
@permits(Permission.PLAN_VIEW)
def speeds() -> Response:
    """List how fast people with which need walk."""
    inputs.no_query()
    return jsonify(items=emergency_rules.listing(parts().database, viewer(), SPEEDS))


@blueprint.post("/api/walking-speeds")
@permits(Permission.PLAN_APPROVE)
def put_speed() -> Response:
    """Set how fast people with a need walk; one that is there names its version in If-Match."""
    asked = inputs.body(Speed)
    return _put(emergency_rules.put_speed, asked.area, asked.need, asked, {})


@blueprint.get("/api/supply-rules")
@permits(Permission.PLAN_VIEW)
def supplies() -> Response:
    """List how much of what people in a shelter need."""
    inputs.no_query()
    return jsonify(items=emergency_rules.listing(parts().database, viewer(), SUPPLIES))


@blueprint.post("/api/supply-rules")
@permits(Permission.PLAN_APPROVE)
def put_supply() -> Response:
    """Set how much of a thing; one that is there names its version in If-Match."""
    asked = inputs.body(Supply)
    unit = SUPPLY_KINDS.get(asked.kind, "")
    return _put(emergency_rules.put_supply, asked.area, asked.kind, asked, {"unit": unit})


@blueprint.get("/api/return-rules")
@permits(Permission.PLAN_VIEW)
def holds() -> Response:
    """List for how many days nobody goes home after which kind of hazard."""
    inputs.no_query()
    found = emergency_rules.listing(parts().database, viewer(), HOLDS)
    return jsonify(items=[{**row, "days": row.pop("hold_days")} for row in found])


@blueprint.post("/api/return-rules")
@permits(Permission.PLAN_APPROVE)
def put_hold() -> Response:
    """Set for how many days; a rule that is there names its version in If-Match."""
    asked = inputs.body(Hold)
    return _put(emergency_rules.put_hold, asked.area, asked.kind, asked, {"hold_days": asked.days})


def _put(
    store: Callable[..., int], area: str, key: str, asked: inputs.Input, more: dict[str, Any]
) -> Response:
    inputs.no_query()
    said = {**asked.model_dump(exclude={"area", "need", "kind", "days"}), **more}
    seen = if_match(required=False)
    revision = store(parts().database, viewer(), g.request_id, area, key, said, seen)
    return versioned({**asked.model_dump(), "revision": revision}, revision)


@blueprint.get("/api/vehicles")
@permits(Permission.PLAN_VIEW)
def vehicles() -> Response:
    """List the vehicles that fetch those who cannot walk, with those out of use."""
    inputs.no_query()
    return jsonify(items=plan_vehicles.listing(parts().database, viewer()))


@blueprint.post("/api/vehicles")
@permits(Permission.PLAN_DRAFT)
def add_vehicle() -> tuple[Response, int]:
    """Write down a vehicle that fetches those who cannot walk: every plan after counts it."""
    inputs.no_query()
    given = _placed(inputs.body(NewVehicle))
    made = plan_vehicles.add(parts().database, viewer(), g.request_id, given)
    return versioned(made, made["revision"]), 201


@blueprint.get("/api/vehicles/<vehicle_id>")
@permits(Permission.PLAN_VIEW)
def vehicle(vehicle_id: str) -> Response:
    """Give one vehicle."""
    inputs.no_query()
    number = inputs.path_number(vehicle_id, "id")
    found = plan_vehicles.read(parts().database, viewer(), number)
    return versioned(found, found["revision"])


@blueprint.post("/api/vehicles/<vehicle_id>")
@permits(Permission.PLAN_DRAFT)
def edit_vehicle(vehicle_id: str) -> Response:
    """Say of a vehicle otherwise, take it out of use, or back."""
    inputs.no_query()
    number = inputs.path_number(vehicle_id, "id")
    changes = _placed(inputs.body(Vehicle))
    seen = if_match()
    assert seen is not None
    found = plan_vehicles.edit(parts().database, viewer(), g.request_id, number, changes, seen)
    return versioned(found, found["revision"])


def _placed(asked: Vehicle) -> dict[str, Any]:
    """Give what was said, with a place only where both of its numbers are."""
    given = asked.model_dump(exclude_unset=True)
    lon, lat = given.pop("lon", None), given.pop("lat", None)
    if lon is not None and lat is not None:
        given["at"] = (lon, lat)
    return given
