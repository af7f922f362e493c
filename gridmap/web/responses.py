"""Responses and their tasks."""

from typing import Annotated, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import (
    chain,
    response_start,
    response_task_making,
    response_task_views,
    response_tasks,
    response_views,
    responses,
)
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.edits import if_match
from gridmap.web.language import locale
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("responses", __name__)
_LAYERS = ("communities", "grids")
Level = Annotated[int, Field(ge=1, le=4)]
Matter = Annotated[inputs.Text, Field(min_length=1, max_length=200)]
Measures = Annotated[inputs.Text, Field(min_length=1, max_length=4000)]
_Reason = Annotated[inputs.Text, Field(min_length=1, max_length=1000)]
_Minutes = Annotated[int, Field(ge=1, le=10_080)]


class Wanted(inputs.Query):
    """Parameters of the list."""

    state: Literal["open", "ended"] | None = None


class New(inputs.Input):
    """Body that starts a response: matter, level, expected period and measures, as the law asks."""

    matter: Matter
    level: Level | None
    expected_until: inputs.Moment
    measures: Measures
    area: inputs.AreaCode | None = None
    kind: inputs.Key | None = None
    exercise: bool = False
    hazard: inputs.Id | None = None
    alert: inputs.Id | None = None


class Step(inputs.Input):
    """Body of a step of a response."""

    verb: Literal["adjust", "escalate", "hand_down", "hand_over", "end"]
    reason: _Reason
    level: Level | None = None
    expected_until: inputs.Moment | None = None
    measures: Measures | None = None
    leader: inputs.Id | None = None


class Task(inputs.Input):
    """Body that adds a task."""

    title: Matter
    tier: Literal["village", "township", "county"]
    minutes: _Minutes
    approval: bool = False
    person: inputs.Id | None = None
    team: inputs.Id | None = None


class TaskStep(inputs.Input):
    """Body of a step of a task."""

    verb: Literal["take", "done", "approve", "return", "assign", "escalate", "hand_down"]
    note: Annotated[inputs.Text, Field(max_length=1000)] = ""
    person: inputs.Id | None = None
    team: inputs.Id | None = None


def _english() -> bool:
    return locale() == "en"


@blueprint.get("/responses")
@permits(Permission.MAP_VIEW)
def show_all() -> Response:
    """Show the responses."""
    return page("responses.html", layers=_LAYERS)


@blueprint.get("/responses/<response_id>")
@permits(Permission.MAP_VIEW)
def show(response_id: str) -> Response:
    """Show one response."""
    number = inputs.path_number(response_id, "id")
    found = response_views.one(parts().database, viewer(), number, _english())
    links = chain.around(parts().database, viewer(), response=number)
    return page("response.html", layers=_LAYERS, response=found, chain=links, here="response")


@blueprint.get("/api/responses")
@permits(Permission.MAP_VIEW)
def listing() -> Response:
    """List responses, the running ones first, then the gravest."""
    asked = inputs.query(Wanted)
    return jsonify(response_views.listing(parts().database, viewer(), asked.state, _english()))


@blueprint.get("/api/responses/<response_id>")
@permits(Permission.MAP_VIEW)
def one(response_id: str) -> Response:
    """Give a response with tasks, steps, whistles and what it is linked to."""
    inputs.no_query()
    number = inputs.path_number(response_id, "id")
    return jsonify(response_views.one(parts().database, viewer(), number, _english()))


@blueprint.get("/api/responses/<response_id>/people")
@permits(Permission.INCIDENT_DISPATCH)
def people(response_id: str) -> Response:
    """List people and teams that a task, a whistle or the lead can be given to."""
    inputs.no_query()
    number = inputs.path_number(response_id, "id")
    return jsonify(response_views.choices(parts().database, viewer(), number, _english()))


@blueprint.post("/api/responses")
@permits(Permission.HAZARD_DECLARE)
def start() -> tuple[Response, int]:
    """Start a response; 409 tells who was second which one there is and who was first."""
    inputs.no_query()
    new = response_start.New(**inputs.body(New).model_dump())
    return jsonify(responses.start(parts().database, viewer(), g.request_id, new)), 201


@blueprint.post("/api/responses/<response_id>/steps")
@permits(Permission.HAZARD_DECLARE)
def step(response_id: str) -> Response:
    """Adjust, escalate, hand down, hand over or end: `If-Match` names the revision as read."""
    inputs.no_query()
    asked = inputs.body(Step)
    number = inputs.path_number(response_id, "id")
    seen = if_match()
    assert seen is not None
    who = (parts().database, viewer(), g.request_id, number, seen)
    change = responses.Change(**asked.model_dump(exclude={"verb"}))
    if asked.verb == "adjust":
        found = responses.adjust(*who, change)
    elif asked.verb == "hand_over":
        found = responses.hand_over(*who, change)
    elif asked.verb == "end":
        found = responses.end(*who, asked.reason)
    else:
        found = responses.move(*who, asked.reason, up=asked.verb == "escalate")
    return jsonify(revision=found)


@blueprint.post("/api/responses/<response_id>/tasks")
@permits(Permission.INCIDENT_DISPATCH)
def add_task(response_id: str) -> tuple[Response, int]:
    """Add a task to a running response."""
    inputs.no_query()
    asked = inputs.body(Task)
    new = response_task_making.New(
        title=asked.title,
        tier=asked.tier,
        minutes=asked.minutes,
        approval=asked.approval,
        owner_id=asked.person,
        team_id=asked.team,
    )
    number = inputs.path_number(response_id, "id")
    return jsonify(
        id=response_task_making.add(parts().database, viewer(), g.request_id, number, new)
    ), 201


@blueprint.get("/api/tasks")
@permits(Permission.MAP_VIEW)
def tasks() -> Response:
    """List one's own open tasks, the first due first."""
    inputs.no_query()
    return jsonify(response_task_views.mine(parts().database, viewer(), _english()))


@blueprint.post("/api/tasks/<task_id>/steps")
@permits(Permission.INCIDENT_REPORT)
def task_step(task_id: str) -> Response:
    """Take a task, say that it is done, agree, send back, give to somebody, let it climb."""
    inputs.no_query()
    asked = inputs.body(TaskStep)
    taken = response_tasks.Step(
        verb=asked.verb, note=asked.note, owner_id=asked.person, team_id=asked.team
    )
    number = inputs.path_number(task_id, "id")
    state = response_tasks.step(parts().database, viewer(), g.request_id, number, taken)
    return jsonify(id=number, state=state)
