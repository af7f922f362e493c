"""Sensors: seen, registered, posted for; what they propose, and what people decide about it."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify
from flask_login import current_user
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import sensor_proposals, sensor_register, sensor_tokens, sensors
from gridmap.web import inputs
from gridmap.web.context import parts, scope, viewer
from gridmap.web.edits import if_match, versioned
from gridmap.web.permissions import by_person, permits
from gridmap.web.session import limiter

blueprint = Blueprint("sensors", __name__)
_Name = Annotated[inputs.Text, Field(min_length=1, max_length=100)]
_Value = Annotated[inputs.Number, Field(ge=-1e9, le=1e9)]
_Degrees = Annotated[inputs.Number, Field(ge=-180, le=180)]
_Code = Annotated[inputs.Text, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
_AREAL = ("Polygon", "MultiPolygon")


class Listing(inputs.Query):
    """Parameters of the list: those given up as well, or not."""

    retired: Literal["0", "1"] = "0"


class Said(inputs.Input):
    """What is said of a sensor, and may be said otherwise later."""

    name: _Name
    name_en: _Name | None = None
    unit: Annotated[inputs.Text, Field(min_length=1, max_length=20)]
    at: Annotated[list[_Degrees], Field(min_length=2, max_length=2)]
    lowest: _Value
    highest: _Value
    blue: _Value | None = None
    yellow: _Value | None = None
    orange: _Value | None = None
    red: _Value | None = None
    hysteresis: Annotated[inputs.Number, Field(ge=0, le=1e9)] = 0.0
    stale_minutes: Annotated[int, Field(ge=1, le=10_080)] = 60
    radius_m: Annotated[int, Field(ge=10, le=20_000)] = 200


class New(Said):
    """Body of a registration."""

    code: _Code
    kind: Literal["water_level", "rain", "smoke"]
    exercise: bool = False


class Edit(Said):
    """Body of an edit; what is not named stays as it is."""

    name: _Name = ""
    unit: Annotated[inputs.Text, Field(min_length=1, max_length=20)] = ""
    at: Annotated[list[_Degrees], Field(min_length=2, max_length=2)] = []
    lowest: _Value = 0.0
    highest: _Value = 0.0


class Step(inputs.Input):
    """Body of a step that needs no words."""


class One(inputs.Input):
    """One reading."""

    sensor: _Code
    at: inputs.Moment
    value: _Value


class Batch(inputs.Input):
    """Body of a batch of readings."""

    readings: Annotated[list[One], Field(min_length=1, max_length=sensors.MOST_READINGS)]


class Asked(inputs.Query):
    """Parameters of the proposals: those that wait, or all."""

    state: Literal["open", "all"] = "open"


class Declared(inputs.Input):
    """Body of a decision for a hazard, as its form was filled in."""

    kind: inputs.Key
    name: Annotated[inputs.Text, Field(min_length=1, max_length=200)]
    severity: Literal["red", "orange", "yellow", "blue"] | None
    geometry: dict[str, Any]
    blocked: dict[str, Any] | None = None
    ends_at: inputs.Moment | None = None
    note: Annotated[inputs.Text, Field(max_length=2000)] | None = None


class Declined(inputs.Input):
    """Body of a decision against one."""

    reason: Annotated[inputs.Text, Field(min_length=1, max_length=500)]


def _poster() -> str:
    """Give who posts: the limit is each program's own."""
    return f"sensor-{current_user.get_id()}"


@blueprint.get("/api/sensors")
@permits(Permission.MAP_VIEW)
def listing() -> Response:
    """List the sensors with their newest value, their level, and whether they still report."""
    asked = inputs.query(Listing)
    found = sensors.listing(parts().database, scope(), retired=asked.retired == "1")
    return jsonify(items=found)


@blueprint.post("/api/sensors")
@permits(Permission.HAZARD_DECLARE)
def register() -> tuple[Response, int]:
    """Register a sensor with its range and thresholds."""
    inputs.no_query()
    asked = inputs.body(New)
    values = asked.model_dump(exclude={"at"})
    made = sensor_register.register(parts().database, viewer(), g.request_id, values, asked.at)
    return versioned(made, made["revision"]), 201


@blueprint.post("/api/sensors/readings")
@permits(Permission.SENSOR_POST)
@limiter.limit("120 per minute", key_func=_poster)
def post() -> Response:
    """Post readings, up to a thousand at once; the same moment again changes nothing."""
    inputs.no_query()
    asked = inputs.body(Batch)
    batch = [sensors.Reading(each.sensor, each.at, each.value) for each in asked.readings]
    return jsonify(sensors.post_as(parts().database, viewer(), batch))


