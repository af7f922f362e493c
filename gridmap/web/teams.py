"""Teams as administrators see them: who works for which."""

from flask import Blueprint, Response, g, jsonify

from gridmap.model.access import Permission
from gridmap.services import teams
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.language import locale
from gridmap.web.permissions import by_person, permits

blueprint = Blueprint("teams", __name__)


class Chosen(inputs.Input):
    """Body that names a team, or none."""

    team: inputs.Id | None


@blueprint.get("/api/users/teams")
@permits(Permission.USER_MANAGE)
@by_person
def listing() -> Response:
    """List the teams one may put accounts into, and who is in one."""
    inputs.no_query()
    return jsonify(teams.listing(parts().database, viewer(), locale() == "en"))


@blueprint.post("/api/users/<user_id>/team")
@permits(Permission.USER_MANAGE)
@by_person
def put(user_id: str) -> Response:
    """Put somebody into a team, or out of every one: they handle what is with it."""
    inputs.no_query()
    number = inputs.path_number(user_id, "id")
    asked = inputs.body(Chosen)
    teams.put(parts().database, viewer(), g.request_id, number, asked.team)
    return jsonify(id=number, team=asked.team)
