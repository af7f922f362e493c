"""Warnings: received as CAP 1.2, listed, declared as hazards, issued, updated, cancelled."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, current_app, jsonify, request
from pydantic import Field

from gridmap.channels import cap_tree, cap_writing
from gridmap.model.access import Permission
from gridmap.model.problem import Problem
from gridmap.problems import too_large
from gridmap.services import alert_hazards, alert_issuing, alerts
from gridmap.web import inputs
from gridmap.web.context import aside, in_time, parts, scope
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("alerts", __name__)
_XML = {cap_writing.MEDIA, "application/xml", "text/xml"}
_Line = Annotated[inputs.Text, Field(min_length=1, max_length=200)]
_Words = Annotated[inputs.Text, Field(min_length=1, max_length=4000)]


class Listing(inputs.Query):
    """Parameters of the list: all, or those to be heeded now."""

    state: Literal["all", "current"] = "all"


class Issued(inputs.Input):
    """The words of a warning; class, level and area are those of its hazard."""

    headline: _Line
    event: _Line
    description: _Words
    instruction: _Words
    issuer: _Line
    area_desc: Annotated[inputs.Text, Field(min_length=1, max_length=1000)]
    starts_at: inputs.Moment
    expires_at: inputs.Moment


class First(Issued):
    """Body of a first warning."""

    hazard: inputs.Id


class Next(Issued):
    """Body of an update."""

    reason: Annotated[inputs.Text, Field(min_length=1, max_length=500)]


class Cancelled(inputs.Input):
    """Body of a cancellation."""

    reason: Annotated[inputs.Text, Field(min_length=1, max_length=500)]


class Declared(inputs.Input):
    """Body of a declaration; what is not named is the warning's."""

    kind: inputs.Key | None = None
    name: _Line | None = None


@blueprint.get("/alerts")
@permits(Permission.MAP_VIEW)
def show() -> Response:
    """Show the warnings: what has come, what went out, and the form to issue one."""
    return page("alerts.html", layers=("communities", "hazards"))


@blueprint.get("/api/alerts")
@permits(Permission.MAP_VIEW)
def listing() -> Response:
    """List the warnings, the newest first."""
    asked = inputs.query(Listing)
    found = alerts.listing(parts().database, scope(), in_force=asked.state == "current")
    return jsonify(items=found)


@blueprint.post("/api/alerts/cap")
@permits(Permission.ALERT_RECEIVE)
def receive() -> tuple[Response, int]:
    """Take in a message of CAP 1.2, sent by a program or uploaded by an officer."""
    inputs.no_query()
    data = _message()
    database, whose = parts().database, scope()
    box = alerts.around(database, whose, current_app.config["BOUNDS"])
    # computing alone goes aside: connections of the pool belong to the thread of the requests
    come = aside(lambda: alerts.read(data, box))
    found, new = alerts.receive(database, whose, come)
    return jsonify(found), 201 if new else 200


def _message() -> bytes:
    if request.mimetype not in _XML:
        raise Problem(415, "Not CAP", "Send application/cap+xml")
    if (request.content_length or 0) > cap_tree.MOST_BYTES:
        raise too_large(cap_tree.MOST_BYTES)
    with in_time():
        return request.get_data(cache=False)


@blueprint.get("/api/alerts/<alert_id>")
@permits(Permission.MAP_VIEW)
def read(alert_id: str) -> Response:
    """Give one warning with all its fields, its area and its chain."""
    inputs.no_query()
    return jsonify(alerts.show(parts().database, scope(), inputs.path_number(alert_id, "id")))


@blueprint.get("/api/alerts/<alert_id>.cap")
@permits(Permission.MAP_VIEW)
def document(alert_id: str) -> Response:
    """Give the message of CAP 1.2, as it came or as it went out."""
    inputs.no_query()
    number = inputs.path_number(alert_id, "id")
    _identifier, text = alerts.document(parts().database, scope(), number)
    answer = Response(text, mimetype=cap_writing.MEDIA)
    answer.headers["Content-Disposition"] = f'attachment; filename="gridmap-{number}.cap"'
    return answer


@blueprint.post("/api/alerts/<alert_id>/declare")
@permits(Permission.HAZARD_DECLARE)
def declare(alert_id: str) -> tuple[Response, int]:
    """Declare what a warning from elsewhere warns of."""
    inputs.no_query()
    number = inputs.path_number(alert_id, "id")
    asked = inputs.body(Declared)
    hazard_id = alert_hazards.declare(
        parts().database, scope(), number, kind=asked.kind, name=asked.name
    )
    return jsonify(id=hazard_id), 201


@blueprint.post("/api/alerts")
@permits(Permission.HAZARD_DECLARE)
def issue() -> tuple[Response, int]:
    """Issue a warning for a hazard that is declared."""
    inputs.no_query()
    asked = inputs.body(First)
    words = _words(asked, "hazard")
    found = alert_issuing.issue(parts().database, scope(), asked.hazard, words)
    return jsonify(found), 201


@blueprint.post("/api/alerts/<alert_id>/update")
@permits(Permission.HAZARD_DECLARE)
def update(alert_id: str) -> tuple[Response, int]:
    """Issue another warning in place of one that is in force."""
    inputs.no_query()
    number = inputs.path_number(alert_id, "id")
    words = _words(inputs.body(Next))
    return jsonify(alert_issuing.update(parts().database, scope(), number, words)), 201


@blueprint.post("/api/alerts/<alert_id>/cancel")
@permits(Permission.HAZARD_DECLARE)
def cancel(alert_id: str) -> tuple[Response, int]:
    """Cancel a warning that was issued here."""
    inputs.no_query()
    number = inputs.path_number(alert_id, "id")
    asked = inputs.body(Cancelled)
    return jsonify(alert_issuing.cancel(parts().database, scope(), number, asked.reason)), 201


def _words(asked: Issued, *left: str) -> alert_issuing.Words:
    given: dict[str, Any] = asked.model_dump(exclude=set(left))
    return alert_issuing.Words(**given)
