"""The way home after an evacuation."""

from typing import Annotated

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import returns
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.permissions import permits

blueprint = Blueprint("returns", __name__)


class Step(inputs.Input):
    """Body of a step that needs no words."""


class Release(inputs.Input):
    """Body of a release before the day: why."""

    reason: Annotated[inputs.Text, Field(min_length=1, max_length=500)]


def _shown(number: int) -> Response:
    return jsonify(returns.show(parts().database, viewer(), number))


@blueprint.get("/api/plans/<plan_id>/return")
@permits(Permission.PLAN_VIEW)
def show(plan_id: str) -> Response:
    """Say how far the way home is, and what may be done about it."""
    inputs.no_query()
    return _shown(inputs.path_number(plan_id, "id"))


@blueprint.post("/api/plans/<plan_id>/return/ask")
@permits(Permission.HAZARD_DECLARE)
def ask(plan_id: str) -> Response:
    """Ask for the way home to be opened."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    inputs.body(Step)
    returns.ask(parts().database, viewer(), g.request_id, number)
    return _shown(number)


@blueprint.post("/api/plans/<plan_id>/return/release")
@permits(Permission.PLAN_APPROVE)
def release(plan_id: str) -> Response:
    """End the hold before its day, with a reason."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    given = inputs.body(Release)
    returns.release(parts().database, viewer(), g.request_id, number, given.reason)
    return _shown(number)


@blueprint.post("/api/plans/<plan_id>/return/open")
@permits(Permission.PLAN_APPROVE)
def open_(plan_id: str) -> Response:
    """Open the way home: by a second person, not before its day."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    inputs.body(Step)
    returns.open_(parts().database, viewer(), g.request_id, number)
    return _shown(number)
