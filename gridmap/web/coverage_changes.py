"""Changes of cover: who has lost it, since when."""

from flask import Blueprint, Response, jsonify

from gridmap.model.access import Permission
from gridmap.services import coverage_changes
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.language import locale
from gridmap.web.permissions import permits

blueprint = Blueprint("coverage_changes", __name__)


class Since(inputs.Query):
    """Parameters of the list of changes."""

    since: inputs.Sequence64 = 0


class Than(inputs.Query):
    """Parameters of a comparison."""

    than: inputs.Sequence64


@blueprint.get("/api/coverage/changes")
@permits(Permission.COVERAGE_VIEW)
def changes() -> Response:
    """List the changes of cover of the last day, and who is without since."""
    asked = inputs.query(Since)
    return jsonify(coverage_changes.listing(parts().database, viewer(), asked.since, locale()))


@blueprint.get("/api/coverage/runs/<run_id>/lost")
@permits(Permission.COVERAGE_VIEW)
def lost(run_id: str) -> Response:
    """List the households that this run no longer covers and an earlier one did."""
    asked = inputs.query(Than)
    number = inputs.path_number(run_id, "id")
    return jsonify(coverage_changes.lost(parts().database, viewer(), number, asked.than))
