"""Mutual aid: teams asked of other areas, and what counts when teams are ranked."""

from collections.abc import Callable
from typing import Annotated, Any

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import dispatch_weights, team_loan_views, team_loans
from gridmap.web import edits, inputs
from gridmap.web.context import parts, viewer
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("team_loans", __name__)
_MAY = Permission.INCIDENT_DISPATCH

_Reason = Annotated[inputs.Text, Field(min_length=1, max_length=200)]
_Seconds = Annotated[int, Field(ge=0, le=86_400)]


class Listing(inputs.Query):
    """Parameters of the list."""

    incident: inputs.ClientId | None = None


class Yes(inputs.Input):
    """Body of a yes: until when, if not as asked, and what there is to say."""

    until: inputs.Moment | None = None
    reason: _Reason | None = None


class No(inputs.Input):
    """Body of a no, with its reason."""

    reason: _Reason


class Longer(inputs.Input):
    """Body that says until when a team is lent now."""

    until: inputs.Moment


class Step(inputs.Input):
    """Body of a step that needs no words."""


class Weights(inputs.Input):
    """Body that sets the weights of an area, in seconds of travel, or takes its own back."""

    area: inputs.AreaCode
    note: Annotated[inputs.Text, Field(min_length=1, max_length=300)]
    skill_seconds: _Seconds
    kind_seconds: _Seconds
    load_seconds: _Seconds
    person_seconds: Annotated[inputs.Number, Field(ge=0, le=3_600)]
    most_cover_seconds: _Seconds
    retired: bool = False


@blueprint.get("/mutual-aid")
@permits(_MAY)
def show() -> Response:
    """Show what was asked of one's areas and for them, and what is lent."""
    return page("mutual_aid.html")


@blueprint.get("/api/team-loans")
@permits(_MAY)
def listing() -> Response:
    """List loans, those that wait for an answer first, with what one may do about each."""
    asked = inputs.query(Listing)
    return jsonify(team_loan_views.listing(parts().database, viewer(), asked.incident))


@blueprint.get("/api/team-loans/<loan_id>")
@permits(_MAY)
def one(loan_id: str) -> Response:
    """Give one loan."""
    inputs.no_query()
    number = inputs.path_number(loan_id, "id")
    found = team_loan_views.one(parts().database, viewer(), number)
    return edits.versioned(found, found["revision"])


@blueprint.post("/api/team-loans/<loan_id>/accept")
@permits(_MAY)
def accept(loan_id: str) -> Response:
    """Lend a team, by the office whose it is."""
    return _step(loan_id, Yes, team_loans.accept)


@blueprint.post("/api/team-loans/<loan_id>/decline")
@permits(_MAY)
def decline(loan_id: str) -> Response:
    """Say no, with the reason that those who asked read."""
    return _step(loan_id, No, team_loans.decline)


@blueprint.post("/api/team-loans/<loan_id>/extend")
@permits(_MAY)
def extend(loan_id: str) -> Response:
    """Lend for longer, or for less long."""
    return _step(loan_id, Longer, team_loans.extend)


@blueprint.post("/api/team-loans/<loan_id>/withdraw")
@permits(_MAY)
def withdraw(loan_id: str) -> Response:
    """Take an asking back."""
    return _step(loan_id, Step, team_loans.withdraw)


@blueprint.post("/api/team-loans/<loan_id>/return")
@permits(_MAY)
def give_back(loan_id: str) -> Response:
    """Note that a team is back."""
    return _step(loan_id, Step, team_loans.give_back)


def _step(loan_id: str, model: type[inputs.Input], act: Callable[..., dict[str, Any]]) -> Response:
    inputs.no_query()
    number = inputs.path_number(loan_id, "id")
    seen = edits.if_match()
    given = inputs.body(model).model_dump()
    found = act(parts().database, viewer(), g.request_id, number, seen, **given)
    return edits.versioned(found, found["revision"])


@blueprint.get("/api/dispatch-weights")
@permits(_MAY)
def weights() -> Response:
    """List what counts when teams are ranked, by area, with the defaults."""
    inputs.no_query()
    return jsonify(dispatch_weights.listing(parts().database, viewer()))


@blueprint.post("/api/dispatch-weights")
@permits(Permission.PLAN_APPROVE)
def put_weights() -> Response:
    """Set what counts in an area; If-Match names its newest version, 0 where it has none."""
    inputs.no_query()
    seen = edits.if_match()
    assert seen is not None
    given = inputs.body(Weights).model_dump()
    area, note, retired = given.pop("area"), given.pop("note"), given.pop("retired")
    found = dispatch_weights.put(
        parts().database, viewer(), g.request_id, area, seen, given, note, retired=retired
    )
    return edits.versioned(found, found["version"])
