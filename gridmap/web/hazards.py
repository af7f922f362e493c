"""Hazards: seen, declared, lifted."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import affected, hazard_changes, hazards, reading
from gridmap.services.viewing import Layer
from gridmap.store.view import emergency
from gridmap.web import inputs, layers
from gridmap.web.context import parts, scope, viewer
from gridmap.web.language import locale
from gridmap.web.permissions import permits

blueprint = Blueprint("hazards", __name__)
_AREAL = ("Polygon", "MultiPolygon")


class New(inputs.Input):
    """Body of a declaration."""

    kind: inputs.Key
    name: Annotated[inputs.Text, Field(min_length=1, max_length=200)]
    severity: Literal["red", "orange", "yellow", "blue"] | None
    geometry: dict[str, Any]
    blocked: dict[str, Any] | None = None
    exercise: bool = False
    ends_at: inputs.Moment | None = None
    note: Annotated[inputs.Text, Field(max_length=2000)] | None = None


class Drawn(inputs.Input):
    """Body of a preview."""

    geometry: dict[str, Any]
    blocked: dict[str, Any] | None = None


class Adjustment(inputs.Input):
    """Body of an adjustment; what is not named stays as it is."""

    revision: Annotated[int, Field(ge=1, le=1_000_000)]
    reason: Annotated[inputs.Text, Field(min_length=1, max_length=500)]
    severity: Literal["red", "orange", "yellow", "blue"] | None = None
    geometry: dict[str, Any] = {}
    blocked: dict[str, Any] | None = None
    ends_at: inputs.Moment | None = None
    note: Annotated[inputs.Text, Field(max_length=2000)] | None = None


@blueprint.get("/api/hazards")
@permits(Permission.MAP_VIEW)
def listing() -> Response:
    """List the hazards in force."""
    layer = Layer(emergency.hazards(locale() == "en"), emergency.HAZARD_TABLES, {})
    return layers.answer(layer, inputs.query(inputs.Listing), inputs.path_number)


@blueprint.post("/api/hazards/preview")
@permits(Permission.HAZARD_DECLARE)
def preview() -> Response:
    """Count who and what a shape touches while it is being drawn; nothing is stored."""
    inputs.no_query()
    drawn = inputs.body(Drawn)
    shape = inputs.geometry(drawn.geometry, "geometry", _AREAL)
    if drawn.blocked is not None:
        inputs.geometry(drawn.blocked, "blocked", _AREAL)
    needs_in = reading.readable_needs(parts().database, viewer())
    english = locale() == "en"
    found = affected.drawn(parts().database, scope(), shape, needs_in, english=english)
    # a shape that would have to be repaired has been refused at the gate
    return jsonify({**found, "cleaned": None})


@blueprint.get("/api/hazards/<hazard_id>/affected")
@permits(Permission.PLAN_VIEW)
def who_is_affected(hazard_id: str) -> Response:
    """Count who and what lies inside a hazard: in all, by grid, community and township."""
    inputs.no_query()
    number = inputs.path_number(hazard_id, "id")
    needs_in = reading.readable_needs(parts().database, viewer())
    english = locale() == "en"
    found = affected.of_hazard(parts().database, scope(), number, needs_in, english=english)
    return jsonify(found)


@blueprint.post("/api/hazards")
@permits(Permission.HAZARD_DECLARE)
def declare() -> tuple[Response, int]:
    """Declare a hazard."""
    inputs.no_query()
    new = inputs.body(New)
    shape = inputs.geometry(new.geometry, "geometry", _AREAL)
    blocked = None
    if new.blocked is not None:
        blocked = inputs.geometry(new.blocked, "blocked", _AREAL)
    hazard_id = hazards.declare(
        parts().database,
        scope(),
        hazards.NewHazard(
            kind=new.kind,
            name=new.name,
            severity=new.severity,
            shape=shape,
            blocked=blocked,
            exercise=new.exercise,
            ends_at=new.ends_at,
            note=new.note,
        ),
    )
    return jsonify(id=hazard_id), 201


@blueprint.get("/api/hazards/<hazard_id>")
@permits(Permission.MAP_VIEW)
def read(hazard_id: str) -> Response:
    """Give a hazard with all its revisions."""
    inputs.no_query()
    number = inputs.path_number(hazard_id, "id")
    return jsonify(hazard_changes.show(parts().database, scope(), number))


@blueprint.post("/api/hazards/<hazard_id>/adjust")
@permits(Permission.HAZARD_DECLARE)
def adjust(hazard_id: str) -> Response:
    """Adjust the shape, level, time or note of a declared hazard; what it was is kept."""
    inputs.no_query()
    number = inputs.path_number(hazard_id, "id")
    asked = inputs.body(Adjustment)
    changes = asked.model_dump(exclude={"revision", "reason"}, exclude_unset=True)
    for name in ("geometry", "blocked"):
        if changes.get(name) is not None:
            changes[name] = inputs.geometry(changes[name], name, _AREAL)
    if "note" in changes:
        changes["note"] = (changes["note"] or "").strip() or None
    done = hazard_changes.adjust(
        parts().database,
        scope(),
        number,
        seen=asked.revision,
        reason=asked.reason,
        changes=changes,
    )
    return jsonify(done)


@blueprint.post("/api/hazards/<hazard_id>/lift")
@permits(Permission.HAZARD_DECLARE)
def lift(hazard_id: str) -> Response:
    """Lift a hazard."""
    inputs.no_query()
    hazards.lift(parts().database, scope(), inputs.path_number(hazard_id, "id"))
    return Response(status=204)
