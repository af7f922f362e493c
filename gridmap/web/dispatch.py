"""Whom to send to an incident, with why; and asking others for a team of theirs."""

from typing import Annotated

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import dispatching
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.permissions import permits

blueprint = Blueprint("dispatch", __name__)


class Help(inputs.Input):
    """Body of asking for help: whose team, for how many hours, why, and whether it is a drill."""

    team: inputs.Id
    exercise: bool = False
    hours: Annotated[int, Field(ge=1, le=720)] = 24
    note: Annotated[inputs.Text, Field(min_length=1, max_length=200)] | None = None


@blueprint.get("/api/incidents/<incident_id>/dispatch")
@permits(Permission.INCIDENT_DISPATCH)
def newest(incident_id: str) -> Response:
    """Give the newest answer whom to send: the best team, the next two, and why each."""
    inputs.no_query()
    key = inputs.path_uuid(incident_id, "id")
    return jsonify(dispatching.newest(parts().database, viewer(), key))


@blueprint.post("/api/incidents/<incident_id>/dispatch")
@permits(Permission.INCIDENT_DISPATCH)
def ask(incident_id: str) -> tuple[Response, int]:
    """Ask whom to send now: teams are ranked on the streets as they are; nobody is sent."""
    inputs.no_query()
    key = inputs.path_uuid(incident_id, "id")
    job = dispatching.request(parts().database, viewer(), g.request_id, key)
    return jsonify(job=job), 202


@blueprint.post("/api/incidents/<incident_id>/help")
@permits(Permission.INCIDENT_DISPATCH)
def ask_help(incident_id: str) -> Response:
    """Ask a neighbour to lend a team: those on duty there are written to, and answer."""
    inputs.no_query()
    key = inputs.path_uuid(incident_id, "id")
    asked = inputs.body(Help)
    return jsonify(
        dispatching.ask_help(
            parts().database,
            viewer(),
            g.request_id,
            key,
            asked.team,
            asked.exercise,
            asked.hours,
            asked.note,
        )
    )
