"""Calls for departments: blown, answered, evaluated."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field
from shapely import Point

from gridmap.model.access import Permission
from gridmap.services import whistles
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.language import locale
from gridmap.web.permissions import permits

blueprint = Blueprint("whistles", __name__)
_Matter = Annotated[inputs.Text, Field(min_length=1, max_length=200)]
_Minutes = Annotated[int, Field(ge=1, le=10_080)]


class Whistle(inputs.Input):
    """Body that calls departments."""

    matter: Annotated[inputs.Text, Field(min_length=1, max_length=500)]
    place: _Matter
    teams: Annotated[list[inputs.Id], Field(min_length=1, max_length=30)]
    minutes: _Minutes
    response: inputs.Id | None = None
    area: inputs.AreaCode | None = None
    exercise: bool = False
    geometry: dict[str, Any] | None = None


class Answer(inputs.Input):
    """Body of a department that reports in."""

    state: Literal["on_the_way", "arrived", "cannot"]
    reason: Annotated[inputs.Text, Field(max_length=500)] = ""


class Result(inputs.Input):
    """What came of one call."""

    call: inputs.Id
    result: Literal["solved", "partly", "unsolved"]
    words: Annotated[inputs.Text, Field(max_length=500)] = ""


class Close(inputs.Input):
    """Body that ends a whistle."""

    results: Annotated[list[Result], Field(min_length=1, max_length=30)]


def _english() -> bool:
    return locale() == "en"


@blueprint.get("/api/whistles")
@permits(Permission.MAP_VIEW)
def all_whistles() -> Response:
    """List whistles, the open ones first."""
    inputs.no_query()
    return jsonify(whistles.listing(parts().database, viewer(), _english()))


@blueprint.get("/api/whistles/teams")
@permits(Permission.INCIDENT_REPORT)
def whistle_teams() -> Response:
    """List the teams one may call."""
    inputs.no_query()
    return jsonify(whistles.teams(parts().database, viewer(), _english()))


@blueprint.post("/api/whistles")
@permits(Permission.INCIDENT_REPORT)
def blow() -> tuple[Response, int]:
    """Call departments: what, where, which, by when."""
    inputs.no_query()
    asked = inputs.body(Whistle)
    point = None
    if asked.geometry is not None:
        shape = inputs.geometry(asked.geometry, "geometry", ("Point",))
        assert isinstance(shape, Point)
        point = (shape.x, shape.y)
    new = whistles.New(**asked.model_dump(exclude={"geometry"}), point=point)
    return jsonify(id=whistles.blow(parts().database, viewer(), g.request_id, new)), 201


@blueprint.post("/api/whistles/calls/<call_id>/answer")
@permits(Permission.INCIDENT_REPORT)
def answer(call_id: str) -> Response:
    """Report in: on the way, arrived, or cannot and why."""
    inputs.no_query()
    asked = inputs.body(Answer)
    number = inputs.path_number(call_id, "id")
    whistles.answer(parts().database, viewer(), g.request_id, number, asked.state, asked.reason)
    return Response(status=204)


@blueprint.post("/api/whistles/<whistle_id>/close")
@permits(Permission.INCIDENT_REPORT)
def close(whistle_id: str) -> Response:
    """End a whistle with what came of each call; who called may, and the desk."""
    inputs.no_query()
    asked = inputs.body(Close)
    results = [(one.call, one.result, one.words) for one in asked.results]
    number = inputs.path_number(whistle_id, "id")
    whistles.close(parts().database, viewer(), g.request_id, number, results)
    return Response(status=204)