@blueprint.get("/api/sensors/<sensor_id>")
@permits(Permission.MAP_VIEW)
def read(sensor_id: str) -> Response:
    """Give one sensor with its newest readings."""
    inputs.no_query()
    number = inputs.path_number(sensor_id, "id")
    found = sensors.history(parts().database, scope(), number)
    return versioned(found, found["revision"])


@blueprint.post("/api/sensors/<sensor_id>")
@permits(Permission.HAZARD_DECLARE)
def edit(sensor_id: str) -> Response:
    """Say of a sensor otherwise where it stands, what it measures, and its thresholds."""
    inputs.no_query()
    number = inputs.path_number(sensor_id, "id")
    changes = inputs.body(Edit).model_dump(exclude_unset=True)
    found = sensor_register.edit(parts().database, viewer(), g.request_id, number, changes, _seen())
    return versioned(found, found["revision"])


def _seen() -> int:
    version = if_match()
    assert version is not None
    return version


@blueprint.post("/api/sensors/<sensor_id>/retire")
@permits(Permission.HAZARD_DECLARE)
def retire(sensor_id: str) -> Response:
    """Give a sensor up: nothing is taken from it any more, what it said is kept."""
    inputs.body(Step)
    return _retired(sensor_id, back=False)


@blueprint.post("/api/sensors/<sensor_id>/restore")
@permits(Permission.HAZARD_DECLARE)
def restore(sensor_id: str) -> Response:
    """Take a sensor back that was given up; it needs another token."""
    inputs.body(Step)
    return _retired(sensor_id, back=True)


def _retired(sensor_id: str, *, back: bool) -> Response:
    inputs.no_query()
    number = inputs.path_number(sensor_id, "id")
    found = sensor_register.retire(
        parts().database, viewer(), g.request_id, number, _seen(), back=back
    )
    return versioned(found, found["revision"])


@blueprint.get("/api/sensors/<sensor_id>/token")
@permits(Permission.HAZARD_DECLARE)
def token(sensor_id: str) -> Response:
    """Say of the token of a sensor whose it is, until when, and when it was used last."""
    inputs.no_query()
    number = inputs.path_number(sensor_id, "id")
    return jsonify(token=sensor_tokens.state(parts().database, viewer(), number))


@blueprint.post("/api/sensors/<sensor_id>/token")
@permits(Permission.HAZARD_DECLARE)
@by_person
def renew_token(sensor_id: str) -> tuple[Response, int]:
    """Make a token that posts for this sensor alone; it is shown in this answer and never again."""
    inputs.no_query()
    number = inputs.path_number(sensor_id, "id")
    inputs.body(Step)
    return jsonify(sensor_tokens.renew(parts().database, viewer(), g.request_id, number)), 201


@blueprint.post("/api/sensors/<sensor_id>/token/revoke")
@permits(Permission.HAZARD_DECLARE)
def revoke_token(sensor_id: str) -> Response:
    """End the token of a sensor."""
    inputs.no_query()
    number = inputs.path_number(sensor_id, "id")
    inputs.body(Step)
    sensor_tokens.revoke(parts().database, viewer(), g.request_id, number)
    return Response(status=204)


@blueprint.get("/api/sensor-proposals")
@permits(Permission.MAP_VIEW)
def proposals() -> Response:
    """List what sensors propose, with the form of a hazard filled in."""
    asked = inputs.query(Asked)
    found = sensor_proposals.listing(parts().database, scope(), only_open=asked.state == "open")
    return jsonify(items=found)


@blueprint.post("/api/sensor-proposals/<sensor_proposal_id>/declare")
@permits(Permission.HAZARD_DECLARE)
def declare(sensor_proposal_id: str) -> tuple[Response, int]:
    """Declare the hazard a sensor proposes."""
    inputs.no_query()
    number = inputs.path_number(sensor_proposal_id, "id")
    asked = inputs.body(Declared)
    decided = sensor_proposals.Decided(
        kind=asked.kind,
        name=asked.name,
        severity=asked.severity,
        shape=inputs.geometry(asked.geometry, "geometry", _AREAL),
        blocked=(
            None if asked.blocked is None else inputs.geometry(asked.blocked, "blocked", _AREAL)
        ),
        ends_at=asked.ends_at,
        note=asked.note,
    )
    hazard_id = sensor_proposals.declare(parts().database, scope(), number, decided)
    return jsonify(id=hazard_id), 201


@blueprint.post("/api/sensor-proposals/<sensor_proposal_id>/decline")
@permits(Permission.HAZARD_DECLARE)
def decline(sensor_proposal_id: str) -> Response:
    """Say why a proposal becomes no hazard."""
    inputs.no_query()
    number = inputs.path_number(sensor_proposal_id, "id")
    asked = inputs.body(Declined)
    sensor_proposals.decline(parts().database, scope(), number, asked.reason)
    return Response(status=204)
