"""Volunteers: the list, calls for them, and the page behind each one's link."""

from typing import Annotated, Literal

from flask import Blueprint, Response, g, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.model.problem import Problem
from gridmap.services import volunteer_calls, volunteers
from gridmap.web import edits, inputs
from gridmap.web.context import parts, settings, viewer
from gridmap.web.failures import wants_page
from gridmap.web.pages import page
from gridmap.web.permissions import permits, public
from gridmap.web.session import limiter

blueprint = Blueprint("volunteers", __name__)
_MAY = Permission.INCIDENT_DISPATCH

_Skills = Annotated[list[inputs.Key], Field(max_length=20)]
_Phone = Annotated[inputs.Text, Field(min_length=5, max_length=20)]
_Organisation = Annotated[inputs.Text, Field(min_length=1, max_length=80)]
_People = Annotated[int, Field(ge=1, le=10_000)]


class Listing(inputs.Query):
    """Parameters of the list."""

    area: inputs.AreaCode | None = None
    skills: Annotated[str, Field(max_length=400)] | None = None


class New(inputs.Input):
    """Body that writes a volunteer down."""

    kind: Literal["person", "organisation"]
    name: Annotated[inputs.Text, Field(min_length=1, max_length=80)]
    area: inputs.AreaCode
    skills: _Skills
    phone: _Phone | None = None
    people: _People = 1
    organisation: _Organisation | None = None
    consented: bool


class Change(inputs.Input):
    """Body that changes a volunteer; what is not named stays."""

    skills: _Skills | None = None
    phone: _Phone | None = None
    people: _People | None = None
    organisation: _Organisation | None = None
    active: bool | None = None


class Call(inputs.Input):
    """Body of a call; the same `id` twice is one call."""

    id: inputs.ClientId
    area: inputs.AreaCode
    skills: _Skills
    text: Annotated[inputs.Text, Field(min_length=1, max_length=400)]
    exercise: bool
    minutes: Annotated[int, Field(ge=5, le=10_080)] = 120
    incident: inputs.ClientId | None = None


@blueprint.get("/volunteers")
@permits(_MAY)
def show() -> Response:
    """Show volunteers, calls and answers."""
    return page("volunteers.html")


@blueprint.get("/api/volunteers")
@permits(_MAY)
def listing() -> Response:
    """List volunteers who can do all of some skills; of their numbers the ends only."""
    asked = inputs.query(Listing)
    skills = asked.skills.split(",") if asked.skills else []
    return jsonify(volunteers.listing(parts().database, viewer(), asked.area, skills))


@blueprint.post("/api/volunteers")
@permits(_MAY)
def add() -> tuple[Response, int]:
    """Write down a person or an organisation that has offered to help."""
    inputs.no_query()
    asked = inputs.body(New)
    found = volunteers.add(parts().database, viewer(), g.request_id, asked.model_dump())
    return jsonify(found), 201


@blueprint.post("/api/volunteers/<volunteer_id>")
@permits(_MAY)
def change(volunteer_id: str) -> Response:
    """Change what somebody can do, or whether they are asked."""
    inputs.no_query()
    number = inputs.path_number(volunteer_id, "id")
    seen = edits.if_match()
    assert seen is not None
    given = inputs.body(Change).model_dump(exclude_none=True)
    found = volunteers.change(parts().database, viewer(), g.request_id, number, seen, given)
    return edits.versioned(found, found["revision"])


@blueprint.get("/api/volunteer-calls")
@permits(_MAY)
def calls() -> Response:
    """List calls with how many were asked, come and cannot."""
    inputs.no_query()
    return jsonify(volunteer_calls.calls(parts().database, viewer()))


@blueprint.post("/api/volunteer-calls")
@permits(_MAY)
def call() -> tuple[Response, int]:
    """Call volunteers of an area; each answers by a link of their own."""
    inputs.no_query()
    asked = inputs.body(Call)
    found = volunteer_calls.call(
        parts().database,
        viewer(),
        g.request_id,
        volunteer_calls.Call(
            asked.id,
            asked.area,
            tuple(asked.skills),
            asked.text,
            asked.exercise,
            asked.minutes,
            asked.incident,
        ),
        _address,
    )
    return jsonify(found), 201


@blueprint.get("/api/volunteer-calls/<calling_id>")
@permits(_MAY)
def one_call(calling_id: str) -> Response:
    """Give a call with who was asked and what each has said."""
    inputs.no_query()
    number = inputs.path_number(calling_id, "id")
    return jsonify(volunteer_calls.one_call(parts().database, viewer(), number))


@blueprint.get("/v/<token>")
@public
@limiter.limit("60 per 5 minutes")
def link(token: str) -> Response:
    """Show a call to whoever holds its link: nothing about any person.

    Gateways and messengers put marks of their own behind a link: a query says nothing here.
    """
    return _private(page("volunteer_link.html", call=volunteer_calls.look(parts().database, token)))


@blueprint.post("/v/<token>")
@public
@limiter.limit("30 per 5 minutes")
def answer(token: str) -> ResponseReturnValue:
    """Take the answer of whoever holds the link, once."""
    said = request.form.get("answer", "")
    try:
        found = volunteer_calls.answer(parts().database, token, said)
    except Problem as problem:
        if not wants_page() or problem.status == 404:
            raise
        found = volunteer_calls.look(parts().database, token)
        response = _private(page("volunteer_link.html", call=found, problem=problem))
        response.status_code = problem.status
        return response
    return _private(page("volunteer_link.html", call=found))


def _address(token: str) -> str:
    """Give the address of a link, as people outside reach this server."""
    public = settings().public_url
    path = url_for("volunteers.link", token=token)
    return f"{public}{path}" if public else url_for("volunteers.link", token=token, _external=True)


def _private(response: Response) -> Response:
    """Let no cache and no search engine keep the link."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
