"""Long work: watch it, cancel it."""

from flask import Blueprint, Response, jsonify

from gridmap.model.access import Permission
from gridmap.services import jobs
from gridmap.web import inputs
from gridmap.web.context import parts, scope
from gridmap.web.permissions import permits

blueprint = Blueprint("jobs", __name__)


@blueprint.get("/api/jobs/<job_id>")
@permits(Permission.JOB_VIEW)
def show(job_id: str) -> Response:
    """Give state and progress of a job."""
    inputs.no_query()
    return jsonify(jobs.show(parts().database, scope(), inputs.path_number(job_id, "id")))


@blueprint.post("/api/jobs/<job_id>/cancel")
@permits(Permission.JOB_CANCEL)
def cancel(job_id: str) -> Response:
    """Cancel a job."""
    inputs.no_query()
    return jsonify(jobs.cancel(parts().database, scope(), inputs.path_number(job_id, "id")))
