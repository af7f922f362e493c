"""The planner's pages: the list of scenarios, and the editor of one."""

from flask import Blueprint, Response

from gridmap.model.access import Permission
from gridmap.services import scenario_views
from gridmap.web import inputs
from gridmap.web.context import transaction
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("planner", __name__)

_LAYERS = ("communities", "grids", "special_grids", "households")


@blueprint.get("/planner")
@permits(Permission.GRID_DRAW)
def listing() -> Response:
    """List the scenarios, with the form that opens one."""
    return page("planner_list.html")


@blueprint.get("/planner/<scenario_id>")
@permits(Permission.GRID_DRAW)
def editor(scenario_id: str) -> Response:
    """Show the editor of one scenario."""
    number = inputs.path_number(scenario_id, "id")
    with transaction() as tx:
        scenario_views.head(tx, number)
    return page("planner.html", layers=_LAYERS, hidden=("households",), scenario_id=number)
