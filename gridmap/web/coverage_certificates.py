"""The run file that proves a coverage run, for whoever wants to check it elsewhere."""

from flask import Blueprint, Response

from gridmap.model.access import Permission
from gridmap.services import coverage_certificates
from gridmap.web import inputs
from gridmap.web.context import parts, scope
from gridmap.web.permissions import permits

blueprint = Blueprint("coverage_certificates", __name__)


@blueprint.get("/api/coverage/runs/<run_id>/certificate")
@permits(Permission.EXPORT_REQUEST)
def certificate(run_id: str) -> Response:
    """Give the run file of a run: a zip of plain tables, with the place of every household."""
    inputs.no_query()
    number = inputs.path_number(run_id, "id")
    database, own = parts().database, scope()
    found = coverage_certificates.fetch(database, own, number)
    answer = Response(found.pieces(database, own), mimetype="application/zip")
    answer.content_length = found.size
    answer.headers["Content-Disposition"] = f'attachment; filename="coverage-run-{number}.zip"'
    answer.headers["Cache-Control"] = "no-store"
    answer.set_etag(found.sha256)
    return answer
