"""The file that proves an answer about sites, for whoever wants to check it elsewhere."""

from flask import Blueprint, Response

from gridmap.model.access import Permission
from gridmap.services import reading, siting_certificates
from gridmap.web import inputs
from gridmap.web.context import parts, scope, viewer
from gridmap.web.permissions import permits

blueprint = Blueprint("siting_certificates", __name__)


@blueprint.get("/api/coverage/sites/<job_id>/certificate")
@permits(Permission.EXPORT_REQUEST)
def certificate(job_id: str) -> Response:
    """Give the file of an answer: a zip of plain tables, with the places of demand and sites."""
    inputs.no_query()
    number = inputs.path_number(job_id, "id")
    database = parts().database
    needs_in = reading.readable_needs(database, viewer())
    content, sha256 = siting_certificates.fetch(database, scope(), number, needs_in)
    answer = Response(content, mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="coverage-sites-{number}.zip"'
    answer.headers["Cache-Control"] = "no-store"
    answer.set_etag(sha256)
    return answer
