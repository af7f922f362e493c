"""After a response: its course, evaluation, lessons, and the end of personal data."""

from pathlib import Path
from typing import Annotated, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.maps import after_action as paper_of
from gridmap.maps import press
from gridmap.maps.sheet_words import Look
from gridmap.model.access import Permission
from gridmap.services import after_actions, chain, destruction, lessons
from gridmap.web import inputs
from gridmap.web.context import aside, parts, settings, viewer
from gridmap.web.grids import Day
from gridmap.web.language import locale
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("after_action", __name__)
_STATIC = Path(__file__).resolve().parents[2] / "static"
_Line = Annotated[inputs.Text, Field(min_length=1, max_length=400)]


class Nothing(inputs.Input):
    """A body without fields."""


class Objective(inputs.Input):
    """What an exercise was to show, what was seen, and how far it was met."""

    objective: _Line
    observed: Annotated[inputs.Text, Field(max_length=1000)] = ""
    mark: Literal["met", "partly", "not_met", "not_seen"]


class Evaluation(inputs.Input):
    """Body of the evaluation of an exercise."""

    objectives: Annotated[list[Objective], Field(min_length=1, max_length=30)]
    summary: Annotated[inputs.Text, Field(min_length=1, max_length=4000)]


class Lesson(inputs.Input):
    """Body of a lesson."""

    text: Annotated[inputs.Text, Field(min_length=1, max_length=1000)]
    owner: Annotated[inputs.Text, Field(min_length=1, max_length=80)]
    due_on: Day


class LessonStep(inputs.Input):
    """Body of a step of a lesson."""

    verb: Literal["done", "propose", "decline"]


class Hold(inputs.Input):
    """Body that holds personal data back."""

    until: Day
    reason: Annotated[inputs.Text, Field(min_length=5, max_length=1000)]


def _english() -> bool:
    return locale() == "en"


def _review(response_id: str) -> dict[str, object]:
    number = inputs.path_number(response_id, "id")
    keep_days = settings().emergency_days
    return after_actions.review(parts().database, viewer(), number, keep_days, _english())


@blueprint.get("/responses/<response_id>/after")
@permits(Permission.INCIDENT_DISPATCH)
def show(response_id: str) -> Response:
    """Show what happened in a response."""
    found = _review(response_id)
    number = inputs.path_number(response_id, "id")
    links = chain.around(parts().database, viewer(), response=number)
    return page("after_action.html", review=found, chain=links, here="review")


@blueprint.get("/api/responses/<response_id>/after")
@permits(Permission.INCIDENT_DISPATCH)
def read(response_id: str) -> Response:
    """Give the course of a response, measures against deadlines, lessons, what is destroyed."""
    inputs.no_query()
    return jsonify(_review(response_id))


@blueprint.get("/responses/<response_id>/after.pdf")
@permits(Permission.INCIDENT_DISPATCH)
def paper(response_id: str) -> Response:
    """Print the review of a response."""
    inputs.no_query()
    found = _review(response_id)
    look = Look(language=locale(), zone=settings().time_zone, static=_STATIC)
    press.prepare()
    content = aside(lambda: paper_of.pdf(found, look))
    answer = Response(content, mimetype="application/pdf")
    name = f"after-{found['id']}.pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


@blueprint.post("/api/responses/<response_id>/evaluation")
@permits(Permission.INCIDENT_DISPATCH)
def evaluate(response_id: str) -> Response:
    """Write the evaluation of an exercise, in words; nobody is ranked."""
    inputs.no_query()
    asked = inputs.body(Evaluation)
    objectives = [after_actions.Objective(**one.model_dump()) for one in asked.objectives]
    number = inputs.path_number(response_id, "id")
    after_actions.evaluate(
        parts().database, viewer(), g.request_id, number, objectives, asked.summary
    )
    return Response(status=204)


@blueprint.post("/api/responses/<response_id>/lessons")
@permits(Permission.INCIDENT_DISPATCH)
def add_lesson(response_id: str) -> tuple[Response, int]:
    """Write a lesson with its owner and day."""
    inputs.no_query()
    asked = inputs.body(Lesson)
    number = inputs.path_number(response_id, "id")
    made = after_actions.add_lesson(
        parts().database, viewer(), g.request_id, number, asked.text, asked.owner, asked.due_on
    )
    return jsonify(id=made), 201


@blueprint.get("/api/lessons/<lesson_id>")
@permits(Permission.INCIDENT_DISPATCH)
def lesson(lesson_id: str) -> Response:
    """Give one lesson with its response and the template it is about."""
    inputs.no_query()
    number = inputs.path_number(lesson_id, "id")
    return jsonify(lessons.one(parts().database, viewer(), number))


@blueprint.post("/api/lessons/<lesson_id>/steps")
@permits(Permission.INCIDENT_DISPATCH)
def step_lesson(lesson_id: str) -> Response:
    """Note that a lesson is done, propose it for the template, or decide on that."""
    inputs.no_query()
    asked = inputs.body(LessonStep)
    number = inputs.path_number(lesson_id, "id")
    lessons.step(parts().database, viewer(), g.request_id, number, asked.verb)
    return Response(status=204)


@blueprint.get("/api/plan-templates/proposals")
@permits(Permission.PLAN_VIEW)
def proposals() -> Response:
    """List the changes of plan templates that lessons ask for."""
    inputs.no_query()
    return jsonify(lessons.proposals(parts().database, viewer()))


@blueprint.post("/api/responses/<response_id>/after/close")
@permits(Permission.INCIDENT_DISPATCH)
def close(response_id: str) -> Response:
    """Close the review of a response that has ended."""
    inputs.no_query()
    inputs.body(Nothing)
    number = inputs.path_number(response_id, "id")
    after_actions.close(parts().database, viewer(), g.request_id, number)
    return Response(status=204)


@blueprint.post("/api/hazards/<hazard_id>/hold")
@permits(Permission.PLAN_APPROVE)
def hold(hazard_id: str) -> Response:
    """Keep the personal data of an emergency until a day, with a reason."""
    inputs.no_query()
    asked = inputs.body(Hold)
    number = inputs.path_number(hazard_id, "id")
    destruction.hold(parts().database, viewer(), g.request_id, number, asked.until, asked.reason)
    return Response(status=204)


@blueprint.post("/api/hazards/<hazard_id>/release")
@permits(Permission.PLAN_APPROVE)
def release(hazard_id: str) -> Response:
    """Let the personal data of an emergency go at their time again."""
    inputs.no_query()
    inputs.body(Nothing)
    number = inputs.path_number(hazard_id, "id")
    destruction.release(parts().database, viewer(), g.request_id, number)
    return Response(status=204)
