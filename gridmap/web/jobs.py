"""Long work: watch it, cancel it."""

from typing import Any

from flask import Blueprint, Response, g, jsonify

from gridmap.model.access import Permission
from gridmap.services import jobs
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.permissions import permits
from gridmap.web.problem_words import said_failure

blueprint = Blueprint("jobs", __name__)


@blueprint.get("/api/jobs/<job_id>")
@permits(Permission.JOB_VIEW)
def show(job_id: str) -> Response:
    """Give state and progress of a job."""
    inputs.no_query()
    number = inputs.path_number(job_id, "id")
    return jsonify(_told(jobs.show_to(parts().database, viewer(), g.request_id, number)))


@blueprint.post("/api/jobs/<job_id>/cancel")
@permits(Permission.JOB_CANCEL)
def cancel(job_id: str) -> Response:
    """Cancel a job."""
    inputs.no_query()
    number = inputs.path_number(job_id, "id")
    return jsonify(_told(jobs.cancel_for(parts().database, viewer(), g.request_id, number)))


def _told(job: dict[str, Any]) -> dict[str, Any]:
    return {**job, "error": said_failure(job["error"]) if job["error"] else None}
